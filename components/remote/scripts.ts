import type { Host } from "./host";
import type { Plan } from "./plan";
import { bashReads, LIBEXEC, STATE_DIR, unpackAndRun } from "./shell";
import { Step, type StepOptions } from "./step";

export function scriptsPlan(version: string, stack: string): Plan {
  return { step: "scripts", kind: "scripts", args: { version, stack, folder: LIBEXEC, state: STATE_DIR } };
}

/** The stack's scripts on the server, which every other step runs through; also marks the server as this stack's. */
export class Scripts extends Step {
  constructor(name: string, { host }: { host: Host }, options?: StepOptions) {
    const { version, archive } = host.scripts;
    super("trinitycore:remote:Scripts", name, host, scriptsPlan(version, host.stack), options, {
      runner: bashReads(),
      stdin: `${unpackAndRun("step.sh", '"$@"', "base64 -d | ")}${archive}`,
    });
  }
}
