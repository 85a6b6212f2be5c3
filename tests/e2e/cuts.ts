import { randomUUID } from "node:crypto";
import type { Machine, Running } from "../lab/machine";
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

export const cuts: Readonly<Record<string, Cut>> = {
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
  async "a cut SSH connection"({ machine }, up) {
    await machine.sure("pkill -KILL -f '^sshd: root'");
    await up.done;
  },
  async "a power cut"({ machine }, up) {
    await machine.kill();
    await machine.up();
    await up.done;
  },
};

/**
 * Waits until the server is in the middle of applying any of these steps for the first time, and holds it there, and those that come within the
 * next half second; none when `up` ended before. A receipt has its manifest before the work begins and the rest of it after the end.
 */
export async function holdInTheMiddle(machine: Machine, up: Running, steps: readonly string[]): Promise<string[]> {
  const end = `/run/cut-${randomUUID()}`;
  void up.done.then(() => machine.exec(`touch ${end}`)).catch(() => undefined);
  const found = await machine.sure(`touch ${end}.begin; exec {pause}<> <(:)
    found=" " until=
    while [ ! -e ${end} ] && [ "\${EPOCHREALTIME/./}" -lt "\${until:-9999999999999999}" ]; do
      for step in ${steps.join(" ")}; do
        dir=/var/lib/trinity-stack/receipts/$step
        if [ $dir/manifest -nt ${end}.begin ] && [ ! -e $dir/args ] && [[ $found != *" $step "* ]] && pkill -STOP -f "step.sh apply $step "; then
          found="$found$step " until=\${until:-$((\${EPOCHREALTIME/./} + 500000))}
        fi
      done
      read -rt 0.01 -u "$pause"
    done
    echo $found`);
  return found.split(" ").filter(Boolean);
}

/** Lets go what was held; a power cut leaves nothing to let go. */
export const letGo = (machine: Machine) => machine.exec("pkill -CONT -f 'step.sh apply '");

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
