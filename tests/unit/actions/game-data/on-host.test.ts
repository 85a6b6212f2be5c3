import { gunzipSync, gzipSync } from "node:zlib";
import {
  gameDataAction,
  isListed,
  listOf,
  type OnHost,
  type Place,
  readState,
  refuseFull,
  refuseUnread,
  remaining,
} from "../../../../actions/game-data/on-host";
import { Progress } from "../../../../actions/game-data/progress";
import { archivesFor, receiver, rsyncArgs } from "../../../../actions/game-data/transfer";

const place: Place = {
  data: "/srv/r/data",
  incoming: "/srv/r/data.incoming",
  manifest: "/srv/r/data.manifest",
  user: "trinity",
  group: "games",
  lock: "game-data",
  core: "/srv/r",
};
const listing = (...lines: string[]) => gzipSync(lines.join("\n")).toString("base64");
const answer = (...lines: string[]) => `listed yes\nfree 5000000000\nlisting ${listing(...lines)}\n`;

describe("what the host says", () => {
  it("is read whole or not at all", () => {
    const lines = ["live\t12\t1700000000\tmaps/a b.map", "listed\t1\t2\tdbc/d.dbc", "incoming\t3\t5\tmaps/c.map"];
    const seen = readState(`formats dbc, maps 10, vmaps 4.8\n${answer(...lines)}`);
    expect(seen).toMatchObject({ against: [], free: 5e9, listed: true, versions: { maps: "10", vmaps: "4.8" } });
    expect([...seen.live.values()]).toEqual([
      { path: "maps/a b.map", size: 12, mtime: 1700000000 },
      { path: "dbc/d.dbc", size: 1, mtime: 2 },
    ]);
    expect([...seen.known]).toEqual(["dbc/d.dbc"]);
    expect([isListed(file("dbc/d.dbc", 1, 2), seen), isListed(file("dbc/d.dbc", 1, 3), seen)]).toEqual([true, false]);
    expect([...seen.incoming.values()]).toEqual([{ path: "maps/c.map", size: 3, mtime: 5 }]);
    expect(readState(`against one\nagainst two, and more\n${answer()}`).against).toEqual(["one", "two, and more"]);
    expect(() => readState("listed no\nfree 12\n")).toThrow("was cut off");
  });

  it("is asked in words that count by their place", () => {
    expect(gameDataAction("finish", { ...place, data: "/srv/it's here" }, "3", "12")).toEqual({
      script: "game-data",
      words: [
        ...[
          "finish",
          "/srv/it's here",
          "/srv/r/data.incoming",
          "/srv/r/data.manifest",
          "trinity",
          "game-data",
          "/srv/r",
        ],
        ...["3", "12"],
      ],
      told: {},
    });
  });
});

const file = (path: string, bytes = 100, mtime = 1) => ({ path, size: bytes, mtime });
const there = (over: Partial<Record<"live" | "incoming", ReturnType<typeof file>[]>>, listed = true): OnHost => {
  const map = (files: ReturnType<typeof file>[] = []) => new Map(files.map((each) => [each.path, each]));
  const known = new Set(listed ? over.live?.map(({ path }) => path) : []);
  const files = { live: map(over.live), incoming: map(over.incoming) };
  return { against: [], free: 1e9, ...files, known, versions: {}, listed, releases: [] };
};

describe("what is left to send", () => {
  const data = { files: [file("maps/a.map"), file("maps/b.map")], folders: ["maps"] as const };
  const paths = (files: readonly { path: string }[]) => files.map(({ path }) => path.slice("maps/".length));
  it.each<[string, OnHost, object]>([
    ["nothing is there", there({}), { send: ["a.map", "b.map"], bytes: 200, sums: ["a.map", "b.map"], nothing: false }],
    ["all is live", there({ live: [...data.files] }), { send: [], bytes: 0, sums: [], nothing: true }],
    [
      "all is live, but not in the list",
      there({ live: [...data.files] }, false),
      { send: [], sums: ["a.map", "b.map"], nothing: false },
    ],
    [
      "more is live",
      there({ live: [...data.files, file("maps/c.map")] }),
      { send: [], gone: ["maps/c.map"], nothing: false },
    ],
    ["another folder is live", there({ live: [...data.files, file("mmaps/c.mmtile")] }), { gone: [], nothing: true }],
    [
      "one is older",
      there({ live: [file("maps/a.map", 100, 0), file("maps/b.map")] }),
      { send: ["a.map"], bytes: 100, sums: ["a.map"] },
    ],
    [
      "one has arrived",
      there({ incoming: [file("maps/a.map")] }),
      { send: ["a.map", "b.map"], bytes: 100, nothing: false },
    ],
    ["one has arrived in part", there({ incoming: [file("maps/a.map", 40, 9)] }), { bytes: 160 }],
  ])("%s", (_, host, expected) => {
    const { files, unlisted, ...more } = remaining(data, host);
    expect({ ...more, send: paths(files), sums: paths(unlisted) }).toMatchObject(expected);
  });

  it("is told to the host when it has arrived", () => {
    const told = listOf({ unlisted: [file("maps/a b.map")], gone: ["maps/c.map"] }, new Map([["maps/a b.map", "5a"]]));
    expect(gunzipSync(Buffer.from(told, "base64")).toString()).toBe("100\t1\t5a\tmaps/a b.map\ngone\t\t\tmaps/c.map\n");
  });

  it("is refused where there is no room for it", () => {
    const left = { bytes: 990_000_000 };
    expect(() => refuseFull("h", place, there({}), left)).toThrow(
      /^h has 954 MB free for \/srv\/r\/data\.incoming; the new data needs 1008 MB, .*nothing was changed$/,
    );
    refuseFull("h", place, there({}), { bytes: 900_000_000 });
    refuseFull("h", place, { ...there({}), free: 0 }, { bytes: 0 });
  });
});

