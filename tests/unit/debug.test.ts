import { log } from "@pulumi/pulumi";
import "../../components/debug";
import { withoutAnswer } from "../../components/debug";

describe("the SDK's debug messages", () => {
  it("tell that the engine answered, not what", () => {
    const told = "RegisterResource RPC finished: resource:a[t:i:T]; err: null";
    expect(withoutAnswer(`${told}, resp: urn:a,result,,,hunter2\nand, resp: more`)).toBe(told);
    expect(withoutAnswer("Registering resource: t=t:i:T, name=a")).toBe("Registering resource: t=t:i:T, name=a");
  });

  it("all go that way: the SDK calls them by their name in this module", () => {
    const internal: typeof log = require("@pulumi/pulumi/log");
    expect(internal.debug).toBe(log.debug);
    expect(internal.debug.toString()).toContain("withoutAnswer");
  });
});
