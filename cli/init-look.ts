/** What a first preview would find on a host, without a stack. */
import { sizeOfMB } from "../actions/amounts";
import { distribution } from "../components/host/distribution";
import { firstLook } from "../components/host/first-look";
import { asked, withLayout } from "../components/layout";
import { refuseRenamed } from "../components/mysql/databases";
import { refuseOtherKey } from "../components/realm/key";
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import type { Endpoint, Session } from "../ssh/session";
import { serverScripts } from "../steps/bundle";
import { clockWarning, type Facts } from "../steps/facts";
import { ownedByAnother } from "../steps/harm";
import { askFacts, startLook } from "../steps/look";

export interface Found {
  /** Worth knowing. */
  readonly notes: readonly string[];
  /** What a preview would refuse. */
  readonly against: readonly string[];
}

/**
 * @param stack "project/stack"
 * @throws Failure when sudo does not work, or when no realm can be on this host
 */
export async function lookAround(
  session: Session,
  endpoint: Endpoint,
  settings: Settings,
  stack: string,
): Promise<{ readonly facts: Facts; observe(settings: Settings): Promise<Found> }> {
  const facts = await askFacts(session, endpoint, settings, asked(settings));
  distribution(facts.os, endpoint.host);
  const observe = async (now: Settings): Promise<Found> => {
    const requests = firstLook(withLayout(now, facts), facts, stack);
    const seen = [...(await startLook(session, endpoint, serverScripts()).observe(requests)).values()];
    const other = [ownedByAnother(facts, stack, now.host), refusal(() => refuseOtherKey(now, facts))];
    const against = [...other, refusal(() => refuseRenamed(now, facts))].filter((text) => text !== undefined);
    const clock = clockWarning(facts.clockAhead, now.host.address);
    return {
      notes: [...(clock ? [clock] : []), ...seen.flatMap(({ hints, foretold }) => [...hints, ...foretold])],
      against: [...against, ...seen.flatMap(({ refused }) => refused)],
    };
  };
  return { facts, observe };
}

function refusal(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}

export function factsInWords(facts: Facts): string[] {
  const { os, arch, cores, memoryMB, swapMB, diskFreeMB, firewall, selinux } = facts;
  const filter = firewall === "none" ? "neither firewalld nor ufw is active" : `${firewall} is active`;
  return [
    `system    ${os.name}, ${arch}, ${cores} cores; ${filter}; SELinux ${selinux}`,
    `room      ${sizeOfMB(memoryMB)} of memory, ${sizeOfMB(swapMB)} of swap, ${sizeOfMB(diskFreeMB)} free in /var/lib`,
  ];
}
