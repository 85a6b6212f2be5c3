/** Guesses which key the operator meant by an unknown one. Nothing here sees its value. */
import { closest, distance } from "fastest-levenshtein";
import { formerKeys, newPlace } from "./former-keys";
import { entryPath, fullKey, removeFlatCommand, setCommand, setSecretCommand } from "./paths";
import { ANY, keysOf, schema } from "./schema";

const declared = keysOf();
/** A key's path without the names that the operator chose. */
const shapeOf = (path: string): string => path.replace(/^(realms|login\.accounts)\.[^.]+/, `$1.${ANY}`);
const isSecret = (path: string) => declared.get(shapeOf(path))?.kind === "secret";
const commandToSet = (path: string): string => (isSecret(path) ? setSecretCommand(path) : setCommand(path));

/** Names that other tools or the servers' own confs use, and the key here. */
const namesElsewhere: Readonly<Record<string, string>> = {
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

const UNKNOWN = "unknown key; docs/config.md lists the known ones";
const didYouMean = (path: string): string => `unknown key; did you mean ${fullKey(path)}?`;

/** Whether two keys differ by a typing mistake or two. */
const isSimilar = (key: string, other: string): boolean =>
  distance(key.toLowerCase(), other.toLowerCase()) <= Math.max(2, Math.floor(key.length / 3));

/** The problem with an unknown key at the top of the config; `name` is the realm's. */
export function unknownAtTop(key: string, name: string): string {
  const same = declared.has(shapeOf(key)) ? key : undefined;
  const place = same ?? newPlace(key, name);
  if (place !== undefined) {
    const why = place === key ? "is a key within a map, which wants --path" : `is ${fullKey(place)} now`;
    return `${why}:\n${commandToSet(place)}\n${removeFlatCommand(key)}`;
  }
  const map = formerKeys.find((was) => was.endsWith(".settings") && key.startsWith(`${was}.`));
  if (map !== undefined) {
    const path = entryPath(newPlace(map, name) ?? map, key.slice(map.length + 1));
    return `unknown key; it belongs into the map:\n${setCommand(path)}\n${removeFlatCommand(key)}`;
  }
  const other = namesElsewhere[key.toLowerCase()];
  if (other !== undefined) return didYouMean(other.replace(ANY, name));
  const group = closest(key, Object.keys(schema));
  const candidates = [...declared.keys(), ...formerKeys];
  const guess = closest(key, candidates);
  if (!key.includes(".") && isSimilar(key, group)) return didYouMean(group);
  if (!isSimilar(key, guess)) return UNKNOWN;
  return didYouMean((newPlace(guess, name) ?? (guess === "host" ? "host.address" : guess)).replace(ANY, name));
}

/** The problem with an unknown name in the group at `path`, whose names are `siblings`. */
export function unknownWithin(path: string, key: string, siblings: readonly string[], name: string): string {
  const sibling = closest(key, siblings);
  if (isSimilar(key, sibling)) return didYouMean(`${path}.${sibling}`);
  const within = [...declared.keys()].find(
    (known) => known.startsWith(`${shapeOf(path)}.`) && known.toLowerCase().endsWith(`.${key.toLowerCase()}`),
  );
  const other = within ?? newPlace(key, name) ?? namesElsewhere[key.toLowerCase()];
  return other === undefined ? UNKNOWN : didYouMean(other.replace(ANY, name));
}
