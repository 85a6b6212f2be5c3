import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { actionLine, forActions } from "../../../actions/action";
import { serversAction } from "../../../actions/servers";
import { worldAction } from "../../../actions/soap";
import { serverScripts } from "../../../steps/bundle";
import { load } from "../settings/source";

const settings = load({});

it("an action's script comes to the host with all that it reads, and what it is told as it is", () => {
  const paths = forActions(serverScripts()).map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(["actions/world.sh", "run/libraries.sh", "lib/core.sh", "kinds/service/doors.sh"]),
  );
  expect(paths.filter((path) => /build|migrate/.test(path))).toEqual([]);
  const line = actionLine({ script: "world", told: { odd: "a 'b' $(c)\n&", seconds: 5 } }, Buffer.from("archive!"));
  const heard = spawnSync("bash", ["-s"], {
    encoding: "utf8",
    input: `mktemp() { echo /none; }; rm() { :; }; tar() { cat >&2; }; bash() { printf '<%s>' "$@"; cat; }\n${line}archive!what comes after\n`,
  });
  expect(heard.stdout).toBe("</none/actions/world.sh><odd=a 'b' $(c)\n&><seconds=5>what comes after\n");
  expect(heard.stderr).toBe("archive!");
});

describe("on a host", () => {
  const begin = join(__dirname, "../../../server/actions/begin.sh");
  const begun = (owner: string | undefined, receipts: readonly string[], stack = "trinitycore/test") => {
    const state = mkdtempSync(join(tmpdir(), "state-"));
    if (owner !== undefined) writeFileSync(join(state, "owner"), `${owner}\n`);
    for (const receipt of receipts) mkdirSync(join(state, "receipts", receipt), { recursive: true });
    const { told } = worldAction({ ...settings, host: { ...settings.host, takeover: stack === "" } }, stack, 5);
    const ran = spawnSync(
      "bash",
      ["-c", `. "$0" "$@"; printf '%s %s %s' "\${ARG[unit]}" "\${ARG[login]}" "\${ARG[seconds]}"`, begin].concat(
        Object.entries(told).map(([name, value]) => `${name}=${value}`),
      ),
      { encoding: "utf8", env: { ...process.env, TRINITY_STATE_DIR: state } },
    );
    rmSync(state, { recursive: true });
    return ran.status === 0 ? ran.stdout : ran.stderr;
  };

  it("an action finds a realm by the names it has there", () => {
    expect(begun("trinitycore/test", ["access"])).toBe("worldserver.service /etc/trinity-stack/announcer 5");
    expect(begun("trinitycore/test", ["access", "access-wotlk"])).toBe(
      "worldserver-wotlk.service /etc/trinity-stack/wotlk/announcer 5",
    );
  });

  it("an action does nothing where another stack has it, unless that one is taken over, nor where none has", () => {
    expect(begun("other/one", [])).toMatch(
      /^error: this host belongs to the stack other\/one, not to trinitycore\/test\n/,
    );
    expect(begun("other/one", [], "")).toMatch(/^worldserver\.service /);
    expect(begun(undefined, [])).toMatch(/^error: nothing of the stack is on this host yet/);
  });
});

describe("starting and stopping", () => {
  const told = (...more: Parameters<typeof serversAction> extends [unknown, unknown, ...infer R] ? R : never) =>
    serversAction(settings, "trinitycore/test", ...more).told;

  it("goes by the receipts, in the order that suits who logs in", () => {
    expect(told("stop")).toMatchObject({
      "page.receipts": "worldserver\nauthserver",
      "own.receipts": "worldserver-wotlk\nauthserver",
      "page.worldserver": "worldserver.service",
      "page.login": "/etc/trinity-stack/announcer",
    });
    expect(told("start")["page.receipts"]).toBe("authserver\nworldserver");
    expect(told("restart", ["worldserver"])["page.receipts"]).toBe("worldserver");
  });

  it("tells players as the config has it, unless it is said otherwise", () => {
    expect(told("stop")).not.toHaveProperty("seconds");
    expect(told("stop", undefined, 0)).toMatchObject({ seconds: 0 });
    expect(told("restart", ["worldserver"], 60)).toMatchObject({ seconds: 60 });
  });
});
