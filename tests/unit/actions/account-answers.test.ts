import { accountsIn, outcomeIn, table } from "../../../actions/account-answers";
import { load } from "../settings/source";

const settings = load({ "login.accounts": '{"Espionage724":{"level":3},"Guide":{}}' });
const row = {
  ...{ id: 7, name: "BOB", levels: null, email: "", expansion: 2, lastLogin: null, lastAddress: "127.0.0.1" },
  ...{ online: 0, locked: 0, banned: 0, banEnds: null, banBy: null, banReason: null },
};
const line = (more: Partial<Record<keyof typeof row, unknown>>) => `account ${JSON.stringify({ ...row, ...more })}`;
/** In the time zone of whoever looks. */
const noon = new Date(2026, 4, 3, 12, 0).getTime() / 1000;

const said = [
  "own TRINITYSTACK",
  "owned 2 ESPIONAGE724",
  "owned 3 GUIDE",
  line({ id: 2, name: "ESPIONAGE724", levels: "-1:3", email: "BOSS@EXAMPLE.NET", lastLogin: noon, online: 1 }),
  line({ id: 1, name: "TRINITYSTACK", levels: "1:3" }),
  // One of this name was the config's, and was deleted; this is a player's.
  line({ id: 9, name: "GUIDE", levels: "1:1,4:2", expansion: 0, locked: 1, lastAddress: "192.0.2.7" }),
  line({ name: "EVIL\u001b[2J", banned: 1, banEnds: noon, banBy: "Server", banReason: 'gold "seller"\n' }),
  line({ name: "WORSE", banned: 1, banBy: "Arthas", banReason: "bot" }),
].join("\n");

describe("accounts", () => {
  it("are read of what the host says", () => {
    const accounts = accountsIn(said, settings);
    expect(accounts.map(({ name, owner }) => `${name} ${owner}`)).toEqual([
      ...["ESPIONAGE724 config", "TRINITYSTACK stack", "GUIDE nobody", "EVIL\u001b[2J nobody", "WORSE nobody"],
    ]);
    expect(accounts[2]).toMatchObject({
      levels: [
        { realm: "wotlk", level: 1 },
        { realm: "4", level: 2 },
      ],
      locked: true,
      online: false,
      ban: null,
    });
    expect(JSON.parse(JSON.stringify(accounts[3]))).toMatchObject({
      lastLogin: null,
      ban: { until: new Date(noon * 1000).toISOString(), by: "Server", reason: 'gold "seller"\n' },
    });
    expect(accounts[4]?.ban).toEqual({ until: null, by: "Arthas", reason: "bot" });
    expect(accounts[0]?.lastLogin).toEqual(new Date(noon * 1000));
  });

  it("are told in columns, and nothing of players' draws on the terminal", () => {
    expect(table(accountsIn(said, settings))).toBe(
      [
        "NAME          LEVEL               OWNER      EXPANSION  LAST LOGIN        MAIL",
        "ESPIONAGE724  3 everywhere        config     2          2026-05-03 12:00  BOSS@EXAMPLE.NET  online",
        "TRINITYSTACK  3 on wotlk          the stack  2          never",
        "GUIDE         1 on wotlk, 2 on 4             0          never                               locked to 192.0.2.7",
        'EVIL?[2J      0                              2          never                               banned until 2026-05-03 12:00 by Server: gold "seller"?',
        "WORSE         0                              2          never                               banned for ever by Arthas: bot",
      ].join("\n"),
    );
  });

  it("are none where there is none", () => {
    expect(table(accountsIn("own TRINITYSTACK", settings))).toBe("there is no account");
  });
});

describe("what came of a change", () => {
  it.each([
    ["ban", "unknown", "there is no account BOB: npm run realm -- account list"],
    ["ban", "otherwise BÖB", "there is no account BOB, but one that MariaDB takes for it: BÖB"],
    ["create", "taken BOB", "the name BOB is taken: there is such an account"],
    ["create", "taken BÖB", "the name BOB is taken: MariaDB takes the account BÖB for it"],
    ["level", "own", "BOB is the stack's own account, with which it talks to the worldserver"],
    ["level", "leaving", "the account BOB was taken out of the config, which takes its level: run `pulumi up` first"],
    [
      "ban",
      `banned ${noon}`,
      "the account BOB is banned already, until 2026-05-03 12:00: npm run realm -- account unban BOB",
    ],
    ["ban", "banned 0", "the account BOB is banned already, for ever: npm run realm -- account unban BOB"],
    ["ban", "because\u0007", "because?"],
  ] as const)("%s, refused: %s", (verb, words, sentence) => {
    expect(outcomeIn(`refused ${words}`, verb, "BOB")).toEqual({ refused: sentence });
  });

  it.each([
    ["create", {}, "done ", "the account BOB is made"],
    ["level", { level: 2, realm: -1 }, "done ", "the account BOB has level 2 on all realms"],
    ["level", { level: 0, realm: 3 }, "done ", "the account BOB has level 0 on realm 3"],
    ["lock", {}, "done 192.0.2.7", "the account BOB may log in from 192.0.2.7 alone, its last address"],
    ["unlock", {}, "done 192.0.2.7", "the account BOB may log in from anywhere"],
    ["ban", {}, `done ${noon}`, "the account BOB is banned until 2026-05-03 12:00"],
    ["ban", {}, "done 0", "the account BOB is banned for ever"],
    ["unban", {}, "done ended", "the account BOB is not banned any more"],
    ["unban", {}, "done not", "the account BOB is not banned"],
    ["password", {}, "done ", "the account BOB has its new password"],
    ["kick", {}, "done ", ""],
  ] as const)("%s %j: %s", (verb, details, line_, text) => {
    expect(outcomeIn(line_, verb, "BOB", details)).toMatchObject({ text, online: [], choosing: false, runs: false });
  });

  it("is told with who is in the world", () => {
    expect(outcomeIn("done 0\nworld active\nonline Arthas\nonline Jaina", "ban", "BOB")).toMatchObject({
      ...{ online: ["Arthas", "Jaina"], choosing: false, runs: true },
    });
    expect(outcomeIn("done 0\nworld inactive\nchoosing", "ban", "BOB")).toMatchObject({ choosing: true, runs: false });
  });

  it("cannot be read where the host says something else", () => {
    expect(() => outcomeIn("oops", "ban", "BOB")).toThrow('the host\'s answer cannot be read: "oops"');
  });
});
