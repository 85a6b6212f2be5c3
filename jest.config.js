/** Unit and shell tests run anywhere; the end-to-end ones need the lab (tests/e2e). What takes too long for each change is `*.long.test.ts`. */
const long = process.env.TRINITY_LONG ? [] : ["\\.long\\.test\\.ts$"];
/** What needs the real core is not part of the project's own files: `npm run test:real`. */
const real = process.env.TRINITY_REAL ? [] : ["\\.real\\.test\\.ts$"];
const swc = { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] };
/** What the SDK loads without need, as in program/load-when-used.ts: it would take each test file a second. */
const rarelyUsed = ["^@npmcli/arborist$", "^normalize-package-data$", "^\\./automation$", "/typescript-shim$"];
const project = (name, extra = {}) => ({
  displayName: name,
  testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  transform: swc,
  moduleNameMapper: Object.fromEntries(rarelyUsed.map((name) => [name, "<rootDir>/tests/support/unused.js"])),
  testEnvironment: "node",
  testPathIgnorePatterns: ["/node_modules/", ...long, ...real],
  ...extra,
});

module.exports = {
  reporters: ["default", "<rootDir>/tests/totals.js"],
  projects: [project("unit"), project("server"), project("e2e")],
  testTimeout: 60_000,
};
