import { printConfig } from "./config";
import { checkData, sendData, useData } from "./data";
import { tellDrift } from "./drift";
import { extractData } from "./extract";
import { makeMmaps } from "./extract-on-host";
import { printHostKeys } from "./host-key";

const USAGE = `usage: npm run realm -- VERB
  host-key HOST [PORT]      print the host's SSH keys, for trinitycore:host.key
  config [OPTION…]          print the whole config as the stack understands it, with its defaults;
                            the options are those of \`pulumi config\`
  data send FOLDER [OPTION…]
                            send game data to the host: a folder with dbc, maps and vmaps in it, and with mmaps and
                            Cameras where you have them; the options are those of \`pulumi config\`
  data use FOLDER [OPTION…]
                            copy game data from a folder that is on the host already;
                            the options are those of \`pulumi config\`
  data extract [CLIENT] [--mmaps] [--locale LOCALE] [--scratch FOLDER] [--keep] [--fresh] [OPTION…]
                            make game data of a client 3.3.5a on this machine and send it to the host; without CLIENT
                            it is looked for in the usual places; cut off and run again, it goes on where it was
  data extract CLIENT --on-host [--mmaps] [--locale LOCALE] [--detach] [OPTION…]
                            the same on the host, where CLIENT is
  data mmaps [--detach] [OPTION…]
                            make mmaps of the host's game data there, in the background, at low priority
  data check [OPTION…]      read the game data on the host and compare it with what was sent;
                            the options are those of \`pulumi config\`
  drift [--json] [OPTION…]  print what differs on the host from what is wanted; the options are those of
                            \`pulumi preview\`; the exit code is 0 when nothing differs, 1 when something does,
                            2 when that could not be found out`;

async function main([verb, ...rest]: string[]): Promise<void> {
  if (verb === "host-key" && rest[0]) return printHostKeys(rest[0], Number(rest[1] ?? 22));
  if (verb === "config") return printConfig(rest);
  if (verb === "data" && rest[0] === "send" && rest[1]) return sendData(rest[1], rest.slice(2));
  if (verb === "data" && rest[0] === "use" && rest[1]) return useData(rest[1], rest.slice(2));
  if (verb === "data" && rest[0] === "extract") return extractData(rest.slice(1));
  if (verb === "data" && rest[0] === "mmaps") return makeMmaps(rest.slice(1));
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
