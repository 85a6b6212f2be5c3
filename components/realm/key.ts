import { Failure } from "../../program/failure";
import type { Settings } from "../../settings";
import type { Facts } from "../../steps/facts";

/**
 * @throws Failure when the host has a realm under another key: units, folders and records are named by it, so the realm
 * would be made a second time, and the first would run on.
 */
export function refuseOtherKey({ host, realm }: Pick<Settings, "host" | "realm">, { realmKeys }: Facts): void {
  const [there] = realmKeys;
  if (there === undefined || realmKeys.has(realm.key)) return;
  throw new Failure(
    `trinitycore:realms.${realm.key}: the realm on ${host.address} is called ${there}, and its units, ` +
      "folders and databases' records have that name; nothing was touched. " +
      `Call it ${there} in the stack's file, in place of ${realm.key}. To have another one instead: ` +
      "`pulumi destroy` first, which leaves the databases and the game data",
  );
}
