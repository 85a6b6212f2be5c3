import type { Running } from "../lab/machine";
import { expectOk, type RealmLab } from "./realm-lab";

/** Ends an `up` before it is through, and resolves when nothing of it runs here any more. */
export type Cut = (realm: RealmLab, up: Running) => Promise<void>;

/** Twice, as somebody does who will not wait: after the first the engine lets what has begun come to its end. */
const interrupt =
  (signal: NodeJS.Signals): Cut =>
  async (_, up) => {
    up.child.kill(signal);
    const again = setTimeout(() => up.child.kill(signal), 500);
    await up.done;
    clearTimeout(again);
  };

/** Again and again until the run has ended: a step that begins meanwhile would be held for ever. */
const killing =
  (pattern: string): Cut =>
  async ({ machine }, up) => {
    await machine.sure(`pkill -KILL -f '${pattern}'`);
    while (!up.ended) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      await machine.exec(`pkill -KILL -f '${pattern}'`);
    }
  };

export const cuts = {
  SIGINT: interrupt("SIGINT"),
  SIGTERM: interrupt("SIGTERM"),
  async "SIGKILL, then pulumi cancel"({ stack }, up) {
    up.child.kill("SIGKILL");
    await up.done;
    // Its lock is there still, and the engine says whose it is.
    expect((await stack.up()).stderr).toMatch(
      /the stack is currently locked by 1 lock.*pulumi cancel(.|\n)*created by .* \(pid \d+\)/,
    );
    expectOk(await stack.cancel());
  },
  "a cut SSH connection": killing("^sshd: root"),
  "the steps killed on the host": killing("step.sh apply "),
  async "a power cut"({ machine }, up) {
    await machine.kill();
    await machine.up();
    await up.done;
  },
} satisfies Readonly<Record<string, Cut>>;
export const ways = Object.keys(cuts) as (keyof typeof cuts)[];

/** What a run has printed so far, as soon as it says this. */
export function said(run: Running, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const take = (chunk: string) => {
      text += chunk;
      if (pattern.test(text)) resolve(text);
    };
    run.child.stdout?.on("data", take);
    void run.done.then(() => reject(new Error(`it ended without saying ${pattern}\n${text}`)));
  });
}
