import { loopback } from "../../settings/network";
import { realmPath } from "../../settings/paths";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { firewallBackend } from "./distribution";

/** Opens the players' ports for everybody, those of the remote console and SOAP for the named networks only. */
export function firewallPlan(settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">, facts: Facts): Plan {
  const { login, realm } = settings;
  const { firewall, ssh } = settings.host;
  // Connections from the host itself do not pass the firewall.
  const consoles = (["console", "soap"] as const).map((which) => ({
    key: realmPath(realm.key, `${which}.networks`),
    port: realm[which].port,
    networks: realm[which].networks.filter((network) => !loopback(network)),
  }));
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
      keys: consoles.filter(({ networks }) => networks.length > 0).map(({ key, port }) => `${port}/tcp ${key}`),
    },
  };
}
