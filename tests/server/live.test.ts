import { applied, root, schemaArgs, withDatabases } from "./built";
import { onlyForReal } from "./live-realm";
import { lab, type Machine, stepCommand } from "./on-machine";

lab.describe("going live", () => {
  let machine: Machine;
  let release: string;
  const look = () => machine.observe("schema", "schema", schemaArgs);
  const sql = (statements: string) => machine.sh("mariadb -N -B", { stdin: statements });
  const invocations = () => machine.sh("systemctl show -P InvocationID worldserver authserver");
  const state = () => machine.sh(`systemctl is-active worldserver authserver; readlink ${root}/run`);
  /** Which commits failed; all releases here are of one. */
  const failed = "/var/lib/trinity-stack/failed-commits";
  /** Another release that takes its time with the databases; it becomes the candidate. */
  const candidate = (name: string, statement: string) =>
    machine.sh(
      `cd ${root}/releases && cp -a ${release} ${name} && echo "DO SLEEP(3); ${statement};" >${name}/sql/updates/world/2026_08_0${name}_world.sql && ln -sfn releases/${name} ${root}/candidate; rm -f ${failed}`,
    );
  /** Whoever asked for it is gone as soon as the servers are. */
  const cutOff = () =>
    machine.sh(`systemctl start worldserver authserver
      systemd-run --quiet --collect --unit=runner bash ${stepCommand("schema", "schema", schemaArgs)}
      timeout 20 sh -c 'while systemctl is-active --quiet worldserver; do sleep 0.05; done'; systemctl kill -s KILL runner`);
  const ended = () =>
    machine.sh("timeout 60 sh -c 'while systemctl is-active --quiet trinity-live; do sleep 0.2; done'");

  beforeAll(() => {
    machine = withDatabases("t-live");
    release = machine.sh(`basename $(readlink ${root}/candidate)`);
    machine.sh(`ln -sfn releases/${release} ${root}/run
      for unit in worldserver authserver; do
        printf '[Service]\\nExecStart=/bin/sleep infinity\\n# /usr/local/libexec/trinity-stack/\\n' >/etc/systemd/system/$unit.service
      done; systemctl daemon-reload`);
    applied(machine, "schema", schemaArgs);
  }, 600_000);
  afterAll(() => machine?.stop());

  it("is done from the stop to servers that run, though nobody listens any more", () => {
    candidate("1", "UPDATE version SET cache_id = 555");
    cutOff();
    ended();
    expect(state()).toBe("active\nactive\nreleases/1");
    expect(sql("SELECT cache_id FROM world.version")).toBe("555");
    expect(look()).toEqual([]);
    const after = invocations();
    expect(applied(machine, "schema", schemaArgs)).toContain("as it should be");
    expect(invocations()).toBe(after);
  });

  it("is joined by the next run, which does not stop the servers again", () => {
    candidate("2", "UPDATE version SET cache_id = 556");
    cutOff();
    const out = applied(machine, "schema", schemaArgs);
    expect(out).toContain("joining the change to a new release that is running (releases/2)");
    expect(out).toMatch(/^releases\/2 is live$/m);
    expect(state()).toBe("active\nactive\nreleases/2");
    expect(out.match(/^stopping worldserver$/gm)).toHaveLength(1);
  });

  it("has what ran run again on the live release when the update fails, though nobody listens", () => {
    candidate("3", onlyForReal("world"));
    cutOff();
    ended();
    machine.sh("timeout 20 sh -c 'until systemctl is-active --quiet worldserver; do sleep 0.2; done'");
    expect(state()).toBe("active\nactive\nreleases/2");
    machine.sh(`rm ${failed}`);
    const { code, out, err } = machine.apply("schema", "schema", schemaArgs);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/^error: the databases could not be updated for releases\/3: 2026_08_03_world\.sql failed/),
    ]);
    expect(out).toMatch(/^starting again: authserver\.service worldserver\.service$/m);
  });

  it("says why a server does not start on the new release, and blames none where it does not on the old one either", () => {
    candidate("4", "UPDATE version SET cache_id = 558");
    const dropIn = "/run/systemd/system/worldserver.service.d";
    machine.sh(`systemctl start worldserver authserver
      mkdir -p ${dropIn} && printf '[Service]\\nExecStartPre=/bin/false\\n' >${dropIn}/fail.conf && systemctl daemon-reload`);
    const { code, out, err } = machine.apply("schema", "schema", schemaArgs);
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(
        /^error: worldserver did not start: false, which is run before it, ended with status 1\n {2}the end of its journal:\n/,
      ),
    ]);
    expect(out).toMatch(/^releases\/4 is live\nstarting authserver\.service\nstarting worldserver\.service$/m);
    expect(
      machine.sh(`systemctl is-active worldserver authserver || true; readlink ${root}/run; ls ${failed} 2>&1 || true`),
    ).toBe(`failed\nactive\nreleases/2\nls: cannot access '${failed}': No such file or directory`);
    expect(sql("SELECT cache_id FROM world.version")).toBe("556");
    machine.sh(`rm -r ${dropIn} && systemctl daemon-reload`);
    applied(machine, "schema", schemaArgs);
    // What did not run before is its own step's to start.
    expect(machine.exec("systemctl is-failed worldserver").out).toBe("failed\n");
    machine.sh("systemctl start worldserver");
    expect([state(), look()]).toEqual(["active\nactive\nreleases/4", []]);
  });
});
