import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { Failure } from "../../program/failure";
import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";
import type { StepOptions } from "../../steps/step";
import { databaseOf, keyOf, type Role, roles } from "../databases/roles";
import type { Context } from "../subject";

/** How to declare a database, given what this run has seen on the host. */
export interface DatabasePlan {
  readonly name: string;
  readonly role: Role;
  /** Whether it exists already, and is adopted as it is. */
  readonly adopt: boolean;
  /** Its character set, when that is not utf8mb4, which TrinityCore uses. */
  readonly foreignCharset?: string;
}

function databasePlans(
  settings: Pick<Settings, "login" | "realm">,
  existing: ReadonlyMap<string, string> | undefined,
): DatabasePlan[] {
  return roles.map((role) => {
    const { name } = databaseOf(settings, role);
    const charset = existing?.get(name);
    return {
      name,
      role,
      adopt: charset !== undefined,
      ...(charset !== undefined && charset !== "utf8mb4" ? { foreignCharset: charset } : {}),
    };
  });
}

/**
 * @throws Failure when the config has another name than the existing database: the stack would make a new, empty one
 */
export function refuseRenamed(settings: Settings, { databases, databaseNames }: Facts): void {
  for (const { role, name } of databasePlans(settings, databases)) {
    const before = databaseNames.get(role);
    if (!before || before === name || (databases && (!databases.has(before) || databases.has(name)))) continue;
    const andUnknown = databases ? "" : ", and MariaDB does not answer, so whether the data was moved cannot be seen";
    throw new Failure(
      `${keyOf(settings, role)}.name is ${name}, but this host's ${role} database is ${before}${andUnknown}; ` +
        `nothing was touched. Set it back, or ${
          databases
            ? "move the data first"
            : "start MariaDB (systemctl start mariadb) and move the data, if that was not done"
        }:
  systemctl stop worldserver authserver
  mariadb -e 'CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci'
  mariadb-dump --single-transaction --routines --triggers --events ${before} | mariadb ${name}
and run \`pulumi up\` again; ${before} stays as it is`,
    );
  }
}

/**
 * @throws Failure when databases exist, but MariaDB does not answer and the state does not have them: creating them
 * would fail half way through an `up`
 */
export async function refuseUnseen(
  settings: Settings,
  { facts, converged }: { readonly facts: Facts; readonly converged: () => Promise<boolean> },
): Promise<void> {
  if (facts.databases) return;
  const existing = databasePlans(settings, undefined).filter(
    ({ role, name }) => facts.storedDatabases.has(name) || facts.databaseNames.get(role) === name,
  );
  if (existing.length === 0 || (await converged())) return;
  const names = existing.map(({ name }) => name).join(", ");
  throw new Failure(
    `MariaDB does not answer on ${settings.host.address}, and this stack's state knows nothing of the databases that ` +
      `it keeps (${names}), so they cannot be taken over; nothing was touched. On the host: systemctl start mariadb
(where it does not start, journalctl -u mariadb says why), then run \`pulumi up\` again`,
  );
}

/**
 * The three databases. `pulumi destroy` leaves them, and an existing database is adopted without a change.
 */
export class Databases extends pulumi.ComponentResource {
  constructor(
    name: string,
    { host, settings, tunnel }: Context & { tunnel: pulumi.Input<string> },
    { dependsOn = [], ...options }: StepOptions,
  ) {
    super("trinitycore:database:Databases", name, {}, options);
    const provider = new mysql.Provider(
      `${name}-tunnel`,
      { endpoint: tunnel, username: "root", password: "" },
      { parent: this },
    );
    for (const plan of databasePlans(settings, host.facts.databases)) {
      if (plan.foreignCharset) {
        void pulumi.log.warn(
          `the database ${plan.name} uses ${plan.foreignCharset}, TrinityCore utf8mb4; ` +
            "it is left as it is, as converting changes what is stored",
          this,
        );
      }
      new mysql.Database(
        `${name}-${plan.role}`,
        { name: plan.name, defaultCharacterSet: "utf8mb4", defaultCollation: "utf8mb4_unicode_ci" },
        {
          parent: this,
          provider,
          dependsOn: [...dependsOn],
          retainOnDelete: true,
          ...(plan.adopt ? { import: plan.name, ignoreChanges: ["defaultCharacterSet", "defaultCollation"] } : {}),
        },
      );
    }
    this.registerOutputs({});
  }
}
