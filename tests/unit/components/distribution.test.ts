import { compiler, distribution, firewallBackend, packageNames } from "../../../components/host/distribution";
import type { Facts } from "../../../steps/facts";
import { facts, fedoraFacts } from "../../server/facts-of";
import { load } from "../settings/source";

const os = (id: string, versionId: string, name = `${id} ${versionId}`): Facts["os"] => ({
  id,
  versionId,
  like: [],
  name,
});

describe("distributions", () => {
  it.each([
    ["debian", "12", "Debian 12", "gcc", "/run/mysqld/mysqld.sock"],
    ["debian", "13", "Debian 13 or later", "gcc", "/run/mysqld/mysqld.sock"],
    ["ubuntu", "24.04", "Ubuntu 24.04 or later", "gcc", "/run/mysqld/mysqld.sock"],
    ["ubuntu", "26.04", "Ubuntu 24.04 or later", "gcc", "/run/mysqld/mysqld.sock"],
    ["fedora", "42", "Fedora 42 or later", "clang", "/var/lib/mysql/mysql.sock"],
    ["fedora", "44", "Fedora 42 or later", "clang", "/var/lib/mysql/mysql.sock"],
  ])("knows %s %s", (id, version, name, auto, socket) => {
    const found = distribution(os(id, version));
    expect(found).toMatchObject({ name, mariadb: { unit: "mariadb.service", socket } });
    expect(compiler(load({}), os(id, version))).toBe(auto);
  });

  it.each([
    ["debian", "11"],
    ["ubuntu", "22.04"],
    ["fedora", "41"],
    ["arch", ""],
    ["debian", ""],
  ])("refuses %s %s and says which it knows", (id, version) => {
    expect(() => distribution(os(id, version, "Some Linux 1"))).toThrow(
      "the host runs Some Linux 1, which this stack does not know; it knows Debian 12, Debian 13 or later, Ubuntu 24.04 or later, Fedora 42 or later",
    );
  });
});

describe("package lists", () => {
  const at = (id: string, version: string) => facts({ os: os(id, version), firewall: "none" });
  it.each([
    [
      "debian",
      "12",
      ["g++", "p7zip-full|7zip", "libmariadb-dev-compat", "libboost-locale-dev", "libboost-iostreams-dev"],
      ["clang", "7zip", "firewalld", "policycoreutils-python-utils"],
    ],
    ["debian", "13", ["g++", "7zip"], ["p7zip-full|7zip", "clang"]],
    ["ubuntu", "24.04", ["libboost-thread-dev", "7zip"], ["clang"]],
  ])("for %s %s", (id, version, there, notThere) => {
    const names = packageNames(load({}), at(id, version));
    expect(names).toEqual(expect.arrayContaining(there));
    for (const name of notThere) expect(names).not.toContain(name);
    expect(new Set(names).size).toBe(names.length);
  });

  it("for Fedora: the page's clang, SELinux's tools, and no firewall that is not there", () => {
    const names = packageNames(load({}), fedoraFacts);
    expect(names).toEqual(
      expect.arrayContaining(["clang", "gcc-c++", "policycoreutils-python-utils", "mariadb-connector-c-devel"]),
    );
    expect(packageNames(load({ "core.build.compiler": "gcc" }), fedoraFacts)).not.toContain("clang");
    expect(packageNames(load({}), { ...fedoraFacts, firewall: "none" as const })).not.toContain("firewalld");
  });

  it.each(["permissive", "enforcing"] as const)("for a Debian with SELinux %s: its tools", (selinux) => {
    const names = packageNames(load({}), facts({ os: os("debian", "12"), selinux }));
    expect(names).toEqual(expect.arrayContaining(["policycoreutils", "policycoreutils-python-utils"]));
  });

  it("with restic only where backups are brought elsewhere", () => {
    expect(packageNames(load({}), at("debian", "12"))).not.toContain("restic");
    const offsite = { "backups.offsite.repository": "s3:bucket", "backups.offsite.password": "hush" };
    for (const where of [at("debian", "12"), fedoraFacts])
      expect(packageNames(load(offsite, ["backups.offsite.password"]), where)).toContain("restic");
  });

  it("with the compiler and the firewall of the config", () => {
    const names = packageNames(
      load({ "core.build.compiler": "clang", "host.firewall.kind": "ufw" }),
      at("debian", "12"),
    );
    expect(names).toEqual(expect.arrayContaining(["clang", "g++", "ufw"]));
  });
});

describe("the firewall that is managed", () => {
  it.each([
    ["auto", facts({ firewall: "none" }), "none"],
    ["auto", facts({ firewall: "ufw" }), "ufw"],
    ["auto", facts({ firewall: "firewalld" }), "firewalld"],
    ["auto", { ...fedoraFacts, firewall: "none" as const }, "none"],
    // What the stack used and is stopped since is to run again, whatever else is active by now.
    ["auto", facts({ firewall: "none", firewallUsed: "ufw" }), "ufw"],
    ["auto", facts({ firewall: "firewalld", firewallUsed: "ufw" }), "ufw"],
    ["firewalld", facts({ firewall: "ufw", firewallUsed: "ufw" }), "firewalld"],
    ["none", facts({ firewall: "ufw", firewallUsed: "ufw" }), "none"],
    ["none", fedoraFacts, "none"],
    ["firewalld", facts({ firewall: "none" }), "firewalld"],
  ])("%s where there is %j is what it is", (kind, seen, backend) => {
    expect(firewallBackend(load({ "host.firewall.kind": kind }), seen)).toBe(backend);
  });
});
