/** `--realm`: which of the stack's realms a verb has to do with; so far a stack has one. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../../../cli/program";
import { refuseOtherRealm } from "../../../cli/stack-options";
import { load, source } from "../settings/source";
import { Typed } from "./typed";

const values = { realms: JSON.stringify({ wotlk: { name: "Realm of Espionage" } }) };
jest.mock("../../../cli/stack", () => ({ stackConfig: () => ({ name: "home", source: source(values) }) }));

const folder = mkdtempSync(join(tmpdir(), "realm-option-"));
const said = new Typed();
const { SSH_AUTH_SOCK } = process.env;
beforeAll(() => {
  writeFileSync(join(folder, "Pulumi.yaml"), "name: trinitycore\nruntime: nodejs\n");
  process.env.SSH_AUTH_SOCK = join(folder, "agent");
});
afterAll(() => {
  process.env.SSH_AUTH_SOCK = SSH_AUTH_SOCK;
  rmSync(folder, { recursive: true });
});
const typed = async (...words: string[]) => {
  await program().run([...words, "--stack", "home", "--cwd", folder]);
  return process.exitCode;
};

it.each([undefined, "wotlk", "Realm of Espionage"])("%j is the stack's realm", (realm) => {
  expect(() => refuseOtherRealm(realm === undefined ? {} : { realm }, "home", load(values))).not.toThrow();
});

it.each([
  "doctor",
  "status",
  "console server info",
  "announce hello",
  "start",
  "stop",
  "restart",
  "maintenance on",
  "logs",
  "account kick BOB",
  "account level BOB 1",
  "data use /srv/data",
  "data extract /srv/client",
  "data mmaps",
  "data check",
])("%s, of a realm that the stack does not have asks nobody, and ends with 2", async (words) => {
  expect(await typed(...words.split(" "), "--realm", "tbc")).toBe(2);
  expect(said.err).toBe('stack home has no realm "tbc"; it has wotlk (Realm of Espionage)\n');
});

it.each([
  [["account", "level", "BOB", "1"]],
  [["account", "level", "BOB", "1", "--realm", "-1"]],
  [["account", "level", "BOB", "1", "--realm", "wotlk"]],
  [["status", "--realm", "Realm of Espionage"]],
])("%j goes on, as far as to the keys for the host", async (words) => {
  expect(await typed(...words)).toBe(2);
  expect(said.err).toContain(join(folder, "agent"));
});
