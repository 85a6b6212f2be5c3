import { Failure } from "../program/failure";
import { noAnswer, runMarked } from "../ssh/marked-script";
import type { Endpoint, Session } from "../ssh/session";
import { markedCommand } from "../ssh/shell";
import { serverScripts, startPacking, unpackAndRun } from "../steps/bundle";

/** A script of `server/actions`, with its words as bash reads them. */
export interface Action {
  readonly script: string;
  readonly words: string;
  /** The last words of its output. */
  readonly last: string;
}

/**
 * Runs the script on the host as root: that of this checkout, also where another version is installed there.
 * @returns its output
 * @throws Failure with the script's own words when it fails
 */
export async function run(session: Session, endpoint: Endpoint, { script, words, last }: Action): Promise<string> {
  const mark = markedCommand(endpoint.user);
  const { stream, end } = startPacking(serverScripts(), `${mark.first}${unpackAndRun(`actions/${script}`, words)}`);
  end();
  const answer = await runMarked(session, endpoint, mark, stream, last);
  if (!answer.stdout) throw new Failure(noAnswer(endpoint, mark, answer));
  if (answer.code !== 0 && !answer.stdout.includes(last)) {
    throw new Failure(answer.stderr.trim().replace(/^error: /, "") || `${script} ended with status ${answer.code}`);
  }
  return answer.stdout.toString();
}
