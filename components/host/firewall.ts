import type { Settings } from "../../settings";
import { loopback } from "../../settings/network";
import { fullKey, realmPath } from "../../settings/paths";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { firewallBackend } from "./distribution";

/** Consoles that other machines may reach; connections from the host itself do not pass the firewall. */
const openConsoles = (realm: WithLayout["realm"]) =>
  (["console", "soap"] as const)
    .map((which) => ({
      key: realmPath(realm.key, `${which}.networks`),
      port: realm[which].port,
      networks: realm[which].networks.filter((network) => !loopback(network)),
    }))
    .filter(({ networks }) => networks.length > 0);

/** What it means that a console can be reached from elsewhere. */
export const clearTextWarnings = ({ realm, host }: Pick<Settings, "realm" | "host">): string[] =>
  openConsoles(realm).map(
    ({ key, port, networks }) =>
      `${fullKey(key)}: ${port}/tcp is for ${networks.join(", ")}, and has no encryption: ` +
      "who listens on the way reads game masters' passwords there. " +
      "Without that: no network there, and `npm run realm -- console` or " +
      `ssh -L ${port}:127.0.0.1:${port} ${host.address}`,
  );

/** Opens the players' ports for everybody, those of the remote console and SOAP for the named networks only. */
export function firewallPlan(settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">, facts: Facts): Plan {
  const { login, realm } = settings;
  const { firewall, ssh } = settings.host;
  const consoles = openConsoles(realm);
  return {
    step: settings.layout.host.receipts.firewall,
    kind: "firewall",
    args: {
      backend: firewallBackend(settings, facts),
      zone: firewall.zone,
      // The port of sshd must stay open when a firewall is started.
      ssh: ssh.port,
      ports: [`${login.port}/tcp`, `${realm.port}/tcp`],
      sources: consoles.flatMap(({ port, networks }) => networks.map((network) => `${network} ${port}/tcp`)),
      // The key of the config that opens each port, for messages.
      keys: consoles.map(({ key, port }) => `${port}/tcp ${key}`),
    },
  };
}
