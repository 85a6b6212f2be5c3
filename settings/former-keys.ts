/** Where the keys of earlier versions, whose config was flat, are now. */
import { ANY, keysOf } from "./schema";

/** The beginning of each former key, and of the key that has taken its place. */
const movedKeys: readonly (readonly [was: string, is: string])[] = [
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

const declared = keysOf();

/**
 * The path of the key that has taken the place of a former key; a realm's keys are under `name`. Undefined for what
 * never was a key.
 */
export function newPlace(was: string, name: string): string | undefined {
  for (const [from, to] of movedKeys) {
    if (was !== from && !was.startsWith(`${from}.`)) continue;
    const path = to + was.slice(from.length);
    if (declared.has(path)) return path.replace(ANY, name);
  }
  return undefined;
}

/** Every key of the former, flat config. */
export const formerKeys: readonly string[] = [
  "host",
  ...movedKeys.flatMap(([from, to]) =>
    [...declared.keys()]
      .filter((path) => path === to || path.startsWith(`${to}.`))
      .map((path) => from + path.slice(to.length))
      .filter((was) => newPlace(was, ANY) !== undefined),
  ),
];
