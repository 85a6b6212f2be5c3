import { execFileSync } from "node:child_process";
import { join } from "node:path";

const ROOT = join(__dirname, "../..");

/**
 * Runs TypeScript text as a program of its own, in this project's folder.
 * @param columns of the terminal that it gets; without them it gets none
 * @returns what it wrote to standard output
 */
export function runText(text: string, columns?: number): string {
  const program = join(ROOT, "node_modules/.bin/ts-node");
  const [command, args] =
    columns === undefined
      ? [program, ["-e", text]]
      : ["script", ["-qec", `stty cols ${columns}; exec ${program} -e "$TEXT"`, "/dev/null"]];
  return execFileSync(command as string, args as string[], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, TEXT: text },
    stdio: ["ignore", "pipe", "inherit"],
  });
}
