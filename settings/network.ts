/** Rules for host names, addresses and networks. */
import { isIP, isIPv4, isIPv6 } from "node:net";
import { type Rule, show } from "./values";

export const hostName: Rule = (value) => {
  if (value.length > 253 || !/^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*$/.test(value)) {
    return `${show(value)} is not a host name`;
  }
  // Names like 10.0.0.300 are mistyped addresses: no top-level domain is a number.
  return /(^|\.)\d+$/.test(value) && !isIPv4(value) ? `${show(value)} is not an IPv4 address` : undefined;
};

/** The client and the authserver know IPv4 only. */
export const realmAddress: Rule = (value) =>
  isIPv6(value) ? "must be a host name or an IPv4 address: the game knows no IPv6" : hostName(value);

/** Where to reach the server over SSH. */
export const sshHost: Rule = (value) => {
  if (isIPv6(value)) return undefined;
  if (value.includes("://")) return `must be a host name or an address, not a URL (${show(value)})`;
  if (value.includes("@")) return "must be the host only; the user goes to trinitycore:ssh.user";
  if (/^[^:]+:\d+$|^\[.*\]/.test(value)) return "must be the host only; the port goes to trinitycore:ssh.port";
  return hostName(value);
};

export const ipv4Mask: Rule = (value) => {
  const bits = value.split(".").map((part) => Number(part).toString(2).padStart(8, "0"));
  return isIPv4(value) && /^1+0*$/.test(bits.join(""))
    ? undefined
    : `${show(value)} is not an IPv4 mask such as 255.255.255.0`;
};

/** Networks that may reach the consoles. */
export const network: Rule = (value) => {
  const [address = "", prefix, ...more] = value.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || more.length > 0)
    return "is not a network such as 192.168.1.0/24 or fd00::/8";
  const width = version === 4 ? 32 : 128;
  if (prefix === undefined) return `needs a prefix length; this one machine is ${address}/${width}`;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > width) return `has no prefix length from 1 to ${width}`;
  if (Number(prefix) === 0) return "would open the console, which knows no encryption, to everyone";
  const base = networkAddress(address, Number(prefix));
  return base === undefined ? undefined : `has bits beyond its prefix; its network is ${base}/${prefix}`;
};

/** The network's own address, when `address` is not that one. */
function networkAddress(address: string, prefix: number): string | undefined {
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  const [bytes, width] = family === "ipv4" ? [parseIPv4(address), 32] : [parseIPv6(address), 128];
  const base = (bytes >> BigInt(width - prefix)) << BigInt(width - prefix);
  if (base === bytes) return undefined;
  if (family === "ipv4") return [24n, 16n, 8n, 0n].map((shift) => (base >> shift) & 255n).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => ((base >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(":");
  return shortest(groups);
}

const parseIPv4 = (address: string): bigint =>
  address.split(".").reduce((sum, part) => (sum << 8n) + BigInt(Number(part)), 0n);

function parseIPv6(address: string): bigint {
  const [head = "", tail] = address
    .replace(/\d+\.\d+\.\d+\.\d+$/, (v4) => {
      const number = Number(parseIPv4(v4));
      return `${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}`;
    })
    .split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const [left, right] = [groups(head), groups(tail ?? "")];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

/** The usual short writing, as the URL parser makes it. */
const shortest = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

/** The servers hand this to the socket library as it is: a name makes them stop at start. */
export const bindAddress: Rule = (value) => (isIP(value) === 0 ? "must be a numeric address" : undefined);

/** Of the server itself: who comes through `ssh -L` is there already. */
export const loopback = (network: string): boolean => /^127\.|^::1\/128$/.test(network);

/** Where a server has to listen so that these networks reach it, and no more than it must. */
export function listensOn(networks: readonly string[]): string {
  const far = networks.some((network) => !loopback(network));
  const all = (version: (address: string) => boolean) =>
    networks.every((network) => version(network.split("/")[0] ?? ""));
  if (all(isIPv4)) return far ? "0.0.0.0" : "127.0.0.1";
  // Linux takes IPv4 there as well.
  return !far && all(isIPv6) ? "::1" : "::";
}
