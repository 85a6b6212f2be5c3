import { adoptionPlan } from "../../components/host/adoption";
import { serverUnitPlan } from "../../components/servers/unit";
import { load } from "../unit/settings/source";
import { applied, root, schemaArgs, withDatabases } from "./built";
import { facts, onLab } from "./facts-of";
import { onlyForReal } from "./live-realm";
import { lab, type Machine, stepCommand } from "./on-machine";

lab.describe("going live in the place of a realm from before", () => {
  const settings = load({ "host.adopt": "true" });
  const { auth, characters, world } = schemaArgs;
  const adoptionArgs = { ...adoptionPlan(onLab(settings), facts()).args, auth, characters, world };
  const servers = ["authserver", "worldserver"] as const;
  const units = "/etc/systemd/system";
  /** One of them has the name that this stack's has, too. */
  const old = { authserver: "authserver.service", worldserver: "tc-335-world.service" };
  const oldText = (server: string) =>
    `[Service]\\nExecStart=${root}/run/bin/${server}\\n[Install]\\nWantedBy=multi-user.target\\n`;
  const unitArgs = (server: (typeof servers)[number]) => ({
    ...serverUnitPlan(onLab(settings), facts(), server).args,
    content:
      "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n# /usr/local/libexec/trinity-stack/\n",
  });
  let machine: Machine;

  const layUnits = () =>
    servers.map((server) => {
      const { code, err } = machine.apply(`${server}-unit`, "unit", unitArgs(server));
      return [code, err];
    });
  const lookAtUnits = () => servers.map((server) => machine.observe(`${server}-unit`, "unit", unitArgs(server)));
  const processes = (...names: readonly string[]) =>
    machine.sh(`for unit in ${names.join(" ")}; do systemctl show -P MainPID $unit; done`);
  const ended = () =>
    machine.sh("timeout 60 sh -c 'while systemctl is-active --quiet trinity-live; do sleep 0.2; done'");
  /** Whoever asked for it is gone as soon as the servers from before are. */
  const cutOff = () =>
    machine.sh(`systemd-run --quiet --collect --unit=runner bash ${stepCommand("schema", "schema", schemaArgs)}
      timeout 20 sh -c 'while systemctl is-active --quiet tc-335-world; do sleep 0.05; done'; systemctl kill -s KILL runner`);
  const candidate = (name: string, statement: string) =>
    machine.sh(
      `cd ${root}/releases && cp -a $(basename $(readlink ../candidate)) ${name} && echo "DO SLEEP(3); ${statement};" >${name}/sql/updates/world/2026_08_0${name}_world.sql && ln -sfn releases/${name} ${root}/candidate`,
    );

  beforeAll(() => {
    machine = withDatabases("t-takeover");
    applied(machine, "schema", schemaArgs);
    machine.sh(`mkdir -p ${root}/run/bin
      for server in ${servers.join(" ")}; do
        printf '#!/bin/sh\\nexec sleep infinity\\n' >${root}/run/bin/$server; chmod 755 ${root}/run/bin/$server
      done
      printf '${oldText("authserver")}' >${units}/${old.authserver}; printf '${oldText("worldserver")}' >${units}/${old.worldserver}
      systemctl daemon-reload; systemctl enable -q --now ${old.authserver} ${old.worldserver}`);
    applied(machine, "adoption", adoptionArgs);
  }, 600_000);
  afterAll(() => machine?.stop());

  it("leaves the old units their place until then", () => {
    const before = processes(old.authserver, old.worldserver);
    expect(layUnits()).toEqual([
      [0, ""],
      [0, ""],
    ]);
    expect(lookAtUnits()).toEqual([
      ["hint: authserver.service follows authserver.service when the new server goes live"],
      ["hint: worldserver.service follows tc-335-world.service when the new server goes live"],
    ]);
    expect(
      machine.sh(`cat ${units}/${old.authserver}; ls ${units}/{auth,world}server.service 2>/dev/null || true`),
    ).toBe(machine.sh(`printf '${oldText("authserver")}'; echo ${units}/authserver.service`));
    expect(processes(old.authserver, old.worldserver)).toBe(before);
  });

  it("leaves them there as well when the stack is taken away before, also when that is cut off", () => {
    const before = processes(old.authserver, old.worldserver);
    expect(machine.undo("authserver-unit").code).toBe(0);
    layUnits();
    machine.sh(`echo 'file ${units}/authserver.service' >>/var/lib/trinity-stack/receipts/authserver-unit/manifest`);
    const { code, out } = machine.undo("authserver-unit");
    expect([code, out]).toEqual([0, expect.stringContaining("authserver.service is not this stack's")]);
    expect(machine.sh(`cat ${units}/${old.authserver}`)).toBe(machine.sh(`printf '${oldText("authserver")}'`));
    expect(processes(old.authserver, old.worldserver)).toBe(before);
    layUnits();
  });

  it("has them run again when the databases cannot be updated, though nobody listens", () => {
    candidate("1", onlyForReal("world"));
    cutOff();
    ended();
    machine.sh("timeout 20 sh -c 'until systemctl is-active --quiet tc-335-world; do sleep 0.2; done'");
    expect(machine.sh(`systemctl is-active ${old.authserver} ${old.worldserver}; ls -d ${root}/run/bin`)).toBe(
      `active\nactive\n${root}/run/bin`,
    );
    machine.sh(`rm ${root}/releases/1/sql/updates/world/2026_08_01_world.sql`);
  });

  it("is done from their stop to the new servers, though nobody listens any more", () => {
    candidate("2", "UPDATE version SET cache_id = 555");
    cutOff();
    ended();
    expect(machine.sh(`systemctl is-active worldserver authserver; systemctl is-enabled worldserver authserver`)).toBe(
      "active\nactive\nenabled\nenabled",
    );
    expect(machine.sh(`cd ${root} && readlink run; ls run.before-*/bin; ls ${units}/*.before-trinity-stack`)).toBe(
      `releases/2\nauthserver\nworldserver\n${units}/authserver.service.before-trinity-stack\n${units}/tc-335-world.service.before-trinity-stack`,
    );
    expect(machine.sh(`cat ${units}/authserver.service.before-trinity-stack`)).toBe(
      machine.sh(`printf '${oldText("authserver")}'`),
    );
    const after = processes("authserver", "worldserver");
    expect(applied(machine, "schema", schemaArgs)).toContain("as it should be");
    expect(lookAtUnits()).toEqual([[], []]);
    expect(processes("authserver", "worldserver")).toBe(after);
  });

  it("is caught up with by the release where that was switched to without it", () => {
    machine.sh(`rm ${root}/run; systemctl disable -q --now worldserver; mv ${units}/tc-335-world.service{.before-trinity-stack,}
      rm ${units}/worldserver.service; systemctl daemon-reload`);
    expect(layUnits()[1]).toEqual([0, ""]);
    applied(machine, "release", { root, servers: schemaArgs.servers, keep: 3 });
    expect(machine.sh("systemctl is-enabled worldserver; ls /etc/systemd/system/tc-335-world.service*")).toBe(
      `enabled\n${units}/tc-335-world.service.before-trinity-stack`,
    );
    expect(lookAtUnits()).toEqual([[], []]);
  });
});
