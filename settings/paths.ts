/** How a key is written for `pulumi config set --path`, and what to type. */
export const namespace = "trinitycore";

const simple = /^[A-Za-z_][A-Za-z0-9_-]*$/;
/** As it may stand on a terminal. */
const printed = (name: string): string => name.replace(/[^ -~]/g, "?");

/** The path of an entry of a map. */
export const entryPath = (path: string, name: string): string =>
  `${path}${simple.test(name) ? `.${name}` : `["${printed(name)}"]`}`;

/** The path of a name within a group of keys; at the top of the config there is no path before it. */
export const below = (path: string, name: string): string => (path === "" ? printed(name) : entryPath(path, name));

/** A key as people type it. */
export const fullKey = (path: string): string => `${namespace}:${path}`;

/** A key as a word of a command; one at the top needs no `--path`, and brackets mean something to a shell. */
function typed(path: string): string {
  if (!/[.[]/.test(path)) return fullKey(path);
  return `--path ${path.includes("[") ? `'${fullKey(path)}'` : fullKey(path)}`;
}

export const setCommand = (path: string, value = "…"): string => `pulumi config set ${typed(path)} ${value}`;
/** Without the value it asks for it. */
export const setSecretCommand = (path: string, from = ""): string =>
  `pulumi config set --secret ${typed(path)}${from && ` < ${from}`}`;
export const removeCommand = (path: string): string => `pulumi config rm ${typed(path)}`;
/** Of a key that has dots in its own name. */
export const removeFlatCommand = (key: string): string => `pulumi config rm ${fullKey(printed(key))}`;
