import { asked, type WithLayout, withLayout } from "../components/layout";
import { loadSettings } from "../settings";
import { endpointOf } from "../ssh/endpoint";
import { type Endpoint, Session } from "../ssh/session";
import { askFacts } from "../steps/host";
import { configSource } from "./config";

/** The stack's host, reached as the config says, and the names that its things have there. */
export interface Reached {
  readonly settings: WithLayout;
  readonly endpoint: Endpoint;
  readonly session: Session;
}

/**
 * Connects to the stack's host, does something there, and closes the connection.
 * @param args options of `pulumi config`, which name the stack
 */
export async function onHost<T>(args: readonly string[], what: (reached: Reached) => Promise<T>): Promise<T> {
  const settings = loadSettings(configSource(args));
  const { endpoint } = await endpointOf(settings);
  const session = await Session.open(endpoint, { tell: (text) => console.error(text) });
  try {
    const facts = await askFacts(session, endpoint, settings, asked(settings));
    return await what({ settings: withLayout(settings, facts), endpoint, session });
  } finally {
    session.close();
  }
}
