import { lab, type Machine, onMachine } from "./on-machine";

const args = { unit: "mariadb.service", socket: "/run/mysqld/mysqld.sock" };

lab.describe("MariaDB", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-mariadb", "baked");
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  const observe = (more = {}) => server.observe("mariadb", "mariadb", { ...args, ...more });
  const apply = (more = {}) => server.apply("mariadb", "mariadb", { ...args, ...more });

  /** A client that answers as another server would. */
  const pretend = (version: string, comment: string) =>
    server.sh(
      `printf '#!/bin/sh\\nprintf "%s"\\n' 'version\\t${version}\\ncomment\\t${comment}\\n' >/usr/local/bin/mariadb; chmod 755 /usr/local/bin/mariadb`,
    );

  it("is enabled and started, and then left alone", () => {
    server.sh("systemctl disable --now mariadb");
    expect(observe()).toEqual(["mariadb.service is not enabled", "mariadb.service is stopped"]);
    const first = apply();
    expect(first).toMatchObject({ code: 0, err: "" });
    expect(first.out).toContain("starting mariadb.service");
    expect(observe()).toEqual([]);
    expect(apply().out).toBe("as it should be\n");
    expect(server.sh("systemctl is-enabled mariadb; systemctl is-active mariadb")).toBe("enabled\nactive");
  });

  it("is not started when somebody forbade it", () => {
    server.sh("systemctl stop mariadb && systemctl mask --runtime --now mariadb 2>&1");
    expect(observe()).toEqual(["mariadb.service is masked, should be enabled", "mariadb.service is stopped"]);
    expect(apply()).toMatchObject({
      code: 1,
      err: expect.stringContaining("error: mariadb.service is masked, so nobody may start it"),
    });
    server.sh("systemctl unmask --runtime mariadb 2>&1 && systemctl start mariadb");
  });

  it("says at once where it listens, when that is elsewhere", () => {
    const socket = "/run/mysqld/other.sock";
    const elsewhere = expect.stringMatching(
      /^MariaDB listens on \/run\/mysqld\/mysqld\.sock \(socket, set in \/etc\/mysql\/\S+\), not on \/run\/mysqld\/other\.sock, /,
    );
    expect(observe({ socket })).toEqual([elsewhere]);
    const began = Date.now();
    expect(apply({ socket })).toMatchObject({ code: 1, err: expect.stringContaining("error: MariaDB listens on") });
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  it("says at once that its root is not let in, and is well when it is again", () => {
    server.sh(`useradd -r admin && mariadb -e "CREATE USER admin@localhost IDENTIFIED VIA unix_socket;
      GRANT ALL ON *.* TO admin@localhost WITH GRANT OPTION; ALTER USER root@localhost IDENTIFIED BY 'x'"`);
    const refused =
      "MariaDB does not let its root in over /run/mysqld/mysqld.sock: ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: NO); " +
      "the stack has no password for it and needs none: as an administrator of it, " +
      "ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('the present one')";
    expect(observe()).toEqual([refused]);
    const began = Date.now();
    const { code, err } = apply();
    expect([code, err]).toEqual([1, `error: ${refused}\n`]);
    expect(Date.now() - began).toBeLessThan(10_000);
    // As it says, with its password kept.
    server.sh(
      `runuser -u admin -- mariadb -e "ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('x')"`,
    );
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
  });

  it("tells a journal's last lines when it cannot start", () => {
    server.sh(
      "systemctl stop mariadb; printf '[mysqld]\\nno-such-option=1\\n' >/etc/mysql/mariadb.conf.d/99-broken.cnf",
    );
    const { code, err } = apply();
    expect(code).toBe(1);
    expect(err).toMatch(/^error: mariadb.service does not start: .*unknown variable 'no-such-option=1'$/m);
    expect(observe()).toEqual(["mariadb.service is failed, should be active"]);
    server.sh("rm /etc/mysql/mariadb.conf.d/99-broken.cnf; systemctl reset-failed mariadb");
    expect(apply().code).toBe(0);
  });

  it.each([
    [
      "8.0.36",
      "MySQL Community Server - GPL",
      "the server on /run/mysqld/mysqld.sock is MySQL 8.0.36, should be MariaDB 10.6.3 or later",
    ],
    ["10.6.2-MariaDB", "x", "MariaDB is 10.6.2, should be 10.6.3 or later"],
    ["5.5.68-MariaDB", "x", "MariaDB is 5.5.68, should be 10.6.3 or later"],
    ["10.6.3-MariaDB-log", "x", undefined],
    ["11.8.2-MariaDB", "x", undefined],
  ])("version %s %s: %s", (version, comment, sentence) => {
    pretend(version, comment);
    expect(observe()).toEqual(sentence === undefined ? [] : [sentence]);
    if (sentence) expect(apply().err).toBe(`error: ${sentence}\n`);
    server.sh("rm /usr/local/bin/mariadb");
  });

  it("names a unit that is not there, and MySQL in its place", () => {
    const unit = "no-mariadb.service";
    expect(observe({ unit })).toEqual([
      `${unit} is not installed, and mysql.service is of MySQL, beside which MariaDB cannot be put`,
    ]);
    server.sh("systemctl stop mariadb");
    expect(observe({ unit })).toEqual([`${unit} is not installed`]);
    expect(apply({ unit }).err).toBe(`error: ${unit} is not installed\n`);
    expect(apply().code).toBe(0);
  });
});
