import { readLook } from "../../../../actions/client/look";
import { doneLine, StageProgress, said } from "../../../../actions/client/stages";

describe("what the stages say", () => {
  it.each([
    ["stage maps", { word: "stage", stage: "maps" }],
    [
      "at mmaps 45 1203 1200000000 90",
      { word: "at", stage: "mmaps", percent: 45, files: 1203, bytes: 1.2e9, seconds: 90 },
    ],
    ["at mmaps 100 2 3 4", { word: "at", stage: "mmaps", percent: 99, files: 2, bytes: 3, seconds: 4 }],
    ["done vmaps 12 448", { word: "done", stage: "vmaps", files: 12, bytes: 448 }],
    ["note 2 of 3", { word: "note", text: "2 of 3" }],
    ["stage other", undefined],
    ["joining the job", undefined],
    ["", undefined],
  ])("%j", (line, expected) => {
    expect(said(line)).toEqual(expected);
  });

  it("is told with a rate of the last seconds, and the time that is left at the pace since it was begun", () => {
    const progress = new StageProgress("mmaps");
    progress.at({ percent: 40, files: 1, bytes: 2 ** 20, seconds: 0 });
    expect(progress.line()).toBe("mmaps  40%  1 file, 1.0 MB  0 bytes/s  time left not known yet");
    // What a resumed run passes over at once is not its pace.
    progress.at({ percent: 50, files: 1203, bytes: 31 * 2 ** 20, seconds: 10 });
    expect(progress.line()).toBe("mmaps  50%  1203 files, 31.0 MB  3.0 MB/s  50 s left");
    expect(progress.bar(80)).toMatch(/^\[#{12}\.{12}\] mmaps {2}50%.* left$/);
    expect(progress.bar(70)).toMatch(/^\[#+\.+\] mmaps {2}50%.* left$/);
    expect(progress.bar(56)).toBe(progress.line());
    expect(progress.bar(20)).toBe("mmaps  50%  1203 fil");
  });

  it("is told when a stage is whole", () => {
    expect(doneLine({ stage: "maps", files: 1, bytes: 10 })).toBe(
      "dbc, maps and Cameras (mapextractor): 1 file, 10 bytes",
    );
  });
});

it("reads what a client is", () => {
  const answer =
    "build 12340\nnote there is a patch-4\nlocales enGB deDE\nbytes 16000\nwrong it is cut off\nwrong another\n";
  expect(readLook(answer)).toEqual({
    build: "12340",
    locales: ["enGB", "deDE"],
    bytes: 16000,
    notes: ["there is a patch-4"],
    wrong: ["it is cut off", "another"],
  });
  expect(readLook("wrong /x is no folder\n")).toEqual({
    build: undefined,
    locales: [],
    bytes: 0,
    notes: [],
    wrong: ["/x is no folder"],
  });
});
