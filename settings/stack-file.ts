/** Reads the stack file, because only it tells which values of a map are encrypted. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { engineCommand, optionOf } from "../program/engine-command";
import { isMap } from "./values";

/** The file from which the engine reads the config: the stack's own, or that of `--config-file`. */
export function stackFile(stack: string, command = engineCommand(), env: NodeJS.ProcessEnv = process.env): string {
  const told = optionOf(command?.args ?? [], "--config-file") ?? env.PULUMI_OPTION_CONFIG_FILE;
  return told ? resolve(command?.cwd ?? ".", told) : `Pulumi.${stack}.yaml`;
}

/** The file's config, its keys with the namespace; undefined when the file cannot be read. */
export function writtenConfig(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    // The SDK has loaded this library already; loading `yaml` would take a tenth of a second more.
    const { CORE_SCHEMA, load }: typeof import("js-yaml") = require("js-yaml");
    const { config } = load(readFileSync(file, "utf8"), { schema: CORE_SCHEMA }) as { config?: unknown };
    return isMap(config) ? config : undefined;
  } catch {
    return undefined;
  }
}
