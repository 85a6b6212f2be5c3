/**
 * What everything is called on a host, and where it is: written here once, made from the host's and the realm's
 * settings. Plans take it from here, and the scripts on the host are told.
 */
import type { HostSettings, RealmSettings, ServerSettings, Settings } from "../settings";
import type { Facts } from "../steps/facts";
import { STATE_DIR } from "../steps/places";
import { type HostLayout, hostLayout, hostReceipts, projects, SECRETS } from "./host-layout";

export type Server = "authserver" | "worldserver";
export const servers: readonly Server[] = ["authserver", "worldserver"];

/** Where the programs are made and kept; `run` leads to the live ones. */
export interface CoreLayout {
  readonly root: string;
  readonly run: string;
  readonly releases: string;
  readonly receipts: { readonly source: string; readonly build: string; readonly release: string };
}

/** One authserver or worldserver: its unit, its folders, its receipts. */
export interface ServerLayout {
  readonly program: Server;
  readonly root: string;
  readonly unit: string;
  /** The name that the wiki page gave it; it keeps working. */
  readonly alias: string;
  /** What it writes: its working directory and its logs. */
  readonly work: string;
  readonly logs: string;
  readonly mainLog: string;
  /** The folder of its drop-ins. */
  readonly conf: string;
  /** The folder of files with passwords, which root alone reads, and the one for this server's environment. */
  readonly secrets: string;
  readonly environment: string;
  readonly receipts: { readonly config: string; readonly unit: string; readonly service: string };
}

export interface LoginLayout {
  readonly server: ServerLayout;
  readonly receipts: { readonly accounts: string; readonly twoFactor: string };
}

export interface RealmLayout {
  readonly server: ServerLayout;
  readonly root: string;
  readonly data: string;
  /** Where new game data is gathered until it is whole, and the list of what was sent. */
  readonly incoming: string;
  readonly manifest: string;
  /** Where game data is made of a client that is on the host, or mmaps of the live data. */
  readonly extract: string;
  readonly etc: string;
  /** The folder with what is noted of its databases, and with their passwords; none where that is the stack's own. */
  readonly records?: string;
  /** The game account with which the stack talks to the worldserver, and the file with its login. */
  readonly announcer: { readonly account: string; readonly login: string };
  readonly receipts: {
    readonly access: string;
    readonly tdb: string;
    readonly schema: string;
    readonly row: string;
    readonly announcer: string;
    readonly data: string;
  };
}

export interface Layout {
  readonly host: HostLayout;
  readonly core: CoreLayout;
  readonly login: LoginLayout;
  readonly realm: RealmLayout;
}

/** The settings with the names and places that follow from them: plans take what they need of it. */
export interface WithLayout extends Settings {
  readonly layout: Layout;
}

/** The wiki page's names: the root of everything, and of its services. */
const PAGE_ROOT = "trinity-335";
const pageNames: Readonly<Record<Server, string>> = { authserver: "tc-335-auth", worldserver: "tc-335-world" };

/** The log that each server begins anew at every start, and what its .conf calls that. */
export const mainAppender: Readonly<Record<Server, string>> = { authserver: "Auth", worldserver: "Server" };
const mainLog: Readonly<Record<Server, string>> = { authserver: "Auth.log", worldserver: "Server.log" };

/** Without these in the data folder the worldserver ends at once. */
export const neededData: readonly string[] = ["dbc", "maps", "vmaps"];

/** @param suffix "" for the page's names, else "-KEY" with the realm's key */
function serverLayout(program: Server, root: string, secrets: string, suffix: string): ServerLayout {
  const logs = `${root}/logs`;
  const receipt = program + suffix;
  return {
    program,
    root,
    unit: `${program}${suffix}.service`,
    alias: `${pageNames[program]}${suffix}.service`,
    work: `${root}/work/${program}`,
    logs,
    mainLog: `${logs}/${mainLog[program]}`,
    conf: `${root}/etc/${program}.conf.d`,
    secrets,
    environment: `${secrets}/${program}.env`,
    receipts: { config: `${receipt}-config`, unit: `${receipt}-unit`, service: receipt },
  };
}

export function coreLayout(host: HostSettings): CoreLayout {
  const root = `${projects(host)}/${PAGE_ROOT}`;
  return {
    root,
    run: `${root}/run`,
    releases: `${root}/releases`,
    receipts: { source: "source", build: "build", release: "release" },
  };
}

