import { printConfig } from "./config";
import { checkData, sendData } from "./data";
import { tellDrift } from "./drift";
import { printHostKeys } from "./host-key";

const USAGE = `usage: npm run realm -- VERB
  host-key HOST [PORT]   print the server's host keys, for trinitycore:host.key
  config [OPTION…]       print the whole config as it is understood, with its defaults; the options are \`pulumi config\`'s
  data send FOLDER [OPTION…]  send game data to the server: a folder with dbc, maps, vmaps, and mmaps and Cameras where you have them
  data check [OPTION…]   read the game data on the server and compare it with what was sent; the options are \`pulumi config\`'s
  drift [--json] [OPTION…] say what differs on the server from what is wanted, as \`pulumi preview\` with these options finds it;
                         ends with 0 when nothing does, 1 when something does, 2 when that could not be told`;

async function main([verb, ...rest]: string[]): Promise<void> {
  if (verb === "host-key" && rest[0]) return printHostKeys(rest[0], Number(rest[1] ?? 22));
  if (verb === "config") return printConfig(rest);
  if (verb === "data" && rest[0] === "send" && rest[1]) return sendData(rest[1], rest.slice(2));
  if (verb === "data" && rest[0] === "check") return checkData(rest.slice(1));
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
