import { keysOf } from "../../../settings/schema";
import { accountCases } from "./cases-accounts";
import { buildCases } from "./cases-build";
import { serverCases } from "./cases-server";
import { problems } from "./source";

const cases = { ...serverCases, ...buildCases, ...accountCases };

describe.each(Object.entries(cases))("%s", (key, { takes, refuses }) => {
  it.each(takes)("takes %j", (text) => expect(problems({ [key]: text })).toEqual([]));

  it.each(refuses.map(([text, says]) => ({ text, says })))("refuses $text", ({ text, says }) => {
    const found = problems({ [key]: text });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(says);
    expect(found[0]).toMatch(new RegExp(`^${key.replaceAll(".", "\\.")}[.[:]`));
  });
});

const keys = keysOf({ realms: ["wotlk"], accounts: ["BOSS"] });

it("no rule goes without", () => {
  const tried = new Set(Object.keys(cases).map((path) => keys.get(path)?.rule));
  // Secrets have tests of their own.
  const untried = [...keys].filter(([, { kind, rule }]) => kind !== "secret" && rule && !tried.has(rule));
  expect(untried.map(([path]) => path)).toEqual([]);
});

it("each is of a key that there is", () => {
  expect(Object.keys(cases).filter((path) => !keys.has(path))).toEqual([]);
});

it.each([...keys].filter(([, { kind }]) => kind === "number"))("%s takes whole numbers alone", (path, key) => {
  expect(problems({ [path]: String(key.default) })).toEqual([]);
  for (const text of ["", "many", "1.5", "0x50", " 1"])
    expect(problems({ [path]: text })).toEqual([
      expect.stringMatching(/must be a whole number from -?\d+ to \d+, not /),
    ]);
});

it.each([...keys].filter(([, { kind }]) => kind === "flag"))("%s takes true and false alone", (path) => {
  const wrong = (text: string) => problems({ [path]: text }).filter((problem) => problem.includes("true or false"));
  for (const text of ["true", "false"]) expect(wrong(text)).toEqual([]);
  for (const text of ["", "True", "yes"])
    expect(problems({ [path]: text })).toEqual([expect.stringMatching(/must be true or false, not /)]);
});
