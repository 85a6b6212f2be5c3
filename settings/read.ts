/** Walks the config along the schema: every value read, every problem noted with its path. */
import * as pulumi from "@pulumi/pulumi";
import { mayComeFromEnvironment } from "./conf-lines";
import { below, entryPath, removeCommand, setCommand, setSecretCommand } from "./paths";
import type { Problem } from "./problems";
import { secretSettings } from "./rules";
import { ANY, isKey, Named, type Tree } from "./schema";
import { unknownWithin } from "./unknown-keys";
import { isMap, type Key, Refusal, RefusedEntries, type Secret, type ServerSettings, scalar } from "./values";

/**
 * A part of the config: what the engine gives, and the same place in the stack file, where what is encrypted says so.
 */
export interface Part {
  readonly given: unknown;
  readonly written: unknown;
  /** Whether the engine says that something in this key, all of it, is a secret. */
  readonly hasSecret: boolean;
}

export const isEncrypted = (written: unknown): boolean =>
  isMap(written) && typeof written.secure === "string" && Object.keys(written).length === 1;

const anyEncrypted = (written: unknown): boolean =>
  isEncrypted(written) || (written instanceof Object && Object.values(written).some(anyEncrypted));

/**
 * Whether a value counts as encrypted. One that the stack file does not have comes from elsewhere, such as an
 * environment of Pulumi ESC, and is taken for a secret where its key has any.
 */
function encrypted({ given, written, hasSecret }: Part): boolean {
  const inClear = !(written instanceof Object) && scalar(written) !== undefined && scalar(written) === scalar(given);
  return isEncrypted(written) || (hasSecret && !inClear);
}

const inside = ({ given, written, hasSecret }: Part, name: string): Part => ({
  given: isMap(given) && Object.hasOwn(given, name) ? given[name] : undefined,
  written: isMap(written) && Object.hasOwn(written, name) ? written[name] : undefined,
  hasSecret,
});

export class Reader {
  readonly problems: Problem[] = [];

  /** @param realm the realm's name, for words */
  constructor(private readonly realm: string) {}

  private say(key: string, text: string): void {
    this.problems.push({ key, text: text.replaceAll(`realms.${ANY}`, `realms.${this.realm}`) });
  }

  group(tree: Tree, part: Part, path: string): Record<string, unknown> {
    this.known(part, path, Object.keys(tree));
    return Object.fromEntries(
      Object.entries(tree).map(([name, node]) => {
        const [there, at] = [inside(part, name), below(path, name)];
        if (isKey(node)) return [name, this.key(node, there, at)];
        return [name, node instanceof Named ? this.named(node, there, at) : this.group(node, there, at)];
      }),
    );
  }

  /** A map whose names the operator chooses. */
  private named({ keys }: Named<Tree>, part: Part, path: string): Record<string, unknown> {
    if (!this.isGroup(part, path, `a name for each, and its keys below it`)) return {};
    const names = isMap(part.given) ? Object.keys(part.given) : [];
    return Object.fromEntries(names.map((name) => [name, this.group(keys, inside(part, name), below(path, name))]));
  }

  private isGroup({ given }: Part, path: string, wanted: string): boolean {
    // What has no value in YAML, as in `wotlk:` without a key below, is an empty map.
    if (given === undefined || given === null || isMap(given)) return true;
    this.say(path, `must be a map, not ${Array.isArray(given) ? "a list" : "a text"}: ${wanted}`);
    return false;
  }

  /** Says of the top of the config nothing: what is unknown there is told with more words. */
  private known(part: Part, path: string, names: readonly string[]): void {
    if (path === "" || !this.isGroup(part, path, `its keys are ${names.join(", ")}`)) return;
    for (const name of isMap(part.given) ? Object.keys(part.given) : [])
      if (!names.includes(name)) this.say(entryPath(path, name), unknownWithin(path, name, names, this.realm));
  }

  private key(key: Key<unknown>, part: Part, path: string): unknown {
    if (part.given === undefined) return this.read(key, key.default, path, true);
    const wrong = this.secrecyProblem(key, part, path);
    if (wrong !== undefined) {
      this.say(path, wrong);
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
        for (const [name, problem] of error.entries) this.say(entryPath(path, name), problem);
      else this.say(path, isDefault ? error.message : error.message + example(key, given, path));
      return key.default;
    }
  }

  private secrecyProblem(key: Key<unknown>, part: Part, path: string): string | undefined {
    const { given, written, hasSecret } = part;
    if (key.kind === "secret") {
      if (given === "") return encrypted(part) ? `is empty: ${removeCommand(path)}` : undefined;
      return encrypted(part) || given instanceof Object || given === null
        ? undefined
        : `is in the stack config in clear. Change the secret, then\n${setSecretCommand(path)}`;
    }
    // A value of such a key is shown in previews and stands in commands: encrypting it would promise what nobody keeps.
    const atTop = !/[.[]/.test(path) && hasSecret;
    return !key.secretEntries && (anyEncrypted(written) || atTop)
      ? "is encrypted, but its value is no secret: previews show it. Set it again without --secret"
      : undefined;
  }

  /** The entries of a server's settings: those that are secret become so at once, and those that should be are told. */
  private entries(values: ServerSettings, part: Part, path: string): ServerSettings {
    const read: Record<string, string | Secret> = {};
    for (const [name, value] of Object.entries(values)) {
      const at = entryPath(path, name);
      const isSecret = encrypted(inside(part, name));
      if (isSecret && !mayComeFromEnvironment(name))
        this.say(at, "cannot be secret: the server reads it from its file only");
      if (!isSecret && value !== "" && secretSettings.test(name))
        this.say(at, `is in clear. Change the secret, then\n${setSecretCommand(at)}`);
      read[name] = isSecret ? pulumi.secret(value) : value;
    }
    return read;
  }
}

/** How to set a list or map that was given as something else. */
function example({ kind }: Key<unknown>, given: unknown, path: string): string {
  if (kind === "list" && !Array.isArray(given)) return `; one at a time:\n${setCommand(`${path}[0]`)}`;
  return kind === "map" && !isMap(given) ? `, each set alone:\n${setCommand(`${path}["NAME"]`)}` : "";
}
