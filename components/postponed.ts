import { createRequire } from "node:module";

/**
 * What the SDK loads at every start, a third of a second, and this stack does not use: what packs the code of a dynamic provider, and the
 * Automation API. Each is loaded when something of it is asked for.
 */
const unused = ["@npmcli/arborist", "normalize-package-data", "./automation"];
const sdk = createRequire(require.resolve("@pulumi/pulumi"));

for (const file of unused.map((name) => sdk.resolve(name))) {
  const load = () => {
    delete require.cache[file];
    const loaded = require(file);
    // An `import x from` asks for the default.
    return loaded.__esModule ? loaded : { default: loaded, ...loaded };
  };
  let loaded: Record<string | symbol, unknown> | undefined;
  const later = new Proxy<Record<string | symbol, unknown>>(
    // Else an `import * as` would read all of it.
    { __esModule: true },
    {
      get: (target, name) => {
        if (name in target) return target[name];
        loaded ??= load();
        return loaded?.[name];
      },
    },
  );
  require.cache[file] ??= { ...module, id: file, filename: file, loaded: true, children: [], exports: later };
}
