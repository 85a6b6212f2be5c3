import { createRequire } from "node:module";

/**
 * What the SDK loads at every start, a third of a second, and this stack does not use: what packs the code of a dynamic
 * provider, and the Automation API. Each is loaded when something of it is asked for.
 */
const unused = ["@npmcli/arborist", "normalize-package-data", "./automation"];

type Loaded = Record<string | symbol, unknown>;

/**
 * Puts in the place of a module one that is loaded when something of it is asked for, in whatever way. What another
 * version of the SDK has no more is left alone: the program works, and only starts slower.
 */
export function postpone(from: NodeJS.Require, name: string): void {
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
      // Else an `import * as` would read all of it.
      if (key === "__esModule") return true;
      const module = load();
      // An `import x from` asks for the default.
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
for (const name of unused) postpone(sdk, name);
