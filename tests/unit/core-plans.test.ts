import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPlan } from "../../components/core/build";
import { releasePlan } from "../../components/core/release";
import { schemaPlan } from "../../components/core/schema";
import { readPatches, sourcePlan } from "../../components/core/source";
import { tdbPlan } from "../../components/core/tdb";
import type { Facts } from "../../components/remote/facts";
import { load, privateKey } from "./settings-source";

const on = (id: string, versionId: string) => ({ os: { id, versionId, like: [], name: id } }) as unknown as Facts;
const debian = on("debian", "12");
const fedora = on("fedora", "43");
const root = "/var/lib/trinity/Projects/trinity-335";

describe("sourcePlan", () => {
  it("asks for the branch of the default repository", () => {
    expect(sourcePlan(load({}), debian, [])).toEqual({
      step: "source",
      kind: "source",
      args: {
        root,
        user: "trinity",
        repository: "https://github.com/TrinityCore/TrinityCore.git",
        branch: "3.3.5",
        commit: "",
        knownHosts: "",
        patches: [],
      },
    });
  });

  it("carries the patches by number, and their names in the same order", () => {
    const { args } = sourcePlan(load({}), debian, [
      { name: "b.patch", text: "--- a\n+++ b" },
      { name: "a.patch", text: "diff --git" },
    ]);
    expect(args).toMatchObject({ patches: ["b.patch", "a.patch"], "patch.1": "--- a\n+++ b", "patch.2": "diff --git" });
  });

  it("keeps the deploy key out of what a preview shows", () => {
    const values = {
      "source.repository": "git@example.org:me/core.git",
      "source.deployKey": privateKey(),
      "source.knownHosts": `example.org ${load({}).hostKey}`,
    };
    const plan = sourcePlan(load(values, ["source.deployKey"]), debian, []);
    expect(Object.keys(plan.secrets ?? {})).toEqual(["deployKey"]);
    expect(JSON.stringify(plan.args)).not.toContain("PRIVATE");
    expect(plan.args.knownHosts).toMatch(/^example\.org ssh-ed25519 /);
  });
});

describe("readPatches", () => {
  const dir = mkdtempSync(join(tmpdir(), "patches-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };

  it("reads them in the order given, by their base names", () => {
    const text = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n\n";
    expect(readPatches([file("two.patch", text), file("one.patch", text)])).toEqual([
      { name: "two.patch", text: text.trimEnd() },
      { name: "one.patch", text: text.trimEnd() },
    ]);
  });

  it.each([
    ["is not a patch", "hello"],
    ["holds binary data", "diff --git a/x b/x\n\0"],
    ["at most 64 can be sent", `diff --git a/x b/x\n${"+x\n".repeat(30_000)}`],
  ])("refuses one that %s", (reason, text) => {
    expect(() => readPatches([file("bad.patch", text)])).toThrow(reason);
  });
});

describe("buildPlan", () => {
  it.each([
    ["what Debian 12 has", {}, debian, "gcc"],
    ["what Fedora has", {}, fedora, "clang"],
    ["what the config says", { "build.compiler": "clang" }, debian, "clang"],
  ])("takes the compiler from %s", (_, values, facts, compiler) => {
    expect(buildPlan(load(values as Record<string, string>), facts).args.compiler).toBe(compiler);
  });

  it("sorts the options, as their order changes nothing", () => {
    const options = '{"WITH_WARNINGS": true, "ELUNA": 0, "SCRIPTS": "minimal-static"}';
    const { args } = buildPlan(load({ "build.options": options, "build.jobs": "3" }), debian);
    expect(args).toMatchObject({
      options: ["ELUNA=0", "SCRIPTS=minimal-static", "WITH_WARNINGS=1"],
      jobs: 3,
      type: "RelWithDebInfo",
    });
  });
});

describe("the other plans", () => {
  it("name the socket of the distribution and the databases of the config", () => {
    const settings = load({ "databases.world.name": "tdb", "user.home": "/srv/realm" });
    expect(schemaPlan(settings, fedora).args).toMatchObject({
      root: "/srv/realm/Projects/trinity-335",
      socket: "/var/lib/mysql/mysql.sock",
      auth: "authserver",
      characters: "characters",
      world: "tdb",
    });
    expect(tdbPlan(settings, debian).args).toMatchObject({
      socket: "/run/mysqld/mysqld.sock",
      database: "tdb",
      source: "",
    });
  });

  it("say what they mean to players", () => {
    expect(schemaPlan(load({}), debian).effect).toMatch(/stops both servers/);
    expect(releasePlan(load({ "releases.keep": "5" }), debian)).toEqual({
      step: "release",
      kind: "release",
      args: { root, keep: 5 },
      effect: "restarts both servers, unless they run from it already",
    });
    expect(sourcePlan(load({}), debian, []).effect).toBeUndefined();
    expect(buildPlan(load({}), debian).effect).toBeUndefined();
  });
});
