import * as pulumi from "@pulumi/pulumi";
import type { Facts } from "../../steps/facts";
import { beforehand, messageOf, note } from "../../steps/findings";
import type { ReachedHost } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { confSettings, servers, type WithLayout } from "../layout";
import { distribution } from "./distribution";

/** What the scripts need to recognize a realm that somebody else set up, and to see whether it is in the way. */
export function formerRealmArgs(
  settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">,
  facts: Facts,
): Plan["args"] {
  const { login, realm, layout } = settings;
  const servers = [layout.login.server, layout.realm.server];
  const { user } = settings.host;
  return {
    root: settings.layout.core.root,
    home: user.home,
    units: servers.flatMap(({ unit, alias }) => [unit, alias]),
    // With these receipts the realm is the stack's own.
    receipts: [layout.core.receipts.release, ...servers.map(({ receipts }) => receipts.service)],
    user: user.name,
    socket: distribution(facts.os).mariadb.socket,
    auth: login.database.name,
    characters: realm.databases.characters.name,
    world: realm.databases.world.name,
    "authserver.port": login.port,
    "realm.key": realm.key,
    "realm.port": realm.port,
    "realm.id": realm.id,
  };
}

/** Observes what else is on the host, and what of it is in the way. It is never applied. */
export function surroundingsPlan(
  settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">,
  facts: Facts,
): Plan {
  const { host, realm } = settings;
  return {
    step: settings.layout.host.receipts.surroundings,
    kind: "surroundings",
    args: {
      ...formerRealmArgs(settings, facts),
      adopt: host.adopt,
      login: settings.layout.login.server.receipts.service,
      address: realm.address,
      localAddress: realm.localAddress,
      // The names only, because a value may be secret.
      set: servers.flatMap((server) => Object.keys(confSettings(settings, server)).map((key) => `${server} ${key}`)),
    },
  };
}

/**
 * Tells what is on the host besides this stack. What the stack would harm is refused together with what steps refuse.
 */
export async function observeSurroundings(
  host: ReachedHost,
  settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">,
  about: pulumi.Resource,
): Promise<void> {
  const request = { plan: surroundingsPlan(settings, host.facts), owner: host.stack, secrets: {} };
  const seen = await host.observe(Promise.resolve(request));
  const { drift = [], hints = [], foretold = [] } = seen ?? {};
  const told = [...hints.map(note), ...(host.facts.owner === "" ? foretold.map(beforehand) : [])];
  if (drift.length > 0) void pulumi.log.warn(messageOf(drift.map(note)), about);
  if (told.length > 0) void pulumi.log.info(messageOf(told), about);
}
