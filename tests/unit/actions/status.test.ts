import { inWords, isWell, statusAction, statusIn } from "../../../actions/status";
import { load } from "../settings/source";

const settings = load({ "realms.wotlk.name": "RoE (WotLK)" });
const done = Buffer.from(
  '<E:Envelope xmlns:E="x"><E:Body><ns1:executeCommandResponse><result>TrinityCore</result></ns1:executeCommandResponse></E:Body></E:Envelope>',
).toString("base64");
const said = (...more: string[]) =>
  [
    "clock 2000000",
    "release 4f1c2ab90d3e-1a2b3c4d",
    "server authserver.service active running 1999000 10485760",
    "server worldserver.service active running 1700000 2147483648",
    "players 12",
    "disk 53687091200 107374182400",
    "memory 4294967296 8589934592",
    ...more,
    "end",
  ].join("\n");
const answered = [`answer 0 200 worldserver.service active ${done}`, "asked 8"];

describe("status", () => {
  it("is read of what the host says, and told in lines", () => {
    const status = statusIn(said(...answered, "job build"), settings);
    expect(isWell(status)).toBe(true);
    expect(inWords(status)).toBe(
      [
        "realm        RoE (WotLK) (set realmlist wow.example.net)",
        "release      4f1c2ab90d3e-1a2b3c4d",
        "authserver   active, for 16 min 40 s, 10.0 MB of memory",
        "worldserver  active, for 3 d 11 h, 2.0 GB of memory",
        "answers      yes, in 8 ms",
        "players      12 in the world",
        "disk         50.0 GB of 100 GB free",
        "memory       4.0 GB of 8.0 GB free",
        "at work      trinity-build",
      ].join("\n"),
    );
    expect(JSON.parse(JSON.stringify(status))).toMatchObject({
      servers: [
        { unit: "authserver.service", state: "active", seconds: 1000, memoryMB: 10 },
        { unit: "worldserver.service", seconds: 300_000 },
      ],
      players: 12,
      answers: { end: "done", ms: 8 },
      working: ["build"],
    });
  });

  it.each<[string, string, RegExp]>([
    [
      "stopped",
      said().replace("worldserver.service active", "worldserver.service failed"),
      /answers +no: it does not run/,
    ],
    [
      "without an account",
      said("no-login /etc/x"),
      /answers +no: the stack has no account yet to ask it with: `pulumi up`/,
    ],
    [
      "hung",
      said("answer 28 0 worldserver.service active ", "asked 10000"),
      /answers +no: .* has not answered for 10 s/,
    ],
  ])("of a worldserver that is %s is not well, and says why", (_, text, line) => {
    const status = statusIn(text, settings);
    expect(isWell(status)).toBe(false);
    expect(inWords(status)).toMatch(line);
  });

  it("says what is not known, and is not well where nothing is", () => {
    const status = statusIn("clock 5\nplayers \ndisk\nserver worldserver.service inactive dead 0 0\nend", settings);
    expect(inWords(status)).toMatch(/^release +none is live yet$/m);
    expect(inWords(status)).toMatch(/^players +not known: MariaDB does not answer$/m);
    expect(inWords(status)).toMatch(/^worldserver +inactive$/m);
    expect(isWell(statusIn("end", settings))).toBe(false);
  });

  it("asks the host with the names of either", () => {
    const { told } = statusAction(settings, "trinitycore/test");
    expect(told).toMatchObject({
      run: "/var/lib/trinity/Projects/trinity-335/run",
      "page.root": "/var/lib/trinity/Projects/trinity-335",
      "own.root": "/var/lib/trinity/Projects/trinity-335-wotlk",
      authserver: "authserver.service",
    });
  });
});
