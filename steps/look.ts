/** Looks at a host over an open connection: reads its facts, and observes its steps. It changes nothing there. */
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import { noAnswer, runMarked, type TimeLimit } from "../ssh/marked-script";
import type { Endpoint, Session } from "../ssh/session";
import { markedCommand } from "../ssh/shell";
import { sudoRecords, whySudoFails } from "../ssh/sudo";
import { type BundleFile, startPacking, unpackAndRun } from "./bundle";
import { type Facts, factsQuestions, hanging, readFacts, refuseUnfit, schedules, wholeFacts } from "./facts";
import { type Observation, type Request, readFrames, requestFiles } from "./observation";

/**
 * The command that observes all steps. It starts as soon as the connection is open, so that the scripts arrive while
 * the facts are read and the plans are made.
 */
export interface Look {
  /** Observes these steps. It can be called once. */
  observe(requests: readonly Request[]): Promise<Map<string, Observation>>;
}

export function startLook(session: Session, endpoint: Endpoint, scripts: readonly BundleFile[]): Look {
  const script = markedCommand(endpoint.user);
  const { stream, end } = startPacking(scripts, `${script.first}${unpackAndRun("run/observe.sh", '"$1"')}`);
  const last = `@${script.mark} end\n`;
  const answer = runMarked(session, endpoint, script, stream, last).then((answer) => {
    const { stdout, stderr, code } = answer;
    if (!stdout) throw new Failure(noAnswer(endpoint, script, answer));
    // A start-up file may run something at the shell's end, which changes the exit code.
    if (code !== 0 && !stdout.includes(last)) {
      throw new Failure(`observing ${endpoint.host} failed (${code}): ${stderr.trim()}`);
    }
    return stdout;
  });
  // Where the facts speak against this host, nobody waits for the answer.
  answer.catch(() => {});
  return {
    async observe(requests) {
      end(requestFiles(requests));
      const steps = requests.map(({ plan }) => plan.step);
      return readFrames(await answer, steps, script.mark);
    },
  };
}

/** Seconds for all facts together; each command that may hang has 10 of its own. */
const FACTS_SECONDS = 60;

/** @throws Failure when the host does not answer, asks for a password, or is none that a realm can be on */
export async function askFacts(
  session: Session,
  endpoint: Endpoint,
  settings: Settings,
  asked: readonly string[],
): Promise<Facts> {
  const { user, host } = endpoint;
  const script = markedCommand(user);
  const text = `${script.first}${factsQuestions(asked, schedules(settings))}`;
  const limit: TimeLimit = { seconds: FACTS_SECONDS, late: (said) => hanging(host, FACTS_SECONDS, said) };
  const answer = await runMarked(session, endpoint, script, text, "\nfacts end\n", { limit });
  const { stdout, stderr, code } = answer;
  if (!stdout) throw new Failure((await whySudoFails(session, user, answer)) ?? noAnswer(endpoint, script, answer));
  const said = stdout.toString();
  if (code !== 0 && !wholeFacts(said)) throw new Failure(`${host} could not be looked at (${code}): ${stderr.trim()}`);
  const facts = readFacts(said, host);
  if (facts.recorded) throw new Failure(sudoRecords(user));
  refuseUnfit(host, facts);
  return facts;
}
