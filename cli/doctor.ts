/** `npm run realm -- doctor`. */
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { allWell, checks, inWords, type Reached, type Reply } from "../actions/doctor";
import { distribution } from "../components/host/distribution";
import { againstBuild, buildTrial } from "../components/host/first-look";
import { asked, withLayout } from "../components/layout";
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import { endpointOf } from "../ssh/endpoint";
import { Session } from "../ssh/session";
import { serverScripts } from "../steps/bundle";
import { ownedByAnother } from "../steps/harm";
import { askFacts, startLook } from "../steps/look";
import { ENDED } from "./ended";
import { chosenStack } from "./on-host";
import type { StackOptions } from "./stack-options";

/** What this program ends with. */
export async function tellHealth(options: StackOptions & { readonly json?: boolean }): Promise<number> {
  const { settings, stack } = await chosenStack(options);
  const { login, realm } = settings;
  const ports = [login.port, realm.port, realm.console.port, realm.soap.port];
  const [reached, addresses, replies] = await Promise.all([
    reach(settings, stack),
    addressesOf(realm.address),
    repliesOf(settings, ports),
  ]);
  const reply = (port: number) => replies.get(port) ?? { players: "silent", host: "silent" };
  const found = checks(settings, { reached, addresses, reply });
  console.log(options.json ? JSON.stringify({ ok: allWell(found), checks: found }, null, 2) : inWords(found));
  return allWell(found) ? ENDED.well : ENDED.no;
}

async function reach(settings: Settings, stack: string): Promise<Reached> {
  let session: Session | undefined;
  try {
    const { endpoint } = await endpointOf(settings);
    session = await Session.open(endpoint, { tell: (text) => console.error(text) });
    const facts = await askFacts(session, endpoint, settings, asked(settings));
    distribution(facts.os, endpoint.host);
    const plan = buildTrial(withLayout(settings, facts), facts);
    const seen = await startLook(session, endpoint, serverScripts()).observe([{ plan, owner: stack, secrets: {} }]);
    return {
      facts,
      owner: ownedByAnother(facts, stack, settings.host),
      againstBuild: [...seen.values()].flatMap(againstBuild),
    };
  } catch (error) {
    if (error instanceof Failure) return { trouble: error.message };
    throw error;
  } finally {
    session?.close();
  }
}

async function addressesOf(name: string): Promise<readonly string[] | undefined> {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch {
    return undefined;
  }
}

async function repliesOf({ host, realm }: Settings, ports: readonly number[]) {
  // A host behind a jump host has its address there, not here.
  const own = async (port: number) => (host.ssh.jumpHost ? "silent" : replyOf(host.address, port));
  const found = ports.map(async (port) => {
    const [players, itself] = await Promise.all([replyOf(realm.address, port), own(port)]);
    return [port, { players, host: itself }] as const;
  });
  return new Map(await Promise.all(found));
}

const WAIT_MS = 5_000;

/** Opens a connection and closes it again, without a word. */
export function replyOf(host: string, port: number, wait = WAIT_MS): Promise<Reply> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, family: 4 });
    const is = (reply: Reply) => {
      socket.destroy();
      resolve(reply);
    };
    socket.setTimeout(wait, () => is("silent"));
    socket.once("connect", () => is("open"));
    socket.once("error", ({ code = "" }: NodeJS.ErrnoException) =>
      is(({ ECONNREFUSED: "refused", ETIMEDOUT: "silent" } as Record<string, Reply>)[code] ?? code),
    );
  });
}
