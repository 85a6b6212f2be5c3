/** `npm run realm -- account …`. */
import { accountAction, type Change, type Details, decidedByConfig, passwordLine, wrongName } from "../actions/account";
import { accountsIn, type Outcome, outcomeIn, table } from "../actions/account-answers";
import { Failure } from "../program/failure";
import { ALL_REALMS, storedName } from "../settings/accounts";
import { World } from "./console";
import { ENDED } from "./ended";
import { newPassword } from "./new-password";
import { type OnHost, withHost } from "./on-host";
import type { StackOptions } from "./stack-options";

export async function listAccounts(options: StackOptions & { readonly json?: boolean }): Promise<void> {
  return withHost(options, async (host) => {
    const accounts = accountsIn(await host.run(accountAction(host.settings, host.stack, "list")), host.settings);
    console.log(options.json ? JSON.stringify(accounts, null, 2) : table(accounts));
  });
}

export interface ChangeOptions extends StackOptions {
  readonly passwordStdin?: boolean;
}

/** What this program ends with. */
export async function changeAccount(
  verb: Change,
  typed: string,
  details: Details,
  options: ChangeOptions,
): Promise<number> {
  const wrong = wrongName(verb, typed);
  if (wrong) throw new Failure(wrong);
  const name = storedName(typed);
  return withHost(options, async (host) => {
    const decided = decidedByConfig(host.settings, verb, name);
    if (decided) return no(decided);
    const realm = options.realm === undefined ? Number(ALL_REALMS) : host.settings.realm.id;
    const all = verb === "level" ? { ...details, realm } : details;
    const asks = verb === "create" || verb === "password";
    const password = asks ? passwordLine(name, await newPassword(name, options.passwordStdin ?? false)) : "";
    const said = await host.run(accountAction(host.settings, host.stack, verb, name, all), () => {}, password);
    return await tell(host, verb, name, outcomeIn(said, verb, name, all));
  });
}

function no(text: string): number {
  console.error(text);
  return ENDED.no;
}

async function tell(host: OnHost, verb: Change, name: string, outcome: Outcome): Promise<number> {
  if (outcome.refused !== undefined) return no(outcome.refused);
  if (outcome.text) console.log(outcome.text);
  const { online, choosing, runs } = outcome;
  if (!runs || online.length + Number(choosing) === 0) {
    if (verb !== "kick") return ENDED.well;
    console.log(runs ? `${name} is not in the world` : "the worldserver does not run, so nobody is in the world");
    return ENDED.well;
  }
  if (choosing)
    return no(
      `${name} is at its list of characters, where the worldserver throws nobody out: it stays until it leaves`,
    );
  return throwOut(host, online);
}

const SECONDS = 20;

/** What counts at a login, such as a ban, leaves who is in the world already. */
async function throwOut(host: OnHost, characters: readonly string[]): Promise<number> {
  const world = await World.on(host, SECONDS);
  let end: number = ENDED.well;
  for (const character of characters) {
    const answer = await world.ask(`kick ${character}`);
    if (answer.end === "done") console.log(`${character} was thrown out of the world`);
    else end = no(`${character} was not thrown out of the world: ${answer.text}`);
  }
  world.hush();
  return end;
}
