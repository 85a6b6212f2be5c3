import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { engineCommand } from "../../../program/engine-command";
import { stackFile, writtenConfig } from "../../../settings/stack-file";

describe("the stack file", () => {
  const called = (...args: string[]) => ({ args, cwd: "/home/me/realm" });

  it.each([
    [[], {}, "Pulumi.prod.yaml"],
    [["--config-file", "/srv/x.yaml"], {}, "/srv/x.yaml"],
    [["--config-file=../x.yaml"], {}, "/home/me/x.yaml"],
    [["--config-file", "a.yaml", "--config-file", "b.yaml"], {}, "/home/me/realm/b.yaml"],
    [[], { PULUMI_OPTION_CONFIG_FILE: "x.yaml" }, "/home/me/realm/x.yaml"],
    [["--config-file", "/srv/x.yaml"], { PULUMI_OPTION_CONFIG_FILE: "y.yaml" }, "/srv/x.yaml"],
    [["--config", "a=b"], {}, "Pulumi.prod.yaml"],
  ])("of an engine called with %j and %j is %s", (args, env, file) => {
    expect(stackFile("prod", called("up", ...args), env)).toBe(file);
  });

  it("is looked for in the engine's own folder, which it tells nobody", () => {
    const files: Record<string, string> = {
      "/proc/30/cmdline": "/opt/pulumi-language-nodejs\0",
      "/proc/30/status": "PPid:\t20\n",
      "/proc/20/cmdline": "pulumi\0up\0--config-file\0x.yaml\0",
    };
    const command = engineCommand(
      30,
      (file) => files[file] ?? "",
      (link) => `${link}!`,
    );
    expect(command).toEqual({ args: ["up", "--config-file", "x.yaml", ""], cwd: "/proc/20/cwd!" });
  });

  it("shows what is encrypted, at any depth", () => {
    const file = join(mkdtempSync(join(tmpdir(), "stack-file-")), "Pulumi.x.yaml");
    writeFileSync(
      file,
      "config:\n  trinitycore:realms:\n    wotlk:\n      settings:\n        Motd: Hi\n        Key:\n          secure: v1:x\n      opened: 2020-01-01\n",
    );
    expect(writtenConfig(file)).toEqual({
      "trinitycore:realms": { wotlk: { settings: { Motd: "Hi", Key: { secure: "v1:x" } }, opened: "2020-01-01" } },
    });
    writeFileSync(file, "config:\n  - not: [one\n");
    expect(writtenConfig(file)).toBeUndefined();
    expect(writtenConfig(`${file}.gone`)).toBeUndefined();
  });
});
