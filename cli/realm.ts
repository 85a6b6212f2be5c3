import { printConfig } from "./config";
import { tellDrift } from "./drift";
import { printHostKeys } from "./host-key";

const USAGE = `usage: npm run realm -- VERB
  host-key HOST [PORT]      print the host's SSH keys, for trinitycore:host.key
  config [OPTION…]          print the whole config as the stack understands it, with its defaults;
                            the options are those of \`pulumi config\`
  drift [--json] [OPTION…]  print what differs on the host from what is wanted; the options are those of
                            \`pulumi preview\`; the exit code is 0 when nothing differs, 1 when something does,
                            2 when that could not be found out`;

async function main([verb, ...rest]: string[]): Promise<void> {
  if (verb === "host-key" && rest[0]) return printHostKeys(rest[0], Number(rest[1] ?? 22));
  if (verb === "config") return printConfig(rest);
  if (verb === "drift") {
    process.exitCode = await tellDrift(rest);
    return;
  }
  throw new Error(USAGE);
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exitCode = process.argv[2] === "drift" ? 2 : 1;
});
