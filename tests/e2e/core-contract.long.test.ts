/**
 * What the stack relies on in the core, one sentence each. It runs against the lab's stand-in, and with TRINITY_REAL
 * against the real core: where the two differ, the stand-in is mended.
 */
import type { Machine } from "../lab/machine";
import { ROOT, sql } from "./breakage";
import { makeAccount, real, servingRealm, soap } from "./core-lab";
import { names, reaches } from "./outside";
import { describeOnLab, destroyLab, type RealmLab } from "./realm-lab";

jest.setTimeout(120_000);

describeOnLab(`the core (${real ? "real" : "the stand-in"})`, () => {
  let realm: RealmLab;
  let machine: Machine;

  beforeAll(
    async () => {
      realm = await servingRealm("core");
      ({ machine } = realm);
      // The servers' own programs and settings in units of the test's: not tied to MariaDB's, never started again by
      // systemd.
      for (const server of ["authserver", "worldserver"])
        await machine.sure(`systemctl cat ${server} |
          grep -vE '^(#|PartOf|Requisite|Wants|After|WantedBy|Alias|Condition|Restart|RestartForceExitStatus|StartLimit|Exec.*(started|rotate-logs).sh)' \
          >/run/systemd/system/bare-${server}.service`);
      // systemd forgets how a unit ended that nothing names any more.
      await machine.sure(`printf '[Unit]\\nAfter=bare-authserver.service bare-worldserver.service\\n' >/run/systemd/system/bare.target
        systemctl daemon-reload; systemctl start bare.target; systemctl disable -q --now worldserver`);
    },
    real ? 5_400_000 : 1_200_000,
  );
  afterAll(() => destroyLab(realm), 60_000);

  const unit = "bare-worldserver";
  const on = (script: string) => machine.sure(script);
  const flag = () => on(sql("SELECT flag FROM authserver.realmlist WHERE id = 1"));
  const property = (name: string) => on(`systemctl show -P ${name} ${unit}`);
  /** How its process ended: its status, or the signal by which it did. */
  const ended = async (seconds = 20) => {
    await on(`for i in $(seq ${seconds * 10}); do systemctl is-active -q ${unit} || exit 0; sleep 0.1; done; exit 1`);
    return on(`systemctl show -P ExecMainStatus ${unit}; systemctl reset-failed ${unit} 2>/dev/null || true`);
  };
  const start = () => on(`systemctl start ${unit}`);
  const stop = () => on(`systemctl stop ${unit}; systemctl reset-failed ${unit} 2>/dev/null || true`);
  const log = (name: string) => on(`cat ${ROOT}/logs/${name}`);
  const restarted = async () => {
    await stop();
    await start();
  };

  describe("as it starts", () => {
    it("shows its realm as offline until it serves, listens where it was told, and says that it is ready", async () => {
      await on(sql("UPDATE authserver.realmlist SET flag = 2 WHERE id = 1"));
      await start();
      expect(await flag()).toBe("0");
      expect(await on("ss -Hltn | awk '{ print $4 }' | grep -E ':(8085|7878|3443)$' | sort")).toBe(
        "0.0.0.0:8085\n127.0.0.1:7878",
      );
      expect(await reaches(machine.address, 8085)).toBe(true);
      expect(await log("Server.log")).toContain("ready...");
    });

    it("keeps its realm's name, address and port, and writes icon and timezone", async () => {
      const row = sql("SELECT name, address, port, icon, timezone FROM authserver.realmlist WHERE id = 1");
      await on(sql("UPDATE authserver.realmlist SET icon = 7, timezone = 9 WHERE id = 1"));
      await restarted();
      expect(await on(row)).toBe("RoE (WotLK)\twow.lab.test\t8085\t0\t1");
    });

    it("goes on in its logs where it is asked to, and in DBErrors.log always", async () => {
      await stop();
      await on(`cd ${ROOT}/logs && echo mark | tee -a DBErrors.log >Server.log && chown trinity: *.log`);
      await start();
      expect(await log("Server.log")).toMatch(/^mark\n[\s\S]*ready\.\.\./);
      expect(await log("DBErrors.log")).toContain("mark");
    });

    it.each([
      ["without MariaDB", "systemctl stop mariadb", "systemctl start mariadb", "1"],
      [
        "with its world port taken",
        "systemd-run -q --unit=holder socat TCP-LISTEN:8085,fork,reuseaddr /dev/null",
        "systemctl stop holder; systemctl reset-failed holder 2>/dev/null || true",
        "1",
      ],
      [
        "with its SOAP port taken",
        "systemd-run -q --unit=holder socat TCP-LISTEN:7878,bind=127.0.0.1,fork,reuseaddr /dev/null",
        "systemctl stop holder; systemctl reset-failed holder 2>/dev/null || true",
        "139",
      ],
      [
        "without its maps",
        `mv ${ROOT}/data/maps ${ROOT}/data/maps.away`,
        `mv ${ROOT}/data/maps.away ${ROOT}/data/maps`,
        "1",
      ],
      ["without dbc", `mv ${ROOT}/data/dbc ${ROOT}/data/dbc.away`, `mv ${ROOT}/data/dbc.away ${ROOT}/data/dbc`, "1"],
      [
        "without its texts",
        sql(
          "RENAME TABLE worldserver.trinity_string TO worldserver.away",
          "CREATE TABLE worldserver.trinity_string LIKE worldserver.away",
        ),
        sql("DROP TABLE worldserver.trinity_string", "RENAME TABLE worldserver.away TO worldserver.trinity_string"),
        "1",
      ],
    ])("%s: ends with a status of its own", async (_, take, give, status) => {
      await stop();
      await on(take);
      const { code } = await machine.exec(`systemctl start ${unit}`);
      const seen = await ended().catch(() => "it runs");
      await on(give);
      await stop();
      // systemd knows a crash by its signal.
      expect([code === 0, seen]).toEqual([false, status === "139" ? "11" : status]);
    });

    it("with its RA port taken: only logs it, and runs on", async () => {
      const folder = `${ROOT}/etc/worldserver.conf.d`;
      await stop();
      await on(`mv ${folder}/stack.conf /run/stack.conf && { grep -v '^Ra[.]' /run/stack.conf; printf 'Ra.Enable = 1\\nRa.IP = "127.0.0.1"\\n'; } >${folder}/test.conf
        systemd-run -q --unit=holder socat TCP-LISTEN:3443,bind=127.0.0.1,fork,reuseaddr /dev/null`);
      await start();
      const log = await on(`sleep 1; cat ${ROOT}/logs/Server.log`);
      await on(`systemctl stop holder; rm ${folder}/test.conf; mv /run/stack.conf ${folder}/stack.conf`);
      expect(log).toContain("Failed to bind RA socket acceptor");
      expect(await property("ActiveState")).toBe("active");
    });

    it("with a key that it does not know: starts all the same", async () => {
      const file = `${ROOT}/etc/worldserver.conf.d/test.conf`;
      await on(`printf '[worldserver]\\nNo.Such.Key = 1\\n' >${file}`);
      await restarted();
      await on(`rm ${file}`);
      expect(await property("ActiveState")).toBe("active");
    });
  });

  describe("over SOAP", () => {
    beforeAll(async () => {
      await restarted();
      await makeAccount(machine, "CONTRACT", "SECRET12", 3);
      await makeAccount(machine, "MODERATOR", "SECRET12", 2);
    });

    it.each([
      ["a command that was done", () => soap(machine, "server info"), 200],
      ["one that says nothing", () => soap(machine, "announce hello"), 200],
      ["an unknown command", () => soap(machine, "dance"), 500],
      ["a wrong syntax", () => soap(machine, "server shutdown soon"), 500],
      ["an administrator", () => soap(machine, "server info", "CONTRACT:SECRET12"), 200],
      ["a wrong password", () => soap(machine, "server info", "CONTRACT:WRONG"), 401],
      ["no such account", () => soap(machine, "server info", "NOBODY:SECRET12"), 401],
      ["a lower level", () => soap(machine, "server info", "MODERATOR:SECRET12"), 403],
      ["another method", () => soap(machine, "server info", undefined, "GET"), 405],
    ])("%s: the status says it", async (_, ask, status) => {
      expect((await ask()).status).toBe(status);
    });

    it("names its commit in `server info`; the rest is rows of the database, which operators translate", async () => {
      const commit = (await on(`basename $(readlink ${ROOT}/run)`)).split("-")[0] as string;
      const text = "UPDATE worldserver.trinity_string SET content_default = 'Im Spiel: %u (%u)' WHERE entry = 60";
      await on(sql("CREATE TABLE worldserver.kept AS SELECT * FROM worldserver.trinity_string WHERE entry = 60", text));
      await restarted();
      const { text: said } = await soap(machine, "server info");
      await on(
        sql("REPLACE INTO worldserver.trinity_string SELECT * FROM worldserver.kept", "DROP TABLE worldserver.kept"),
      );
      expect(said).toContain(commit);
      expect(said).toMatch(/Im Spiel: 0 \(\d+\)\r\n/);
    });

    it("reads its files again on `reload config`: those it began with, and says done even when it could not", async () => {
      const file = `${ROOT}/etc/worldserver.conf.d/stack.conf`;
      await on(`cp -p ${file} /run/stack.conf`);
      await restarted();
      const edit = (text: string) => on(`sed -i '/^Motd/d' ${file}; echo 'Motd = "${text}"' >>${file}`);
      const motd = async () => (await soap(machine, "server motd")).text;
      await edit("another day");
      expect(await motd()).not.toContain("another day");
      expect(await soap(machine, "reload config")).toEqual({ status: 200, text: "" });
      expect(await motd()).toContain("another day");
      // Its logs it opens anew after that: the sign that it took them over.
      const anew = async () => {
        await on(`cd ${ROOT}/logs && mv Server.log Server.aside`);
        expect((await soap(machine, "reload config")).status).toBe(200);
        return on(`cd ${ROOT}/logs && if test -e Server.log; then echo new; else mv Server.aside Server.log; fi`);
      };
      expect((await anew()).trim()).toBe("new");
      await on(`chmod 600 ${file}`);
      expect((await anew()).trim()).toBe("");
      expect(await log("Server.log")).toContain("World settings reload fail");
      expect(await motd()).toContain("another day");
      await on(
        `chmod 644 ${file}; printf '[worldserver]\\nMotd = "from a new file"\\n' >${ROOT}/etc/worldserver.conf.d/zz.conf`,
      );
      await soap(machine, "reload config");
      expect(await motd()).toContain("another day");
      await on(`rm ${ROOT}/etc/worldserver.conf.d/zz.conf; cp -p /run/stack.conf ${file}`);
    });
  });

  describe("as it ends", () => {
    beforeEach(start);

    it.each([
      ["server shutdown force 1", "0"],
      ["server shutdown 1 7", "7"],
      ["server restart 1", "2"],
    ])("%s: with %s, and its realm is offline", async (command, status) => {
      expect((await soap(machine, command)).status).toBe(200);
      expect(await ended()).toBe(status);
      expect(await flag()).toBe("2");
    });

    it.each([
      ["TERM", "0", "2"],
      ["INT", "0", "2"],
      ["HUP", "1", "0"],
      ["KILL", "9", "0"],
    ])("SIG%s: with %s, and the realm's flag is %s", async (signal, status, says) => {
      await on(`systemctl kill --signal=${signal} ${unit}`);
      expect([await ended(), await flag()]).toEqual([status, says]);
    });

    it("a countdown can be taken back, and its end is awaited", async () => {
      expect((await soap(machine, "server shutdown force 60")).status).toBe(200);
      expect((await soap(machine, "server shutdown cancel")).status).toBe(200);
      expect(await property("ActiveState")).toBe("active");
    });
  });

  describe("whose MariaDB goes away", () => {
    const away = (seconds: number) => on(`systemctl stop mariadb; sleep ${seconds}`);
    const back = () => on("systemctl start mariadb");
    const here = () => soap(machine, "server info", "CONTRACT:SECRET12");

    beforeEach(async () => {
      await makeAccount(machine, "CONTRACT", "SECRET12", 3);
      await restarted();
      expect((await here()).status).toBe(200);
    });

    it("and comes back before it asks again: goes on as if nothing had been", async () => {
      await away(0);
      await back();
      expect((await here()).status).toBe(200);
    });

    it("and is asked meanwhile: half dead for ever, though it listens and systemd takes it for active", async () => {
      await away(1);
      await here();
      await back();
      expect((await here()).status).toBe(401);
      await on("sleep 5");
      expect((await here()).status).toBe(401);
      expect([await property("ActiveState"), await reaches(machine.address, 8085)]).toEqual(["active", true]);
      expect(await log("DBErrors.log")).toMatch(/Unhandled MySQL errno 2002/);
      await restarted();
      expect((await here()).status).toBe(200);
    });
  });

  it("comes back whole when somebody restarts MariaDB, or kills it, as its unit ties it to that", async () => {
    await stop();
    await on("systemctl enable -q --now worldserver; systemctl start authserver");
    const began = () => on("systemctl show -P InvocationID authserver worldserver");
    const back = () =>
      on(
        "for i in $(seq 300); do systemctl is-active -q mariadb authserver worldserver && exit; sleep 0.1; done; systemctl status mariadb authserver worldserver; exit 1",
      );
    for (const way of ["systemctl restart mariadb", "systemctl kill -s KILL mariadb"]) {
      const before = await began();
      await on(way);
      await on(
        `for i in $(seq 200); do [ "$(systemctl show -P InvocationID authserver worldserver)" != "${before}" ] && exit; sleep 0.1; done; exit 1`,
      );
      await back();
      // The world's port opens first.
      let answer = await soap(machine, "server info");
      for (let tries = 0; answer.status === 0 && tries < 50; tries++) {
        await on("sleep 0.2");
        answer = await soap(machine, "server info");
      }
      expect(answer.status).toBe(200);
    }
    expect(names(await realm.stack.planned())).toEqual([]);
    await on("systemctl disable -q --now worldserver");
  });

  it("brings its databases up to date with -u, and ends", async () => {
    const run = `cd ${ROOT}/work/worldserver && set -a && . /etc/trinity-stack/worldserver.env && set +a && TC_UPDATES_ENABLE_DATABASES=7 runuser -u trinity -- env LC_ALL=C.UTF-8 ${ROOT}/run/bin/worldserver -c ${ROOT}/run/etc/worldserver.conf.dist --config-dir ${ROOT}/etc/worldserver.conf.d -u </dev/null >/dev/null 2>&1; echo $?`;
    await stop();
    expect(await on(run)).toBe("0");
    await on("systemctl stop mariadb");
    const without = await on(run);
    await on("systemctl start mariadb");
    expect(without).toBe("1");
  });
});
