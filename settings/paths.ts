/** How to write a key for `pulumi config set --path`, and the commands to type. */
export const namespace = "trinitycore";

const plainName = /^[A-Za-z_][A-Za-z0-9_-]*$/;
/** A name without characters that could draw on a terminal. */
const printableName = (name: string): string => name.replace(/[^ -~]/g, "?");

/** The path of an entry of a map. */
export const entryPath = (path: string, name: string): string =>
  `${path}${plainName.test(name) ? `.${name}` : `["${printableName(name)}"]`}`;

/** The path of a name within a group of keys; at the top of the config there is no path before it. */
export const below = (path: string, name: string): string =>
  path === "" ? printableName(name) : entryPath(path, name);

/** The path of a realm's key; `name` is the realm's own in the config. */
export const realmPath = (name: string, key: string): string => `realms.${name}.${key}`;

/** A key with its namespace, as people type it. */
export const fullKey = (path: string): string => `${namespace}:${path}`;

/** A key as arguments of a command. A top-level key needs no `--path`; brackets need quotes in a shell. */
function asArgument(path: string): string {
  if (!/[.[]/.test(path)) return fullKey(path);
  return `--path ${path.includes("[") ? `'${fullKey(path)}'` : fullKey(path)}`;
}

export const setCommand = (path: string, value = "…"): string => `pulumi config set ${asArgument(path)} ${value}`;
/** The command that sets a secret: it asks for the value, or reads it from a file. */
export const setSecretCommand = (path: string, from = ""): string =>
  `pulumi config set --secret ${asArgument(path)}${from && ` < ${from}`}`;
export const removeCommand = (path: string): string => `pulumi config rm ${asArgument(path)}`;
/** The command that removes a key whose own name has dots. */
export const removeFlatCommand = (key: string): string => `pulumi config rm ${fullKey(printableName(key))}`;
