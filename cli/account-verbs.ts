import { Argument, type Command } from "commander";
import type { Change, Details } from "../actions/account";
import type { ALL_REALMS } from "../settings/accounts";
import type { ChangeOptions } from "./account";
import { ends, inJson, ofStack, ofWholeStack, whole } from "./verb";

/** The same word as in settings/accounts.ts, which would take a while to load. */
const ALL: typeof ALL_REALMS = "-1";

/** What can be typed after `npm run realm -- account`. */
export function accountVerbs(account: Command): void {
  account.description("list and change the game accounts that are not in the config");

  inJson(ofWholeStack(account.command("list")))
    .description(
      "every account: its level on each realm, who decides on it, when it last logged in, its locks and bans",
    )
    .action(async (options: ChangeOptions) => (await import("./account")).listAccounts(options));

  const change = (verb: Command, options = ofWholeStack): Command =>
    options(verb.addArgument(new Argument("<name>", "the account's name; small letters and capitals are the same")));
  const does = async (verb: Change, name: string, details: Details, options: ChangeOptions) =>
    ends(await (await import("./account")).changeAccount(verb, name, details, options));
  const asked = (verb: Command): Command =>
    verb.option("--password-stdin", "the password is the first line of the input; without this it is asked for");

  asked(change(account.command("create")))
    .description("make an account, with no level; its name and password have 16 ASCII characters at most")
    .option("--email <address>", "its mail address", "")
    .action(async (name: string, { email, ...options }: ChangeOptions & { email: string }) =>
      does("create", name, (await import("../actions/account")).createDetails(email), options),
    );

  change(account.command("level"))
    .description("give an account a level: 0 player, 1 moderator, 2 game master, 3 administrator")
    .addArgument(new Argument("<level>", "from 0 to 3").argParser(whole(0, 3)))
    .option(
      "--realm <name>",
      `where it counts: a realm by its name in the config or in the client's list, or ${ALL} for all of them`,
      ALL,
    )
    .action((name: string, level: number, { realm, ...options }: ChangeOptions) =>
      does("level", name, { level }, realm === undefined || realm === ALL ? options : { ...options, realm }),
    );

  change(account.command("lock"))
    .description("on: it may log in from its last address alone; off: from anywhere")
    .addArgument(new Argument("<state>").choices(["on", "off"]))
    .action((name: string, state: "on" | "off", options: ChangeOptions) =>
      does(state === "on" ? "lock" : "unlock", name, {}, options),
    );

  change(account.command("ban"))
    .description("keep an account out, and throw it out where it is in the world")
    .argument("<duration>", 'how long: "3d", "1d12h", "30m", or "forever"')
    .argument("<reason...>", "what game masters read of it")
    .action(async (name: string, time: string, reason: string[], options: ChangeOptions) =>
      does("ban", name, (await import("../actions/account")).banDetails(time, reason.join(" ")), options),
    );

  change(account.command("unban"))
    .description("end an account's ban")
    .action((name: string, options: ChangeOptions) => does("unban", name, {}, options));

  asked(change(account.command("password")))
    .description("give an account a new password, and throw it out where it is in the world")
    .action((name: string, options: ChangeOptions) => does("password", name, {}, options));

  change(account.command("kick"), ofStack)
    .description("throw an account's characters out of the world")
    .action((name: string, options: ChangeOptions) => does("kick", name, {}, options));
}
