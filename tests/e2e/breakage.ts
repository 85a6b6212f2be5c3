import type { Machine } from "../lab/machine";

/** One thing that somebody, or bad luck, did to a converged host, and what the stack has to make of it. */
export interface Breakage {
  readonly name: string;
  /** Done as root on the server. */
  readonly by: string;
  /** The host from outside: the same after the repair as before the breakage, and not the same in between. */
  readonly look: string | ((machine: Machine) => Promise<unknown>);
  /**
   * The preview's warnings, by resource. `{release}`, `{scripts}`, `{head}` and `{checkout}` stand for what is live,
   * and what `src` was and is on.
   */
  readonly warns: Said;
  /** What it tells besides. What is planned is told of, one way or the other, and nothing else is planned. */
  readonly tells?: Said;
  /** Steps after which a server is checked, and so planned. */
  readonly checks?: Readonly<Partial<Record<Process, Check>>>;
  /** The worldserver takes over what is repaired while it runs. */
  readonly reloads?: true;
  /** What it tells and plans nothing for. */
  readonly hints?: Said;
  /** What the repair starts or restarts; every other process stays. */
  readonly starts?: readonly Process[];
  /** What is not the stack's: the same after the repair as after the breakage. */
  readonly stays?: string;
  /** No step can repair it, so that somebody does this. */
  readonly remedy?: string;
  /** Further resources that it disturbs. */
  readonly touches?: readonly string[];
  /** In `npm test`: one of each kind, and one at least whose repair starts each server. */
  readonly quick?: true;
}

/** Lines by resource, the first part of whose name ("realm-") is left out. */
export type Said = Readonly<Record<string, readonly string[]>>;
export type Process = "authserver" | "worldserver" | "mariadb";
export const processes: readonly Process[] = ["authserver", "worldserver", "mariadb"];

/** As the program names them. */
const checks = [
  ...["authserver-unit", "worldserver-unit"],
  ...["authserver-config", "worldserver-config", "release", "mariadb", "game-data"],
] as const;
type Check = (typeof checks)[number];

export const ROOT = "/var/lib/trinity/Projects/trinity-335";
export const STATE = "/var/lib/trinity-stack";
export const SCRIPTS = "/usr/local/libexec/trinity-stack";
export const UNITS = "/etc/systemd/system";
export const sql = (...statements: string[]) => `mariadb -N -B -e ${JSON.stringify(statements.join("; "))}`;
export const edit = (file: string, from: string, to: string) => `sed -i 's/${from}/${to}/' ${file}`;
export const drift = (...lines: string[]) => lines.map((line) => `drift: ${line}`);
export const noReceipt = drift("no receipt of it is on the host, though it is as it should be");

export const restartsAuth = "restarts the authserver: logging in pauses for a moment, players stay in the world";
export const restartsWorld = "restarts the worldserver: players are disconnected until it has loaded";
export const reloadsWorld = "reloads the worldserver's settings; players stay online";
export const bothAfter = (step: Check) => ({ authserver: step, worldserver: step });
const effects: Record<string, string> = { authserver: restartsAuth, worldserver: restartsWorld };

/** What these rows have the servers checked for, a line each. */
export function checksOf(rows: readonly Breakage[]): Record<string, string[]> {
  const lines = Object.entries(effects).map(([server, effect]) => {
    const concerned = rows.filter((row) => row.checks?.[server as Process]);
    const after = checks.filter((step) => concerned.some((row) => row.checks?.[server as Process] === step));
    const steps = after.map((step) => `realm-${step}`).join(", ");
    const now = concerned.every(({ reloads }) => reloads) ? reloadsWorld : effect;
    return [server, steps ? [`will be checked after ${steps}; where it must, this ${now}`] : []] as const;
  });
  return Object.fromEntries(lines.filter(([, said]) => said.length > 0));
}

const spoken = ({ warns, tells, hints }: Breakage) => Object.keys({ ...warns, ...tells, ...hints });
const concerned = (row: Breakage) => [...Object.keys({ ...row.checks }), ...(row.touches ?? [])];

/** Two rows that would disturb each other, or speak of the same resource. */
export function clash(one: Breakage, other: Breakage): boolean {
  const disturbed = (a: Breakage, b: Breakage) =>
    [...spoken(a), ...concerned(a)].some((name) => spoken(b).includes(name));
  return disturbed(one, other) || disturbed(other, one);
}

/** Rows that do not clash share a round: one preview, one `up` and one more preview for all of them. */
export function inRounds(rows: readonly Breakage[]): Breakage[][] {
  const rounds: Breakage[][] = [];
  for (const row of rows) {
    const free = rounds.find((round) => !round.some((other) => clash(row, other)));
    if (free) free.push(row);
    else rounds.push([row]);
  }
  return rounds;
}
