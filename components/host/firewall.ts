import type { Facts } from "../remote/facts";
import type { Host } from "../remote/host";
import type { Plan } from "../remote/plan";
import { Step, type StepOptions } from "../remote/step";
import type { Settings } from "../settings";
import { firewallBackend } from "./distribution";

/** Players' ports for everybody; the remote console and SOAP for the named networks alone. */
export function firewallPlan(settings: Settings, facts: Facts): Plan {
  const { authserver, realm, console: remote, soap, firewall, ssh } = settings;
  return {
    step: "firewall",
    kind: "firewall",
    args: {
      backend: firewallBackend(settings, facts),
      zone: firewall.zone,
      // Stays open when a firewall is started.
      ssh: ssh.port,
      ports: [`${authserver.port}/tcp`, `${realm.port}/tcp`],
      sources: [remote, soap].flatMap(({ port, networks }) => networks.map((network) => `${network} ${port}/tcp`)),
    },
  };
}

export class Firewall extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:Firewall", name, args.host, firewallPlan(args.settings, args.host.facts), opts);
  }
}
