import { PassThrough } from "node:stream";
import { start } from "../actions/stream";
import { quote } from "../ssh/shell";
import { placeOf } from "./data";
import { onHost } from "./on-host";
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
  await onHost(options, async ({ settings, endpoint, session }) => {
    const keys = { ...placeOf(settings), scratch: settings.layout.realm.extract, ...wanted };
    const pairs = Object.entries(keys).map(([key, value]) => quote(`${key}=${value}`));
    const words = [detach ? "start" : "follow", ...pairs].join(" ");
    const { channel, ended } = await start(session, endpoint, { script: "extract.sh", words });
    if (!detach)
      console.log(`${endpoint.host} makes it; it goes on when this is ended, and is joined by the same words`);
    await Promise.all([tellStages(channel.pipe(new PassThrough())), ended]);
    if (detach) console.log(`${endpoint.host} makes it by itself; the same words without --detach show how far it is`);
  });
}
