import { log } from "@pulumi/pulumi";
import { debugWanted, logDebug, withoutValues } from "../../../program/debug-messages";

describe("the SDK's debug messages", () => {
  it("go nowhere unless they are asked for: it calls them by their name in this module", async () => {
    const internal: typeof log = require("@pulumi/pulumi/log");
    expect(internal.debug).toBe(logDebug);
    expect(log.debug).toBe(logDebug);
    await expect(log.debug("RegisterResource RPC finished: resp: hunter2")).resolves.toBeUndefined();
  });

  it.each([
    ["up --debug", true],
    ["up -d --yes", true],
    ["preview -yd", true],
    ["up --debug=true", true],
    ["up --yes --diff", false],
    ["preview --non-interactive", false],
    ["up --debug=false", false],
  ])("are asked for by `pulumi %s`: %s", (args, wanted) => {
    const files: Record<string, string> = {
      "/proc/30/cmdline": "/opt/pulumi-language-nodejs\0-d\x0a7.0.0.1:4\0",
      "/proc/30/status": "Name:\tx\nPPid:\t20\n",
      "/proc/20/cmdline": `/opt/bin/pulumi\0${args.replaceAll(" ", "\0")}\0`,
    };
    const read = (file: string) => {
      if (!(file in files)) throw new Error(`${file} is not there`);
      return files[file] as string;
    };
    expect(debugWanted(30, read)).toBe(wanted);
    expect(debugWanted(40, read)).toBe(false);
  });

  it.each([
    ["RegisterResource RPC finished: resource:realm[x]; err: null, resp: urn:x\nhunter2,1", "resp: [not shown]"],
    ["Serialize property [resource:a.stdin]: primitive=hunter2", "primitive=[not shown]"],
    ['RegisterResource RPC prepared: t=a, name=b, obj={"a":"hunter2"}', "obj=[not shown]"],
    ['RegisterResourceOutputs RPC prepared: urn=u, outputs={"a":"hunter2"}', "outputs=[not shown]"],
    ['Invoking function: tok=t, props={"a":"hunter2"}', "props=[not shown]"],
    ["RegisterResource RPC failed: t=a, name=b, err=Error: hunter2", "err=[not shown]"],
    ["getResource Invoke RPC finished: err: Error: hunter2, resp: undefined", "err: [not shown]"],
  ])("come without values: %s", (message, end) => {
    expect(withoutValues(message)).not.toContain("hunter2");
    expect(withoutValues(message).endsWith(end)).toBe(true);
  });

  it("come as they are where there is no value", () => {
    const message = "Registering resource: t=command:remote:Command, name=realm-user, custom=true, remote=false";
    expect(withoutValues(message)).toBe(message);
  });
});
