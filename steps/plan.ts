import type * as pulumi from "@pulumi/pulumi";

export type Value = string | number | boolean | readonly string[];

/**
 * What one step wants of the host. A pure function makes it from settings and facts; `server/kinds/<kind>.sh` carries
 * it out.
 */
export interface Plan {
  /** The receipt's name, unique on a host, e.g. "firewall". */
  readonly step: string;
  /** The name of the script `server/kinds/<kind>.sh` that observes and applies it. */
  readonly kind: string;
  /** Non-secret parameters, shown in previews; an array becomes a newline-separated list. */
  readonly args: Readonly<Record<string, Value>>;
  /** Secret parameters, which are sent on stdin only. */
  readonly secrets?: Readonly<Record<string, pulumi.Input<string>>>;
  /** The host can be looked at while a secret is not made yet; the kind then does without that one. */
  readonly looksWithoutSecrets?: boolean;
  /**
   * Files, by name, that are too big for a command's text: they are sent on stdin, and a preview shows their lines.
   */
  readonly files?: Readonly<Record<string, Buffer>>;
  /** What applying it means to players, e.g. "restarts the worldserver". */
  readonly effect?: string;
}
