import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import { type Server, serverOf, type WithLayout } from "../layout";
import { serverUnit } from "./unit-texts";

/** A server's systemd unit; what runs is the matter of the service. */
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
      // Where `run` is: a server that is taken over has its place until that leads to a release.
      root: settings.layout.core.root,
      server,
      unit,
      content: serverUnit(settings, server, distribution(facts.os).mariadb.unit),
      aliases: [alias],
    },
  };
}
