import type { Past } from "./past";

const servers: readonly Past[] = [
  { name: "in-use", what: "it does other work already", quick: true },
  {
    name: "hardened",
    what: "dev-sec's baselines, applied again after `up` as they are every night",
    holds: "harden && [ $(getent passwd trinity | cut -d: -f7) = /usr/sbin/nologin ]",
  },
  {
    name: "no-namespaces",
    what: "a container that may not nest: no sandbox can be made",
    refused: [
      /systemd cannot make the sandbox of authserver\.service on this server \(status 226\/NAMESPACE: Failed to set up mount namespacing: /,
      "this server is a container (systemd-nspawn): let it nest",
      "in a drop-in of your own, which the stack leaves alone: systemctl edit authserver.service",
    ],
    quick: true,
  },
];

export const realm: readonly Past[] = [...servers];
