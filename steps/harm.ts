import { Failure } from "../program/failure";
import type { HostSettings } from "../settings";
import type { Facts } from "./facts";
import type { Observation } from "./observation";

/** @throws Failure that lists every harm that applying these steps would do, by step */
export function refuseHarm(host: string, seen: ReadonlyMap<string, Observation>): void {
  const against = [...seen].flatMap(([step, { refused }]) => refused.map((sentence) => ({ step, sentence })));
  const [first, ...more] = against;
  if (!first) return;
  if (more.length === 0) throw new Failure(`${first.sentence}; nothing was touched on ${host}`);
  const lines = against.map(({ step, sentence }) => `  ${step}: ${sentence}`);
  throw new Failure(
    [`${against.length} things stand against this on ${host}; nothing was touched`, ...lines].join("\n"),
  );
}

/**
 * What there is to say when another stack owns the host; undefined when none does, or it is to be taken over.
 * @param stack "project/stack"
 */
export function ownedByAnother(
  { owner }: Pick<Facts, "owner">,
  stack: string,
  { address, takeover }: HostSettings,
): string | undefined {
  if (!owner || owner === stack || takeover) return undefined;
  return (
    `${address} belongs to the stack ${owner}; to take it over: ` +
    "pulumi config set --path trinitycore:host.takeover true"
  );
}
