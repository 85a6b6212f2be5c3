/** Rules for names, passwords, schedules and what goes into a server's .conf. */
import { bindAddress } from "./network";
import { type Rule, show } from "./values";

const matches =
  (shape: RegExp, otherwise: string): Rule =>
  (value) =>
    shape.test(value) ? undefined : `${show(value)} ${otherwise}`;

export const all =
  (...rules: readonly Rule[]): Rule =>
  (value) => {
    for (const rule of rules) {
      const problem = rule(value);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };

const noneOf =
  (reserved: readonly string[], why: string): Rule =>
  (value) =>
    reserved.includes(value.toLowerCase()) ? `may not be ${show(value)}: ${why}` : undefined;

/** Control and formatting characters, line separators and broken halves of characters. */
const unprintable = /[^\P{C}]|[\u2028\u2029]/u;

export const printable: Rule = (value) =>
  unprintable.test(value) ? "may not contain control characters or line breaks" : undefined;

const linuxName = matches(
  /^[a-z_][a-z0-9_-]{0,31}$/,
  "is not a Linux name: a to z, 0 to 9, _ and -, at most 32, beginning with a letter",
);
export const userName = all(linuxName, noneOf(["root"], "the realm does not run as root"));
export const groupName = all(linuxName, noneOf(["root", "wheel", "sudo", "adm"], "that group has rights of its own"));
export const sshUser = matches(/^[A-Za-z_][A-Za-z0-9_.@-]{0,63}$/, "is not a user name");

/** Underscore and minus only: these names appear in SQL, in connection strings and in file names. */
export const databaseName = all(
  matches(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/, "is not a usable database name: letters, digits, _ and -, at most 64"),
  noneOf(["mysql", "sys", "information_schema", "performance_schema"], "that is MariaDB's own"),
);
export const databaseUser = all(
  matches(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,79}$/, "is not a usable database user: letters, digits, _ and -, at most 80"),
  noneOf(["root", "mysql", "mariadb.sys"], "that is MariaDB's own"),
);

/**
 * Which passwords are safe on the whole way; nothing else needs to know why.
 * - `DatabaseInfo` (TrinityCore): split at `;`, every `"` is dropped, and there is no way to quote either. Hence both
 *   are refused.
 * - EnvironmentFile (systemd): one line `KEY="…"`. Inside double quotes only `\` is special (before \ " $ ` and at the
 *   end of a line);
 *   `$`, backtick, `%`, `#` and `'` are literal, nothing is expanded. The writer must write each `\` as `\\` and each `"` as `\"`. A line break or NUL
 *   cannot be written: control characters are refused.
 * - SQL: the writer quotes a literal; any printable ASCII will do.
 * - A space at either end is refused because it is almost always a slip of the clipboard, and anything beyond ASCII
 *   because its bytes would
 *   depend on the character set of each connection.
 */
export const password: Rule = (value) => {
  if (/[;"]/.test(value)) return "may not contain ';' or '\"': TrinityCore splits its connection string there";
  if (/[^ -~]/.test(value)) return "may contain printable ASCII only: no line breaks, control characters or accents";
  if (value !== value.trim()) return "may not begin or end with a space";
  return value.length > 128 ? "may not be longer than 128 characters" : undefined;
};

export const passphrase: Rule = (value) => (/[\0\r\n]/.test(value) ? "may not contain line breaks" : undefined);

export const realmName: Rule = (value) => {
  if ([...value].length > 32) return "may not be longer than 32 characters";
  return printable(value) ?? (value === value.trim() ? undefined : "may not begin or end with a space");
};

/** A plain path: it is used in units, scripts and cmake, each with its own special characters. */
const path = matches(
  /^(\/[A-Za-z0-9_+@][A-Za-z0-9._+@-]*)+$/,
  "must be an absolute path of letters, digits and . _ + @ -",
);
export const absolutePath = path;
const systemFolders =
  "bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var var/lib var/log var/tmp";
export const home = all(
  path,
  noneOf(
    systemFolders.split(" ").map((folder) => `/${folder}`),
    "that folder belongs to the system",
  ),
);

export const zone = matches(/^[A-Za-z0-9_-]{1,17}$/, "is not the name of a firewalld zone");
/** What a calendar expression of systemd can be made of; whether it is one, the server's own systemd judges. */
export const schedule = matches(
  /^[A-Za-z0-9*@][A-Za-z0-9 *.,:/~@+_-]*$/,
  "is not a systemd calendar expression such as *-*-* 03:00:00",
);

const ownOptions: Readonly<Record<string, string>> = {
  CMAKE_INSTALL_PREFIX: "it follows from trinitycore:host.user.home",
  CONF_DIR: "it follows from trinitycore:host.user.home",
  CMAKE_BUILD_TYPE: "use trinitycore:core.build.type",
  CMAKE_C_COMPILER: "use trinitycore:core.build.compiler",
  CMAKE_CXX_COMPILER: "use trinitycore:core.build.compiler",
};
export const buildOption: Rule<{ name: string; value: string }> = ({ name, value }) => {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return "is not the name of a cmake option (letters, digits and _)";
  if (ownOptions[name] !== undefined) return `is set by the stack: ${ownOptions[name]}`;
  return printable(value);
};

/**
 * Keys of the .conf that the stack writes itself, and where their value comes from; the reader puts the realm's name
 * for NAME.
 */
const ownSettings: readonly (readonly [keys: RegExp, instead: string])[] = [
  [/^LoginDatabaseInfo$/i, "use trinitycore:login.database"],
  [/^WorldDatabaseInfo$/i, "use trinitycore:realms.NAME.databases.world"],
  [/^CharacterDatabaseInfo$/i, "use trinitycore:realms.NAME.databases.characters"],
  [/^(DataDir|LogsDir|SourceDirectory|BuildDirectory)$/i, "it follows from trinitycore:host.user.home"],
  [/^(MySQLExecutable|CMakeCommand)$/i, "it follows from the distribution"],
  [/^PidFile$/i, "systemd knows the process"],
  [/^WorldServerPort$/i, "use trinitycore:realms.NAME.port"],
  [/^RealmServerPort$/i, "use trinitycore:login.port"],
  [/^RealmID$/i, "use trinitycore:realms.NAME.id"],
  [/^Console\.Enable$/i, "a service has no console; see trinitycore:realms.NAME.console.networks"],
  [/^Ra\.(Enable|IP|Port)$/i, "use trinitycore:realms.NAME.console.port and .networks"],
  [/^SOAP\./i, "use trinitycore:realms.NAME.soap.port and .networks"],
  [/^Updates\./i, "the stack migrates the databases with each release"],
];

/** Values end up between double quotes on one line; the server drops every `"`. */
export const serverSetting: Rule<{ name: string; value: string }> = ({ name, value }) => {
  if (!/^[A-Za-z0-9._]+$/.test(name)) return "is not the name of a setting (letters, digits, . and _)";
  const own = ownSettings.find(([keys]) => keys.test(name));
  if (own) return `is set by the stack: ${own[1]}`;
  if (value.includes('"')) return "may not contain '\"': the server drops it";
  return printable(value) ?? (name === "BindIP" ? bindAddress(value) : undefined);
};

/** Settings that are secrets by nature. */
export const secretSettings = /^TOTP(Old)?MasterSecret$/i;
