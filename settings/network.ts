/** Rules for host names, addresses and networks. */
import { isIP, isIPv4, isIPv6 } from "node:net";
import { IPv4, IPv6 } from "ipaddr.js";
import { type Rule, show } from "./values";

const hostName: Rule = (value) => {
  if (value.length > 253 || !/^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*$/.test(value)) {
    return `${show(value)} is not a host name`;
  }
  // Names like 10.0.0.300 are mistyped addresses: no top-level domain is a number.
  return /(^|\.)\d+$/.test(value) && !isIPv4(value) ? `${show(value)} is not an IPv4 address` : undefined;
};

/** Where players connect. The game client and the authserver know IPv4 only. */
export const realmAddress: Rule = (value) =>
  isIPv6(value) ? "must be a host name or an IPv4 address: the game knows no IPv6" : hostName(value);

/** Where to reach the host over SSH. */
export const sshHost: Rule = (value) => {
  if (isIPv6(value)) return undefined;
  if (value.includes("://")) return `must be a host name or an address, not a URL (${show(value)})`;
  if (value.includes("@")) return "must be the host only; the user goes to trinitycore:host.ssh.user";
  if (/^[^:]+:\d+$|^\[.*\]/.test(value)) return "must be the host only; the port goes to trinitycore:host.ssh.port";
  return hostName(value);
};

export const ipv4Mask: Rule = (value) =>
  isIPv4(value) && IPv4.parse(value).prefixLengthFromSubnetMask()
    ? undefined
    : `${show(value)} is not an IPv4 mask such as 255.255.255.0`;

/** A network that may reach the remote console or SOAP. */
export const network: Rule = (value) => {
  const [address = "", prefix, ...more] = value.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || more.length > 0)
    return "is not a network such as 192.168.1.0/24 or fd00::/8";
  const width = version === 4 ? 32 : 128;
  if (prefix === undefined) return `needs a prefix length; this address alone is ${address}/${width}`;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > width) return `has no prefix length from 1 to ${width}`;
  if (Number(prefix) === 0) return "would open the console, which has no encryption, to everyone";
  const family = version === 4 ? IPv4 : IPv6;
  const base = family.networkAddressFromCIDR(value).toString();
  const itself = family.parse(address).toString();
  return base === itself ? undefined : `has bits beyond its prefix; its network is ${base}/${prefix}`;
};

/** An address to listen on. A server that gets a name here fails at its start. */
export const bindAddress: Rule = (value) => (isIP(value) === 0 ? "must be a numeric address" : undefined);

/** Whether a network is the host's own loopback, as connections through `ssh -L` are. */
export const loopback = (network: string): boolean => /^127\.|^::1\/128$/.test(network);

/** The narrowest address on which a server can be reached from all these networks. */
export function listensOn(networks: readonly string[]): string {
  const far = networks.some((network) => !loopback(network));
  const all = (version: (address: string) => boolean) =>
    networks.every((network) => version(network.split("/")[0] ?? ""));
  if (all(isIPv4)) return far ? "0.0.0.0" : "127.0.0.1";
  // On `::` Linux takes IPv4 connections too.
  return !far && all(isIPv6) ? "::1" : "::";
}
