import { bashReads } from "../../ssh/shell";
import { unpackAndRun } from "../../steps/bundle";
import { LIBEXEC, STATE_DIR } from "../../steps/places";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { hostReceipts } from "../layout";
import type { On } from "../subject";

export function scriptsPlan(version: string, stack: string): Plan {
  return { step: hostReceipts.scripts, kind: "scripts", args: { version, stack, folder: LIBEXEC, state: STATE_DIR } };
}

/** The stack's scripts on the server, which every other step runs through; also marks the server as this stack's. */
export class Scripts extends Step {
  constructor(name: string, { host }: Pick<On, "host">, options?: StepOptions) {
    const { version, archive } = host.scripts;
    super("trinitycore:remote:Scripts", name, host, scriptsPlan(version, host.stack), options, {
      runner: bashReads(),
      stdin: `${unpackAndRun("step.sh", '"$@"', "base64 -d | ")}${archive}`,
    });
  }
}
