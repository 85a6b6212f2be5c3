import { readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

export interface EngineCommand {
  readonly args: readonly string[];
  /** The folder that the engine works in, `--cwd` considered. */
  readonly cwd: string;
}

/** How the engine was called, read from its command line in /proc. @returns undefined where there is no /proc */
export function engineCommand(
  pid = process.ppid,
  read = (file: string) => readFileSync(file, "utf8"),
  folder = (link: string) => readlinkSync(link),
): EngineCommand | undefined {
  try {
    for (let at = pid; at > 1; at = Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${at}/status`))?.[1])) {
      const [program = "", ...args] = read(`/proc/${at}/cmdline`).split("\0");
      if (basename(program) === "pulumi") return { args, cwd: folder(`/proc/${at}/cwd`) };
    }
  } catch {
    // There is no /proc, or the engine's process may not be read.
  }
  return undefined;
}

/** The value of an option such as `--config-file`, in either way of writing it; the last one counts. */
export function optionOf(args: readonly string[], name: string): string | undefined {
  const values = args.flatMap((arg, i) => {
    if (arg === name) return [args[i + 1] ?? ""];
    return arg.startsWith(`${name}=`) ? [arg.slice(name.length + 1)] : [];
  });
  return values.at(-1);
}
