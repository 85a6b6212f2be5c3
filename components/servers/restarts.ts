import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import type { Server, WithLayout } from "../layout";
import { restartsService, restartsTimer } from "./unit-texts";

/**
 * The parameters of every step that stops running servers: when it may, how it finds out who plays, and how it tells
 * players. `server/lib/restarts.sh` reads them.
 */
export function restartArgs(
  {
    restarts,
    announce,
    window,
    realm,
    layout,
  }: Pick<WithLayout, "restarts" | "announce" | "window" | "realm" | "layout">,
  { os }: Facts,
): Plan["args"] {
  if (restarts === "now") return {};
  const told = {
    restarts,
    announce_seconds: announce.seconds,
    socket: distribution(os).mariadb.socket,
    characters: realm.databases.characters.name,
    worldserver: layout.realm.server.unit,
    authserver: layout.login.server.unit,
    login: layout.realm.announcer.login,
  };
  return restarts === "announce" ? told : { ...told, window: window.schedule, window_minutes: window.minutes };
}

/** A step's effect, with its time and its announcement. No player notices a restart of the authserver. */
export function withAnnouncement(
  effect: string,
  { restarts, announce, window }: Pick<WithLayout, "restarts" | "announce" | "window">,
  server?: Server,
): string {
  const told = restarts !== "now" && server !== "authserver" ? [`players are told ${announce.seconds} s before`] : [];
  const when = restarts === "window" ? [`in the window (${window.schedule}, ${window.minutes} minutes)`] : [];
  return [effect, ...when, ...told].join("; ");
}

/** The timer that makes up for the restarts that were held back, when the window opens. */
export function restartsPlan(settings: Pick<WithLayout, "window" | "layout">): Plan {
  return {
    step: settings.layout.host.receipts.restarts,
    kind: "timer",
    args: {
      unit: settings.layout.host.restartsUnit,
      key: "window.schedule",
      schedule: settings.window.schedule,
      service: restartsService(settings),
      timer: restartsTimer(settings),
    },
  };
}
