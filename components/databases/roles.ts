import type { Settings } from "../../settings";
import { fullKey, realmPath } from "../../settings/paths";

/** The roles of the databases: `auth` is for all realms, the others are for one. */
export const roles = ["auth", "characters", "world"] as const;
export type Role = (typeof roles)[number];

/** The name, user and password of a database. */
export const databaseOf = ({ login, realm }: Pick<Settings, "login" | "realm">, role: Role) =>
  role === "auth" ? login.database : realm.databases[role];

/** A database's key in the config, for messages. */
export const keyOf = ({ realm }: Settings, role: Role): string =>
  fullKey(role === "auth" ? "login.database" : realmPath(realm.key, `databases.${role}`));
