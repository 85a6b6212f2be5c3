/** The stack file: only there it can be seen which values of a map are encrypted. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { engineCommand, optionOf } from "../program/engine-command";

/** The file that the engine reads the config from: that of the stack, or the one it was told. */
export function stackFile(stack: string, command = engineCommand(), env: NodeJS.ProcessEnv = process.env): string {
  const told = optionOf(command?.args ?? [], "--config-file") ?? env.PULUMI_OPTION_CONFIG_FILE;
  return told ? resolve(command?.cwd ?? ".", told) : `Pulumi.${stack}.yaml`;
}

/** Its config, keys with their namespace; undefined when there is no such file, or none that can be read. */
export function writtenConfig(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    // The SDK has loaded it already, which the other library for YAML would add a tenth of a second to.
    const { CORE_SCHEMA, load }: typeof import("js-yaml") = require("js-yaml");
    const { config } = load(readFileSync(file, "utf8"), { schema: CORE_SCHEMA }) as { config?: unknown };
    return config instanceof Object && !Array.isArray(config) ? (config as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
