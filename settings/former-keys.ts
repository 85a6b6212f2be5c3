/** Where the keys of the flat config went. */
import { ANY, keysOf } from "./schema";

/** The beginning of a key as it was, and as it is. */
const places: readonly (readonly [was: string, is: string])[] = [
  ["hostKey", "host.key"],
  ["takeover", "host.takeover"],
  ["adopt", "host.adopt"],
  ["ssh", "host.ssh"],
  ["user", "host.user"],
  ["firewall", "host.firewall"],
  ["logs", "host.logs"],
  ["authserver", "login"],
  ["databases.auth", "login.database"],
  ["source", "core.source"],
  ["build", "core.build"],
  ["releases", "core.releases"],
  ["realm", "realms.NAME"],
  ["worldserver.settings", "realms.NAME.settings"],
  ["console", "realms.NAME.console"],
  ["soap", "realms.NAME.soap"],
  ["databases.characters", "realms.NAME.databases.characters"],
  ["databases.world", "realms.NAME.databases.world"],
  ["tdb", "realms.NAME.tdb"],
  // These stay where they were, and are written with `--path` now.
  ["announce", "announce"],
  ["window", "window"],
  ["databases", "databases"],
];

const known = keysOf();

/**
 * The path where a key of the flat config is now, a realm's under `name`; undefined when there was none of that name.
 */
export function newPlace(was: string, name: string): string | undefined {
  for (const [from, to] of places) {
    if (was !== from && !was.startsWith(`${from}.`)) continue;
    const path = to + was.slice(from.length);
    if (known.has(path)) return path.replace(ANY, name);
  }
  return undefined;
}

/** Every key of the flat config. */
export const formerKeys: readonly string[] = [
  "host",
  ...places.flatMap(([from, to]) =>
    [...known.keys()]
      .filter((path) => path === to || path.startsWith(`${to}.`))
      .map((path) => from + path.slice(to.length))
      .filter((was) => newPlace(was, ANY) !== undefined),
  ),
];
