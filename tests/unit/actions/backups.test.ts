import { createHash } from "node:crypto";
import { ownSum, pullArgs, sender } from "../../../actions/backup-pull";
import { backupAction, backupsIn, chosenBackup, filesIn, listInWords } from "../../../actions/backups";
import { load } from "../settings/source";

const [older, newer] = ["2026-11-25T034000Z", "2026-11-26T034000Z"];
const said = [
  `backup\t${older}\t1234567\tauth,characters\t4f1c2ab90d3e-1a2b3c4d\t`,
  `backup\t${newer}\t250000000\tworld\t\tbefore releases/91be03c77aa1-1a2b3c4d`,
  `tried\t${older}\t1795667400`,
  "tried\t2026-11-01T034000Z\t1795000000",
  "end",
].join("\n");

describe("the list of backups", () => {
  it("has the newest first, with what is known of each", () => {
    expect(backupsIn(said)).toEqual([
      {
        name: newer,
        time: new Date("2026-11-26T03:40:00Z"),
        bytes: 250000000,
        roles: ["world"],
        note: "before releases/91be03c77aa1-1a2b3c4d",
      },
      {
        name: older,
        time: new Date("2026-11-25T03:40:00Z"),
        bytes: 1234567,
        roles: ["auth", "characters"],
        release: "4f1c2ab90d3e-1a2b3c4d",
        tried: new Date(1795667400_000),
      },
    ]);
  });

  it("is told in lines", () => {
    expect(listInWords(backupsIn(said), new Date("2026-11-26T10:52:00Z"))).toBe(
      [
        "backup              age             size    of               release                note",
        "2026-11-26T034000Z  7 h 12 min old  250 MB  world                                   before releases/91be03c77aa1-1a2b3c4d",
        "2026-11-25T034000Z  1 d 7 h old     1.2 MB  auth characters  4f1c2ab90d3e-1a2b3c4d  tried, and whole",
      ].join("\n"),
    );
    expect(listInWords([], new Date())).toMatch(/^there is no backup yet; /);
  });

  it("that was cut off is refused", () => {
    for (const read of [backupsIn, filesIn]) expect(() => read(said.replace("\nend", ""))).toThrow(/cut off/);
  });

  it.each([
    [undefined, newer],
    [older, older],
    ["2026-11-25", older],
  ])("%s means %s", (which, name) => expect(chosenBackup(backupsIn(said), which).name).toBe(name));

  it.each([
    ["2026-11", /^more than one backup begins with 2026-11:\n {2}2026-11-26T034000Z\n {2}2026-11-25T034000Z$/],
    ["1", /^no backup begins with 1:\n {2}2026-11-26T034000Z\n/],
  ])("%s means none", (which, words) => expect(() => chosenBackup(backupsIn(said), which)).toThrow(words));

  it("without one says how to make it", () => {
    expect(() => chosenBackup([])).toThrow("there is no backup yet; `npm run realm -- backup` makes one");
  });
});

it("a host is told whose backups they are to be, and where trials are noted", () => {
  expect(backupAction(load({}), "trinitycore/prod", "files", newer)).toEqual({
    script: "backup",
    told: { stack: "trinitycore/prod", verb: "files", tried: "/var/lib/trinity-backup-drill", name: newer },
  });
});

describe("a backup that is brought here", () => {
  const sum = "0".repeat(64);
  const files = filesIn(`file\tmanifest\t812\t\nfile\tauthserver.sql.zst\t99\t${sum}\nend`);

  it("is of the files that its manifest names", () => {
    expect(files).toEqual([
      { name: "manifest", bytes: 812 },
      { name: "authserver.sql.zst", bytes: 99, sum },
    ]);
    const args = pullArgs("/var/backups/trinity/x", files, "/tmp/my backups", ["node", "way"]);
    expect(args.slice(-3)).toEqual([
      "host:/var/backups/trinity/x/manifest",
      ":/var/backups/trinity/x/authserver.sql.zst",
      "/tmp/my backups/",
    ]);
    expect(args).toEqual(expect.arrayContaining(["--append-verify", "--chmod=F600"]));
  });

  it.each(["../x", "a/b", ".ssh", "", "-e"])("is none with a file %j", (name) => {
    expect(() => filesIn(`file\t${name}\t1\t${sum}\nend`)).toThrow(/names a file elsewhere/);
  });

  it("is sent by the backups' user, whatever rsync's words are", () => {
    expect(sender(["host", "rsync", "--server", "--sender", "-x;y", ".", "/a b"], "trinity-backup")).toBe(
      "exec runuser -u trinity-backup -- env -i PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 " +
        "rsync --server --sender '-x;y' . '/a b'\n",
    );
    for (const words of [
      ["host", "sh", "-c", "x"],
      ["host", "rsync", "--server", "-x"],
    ])
      expect(() => sender(words, "trinity-backup")).toThrow("something else");
  });

  it("has a manifest that says what it is itself", () => {
    const text = "format\t1\nmade\tx\n";
    const own = createHash("sha256").update(text).digest("hex");
    expect(ownSum(`${text}sum\t${own}\n`)).toEqual({ text, sum: own });
    for (const cut of [text, `${text}sum\t${own.slice(1)}\n`, `${text}sum\t${own}`])
      expect(ownSum(cut)).toBeUndefined();
  });
});
