/** The stack config as one typed object: `settingsFromPulumi()` in the program, `loadSettings()` anywhere else. */
import { accessSync, constants, statSync } from "node:fs";
import { basename } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { loadSettings } from "./load";
import type { Settings } from "./schema";
import { stackFile, writtenConfig } from "./stack-file";

export { type ConfigSource, loadSettings } from "./load";
export { type Problem, SettingsError } from "./problems";
export type { AccountSettings, CoreSettings, HostSettings, LoginSettings, RealmSettings, Settings } from "./schema";
export type { Secret, ServerSettings } from "./values";

export function settingsFromPulumi(): Settings {
  const file = stackFile(pulumi.getStack());
  return loadSettings({
    values: pulumi.runtime.allConfig(),
    secretKeys: new Set(secretKeys()),
    file: basename(file),
    written: writtenConfig(file),
    exists: isReadableFile,
  });
}

/** The SDK does not declare this function, though its own Config class uses it. */
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
