/** What a command gets on stdin: secrets, and what is too big for its text. */
import * as pulumi from "@pulumi/pulumi";
import { percent } from "./command-text";
import type { Plan } from "./plan";

/** Lines for `server/run/step.sh`; a secret output when there is a secret among them. */
export function stdinOf({ secrets = {}, files = {} }: Plan): pulumi.Input<string> | undefined {
  const big = filesText(files);
  if (Object.keys(secrets).length === 0) return big || undefined;
  return pulumi.secret(pulumi.all(secrets).apply((clear) => secretLines(clear as Record<string, string>) + big));
}

export const filesText = (files: NonNullable<Plan["files"]>): string =>
  Object.entries(files)
    .flatMap(([name, content]) => [`file ${name}`, ...fileLines(content)])
    .map((line) => `${line}\n`)
    .join("");

export const secretLines = (clear: Readonly<Record<string, string>>): string =>
  Object.entries(clear)
    .map(([key, value]) => `secret ${key} ${Buffer.from(value).toString("base64")}\n`)
    .join("");

/**
 * The lines of a file, each after a bar. Text stays readable, so that a preview shows which lines change; any other
 * byte becomes `%` with two hex digits. The host puts a line break after every line, also after the last one.
 */
function fileLines(content: Buffer): string[] {
  const lines: string[] = [];
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf("\n", at);
    const line = content.subarray(at, end < 0 ? undefined : end);
    lines.push(`|${readable(line)}`);
    at += line.length + 1;
  }
  return lines;
}

function readable(line: Buffer): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    return text.replaceAll(/%|(?!\t)\p{Cc}/gu, (character) => percent(Buffer.from(character)));
  } catch {
    return line.toString("latin1").replaceAll(/[^\t -$&-~]/g, (byte) => percent(Buffer.from(byte, "latin1")));
  }
}
