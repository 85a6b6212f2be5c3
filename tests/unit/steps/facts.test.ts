import { clockWarning, hanging, readFacts, refuseUnfit, schedules } from "../../../steps/facts";
import { load } from "../settings/source";

describe("the host's clock", () => {
  it.each([0, 299, -300, Number.NaN])("passes when it is %i s off", (ahead) => {
    expect(clockWarning(ahead, "wow.example.net")).toBeUndefined();
  });

  it.each([
    [301, "5 minutes ahead of"],
    [-7_200, "2 hours behind"],
    [-3 * 365 * 86_400, "1095 days behind"],
  ])("is warned of when it is %i s off", (ahead, words) => {
    expect(clockWarning(ahead, "wow.example.net")).toContain(`the clock of wow.example.net is ${words} this machine's`);
  });

  it("is compared with this machine's own", () => {
    const at = (seconds: number) =>
      readFacts(`systemd yes\nclock ${Math.round(Date.now() / 1000) + seconds}\nfacts end`).clockAhead;
    expect(Math.abs(at(-4000) + 4000)).toBeLessThan(5);
  });
});

describe("what the host could not tell", () => {
  const answer = (...lines: string[]) => readFacts(["systemd yes", ...lines, "facts end"].join("\n"));
  const refused =
    (...lines: string[]) =>
    () =>
      refuseUnfit("wow.example.net", answer(...lines));

  it("is not taken for an answer", () => {
    expect(refused("firewall none", "late systemctl is-active firewalld")).toThrow(
      /^`systemctl is-active firewalld` does not end on wow\.example\.net \(it had 10 s\), so .*nothing was touched$/,
    );
    expect(refused("firewall none")).not.toThrow();
  });

  it("is told with the last thing it said, without its value", () => {
    expect(hanging("wow.example.net", 60, "swapMB 0\npassword auth aHVudGVyMg==\n")).toMatch(
      /^wow\.example\.net does not say what it is: it stopped after "password" and had 60 s; /,
    );
    expect(hanging("wow.example.net", 60, "swapMB 0\npassword auth aHVudGVyMg==\n")).not.toContain("aHVudGVyMg");
    expect(hanging("wow.example.net", 60, "")).toContain("it stopped at once");
  });

  it("is each schedule that is none or has no time to come, with its key", () => {
    const [none, never] = ["noSchedule host.logs.schedule 3am", "badSchedule window.schedule 2020-01-01 04:00"];
    expect(refused(never, none)).toThrow(
      /^trinitycore:host\.logs\.schedule: the systemd of \S+ takes "3am" for no schedule.*\ntrinitycore:window\.schedule: .* no time to come for "2020-01-01 04:00"; try it/,
    );
  });

  it("is asked for the window only where there is one", () => {
    const keys = (restarts: string) => schedules(load({ restarts })).map(([key]) => key);
    const always = ["host.logs.schedule", "backups.schedule", "backups.drill.schedule"];
    expect(keys("now")).toEqual(always);
    expect(keys("window")).toEqual([...always, "window.schedule"]);
  });

  it("is asked for the nights only where there are some", () => {
    const keys = (schedule: string) => schedules(load({ "update.schedule": schedule })).map(([key]) => key);
    expect(keys("nightly").filter((key) => key.startsWith("update."))).toEqual(["update.build", "update.live"]);
    expect(keys("manual").filter((key) => key.startsWith("update."))).toEqual([]);
  });
});

describe("a kept password", () => {
  const kept = async (content: string) => {
    const line = `password auth ${Buffer.from(content).toString("base64")}`;
    const found = readFacts(["systemd yes", line, "facts end"].join("\n")).passwords.get("auth");
    return found && (found as unknown as { promise(): Promise<string> }).promise();
  };

  it.each(["kept-1", "kept-1\n", "kept-1\r\n", " kept-1 \n\n"])(
    "is read without what an editor adds: %j",
    async (content) => {
      expect(await kept(content)).toBe("kept-1");
    },
  );

  it.each(["", "\n", "two\nlines", "semi;colon", 'quo"te', "nul\0", "accént", "x".repeat(129)])(
    "is none where no server could log in with it: %j",
    async (content) => {
      expect(await kept(content)).toBeUndefined();
    },
  );
});
