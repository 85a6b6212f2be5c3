import type { Facts } from "../../steps/facts";
import type { Observation, Request } from "../../steps/observation";
import type { Plan } from "../../steps/plan";
import { buildPlan } from "../core/build";
import { mariaDbPlan } from "../databases/mariadb";
import type { WithLayout } from "../layout";
import { firewallPlan } from "./firewall";
import { packagesPlan } from "./packages";
import { surroundingsPlan } from "./surroundings";

/**
 * The plans that can be observed before there is a stack, and may find something that a preview would refuse: what else
 * is on the host, its packages and filters, MariaDB, and the room for a build.
 */
export const firstLook = (settings: WithLayout, facts: Facts, stack: string): Request[] =>
  [
    surroundingsPlan(settings, facts),
    packagesPlan(settings, facts),
    firewallPlan(settings, facts),
    mariaDbPlan(settings, facts),
    buildPlan(settings, facts),
  ].map((plan) => ({ plan, owner: stack, secrets: {} }));

/**
 * A build that no release is of, so that its room is looked at also on a host that needs no build now. It is observed
 * only.
 */
export function buildTrial(settings: WithLayout, facts: Facts): Plan {
  const plan = buildPlan(settings, facts);
  return { ...plan, args: { ...plan.args, options: [...(plan.args.options as readonly string[]), "TRIAL=1"] } };
}

/** What an observation of the trial says against a build; the words are those of `server/kinds/build.sh`. */
export const againstBuild = ({ refused, hints }: Observation): string[] => [
  ...refused,
  ...hints.flatMap((hint) => /^the build will not begin: (.*)$/s.exec(hint)?.[1] ?? []),
];
