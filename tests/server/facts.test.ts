import { questions } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

lab.describe("what the plans need to know of a server", () => {
  let server: Machine;
  beforeAll(() => {
    server = onMachine("t-facts", "bare");
  }, 300_000);
  afterAll(() => server?.stop(), 60_000);

  const told = (...schedules: (readonly [string, string])[]) =>
    server.sh("bash -s", { stdin: questions(schedules) }).split("\n");
  const facts = (key: string, ...schedules: (readonly [string, string])[]) =>
    told(...schedules).flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));

  it("is each schedule that has no time to come, and each that systemd takes for none", () => {
    const pairs = [
      ["window.schedule", "2020-01-01"],
      ["host.logs.schedule", "*-02-31 03:00"],
      ["restarts", "*-*-* 03:00"],
    ] as const;
    expect(facts("badSchedule", ...pairs)).toEqual(["window.schedule 2020-01-01", "host.logs.schedule *-02-31 03:00"]);
    expect(facts("noSchedule", ...pairs)).toEqual([]);
    const wrong = [
      ["a", "3am"],
      ["b", "*-*-* 25:00"],
      ["c", "10:00 Europe/Berlim"],
      ["d", "daily"],
      ["e", "Mon..Fri 10:00 Europe/Berlin"],
    ] as const;
    expect(facts("noSchedule", ...wrong)).toEqual(["a 3am", "b *-*-* 25:00", "c 10:00 Europe/Berlim"]);
    expect(facts("badSchedule")).toEqual([]);
  });

  it.each([
    ["df", "a file system of the network is gone", ["df -Pm /var/lib"]],
    ["systemctl", "systemd's bus hangs", ["systemctl is-active firewalld"]],
    ["systemd-analyze", "systemd's bus hangs", ["systemd-analyze calendar -- *-*-* 03:00"]],
  ])(
    "is told without the answer of %s where %s",
    (program, _, late) => {
      server.sh(
        `printf '#!/bin/sh\\nexec sleep 300\\n' >/usr/local/bin/${program}; chmod 755 /usr/local/bin/${program}`,
      );
      try {
        const started = Date.now();
        const lines = told(["host.logs.schedule", "*-*-* 03:00"]);
        expect(Date.now() - started).toBeLessThan(30_000);
        expect(lines.filter((line) => line.startsWith("late "))).toEqual(late.map((command) => `late ${command}`));
        expect(lines.at(-1)).toBe("facts end");
      } finally {
        server.sh(`rm /usr/local/bin/${program}`);
      }
    },
    60_000,
  );

  it("are the realms with names of their own, by their keys", () => {
    expect(facts("realmKey")).toEqual([]);
    server.sh("mkdir -p /var/lib/trinity-stack/receipts/{access,access-classic,worldserver-wotlk-config}");
    try {
      expect(facts("realmKey")).toEqual(["classic"]);
    } finally {
      server.sh("rm -r /var/lib/trinity-stack");
    }
  });
});
