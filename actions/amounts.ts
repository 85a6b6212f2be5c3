/** Amounts in words for people. */

/** As the host's own tools count. */
const UNIT = 1024;

/** "47 bytes", "1.2 GB": in the units of `ls -h` and `df -h`. */
export function size(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let [value, power] = [bytes, 0];
  // What would be rounded to 1024 of a unit is 1.0 of the next.
  for (; value >= UNIT - 0.5 && power < units.length - 1; power++) value /= UNIT;
  return `${power > 0 && value < 99.95 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}

/** Of what the host tells in MB. */
export const sizeOfMB = (megabytes: number): string => size(megabytes * UNIT ** 2);

/** "3 files, 1.2 GB" */
export const amount = (files: number, bytes: number): string =>
  `${files} file${files === 1 ? "" : "s"}, ${size(bytes)}`;

/** "3 d 4 h", "5 min", "12 s": the two largest parts of the seconds, which are rounded up. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}`)
    .join(" ");
}
