/**
 * The calendar syntax of systemd timers (systemd.time(7)), read closely enough to catch a typing mistake before anything runs. The
 * server has the last word: `systemd-analyze calendar` is asked there.
 */
import { show } from "./values";

const shorthands = new Set(
  "minutely hourly daily weekly monthly yearly annually quarterly semiannually semi-annually biannually bi-annually".split(
    " ",
  ),
);
const weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/** What is wrong with a schedule, or undefined when systemd will take it. */
export function scheduleProblem(text: string): string | undefined {
  if (text.trim() === "") return "may not be empty";
  if (text !== text.trim()) return "may not begin or end with a space";
  const words = text.split(/ +/);
  const last = words.at(-1) ?? "";
  if (words.length > 1 && isTimeZone(last)) {
    if (/ {2}[^ ]+$/.test(text)) return "may have only one space before the time zone";
    words.pop();
  } else if (words.length > 1 && /^[A-Za-z]+\/[A-Za-z_/+-]+$/.test(last))
    return `${show(last)} is not a known time zone`;
  const [first = ""] = words;
  if (words.length === 1) {
    if (shorthands.has(first.toLowerCase())) return undefined;
    if (/^@\d+$/.test(first)) return undefined;
  }
  return fields(words);
}

/** The parts must come in this order, each at most once: weekdays, date, time. */
function fields(words: readonly string[]): string | undefined {
  const rest = [...words];
  if (/^[a-z]/i.test(rest[0] ?? "")) {
    const problem = weekdayProblem(rest.shift() ?? "", rest.length === 0);
    if (problem) return problem;
  }
  if (rest[0] !== undefined && !rest[0].includes(":")) {
    const problem = dateProblem(rest.shift() ?? "");
    if (problem) return problem;
  }
  if (rest[0] !== undefined) {
    const problem = timeProblem(rest.shift() ?? "");
    if (problem) return problem;
  }
  return rest.length > 0 ? `does not end where it should: ${show(rest.join(" "))} is left over` : undefined;
}

function weekdayProblem(word: string, alone: boolean): string | undefined {
  // systemd takes one trailing comma.
  for (const part of word.replace(/,$/, "").split(",")) {
    const ends = part.split(/\.\.|-/);
    const days = ends.map((name) => weekdayNumber(name));
    const unknown = ends.find((_, i) => days[i] === -1);
    if (unknown !== undefined || ends.length > 2) {
      return alone && !word.includes(",") && ends.length === 1
        ? `${show(unknown ?? part)} is neither a weekday nor one of ${[...shorthands].slice(0, 8).join(", ")}`
        : `${show(unknown ?? part)} is not a weekday`;
    }
    if (days.length === 2 && (days[0] ?? 0) > (days[1] ?? 0))
      return `${show(part)} runs backwards (a week is Mon..Sun)`;
  }
  return undefined;
}

const weekdayNumber = (name: string): number =>
  weekdays.findIndex((day) => [day, day.slice(0, 3)].includes(name.toLowerCase()));

/** `year-month-day` or `month-day`; a `~` before the day counts from the end of the month. */
function dateProblem(word: string): string | undefined {
  const parts = /^(?:([^-~]+)-)?([^-~]+)[-~]([^-~]+)$/.exec(word);
  if (!parts) return `${show(word)} is neither a date (year-month-day) nor a time (hour:minute)`;
  const [, year, month = "", day = ""] = parts;
  return (
    (year === undefined ? undefined : listProblem("year", year, 1970, 2199)) ??
    listProblem("month", month, 1, 12) ??
    listProblem("day", day, 1, 31)
  );
}

function timeProblem(word: string): string | undefined {
  const [hour = "", minute = "", second = "0", ...more] = word.split(":");
  if (more.length > 0) return `${show(word)} is not a time (hour:minute:second)`;
  return (
    listProblem("hour", hour, 0, 23) ??
    listProblem("minute", minute, 0, 59) ??
    listProblem("second", second, 0, 59.999999)
  );
}

/** One field: `*`, or a list of `n`, `n..m`, `n/step`, `n..m/step`. */
function listProblem(field: string, text: string, min: number, max: number): string | undefined {
  if (text === "*") return undefined;
  const one = field === "hour" ? "an hour" : `a ${field}`;
  const number = field === "second" ? "\\d+(?:\\.\\d+)?" : "\\d+";
  const shape = new RegExp(`^(${number})(?:\\.\\.(${number}))?(?:/(${number}))?$`);
  for (const item of text.split(",")) {
    const parts = shape.exec(item);
    if (!parts) return `${show(item)} is not ${one}`;
    const [start, end, step] = parts
      .slice(1)
      .map((digits) => (digits === undefined ? undefined : plain(field, digits)));
    if (start === undefined || start < min || start > max || (end !== undefined && end > max)) {
      return `${show(item)} is not ${one} (${min} to ${Math.floor(max)})`;
    }
    if (end !== undefined && end < start) return `${show(item)} runs backwards`;
    if (step !== undefined && start !== end && (step === 0 || step > max - start))
      return `${show(item)} never repeats: no ${field} follows`;
  }
  return undefined;
}

/** systemd reads two-digit years, and keeps microseconds. */
function plain(field: string, digits: string): number {
  const number = Number(digits);
  if (field === "year" && number < 70) return number + 2000;
  if (field === "year" && number < 100) return number + 1900;
  return field === "second" ? Math.round(number * 1e6) / 1e6 : number;
}

function isTimeZone(name: string): boolean {
  if (name.toLowerCase() === "utc") return true;
  if (!/^[A-Za-z]/.test(name) || weekdayNumber(name) !== -1) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
