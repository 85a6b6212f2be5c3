import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { distribution } from "../host/distribution";
import type { DatabasePasswords } from "./passwords";
import { databaseOf, roles } from "./roles";

/** The users of the three databases, their passwords and what they may do; and the service user, who needs no password on the server itself. */
export function accessPlan(settings: Settings, facts: Facts, passwords: DatabasePasswords): Plan {
  return {
    step: "access",
    kind: "access",
    args: {
      socket: distribution(facts.os).mariadb.socket,
      service: settings.host.user.name,
      "realm.key": settings.realm.key,
      startEmpty: settings.databases.startEmpty,
      // Of which rotation the passwords are that the server keeps.
      ...(settings.databases.rotation === 0 ? {} : { rotation: settings.databases.rotation }),
      ...Object.fromEntries(
        roles.flatMap((role) => [
          [`${role}.database`, databaseOf(settings, role).name],
          [`${role}.user`, databaseOf(settings, role).user],
        ]),
      ),
    },
    secrets: { ...passwords },
    effect: "restarts nothing by itself; a changed password restarts the servers that use it",
  };
}

export class Access extends Step {
  constructor(
    name: string,
    args: { host: Host; settings: Settings; passwords: DatabasePasswords },
    opts?: StepOptions,
  ) {
    const { host, settings, passwords } = args;
    super("trinitycore:database:Access", name, host, accessPlan(settings, host.facts, passwords), opts);
  }
}
