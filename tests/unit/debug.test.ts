import { log } from "@pulumi/pulumi";
import { untold } from "../../components/debug";

it("the SDK's debug messages go nowhere: it calls them by their name in this module", async () => {
  const internal: typeof log = require("@pulumi/pulumi/log");
  expect(internal.debug).toBe(untold);
  expect(log.debug).toBe(untold);
  await expect(log.debug("RegisterResource RPC finished: resp: hunter2")).resolves.toBeUndefined();
});
