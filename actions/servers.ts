/** Starting and stopping a realm's servers. */
import { hostReceipts } from "../components/host-layout";
import { loginLayout, type Server, servers } from "../components/layout";
import type { Settings } from "../settings";
import type { Action } from "./action";
import { eitherName, ownedBy } from "./names";

export type Verb = "start" | "stop" | "restart";

/** The order in which they come and go: nobody logs in to a world that is not there. */
const inOrder: Readonly<Record<Verb, readonly Server[]>> = {
  start: ["authserver", "worldserver"],
  stop: ["worldserver", "authserver"],
  restart: ["authserver", "worldserver"],
};

/**
 * @param which both where none is named
 * @param seconds how long players are told before, 0 for not at all; as the config has it when not given
 */
export function serversAction(
  settings: Settings,
  stack: string,
  verb: Verb,
  which: readonly Server[] = servers,
  seconds?: number,
): Action {
  const chosen = inOrder[verb].filter((server) => which.includes(server));
  const login = loginLayout(settings.host).server.receipts.service;
  return {
    script: "servers",
    told: {
      ...ownedBy(settings, stack),
      verb,
      database: hostReceipts.mariadb,
      characters: settings.realm.databases.characters.name,
      ...(seconds === undefined ? {} : { seconds }),
      ...eitherName(settings, ({ announcer, server }) => ({
        login: announcer.login,
        worldserver: server.unit,
        receipts: chosen.map((each) => (each === "authserver" ? login : server.receipts.service)).join("\n"),
      })),
    },
  };
}
