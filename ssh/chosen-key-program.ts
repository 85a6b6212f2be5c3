/** Serves one key of the ssh-agent to the command plugin until the engine ends. */
import { isRunning, serveChosenKey } from "./chosen-key";

const { TRINITY_AGENT = "", TRINITY_AGENT_KEY = "", TRINITY_UNTIL = "" } = process.env;

void serveChosenKey(TRINITY_AGENT, TRINITY_AGENT_KEY).then(() => {
  setInterval(() => {
    if (!isRunning(Number(TRINITY_UNTIL))) process.exit(0);
  }, 1_000);
  process.stdout.write("ready\n");
});
