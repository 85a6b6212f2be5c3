import type { Settings } from "../../settings";
import { loopback } from "../../settings/network";
import type { Facts } from "../../steps/facts";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { firewallBackend } from "./distribution";

/** Players' ports for everybody; the remote console and SOAP for the named networks alone. */
export function firewallPlan(settings: Settings, facts: Facts): Plan {
  const { login, realm } = settings;
  const { firewall, ssh } = settings.host;
  // Whoever is on the server itself needs no firewall to be let in.
  const consoles = (["console", "soap"] as const).map((which) => ({
    key: `realms.${realm.key}.${which}.networks`,
    port: realm[which].port,
    networks: realm[which].networks.filter((network) => !loopback(network)),
  }));
  return {
    step: "firewall",
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

export class Firewall extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:Firewall", name, args.host, firewallPlan(args.settings, args.host.facts), opts);
  }
}
