import { utils } from "ssh2";

/** A new pair of SSH keys. ssh2 writes about one of 300 ed25519 keys so that it cannot read it again. */
export const keyPair = () => utils.generateKeyPairSync("ecdsa", { bits: 256 });
