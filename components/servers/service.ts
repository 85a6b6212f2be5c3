import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import { neededData, type Server, serverOf, type WithLayout } from "../layout";
import { restartArgs, withAnnouncement } from "./restarts";
import { serverPort } from "./unit-texts";

const effects: Readonly<Record<Server, string>> = {
  authserver: "restarts the authserver: logging in pauses for a moment, players stay in the world",
  worldserver: "restarts the worldserver: players are disconnected until it has loaded",
};

/** Runs a server, with its present unit, conf and release. */
export function serverServicePlan(
  settings: Pick<WithLayout, "host" | "login" | "realm" | "restarts" | "announce" | "window" | "layout">,
  facts: Facts,
  server: Server,
): Plan {
  const { receipts, unit, root, mainLog, alias, environment } = serverOf(settings.layout, server);
  return {
    step: receipts.service,
    kind: "service",
    args: {
      server,
      unit,
      // It has the master secret of two-factor, which worldservers must have as well.
      ...(server === "authserver" ? { environment } : {}),
      ...(server === "worldserver" ? { "realm.key": settings.realm.key } : {}),
      root,
      // The server is not stopped for good while the databases are being updated.
      schemas: [settings.layout.realm.receipts.schema],
      port: serverPort(settings, server),
      log: mainLog,
      aliases: [alias],
      mariadb: distribution(facts.os).mariadb.unit,
      needs: server === "worldserver" ? neededData.map((folder) => `${settings.layout.realm.data}/${folder}`) : [],
      ...restartArgs(settings, facts),
      // Settings that need no restart are handed over with it, whatever `restarts` says.
      ...(server === "worldserver" ? { login: settings.layout.realm.announcer.login } : {}),
    },
    effect: withAnnouncement(effects[server], settings, server),
  };
}
