import { PassThrough } from "node:stream";
import { Failure } from "../program/failure";
import { placeOf } from "./data";
import { causeIn, onHost } from "./on-host";
import type { StackOptions } from "./stack-options";
import { tellStages } from "./stage-lines";

/** What is made there; without a client mmaps of the live data. */
interface Wanted {
  readonly client?: string;
  readonly stages?: string;
  readonly locale?: string;
}

export interface OnHostOptions extends StackOptions {
  /** Only begins it. */
  readonly detach?: boolean;
}

/** Makes game data on the host, in a unit of its own that goes on when nobody listens. */
export async function extractOnHost(wanted: Wanted, options: OnHostOptions): Promise<void> {
  const detach = options.detach ?? false;
  await onHost(options, async ({ begin, settings, endpoint }) => {
    const keys = { ...placeOf(settings), scratch: settings.layout.realm.extract, ...wanted };
    const running = await begin({ script: "extract", words: [detach ? "start" : "follow"], told: keys });
    running.hush();
    if (!detach)
      console.log(`${endpoint.host} makes it; it goes on when this is ended, and is joined by the same words`);
    const [{ code, stderr }] = await Promise.all([running.ended, tellStages(running.output.pipe(new PassThrough()))]);
    if (code !== 0) throw new Failure(causeIn(stderr, code, endpoint.host));
    if (detach) console.log(`${endpoint.host} makes it by itself; the same words without --detach show how far it is`);
  });
}
