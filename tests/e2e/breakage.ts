import type { Machine } from "../lab/machine";

/** One thing that somebody, or bad luck, did to a converged server, and what the stack has to make of it. */
export interface Breakage {
  readonly name: string;
  /** Done as root on the server. */
  readonly by: string;
  /** The server from outside: the same after the repair as before the breakage, and not the same in between. */
  readonly look: string | ((machine: Machine) => Promise<unknown>);
  /** The preview's warnings, by resource. `{release}` and `{scripts}` stand for what is live. */
  readonly warns: Said;
  /** What it tells besides. What is planned is told of, one way or the other, and nothing else is planned. */
  readonly tells?: Said;
  /** What the repair starts or restarts; every other process stays. */
  readonly starts?: readonly Process[];
}

/** Lines by resource, the first part of whose name ("realm-") is left out. */
export type Said = Readonly<Record<string, readonly string[]>>;
export type Process = "authserver" | "worldserver" | "mariadb";
export const processes: readonly Process[] = ["authserver", "worldserver", "mariadb"];

export const ROOT = "/var/lib/trinity/Projects/trinity-335";
export const sql = (...statements: string[]) => `mariadb -N -B -e ${JSON.stringify(statements.join("; "))}`;
export const drift = (...lines: string[]) => lines.map((line) => `drift: ${line}`);
