import { isWell, statusAction, statusIn } from "../../../actions/status";
import { inWords } from "../../../actions/status-text";
import { load } from "../settings/source";

const settings = load({ "realms.wotlk.name": "RoE (WotLK)" });
const done = Buffer.from(
  '<E:Envelope xmlns:E="x"><E:Body><ns1:executeCommandResponse><result>TrinityCore rev. 1&#xD;\nOnline players: 12 (max: 61)&#xD;\n</result></ns1:executeCommandResponse></E:Body></E:Envelope>',
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
        "realm        RoE (WotLK): healthy (set realmlist wow.example.net)",
        "release      4f1c2ab90d3e-1a2b3c4d",
        "authserver   active, for 16 min 40 s, 10.0 MB of memory",
        "worldserver  active, for 3 d 11 h, 2.0 GB of memory",
        "answers      yes, in 8 ms",
        "players      12 in the world (at most 61 since it started)",
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

  describe("of what goes on at night", () => {
    const ago = (seconds: number) => String(2_000_000 - seconds);
    const night = (...more: string[]) => statusIn(said(...answered, ...more), settings);
    const lines = (status: ReturnType<typeof night>) => inWords(status).replaceAll(/\d{4}-\d\d-\d\d [\d:]{8}/g, "TIME");

    it("has a line for each thing that is there, and none for what is not", () => {
      const status = night(
        `timer backup success ${ago(7200)} ${ago(7200)} ${ago(-7200)} `,
        `backup ${ago(7260)} 12`,
        "dump 1258291 authserver",
        "dump 224395264 characters",
        `timer backup-drill success ${ago(300_000)} ${ago(300_000)} 0 `,
        `update at ${ago(100)}`,
        "update by night",
        `timer night-build success ${ago(200)} ${ago(200)} ${ago(-80_000)} `,
        `went ${ago(100_000)} 41`,
        "update did nothing",
        "update said up to date, nothing to do",
      );
      expect(isWell(status)).toBe(true);
      const text = lines(status);
      expect(text).toMatch(/^backup +TIME, 2 h 1 min ago: authserver 1\.2 MB, characters 214 MB; 12 kept$/m);
      expect(text).toMatch(/^drill +the newest backup was restored and is equal \(TIME, 3 d 11 h ago\)$/m);
      expect(text).toMatch(
        /^update +up to date, nothing to do \(TIME, 1 min 40 s ago\); next look for a newer commit: TIME$/m,
      );
      expect(text).toMatch(
        /^release +4f1c2ab90d3e-1a2b3c4d, live since TIME, 1 d 3 h ago; the servers were away for 41 s$/m,
      );
      expect(text).toMatch(/^players +12 in the world \(at most 61 since it started\)$/m);
      expect(status).toMatchObject({
        time: "1970-01-24T03:33:20.000Z",
        backup: { kept: 12, dumps: { characters: { bytes: 224395264 } } },
        timers: { backup: { well: true, next: "1970-01-24T05:33:20.000Z" } },
        update: { by: "night", did: "nothing" },
        ...{ wentLive: { at: "1970-01-22T23:46:40.000Z", seconds: 41 }, peak: 61 },
      });
      expect(inWords(night())).not.toMatch(/^(backup|drill|update|alert)/m);
    });

    it("is not well where a backup or its trial failed, and says why", () => {
      const status = night(
        `timer backup exit-code ${ago(60)} 0 0 No space left on device`,
        `timer backup-drill - 0 0 ${ago(-60)} `,
      );
      expect(isWell(status)).toBe(false);
      expect(lines(status)).toMatch(/^realm .*: not well /m);
      expect(lines(status)).toMatch(
        /^backup +none yet; the last one failed \(TIME, 1 min ago\): No space left on device$/m,
      );
      expect(lines(status)).toMatch(/^drill +none yet; the first: TIME$/m);
    });

    it("says what the operator was told of and still holds, and that alerts cannot be sent", () => {
      const status = night(
        `holds ${ago(3600)} disk-short._ 100 MB are free on /`,
        "unsent the receiver answered with HTTP status 500",
      );
      expect([isWell(status), lines(status).split("\n").slice(-2)]).toEqual([
        true,
        [
          "alert        100 MB are free on / (since TIME, 1 h ago)",
          "alerts       cannot be sent: the receiver answered with HTTP status 500",
        ],
      ]);
      expect(lines(status)).toMatch(/^realm .*: not well /m);
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
