import { alertUnits, metricsService, watchService } from "../../components/alerts/unit-texts";
import { serverUnitPlan } from "../../components/servers/unit";
import { logsService } from "../../components/servers/unit-texts";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";
import { furnish, settings } from "./stand-in";

lab.describe("the servers' units", () => {
  const { args } = serverUnitPlan(onLab(settings), facts(), "authserver");
  const file = "/etc/systemd/system/authserver.service";
  let machine: Machine;
  const observe = () => machine.observe("authserver-unit", "unit", args);
  const apply = () => machine.apply("authserver-unit", "unit", args);

  beforeAll(() => {
    machine = onMachine("t-unit");
  }, 300_000);
  afterAll(() => machine?.stop());

  it("writes the unit, and does nothing the second time", () => {
    expect(observe()).toEqual([`${file} is missing`]);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(machine.sh(`cat ${file}`)).toBe(String(args.content).trim());
    expect(apply().out).toBe("as it should be\n");
  });

  it("is understood by systemd, and lets the server do little", () => {
    furnish(machine);
    for (const server of ["authserver", "worldserver"]) {
      expect(machine.exec(`systemd-analyze verify ${server}.service 2>&1 | grep -v 'Unknown lvalue'`).out).toBe("");
      const score = machine.sh(`systemd-analyze security --no-pager ${server}.service | tail -n 1`);
      expect(Number(/([\d.]+) (OK|SAFE)/.exec(score)?.[1])).toBeLessThanOrEqual(3);
    }
  });

  // What goes live or restarts servers applies steps, and has the rights of `pulumi up`.
  const own = onLab(load({}));
  it.each(
    Object.entries({
      ...alertUnits(own),
      "trinity-watch.service": watchService(own, facts()),
      "trinity-metrics.service": metricsService(own, facts()),
      "trinity-logs.service": logsService(own),
    }),
  )("is not the only one: %s may do little, too", (name, text) => {
    const file = name.replace("@.", "@x.");
    machine.sh(`mkdir -p /run/rated && cat >/run/rated/${file}`, { stdin: text });
    const score = machine.sh(
      `cd /run/rated && systemd-analyze security --offline=true --no-pager ./${file} | tail -n 1`,
    );
    expect(Number(/([\d.]+) (OK|SAFE)/.exec(score)?.[1])).toBeLessThanOrEqual(3);
  });

  it("names a changed line, a mode and a file that systemd has not read, and puts them right", () => {
    machine.sh(
      `systemctl enable -q authserver; sed -i 's/^RestartSec=10/RestartSec=1/' ${file}; chmod 0666 ${file}; touch -d '+1 hour' ${file}`,
    );
    expect(observe()).toEqual([
      `${file} has mode 0666, should be 0644`,
      `${file} lacks: RestartSec=10`,
      `${file} has, and should not: RestartSec=1`,
      "systemd has not read the present authserver.service yet (daemon-reload)",
    ]);
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
  });

  it("is read again by systemd, also when the clock was set back meanwhile", () => {
    machine.sh(
      `sed -i 's/^RestartSec=10/RestartSec=1/' ${file}; touch -d '+1 hour' ${file}; systemctl daemon-reload; test "$(systemctl show -P RestartUSec authserver)" = 1s`,
    );
    expect(apply().code).toBe(0);
    expect(machine.sh("systemctl show -P RestartUSec authserver")).toBe("10s");
  });

  it("undoes a mask", () => {
    machine.sh(`rm ${file}; systemctl mask -q authserver.service`);
    expect(observe()).toEqual(["authserver.service is masked"]);
    expect(apply().code).toBe(0);
    expect(observe()).toEqual([]);
    expect(machine.sh("systemctl show -p LoadState --value authserver")).toBe("loaded");
  });

  it("mentions an operator's drop-in, and leaves it", () => {
    const dropIn = `${file}.d/override.conf`;
    machine.sh(`mkdir -p ${file}.d; printf '[Service]\\nNice=5\\n' >${dropIn}; systemctl daemon-reload`);
    expect(observe()).toEqual([`hint: authserver.service is changed by the drop-in ${dropIn}`]);
    expect(apply().out).toBe(`as it should be\nauthserver.service is changed by the drop-in ${dropIn}\n`);
    machine.sh(`rm -r ${file}.d; systemctl daemon-reload`);
  });

  it("refuses a server that cannot make the sandbox, before the unit is written, unless a drop-in does without", () => {
    const dropIns = `${file}.d`;
    machine.sh(
      `rm ${file}; mkdir -p ${dropIns}; printf '[Service]\\nBindReadOnlyPaths=/nonexistent\\n' >${dropIns}/a.conf; systemctl daemon-reload`,
    );
    const refused =
      /^refused: systemd cannot make the sandbox of authserver\.service on this host \(status 226\/NAMESPACE: Failed to set up mount namespacing: .*\); this host is a container \(systemd-nspawn\): let it nest, .*; or do without that part of the sandbox, in a drop-in of your own.*systemctl edit authserver\.service/;
    expect(observe()).toEqual(expect.arrayContaining([expect.stringMatching(refused)]));
    const { code, err } = apply();
    expect([code, err]).toEqual([1, expect.stringContaining("nothing was changed")]);
    expect(machine.sh(`ls ${file} 2>&1 | wc -l; systemctl list-units --all 'trinity-sandbox*' --no-legend`)).toBe("1");
    machine.sh(`echo BindReadOnlyPaths= >>${dropIns}/a.conf; systemctl daemon-reload`);
    expect(apply().code).toBe(0);
    machine.sh(`rm -r ${dropIns}; systemctl daemon-reload`);
    expect(observe()).toEqual([]);
  });

  it("sets the wiki page's own unit aside, which has the name of our alias", () => {
    const old = "/etc/systemd/system/tc-335-auth.service";
    machine.sh(
      `systemctl disable -q authserver; printf '[Service]\\nExecStart=/bin/sleep 600\\n[Install]\\nWantedBy=multi-user.target\\n' >${old}; systemctl daemon-reload; systemctl enable -q --now tc-335-auth`,
    );
    expect(observe()).toEqual([
      "tc-335-auth.service is a unit of its own, should be another name of authserver.service (it will be stopped and set aside)",
    ]);
    expect(apply()).toMatchObject({ code: 0, err: "" });
    expect(machine.sh(`ls ${old}*; systemctl is-active tc-335-auth || true`)).toBe(
      `${old}.before-trinity-stack\ninactive`,
    );
  });

  it("goes with the stack", () => {
    expect(machine.undo("authserver-unit").code).toBe(0);
    expect(machine.sh("systemctl show -p LoadState --value authserver")).toBe("not-found");
  });
});
