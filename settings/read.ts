/** Reads every value of the config as the schema says, and collects every problem with its path. */
import * as pulumi from "@pulumi/pulumi";
import { mayComeFromEnvironment } from "./conf-lines";
import { below, entryPath, removeCommand, setCommand, setSecretCommand } from "./paths";
import type { Problem } from "./problems";
import { ANY, isKey, Named, type Tree } from "./schema";
import { unknownWithin } from "./unknown-keys";
import { isMap, type Key, Refusal, RefusedEntries, type Secret, type ServerSettings, scalar } from "./values";

/**
 * A part of the config: its decrypted value, and what the stack file has in its place, which tells whether it is
 * encrypted.
 */
export interface Part {
  readonly given: unknown;
  readonly written: unknown;
  /** Whether the engine calls the whole top-level key a secret. */
  readonly hasSecret: boolean;
}

export const isEncrypted = (written: unknown): boolean =>
  isMap(written) && typeof written.secure === "string" && Object.keys(written).length === 1;

const anyEncrypted = (written: unknown): boolean =>
  isEncrypted(written) || (written instanceof Object && Object.values(written).some(anyEncrypted));

/**
 * Whether a value counts as encrypted. A value that the stack file does not have comes from an environment of Pulumi
 * ESC or the like: it counts as encrypted where its top-level key has a secret.
 */
function countsAsEncrypted({ given, written, hasSecret }: Part): boolean {
  const inClear = !(written instanceof Object) && scalar(written) !== undefined && scalar(written) === scalar(given);
  return isEncrypted(written) || (hasSecret && !inClear);
}

const partBelow = ({ given, written, hasSecret }: Part, name: string): Part => ({
  given: isMap(given) && Object.hasOwn(given, name) ? given[name] : undefined,
  written: isMap(written) && Object.hasOwn(written, name) ? written[name] : undefined,
  hasSecret,
});

export class Reader {
  readonly problems: Problem[] = [];

  /** @param realm the realm's name, for messages */
  constructor(private readonly realm: string) {}

  private report(key: string, text: string): void {
    this.problems.push({ key, text: text.replaceAll(`realms.${ANY}`, `realms.${this.realm}`) });
  }

  group(tree: Tree, part: Part, path: string): Record<string, unknown> {
    this.reportUnknown(part, path, Object.keys(tree));
    return Object.fromEntries(
      Object.entries(tree).map(([name, node]) => {
        const [there, at] = [partBelow(part, name), below(path, name)];
        if (isKey(node)) return [name, this.key(node, there, at)];
        return [name, node instanceof Named ? this.namedGroups(node, there, at) : this.group(node, there, at)];
      }),
    );
  }

  /** A map whose names the operator chooses. */
  private namedGroups({ keys }: Named<Tree>, part: Part, path: string): Record<string, unknown> {
    if (!this.isGroup(part, path, `a name for each, and its keys below it`)) return {};
    const names = isMap(part.given) ? Object.keys(part.given) : [];
    return Object.fromEntries(names.map((name) => [name, this.group(keys, partBelow(part, name), below(path, name))]));
  }

  private isGroup({ given }: Part, path: string, wanted: string): boolean {
    // In YAML a name without a value, such as `wotlk:`, is null: it counts as an empty map.
    if (given === undefined || given === null || isMap(given)) return true;
    this.report(path, `must be a map, not ${Array.isArray(given) ? "a list" : "a text"}: ${wanted}`);
    return false;
  }

  /** Reports unknown names within a group; `unknownAtTop` reports those at the top of the config. */
  private reportUnknown(part: Part, path: string, names: readonly string[]): void {
    if (path === "" || !this.isGroup(part, path, `its keys are ${names.join(", ")}`)) return;
    for (const name of isMap(part.given) ? Object.keys(part.given) : [])
      if (!names.includes(name)) this.report(entryPath(path, name), unknownWithin(path, name, names, this.realm));
  }

  private key(key: Key<unknown>, part: Part, path: string): unknown {
    if (part.given === undefined) return this.read(key, key.default, path, true);
    const wrong = this.secrecyProblem(key, part, path);
    if (wrong !== undefined) {
      this.report(path, wrong);
      return key.default;
    }
    const value = this.read(key, part.given, path, false);
    return key.secretEntries && isMap(part.given) ? this.entries(value as ServerSettings, part, path) : value;
  }

  private read(key: Key<unknown>, given: unknown, path: string, isDefault: boolean): unknown {
    try {
      return key.read(given);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error instanceof RefusedEntries)
        for (const [name, problem] of error.entries) this.report(entryPath(path, name), problem);
      else this.report(path, isDefault ? error.message : error.message + howToSet(key, given, path));
      return key.default;
    }
  }

  private secrecyProblem(key: Key<unknown>, part: Part, path: string): string | undefined {
    const { given, written, hasSecret } = part;
    if (key.kind === "secret") {
      if (given === "") return countsAsEncrypted(part) ? `is empty: ${removeCommand(path)}` : undefined;
      return countsAsEncrypted(part) || given instanceof Object || given === null
        ? undefined
        : `is in the stack config in clear. Change the secret, then\n${setSecretCommand(path)}`;
    }
    // Previews and commands show the value of such a key, so encrypting it would promise too much.
    const atTop = !/[.[]/.test(path) && hasSecret;
    return !key.secretEntries && (anyEncrypted(written) || atTop)
      ? "is encrypted, but its value is no secret: previews show it. Set it again without --secret"
      : undefined;
  }

  /** The entries of a server's settings, the encrypted ones as secrets; reports those that should be encrypted. */
  private entries(values: ServerSettings, part: Part, path: string): ServerSettings {
    const read: Record<string, string | Secret> = {};
    for (const [name, value] of Object.entries(values)) {
      const at = entryPath(path, name);
      const isSecret = countsAsEncrypted(partBelow(part, name));
      if (isSecret && !mayComeFromEnvironment(name))
        this.report(at, "cannot be secret: the server reads it from its file only");
      read[name] = isSecret ? pulumi.secret(value) : value;
    }
    return read;
  }
}

/** What to type for a list or map that was given as something else. */
function howToSet({ kind }: Key<unknown>, given: unknown, path: string): string {
  if (kind === "list" && !Array.isArray(given)) return `; one at a time:\n${setCommand(`${path}[0]`)}`;
  return kind === "map" && !isMap(given) ? `, each set alone:\n${setCommand(`${path}["NAME"]`)}` : "";
}
