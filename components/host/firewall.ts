import { loopback } from "../../settings/network";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { firewallBackend } from "./distribution";

/** Players' ports for everybody; the remote console and SOAP for the named networks alone. */
export function firewallPlan(settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">, facts: Facts): Plan {
  const { login, realm } = settings;
  const { firewall, ssh } = settings.host;
  // Whoever is on the server itself needs no firewall to be let in.
  const consoles = (["console", "soap"] as const).map((which) => ({
    key: `realms.${realm.key}.${which}.networks`,
    port: realm[which].port,
    networks: realm[which].networks.filter((network) => !loopback(network)),
  }));
  return {
    step: settings.layout.host.receipts.firewall,
    kind: "firewall",
    args: {
      backend: firewallBackend(settings, facts),
      zone: firewall.zone,
      // Stays open when a firewall is started.
      ssh: ssh.port,
      ports: [`${login.port}/tcp`, `${realm.port}/tcp`],
      sources: consoles.flatMap(({ port, networks }) => networks.map((network) => `${network} ${port}/tcp`)),
      // The key that says so, for people.
      keys: consoles.filter(({ networks }) => networks.length > 0).map(({ key, port }) => `${port}/tcp ${key}`),
    },
  };
}
