import {
  accountAction,
  banDetails,
  createDetails,
  decidedByConfig,
  passwordLine,
  wrongName,
} from "../../../actions/account";
import { load } from "../settings/source";

const settings = load({
  "login.accounts":
    '{"Espionage724":{"level":3},"Guide":{"passwordIs":"enforced"},"odd.one":{"passwordIs":"enforced"}}',
});
const changes = ["create", "level", "lock", "unlock", "ban", "unban", "password", "kick"] as const;

it("the host is told where the accounts are, and what is to be done", () => {
  const { script, told } = accountAction(settings, "trinitycore/test", "level", "GUIDE", { level: 0, realm: -1 });
  expect(script).toBe("account");
  expect(told).toMatchObject({
    ...{ verb: "level", name: "GUIDE", level: 0, realm: -1, stack: "trinitycore/test" },
    ...{ mariadb: "mariadb", accounts: "accounts", database: "authserver", characters: "characters" },
    ...{ "page.announcer": "TRINITYSTACK", "own.announcer": "STACK1", "page.unit": "worldserver.service" },
  });
  expect(accountAction(settings, "", "create", "BOB", { email: undefined }).told).not.toHaveProperty("email");
});

describe("a password", () => {
  it("goes to the host as salt and verifier, as the core makes them", () => {
    // Of tests/unit/components/srp6/vectors.json, made by another implementation.
    const [{ name, password, salt, verifier }] = require("../components/srp6/vectors.json");
    expect(passwordLine(name, password, Buffer.from(salt, "hex"))).toBe(`${salt} ${verifier}\n`);
  });

  it("has another salt each time, and is not in what the host gets", () => {
    const [one, other] = [passwordLine("BOB", "Hunter2"), passwordLine("BOB", "Hunter2")];
    expect(one).toMatch(/^[0-9a-f]{64} [0-9a-f]{64}\n$/);
    expect(one.slice(0, 64)).not.toBe(other.slice(0, 64));
  });
});

describe("what the config decides", () => {
  const key = (path: string) => `pulumi config set --path trinitycore:login.accounts.${path}`;
  it.each<[(typeof changes)[number], string, string]>([
    ["create", "ESPIONAGE724", "the account ESPIONAGE724 is in the config, and `pulumi up` makes it"],
    [
      "level",
      "ESPIONAGE724",
      `the config decides on the level of the account ESPIONAGE724: ${key("Espionage724.level")} …, then pulumi up`,
    ],
    [
      "password",
      "GUIDE",
      `the config decides on the password of the account GUIDE: ${key("Guide.password").replace("set", "set --secret")}, then pulumi up`,
    ],
    [
      "password",
      "ODD.ONE",
      "the config decides on the password of the account ODD.ONE: " +
        `pulumi config set --secret --path 'trinitycore:login.accounts["odd.one"].password', then pulumi up`,
    ],
  ])("is refused to %s %s", (verb, name, sentence) => {
    expect(decidedByConfig(settings, verb, name)).toBe(sentence);
  });

  it.each(["lock", "unlock", "ban", "unban", "kick", "password"] as const)(
    "is not to %s an account whose password is only the first one",
    (verb) => {
      expect(decidedByConfig(settings, verb, "ESPIONAGE724")).toBeUndefined();
    },
  );

  it.each(changes)("is nothing of other accounts: %s", (verb) => {
    expect(decidedByConfig(settings, verb, "BOB")).toBeUndefined();
  });
});

describe("a ban", () => {
  it.each([
    ["30s", 30],
    ["15m", 900],
    ["1d12h", 129_600],
    ["7300d", 630_720_000],
    ["forever", 0],
  ])("of %s", (time, seconds) => {
    expect(banDetails(time, "gold seller")).toEqual({ seconds, reason: "gold seller" });
  });

  it.each([
    ["3", "x", '"3" is no time for a ban: "3d", "1d12h" and "30m" are, and "forever"'],
    ["3w", "x", '"3w" is no time for a ban: "3d", "1d12h" and "30m" are, and "forever"'],
    ["-1", "x", '"-1" is no time for a ban: "3d", "1d12h" and "30m" are, and "forever"'],
    ["1d 2h", "x", '"1d 2h" is no time for a ban: "3d", "1d12h" and "30m" are, and "forever"'],
    ["", "x", '"" is no time for a ban: "3d", "1d12h" and "30m" are, and "forever"'],
    ["0d", "x", "a ban of no time at all ends no later than it begins"],
    ["7301d", "x", "the core counts no ban of more than 20 years; there is forever"],
    ["999999999d", "x", "the core counts no ban of more than 20 years; there is forever"],
    ["1d", " ", "a ban has a reason, which game masters read"],
    ["1d", "two\nlines", "the reason is one line of plain text"],
    ["1d", "ж".repeat(256), "the reason may not be longer than 255 characters, as the core takes no more"],
  ])("of %j for %j is refused", (time, reason, sentence) => {
    expect(() => banDetails(time, reason)).toThrow(sentence);
  });

  it("has a reason of 255 characters at most", () => {
    expect(banDetails("1d", "ж".repeat(255)).reason).toHaveLength(255);
  });
});

describe("a mail address", () => {
  it("is written in capitals, as the core does, and may be left out", () => {
    expect([createDetails("bob@example.net"), createDetails("")]).toEqual([
      { email: "BOB@EXAMPLE.NET" },
      { email: "" },
    ]);
  });
  it.each([
    ["bob", 'the mail address "bob" is not a mail address in ASCII'],
    [`${"b".repeat(60)}@x.de`, "the mail address may not be longer than 64 characters, as the core takes no more"],
  ])("that is none is refused: %s", (address, sentence) => {
    expect(() => createDetails(address)).toThrow(sentence);
  });
});

describe("a name", () => {
  it.each([
    ["create", "Seventeen-letters", "it has 17 characters, and the core takes 16"],
    ["create", "Bob Smith", "printable ASCII without blanks is wanted"],
    ["create", "Günther", "printable ASCII without blanks is wanted"],
    ["create", "", "printable ASCII without blanks is wanted"],
    ["create", "a:b", "a login over SOAP could not tell where it ends, for its ':'"],
    ["ban", "Günther", "printable ASCII is wanted, 32 characters at most"],
    ["ban", "a".repeat(33), "printable ASCII is wanted, 32 characters at most"],
    ["ban", "", "printable ASCII is wanted, 32 characters at most"],
    ["ban", "a\nb", "printable ASCII is wanted, 32 characters at most"],
  ] as const)("that cannot be one is refused to %s: %j", (verb, name, why) => {
    expect(wrongName(verb, name)).toContain(`${JSON.stringify(name)} `);
    expect(wrongName(verb, name)).toContain(why);
  });

  it.each([
    ["create", "Sixteen-letters!"],
    ["create", `it's"odd`],
    // Other programs make such.
    ["ban", "An older name with 31 characters"],
  ] as const)("that can be one is taken to %s: %s", (verb, name) => {
    expect(wrongName(verb, name)).toBeUndefined();
  });
});
