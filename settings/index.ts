/** The stack config as one typed object: `settingsFromPulumi()` in the program, `loadSettings()` anywhere else. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { loadSettings } from "./load";
import type { Settings } from "./schema";

export { type ConfigSource, loadSettings } from "./load";
export { type Problem, SettingsError } from "./problems";
export type { CoreSettings, HostSettings, LoginSettings, RealmSettings, Settings } from "./schema";
export type { Secret, ServerSettings } from "./values";

export function settingsFromPulumi(): Settings {
  const stack = pulumi.getStack();
  return loadSettings({
    values: pulumi.runtime.allConfig(),
    secretKeys: new Set(secretKeys()),
    stack,
    exists: isReadableFile,
    plainMap: (key) => plainMap(`Pulumi.${stack}.yaml`, key),
  });
}

/** The SDK keeps this list to itself; it is what its own Config class asks. */
function secretKeys(): readonly string[] {
  return Object.keys(pulumi.runtime.allConfig()).filter((key) =>
    (pulumi.runtime as unknown as { isConfigSecret(key: string): boolean }).isConfigSecret(key),
  );
}

export function isReadableFile(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Read only for a map with encrypted entries: which of them are in clear, the engine does not say. */
export function plainMap(stackFile: string, key: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const yaml: typeof import("yaml") = require("yaml");
    const file = yaml.parse(readFileSync(stackFile, "utf8")) as { config?: Record<string, unknown> } | undefined;
    const map = file?.config?.[key];
    return map instanceof Object && !Array.isArray(map) ? (map as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
