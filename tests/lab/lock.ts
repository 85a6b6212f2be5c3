import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Does work that only one process on this machine may do at a time. The lock goes with the process that holds it,
 * however it ends.
 * @param file what is locked; made when it is not there
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn("flock", [file, "sh", "-c", "echo held; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
  const [said] = await Promise.race([once(holder.stdout, "data"), once(holder, "exit").then(() => [undefined])]);
  if (said === undefined) throw new Error(`${file} cannot be locked`);
  try {
    return await work();
  } finally {
    holder.stdin.end();
  }
}
