import { createHash } from "node:crypto";

/** The prime and the generator of the core's SRP6.cpp. */
const N = 0x894b645e89e1535bbdad5b8b290650530801b18ebfbf5e8fab3c82872a3e9bb7n;
const g = 7n;

const sha1 = (...parts: readonly (string | Buffer)[]): Buffer => {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** The protocol and the database have numbers with the least byte first. */
const toNumber = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % N)
    if (rest & 1n) result = (result * square) % N;
  return result;
}

/**
 * The SRP6 verifier of a password, as the core stores it in `account.verifier`.
 * @param name, password ASCII, of any case: the client writes both in capitals
 * @param salt `account.salt`, 32 bytes
 * @returns 32 bytes
 */
export function verifier(name: string, password: string, salt: Buffer): Buffer {
  const secret = sha1(`${name}:${password}`.toUpperCase());
  return toBytes(power(g, toNumber(sha1(salt, secret))));
}
