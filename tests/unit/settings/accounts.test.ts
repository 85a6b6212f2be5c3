/** The names and passwords of game accounts. */
import type * as pulumi from "@pulumi/pulumi";
import { load, problems, source } from "./source";

const password = "login.accounts.Boss.password";
const named = (...names: string[]) => {
  const login = JSON.stringify({ accounts: Object.fromEntries(names.map((name) => [name, {}])) });
  return problems({}, [], { values: { ...source({}).values, "trinitycore:login": login } });
};

it("have a default for everything", () => {
  expect(load({ "login.accounts.Boss": "{}" }).login.accounts).toEqual({
    Boss: { password: undefined, passwordIs: "initial", level: 0, realm: "-1", expansion: 2, email: "", adopt: false },
  });
  expect(load({}).login.accounts).toEqual({});
});

it.each(["Espionage724", "a", "O'Brien", "x".repeat(16), "$(id)", "a.b", 'say"it"'])("a name may be %s", (name) => {
  expect(named(name)).toEqual([]);
});

it.each([
  ["x".repeat(17), /: is not an account's name: it has 17 characters, and the core takes 16$/],
  ["two words", /: is not an account's name: printable ASCII without blanks is wanted$/],
  ["B\u00f6ss", /^login\.accounts\.B\?ss: .*printable ASCII/],
  ["", /printable ASCII/],
  ["a\nb", /^login\.accounts\.a\?b: .*printable ASCII/],
  ["a:b", /a login over SOAP could not tell where it ends, for its ':'$/],
])("a name may not be %j", (name, says) => {
  expect(named(name)).toEqual([expect.stringMatching(says)]);
});

it("two names are one where the core writes them alike", () => {
  expect(named("Boss", "Other", "bOSS")).toEqual([
    "login.accounts.bOSS: is the same account as Boss: the core writes both BOSS",
  ]);
});

it.each(["x", "16 signs \"'\\;$!~", "12345678"])("a password may be %j", (value) => {
  expect(problems({ [password]: value }, [password])).toEqual([]);
});

it.each([
  ["x".repeat(17), /may not be longer than 16 characters, as the game client takes no more$/],
  ["p\u00e4ssword", /printable ASCII only: the game client/],
  ["tab\tinside", /printable ASCII only/],
  [" hunter2", /begin or end with a space/],
])("a password may not be %j, and is not shown", (value, says) => {
  const [found = "", ...more] = problems({ [password]: value }, [password]);
  expect(found).toMatch(says);
  expect(found).not.toContain(value);
  expect(more).toEqual([]);
});

const twoFactor = "login.accounts.Boss.twoFactor";
const master = "login.totpMasterSecret";
it.each([
  [twoFactor, "JBSWY3DPEHPK3PXP"],
  [twoFactor, "jbsw y3dp ehpk 3pxp"],
  [twoFactor, "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U"],
  [twoFactor, `${"A".repeat(167)}=`],
  [master, "000102030405060708090A0B0C0D0E0F"],
  [master, "f"],
])("%s may be %s", (key, value) => {
  expect(problems({ [key]: value }, [key])).toEqual([]);
});

it.each([
  [twoFactor, "JBSWY3DPEHPK3PX1", /is not Base32: A to Z and 2 to 7/],
  [twoFactor, "JBSWY3DPEHPK3PXPA", /is not Base32/],
  [twoFactor, "JBSWY3DPEHPK3PXPAB", /is not Base32/],
  [twoFactor, "JBSWY3DP", /is too short: 16 characters/],
  [twoFactor, "A".repeat(168), /is too long: the core takes 104 bytes, 167 characters$/],
  [master, "0x0F", /at most 32 hexadecimal digits, without a prefix; `openssl rand -hex 16` makes one$/],
  [master, "0".repeat(32), /at most 32 hexadecimal digits/],
  [master, "1".repeat(33), /at most 32 hexadecimal digits/],
  [master, "hunter2", /at most 32 hexadecimal digits/],
])("%s may not be %s, and it is not shown", (key, value, says) => {
  const [found = "", ...more] = problems({ [key]: value }, [key]);
  expect(found).toMatch(says);
  expect(found).not.toContain(value);
  expect(more).toEqual([]);
});

it("the servers' own key of the master secret is refused, with the stack's key for it", () => {
  const settings = "login.settings";
  expect(problems({ [settings]: '{"TOTPMasterSecret":"0F"}' })).toEqual([
    `${settings}.TOTPMasterSecret: is set by the stack: use trinitycore:login.totpMasterSecret`,
  ]);
});

it("a password in clear is refused", () => {
  expect(problems({ [password]: "hunter2" })).toEqual([
    `${password}: is in the stack config in clear. Change the secret, then\npulumi config set --secret --path trinitycore:${password}`,
  ]);
});

it("a password is a secret as soon as it is read", async () => {
  const read = load({ [password]: "hunter2" }, [password]).login.accounts.Boss?.password;
  const output = read as pulumi.Output<string> & { isSecret: Promise<boolean> };
  expect(await output.isSecret).toBe(true);
});

it.each([
  ["login.accounts.Boss.lvel", {}, "did you mean trinitycore:login.accounts.Boss.level?"],
  ["login.acounts.Boss.level", {}, "did you mean trinitycore:login.accounts?"],
])("%s is told with what it was meant to be", (key, _, says) => {
  expect(problems({ [key]: "3" })).toEqual([expect.stringContaining(says)]);
});

it.each([
  ["accounts", "did you mean trinitycore:login.accounts?"],
  [
    "login.accounts.Boss.password",
    "wants --path:\npulumi config set --secret --path trinitycore:login.accounts.Boss.password\npulumi config rm trinitycore:login.accounts.Boss.password",
  ],
  ["login.accounts.Boss.level", "wants --path:\npulumi config set --path trinitycore:login.accounts.Boss.level …"],
])("%s at the top, where a path was meant", (key, says) => {
  const found = problems({}, [], { flat: { [key]: "hunter2" } });
  expect(found).toEqual([expect.stringContaining(says)]);
  expect(found[0]).not.toContain("hunter2");
});
