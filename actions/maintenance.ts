/** Keeping players out of a realm for a while. */
import type { Settings } from "../settings";
import type { Action } from "./action";
import { eitherName, ownedBy } from "./names";
import { type Answer, answerIn, question } from "./soap";

const SECONDS = 60;

/** The levels of accounts that may be asked for, as the core counts them. */
export const levels = { moderator: 1, gamemaster: 2, administrator: 3 } as const;
export type Level = keyof typeof levels;

/** @param level who is below it may not enter; undefined where maintenance is over */
export const maintenanceAction = (settings: Settings, stack: string, level?: Level): Action => ({
  script: "maintenance",
  told: {
    ...ownedBy(settings, stack),
    ...eitherName(settings, ({ announcer, server, receipts }) => ({
      ...{ login: announcer.login, unit: server.unit },
      row: receipts.row,
    })),
    ...(level ? { level: levels[level] } : {}),
    seconds: SECONDS,
    // With `reset` the worldserver reads the level of the realm's row again, and the limit of players from its conf.
    question: question(`server plimit ${level ? `-${levels[level]}` : "reset"}`).trim(),
  },
});

/** "maintenance is on: …", or that it is over. */
export function levelText(level: number): string {
  const [name] = Object.entries(levels).find(([, number]) => number === level) ?? [];
  return `nobody below ${name ? `${name} (level ${level})` : `level ${level}`} may enter`;
}

/** What came of it, in words, and whether the running worldserver has heard of it. */
export function maintenanceEnd(said: string): Answer {
  const level = Number(/^level (\d+)$/m.exec(said)?.[1] ?? 0);
  const done = level > 0 ? levelText(level) : "everybody may enter";
  const answer = said.split("\n").find((line) => line.startsWith("answer "));
  if (!answer) {
    const now = /^no-login /m.test(said) ? "as soon as it is restarted: the stack has no account yet to tell it" : "";
    return { end: now ? "unknown" : "done", text: now ? `${done}, ${now}` : `${done}; the worldserver does not run` };
  }
  const { end, text } = answerIn(answer, SECONDS);
  return end === "done" ? { end, text: done } : { end, text: `the running worldserver has not heard of it: ${text}` };
}
