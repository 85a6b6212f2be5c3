/** Rules for names, passwords, schedules, build options and the lines of a conf. */
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
/** The user that makes the backups, on the host and in MariaDB. */
export const backupUser = "trinity-backup";
const notBackupUser = noneOf([backupUser], "the backups have that user");
export const userName = all(linuxName, noneOf(["root"], "the realm does not run as root"), notBackupUser);
export const groupName = all(
  linuxName,
  noneOf(["root", "wheel", "sudo", "adm"], "that group has rights of its own"),
  notBackupUser,
);
export const sshUser = matches(/^[A-Za-z_][A-Za-z0-9_.@-]{0,63}$/, "is not a user name");

/** Underscore and minus only: these names appear in SQL, in connection strings and in file names. */
export const databaseName = all(
  matches(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/, "is not a usable database name: letters, digits, _ and -, at most 64"),
  noneOf(["mysql", "sys", "information_schema", "performance_schema"], "that is MariaDB's own"),
);
export const databaseUser = all(
  matches(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,79}$/, "is not a usable database user: letters, digits, _ and -, at most 80"),
  noneOf(["root", "mysql", "mariadb.sys"], "that is MariaDB's own"),
  notBackupUser,
);

/**
 * A password that arrives unchanged wherever the stack writes it.
 * - TrinityCore splits `DatabaseInfo` at `;`, drops every `"`, and has no way to quote either: both are refused.
 * - systemd reads an EnvironmentFile with lines `KEY="…"`, in which only `\` and `"` are special; the writer puts `\`
 *   before each. A line break or NUL cannot be written there: control characters are refused.
 * - SQL takes any printable ASCII in a quoted literal.
 * - A space at either end is almost always a slip of the clipboard.
 * - The bytes of characters beyond ASCII would depend on the character set of each connection.
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

/** A path without special characters of systemd, shells or cmake. */
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

/** Services see nothing of the homes, and what is in memory or in a temporary folder is no backup. */
export const backupFolder = all(home, (value) =>
  /^\/(home|root|run|tmp|var\/tmp|dev|proc|sys)\//.test(value)
    ? `${show(value)} is in a folder of users, or in one that is emptied`
    : undefined,
);

/** Whose numbers a collector reads: a folder of its own, which is there already or is made. */
export const metricsFolder = home;

/** It is written into a config of curl's. The value may be secret, so that it is not shown. */
export const webhook: Rule = (value) => {
  if (/[^!-~]/.test(value)) return "may have printable ASCII without blanks only";
  if (!/^https?:\/\/[^/?#]+/.test(value) || !URL.canParse(value))
    return "must be a URL that begins with https:// or http://";
  return value.length > 2000 ? "may not be longer than 2000 characters" : undefined;
};

/**
 * A repository of restic. A login in it would be seen in previews; restic takes each kind of login from its
 * environment.
 */
export const resticRepository: Rule = (value) => {
  if (/[^!-~]/.test(value)) return "may contain printable ASCII only, and no blanks";
  if (value.startsWith("/")) return backupFolder(value);
  if (!/^(rest:https?:\/\/|(sftp|s3|b2|azure|gs|swift|rclone):)./.test(value))
    return `${show(value)} is none of restic's repositories: a folder, or rest:, sftp:, s3:, b2:, azure:, gs:, swift:, rclone:`;
  return /^rest:https?:\/\/[^/]*@/.test(value)
    ? "has a login in it: put it into trinitycore:backups.offsite.environment, as RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD"
    : undefined;
};
export const resticPassword: Rule = (value) =>
  /[^ -~]/.test(value) ? "may contain printable ASCII only: no line breaks or accents" : undefined;

/** A variable of restic's environment; the stack sets these itself. */
export const resticVariable: Rule<{ name: string; value: string }> = ({ name, value }) => {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return "is not the name of a variable (letters, digits and _)";
  if (/^(RESTIC_(REPOSITORY|PASSWORD)(_FILE|_COMMAND)?|RESTIC_CACHE_DIR|PATH|HOME|LD_.*)$/.test(name))
    return "is set by the stack, or may not be set";
  return printable(value);
};

export const zone = matches(/^[A-Za-z0-9_-]{1,17}$/, "is not the name of a firewalld zone");
/** The characters of a calendar expression; the host's own systemd decides whether it is one. */
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
 * Keys of a conf that the stack writes itself, and where their values come from; the reader replaces NAME by the
 * realm's name.
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
  [/^TOTP(Old)?MasterSecret$/i, "use trinitycore:login.totpMasterSecret"],
  [/^RealmID$/i, "use trinitycore:realms.NAME.id"],
  [/^Console\.Enable$/i, "a service has no console; see trinitycore:realms.NAME.console.networks"],
  [/^Ra\.(Enable|IP|Port)$/i, "use trinitycore:realms.NAME.console.port and .networks"],
  [/^SOAP\./i, "use trinitycore:realms.NAME.soap.port and .networks"],
  [/^Updates\./i, "the stack migrates the databases with each release"],
];

/** A line of a conf. Its value is written between double quotes; the server drops every further `"`. */
export const serverSetting: Rule<{ name: string; value: string }> = ({ name, value }) => {
  if (!/^[A-Za-z0-9._]+$/.test(name)) return "is not the name of a setting (letters, digits, . and _)";
  const own = ownSettings.find(([keys]) => keys.test(name));
  if (own) return `is set by the stack: ${own[1]}`;
  if (value.includes('"')) return "may not contain '\"': the server drops it";
  return printable(value) ?? (name === "BindIP" ? bindAddress(value) : undefined);
};
