/** `npm run realm -- VERB`: what can be typed. What a verb does is in a file of its own, loaded when it is called. */
import { Argument, Command, CommanderError, Option } from "commander";
import type { Source } from "../actions/logs";
import type { Level } from "../actions/maintenance";
import type { Server } from "../components/layout";
import { accountVerbs } from "./account-verbs";
import { backupVerbs } from "./backup-verbs";
import type { Shell } from "./completion";
import { dataVerbs } from "./data-verbs";
import { ENDED } from "./ended";
import type { InitOptions } from "./init";
import type { LogsOptions } from "./logs";
import { restoreVerbs } from "./restore-verbs";
import { releaseVerbs } from "./rollback-verbs";
import type { ServersOptions } from "./servers";
import { engineArgs, type StackOptions } from "./stack-options";
import { updateVerb } from "./update-verb";
import { ends, inJson, ofStack, ofWholeStack, whole } from "./verb";

/** The same words as in components/layout.ts and actions, which would take a while to load. */
const servers: readonly Server[] = ["authserver", "worldserver"];
const levels: readonly Level[] = ["moderator", "gamemaster", "administrator"];
const sources: readonly Source[] = [
  ...servers,
  "auth",
  "world",
  "build",
  "live",
  "update",
  "backup",
  "alerts",
  "audit",
];

type Options = StackOptions & { readonly json?: boolean };

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

  beginning(realm);

  ofWholeStack(realm.command("config [options...]"))
    .description("print the whole config as it is understood, with its defaults; further options are `pulumi config`'s")
    .allowUnknownOption()
    .action(async (_, options: Options, verb: Command) =>
      (await import("./config")).printConfig(handedOn(options, verb)),
    );

  inJson(ofWholeStack(realm.command("drift [options...]")))
    .description(
      "say what differs on the host from what is wanted, as `pulumi preview` finds it; further options are that " +
        "command's. Ends with 0 when nothing does, 1 when something does, 2 when that could not be told",
    )
    .allowUnknownOption()
    .action(async (_, options: Options, verb: Command) => {
      process.exitCode = await (await import("./drift")).tellDrift(handedOn(options, verb), options.json ?? false);
    });

  ofWholeStack(realm.command("qr <account>"))
    .description("draw what an authenticator app scans for a game account with a two-factor secret in the config")
    .action(async (account: string, options: Options) => (await import("./qr")).drawQr(account, options));

  running(realm);
  releaseVerbs(realm);
  updateVerb(realm.command("update [commit]"));
  dataVerbs(realm.command("data"));
  accountVerbs(realm.command("account"));
  backupVerbs(realm.command("backup"));
  restoreVerbs(realm.command("restore"));

  realm
    .command("completion")
    .description("print what bash, zsh or fish has to know to complete these words, for its start-up file")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .action(async (shell: Shell) => {
      process.stdout.write((await import("./completion")).completion(shell, realm));
    });

  return realm;
}

/** What comes before there is a stack. */
function beginning(realm: Command): void {
  realm
    .command("init <host>")
    .description(
      "make a stack for a host that your ssh can reach: `ssh HOST` is how you name it. Looks at the host, asks what it " +
        "cannot know, writes the config, and changes nothing on the host. Ends with 1 when something there stands " +
        "against `pulumi up`",
    )
    .option("-s, --stack <name>", "the stack; it may be there already: then nothing that is set is changed")
    .option("-C, --cwd <folder>", "as if started in this folder")
    .option("--name <name>", "the realm's name in the client's list")
    .option("--address <name>", "what players connect to, a name or an IPv4 address")
    .option("--realm <key>", "what the realm is called in the config (wotlk)")
    .option("--key <file>", "log in with this private key, which becomes a secret of the config")
    .addOption(new Option("--agent", "log in with the ssh-agent's keys alone").conflicts("key"))
    .option("--host-key <fingerprint>", "the host's key, compared on its own console")
    .option("--jump-host-key <fingerprint>", "the same for the jump host")
    .option("--ssh-config <file>", "in the place of ~/.ssh/config")
    .option("--secrets-provider <url>", "what encrypts the secrets, as for `pulumi stack init`")
    .option("-y, --yes", "ask nothing: what is not given is as it would be proposed")
    .action(async (host: string, options: InitOptions) =>
      ends((await (await import("./init")).init(host, options)) ? ENDED.well : ENDED.no),
    );

  realm
    .command("host-key <host> [port]")
    .description("print the host's SSH keys, for trinitycore:host.key")
    .action(async (host: string, port = "22") => (await import("./host-key")).printHostKeys(host, Number(port)));
}

