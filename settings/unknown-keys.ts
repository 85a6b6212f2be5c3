/** What an unknown key was probably meant to be. Nothing here sees its value. */
import { closest, distance } from "fastest-levenshtein";
import { formerKeys, newPlace } from "./former-keys";
import { entryPath, fullKey, removeFlatCommand, setCommand, setSecretCommand } from "./paths";
import { ANY, keysOf, schema } from "./schema";

const declared = keysOf();
/** A key's path without the names that the operator chose. */
const shapeOf = (path: string): string => path.replace(/^(realms|login\.accounts)\.[^.]+/, `$1.${ANY}`);
const isSecret = (path: string) => declared.get(shapeOf(path))?.kind === "secret";
const asked = (path: string): string => (isSecret(path) ? setSecretCommand(path) : setCommand(path));

/** Names that other tools or the game's own files use, and what they are here. */
const elsewhere: Readonly<Record<string, string>> = {
  "worldserver.port": "realms.NAME.port",
  "world.port": "realms.NAME.port",
  "auth.port": "login.port",
  "ra.port": "realms.NAME.console.port",
  "realm.host": "realms.NAME.address",
  "realm.motd": "realms.NAME.settings.Motd",
  password: "login.database.password",
  accounts: "login.accounts",
  account: "login.accounts",
  address: "realms.NAME.address",
  port: "realms.NAME.port",
  motd: "realms.NAME.settings.Motd",
};

const NOWHERE = "unknown key; docs/config.md lists the known ones";
const meant = (path: string): string => `unknown key; did you mean ${fullKey(path)}?`;

/** A slip or two in a short key, a few in a long one. */
const near = (key: string, other: string): boolean =>
  distance(key.toLowerCase(), other.toLowerCase()) <= Math.max(2, Math.floor(key.length / 3));

/** Of a key at the top of the config; `name` is the realm's. */
export function unknownAtTop(key: string, name: string): string {
  const same = declared.has(shapeOf(key)) ? key : undefined;
  const place = same ?? newPlace(key, name);
  if (place !== undefined) {
    const why = place === key ? "is a key within a map, which wants --path" : `is ${fullKey(place)} now`;
    return `${why}:\n${asked(place)}\n${removeFlatCommand(key)}`;
  }
  const map = formerKeys.find((was) => was.endsWith(".settings") && key.startsWith(`${was}.`));
  if (map !== undefined) {
    const path = entryPath(newPlace(map, name) ?? map, key.slice(map.length + 1));
    return `unknown key; it belongs into the map:\n${setCommand(path)}\n${removeFlatCommand(key)}`;
  }
  const other = elsewhere[key.toLowerCase()];
  if (other !== undefined) return meant(other.replace(ANY, name));
  const group = closest(key, Object.keys(schema));
  const candidates = [...declared.keys(), ...formerKeys];
  const guess = closest(key, candidates);
  if (!key.includes(".") && near(key, group)) return meant(group);
  if (!near(key, guess)) return NOWHERE;
  return meant((newPlace(guess, name) ?? (guess === "host" ? "host.address" : guess)).replace(ANY, name));
}

/** Of a name within a group of keys at `path`, which has the names `siblings`. */
export function unknownWithin(path: string, key: string, siblings: readonly string[], name: string): string {
  const sibling = closest(key, siblings);
  if (near(key, sibling)) return meant(`${path}.${sibling}`);
  const within = [...declared.keys()].find(
    (known) => known.startsWith(`${shapeOf(path)}.`) && known.toLowerCase().endsWith(`.${key.toLowerCase()}`),
  );
  const other = within ?? newPlace(key, name) ?? elsewhere[key.toLowerCase()];
  return other === undefined ? NOWHERE : meant(other.replace(ANY, name));
}
