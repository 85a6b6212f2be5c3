/**
 * The SDK loads npm's dependency resolver at every start, a fifth of a second, and needs it only to pack the code of a dynamic provider. This
 * stack has none; should one come, the resolver is loaded then.
 */
const file = require.resolve("@npmcli/arborist", { paths: [require.resolve("@pulumi/pulumi")] });
const later = {
  // Else an `import *` would read all of it.
  __esModule: true,
  get Arborist() {
    delete require.cache[file];
    return require(file).Arborist;
  },
};
require.cache[file] ??= { ...module, id: file, filename: file, loaded: true, children: [], exports: later };

export {};
