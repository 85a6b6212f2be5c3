import { PassThrough } from "node:stream";
import { start } from "../actions/stream";
import { quote } from "../ssh/shell";
import { placeOf } from "./data";
import { onHost } from "./on-host";
import { ownOptions } from "./own-options";
import { tellStages } from "./stage-lines";

/** What is made there; without a client mmaps of the live data. */
interface Wanted {
  readonly client?: string;
  readonly stages?: string;
  readonly locale?: string;
}

/**
 * Makes game data on the host, in a unit of its own that goes on when nobody listens.
 * @param detach only begins it
 */
export async function extractOnHost(wanted: Wanted, detach: boolean, args: readonly string[]): Promise<void> {
  await onHost(args, async ({ settings, endpoint, session }) => {
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

/** `npm run realm -- data mmaps [OPTION…]` */
export function makeMmaps(args: readonly string[]): Promise<void> {
  const { flags, rest } = ownOptions(args, { flags: ["--detach"] });
  return extractOnHost({}, flags.has("--detach"), rest);
}
