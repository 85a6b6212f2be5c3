import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import { type Server, serverOf, type WithLayout } from "../layout";
import { serverUnit } from "./unit-texts";

/** A server's systemd unit. The service step starts it. */
export function serverUnitPlan(
  settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">,
  facts: Facts,
  server: Server,
): Plan {
  const { receipts, unit, alias } = serverOf(settings.layout, server);
  return {
    step: receipts.unit,
    kind: "unit",
    args: {
      // `run` is in this folder: the unit of a realm that is taken over stays until `run` leads to a release.
      root: settings.layout.core.root,
      server,
      unit,
      content: serverUnit(settings, server, distribution(facts.os).mariadb),
      aliases: [alias],
    },
  };
}
