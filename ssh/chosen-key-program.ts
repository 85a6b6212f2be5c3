/** Lets the command plugin have one key of the agent, for as long as the engine that wants it lives. */
import { lives, serveChosenKey } from "./chosen-key";

const { TRINITY_AGENT = "", TRINITY_AGENT_KEY = "", TRINITY_UNTIL = "" } = process.env;

void serveChosenKey(TRINITY_AGENT, TRINITY_AGENT_KEY).then(() => {
  setInterval(() => {
    if (!lives(Number(TRINITY_UNTIL))) process.exit(0);
  }, 1_000);
  process.stdout.write("ready\n");
});