export const loginLayout = (host: HostSettings): LoginLayout => ({
  server: serverLayout("authserver", `${projects(host)}/${PAGE_ROOT}`, SECRETS, ""),
  receipts: { accounts: "accounts", twoFactor: "two-factor" },
});

const recordsOf = (key: string): string => `${STATE_DIR}/realms/${key}`;

/**
 * What a host is asked before it is known which names its realm has there, as words for `server/run/facts.sh`: the
 * receipts that name the packet filter, the databases and the realm with the page's names, the folders that may hold
 * the databases' passwords, and what the receipt of a realm with names of its own begins with.
 */
export function asked({ host, realm }: Pick<Settings, "host" | "realm">): readonly string[] {
  const [page, other] = [realmLayout(host, realm, true), realmLayout(host, realm, false)];
  const anyOther = realmLayout(host, { ...realm, key: "" }, false);
  return [
    hostReceipts.firewall,
    `${page.receipts.access} ${other.receipts.access}`,
    page.server.receipts.config,
    `${STATE_DIR}/passwords ${other.records}/passwords`,
    anyOther.receipts.access,
  ];
}

/** @param page whether this realm has the wiki page's names; any other's carry its key */
export function realmLayout(host: HostSettings, { id, key }: RealmSettings, page: boolean): RealmLayout {
  const suffix = page ? "" : `-${key}`;
  const root = `${projects(host)}/${PAGE_ROOT}${suffix}`;
  const secrets = page ? SECRETS : `${SECRETS}/${key}`;
  return {
    server: serverLayout("worldserver", root, secrets, suffix),
    root,
    data: `${root}/data`,
    incoming: `${root}/data.incoming`,
    manifest: `${root}/data.manifest`,
    extract: `${root}/data.extract`,
    etc: `${root}/etc`,
    ...(page ? {} : { records: recordsOf(key) }),
    // The core takes 16 letters at most for a name; players cannot take it, as it is taken.
    announcer: { account: page ? "TRINITYSTACK" : `STACK${id}`, login: `${secrets}/announcer` },
    receipts: {
      access: `access${suffix}`,
      tdb: `tdb${suffix}`,
      schema: `schema${suffix}`,
      row: `realm-row${suffix}`,
      announcer: `announcer${suffix}`,
      data: `game-data${suffix}`,
    },
  };
}

/** What a host knows of names: whose names the page's are there, and which realms have names of their own. */
type KnownNames = Pick<Facts, "pageRealm" | "realmKeys">;

/**
 * Realm 1 has the wiki page's names. A realm that is on the host already keeps the names that it has there, also when
 * it gets another number.
 */
export const hasPageNames = ({ id, key }: RealmSettings, { pageRealm, realmKeys }: KnownNames): boolean =>
  !realmKeys.has(key) && (id === 1 || pageRealm !== undefined);

export function withLayout(settings: Settings, facts: KnownNames): WithLayout {
  const { host, realm } = settings;
  const page = hasPageNames(realm, facts);
  return {
    ...settings,
    layout: {
      host: hostLayout(host),
      core: coreLayout(host),
      login: loginLayout(host),
      realm: realmLayout(host, realm, page),
    },
  };
}

/** What the operator sets in a server's .conf. */
export const confSettings = ({ login, realm }: Pick<Settings, "login" | "realm">, server: Server): ServerSettings =>
  (server === "authserver" ? login : realm).settings;

export const serverOf = ({ login, realm }: Pick<Layout, "login" | "realm">, server: Server): ServerLayout =>
  (server === "authserver" ? login : realm).server;

/** Where a realm's records are, for the steps that keep them. */
export const recordsArg = ({ records }: RealmLayout): Readonly<Record<string, string>> => (records ? { records } : {});

/** What a step is told of a realm's game data: its places, and the lock of who moves it. */
export const dataArg = ({ data, incoming, manifest, receipts }: RealmLayout): Readonly<Record<string, string>> => ({
  data,
  incoming,
  manifest,
  dataLock: receipts.data,
});

/** What is to be known of the servers to stop and start them, a line each, in the order in which they are stopped. */
export const serversArg = ({ realm, login }: Pick<Layout, "realm" | "login">): readonly string[] =>
  [realm.server, login.server].map(({ program, unit, mainLog, environment, receipts }) =>
    [program, unit, mainLog, environment, receipts.unit].join(" "),
  );
