import { restartArgs } from "../../components/servers/restarts";
import { serverServicePlan } from "../../components/servers/service";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine, stepCommand } from "./on-machine";
import { configure, furnish, release, root, settings } from "./stand-in";

lab.describe("a server that runs", () => {
  const auth = serverServicePlan(onLab(settings), facts(), "authserver").args;
  const world = serverServicePlan(onLab(settings), facts(), "worldserver").args;
  let machine: Machine;
  const observe = () => machine.observe("authserver", "service", auth);
  const apply = () => machine.apply("authserver", "service", auth);
  const look = () => machine.observe("worldserver", "service", world);
  const put = () => machine.apply("worldserver", "service", world);
  const pid = () => machine.sh("systemctl show -p MainPID --value authserver");
  const restarted = (from: string) => pid() !== from;

  beforeAll(() => {
    machine = onMachine("t-service");
    furnish(machine);
  }, 300_000);
  afterAll(() => machine?.stop());

  it("starts it under both names, and does nothing the second time", () => {
    expect(observe()).toEqual([
      "authserver does not start when the host boots (disabled)",
      "the name tc-335-auth.service does not lead to authserver.service",
      "authserver is not running",
    ]);
    const { code, out, err } = apply();
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.trimEnd().split("\n").pop()).toBe("outcome: active");
    // Ready means ready: the port is open when the command returns.
    expect(machine.sh("ss -Hltn 'sport = :3724' | wc -l; systemctl is-active tc-335-auth")).toBe("1\nactive");
    expect(apply().out).toBe("as it should be\noutcome: active\n");
    expect(machine.sh("stat -c %a /run/trinity-stack/authserver.started")).toBe("600");
  });

  it.each([
    [
      "configuration",
      `echo well, other >${root}/etc/authserver.conf.d/stack.conf`,
      `${root}/etc/authserver.conf.d/stack.conf`,
    ],
    ["password", "echo TC_PASSWORD=y >/etc/trinity-stack/authserver.env", "/etc/trinity-stack/authserver.env"],
    [
      "unit",
      "sed -i s/^RestartSec=10/RestartSec=11/ /etc/systemd/system/authserver.service; systemctl daemon-reload",
      "/etc/systemd/system/authserver.service",
    ],
    [
      "drop-in",
      "mkdir /etc/systemd/system/authserver.service.d; printf '[Service]\\nNice=1\\n' >/etc/systemd/system/authserver.service.d/a.conf; systemctl daemon-reload",
      "/etc/systemd/system/authserver.service.d/a.conf",
    ],
  ])("sees that it runs with an older %s, and starts it again", (_what, change, file) => {
    const before = pid();
    machine.sh(change);
    expect(observe()).toEqual([`authserver runs with an older ${file}: restart needed`]);
    expect(apply().code).toBe(0);
    expect(restarted(before)).toBe(true);
    expect(observe()).toEqual([]);
  });

  it("sees another release, a start behind its back, and a closed port", () => {
    release(machine, "bbbbbbbbbbbb-22222222");
    expect(observe()).toEqual([
      "authserver runs the release aaaaaaaaaaaa-11111111, the live one is bbbbbbbbbbbb-22222222: restart needed",
    ]);
    expect(apply().code).toBe(0);
    machine.sh("rm /run/trinity-stack/authserver.started");
    expect(observe()).toEqual(["authserver was not started by the stack: restart needed"]);
    expect(apply().code).toBe(0);
    expect(machine.observe("authserver", "service", { ...auth, port: 3725 })).toEqual([
      "authserver runs, but does not listen on 3725/tcp",
    ]);
  });

  it("prints into the journal at once", () => {
    expect(
      machine.sh("sleep 0.5; journalctl --sync; journalctl -q -u authserver -o cat | grep -c '^World initialized'"),
    ).toMatch(/^[1-9]/);
  });

  it("keeps the log of the last run", () => {
    const aside = machine.sh(`ls ${root}/logs | grep -c '^Auth\\..*\\.log$'`);
    expect(Number(aside)).toBeGreaterThan(1);
    expect(machine.sh(`cat ${root}/logs/Auth.log`)).toBe("starting well, other");
  });

  it("starts one that was stopped or disabled by hand", () => {
    machine.sh("systemctl disable -q --now authserver");
    expect(observe()).toContain("authserver is not running");
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
  });

  it("sees that the link which starts it with the server is gone, though systemd does not know yet", () => {
    machine.sh("rm /etc/systemd/system/multi-user.target.wants/authserver.service");
    expect(observe()).toEqual(["authserver does not start when the host boots (disabled)"]);
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
  });

  it("says why a start fails, at once and in the server's own words", () => {
    configure(machine, "authserver", "fail");
    const began = Date.now();
    const { code, err } = apply();
    expect(Date.now() - began).toBeLessThan(9_000);
    expect(code).toBe(1);
    expect(err).toMatch(/^error: authserver did not restart: status 1: DatabasePool Login NOT opened. Access denied\n/);
    expect(err).toContain("DatabasePool Login NOT opened. Access denied");
    expect(observe().join()).toMatch(/authserver (keeps failing|is not running: it failed) \(status 1\)/);
    machine.sh("systemctl stop authserver; rm /etc/trinity-stack/authserver.env");
    const noFile = apply().err;
    expect(noFile).toMatch(
      /^error: authserver did not start: systemd could not start it: Failed to load environment files/,
    );
    // What an earlier start had to say is not offered as the reason.
    expect(noFile).not.toContain("Access denied");
    machine.sh("echo TC_PASSWORD=x >/etc/trinity-stack/authserver.env");
    configure(machine, "authserver", "well");
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
  }, 60_000);

  it("finds who holds its port before it tries, and before it stops what runs", () => {
    const hold = (address: string, port: number) =>
      machine.sh(
        `systemctl reset-failed other 2>/dev/null; systemd-run --quiet --unit=other python3 -c 'import socket,time; s=socket.socket(); s.bind(("${address}",${port})); s.listen(); time.sleep(600)'; timeout 10 sh -c 'until ss -Hltn "sport = :${port}" | grep -q .; do sleep 0.1; done'`,
      );
    machine.sh("systemctl stop authserver");
    hold("127.0.0.1", 3724);
    const held =
      /3724\/tcp is held by python3 \(pid \d+ of root, other\.service\); stop that, or choose another port: pulumi config set --path trinitycore:login\.port …/;
    expect(observe()).toEqual([
      expect.stringMatching(new RegExp(`^hint: the authserver cannot start: ${held.source}$`)),
      "authserver is not running",
    ]);
    const began = Date.now();
    expect(apply().err).toMatch(new RegExp(`^error: the authserver cannot start: ${held.source}\n$`));
    expect(Date.now() - began).toBeLessThan(3_000);
    machine.sh("systemctl stop other");
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
  });

  it("sees a start that is still going on, and waits for it", () => {
    configure(machine, "authserver", "slow");
    machine.sh(
      `systemctl reset-failed authserver; systemctl restart --no-block authserver; timeout 20 bash -c 'until [ $(systemctl show -p SubState --value authserver) = start-post ]; do sleep 0.1; done'`,
    );
    expect(observe()).toEqual(["authserver is still starting, 3724/tcp is not open yet"]);
    const before = pid();
    machine.sh(`systemd-run --quiet --on-active=1s touch ${root}/data/go`);
    expect(apply().code).toBe(0);
    expect(restarted(before)).toBe(false);
    expect(observe()).toEqual([]);
    machine.sh(`rm ${root}/data/go`);
  }, 60_000);

  it("lets the worldserver wait for its game data", () => {
    expect(put()).toMatchObject({
      code: 0,
      err: "",
      out: expect.stringContaining(`waits for game data in ${root}/data (empty: dbc maps vmaps)`),
    });
    expect(machine.sh("systemctl is-enabled worldserver; systemctl is-active worldserver || true")).toBe(
      "enabled\ninactive",
    );
    expect(look()).toEqual([
      expect.stringMatching(/^hint: the worldserver waits for game data in .*\/data \(empty: dbc maps vmaps\)/),
    ]);
    machine.sh(`cd ${root}/data && mkdir dbc maps && touch dbc/x maps/x`);
    expect(look()).toEqual([expect.stringContaining("(empty: vmaps)")]);
    machine.sh(`cd ${root}/data && mkdir vmaps && touch vmaps/x`);
    expect(look()).toEqual(["worldserver is not running"]);
    expect(put().code).toBe(0);
    expect(look()).toEqual([]);
    expect(machine.sh("ss -Hltn 'sport = :8085' | wc -l")).toBe("1");
  });

  it("finds who holds the ports of the worldserver's consoles", () => {
    machine.sh(
      `systemctl stop worldserver; printf '%s\\n' '[worldserver]' 'Ra.Enable = 1' 'Ra.IP = "0.0.0.0"' 'Ra.Port = 3443' 'SOAP.Enabled = 1' 'SOAP.IP = "127.0.0.1"' 'SOAP.Port = 7878' >${root}/etc/worldserver.conf.d/stack.conf
      systemd-run --quiet --unit=other python3 -c 'import socket,time; l=[socket.create_server((a,p)) for a,p in (("127.0.0.1",7878),("0.0.0.0",3443))]; time.sleep(600)'
      timeout 10 sh -c 'until ss -Hltn "sport = :3443" | grep -q .; do sleep 0.1; done'`,
    );
    const { err } = put();
    expect(err).toMatch(
      /^error: the worldserver cannot start: 3443\/tcp is held by python3 .*trinitycore:realms\.wotlk\.console\.port …\n {2}7878\/tcp is held by python3 .*trinitycore:realms\.wotlk\.soap\.port …\n$/,
    );
    // On another address it is no obstacle.
    machine.sh(
      `systemctl stop other; sed -i '/^Ra/d' ${root}/etc/worldserver.conf.d/stack.conf; systemd-run --quiet --unit=other python3 -c 'import socket,time; l=[socket.create_server((a,7878)) for a in ("127.0.0.2",)]; time.sleep(600)'
      timeout 10 sh -c 'until ss -Hltn "sport = :7878" | grep -q .; do sleep 0.1; done'`,
    );
    expect(put().code).toBe(0);
    machine.sh("systemctl stop other");
  });

  it.each([
    ["not at all", "", ""],
    ["to everybody", "0.0.0.0", " (it listens on 0.0.0.0:3443)"],
  ])("sees a console that listens %s", (_, address, found) => {
    machine.sh(
      `printf '%s\\n' '[worldserver]' 'Ra.Enable = 1' 'Ra.IP = "127.0.0.1"' 'Ra.Port = 3443' >${root}/etc/worldserver.conf.d/stack.conf`,
    );
    expect(put().code).toBe(0);
    expect(look()).toEqual([]);
    machine.sh(`echo ${address} >${root}/logs/elsewhere; systemctl restart worldserver`);
    const said = `worldserver runs, but does not listen on 127.0.0.1:3443 as trinitycore:realms.wotlk.console.port has it${found}`;
    expect(look()).toEqual([said]);
    // What does not go away is not called done.
    const { code, err } = put();
    expect([code, err]).toEqual([1, expect.stringContaining(said)]);
    machine.sh(`rm ${root}/logs/elsewhere`);
    expect(put().code).toBe(0);
    expect(look()).toEqual([]);
  });

  it("is started again after players were told, though nobody listens any more", () => {
    // As the real one: it ends by itself, with 0, and is not started again by systemd.
    machine.sh("cat >/usr/local/sbin/curl && chmod 755 /usr/local/sbin/curl", {
      stdin: `#!/bin/sh
        case $(cat) in *'server shutdown force 2 0'*) (sleep 2; kill $(systemctl show -P MainPID worldserver)) >/dev/null 2>&1 & ;; esac`,
    });
    configure(machine, "worldserver", "otherwise");
    const before = machine.sh("systemctl show -P MainPID worldserver");
    const told = {
      ...world,
      ...restartArgs(onLab(load({ restarts: "announce" })), facts()),
      announce_seconds: 2,
    };
    machine.sh(`systemd-run --quiet --collect --unit=runner bash ${stepCommand("worldserver", "service", told)}
      timeout 20 sh -c 'while systemctl is-active --quiet worldserver; do sleep 0.02; done'; systemctl kill -s KILL runner
      timeout 20 sh -c 'until systemctl is-active --quiet worldserver; do sleep 0.1; done'; rm /usr/local/sbin/curl`);
    expect(machine.sh("systemctl show -P MainPID worldserver")).not.toBe(before);
    expect(machine.observe("worldserver", "service", told)).toEqual([]);
    const { out } = machine.apply("worldserver", "service", told);
    expect(out).toBe("as it should be\noutcome: active\n");
  });

  it("stops and disables what is no longer wanted", () => {
    expect(machine.undo("authserver").code).toBe(0);
    expect(machine.sh("systemctl is-enabled authserver; systemctl is-active authserver worldserver; true")).toBe(
      "disabled\ninactive\nactive",
    );
    expect(machine.undo("authserver-unit").code).toBe(0);
    expect(observe()).toEqual(["authserver.service does not exist"]);
  });

  describe("and MariaDB", () => {
    const began = () => machine.sh("systemctl show -P InvocationID authserver");
    const until = (state: string) =>
      machine.sh(
        `for i in $(seq 100); do [ "$(systemctl is-active authserver)" = ${state} ] && exit; sleep 0.1; done; systemctl status authserver; exit 1`,
      );
    beforeAll(() => furnish(machine));
    beforeEach(() => {
      configure(machine, "authserver", "well");
      expect(apply().code).toBe(0);
    });

    it("stops before it and starts after it, when somebody restarts it", () => {
      const before = began();
      machine.sh("systemctl restart mariadb");
      until("active");
      expect(began()).not.toBe(before);
      const times = machine.sh(
        "systemctl show -P ExecMainStartTimestampMonotonic mariadb; systemctl show -P ExecMainStartTimestampMonotonic authserver",
      );
      const [mariadb, server] = times.split("\n").map(Number) as [number, number];
      expect(mariadb).toBeLessThan(server);
      expect(observe()).toEqual([]);
    });

    it("is not tried while it is away, however long, and comes back with it", () => {
      machine.sh("systemctl stop mariadb");
      expect(machine.sh("systemctl is-active authserver || true")).toBe("inactive");
      machine.sh(
        "mkdir -p /run/systemd/system/mariadb.service.d; printf '[Service]\\nExecStartPre=/bin/false\\n' >/run/systemd/system/mariadb.service.d/x.conf; systemctl daemon-reload",
      );
      for (let i = 0; i < 6; i++) machine.sh("systemctl start authserver 2>/dev/null; true");
      expect(machine.sh("systemctl is-active authserver || true")).toBe("inactive");
      machine.sh("rm -r /run/systemd/system/mariadb.service.d; systemctl daemon-reload; systemctl start mariadb");
      until("active");
      expect(observe()).toEqual([]);
    });

    it("may be restarted as often as somebody likes", () => {
      for (let i = 0; i < 6; i++) machine.sh("systemctl restart authserver");
      expect(observe()).toEqual([]);
    });

    it("that was started anew without it is named, and so is one that it has lost for good", () => {
      machine.sh("systemctl --job-mode=ignore-dependencies restart mariadb");
      expect(observe()).toEqual([
        "authserver runs since before MariaDB was started, and may have lost it for good: restart needed",
      ]);
      expect(apply().code).toBe(0);
      expect(observe()).toEqual([]);
      machine.sh(
        `echo '[ERROR] Unhandled MySQL errno 2002. Unexpected behaviour possible.' >>${root}/logs/DBErrors.log`,
      );
      // That is what the worldserver says.
      expect(observe()).toEqual([]);
      machine.sh(
        `seq 9999 >>${root}/logs/Auth.log; echo '[ERROR] Unhandled MySQL errno 2002. Unexpected behaviour possible.' >>${root}/logs/Auth.log
         runuser -u trinity -- bash /usr/local/libexec/trinity-stack/current/rotate-logs.sh nightly ${root}/logs 30; echo later >>${root}/logs/Auth.log`,
      );
      expect(machine.sh(`wc -l <${root}/logs/Auth.log`)).toBe("2");
      expect(observe()).toEqual([
        `authserver has lost MariaDB for good (errno 2002 in ${root}/logs/Auth.log): restart needed`,
      ]);
      const before = pid();
      expect(apply().code).toBe(0);
      expect(restarted(before)).toBe(true);
      // What an earlier start said is no matter of this one's.
      expect(observe()).toEqual([]);
    });

    it("does not start with it when a link is missing, which is put back without a restart", () => {
      const before = pid();
      machine.sh("rm /etc/systemd/system/mariadb.service.wants/authserver.service; systemctl daemon-reload");
      expect(observe()).toEqual(["authserver does not start again with MariaDB"]);
      expect(apply().code).toBe(0);
      expect([observe(), pid()]).toEqual([[], before]);
    });
  });
});
