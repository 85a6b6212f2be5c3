import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPlan } from "../../../components/core/build";
import { releasePlan } from "../../../components/core/release";
import { readPatches, sourcePlan } from "../../../components/core/source";
import { schemaPlan } from "../../../components/databases/schema";
import { tdbPlan } from "../../../components/databases/tdb";
import type { Facts } from "../../../steps/facts";
import { onLab } from "../../server/facts-of";
import { load, privateKey } from "../settings/source";

const on = (id: string, versionId: string) => ({ os: { id, versionId, like: [], name: id } }) as unknown as Facts;
const debian = on("debian", "12");
const fedora = on("fedora", "43");
const root = "/var/lib/trinity/Projects/trinity-335";

describe("sourcePlan", () => {
  it("asks for the branch of the default repository", () => {
    expect(sourcePlan(onLab(load({})), debian, [])).toEqual({
      step: "source",
      kind: "source",
      args: {
        root,
        secretsFolder: "/etc/trinity-stack",
        user: "trinity",
        socket: "/run/mysqld/mysqld.sock",
        repository: "https://github.com/TrinityCore/TrinityCore.git",
        branch: "3.3.5",
        commit: "",
        knownHosts: "",
        patches: [],
      },
    });
  });

  it("carries the patches by number, and their names in the same order with the sum of them all", () => {
    const [one, two] = [Buffer.from("--- a\n+++ b\n"), Buffer.from("diff --git\n")];
    const { args, files } = sourcePlan(onLab(load({})), debian, [
      { name: "b.patch", content: one },
      { name: "a.patch", content: two },
    ]);
    // As `sha256sum` has it on the server.
    expect(args).toMatchObject({ patches: ["b.patch", "a.patch"], patchesSum: "d866ecf3e491f601" });
    expect(files).toEqual({ "patch.1": one, "patch.2": two });
  });

  it("keeps the deploy key out of what a preview shows", () => {
    const values = {
      "core.source.repository": "git@example.org:me/core.git",
      "core.source.deployKey": privateKey(),
      "core.source.knownHosts": `example.org ${load({}).host.key}`,
    };
    const plan = sourcePlan(onLab(load(values, ["core.source.deployKey"])), debian, []);
    expect(Object.keys(plan.secrets ?? {})).toEqual(["deployKey"]);
    expect(JSON.stringify(plan.args)).not.toContain("PRIVATE");
    expect(plan.args.knownHosts).toMatch(/^example\.org ssh-ed25519 /);
  });
});

