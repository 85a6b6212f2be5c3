/** `npm run realm -- VERB`: what can be typed. What a verb does is in a file of its own, loaded when it is called. */
import { Command, CommanderError } from "commander";
import { engineArgs, type StackOptions } from "./stack-options";

/** How a verb ends: its name in docs/verbs.md, and what a script sees of it. */
export const ENDED = { well: 0, no: 1, unknown: 2 } as const;

type Options = StackOptions & { readonly json?: boolean };

/** The options of a verb that reads the stack's config. */
const ofStack = (verb: Command): Command =>
  verb
    .option("-s, --stack <name>", "the stack; that which is selected when not given")
    .option("--config-file <file>", "its config file")
    .option("-C, --cwd <folder>", "as if started in this folder");

const inJson = (verb: Command): Command => verb.option("--json", "for machines: one JSON value");

/** What the engine is told: the options that this program knows, then those that it hands on. */
const handedOn = (options: StackOptions, { args }: Command): string[] => [...engineArgs(options), ...args];

function verbs(): Command {
  const realm = new Command("npm run realm --")
    .description(
      "What there is to do with a realm beside `pulumi up`. Each verb has its own --help; docs/verbs.md has examples.",
    )
    .helpCommand(false)
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError("(--help says what can be typed)");

  realm
    .command("host-key <host> [port]")
    .description("print the server's host keys, for trinitycore:host.key")
    .action(async (host: string, port = "22") => (await import("./host-key")).printHostKeys(host, Number(port)));

  ofStack(realm.command("config [options...]"))
    .description("print the whole config as it is understood, with its defaults; further options are `pulumi config`'s")
    .allowUnknownOption()
    .action(async (_, options: Options, verb: Command) =>
      (await import("./config")).printConfig(handedOn(options, verb)),
    );

  inJson(ofStack(realm.command("drift [options...]")))
    .description(
      "say what differs on the server from what is wanted, as `pulumi preview` finds it; further options are that " +
        "command's. Ends with 0 when nothing does, 1 when something does, 2 when that could not be told",
    )
    .allowUnknownOption()
    .action(async (_, options: Options, verb: Command) => {
      process.exitCode = await (await import("./drift")).tellDrift(handedOn(options, verb), options.json ?? false);
    });

  return realm;
}

/** The whole of it; with `run` it ends with one of the codes above and one sentence where something went wrong. */
export function program(realm = verbs()): { readonly realm: Command; run(words: readonly string[]): Promise<void> } {
  for (const command of [realm, ...realm.commands]) command.exitOverride();
  const run = async (words: readonly string[]) => {
    try {
      await realm.parseAsync(words.length > 0 ? words : ["--help"], { from: "user" });
    } catch (error) {
      if (error instanceof CommanderError) {
        process.exitCode = error.exitCode === 0 ? ENDED.well : ENDED.unknown;
        return;
      }
      console.error((error as Error).message);
      process.exitCode = ENDED.unknown;
    }
  };
  return { realm, run };
}
