/** Values that the settings take reach the server as themselves: through shell, SQL, INI file and EnvironmentFile. */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { settingLine } from "../../settings/conf-lines";
import { password, realmName, serverSetting } from "../../settings/rules";
import { lab, type Machine, onMachine } from "./on-machine";

// A failure names its seed; HOSTILE_SEED runs it again.
const seed = Number(process.env.HOSTILE_SEED ?? randomInt(2 ** 31));
const runs = { seed, numRuns: Number(process.env.HOSTILE_RUNS ?? 8), endOnFailure: true };
const root = "/srv/realm";
const common = join(__dirname, "../lab/core/src/common");

const anything = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(..."'`$\\;&|<>(){}[]#%!*?~=,: aZ0-_./@é☃"), maxLength: 30 }),
);
const taken = (rule: (value: string) => string | undefined) => anything.filter((text) => rule(text) === undefined);
const byteForByte = (text: string) => Buffer.from(text).toString("hex").toUpperCase();

lab.describe("a hostile value", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("s-hostile", "baked");
    server.sh(`useradd -r -m trinity; install -d ${root}/etc/worldserver.conf.d; install -d -m 0700 /etc/trinity-stack
      systemctl start mariadb; mariadb -e 'CREATE DATABASE auth'
      mariadb auth -e "CREATE TABLE realmlist (id INT UNSIGNED PRIMARY KEY, name VARCHAR(32), address VARCHAR(255), localAddress VARCHAR(255),
        localSubnetMask VARCHAR(255), port SMALLINT UNSIGNED, allowedSecurityLevel TINYINT UNSIGNED, gamebuild INT UNSIGNED)
        CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"`);
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  test("is the realm's name in its row", () => {
    const row = {
      socket: "/run/mysqld/mysqld.sock",
      database: "auth",
      id: 1,
      address: "a.example.net",
      localAddress: "127.0.0.1",
    };
    const more = { localSubnetMask: "255.255.255.0", port: 8085, allowedSecurityLevel: 0, gamebuild: 12340 };
    fc.assert(
      fc.property(taken(realmName), (name) => {
        const args = { ...row, ...more, name };
        expect(server.apply("realm-row", "realm-row", args)).toMatchObject({ code: 0, err: "" });
        expect(server.sh("mariadb auth -N -B", { stdin: "SELECT HEX(name) FROM realmlist" })).toBe(byteForByte(name));
        expect(server.observe("realm-row", "realm-row", args)).toEqual([]);
      }),
      runs,
    );
  }, 200_000);

  test("is a password that logs in, and reaches the server's process in its environment", () => {
    const access = { socket: "/run/mysqld/mysqld.sock", service: "trinity", startEmpty: false };
    const users = Object.fromEntries(
      ["auth", "characters", "world"].flatMap((role) => [
        [`${role}.database`, role],
        [`${role}.user`, role],
      ]),
    );
    const config = { server: "worldserver", root, secretsFolder: "/etc/trinity-stack", lines: ["[worldserver]"] };
    fc.assert(
      fc.property(taken(password).filter(Boolean), (secret) => {
        const secrets = { auth: secret, characters: "c", world: "w" };
        expect(server.apply("access", "access", { ...access, ...users }, secrets)).toMatchObject({ code: 0, err: "" });
        const login = server.exec(
          "IFS= read -r MYSQL_PWD; export MYSQL_PWD; mariadb -u auth -N -B -e 'SELECT 1' auth",
          {
            stdin: secret,
          },
        );
        expect(login).toMatchObject({ code: 0, out: "1\n" });
        const environment = ["TC_LOGIN_DATABASE_INFO=.;{auth};auth"];
        expect(server.apply("config", "config", { ...config, environment }, { auth: secret })).toMatchObject({
          code: 0,
          err: "",
        });
        const seen = server.sh(
          "systemd-run --quiet --pipe --wait -p EnvironmentFile=/etc/trinity-stack/worldserver.env sh -c 'printf %s \"$TC_LOGIN_DATABASE_INFO\" | od -An -v -tx1'",
        );
        expect(seen.replace(/\s/g, "").toUpperCase()).toBe(byteForByte(`.;${secret};auth`));
      }),
      runs,
    );
  }, 200_000);

  test("is a setting as the server's own reader of .conf files finds it", () => {
    // The stand-in reads with the real core's library and rules.
    for (const file of ["Config.cpp", "Config.h", "Log.cpp", "Log.h"])
      server.sh(`mkdir -p /opt/read && cat >/opt/read/${file}`, { stdin: readFileSync(join(common, file)) });
    server.sh("cat >/opt/read/main.cpp", {
      stdin: `#include "Config.h"
        #include <cstdio>
        int main(int, char** argv) {
          const std::string wrong = Config::get().load(argv[1], "");
          std::fprintf(stderr, "%s", wrong.c_str());
          std::printf("%s", Config::get().text("Motd", "unset").c_str());
          return wrong.empty() ? 0 : 1;
        }`,
    });
    server.sh("cd /opt/read && g++ -std=c++17 -o read *.cpp -lboost_filesystem");
    const motd = anything.filter((value) => serverSetting({ name: "Motd", value }) === undefined);
    fc.assert(
      fc.property(motd, (value) => {
        const config = { server: "worldserver", root, secretsFolder: "/etc/trinity-stack", environment: [] };
        const args = { ...config, lines: ["[worldserver]", settingLine("Motd", value)] };
        expect(server.apply("config", "config", args)).toMatchObject({ code: 0, err: "" });
        expect(server.exec(`/opt/read/read ${root}/etc/worldserver.conf.d/stack.conf`)).toEqual({
          code: 0,
          out: value,
          err: "",
        });
      }),
      runs,
    );
  }, 200_000);
});