describe("readPatches", () => {
  const dir = mkdtempSync(join(tmpdir(), "patches-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text, "latin1");
    return join(dir, name);
  };
  const hunk = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n+b\n";

  it("reads them in the order given, by their base names", () => {
    const read = readPatches([file("two.patch", `${hunk} \n`), file("one.patch", hunk)]);
    expect(read.map(({ name, content }) => [name, content.toString()])).toEqual([
      ["two.patch", `${hunk} \n`],
      ["one.patch", hunk],
    ]);
  });

  it.each([
    ["a last context line that is empty", `${hunk}\n`],
    ["the line ends of Windows", hunk.replaceAll("\n", "\r\n")],
    ["Latin-1", `${hunk} \xe9\n`],
    ["Latin-1 whose é is the last byte of a line that looks like UTF-8", `${hunk} \xc3\xa9 \xe9\n`],
    ["a file's own mark of UTF-8 in a context line", `${hunk} \xef\xbb\xbf#pragma once\n`],
    [
      "what looks like this stack's own way to send it",
      `${hunk} %41 |x\n file patch.2\n secret x eA==\n\\x41\t\x1b[2J\n`,
    ],
    [
      "no patch at all for git, but a file of binary data",
      `diff --git a/x b/x\nGIT binary patch\nliteral 3\nKcmZQz00;\n\n`,
    ],
  ])("keeps every byte of one with %s", (_, text) => {
    expect(readPatches([file("x.patch", text)])[0]?.content.toString("latin1")).toBe(text);
  });

  it("takes an editor's mark away and gives the last line its end, as git reads the file wrong else", () => {
    const [read] = readPatches([file("x.patch", `\xef\xbb\xbf${hunk} end`)]);
    expect(read?.content.toString("latin1")).toBe(`${hunk} end\n`);
  });

  const utf16 = (text: string, mark = "\xff\xfe") => mark + Buffer.from(text, "utf16le").toString("latin1");
  const swapped = (text: string) => Buffer.from(text, "utf16le").swap16().toString("latin1");
  it.each([
    ["is not a patch", "hello"],
    ["holds binary data", "diff --git a/x b/x\n\0"],
    ["is in UTF-16, as PowerShell's `git diff > FILE` writes it; make it with `git diff --output=FILE`", utf16(hunk)],
    ["is in UTF-16", utf16(hunk, "")],
    ["is in UTF-16", swapped(`\ufeff${hunk}`)],
    ["is in UTF-16", swapped(hunk)],
    ["at most 1024 can be sent", `diff --git a/x b/x\n${"+x\n".repeat(400_000)}`],
  ])("refuses one that %s", (reason, text) => {
    expect(() => readPatches([file("bad.patch", text)])).toThrow(reason);
  });
});

describe("buildPlan", () => {
  it.each([
    ["what Debian 12 has", {}, debian, "gcc"],
    ["what Fedora has", {}, fedora, "clang"],
    ["what the config says", { "core.build.compiler": "clang" }, debian, "clang"],
  ])("takes the compiler from %s", (_, values, facts, compiler) => {
    expect(buildPlan(onLab(load(values as Record<string, string>)), facts).args.compiler).toBe(compiler);
  });

  it("sorts the options, as their order changes nothing", () => {
    const options = '{"WITH_WARNINGS": true, "ELUNA": 0, "SCRIPTS": "minimal-static"}';
    const { args } = buildPlan(onLab(load({ "core.build.options": options, "core.build.jobs": "3" })), debian);
    expect(args).toMatchObject({
      options: ["ELUNA=0", "SCRIPTS=minimal-static", "WITH_WARNINGS=1"],
      jobs: 3,
      type: "RelWithDebInfo",
    });
  });
});

describe("the other plans", () => {
  it("name the socket of the distribution and the databases of the config", () => {
    const settings = load({ "realms.wotlk.databases.world.name": "tdb", "host.user.home": "/srv/realm" });
    expect(schemaPlan(onLab(settings), fedora).args).toMatchObject({
      root: "/srv/realm/Projects/trinity-335",
      socket: "/var/lib/mysql/mysql.sock",
      auth: "authserver",
      characters: "characters",
      world: "tdb",
    });
    expect(tdbPlan(onLab(settings), debian).args).toMatchObject({
      socket: "/run/mysqld/mysqld.sock",
      database: "tdb",
      source: "",
    });
  });

  it("say what they mean to players", () => {
    expect(schemaPlan(onLab(load({})), debian).effect).toMatch(/stops both servers/);
    expect(releasePlan(onLab(load({ "core.releases.keep": "5" })), debian)).toEqual({
      step: "release",
      kind: "release",
      args: {
        ...{ root, keep: 5 },
        user: "trinity",
        data: expect.stringMatching(/trinity-335\/data$/),
        incoming: expect.stringMatching(/\/data\.incoming$/),
        manifest: expect.stringMatching(/\/data\.manifest$/),
        dataLock: "game-data",
        servers: ["worldserver worldserver.service", "authserver authserver.service"].map((server) =>
          expect.stringMatching(`^${server} ${root}/logs/\\w+.log /etc/trinity-stack/\\w+.env \\w+-unit$`),
        ),
      },
      effect: "restarts both servers, unless they run from it already",
    });
    expect(sourcePlan(onLab(load({})), debian, []).effect).toBeUndefined();
    expect(buildPlan(onLab(load({})), debian).effect).toBeUndefined();
  });
});
