import * as mysql from "@pulumi/mysql";
import * as pulumi from "@pulumi/pulumi";
import { Failure } from "../failure";
import type { Facts } from "../remote/facts";
import type { Host } from "../remote/host";
import type { StepOptions } from "../remote/step";
import type { Settings } from "../settings";

/** One database as it should be declared, given what this run saw on the server. */
export interface DatabasePlan {
  readonly name: string;
  readonly role: "auth" | "characters" | "world";
  /** It exists: it is adopted as it is. */
  readonly adopt: boolean;
  /** Its character set, when that is not the one TrinityCore uses. */
  readonly foreignCharset?: string;
}

export function databasePlans(settings: Settings, existing: ReadonlyMap<string, string> | undefined): DatabasePlan[] {
  return (["auth", "characters", "world"] as const).map((role) => {
    const { name } = settings.databases[role];
    const charset = existing?.get(name);
    return {
      name,
      role,
      adopt: charset !== undefined,
      ...(charset !== undefined && charset !== "utf8mb4" ? { foreignCharset: charset } : {}),
    };
  });
}

/** @throws Failure when a name in the config is not the one the data is under: a new, empty database would take its place. */
export function refuseRenamed(settings: Settings, { databases, databaseNames }: Facts): void {
  for (const { role, name } of databasePlans(settings, databases)) {
    const before = databaseNames.get(role);
    if (!before || before === name || !databases?.has(before) || databases.has(name)) continue;
    throw new Failure(
      `trinitycore:databases.${role}.name is ${name}, but this server's ${role} database is ${before}; nothing was touched. Set it back, or move the data first:
  systemctl stop worldserver authserver
  mariadb -e 'CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci'
  mariadb-dump --single-transaction --routines --triggers --events ${before} | mariadb ${name}
and run \`pulumi up\` again; ${before} stays as it is`,
    );
  }
}

/** The three databases. They outlive the stack: `pulumi destroy` leaves them, and one that exists is adopted, never altered. */
export class Databases extends pulumi.ComponentResource {
  constructor(
    name: string,
    { host, settings, tunnel }: { host: Host; settings: Settings; tunnel: pulumi.Input<string> },
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
          `the database ${plan.name} uses ${plan.foreignCharset}, TrinityCore utf8mb4; it is left as it is, as converting changes what is stored`,
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
