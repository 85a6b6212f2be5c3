/** Two-factor secrets as the core stores and checks them, written from its source and from RFC 6238 with Node's crypto. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

/** SecretMgr.cpp: the hexadecimal number's bytes, the lowest first (BN_bn2lebinpad). */
const keyOf = (master: string): Buffer => Buffer.from(master.padStart(32, "0"), "hex").reverse();

/** CryptoGenerics.h: ciphertext, IV, tag; AES.h: 12 bytes each of the last two. */
export function seal(master: string, secret: Buffer, iv = randomBytes(12)): Buffer {
  const cipher = createCipheriv("aes-128-gcm", keyOf(master), iv, { authTagLength: 12 });
  const text = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([text, iv, cipher.getAuthTag()]);
}

/** @throws Error where it was encrypted with another master secret */
export function unseal(master: string, stored: Buffer): Buffer {
  const size = stored.length - 24;
  const decipher = createDecipheriv("aes-128-gcm", keyOf(master), stored.subarray(size, size + 12), {
    authTagLength: 12,
  });
  decipher.setAuthTag(stored.subarray(size + 12));
  return Buffer.concat([decipher.update(stored.subarray(0, size)), decipher.final()]);
}

/** The code of RFC 6238 at a time in seconds. */
export function totp(secret: Buffer, seconds: number, digits = 6): string {
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
  const hash = createHmac("sha1", secret).update(count).digest();
  const at = (hash[19] as number) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, "0");
}

/** TOTP.cpp, ValidateToken: the step before and the one after count as well. */
export const accepts = (secret: Buffer, code: string, now: number): boolean =>
  [-30, 0, 30].some((off) => totp(secret, now + off) === code);
