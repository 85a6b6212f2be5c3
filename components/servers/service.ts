import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";
import { mainLog, neededData, pageNames, realmRoot, type Server } from "../host/layout";
import { announced, restartArgs } from "./restarts";
import { serverPort } from "./unit-texts";

const effects: Readonly<Record<Server, string>> = {
  authserver: "restarts the authserver: logging in pauses for a moment, players stay in the world",
  worldserver: "restarts the worldserver: players are disconnected until it has loaded",
};

/** A server that runs, with the unit, configuration and release there are now. */
export function serverServicePlan(settings: Settings, facts: Facts, server: Server): Plan {
  const root = realmRoot(settings);
  return {
    step: server,
    kind: "service",
    args: {
      unit: `${server}.service`,
      ...(server === "worldserver" ? { "realm.key": settings.realm.key } : {}),
      root,
      port: serverPort(settings, server),
      log: `${root}/logs/${mainLog[server]}`,
      aliases: [`${pageNames[server]}.service`],
      mariadb: distribution(facts.os).mariadb.unit,
      needs: server === "worldserver" ? neededData.map((folder) => `${root}/data/${folder}`) : [],
      ...restartArgs(settings, facts),
    },
    effect: announced(effects[server], settings, server),
  };
}

export class ServerService extends Step {
  constructor(name: string, args: { host: Host; settings: Settings; server: Server }, opts?: StepOptions) {
    super(
      "trinitycore:host:ServerService",
      name,
      args.host,
      serverServicePlan(args.settings, args.host.facts, args.server),
      opts,
    );
  }
}
