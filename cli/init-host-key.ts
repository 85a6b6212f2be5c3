/** How the operator vouches for a host's key. */
import { Failure } from "../program/failure";
import { tidyHostKey } from "../settings/key-rules";
import { knownKey, type SshTarget, shownKey } from "../ssh/openssh";
import { fingerprint } from "../ssh/session";
import { askText } from "./ask";

export interface Compared {
  /** A fingerprint or a public key that the operator has compared. */
  readonly compared?: string;
  readonly sshConfig?: string;
  /** Nothing may be asked. */
  readonly yes?: boolean;
}

/**
 * The host's key: that of the config or of known_hosts, or the one that the host shows and the operator has compared.
 * @param set what the config has
 * @param flag the option that takes the compared one
 * @throws Failure when nobody vouches for the key
 */
export async function comparedKey(
  target: SshTarget,
  set: string | undefined,
  flag: string,
  { compared, sshConfig, yes = false }: Compared,
): Promise<string> {
  const known = knownKey(target);
  if (known) console.log(`key       ${printOf(known.key)}, in ${known.file}`);
  // A comment after the key makes it no other one.
  if (set !== undefined && (!known || tidyHostKey(set) === known.key)) return set;
  if (known) return known.key;
  const shown = shownKey(target, sshConfig);
  if (compared === undefined) await compare(target, shown, flag, yes);
  else if (compared.trim() !== printOf(shown) && tidyHostKey(compared) !== shown)
    throw new Failure(`${target.alias} shows the host key ${printOf(shown)}, which is not the one in ${flag}`);
  console.log(`key       ${printOf(shown)}, compared`);
  return shown;
}

/** What to type on the host's own console. */
const HOW = "for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done";

async function compare({ alias }: SshTarget, shown: string, flag: string, yes: boolean): Promise<void> {
  const text = `no known_hosts has ${alias}; it shows the host key ${printOf(shown)} (${shown.split(" ")[0]})`;
  if (yes) {
    throw new Failure(
      `${text}. Compare it with what the host's own console says (${HOW}), ` +
        `then say so with ${flag} ${printOf(shown)}`,
    );
  }
  console.error(`${text}.\nCompare it with what the host's own console says:\n  ${HOW}`);
  const answer = await askText("Is it the same? yes, no, or the fingerprint from there", "no", (given) =>
    /^(yes|no|SHA256:\S+)$/.test(given) ? undefined : "yes, no, or SHA256:…",
  );
  if (answer !== "yes" && answer !== printOf(shown))
    throw new Failure(`the host key of ${alias} is not known to be its own; nothing was written`);
}

/** A host key's fingerprint. */
const printOf = (key: string): string => fingerprint(key.split(" ")[1] ?? "");
