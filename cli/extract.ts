import { spawn } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { size } from "../actions/amounts";
import { readLook } from "../actions/client/look";
import { findClients } from "../actions/client/places";
import { Failure } from "../program/failure";
import { sendData } from "./data";
import { extractOnHost } from "./extract-on-host";
import { causeIn, chosenStack, onHost, type Reached } from "./on-host";
import type { StackOptions } from "./stack-options";
import { tellStages } from "./stage-lines";

const RUN = join(__dirname, "../server/extract/run.sh");

export interface ExtractOptions extends StackOptions {
  readonly mmaps?: boolean;
  /** Which language's texts are taken, such as "deDE". */
  readonly locale?: string;
  /** Where it is made, instead of beside the client. */
  readonly scratch?: string;
  /** What was made stays here after it was sent. */
  readonly keep?: boolean;
  /** What an earlier run made is thrown away. */
  readonly fresh?: boolean;
  readonly onHost?: boolean;
  /** On the host, begins it and does not wait. */
  readonly detach?: boolean;
}

/**
 * `npm run realm -- data extract [CLIENT]`: the client is only read; what is made of it lies beside it until the host has
 * it.
 */
export async function extractData(named: string | undefined, options: ExtractOptions): Promise<void> {
  const { locale } = options;
  const stages = `maps buildings vmaps${options.mmaps ? " mmaps" : ""}`;
  if (options.onHost) {
    if (!named?.startsWith("/"))
      throw new Failure("with --on-host CLIENT is the client's folder on the host, from / on");
    return extractOnHost({ client: named, stages, ...(locale ? { locale } : {}) }, options);
  }
  if (process.platform !== "linux")
    throw new Failure(elsewhere("this machine runs no Linux, which the extractors need"));
  // What is wrong with the config is said now, and not after the hours that this takes.
  await chosenStack(options);
  const client = resolve(named ?? onlyClient());
  await tellClient(client, locale);
  const scratch = resolve(options.scratch ?? `${client}.extract`);
  if (options.fresh) await script("free", scratch);
  await script("begin", client, scratch);
  const tools = join(scratch, "tools");
  if (!existsSync(join(tools, "release"))) await onHost(options, (reached) => bring(reached, tools));
  console.log(`with the extractors of release ${readFileSync(join(tools, "release"), "utf8").trim()}, in ${scratch}`);
  await script("make", client, scratch, tools, stages, ...(locale ? [locale] : []));
  await sendData(scratch, options);
  if (options.keep) return;
  await script("free", scratch);
  console.log(`${scratch} is removed; the client is as it was`);
}

/** The client in the usual places. @throws Failure unless there is one */
function onlyClient(): string {
  const found = findClients(homedir(), process.env.WINEPREFIX);
  if (found.length === 1) return found[0] as string;
  throw new Failure(
    found.length === 0
      ? "no game client was found in the usual places (wine's folders, Games, Downloads, the home folder); " +
          "name its folder: npm run realm -- data extract FOLDER"
      : `there are ${found.length} game clients; name the one that is 3.3.5a: npm run realm -- data extract FOLDER\n${found
          .map((each) => `  ${each}`)
          .join("\n")}`,
  );
}

async function tellClient(client: string, locale: string | undefined): Promise<void> {
  const look = readLook(await script("look", client, ...(locale ? [locale] : [])));
  if (look.wrong.length > 0) {
    throw new Failure(`${client} cannot be extracted: ${look.wrong.join("\n  ")}`);
  }
  const build = look.build ? `build ${look.build}, ` : "";
  console.log(`${client}: ${build}${look.locales.join(" and ")}; ${size(look.bytes)}`);
  if (look.locales.length > 1) console.log(`texts are in ${look.locales[0]}; --locale takes another, and it alone`);
  for (const note of look.notes) console.log(note);
}

const elsewhere = (why: string): string =>
  `${why}; copy the client to the host and make the data there: ` +
  "npm run realm -- data extract /FOLDER/ON/THE/HOST --on-host";

/** What Node calls an architecture, as `uname -m` has it. */
const architectures: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** The host's extractors with all that they need come into the folder, whole or not at all. */
async function bring({ begin, endpoint, settings }: Reached, tools: string): Promise<void> {
  const architecture = architectures[process.arch] ?? process.arch;
  const words = [settings.layout.core.root, settings.host.user.name, architecture];
  const half = `${tools}.new`;
  rmSync(half, { recursive: true, force: true });
  const running = await begin({ script: "extractors", words, told: {} });
  running.hush();
  const unpacked = unpack(running.output, half);
  unpacked.catch(() => {});
  // The host's own words come first, as an archive that was cut off only follows from them.
  const { code, stderr } = await running.ended;
  if (code !== 0) {
    const cause = causeIn(stderr, code, endpoint.host);
    throw new Failure(cause.startsWith("the host is of architecture ") ? elsewhere(cause) : cause);
  }
  await unpacked;
  rmSync(tools, { recursive: true, force: true });
  renameSync(half, tools);
}

function unpack(from: NodeJS.ReadableStream, into: string): Promise<void> {
  const child = spawn("sh", ["-c", 'mkdir "$1" && exec tar -C "$1" -xz', "sh", into], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  child.stdin.on("error", () => {});
  from.pipe(child.stdin);
  return ended(child, "the extractors could not be unpacked");
}

/** Runs one of the stages' scripts here; what it says of stages is told. @returns what it said */
async function script(...words: string[]): Promise<string> {
  const child = spawn("bash", [RUN, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const whole = ended(child, `${words[0]} did not come to its end`);
  await Promise.all([words[0] === "make" ? tellStages(child.stdout) : undefined, whole]);
  return said;
}

/** @throws Failure with what it said on standard error */
function ended(child: ReturnType<typeof spawn>, otherwise: string): Promise<void> {
  return new Promise((done, fail) => {
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.on("error", ({ message }) => fail(new Failure(`${otherwise}: ${message}`)));
    child.on("close", (code) => {
      if (code === 0) done();
      else fail(new Failure(errors.trim().replace(/^error: /, "") || `${otherwise} (status ${code})`));
    });
  });
}
