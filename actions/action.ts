import { quote } from "../ssh/shell";
import { type BundleFile, unpackAndRun } from "../steps/bundle";

/** What is done on the host when the operator says so: a script of `server/actions`, and what it is told. */
export interface Action {
  readonly script:
    | "account"
    | "alert"
    | "backup"
    | "extract"
    | "extractors"
    | "game-data"
    | "logs"
    | "maintenance"
    | "restore"
    | "rollback"
    | "servers"
    | "status"
    | "update"
    | "world";
  /** Words that count by their place. */
  readonly words?: readonly string[];
  /** `name=value` words, which `server/actions/begin.sh` reads. */
  readonly told: Readonly<Record<string, string | number>>;
}

/** Of the stack's scripts, those that actions are made of. */
export const forActions = (files: readonly BundleFile[]): BundleFile[] =>
  files.filter(({ path }) =>
    /^(actions|extract|lib|run)\/|^units\/extract\.sh$|^kinds\/(accounts|schema|service|timer)(\/|\.sh$)/.test(path),
  );

/**
 * What a bash reads to do it: the line that unpacks as many bytes as the archive has, and runs the script. What comes
 * after the archive is the script's to read.
 */
export function actionLine(action: Action, archive: Buffer): string {
  return unpackAndRun(`actions/${action.script}.sh`, argumentsOf(action), `head -c ${archive.length} | `);
}

/** What the script is called with, as bash reads it. */
export const argumentsOf = ({ words = [], told }: Omit<Action, "script">): string =>
  [...words, ...Object.entries(told).map(([name, value]) => `${name}=${value}`)].map(quote).join(" ");
