import { findings, inWords, type Preview, verdict } from "../../../cli/drift";

const urn = (name: string) => `urn:pulumi:home::trinitycore::trinitycore:host:Any::realm-${name}`;
const warning = (name: string, message: string) => ({ urn: urn(name), severity: "warning", message });
const drifted: Preview = {
  steps: [
    { op: "same", urn: urn("user") },
    { op: "update", urn: urn("firewall") },
    { op: "update", urn: urn("worldserver") },
    { op: "create", urn: urn("databases-world") },
  ],
  diagnostics: [
    warning("firewall", "warning: drift: 8085/tcp is closed (zone public)\ndrift: 3724/tcp is closed (zone public)\n"),
    warning("row", "could not look: MariaDB does not answer; `pulumi up` checks it"),
    {
      urn: urn("worldserver"),
      severity: "info",
      message: "will be checked after realm-release; where it must, this restarts the worldserver",
    },
    { urn: urn("selinux"), severity: "info", message: "SELinux is not enabled on this host: nothing to label" },
  ],
};

describe("findings", () => {
  it("are the lines of a preview, by component and kind, and what is planned without a word", () => {
    expect(findings(drifted).map(({ component, kind, text }) => [component, kind, text])).toEqual([
      ["firewall", "drift", "8085/tcp is closed (zone public)"],
      ["firewall", "drift", "3724/tcp is closed (zone public)"],
      ["row", "blind", "MariaDB does not answer; `pulumi up` checks it"],
      ["worldserver", "check", "will be checked after realm-release; where it must, this restarts the worldserver"],
      ["selinux", "note", "SELinux is not enabled on this host: nothing to label"],
      ["databases-world", "planned", "a change is planned"],
    ]);
  });

  it("know a change of the config and a lost receipt from a drift", () => {
    const kinds = [
      "change: Motd is x, should be y",
      "not finished: it was cut off",
      "to do: no user",
      "to do: and 2 more",
      "applying this restarts nothing",
      "beforehand: starts ufw",
    ];
    const said = findings({ diagnostics: [warning("access", kinds.join("\n"))] });
    expect(said.map(({ kind, text }) => `${kind}| ${text}`)).toEqual([
      "change| Motd is x, should be y",
      "not finished| it was cut off",
      "to do| no user",
      "to do| and 2 more",
      "effect| applying this restarts nothing",
      "beforehand| beforehand: starts ufw",
    ]);
  });
});

describe("verdict", () => {
  const refusal = { severity: "error", message: "error: no changes were expected but changes were proposed" };
  it.each<[string, number, Preview | undefined, number]>([
    ["nothing planned", 0, { steps: [{ op: "same", urn: urn("user") }] }, 0],
    ["a plan, which the engine refuses", 255, { ...drifted, diagnostics: [refusal] }, 1],
    ["a failure", 255, { diagnostics: [{ severity: "error", message: "error: cannot reach x" }] }, 2],
    [
      "a plan that another error cut off",
      255,
      { ...drifted, diagnostics: [refusal, warning("a", "x"), { severity: "error", message: "y" }] },
      2,
    ],
    ["no answer", 1, undefined, 2],
  ])("of %s", (_name, code, preview, wanted) => {
    expect(verdict(code, preview)).toBe(wanted);
  });
});

describe("in words", () => {
  it("is a line for each, and how many of them are findings", () => {
    const found = findings(drifted);
    expect(inWords(found, 1).split("\n")[0]).toBe("firewall: 8085/tcp is closed (zone public)");
    expect(inWords(found, 1)).toMatch(/\n4 findings; `pulumi up` puts right what the stack can$/);
    expect(inWords([], 0)).toBe("nothing has drifted");
  });
});
