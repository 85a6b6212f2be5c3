import { createRequire } from "node:module";

/**
 * Modules that the SDK loads at every start, which takes a third of a second, and that this stack does not use: they
 * pack the code of dynamic providers, or are the Automation API.
 */
const rarelyUsed = ["@npmcli/arborist", "normalize-package-data", "./automation"];

type Loaded = Record<string | symbol, unknown>;

/**
 * Replaces a module by a proxy that loads it at the first use. A module that the SDK does not have (any more) is left
 * alone: the program works, and only starts slower.
 */
export function loadWhenUsed(from: NodeJS.Require, name: string): void {
  let file: string;
  try {
    file = from.resolve(name);
  } catch {
    return;
  }
  let loaded: Loaded | undefined;
  const load = (): Loaded => {
    if (!loaded) {
      delete require.cache[file];
      loaded = from(file) as Loaded;
    }
    return loaded;
  };
  const proxy = new Proxy(function later() {}, {
    get(_, key) {
      // Without this `import * as` would copy every property, and so load the module.
      if (key === "__esModule") return true;
      const module = load();
      // `import x from` reads the property `default`.
      return key === "default" && !module.__esModule ? module : module[key];
    },
    has: (_, key) => key in load(),
    ownKeys: () => [...new Set([...Reflect.ownKeys(load()), "prototype"])],
    getOwnPropertyDescriptor: (target, key) => {
      if (key === "prototype") return Reflect.getOwnPropertyDescriptor(target, key);
      const found = Reflect.getOwnPropertyDescriptor(load(), key);
      return found && { value: load()[key], enumerable: found.enumerable ?? false, writable: true, configurable: true };
    },
    apply: (_, self, args) => Reflect.apply(load() as unknown as () => unknown, self, args),
    construct: (_, args) => Reflect.construct(load() as unknown as new () => object, args),
  });
  require.cache[file] ??= { ...module, id: file, filename: file, loaded: true, children: [], exports: proxy };
}

const sdk = createRequire(require.resolve("@pulumi/pulumi"));
for (const name of rarelyUsed) loadWhenUsed(sdk, name);