const timeout = (verb: Command): Command =>
  verb.option("--timeout <seconds>", "how long an answer is waited for", whole(1, 3600), 60);

/** What has to do with servers that run. */
function running(realm: Command): void {
  inJson(ofStack(realm.command("doctor")))
    .description(
      "whether players get to the realm from here, and nobody to its consoles; the host's clock, disk, memory and " +
        "room for a build. Ends with 0 when nothing fails, else 1",
    )
    .action(async (options: Options) => ends(await (await import("./doctor")).tellHealth(options)));

  inJson(ofStack(realm.command("status")))
    .description(
      "how the realm is: servers, players, release, room. Ends with 0 when all of it runs and answers, else 1",
    )
    .action(async (options: Options) => ends(await (await import("./status")).tellStatus(options)));

  inJson(timeout(ofStack(realm.command("console [command...]"))))
    .description(
      "say a command to the worldserver, `help` for what it knows; without one: a console, or where the input is no " +
        "terminal, a command on each line of it. Ends with 0 when it was done, 1 when the worldserver refused it",
    )
    .action(async (words: string[], options: Options & { timeout: number }) => {
      const { openConsole, runCommand } = await import("./console");
      ends(await (words.length > 0 ? runCommand(words.join(" "), options) : openConsole(options)));
    });

  timeout(ofStack(realm.command("announce <text...>")))
    .description("say something to all who are in the world")
    .action(async (words: string[], options: Options & { timeout: number }) =>
      ends(await (await import("./console")).runCommand(`announce ${words.join(" ")}`, options)),
    );

  const server = () => new Argument("[server]", "one of them; both when none is named").choices(servers);
  for (const verb of [realm.command("start"), realm.command("stop"), realm.command("restart")]) {
    const name = verb.name() as "start" | "stop" | "restart";
    ofStack(verb)
      .description(
        `${name} the servers${name === "start" ? "" : "; players are told before, as trinitycore:restarts has it"}`,
      )
      .addArgument(server())
      .action(async (which: Server | undefined, options: ServersOptions) =>
        (await import("./servers")).change(name, which, options),
      );
    if (name !== "start")
      verb
        .addOption(new Option("--now", "without a word to the players").conflicts("in"))
        .option("--in <seconds>", "tell players so long before, whatever the config says", whole(5, 3600));
  }

  ofStack(realm.command("maintenance"))
    .description(
      "keep players out, those in the world too, until it is off again: also over restarts and `pulumi up`. Players " +
        "see the realm locked in their list",
    )
    .addArgument(new Argument("<state>", "whether it is to be").choices(["on", "off"]))
    .addOption(new Option("--level <level>", "who may enter all the same").choices(levels).default("moderator"))
    .action(async (state: "on" | "off", options: StackOptions & { level: Level }) =>
      ends(await (await import("./maintenance")).maintain(state, options.level, options)),
    );

  ofStack(realm.command("alert"))
    .description("send an alert to see whether it arrives where trinitycore:alerts has them sent")
    .action(async (options: StackOptions) => (await import("./alert")).sendAlert(options));

  inJson(ofStack(realm.command("logs")))
    .description("what the servers said, and with -f what they go on saying")
    .addArgument(new Argument("[of...]", "whose; both servers' when none is named").choices(sources))
    .option("-f, --follow", "go on with what is said from now on; Ctrl-C ends it")
    .option("-n, --lines <count>", "how many of the last lines", whole(0, 1_000_000), 100)
    .action(async (of: Source[], options: LogsOptions) => (await import("./logs")).tellLogs(of, options));
}

const withAll = (command: Command): Command[] => [command, ...command.commands.flatMap(withAll)];

/** The whole of it; with `run` it ends with one of the codes above and one sentence where something went wrong. */
export function program(realm = verbs()): { readonly realm: Command; run(words: readonly string[]): Promise<void> } {
  for (const command of withAll(realm)) command.exitOverride();
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
