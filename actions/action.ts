import { quote } from "../ssh/shell";
import { type BundleFile, unpackAndRun } from "../steps/bundle";

/** What is done on the host when the operator says so: a script of `server/actions`, and what it is told. */
export interface Action {
  readonly script: "account" | "logs" | "maintenance" | "servers" | "status" | "world";
  readonly told: Readonly<Record<string, string | number>>;
}

/** Of the stack's scripts, those that actions are made of. */
export const forActions = (files: readonly BundleFile[]): BundleFile[] =>
  files.filter(({ path }) => /^(actions|lib|run)\/|^kinds\/(accounts|service)(\/|\.sh$)/.test(path));

/**
 * What a bash reads to do it: the line that unpacks as many bytes as the archive has, and runs the script. What comes
 * after the archive is the script's to read.
 */
export function actionLine({ script, told }: Action, archive: Buffer): string {
  const words = Object.entries(told).map(([name, value]) => quote(`${name}=${value}`));
  return unpackAndRun(`actions/${script}.sh`, words.join(" "), `head -c ${archive.length} | `);
}
