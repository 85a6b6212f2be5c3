import { parse } from "yaml";
import { givenIn, inYaml } from "../../../cli/config";
import { loadSettings } from "../../../settings";
import { keysOf } from "../../../settings/schema";
import { source } from "../settings/source";

const printed = (values: Record<string, string>, secrets: string[] = []) => {
  const given = source(values, secrets);
  return inYaml(loadSettings(given), givenIn(given));
};

describe("npm run realm -- config", () => {
  it("prints every key that is no secret, defaults marked", () => {
    const text = printed({
      "realms.wotlk.port": "8086",
      "login.accounts.Boss": "{}",
      "login.settings": '{"WrongPass.MaxCount":5}',
    });
    for (const [path, { kind }] of keysOf()) {
      if (kind !== "secret") expect(text).toMatch(new RegExp(`^ +(trinitycore:)?${path.split(".").at(-1)}:`, "m"));
    }
    expect(text).toMatch(/^ {6}port: 8086$/m);
    expect(text).toMatch(/^ {6}name: Trinity # default$/m);
    expect(text).toMatch(/^ {6}settings: \{\} # default$/m);
    expect(text).toMatch(/^ {6}WrongPass\.MaxCount: "5"$/m);
    expect(text).toMatch(/^ {2}trinitycore:restarts: now # default$/m);
    // What follows from another key.
    expect(text).toMatch(/^ {6}address: wow\.example\.net # default$/m);
    expect(printed({ restarts: "window" })).toMatch(/^ {2}trinitycore:restarts: window$/m);
  });

  it("hides what is secret, and leaves out what is made at random", () => {
    const text = printed(
      {
        "login.database.password": "hunter2",
        "realms.wotlk.settings": '{"Motd":"hello","ModuleSecret":"hunter2"}',
      },
      ["login.database.password", "realms.wotlk.settings.ModuleSecret"],
    );
    expect(text).not.toContain("hunter2");
    expect(text.match(/\[secret\]/g)).toHaveLength(2);
    expect(text.match(/password:/g)).toHaveLength(1);
  });

  it("is a stack file that means the same", () => {
    const text = printed({ "realms.wotlk.console.networks": '["10.0.0.0/8"]', "core.source.branch": "3.30" });
    const { config } = parse(text) as { config: Record<string, unknown> };
    const values = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    );
    const again = loadSettings({ ...source({}), values, written: config });
    expect(again).toEqual(
      loadSettings(source({ "realms.wotlk.console.networks": '["10.0.0.0/8"]', "core.source.branch": "3.30" })),
    );
  });
});
