import { Failure } from "../../program/failure";
import type { Settings } from "../../settings";
import type { Facts, Firewall } from "../../steps/facts";

/**
 * What differs between distributions: names of packages, paths, defaults. Known beforehand, never looked up on the
 * server.
 */
export interface Distribution {
  readonly name: string;
  readonly family: "apt" | "dnf";
  readonly compiler: "clang" | "gcc";
  /** By what they are for; `a|b` wants a, unless b is there already, or what provides b. */
  readonly packages: Readonly<Record<Role, readonly string[]>>;
  readonly mariadb: { readonly unit: string; readonly socket: string };
}

export type Role =
  | "clang"
  | "gcc"
  | "tools"
  | "boost"
  | "client"
  | "libraries"
  | "mariadb"
  | "archive"
  | "system"
  | "selinux";

const tools = ["git", "cmake", "make", "ninja-build", "ccache", "rsync"];
// Older sources want iostreams too.
const debianBoost = ["", "-filesystem", "-program-options", "-regex", "-locale", "-iostreams"].map(
  (part) => `libboost${part}-dev`,
);
/** Ubuntu has another one, which cannot be beside it. */
const coreDumps = "systemd-coredump|core-dump-handler";

function debian(name: string, own: { archive: string; boost?: readonly string[] }): Distribution {
  return {
    name,
    family: "apt",
    compiler: "gcc",
    packages: {
      // clang uses GCC's C++ library.
      clang: ["clang", "g++"],
      gcc: ["g++"],
      tools,
      boost: [...debianBoost, ...(own.boost ?? [])],
      // libmariadb-dev alone lacks mysql_config, and cmake then finds no client library.
      client: ["libmariadb-dev-compat"],
      libraries: ["libssl-dev", "libreadline-dev", "libbz2-dev", "zlib1g-dev"],
      mariadb: ["mariadb-server", "mariadb-client"],
      archive: [own.archive],
      system: ["socat", "curl", "zstd", "restic", "openssl", "iproute2", "gdb", "ca-certificates", coreDumps],
      // SELinux is on only where somebody set it up, and that takes not all of its tools.
      selinux: ["policycoreutils", "policycoreutils-python-utils"],
    },
    mariadb: { unit: "mariadb.service", socket: "/run/mysqld/mysqld.sock" },
  };
}

/** Not tried on a real Fedora: the names are those of its package pages. */
const fedora: Distribution = {
  name: "Fedora 42 or later",
  family: "dnf",
  compiler: "clang",
  packages: {
    clang: ["clang", "gcc-c++"],
    gcc: ["gcc-c++"],
    tools,
    boost: ["boost-devel"],
    client: ["mariadb-connector-c-devel"],
    libraries: ["openssl-devel", "readline-devel", "bzip2-devel", "zlib-devel"],
    mariadb: ["mariadb-server", "mariadb"],
    archive: ["7zip"],
    system: ["socat", "curl", "zstd", "restic", "tar", "openssl", "iproute", "gdb"],
    selinux: ["policycoreutils-python-utils"],
  },
  mariadb: { unit: "mariadb.service", socket: "/var/lib/mysql/mysql.sock" },
};

const known: readonly { id: string; from: number; before?: number; is: Distribution }[] = [
  { id: "debian", from: 12, before: 13, is: debian("Debian 12", { archive: "p7zip-full|7zip" }) },
  { id: "debian", from: 13, is: debian("Debian 13 or later", { archive: "7zip" }) },
  {
    id: "ubuntu",
    from: 24.04,
    is: debian("Ubuntu 24.04 or later", { archive: "7zip", boost: ["libboost-thread-dev"] }),
  },
  { id: "fedora", from: 42, is: fedora },
];

/** @throws Failure naming the distributions there are, when this is none of them. */
export function distribution(os: Facts["os"], host = "the server"): Distribution {
  const version = Number(os.versionId);
  const found = known.find(({ id, from, before }) => id === os.id && version >= from && version < (before ?? Infinity));
  if (found) return found.is;
  throw new Failure(
    `${host} runs ${os.name || os.id || "an unknown system"}, which this stack does not know; it knows ${known.map(({ is }) => is.name).join(", ")}`,
  );
}

/** The compiler the core is built with. */
export function compiler(settings: Pick<Settings, "core">, os: Facts["os"]): "clang" | "gcc" {
  return settings.core.build.compiler === "auto" ? distribution(os).compiler : settings.core.build.compiler;
}

/** The packet filter that the stack opens its ports in. */
export function firewallBackend(settings: Pick<Settings, "host">, facts: Facts): Firewall {
  if (settings.host.firewall.kind !== "auto") return settings.host.firewall.kind;
  // One that the stack used and that is stopped since is to run again; no other is ever started unasked.
  return facts.firewallUsed === "none" ? facts.firewall : facts.firewallUsed;
}

/** All packages a realm needs there, each once. */
export function packageNames(settings: Pick<Settings, "core" | "host">, facts: Facts): readonly string[] {
  const { packages } = distribution(facts.os);
  const roles: Role[] = [compiler(settings, facts.os), "tools", "boost", "client", "libraries"];
  roles.push("mariadb", "archive", "system");
  // Switched off on Fedora it may be on tomorrow: there its tools belong to the system.
  if (facts.selinux !== "disabled" || distribution(facts.os).family === "dnf") roles.push("selinux");
  const names = roles.flatMap((role) => packages[role]);
  const firewall = firewallBackend(settings, facts);
  return [...new Set([...names, ...(firewall === "none" ? [] : [firewall])])].sort();
}
