/** What travels on a command's stdin: secrets, and what is too big for its text. */
import * as pulumi from "@pulumi/pulumi";
import { percent } from "./command-text";
import type { Plan } from "./plan";

/** Lines for `server/run/step.sh`; secret as soon as one of them is. */
export function delivered({ secrets = {}, files = {} }: Plan): pulumi.Input<string> | undefined {
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
 * The lines of a file, each behind a bar: as they are where they are text, so that a preview shows which of them
 * change. What is no text is a percent sign with two hex digits for each byte. The last line has an end, as every line.
 */
export function fileLines(content: Buffer): string[] {
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
