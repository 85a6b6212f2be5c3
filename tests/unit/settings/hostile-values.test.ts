/** Whatever text a config key is given: it is refused in words, or the program works with that very text. */
import fc from "fast-check";
import { keysOf } from "../../../settings/schema";
import { problems } from "./source";

/** Any characters, and more of those that mean something to a shell, SQL, an INI file, systemd or a terminal. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 24 }).map((text) => Buffer.from(text).toString()),
  fc.string({
    unit: fc.constantFrom(..."'\"`$\\;&|<>(){}[]#%!*?~=,: \t\n\r\0\u001b\u0007\u202e\u2028aZ0-_./@é☃"),
    maxLength: 24,
  }),
);
const texts = [...keysOf({ realms: ["wotlk"], accounts: ["BOSS"] })].filter(
  ([, { kind }]) => kind === "text" || kind === "secret",
);

describe("a text", () => {
  it.each(texts.filter(([, { kind }]) => kind === "text"))("%s", (_, key) => {
    fc.assert(
      fc.property(hostile, (value) => {
        let read: unknown;
        try {
          read = key.read(value);
        } catch (refusal) {
          return expect(`${refusal}`).toMatch(/^Error: [^\p{Cc}\u202e\u2028]+$/u);
        }
        // Outer white space and, where it means nothing, capital letters may go.
        return expect(`${read}`.trim().toLowerCase()).toBe(value.trim().toLowerCase());
      }),
    );
  });

  it.each(texts.filter(([, { kind }]) => kind === "secret"))("%s, never shown", (key) => {
    fc.assert(
      fc.property(hostile, (value) => {
        fc.pre(value.trim().length > 3);
        for (const text of problems({ [key]: value }, [key])) expect(text).not.toContain(value.trim());
      }),
    );
  });
});
