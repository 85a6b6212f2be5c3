import { spawn } from "node:child_process";
import { basename } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { optionOf } from "../program/engine-command";
import { Failure } from "../program/failure";
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

/** Why the engine answers nothing. */
export const noEngine = ({ message }: Error): Failure =>
  new Failure(`the Pulumi engine could not be run (${message}); run \`npm ci\` first`);

/** What a command of the engine prints. @throws an error when it fails; why is what the engine itself says */
async function engine(args: readonly string[], says: "inherit" | "ignore" = "inherit"): Promise<string> {
  const child = spawn("pulumi", args, { stdio: ["inherit", "pipe", says] });
  const ended = new Promise<number | null>((done, fail) =>
    child.on("error", (error) => fail(noEngine(error))).on("close", done),
  );
  const [code, printed] = await Promise.all([ended, text(child.stdout as Readable)]);
  if (code !== 0) throw new Error(`Command failed: pulumi ${args.join(" ")}`);
  return printed;
}

/** Options of `pulumi config` that other commands have as well. */
function about(args: readonly string[], names: readonly string[]): string[] {
  return names.flatMap((name) => {
    const value = optionOf(args, name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
}

/** A stack's name and its config with the secrets in clear, for this program's memory alone. */
export async function stackConfig(
  args: readonly string[],
): Promise<{ readonly name: string; readonly source: ConfigSource }> {
  const stack = optionOf(args, "--stack") ?? optionOf(args, "-s");
  // Each takes the engine half a second, so both are asked at once. Where there is no such stack, both would say so.
  const asked =
    stack === undefined
      ? engine(["stack", "--show-name", "--non-interactive", ...about(args, ["--cwd", "-C"])], "ignore")
      : Promise.resolve(stack);
  asked.catch(() => {});
  const printed = await engine(["config", "--json", "--show-secrets", "--non-interactive", ...args]);
  const full = (await asked).trim();
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
