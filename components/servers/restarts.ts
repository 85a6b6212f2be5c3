import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";
import type { Server } from "../host/layout";
import { RESTARTS_UNIT, restartsService, restartsTimer } from "./unit-texts";

/**
 * What a step that stops running servers has to know of when it may, who is on, and how players are told; `server/lib/restarts.sh` reads it.
 */
export function restartArgs({ restarts, announce, window, realm }: Settings, { os }: Facts): Plan["args"] {
  if (restarts === "now") return {};
  const told = {
    restarts,
    announce_seconds: announce.seconds,
    socket: distribution(os).mariadb.socket,
    characters: realm.databases.characters.name,
  };
  return restarts === "announce" ? told : { ...told, window: window.schedule, window_minutes: window.minutes };
}

/** A step's effect with when it comes, and how those in the world are told of it; the authserver has nobody to tell. */
export function announced(effect: string, { restarts, announce, window }: Settings, server?: Server): string {
  const told = restarts !== "now" && server !== "authserver" ? [`players are told ${announce.seconds} s before`] : [];
  const when = restarts === "window" ? [`in the window (${window.schedule}, ${window.minutes} minutes)`] : [];
  return [effect, ...when, ...told].join("; ");
}

/** The timer that does what was held back, when the window opens. */
export function restartsPlan(settings: Settings): Plan {
  return {
    step: "restarts",
    kind: "timer",
    args: {
      unit: RESTARTS_UNIT,
      key: "window.schedule",
      schedule: settings.window.schedule,
      service: restartsService(),
      timer: restartsTimer(settings),
    },
  };
}

export class Restarts extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:Restarts", name, args.host, restartsPlan(args.settings), opts);
  }
}
