import type { Settings } from "../../settings";

/** What a database is for: one for all realms, and two for each. */
export const roles = ["auth", "characters", "world"] as const;
export type Role = (typeof roles)[number];

/** The name, user and password of a database. */
export const databaseOf = ({ login, realm }: Pick<Settings, "login" | "realm">, role: Role) =>
  role === "auth" ? login.database : realm.databases[role];

/** Where the config has it, for words. */
export const keyOf = ({ realm }: Settings, role: Role): string =>
  role === "auth" ? "trinitycore:login.database" : `trinitycore:realms.${realm.key}.databases.${role}`;
