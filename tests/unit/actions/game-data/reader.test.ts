import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Readable, Writable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setTimeout } from "node:timers/promises";
import { listFiles } from "../../../../actions/game-data/folder";
import { type Reading, startReading } from "../../../../actions/game-data/reader";

describe("reading files once", () => {
  const folder = mkdtempSync(join(tmpdir(), "read-"));
  const unpacked = join(folder, "unpacked");
  const LARGE = 3_000_001;
  const large = { path: "maps/large.map", size: LARGE, mtime: 0 };
  /** Its only archive. */
  const theOne = ({ archives }: Reading) => archives[0] as Readable;
  /** The sums that another program makes. */
  const printed = (at: string, paths: readonly string[]) =>
    execFileSync("sha256sum", paths, { cwd: at, encoding: "utf8" });

  beforeAll(() => {
    execFileSync("tests/lab/core/make-data.sh", [folder]);
    writeFileSync(join(folder, "maps/large.map"), Buffer.alloc(LARGE, "MAPS"));
    writeFileSync(join(folder, "maps/empty.map"), "");
    // The archive's plain header has no room for such names.
    writeFileSync(join(folder, `maps/${"long".repeat(40)}.map`), "long", { mode: 0o600 });
    writeFileSync(join(folder, "maps/größer.map"), "ö");
    mkdirSync(unpacked);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("makes an archive that tar unpacks to the same files, and their sums on the way", async () => {
    const files = listFiles(folder);
    const summed = files.filter(({ path }) => path.startsWith("dbc/"));
    const packed = files.filter((file) => !summed.includes(file));
    let heard = 0;
    const reading = startReading(folder, { summed, packed }, (bytes) => {
      heard += bytes;
    });
    const archive = await buffer(theOne(reading));
    expect(heard).toBe(archive.length);
    execFileSync("tar", ["--extract", "--directory", unpacked], { input: archive });
    const paths = packed.map(({ path }) => path);
    expect(listFiles(unpacked)).toEqual(packed);
    const sums = [...(await reading.sums)].map(([path, sum]) => `${sum}  ${path}\n`).join("");
    expect(sums).toBe(
      printed(
        folder,
        [...summed, ...packed].map(({ path }) => path),
      ),
    );
    expect(printed(unpacked, paths)).toEqual(printed(folder, paths));
    expect(execFileSync("find", [unpacked, "-type", "f", "!", "-perm", "644"], { encoding: "utf8" })).toBe("");
  });

  it("makes several archives, with each file in one of them, however fast each is taken", async () => {
    const files = listFiles(folder).filter(({ path }) => !path.startsWith("unpacked/"));
    const [summed, packed] = [files.slice(0, 4), files.slice(4)];
    const { archives, sums } = startReading(folder, { summed, packed, archives: 3 });
    const taken = await Promise.all(archives.map(buffer));
    const inside = taken.map((input) =>
      execFileSync("tar", ["--list", "--quoting-style=literal"], { input, encoding: "utf8" })
        .split("\n")
        .filter(Boolean),
    );
    expect(inside.flat().sort()).toEqual(packed.map(({ path }) => path).sort());
    expect([...(await sums).keys()].sort()).toEqual(files.map(({ path }) => path).sort());
    // An archive that nobody takes holds back only what its thread has read ahead.
    const slow = startReading(folder, { packed, archives: 2 });
    const [first, second] = slow.archives as [Readable, Readable];
    expect((await buffer(first)).length).toBeGreaterThan(0);
    second.resume();
    expect((await slow.sums).size).toBe(packed.length);
  });

  it("fails where one of several archives cannot be read", async () => {
    const none = Array.from({ length: 4 }, (_, n) => ({ path: `none${n}`, size: 0, mtime: 0 }));
    const reading = startReading(folder, { packed: none, archives: 2 });
    await expect(Promise.all(reading.archives.map(buffer))).rejects.toThrow("ENOENT");
    await expect(reading.sums).rejects.toThrow("ENOENT");
  });

  it("reads little further than it is taken, as a connection may be slow", async () => {
    const at = mkdtempSync(join(tmpdir(), "read-"));
    const MANY = 60;
    try {
      mkdirSync(join(at, "maps"));
      for (let n = 10; n < 10 + MANY; n++) writeFileSync(join(at, `maps/${n}.map`), Buffer.alloc(1 << 20, n));
      const reading = startReading(at, { packed: listFiles(at) });
      const parts = theOne(reading)[Symbol.asyncIterator]();
      expect((await parts.next()).done).toBe(false);
      const hasRead = () => Number(/^rchar: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
      for (let was = 0, now = hasRead(); now - was > 1 << 20; was = now, now = hasRead()) await setTimeout(100);
      // A file that was read by now would not be missed.
      rmSync(join(at, `maps/${10 + MANY / 2}.map`));
      const rest = async () => {
        while (!(await parts.next()).done);
      };
      await expect(rest()).rejects.toThrow("ENOENT");
    } finally {
      rmSync(at, { recursive: true });
    }
  });

  it("hands on all of it, also where the last of it is taken long after it was read", async () => {
    const reading = startReading(folder, { packed: [large] });
    await reading.sums;
    // The thread that read it has nothing left to do by now, and ends.
    await setTimeout(300);
    const archive = await buffer(theOne(reading));
    expect(execFileSync("tar", ["--list"], { input: archive, encoding: "utf8" })).toBe("maps/large.map\n");
    expect(archive.length).toBeGreaterThan(LARGE);
  });

  it.each([
    ["is not there", [{ path: "none", size: 0, mtime: 0 }], /cannot be read whole: ENOENT.*none/],
    ["has grown", [{ path: "maps/large.map", size: LARGE - 1, mtime: 0 }], /read whole: maps\/large\.map changed/],
    ["has shrunk", [{ path: "maps/empty.map", size: 1, mtime: 0 }], /read whole: maps\/empty\.map changed/],
  ])("says which file %s", async (_, files, wrong) => {
    await expect(startReading(folder, { summed: files }).sums).rejects.toThrow(wrong);
    const reading = startReading(folder, { packed: files });
    await expect(buffer(theOne(reading))).rejects.toThrow(wrong);
    await expect(reading.sums).rejects.toThrow(wrong);
  });

  it("ends where what takes the archive ends before it, as a host does whose disk is full", async () => {
    const reading = startReading(folder, { packed: Array.from({ length: 20 }, () => large) });
    const takesLittle = async (parts: AsyncIterable<Buffer>) => {
      for await (const part of parts) throw new Error(`${part.length > 0} is enough`);
    };
    await expect(pipeline(theOne(reading), takesLittle)).rejects.toThrow("true is enough");
    await expect(reading.sums).rejects.toThrow("were not made");
    const stuck = startReading(folder, { packed: Array.from({ length: 20 }, () => large) });
    let began: () => void = () => {};
    const taken = new Promise<void>((done) => {
      began = done;
    });
    const closed = new Writable({ write: () => began() });
    const sent = pipeline(theOne(stuck), closed);
    await taken;
    closed.emit("close");
    await expect(sent).rejects.toThrow("Premature close");
  });

  it("can be stopped", async () => {
    const reading = startReading(folder, { summed: listFiles(folder) });
    reading.stop();
    await expect(reading.sums).rejects.toThrow("were not made");
  });
});
