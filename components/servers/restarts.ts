import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import type { Server, WithLayout } from "../layout";
import { restartsService, restartsTimer } from "./unit-texts";

/**
 * What a step that stops running servers has to know of when it may, who is on, and how players are told;
 * `server/lib/restarts.sh` reads it.
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

/** A step's effect with when it comes, and how those in the world are told of it; the authserver has nobody to tell. */
export function announced(
  effect: string,
  { restarts, announce, window }: Pick<WithLayout, "restarts" | "announce" | "window">,
  server?: Server,
): string {
  const told = restarts !== "now" && server !== "authserver" ? [`players are told ${announce.seconds} s before`] : [];
  const when = restarts === "window" ? [`in the window (${window.schedule}, ${window.minutes} minutes)`] : [];
  return [effect, ...when, ...told].join("; ");
}

/** The timer that does what was held back, when the window opens. */
export function restartsPlan(settings: Pick<WithLayout, "window" | "layout">): Plan {
  return {
    step: settings.layout.host.receipts.restarts,
    kind: "timer",
    args: {
      unit: settings.layout.host.restartsUnit,
      key: "window.schedule",
      schedule: settings.window.schedule,
      service: restartsService(),
      timer: restartsTimer(settings),
    },
  };
}
