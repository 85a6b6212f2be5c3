import { lab, type Machine, onMachine } from "./on-machine";

const libraries = ". /usr/local/libexec/trinity-stack/current/run/libraries.sh";

lab.describe("the realm's lock", () => {
  let machine: Machine;
  beforeAll(() => {
    machine = onMachine("t-realm-lock");
  }, 300_000);
  afterAll(() => machine?.stop());

  /** Goes on beside the test. */
  const beside = (name: string, script: string) =>
    machine.sh(`systemd-run -q --collect --unit=${name} bash -c "$(cat)"`, { stdin: `${libraries}\n${script}` });
  const held = () => machine.sh(`${libraries}; timeout 10 bash -c 'until [ -s /run/held ]; do sleep 0.05; done'`);
  const told = (script: string) => machine.exec(`${libraries}\n${script}`);

  beforeEach(() => machine.sh("systemctl stop one two trinity-work 2>/dev/null; rm -f /run/held /run/went-on; true"));

  it("is nobody's at first, and nobody's again when its holder has ended, however it did", () => {
    expect(told("realm_holder").out).toBe("");
    expect(told("hold_realm 'the night'; realm_holder").out).toMatch(
      /^the realm is being changed: the night \(process /,
    );
    beside("one", "hold_realm 'the night'; echo >/run/held x; sleep infinity");
    held();
    expect(told("realm_holder").out).toMatch(
      /^the realm is being changed: the night \(process \d+, since \d\d:\d\d:\d\d UTC\)$/,
    );
    machine.sh("systemctl kill -s KILL one; until ! systemctl -q is-active one; do sleep 0.05; done");
    expect(told("realm_holder").out).toBe("");
  });

  it("lets others wait, who say for whom, and who give up", () => {
    beside("one", "hold_realm 'the night'; echo >/run/held x; sleep 2");
    held();
    expect(told("LOCK_WAIT=0 hold_realm up")).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: the realm is being changed: the night \(.*\), still\n/),
    });
    expect(told("hold_realm up; echo got it")).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^waiting: the realm is being changed: the night \(.*\)\ngot it\n$/),
    });
  });

  it.each([
    ["itself", "hold_realm again"],
    ["what it starts", `bash -c '${libraries}; hold_realm child'`],
  ])("does not keep its holder waiting for %s", (_, script) => {
    expect(told(`LOCK_WAIT=0; export LOCK_WAIT; hold_realm night; ${script} && echo fine`).out).toBe("fine\n");
  });

  it("is held by a job that its holder started, and after that one's death it is awaited", () => {
    machine.sh(`install -d /run/request/{secrets,files}; echo x >/run/request/kind; cat >/run/job.sh`, {
      stdin: `${libraries}\nwork() { LOCK_WAIT=0 hold_realm job; echo >/run/held x; sleep 3; echo did it; }\njob_main "$1" work`,
    });
    beside("one", "REQUEST=/run/request STEP=x; hold_realm night; job_start work key /run/job.sh; sleep infinity");
    held();
    machine.sh("systemctl kill -s KILL one");
    const { code, out } = told("hold_realm up; echo got it");
    expect([code, out]).toEqual([0, "joining what was begun that is running (key)\ndid it\ngot it\n"]);
  });
});
