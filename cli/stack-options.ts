import type { Settings } from "../settings";

/** Which stack is meant, and where its config is; the engine's own options, of the same names. */
export interface StackOptions {
  readonly stack?: string;
  readonly configFile?: string;
  readonly cwd?: string;
  /** Which realm of the stack; the only one that it has when none is named. */
  readonly realm?: string;
}

/** The same as words of the engine's command line. */
export const engineArgs = ({ stack, configFile, cwd }: StackOptions): string[] => [
  ...(stack === undefined ? [] : ["--stack", stack]),
  ...(configFile === undefined ? [] : ["--config-file", configFile]),
  ...(cwd === undefined ? [] : ["--cwd", cwd]),
];

/** @throws an error where a realm is named that the stack does not have */
export function refuseOtherRealm(
  { realm: named }: StackOptions,
  stack: string,
  { realm }: Pick<Settings, "realm">,
): void {
  if (named === undefined || named === realm.key || named === realm.name) return;
  throw new Error(`stack ${stack} has no realm ${JSON.stringify(named)}; it has ${realm.key} (${realm.name})`);
}
