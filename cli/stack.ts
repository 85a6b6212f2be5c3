import { execFileSync } from "node:child_process";
import { basename } from "node:path";
import { optionOf } from "../program/engine-command";
import { type ConfigSource, isReadableFile } from "../settings";
import { stackFile, writtenConfig } from "../settings/stack-file";

/** A stack's config: full keys with their text in clear, and those that are secret or have a secret part. */
export type StackValues = Pick<ConfigSource, "values" | "secretKeys">;

/** Reads what `pulumi config --json --show-secrets` prints. */
export function stackValues(printed: string): StackValues {
  const keys = Object.entries(
    JSON.parse(printed) as Readonly<Record<string, { readonly value?: string; readonly secret: boolean }>>,
  );
  return {
    values: Object.fromEntries(keys.map(([key, { value = "" }]) => [key, value])),
    secretKeys: new Set(keys.filter(([, { secret }]) => secret).map(([key]) => key)),
  };
}

const engine = (args: readonly string[]): string =>
  execFileSync("pulumi", args, { encoding: "utf8", stdio: ["inherit", "pipe", "inherit"] });

/** Options of `pulumi config` that other commands have as well. */
function about(args: readonly string[], names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = optionOf(args, name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
}

/** A stack's name and its config with the secrets in clear, for this program's memory alone. */
export function stackConfig(args: readonly string[]): { readonly name: string; readonly source: ConfigSource } {
  const printed = engine(["config", "--json", "--show-secrets", "--non-interactive", ...args]);
  const stack = optionOf(args, "--stack") ?? optionOf(args, "-s");
  const full = stack ?? engine(["stack", "--show-name", "--non-interactive", ...about(args, ["--cwd", "-C"])]).trim();
  const name = full.split("/").at(-1) ?? full;
  const cwd = optionOf(args, "--cwd") ?? optionOf(args, "-C") ?? ".";
  const file = stackFile(name, { args, cwd });
  const source: ConfigSource = {
    ...stackValues(printed),
    file: basename(file),
    written: writtenConfig(file),
    exists: isReadableFile,
  };
  return { name, source };
}
