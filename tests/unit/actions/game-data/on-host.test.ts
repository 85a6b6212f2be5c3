import { gzipSync } from "node:zlib";
import {
  gameDataAction,
  type OnHost,
  type Place,
  readState,
  refuseFull,
  refuseUnread,
  remaining,
} from "../../../../actions/game-data/on-host";
import { Progress } from "../../../../actions/game-data/progress";
import { receiver, rsyncArgs } from "../../../../actions/game-data/transfer";

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
    const seen = readState(answer("live\t12\t1700000000.9\tmaps/a b.map", "incoming\t3\t5.0\tmaps/c.map"));
    expect(seen).toMatchObject({ against: [], free: 5e9, listed: true });
    expect([...seen.live.values()]).toEqual([{ path: "maps/a b.map", size: 12, mtime: 1700000000 }]);
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
  return { against: [], free: 1e9, live: map(over.live), incoming: map(over.incoming), listed, releases: [] };
};

describe("what is left to send", () => {
  const data = { files: [file("maps/a.map"), file("maps/b.map")], folders: ["maps"] as const };
  it.each<[string, OnHost, object]>([
    ["nothing is there", there({}), { files: 2, bytes: 200, nothing: false }],
    ["all is live", there({ live: [...data.files] }), { files: 0, bytes: 0, nothing: true }],
    ["all is live, but not in the list", there({ live: [...data.files] }, false), { files: 0, nothing: false }],
    ["more is live", there({ live: [...data.files, file("maps/c.map")] }), { files: 0, nothing: false }],
    ["another folder is live", there({ live: [...data.files, file("mmaps/c.mmtile")] }), { nothing: true }],
    ["one is older", there({ live: [file("maps/a.map", 100, 0), file("maps/b.map")] }), { files: 1, bytes: 100 }],
    ["one has arrived", there({ incoming: [file("maps/a.map")] }), { files: 1, bytes: 100, nothing: false }],
    ["one has arrived in part", there({ incoming: [file("maps/a.map", 40, 9)] }), { files: 2, bytes: 160 }],
  ])("%s", (_, host, expected) => {
    expect(remaining(data, host)).toMatchObject(expected);
  });

  it("is refused where there is no room for it", () => {
    const left = { files: 1, bytes: 990_000_000, nothing: false };
    expect(() => refuseFull("h", place, there({}), left)).toThrow(
      /^h has 954 MB free for \/srv\/r\/data\.incoming; the new data needs 1008 MB, .*nothing was changed$/,
    );
    refuseFull("h", place, there({}), { ...left, bytes: 900_000_000 });
    refuseFull("h", place, { ...there({}), free: 0 }, { ...left, bytes: 0 });
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
    const args = rsyncArgs("/my data/", { folders: ["dbc", "maps"] }, place, [
      "/usr/bin/node",
      "/a b/shell.js",
      "/tmp/x",
    ]);
    expect(args.slice(args.indexOf("--rsh"))).toEqual([
      "--rsh",
      '"/usr/bin/node" "/a b/shell.js" "/tmp/x"',
      "/my data/dbc",
      "/my data/maps",
      "host:/srv/r/data.incoming/",
    ]);
    expect(args).toContain("--link-dest=/srv/r/data");
    // A file that is a link to what is live is never written to.
    expect(args.join(" ")).not.toMatch(/--inplace|--append/);
    const shell = (path: string) => rsyncArgs("/d", { folders: ["dbc"] }, place, [path]);
    expect(shell('/it"s')).toContain(`'/it"s'`);
    expect(() => shell(`/"'`)).toThrow("both kinds of quotes");
  });

  it("is received by the service user, in folders of its own, by rsync alone", () => {
    const script = receiver(["host", "rsync", "--server", "-x;y", ".", "/a"], { folders: ["maps"] }, place);
    expect(script).toContain("install -d -m 0755 -o trinity -g games /srv/r/data.incoming/maps");
    expect(script).toMatch(
      /exec flock -w 10 \/run\/trinity-stack\/locks\/game-data runuser -u trinity -- env -i .* rsync --server '-x;y' \. \/a\n$/,
    );
    // What is gathered is not whole any more.
    expect(script).toContain("rm -f /srv/r/data.incoming/waiting");
    expect(() => receiver(["host", "sh", "-c", "x"], { folders: [] }, place)).toThrow("something else: sh");
    expect(() => receiver(["host", "rsync", "x"], { folders: [] }, place)).toThrow("something else");
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
