/** What is said to a running worldserver, and what it answers: SOAP as the core has it (TCSoap.cpp, and its gSOAP). */
import type { Settings } from "../settings";
import type { Action } from "./action";
import { eitherName, ownedBy } from "./names";

/** @param seconds how long an answer is waited for */
export const worldAction = (settings: Settings, stack: string, seconds: number): Action => ({
  script: "world",
  told: {
    ...ownedBy(settings, stack),
    ...eitherName(settings, ({ announcer, server }) => ({ login: announcer.login, unit: server.unit })),
    seconds,
  },
});

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escaped = (text: string): string => text.replaceAll(/[&<>]/g, (sign) => entities[sign] ?? sign);

/** @returns why the worldserver would not get this command as it is; undefined when it would */
export function unfit(command: string): string | undefined {
  if (command.trim() === "") return "there is nothing to say";
  if (/\p{Cc}/u.test(command)) return "a command is one line of plain text";
  return undefined;
}

/** A command as a line for `server/actions/world.sh`. */
export const question = (command: string): string =>
  `${Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?>\n<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" ' +
      `xmlns:ns1="urn:TC"><SOAP-ENV:Body><ns1:executeCommand><command>${escaped(command)}</command>` +
      "</ns1:executeCommand></SOAP-ENV:Body></SOAP-ENV:Envelope>",
  ).toString("base64")}\n`;

/** What came of a command: done, refused by the worldserver with its own words, or not known to be either. */
export interface Answer {
  readonly end: "done" | "refused" | "unknown";
  readonly text: string;
}

interface Heard {
  /** What curl ended with. */
  readonly curl: number;
  readonly http: number;
  /** The unit, and what systemd says of it. */
  readonly unit: string;
  readonly state: string;
  readonly body: string;
}

const unknown = (text: string): Answer => ({ end: "unknown", text });

/** @param line `answer CURL HTTP UNIT STATE BODY`, the body in base64, as world.sh says it */
export function answerIn(line: string, seconds: number): Answer {
  const [, curl, http, unit = "", state = "", body = ""] =
    /^answer (\d+) (\d+) (\S+) (\S*) ?([A-Za-z0-9+/=]*)$/.exec(line) ?? [];
  if (curl === undefined)
    return unknown(`the server's answer cannot be read at: ${JSON.stringify(line.slice(0, 200))}`);
  return meaning(
    { curl: Number(curl), http: Number(http), unit, state, body: Buffer.from(body, "base64").toString() },
    seconds,
  );
}

function meaning({ curl, http, unit, state, body }: Heard, seconds: number): Answer {
  const name = unit.replace(/\.service$/, "");
  if (curl === 7 && state === "active")
    return unknown(
      `the ${name} runs, but its SOAP interface does not listen: it is still loading, or was started before it had one; ` +
        "`pulumi preview` says which",
    );
  if (curl === 7) return unknown(`the ${name} does not run (${unit} is ${state}): npm run realm -- start`);
  if (curl === 28)
    return unknown(
      `the ${name} has not answered for ${seconds} s. It takes one command at a time, and may yet do this one: ` +
        "ask it what came of it before saying it again",
    );
  if (curl === 18 || curl === 52 || curl === 56)
    return unknown(
      `the ${name} ended the connection without an answer: as a rule it was about to stop, or has crashed`,
    );
  if (curl !== 0) return unknown(`the ${name} could not be asked (curl ended with ${curl})`);
  switch (http) {
    case 200:
      return readable("done", name, body, "result");
    case 401:
      return unknown(
        `the ${name} does not know the stack's own account, or its password: \`pulumi up\` puts that right`,
      );
    case 403:
      return unknown(
        `the ${name} does not take the stack's own account for an administrator: \`pulumi up\` puts that right`,
      );
    case 500:
      return readable("refused", name, body, "faultstring");
    default:
      return unknown(`what answers in place of the ${name} is no worldserver (HTTP status ${http})`);
  }
}

/** A command that says nothing has an empty element, or none at all. */
function readable(end: Answer["end"], name: string, body: string, element: string): Answer {
  if (!/<\/?(\w|-)+:Envelope\b/.test(body)) return unknown(`what answers in place of the ${name} speaks no SOAP`);
  const [, inside = ""] = new RegExp(`<${element}(?: [^>]*)?>([\\s\\S]*?)</${element}>`).exec(body) ?? [];
  return { end, text: shown(unescaped(inside)) };
}

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const unescaped = (text: string): string =>
  text.replaceAll(/&(?:#x([0-9A-Fa-f]{1,6})|#(\d{1,7})|(lt|gt|amp|quot|apos));/g, (whole, hex, decimal, name) => {
    if (name) return named[name] ?? whole;
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

/** What players name themselves and write is in it: nothing of it may draw on the operator's terminal. */
const shown = (text: string): string =>
  text
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/(?![\n\t])\p{Cc}/gu, "?")
    .replace(/\n+$/, "");
