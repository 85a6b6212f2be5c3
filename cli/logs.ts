/** `npm run realm -- logs`. */
import { entryIn, inWords, logsAction, type Source } from "../actions/logs";
import { Failure } from "../program/failure";
import { causeIn, OnHost } from "./on-host";
import type { StackOptions } from "./stack-options";

export interface LogsOptions extends StackOptions {
  readonly lines: number;
  readonly follow?: boolean;
  readonly json?: boolean;
}

const coloured = (): boolean => process.stdout.isTTY === true && !process.env.NO_COLOR;

/** @param of whose; both servers' when none is named */
export async function tellLogs(of: readonly Source[], options: LogsOptions): Promise<void> {
  const { lines, follow = false, json = false } = options;
  const host = await OnHost.reach(options);
  const chosen = of.length > 0 ? of : (["authserver", "worldserver"] as const);
  const running = await host.begin(logsAction(host.settings, host.stack, { of: chosen, lines, follow }));
  // While it follows, the other side goes on until it hears that nobody listens.
  const end = () => running.hush();
  let asked = false;
  process.once("SIGINT", () => {
    asked = true;
    end();
  });
  if (!follow) end();
  try {
    for await (const line of running.lines) {
      const entry = entryIn(line);
      if (entry) console.log(json ? JSON.stringify(entry) : inWords(entry, coloured()));
    }
    const { code, stderr } = await running.ended;
    if (code !== 0 && !asked) throw new Failure(causeIn(stderr, code, host.settings.host.address));
  } finally {
    host.close();
  }
}
