import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineStack } from "../../../cli/engine-stack";

/** Stands for the engine: notes what it is told, and answers from files. */
const folder = mkdtempSync(join(tmpdir(), "engine-"));
const noted = join(folder, "noted");
writeFileSync(
  join(folder, "pulumi"),
  `#!/bin/bash
  { printf '%s ' "$@"; printf '< "%s"\\n' "$(cat)"; } >>${noted}
  answer=${folder}/$1
  [[ ! -e $answer.fails ]] || { cat "$answer.fails" >&2 && exit 1; }
  [[ ! -e $answer ]] || cat "$answer"
`,
);
chmodSync(join(folder, "pulumi"), 0o755);
const file = join(folder, "Pulumi.home.yaml");
const answers = { whoami: '{"user": "me", "url": "file:///state"}', stack: '[{"name": "organization/p/other"}]' };
const environment = { ...process.env };

beforeEach(() => {
  for (const name of ["noted", "config", "whoami.fails", "config.fails", "Pulumi.home.yaml"])
    rmSync(join(folder, name), { force: true });
  for (const [name, text] of Object.entries(answers)) writeFileSync(join(folder, name), text);
  process.env.PATH = `${folder}:${environment.PATH}`;
  delete process.env.PULUMI_CONFIG_PASSPHRASE;
  delete process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
});
afterEach(() => {
  process.env = { ...environment };
});
afterAll(() => rmSync(folder, { recursive: true }));

const stack = (name = "home", more = {}) => EngineStack.find({ name, cwd: folder, ...more });
const told = () => (existsSync(noted) ? readFileSync(noted, "utf8").trim().split("\n") : []);

describe("a stack of the engine", () => {
  it.each([
    ["home", false],
    ["other", true],
  ])("%s is found: %s", (name, exists) => {
    expect(stack(name).exists).toBe(exists);
  });

  it("cannot be where the engine keeps no state yet", () => {
    writeFileSync(join(folder, "whoami.fails"), "error: PULUMI_ACCESS_TOKEN must be set\n");
    expect(() => stack()).toThrow(
      /^Pulumi does not know yet where to keep its state; for this machine: npx pulumi login --local\n.*TOKEN must be set$/,
    );
  });

  it("cannot be where there is no engine", () => {
    process.env.PATH = "/nonexistent";
    expect(() => stack()).toThrow(/^the Pulumi engine could not be run \(.*ENOENT\); run `npm ci` first$/);
  });

  it("is made and selected, and gets its secrets on the engine's input alone", () => {
    const home = stack();
    home.make();
    home.set([
      { path: "host.address", text: "wow" },
      { path: "host.ssh.privateKey", text: "the key", secret: true },
    ]);
    const place = `--non-interactive --cwd ${folder}`;
    expect(told().slice(2)).toEqual([
      `stack init home ${place} < ""`,
      `config set-all --path --plaintext trinitycore:host.address=wow --stack home ${place} < ""`,
      `config set --secret --path trinitycore:host.ssh.privateKey --stack home ${place} < "the key"`,
    ]);
  });

  it("is selected where it is there, and nothing is set where nothing is missing", () => {
    const other = stack("other");
    other.make();
    other.set([]);
    expect(told().slice(2)).toEqual([`stack select other --non-interactive --cwd ${folder} < ""`]);
  });

  it("says what the engine says when that refuses", () => {
    writeFileSync(join(folder, "config.fails"), "error: incorrect passphrase\n");
    expect(() => stack("other").config()).toThrow(/^`pulumi config` failed: incorrect passphrase$/);
  });

  it.each<[string, string, string, object]>([
    ["is in the engine", "other", '{"trinitycore:host": {"value": "{}", "secret": true}}', {}],
    ["is a file before there is a stack", "home", "", {}],
  ])("has a config that %s", (_, name, printed) => {
    writeFileSync(join(folder, "config"), printed);
    writeFileSync(file, "config:\n  trinitycore:host:\n    address: wow\n");
    const { values, secretKeys } = stack(name).config();
    expect([values["trinitycore:host"], [...secretKeys]]).toEqual(
      name === "other" ? ["{}", ["trinitycore:host"]] : ['{"address":"wow"}', []],
    );
  });

  it("is not made over a file with another stack's secrets", () => {
    writeFileSync(file, "config:\n  trinitycore:host:\n    ssh:\n      privateKey:\n        secure: v1:abc\n");
    expect(() => stack().config()).toThrow(/Pulumi\.home\.yaml has secrets of a stack that is not here; .*--stack/);
  });

  describe("and its passphrase", () => {
    const needs = /^the secrets of this stack need a passphrase.*PULUMI_CONFIG_PASSPHRASE_FILE$/;

    it.each<[string, () => EngineStack]>([
      ["of a new stack with its state in files", () => stack()],
      ["of a new stack that is told so", () => stack("home", { secretsProvider: "passphrase" })],
    ])("%s is asked for, which takes a terminal", async (_, found) => {
      await expect(found().unlock()).rejects.toThrow(needs);
    });

    it("of a stack that has one is asked for, and not of another", async () => {
      writeFileSync(join(folder, "stack"), '[{"name": "home"}]');
      await stack().unlock();
      writeFileSync(file, "encryptionsalt: v1:abc\n");
      await expect(stack().unlock()).rejects.toThrow(needs);
    });

    it.each<[string, () => EngineStack]>([
      [
        "the environment has it",
        () => {
          process.env.PULUMI_CONFIG_PASSPHRASE = "";
          return stack();
        },
      ],
      ["a key of a cloud is there for that", () => stack("home", { secretsProvider: "awskms://alias/x" })],
      [
        "Pulumi's own service keeps the secrets",
        () => {
          writeFileSync(join(folder, "whoami"), '{"url": "https://app.pulumi.com/me"}');
          return stack();
        },
      ],
    ])("is not asked for where %s", async (_, found) => {
      await expect(found().unlock()).resolves.toBeUndefined();
    });
  });
});
