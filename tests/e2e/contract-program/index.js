/** Makes the resources that the file named by CONTRACT_SPEC lists. */
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const command = require("@pulumi/command");
const mysql = require("@pulumi/mysql");
const random = require("@pulumi/random");

const spec = JSON.parse(readFileSync(process.env.CONTRACT_SPEC, "utf8"));

for (const [name, { secretStdin, ...args }] of Object.entries(spec.commands ?? {})) {
  const stdin = secretStdin === undefined ? args.stdin : pulumi.secret(secretStdin);
  new command.remote.Command(name, { connection: spec.connection, addPreviousOutputInEnv: false, ...args, stdin });
}
const provider = spec.endpoint && new mysql.Provider("mariadb", { endpoint: spec.endpoint, username: "root" });
for (const [name, args] of Object.entries(spec.databases ?? {})) new mysql.Database(name, args, { provider });
for (const [name, args] of Object.entries(spec.passwords ?? {})) {
  module.exports[name] = new random.RandomPassword(name, args).result;
}