describe("the releases' formats", () => {
  const reads = (id: string, maps: string) => ({ id, reads: { maps, vmaps: "4.8" } });
  const data = { versions: { maps: "10", vmaps: "4.8", mmaps: "15" } };
  it("are read from the answer, each release once", () => {
    const lines = ["reads a-1 maps=10 vmaps=4.8", "reads a-1 maps=10 vmaps=4.8", "reads ", "reads b-2 "];
    expect(readState(`${lines.join("\n")}\n${answer()}`).releases).toEqual([
      reads("a-1", "10"),
      { id: "b-2", reads: {} },
    ]);
  });

  it.each([
    ["the live release", [reads("a", "10"), reads("b", "11")]],
    ["the release that is to go live", [reads("a", "9"), reads("b", "10")]],
    ["a release that does not tell", [{ id: "a", reads: {} }]],
    ["no release yet", []],
  ])("let data be sent for %s", (_, releases) => {
    expect(() => refuseUnread("/d", data, { ...there({}), releases })).not.toThrow();
  });

  it("refuse data that neither reads", () => {
    expect(() => refuseUnread("/d", data, { ...there({}), releases: [reads("a", "9"), reads("b", "11")] })).toThrow(
      "/d has maps 10, and releases/a reads maps 9, releases/b reads maps 11; nothing was sent: extract",
    );
  });
});

describe("the transfer", () => {
  it("has no key in its words, and a shell of its own", () => {
    const args = rsyncArgs("/my data/", place, ["sh", "/a b/shell.sh"]);
    expect(args.slice(args.indexOf("--rsh"))).toEqual([
      "--rsh",
      '"sh" "/a b/shell.sh"',
      "/my data/",
      "host:/srv/r/data.incoming/",
    ]);
    expect(args).toContain("--link-dest=/srv/r/data");
    // A file that is a link to what is live is never written to.
    expect(args.join(" ")).not.toMatch(/--inplace|--append/);
    const shell = (path: string) => rsyncArgs("/d", place, [path]);
    expect(shell('/it"s')).toContain(`'/it"s'`);
    expect(() => shell(`/"'`)).toThrow("both kinds of quotes");
  });

  it("is received by the service user, in folders of its own, by rsync alone", () => {
    const script = receiver(["host", "rsync", "--server", "-x;y", ".", "/a"], [file("maps/a.map")], place);
    expect(script).toContain("install -d -m 0755 -o trinity -g games /srv/r/data.incoming/maps");
    expect(script).toMatch(
      /exec flock -w 10 \/run\/trinity-stack\/locks\/game-data runuser -u trinity -- env -i .* rsync --server '-x;y' \. \/a\n$/,
    );
    // What is gathered is not whole any more.
    expect(script).toContain("rm -f /srv/r/data.incoming/waiting");
    expect(() => receiver(["host", "sh", "-c", "x"], [], place)).toThrow("something else: sh");
    expect(() => receiver(["host", "rsync", "x"], [], place)).toThrow("something else");
  });
});

describe("archives", () => {
  const [little, much] = [{ bytes: 1 << 20 }, { bytes: 1 << 30 }];
  it.each([
    ["one on a short way", much, 3, 1],
    ["two on a long way", much, 170, 2],
    ["one where there is little", little, 170, 1],
  ])("are %s", (_, left, beginsWithin, archives) => {
    expect(archivesFor(left, { beginsWithin })).toBe(archives);
  });
});

describe("progress", () => {
  const MB = 2 ** 20;

  it("tells how far it is, how fast lately, and what time is left", () => {
    let now = 0;
    const progress = new Progress(1000 * MB, () => now);
    expect(progress.line()).toBe("0%  0 bytes of 1000 MB  0 bytes/s  waiting");
    for (let second = 1; second <= 20; second++) {
      now = second * 1000;
      progress.add(second <= 10 ? MB : 20 * MB);
    }
    expect(progress.bytes).toBe(210 * MB);
    expect(progress.line()).toBe("21%  210 MB of 1000 MB  20.0 MB/s  40 s left");
    expect(progress.bar(200)).toBe(`[#####...................] ${progress.line()}`);
    const { length } = progress.line();
    expect(progress.bar(length + 13)).toBe(`[##........] ${progress.line()}`);
    expect(progress.bar(length)).toBe(progress.line());
    expect(progress.bar(7)).toBe("21%  21");
    // More goes over the line than the files have bytes.
    progress.add(2000 * MB);
    expect(progress.percent).toBe(99);
  });
});
