import { bashReads } from "../../ssh/shell";
import { unpackAndRun } from "../../steps/bundle";
import { LIBEXEC, STATE_DIR } from "../../steps/places";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { hostReceipts } from "../host-layout";
import type { Context } from "../subject";

function scriptsPlan(version: string, stack: string): Plan {
  return { step: hostReceipts.scripts, kind: "scripts", args: { version, stack, folder: LIBEXEC, state: STATE_DIR } };
}

/** Installs the stack's scripts on the host, which all other steps need, and notes this stack as the host's owner. */
export class Scripts extends Step {
  constructor(name: string, { host }: Pick<Context, "host">, options?: StepOptions) {
    const { version, archive } = host.scripts;
    super("trinitycore:remote:Scripts", name, host, scriptsPlan(version, host.stack), options, {
      runner: bashReads(),
      stdin: `${unpackAndRun("run/step.sh", '"$@"', "base64 -d | ")}${archive}`,
    });
  }
}
