import { Output } from "@pulumi/pulumi";
import { Document, isScalar, parse, YAMLMap } from "yaml";
import { type ConfigSource, loadSettings, type Settings } from "../settings";
import { fullKey } from "../settings/paths";
import { isKey, Named, schema, type Tree } from "../settings/schema";
import { isMap } from "../settings/values";
import { stackConfig } from "./stack";

type Values = Readonly<Record<string, unknown>>;

const valueIn = (given: unknown, name: string): unknown => (isMap(given) ? given[name] : undefined);

/** A value with "[secret]" in the place of each secret. */
function hidden(value: unknown): unknown {
  if (Output.isInstance(value)) return "[secret]";
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, hidden(part)])) : value;
}

/** A part of the schema with its values; defaults are marked. */
function node(document: Document, tree: Tree, values: Values, given: unknown): YAMLMap {
  const map = new YAMLMap();
  for (const [name, part] of Object.entries(tree)) {
    if (part instanceof Named) {
      const named = Object.entries(values[name] as Record<string, Values>);
      const each = Object.fromEntries(named.map(([key]) => [key, part.keys]));
      map.set(name, node(document, each, values[name] as Values, valueIn(given, name)));
    } else if (!isKey(part)) {
      map.set(name, node(document, part, values[name] as Values, valueIn(given, name)));
    } else {
      const shown = hidden(values[name]) ?? "";
      const value = document.createNode(shown, { flow: !isMap(shown) || Object.keys(shown).length === 0 });
      const isDefault = valueIn(given, name) === undefined;
      if (isDefault && part.kind === "secret") continue;
      const key = document.createNode(name);
      if (isDefault) value.comment = " default";
      if (isScalar(value) && typeof value.value === "string" && value.value.includes("\n"))
        value.type = "BLOCK_LITERAL";
      map.set(key, value);
    }
  }
  return map;
}

/** The whole config as the stack understands it, in the YAML of a stack file. */
export function inYaml({ realm: { key, ...realm }, ...settings }: Settings, given: Values): string {
  const document = new Document();
  const values = { ...settings, realms: { [key]: realm } };
  const config = node(document, schema, values, given);
  const namespaced = new YAMLMap();
  for (const { key: name, value } of config.items) namespaced.set(fullKey(`${name}`), value);
  const top = new YAMLMap();
  top.set("config", namespaced);
  document.contents = top as unknown as typeof document.contents;
  return document.toString({ lineWidth: 0 });
}

/** The config as it is given, without the defaults of Pulumi.yaml, which the engine lists as well. */
export const givenIn = ({ values, written }: ConfigSource): Values =>
  Object.fromEntries(
    Object.entries(schema).flatMap(([name, part]) => {
      const key = fullKey(name);
      const text = values[key];
      if (text === undefined || (isKey(part) && text === part.default && written?.[key] === undefined)) return [];
      return [[name, isKey(part) ? text : parse(text)]];
    }),
  );

/** `npm run realm -- config [OPTION…]`, with the options of `pulumi config`. Connects to no host. */
export async function printConfig(args: readonly string[]): Promise<void> {
  const { source } = await stackConfig(args);
  process.stdout.write(inYaml(loadSettings(source), givenIn(source)));
}
