/** Unit and shell tests run anywhere; the end-to-end ones need the lab (tests/e2e). */
const swc = { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] };
const project = (name, extra = {}) => ({
  displayName: name,
  testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  transform: swc,
  testEnvironment: "node",
  ...extra,
});

module.exports = {
  reporters: ["default", "<rootDir>/tests/totals.js"],
  projects: [project("unit"), project("server"), project("e2e")],
  testTimeout: 60_000,
};
