import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Machine, Running } from "../lab/machine";

/** Lets steps be stopped in the middle of their work on this host: see hold.sh. */
export async function holdable(machine: Machine): Promise<void> {
  await machine.sure("cat >/etc/hold.sh", readFileSync(join(__dirname, "hold.sh"), "utf8"));
  await machine.sure("echo BASH_ENV=/etc/hold.sh >>/etc/environment");
}

/** By step, which command of its work is not to begin; 0 is its end, before the receipt. */
export type Places = Readonly<Record<string, number>>;

/** Forgets what was ordered before. */
export const holdAt = (machine: Machine, places: Places) =>
  machine.sure(
    ["rm -rf /run/hold; mkdir /run/hold"]
      .concat(Object.entries(places).map(([step, number]) => `echo ${number} >/run/hold/${step}`))
      .join("\n"),
  );

/** Which steps are held and at which commands, once all that are at work and to be held are. */
export async function held(machine: Machine): Promise<Record<string, string>> {
  const lines =
    await machine.sure(`until ! pgrep -af '[s]tep.sh apply' | sed -n 's/.*[s]tep.sh apply \\([a-z-]*\\) .*/\\1/p' | sort -u | while read -r step; do
      [ ! -f /run/hold/$step ] || [ -e /run/hold/$step.at ] || echo $step
    done | grep -q . || ((++tries > 400)); do sleep 0.05; done
    cd /run/hold 2>/dev/null && grep -H '' *.at | sed 's/[.]at:/ /' || true`);
  return Object.fromEntries(
    lines
      .split("\n")
      .filter(Boolean)
      .map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]),
  );
}

/** Waits until a run is held in so many steps at least; none when it came to its end before. */
export async function untilHeld(machine: Machine, run: Running, count = 1): Promise<Record<string, string>> {
  for (;;) {
    const over = run.ended;
    const steps = await held(machine);
    if (over || Object.keys(steps).length >= count) return steps;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Lets go what was held; a power cut leaves nothing to let go. */
export const letGo = (machine: Machine) => machine.exec("rm -rf /run/hold; pkill -CONT -f 'step.sh apply '");
