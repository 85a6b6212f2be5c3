import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import { beforehand } from "../../steps/observation";
import type { Plan } from "../../steps/plan";
import { distribution } from "./distribution";
import { confSettings, realmRoot, servers } from "./layout";

/** What it takes to know a realm that somebody else set up, and whether it would be in this one's way. */
export function formerArgs(settings: Settings, facts: Facts): Plan["args"] {
  const { login, realm } = settings;
  const { user } = settings.host;
  return {
    root: realmRoot(settings),
    home: user.home,
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

/** What else is on the server, and what of it stands in the way: only ever looked at. */
export function surroundingsPlan(settings: Settings, facts: Facts): Plan {
  const { host, realm } = settings;
  return {
    step: "surroundings",
    kind: "surroundings",
    args: {
      ...formerArgs(settings, facts),
      adopt: host.adopt,
      address: realm.address,
      localAddress: realm.localAddress,
      // By name alone: a value may be secret.
      set: servers.flatMap((server) => Object.keys(confSettings(settings, server)).map((key) => `${server} ${key}`)),
    },
  };
}

/** Tells what is on the server besides this stack; what it would do harm to is refused with all that the steps refuse. */
export async function lookAround(host: Host, settings: Settings, about: pulumi.Resource): Promise<void> {
  const request = { plan: surroundingsPlan(settings, host.facts), owner: host.stack, secrets: {} };
  const seen = await host.observe(Promise.resolve(request));
  const { drift = [], hints = [], foretold = [] } = seen ?? {};
  const told = [...hints, ...(host.facts.owner === "" ? foretold.map(beforehand) : [])];
  if (drift.length > 0) void pulumi.log.warn(drift.join("\n"), about);
  if (told.length > 0) void pulumi.log.info(told.join("\n"), about);
}
