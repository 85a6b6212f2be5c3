import { amount, duration, size, sizeOfMB } from "../../../actions/amounts";

it.each([
  [0, "0 s"],
  [0.2, "1 s"],
  [59, "59 s"],
  [60, "1 min"],
  [61, "1 min 1 s"],
  [3661, "1 h 1 min"],
  [86_400, "1 d"],
  [90_061, "1 d 1 h"],
])("%d seconds are %s", (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

it.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_024, "1.0 kB"],
  [99.9 * 1024, "99.9 kB"],
  [100.4 * 1024, "100 kB"],
  [2 ** 20 - 1, "1.0 MB"],
  [3.6 * 2 ** 30, "3.6 GB"],
  [5_000 * 2 ** 40, "5000 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(size(bytes)).toBe(text);
});

it("are told of the host's MB, and of files, in the same units", () => {
  expect([sizeOfMB(512), sizeOfMB(8192)]).toEqual(["512 MB", "8.0 GB"]);
  expect([amount(1, 10), amount(3, 2048)]).toEqual(["1 file, 10 bytes", "3 files, 2.0 kB"]);
});
