import {
  ago,
  backupsIn,
  chosenBackup,
  dumpIn,
  fromBackup,
  fromDumps,
  losses,
  pulledBackup,
  table,
  wantedRoles,
} from "../../../actions/restore";
import { load } from "../settings/source";

const settings = load({});
const said = [
  "open\tthe restore of auth from a dump",
  "backup\t2026-11-26T034000Z\t4f1c2ab90d3e-12345678\t\tauth:1200000,characters:214000000",
  "backup\t2026-11-25T025912Z\t91be03c77aa1-12345678\tbefore restore\tcharacters:213000000",
  "end",
].join("\n");
const { backups, open } = backupsIn(said);
const [newest, older] = backups as [(typeof backups)[number], (typeof backups)[number]];

describe("a restore", () => {
  it("reads the host's backups", () => {
    expect(open).toBe("the restore of auth from a dump");
    expect(newest).toEqual({
      name: "2026-11-26T034000Z",
      made: new Date("2026-11-26T03:40:00Z"),
      release: "4f1c2ab90d3e-12345678",
      note: "",
      sizes: { auth: 1_200_000, characters: 214_000_000 },
    });
    expect(() => backupsIn(said.replace("\nend", ""))).toThrow("did not arrive whole");
  });

  it("shows them as a table", () => {
    const lines = table(backups, new Date("2026-11-26T11:52:00Z")).split("\n");
    expect(lines[0]).toMatch(/^# {3}when +age +release +auth +characters +world +note$/);
    expect(lines[1]).toMatch(/^1 .* 8 h 12 min +4f1c2ab90d3e +1\.1 MB +204 MB +- +newest$/);
    expect(lines[2]).toMatch(/^2 .* 1 d 8 h +91be03c77aa1 +- +203 MB +- +before restore$/);
  });

  it.each([
    ["newest", "2026-11-26T034000Z"],
    ["1", "2026-11-26T034000Z"],
    ["2", "2026-11-25T025912Z"],
    ["2026-11-25T025912Z", "2026-11-25T025912Z"],
  ])("knows which backup %s is", (which, name) => expect(chosenBackup(backups, which).name).toBe(name));

  it.each(["3", "0", "-1", "1.0", "yesterday", ""])("knows no backup %j", (which) =>
    expect(() => chosenBackup(backups, which)).toThrow(`there is no backup ${JSON.stringify(which)}`),
  );
  it("says where there is none", () => expect(() => chosenBackup([], "newest")).toThrow("no backup on the host yet"));

  it("takes what is wanted of a backup", () => {
    expect(wantedRoles(newest, [])).toEqual(["auth", "characters"]);
    expect(wantedRoles(newest, ["characters"])).toEqual(["characters"]);
    expect(() => wantedRoles(older, ["auth"])).toThrow("the backup 2026-11-25T025912Z has no auth in it");
  });

  it.each([
    [0, "0 min"],
    [59 * 60, "59 min"],
    [3600, "1 h 0 min"],
    [86_400 * 3 + 3600 * 5, "3 d 5 h"],
    [-90, "0 min"],
  ])("says how long ago %i seconds are", (seconds, words) => {
    const now = new Date("2026-11-26T12:00:00Z");
    expect(ago(new Date(now.getTime() - seconds * 1000), now)).toBe(words);
  });

  it("names what will be lost", () => {
    const now = new Date("2026-11-26T04:00:00Z");
    const text = losses(settings, ["auth", "characters"], newest.made, now);
    expect(text).toContain(
      "This replaces auth and characters as they are now".replace("auth", settings.login.database.name),
    );
    expect(text).toMatch(/Players lose what they did since .* \(20 min\)\.$/);
    expect(losses(settings, ["auth"], undefined, now)).toContain("since the dump was made");
  });

  it("reads what a dump is of", () => {
    expect(dumpIn("dump\t/x/1-a.sql\tcharacters\t2026-11-26  3:40:00")).toEqual({
      file: "/x/1-a.sql",
      role: "characters",
      made: "2026-11-26  3:40:00",
    });
    expect(() => dumpIn("dump\t/x\tnonsense\t")).toThrow("was not said");
  });

  const manifest = (first: string) =>
    [
      first,
      "release\tabc",
      "note\tby hand",
      "file\tc.sql.zst\t5\taa\t9",
      "file\tmaster-secrets\t7\tbb\t7",
      "file\t../../etc/x\t7\tbb\t7",
      "database\tc\tcharacters\tutf8mb4\tutf8mb4_unicode_ci\t",
    ].join("\n");
  it("reads a backup on this machine, and no file outside of its folder", () => {
    const { backup, files } = pulledBackup("2026-11-26T034000Z", manifest("format\t1"));
    expect(backup).toMatchObject({ release: "abc", note: "by hand", sizes: { characters: 5 } });
    expect(files).toEqual(["manifest", "c.sql.zst", "master-secrets", "x"]);
  });
  it.each([
    ["a folder with another name", "mine", "format\t1"],
    ["something else", "2026-11-26T034000Z", "hello"],
  ])("takes no %s for a backup", (_, name, first) =>
    expect(() => pulledBackup(name, manifest(first))).toThrow(`${name} is no backup`),
  );

  it("tells the host what to do, by either name of the realm's", () => {
    expect(fromBackup(settings, "p/s", newest, ["auth"]).told).toMatchObject({
      stack: "p/s",
      verb: "begin",
      from: "2026-11-26T034000Z",
      only: "auth",
      sent: "",
      "page.schema": "schema",
      "own.schema": "schema-wotlk",
    });
    const dumps = [{ file: "/x/1-a.sql", role: "auth", made: "" } as const];
    expect(fromDumps(settings, "p/s", dumps).told).toMatchObject({
      what: "the restore of auth from a dump",
      parts: "auth /x/1-a.sql",
    });
  });
});
