import { entryIn, inWords, logsAction } from "../../../actions/logs";
import { load } from "../settings/source";

const line = (message: unknown, more = {}) =>
  JSON.stringify({
    __REALTIME_TIMESTAMP: "1790000000000000",
    _SYSTEMD_UNIT: "worldserver.service",
    PRIORITY: "6",
    MESSAGE: message,
    ...more,
  });

describe("a line of the journal", () => {
  it.each<[string, string, { text: string; level: string }]>([
    ["as it is", line("World initialized"), { text: "World initialized", level: "other" }],
    [
      "that the core coloured, which the journal keeps as bytes",
      line([...Buffer.from("\u001b[1;31mno such map – 7\u001b[0m")]),
      { text: "no such map – 7", level: "error" },
    ],
    ["of the core's with its level", line("WARN  odd spell"), { text: "WARN  odd spell", level: "warning" }],
    [
      "with the time before it",
      line("2026-11-26_09:00:01 ERROR x"),
      { text: "2026-11-26_09:00:01 ERROR x", level: "error" },
    ],
    ["that only speaks of an ERROR", line("a player wrote ERROR "), { text: "a player wrote ERROR ", level: "other" }],
    [
      "of systemd's",
      line("Failed", { PRIORITY: "3", _SYSTEMD_UNIT: "init.scope", UNIT: "worldserver.service" }),
      { text: "Failed", level: "error" },
    ],
    ["that would draw on the terminal", line("a\u001b[2Jb\u0007"), { text: "a?[2Jb?", level: "other" }],
  ])("%s", (_, text, wanted) => {
    expect(entryIn(text)).toEqual({ time: new Date(1_790_000_000_000), unit: "worldserver", ...wanted });
  });

  it("of the record of who did what has a time, who, and how it ended", () => {
    const audited = (outcome: string) =>
      entryIn(`2026-11-26T03:40:12Z\tada from 198.51.100.7\trealm/prod\trestart worldserver\t${outcome}\tin 60 s`);
    const text = "ada from 198.51.100.7 (realm/prod): restart worldserver: done (in 60 s)";
    expect(audited("done")).toEqual({ time: new Date("2026-11-26T03:40:12Z"), unit: "audit", text, level: "other" });
    expect(audited("failed")?.level).toBe("error");
    expect(entryIn("2026-11-26T03:40:12Z\tcut o")).toBeUndefined();
  });

  it("of an alert says so", () => {
    const alert = line("disk-short: x", { SYSLOG_IDENTIFIER: "trinity-alert", _SYSTEMD_UNIT: "trinity-watch.service" });
    expect(entryIn(alert)).toMatchObject({ unit: "alert", text: "disk-short: x" });
  });

  it.each(["", "{", "[]", "null", line(null), JSON.stringify({ MESSAGE: "x" })])("is not %s", (text) => {
    expect(entryIn(text)).toBeUndefined();
  });

  it("is told with when and who, coloured by its level where that is wanted", () => {
    const entry = { time: new Date(2026, 8, 1, 7, 5, 9), unit: "authserver", text: "x", level: "error" } as const;
    expect(inWords(entry, false)).toBe("2026-09-01 07:05:09 authserver: x");
    expect(inWords(entry, true)).toBe("\u001b[31m2026-09-01 07:05:09 authserver: x\u001b[0m");
    expect(inWords({ ...entry, level: "other" }, true)).toBe("2026-09-01 07:05:09 authserver: x");
  });
});

it.each([
  [["auth", "world"], { "page.units": "authserver.service\nworldserver.service" }],
  [["backup"], { "page.units": "trinity-backup.service\ntrinity-backup-now.service\ntrinity-backup-drill.service" }],
  [["update"], { "page.units": "trinity-night-build.service\ntrinity-night-live.service\ntrinity-update.service" }],
  [["audit"], { "page.units": "", audit: "yes" }],
  [["alerts"], { "page.units": "", alerts: "yes" }],
] as const)("%j can be asked for", (of, told) => {
  expect(logsAction(load({}), "trinitycore/test", { of, lines: 5, follow: false }).told).toMatchObject(told);
});

it("the journal is asked for the units by either name", () => {
  const { told } = logsAction(load({}), "trinitycore/test", {
    of: ["authserver", "worldserver", "build", "live"],
    lines: 5,
    follow: true,
  });
  expect(told).toMatchObject({
    "page.units": "authserver.service\nworldserver.service\ntrinity-build.service\ntrinity-live.service",
    "own.units": "authserver.service\nworldserver-wotlk.service\ntrinity-build.service\ntrinity-live-wotlk.service",
    lines: 5,
    follow: "yes",
  });
});
