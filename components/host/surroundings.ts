import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import { beforehand } from "../../steps/observation";
import type { Plan } from "../../steps/plan";
import { distribution } from "./distribution";
import { realmRoot, servers } from "./layout";

/** What it takes to know a realm that somebody else set up, and whether it would be in this one's way. */
export function formerArgs(settings: Settings, facts: Facts): Plan["args"] {
  const { databases, authserver, realm, user } = settings;
  return {
    root: realmRoot(settings),
    home: user.home,
    user: user.name,
    socket: distribution(facts.os).mariadb.socket,
    auth: databases.auth.name,
    characters: databases.characters.name,
    world: databases.world.name,
    "authserver.port": authserver.port,
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
      adopt: settings.adopt,
      address: realm.address || host,
      localAddress: realm.localAddress,
      // By name alone: a value may be secret.
      set: servers.flatMap((server) => Object.keys(settings[server].settings).map((key) => `${server} ${key}`)),
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
