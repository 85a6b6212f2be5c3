import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import type { WithLayout } from "../layout";
import { databaseOf, roles } from "./roles";

/** MariaDB runs, starts with the host, answers root on its socket, and can have databases with these names. */
export function mariaDbPlan(settings: Pick<WithLayout, "login" | "realm" | "layout">, facts: Facts): Plan {
  const { unit, socket } = distribution(facts.os).mariadb;
  const capitals = roles
    .map((role) => ({ role, name: databaseOf(settings, role).name }))
    .filter(({ name }) => name !== name.toLowerCase())
    .map(({ role, name }) => `${role} ${name}`);
  return {
    step: settings.layout.host.receipts.mariadb,
    kind: "mariadb",
    args: { unit, socket, ...(capitals.length > 0 ? { capitals, "realm.key": settings.realm.key } : {}) },
    effect: "starts MariaDB where it is stopped, and restarts nothing",
  };
}
