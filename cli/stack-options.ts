/** Which stack is meant, and where its config is; the engine's own options, of the same names. */
export interface StackOptions {
  readonly stack?: string;
  readonly configFile?: string;
  readonly cwd?: string;
}

/** The same as words of the engine's command line. */
export const engineArgs = ({ stack, configFile, cwd }: StackOptions): string[] => [
  ...(stack === undefined ? [] : ["--stack", stack]),
  ...(configFile === undefined ? [] : ["--config-file", configFile]),
  ...(cwd === undefined ? [] : ["--cwd", cwd]),
];
