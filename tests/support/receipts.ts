/** What a stack's receipts on a host say that it made, and so which entries of an inventory they explain. */
import type { Machine } from "../lab/machine";

/**
 * The manifests of all receipts, a line each; the ports of the services and the databases stand in their parameters.
 */
export async function manifestLines(machine: Machine): Promise<readonly string[]> {
  const text = await machine.sure(`
    cd /var/lib/trinity-stack/receipts && cat */manifest
    cat */started 2>/dev/null
    for args in */args; do tr '\\0' '\\n' <"$args"; done |
      sed -nE 's/^(auth|characters|world)\\.database=/database /p; s/^port=([0-9]+)$/port \\1/p; s/^aliases=/alias /p'
    tr '\\0' '\\n' <packages/args | sed -n '/^packages=/,/^[a-z]*=/{s/^packages=//;/=/!s/^/package /p}'
    apt-mark showauto 2>/dev/null | sed 's/^/package /'`);
  return [...new Set(text.split("\n").filter(Boolean))];
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Patterns of the entries that a line of a manifest explains. */
function patternsOf(claim: string): readonly string[] {
  const [kind = "", ...rest] = claim.split(" ");
  const what = rest.join(" ");
  const name = escaped(what);
  switch (kind) {
    case "file":
      return [`file ${name}`];
    case "folder":
      return [`(folder|file|link) ${name}(/.*)?`];
    case "unit":
    case "timer":
    case "alias":
      return [
        "folder /etc/systemd/system/[a-z.-]+\\.wants",
        `(unit-file|active) ${name}`,
        `link /etc/systemd/system/([a-z.-]+\\.(wants|requires)/)?${name}( .*)?`,
      ];
    case "user": {
      const [user = "", host] = what.split("@");
      return host ? [`grant .*'${escaped(user)}'@.*`] : [`(user|password) ${name}`];
    }
    case "package":
      return [`package ${name}(:\\w+)?`];
    case "above":
      return [`folder ${name}`];
    case "group":
      return [`group ${name}`];
    case "database":
      return [`database ${name}`, `table ${name}\\..*`];
    case "port":
      return [`listens tcp/.*:${what}`, `reachable ${what}/tcp`];
    case "started":
      return [
        "filter .*",
        "ufw status",
        // ufw sets the kernel's parameters in its own sysctl.conf.
        ...(what === "ufw" ? ["sysctl net\\..*"] : []),
        `(unit-file|active) ${name}\\.service`,
        `(file|link|folder) /etc/(${name}|systemd)/.*${name}.*`,
        // firewalld's other name.
        ...(what === "firewalld"
          ? ["link /etc/systemd/system/dbus-org\\.fedoraproject\\.FirewallD1\\.service( .*)?"]
          : []),
      ];
    case "way":
    case "firewalld":
    case "ufw": {
      const port = /(\d+)\/tcp/.exec(what)?.[1];
      const rule = [`zone \\S+ (ports ${port}/tcp|rule .*port="${port}".*)`, `ufw-rule allow .*\\b${port}\\b.*`];
      return [...rule, `filter .*tcp dport ${port}\\b.*`, "file /etc/ufw/user6?\\.rules"];
    }
    default:
      return [];
  }
}

/**
 * Of these what stays after `pulumi destroy`, as it says itself: databases, packages, and the account as long as its
 * home has data.
 */
export const keptAfterDestroy = (given: readonly string[]): readonly string[] =>
  given.filter((claim) => /^(database|package|group|user [^@]+$|started|way)/.test(claim));

/** Whether an entry of an inventory is something that these claims name. */
export function explainedBy(given: readonly string[]): (key: string) => boolean {
  const all = new RegExp(`^(${given.flatMap(patternsOf).join("|")})$`);
  return (key) => all.test(key);
}
