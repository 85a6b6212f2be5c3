import { setTimeout } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { Facts } from "./facts";
import { STATE_DIR } from "./places";

/** The warning where this host is not the one of the stack's last run, which was on `before`. */
export function warningOfNewHost(
  before: string | undefined,
  now: string,
  facts: Facts,
  stack: string,
): string | undefined {
  if (!before || facts.owner === stack) return undefined;
  if (before !== now) {
    return (
      `until now this stack was on ${before}; ${now} is new to it. ${before} is left as it is: its realm goes on ` +
      "running, and its databases stay there. To take it down, do so first: " +
      `set trinitycore:host.address back to ${before} and run \`pulumi destroy\`. ` +
      `Only what the config no longer has is undone on ${before}, which fails each time where ${before} is gone for ` +
      "good: `npx pulumi stack --show-urns` names it, and `npx pulumi state delete 'URN'` forgets it"
    );
  }
  // The receipt of `access` names the databases; without it the stack never had any here.
  if (facts.databaseNames.size > 0) return undefined;
  return (
    `${now} knows nothing of this stack, though the last run was there: the host was replaced, or lost ${STATE_DIR}. ` +
    "`pulumi up` builds what is missing; a database that is missing begins empty. To restore one, do so first"
  );
}

/** The outputs of this stack's last complete run; empty when there was none. */
export async function lastOutputs(tries = 20): Promise<{ host?: string }> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  try {
    const { outputs = {} } = await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
    return outputs;
  } catch (error) {
    // The engine may be writing the state's file while it reads it.
    if (tries === 0 || !/failed to load checkpoint/.test((error as Error).message)) throw error;
    await setTimeout(100);
    return lastOutputs(tries - 1);
  }
}

/** Warns when the stack has not converged this host before. Only then it reads the state. */
export async function tellOfMove(host: string, facts: Facts, stack: string): Promise<void> {
  if (facts.owner === stack) return;
  const text = warningOfNewHost((await lastOutputs()).host, host, facts, stack);
  if (text) await pulumi.log.warn(text);
}
