import { Failure } from "../program/failure";
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
