/** Looks for secrets in what was printed, logged and left behind, in every form a program may have given them. */
import { createHash } from "node:crypto";

/** Below this length a form is found by chance. */
const SHORTEST = 8;

const replaced = (text: string, characters: RegExp, by: (character: string) => string) => text.replace(characters, by);
const escaped = (text: string, characters: RegExp) => replaced(text, characters, (character) => `\\${character}`);
const bytes = (text: string, form: (byte: number) => string) =>
  replaced(text, /[^\x20-\x7e]/gu, (character) => [...Buffer.from(character)].map(form).join(""));
const unicode = (text: string, characters: RegExp) =>
  replaced(text, characters, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
const json = (text: string) => JSON.stringify(text).slice(1, -1);
const url = (text: string) =>
  replaced(
    encodeURIComponent(text),
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
const lowerUrl = (text: string) => replaced(text, /%../g, (code) => code.toLowerCase());
const xml = (text: string) =>
  replaced(
    text,
    /[&<>'"]/g,
    (character) => `&${{ "&": "amp", "<": "lt", ">": "gt", "'": "#39", '"': "quot" }[character]};`,
  );

/** What base64 makes of it wherever in a longer text it stands: as it is, and one and two bytes later. */
function base64(text: string): [string, string][] {
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    const from = Math.ceil((before * 8) / 6);
    const code = whole.toString("base64").slice(from, Math.floor((whole.length * 8) / 6));
    return [
      [`base64, ${before} bytes in`, code],
      [`base64 for URLs, ${before} bytes in`, code.replaceAll("+", "-").replaceAll("/", "_")],
    ] as [string, string][];
  });
}

function hashes(text: string): [string, string][] {
  const of = (name: string, data: string | Buffer) => createHash(name).update(data);
  const twice = of("sha1", of("sha1", text).digest()).digest("hex");
  return [
    ...["md5", "sha1", "sha256", "sha512"].flatMap((name): [string, string][] => [
      [name, of(name, text).digest("hex")],
      [`${name} of its line`, of(name, `${text}\n`).digest("hex")],
      [`${name} in base64`, of(name, text).digest("base64").replace(/=+$/, "")],
    ]),
    ["MariaDB's hash", twice.toUpperCase()],
    ["MariaDB's hash in small letters", twice],
  ];
}

/**
 * The forms of a secret by their names; those that are the same as an earlier one, or too short to tell, are left out.
 */
export function formsOf(secret: string): Map<string, string> {
  const texts: [string, string][] = [
    ["it is", secret],
    ...secret.split(/\r?\n/).map((line, at): [string, string] => [`its line ${at + 1}`, line]),
    ["JSON", json(secret)],
    ["JSON in ASCII", unicode(json(secret), /[^\x20-\x7e]/g)],
    ["Go's JSON", unicode(json(secret), /[<>&\u2028\u2029]/g)],
    ["JSON in JSON", json(json(secret))],
    ["a word in single quotes", secret.replaceAll("'", "'\\''")],
    ["a word with backslashes", escaped(secret, /[^A-Za-z0-9_@%+=:,./\n-]/gu)],
    ["a word in $'…'", bytes(escaped(secret, /[\\']/g), (byte) => `\\${byte.toString(8).padStart(3, "0")}`)],
    ["a word in $'…', hexadecimal", bytes(escaped(secret, /[\\']/g), (byte) => `\\x${byte.toString(16)}`)],
    ["double quotes", escaped(secret, /[\\"$`]/g)],
    ["SQL", secret.replaceAll("\\", "\\\\").replaceAll("'", "''")],
    ["SQL with backslashes", escaped(secret, /[\\'"]/g)],
    ["SQL without backslashes", secret.replaceAll("'", "''")],
    ["a URL", encodeURIComponent(secret)],
    ["a URL, all of it", url(secret)],
    ["a URL, small letters", lowerUrl(url(secret))],
    ["a form", url(secret).replaceAll("%20", "+")],
    ["XML", xml(secret)],
    ["hexadecimal", Buffer.from(secret).toString("hex")],
    ["hexadecimal, capital", Buffer.from(secret).toString("hex").toUpperCase()],
    ...base64(secret),
    ...hashes(secret),
  ];
  const seen = new Set<string>();
  const tells = ([, text]: [string, string]) => {
    const known = seen.has(text) || text.length < SHORTEST || /^-----(BEGIN|END) [A-Z ]+-----$/.test(text);
    seen.add(text);
    return !known;
  };
  return new Map(texts.filter(tells));
}

/** Where a secret was found, and as what: never the secret itself. */
export function leaks(places: Readonly<Record<string, string>>, secrets: Readonly<Record<string, string>>): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const forms = [...formsOf(secret)];
    return Object.entries(places).flatMap(([place, text]) =>
      forms.filter(([, form]) => text.includes(form)).map(([form]) => `${place}: ${name}, as ${form}`),
    );
  });
}
