import { printHostKeys } from "./host-key";

const USAGE = `usage: npm run realm -- VERB
  host-key HOST [PORT]   print the server's host keys, for trinitycore:hostKey`;

async function main([verb, ...rest]: string[]): Promise<void> {
  if (verb === "host-key" && rest[0]) return printHostKeys(rest[0], Number(rest[1] ?? 22));
  throw new Error(USAGE);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
