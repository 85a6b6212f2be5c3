import type { ServerSettings, Settings } from "../../settings";

export type Server = "authserver" | "worldserver";
export const servers: readonly Server[] = ["authserver", "worldserver"];

/** What the operator sets in a server's .conf. */
export const confSettings = ({ login, realm }: Settings, server: Server): ServerSettings =>
  (server === "authserver" ? login : realm).settings;

/** The wiki page's root of everything that belongs to the realm. */
export const realmRoot = (settings: Settings): string => `${settings.host.user.home}/Projects/trinity-335`;

/** Passwords for the servers' environment; root alone reads it. */
export const SECRETS_DIR = "/etc/trinity-stack";

/** The names the page gave the services; they keep working. */
export const pageNames: Readonly<Record<Server, string>> = { authserver: "tc-335-auth", worldserver: "tc-335-world" };

/** The log that each server begins anew at every start, and what its .conf calls that. */
export const mainAppender: Readonly<Record<Server, string>> = { authserver: "Auth", worldserver: "Server" };
export const mainLog: Readonly<Record<Server, string>> = { authserver: "Auth.log", worldserver: "Server.log" };

/** Without these in the data folder the worldserver ends at once. */
export const neededData: readonly string[] = ["dbc", "maps", "vmaps"];
