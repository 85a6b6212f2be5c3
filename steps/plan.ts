import type * as pulumi from "@pulumi/pulumi";

export type Value = string | number | boolean | readonly string[];

/**
 * What one step wants of the server: a pure function of settings and facts makes it, `server/kinds/<kind>.sh` carries
 * it out.
 */
export interface Plan {
  /** The receipt's name on the server, unique on a host, e.g. "firewall". */
  readonly step: string;
  /** Which `server/kinds/<kind>.sh` knows how to observe and apply it. */
  readonly kind: string;
  /** Non-secret parameters, shown in previews; an array becomes a newline-separated list. */
  readonly args: Readonly<Record<string, Value>>;
  /** Secret parameters: they travel on stdin only. */
  readonly secrets?: Readonly<Record<string, pulumi.Input<string>>>;
  /** The host can be looked at while a secret is not made yet; the kind then does without that one. */
  readonly looksWithoutSecrets?: boolean;
  /**
   * What is too big for a command's text, by name; it travels on stdin, and a text is shown in previews a line each.
   */
  readonly files?: Readonly<Record<string, Buffer>>;
  /** What applying it means to players, in words, e.g. "restarts the worldserver". */
  readonly effect?: string;
}
