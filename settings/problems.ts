/** Problems with the stack config, which are all reported at once. */
import { Failure } from "../program/failure";
import { fullKey, setCommand } from "./paths";

export interface Problem {
  /** The key's path, without the namespace. */
  readonly key: string;
  /** What is wrong and how to put it right; further lines go below the first. Never holds a secret's value. */
  readonly text: string;
}

export class SettingsError extends Failure {
  constructor(
    readonly problems: readonly Problem[],
    file: string,
  ) {
    super(describe(problems, file));
  }
}

const HOW = `a key is set by its path: ${setCommand("host.address", "wow.example.net")}`;

export function describe(problems: readonly Problem[], file: string): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const names = problems.map(({ key }) => fullKey(key));
  // A very long name must not push all texts to the right.
  const width = Math.min(44, Math.max(...names.map((name) => name.length)));
  const lines = problems.flatMap(({ text }, i) => {
    const [first = "", ...more] = text.split("\n");
    return [`  ${(names[i] ?? "").padEnd(width)}  ${first}`, ...more.map((line) => `${" ".repeat(width + 4)}${line}`)];
  });
  const how = problems.every(({ text }) => text.includes("pulumi config")) ? [] : [HOW];
  return [`${count} in the stack config (${file}); nothing was touched`, ...lines, ...how].join("\n");
}
