import { Failure } from "../../program/failure";
import type { Settings } from "../../settings";
import type { Facts, Firewall } from "../../steps/facts";

/**
 * What differs between distributions: names of packages, paths, defaults. It is a fixed table, because a preview of a
 * bare host must know it.
 */
export interface Distribution {
  readonly name: string;
  readonly family: "apt" | "dnf";
  readonly compiler: "clang" | "gcc";
  /** Packages by purpose; `a|b` means: install a, unless b or a package that provides b is there already. */
  readonly packages: Readonly<Record<PackagePurpose, readonly string[]>>;
  readonly mariadb: { readonly unit: string; readonly socket: string };
}

export type PackagePurpose =
  | "clang"
  | "gcc"
  | "tools"
  | "boost"
  | "client"
  | "libraries"
  | "mariadb"
  | "archive"
  | "offsite"
  | "system"
  | "selinux";

const tools = ["git", "cmake", "make", "ninja-build", "ccache", "rsync"];
// Older sources need iostreams too.
const debianBoost = ["", "-filesystem", "-program-options", "-regex", "-locale", "-iostreams"].map(
  (part) => `libboost${part}-dev`,
);
/** Ubuntu has another package for core dumps, which conflicts with systemd-coredump. */
const coreDumps = "systemd-coredump|core-dump-handler";

function debian(name: string, own: { archive: string; boost?: readonly string[] }): Distribution {
  return {
    name,
    family: "apt",
    compiler: "gcc",
    packages: {
      // clang needs GCC's C++ library.
      clang: ["clang", "g++"],
      gcc: ["g++"],
      tools,
      boost: [...debianBoost, ...(own.boost ?? [])],
      // libmariadb-dev alone lacks mysql_config, and cmake then finds no client library.
      client: ["libmariadb-dev-compat"],
      libraries: ["libssl-dev", "libreadline-dev", "libbz2-dev", "zlib1g-dev"],
      mariadb: ["mariadb-server", "mariadb-client"],
      archive: [own.archive],
      offsite: ["restic"],
      system: ["socat", "curl", "zstd", "openssl", "iproute2", "gdb", "ca-certificates", coreDumps],
      // Where somebody set up SELinux, some of its tools may still be missing.
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
    offsite: ["restic"],
    system: ["socat", "curl", "zstd", "tar", "openssl", "iproute", "gdb"],
    selinux: ["policycoreutils-python-utils"],
  },
  mariadb: { unit: "mariadb.service", socket: "/var/lib/mysql/mysql.sock" },
};

const distributions: readonly { id: string; from: number; before?: number; is: Distribution }[] = [
  { id: "debian", from: 12, before: 13, is: debian("Debian 12", { archive: "p7zip-full|7zip" }) },
  { id: "debian", from: 13, is: debian("Debian 13 or later", { archive: "7zip" }) },
  {
    id: "ubuntu",
    from: 24.04,
    is: debian("Ubuntu 24.04 or later", { archive: "7zip", boost: ["libboost-thread-dev"] }),
  },
  { id: "fedora", from: 42, is: fedora },
];

/** @throws Failure that lists the known distributions, when this is none of them */
export function distribution(os: Facts["os"], host = "the host"): Distribution {
  const version = Number(os.versionId);
  const found = distributions.find(
    ({ id, from, before }) => id === os.id && version >= from && version < (before ?? Infinity),
  );
  if (found) return found.is;
  const system = os.name || os.id || "an unknown system";
  const names = distributions.map(({ is }) => is.name).join(", ");
  throw new Failure(`${host} runs ${system}, which this stack does not know; it knows ${names}`);
}

/** The compiler that builds the core. */
export function compiler(settings: Pick<Settings, "core">, os: Facts["os"]): "clang" | "gcc" {
  return settings.core.build.compiler === "auto" ? distribution(os).compiler : settings.core.build.compiler;
}

/** The packet filter that the stack opens its ports in. */
export function firewallBackend(settings: Pick<Settings, "host">, facts: Facts): Firewall {
  if (settings.host.firewall.kind !== "auto") return settings.host.firewall.kind;
  // A filter that the stack used must run again where it is stopped; the stack starts no other filter.
  return facts.firewallUsed === "none" ? facts.firewall : facts.firewallUsed;
}

/** All packages that a realm needs on this distribution. */
export function packageNames(settings: Pick<Settings, "core" | "host" | "backups">, facts: Facts): readonly string[] {
  const { packages } = distribution(facts.os);
  const purposes: PackagePurpose[] = [compiler(settings, facts.os), "tools", "boost", "client", "libraries"];
  purposes.push("mariadb", "archive", "system");
  if (settings.backups.offsite.repository) purposes.push("offsite");
  // On Fedora SELinux may be switched on at any time, and its tools belong to the base system.
  if (facts.selinux !== "disabled" || distribution(facts.os).family === "dnf") purposes.push("selinux");
  const names = purposes.flatMap((purpose) => packages[purpose]);
  const firewall = firewallBackend(settings, facts);
  return [...new Set([...names, ...(firewall === "none" ? [] : [firewall])])].sort();
}
