import { spawnSync } from "node:child_process";
import { actionLine, forActions } from "../../../actions/action";
import { serversAction } from "../../../actions/servers";
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
