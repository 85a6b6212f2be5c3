import * as pulumi from "@pulumi/pulumi";
import type { Host } from "../remote/host";
import type { Plan } from "../remote/plan";
import type { Settings } from "../settings";

/** What else is on the server, and what of it stands in the way: only ever looked at. */
export function surroundingsPlan({ host, realm }: Settings): Plan {
  const { localAddress } = realm;
  return { step: "surroundings", kind: "surroundings", args: { address: realm.address || host, localAddress } };
}

/** Tells what is on the server besides this stack; what it would do harm to is refused with all that the steps refuse. */
export async function lookAround(host: Host, settings: Settings, about: pulumi.Resource): Promise<void> {
  const request = { plan: surroundingsPlan(settings), owner: host.stack, secrets: {} };
  const seen = await host.observe(Promise.resolve(request));
  const { drift = [], hints = [], foretold = [] } = seen ?? {};
  const told = [...hints, ...(host.facts.owner === "" ? foretold : [])];
  if (drift.length > 0) void pulumi.log.warn(drift.join("\n"), about);
  if (told.length > 0) void pulumi.log.info(told.join("\n"), about);
}
