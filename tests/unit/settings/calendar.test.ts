import { spawnSync } from "node:child_process";
import { scheduleProblem } from "../../../settings/calendar";

const right = [
  ..."minutely hourly daily weekly monthly yearly annually quarterly semiannually Weekly DAILY bi-annually".split(" "),
  "*-*-* 03:00:00",
  "*-*-* 3:0:0",
  "03:00",
  "Mon",
  "Mon,",
  "monday",
  "Mon..Fri 10:00",
  "Mon-Wed",
  "Mon..Wed,Fri,SUN 10:00",
  "Mon *-05~07/1",
  "*-*~1",
  "02~1",
  "2025-05-03",
  "25-05-03",
  "05-03",
  "*-02-30",
  "*-*-01..05,10 1:0",
  "*-*-1..3/2",
  "*-*-13..13/70",
  "*:0/5",
  "*:*:*",
  "0/23:00",
  "10:00:00.5",
  "0:0:0..10/2.5",
  "9:59:59.999999",
  "010:00",
  "@1234",
  "@1234 UTC",
  "10:00 utc",
  "10:00 Europe/Berlin",
  "daily Europe/Berlin",
  "*-*-*  03:00",
];
const wrong: readonly (readonly [string, RegExp])[] = [
  ["", /empty/],
  [" 10:00", /space/],
  ["10:00 ", /space/],
  ["10:00  UTC", /only one space before the time zone/],
  ["dayly", /"dayly" is neither a weekday nor one of/],
  ["3am", /neither a date .* nor a time/],
  ["10", /neither a date .* nor a time/],
  ["UTC", /neither a weekday/],
  ["Foo 10:00", /"Foo" is not a weekday/],
  ["Fri..Mon", /backwards/],
  ["Mon..", /is not a weekday/],
  ["Mon..Wed..Fri", /is not a weekday/],
  ["Mon,,Tue", /is not a weekday/],
  ["Mon,10:00", /is not a weekday/],
  ["Mon, Tue 10:00", /neither a date/],
  ["Mon*-*-*", /is not a weekday/],
  ["*-*-* 24:00", /"24" is not an hour/],
  ["*-*-* 3:60", /"60" is not a minute/],
  ["9:59:60", /"60" is not a second/],
  ["10:", /is not a minute/],
  [":10", /is not an hour/],
  ["10:00:00:00", /is not a time/],
  ["2025-13-01", /"13" is not a month/],
  ["*-*-32", /"32" is not a day/],
  ["*-*~0", /"0" is not a day/],
  ["1969-1-1", /year/],
  ["2200-1-1", /year/],
  ["170-1-1", /year/],
  ["2025~02-1", /neither a date/],
  ["*-*-3..1", /backwards/],
  ["*-*-31/1", /never repeats/],
  ["0/24:00", /never repeats/],
  ["0/0:00", /never repeats/],
  ["*/5:00", /is not an hour/],
  ["*,1:00", /is not an hour/],
  ["1,:00", /is not an hour/],
  ["+1:00", /is not an hour/],
  ["0x1:00", /is not an hour/],
  ["10:00 Europe/Berlim", /"Europe\/Berlim" is not a known time zone/],
  ["10:00 *-*-*", /left over/],
  ["*-*-*T03:00:00", /is not an hour/],
  ["daily 10:00", /"daily" is not a weekday/],
];

it.each(right)("takes %j", (text) => expect(scheduleProblem(text)).toBeUndefined());
it.each(wrong)("refuses %j: %s", (text, says) => expect(scheduleProblem(text)).toMatch(says));

const systemd = (text: string) => spawnSync("systemd-analyze", ["calendar", text], { encoding: "utf8" });
const here = spawnSync("systemd-analyze", ["--version"]).status === 0 ? it : it.skip;

here("agrees with systemd itself", () => {
  const taken = [...right, ...wrong.map(([text]) => text)].filter((text) => systemd(text).status === 0);
  expect(taken).toEqual(right);
});
