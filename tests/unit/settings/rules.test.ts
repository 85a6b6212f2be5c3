import { leaves } from "../../../settings/schema";
import { buildCases } from "./cases-build";
import { serverCases } from "./cases-server";
import { problems } from "./source";

const cases = { ...serverCases, ...buildCases };

describe.each(Object.entries(cases))("%s", (key, { takes, refuses }) => {
  it.each(takes)("takes %j", (text) => expect(problems({ [key]: text })).toEqual([]));

  it.each(refuses.map(([text, says]) => ({ text, says })))("refuses $text", ({ text, says }) => {
    const found = problems({ [key]: text });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(says);
    expect(found[0]?.startsWith(`${key}: `)).toBe(true);
  });
});

it("no key goes without", () => {
  // Secrets have tests of their own; these share the rules of a key that is here, or of one there.
  const alike = [
    "ssh.jumpHost",
    "ssh.jumpUser",
    "ssh.jumpHostKey",
    "databases.characters.user",
    "databases.world.user",
  ];
  const keys = [...leaves()].filter(([key, leaf]) => !leaf.secret && !alike.includes(key)).map(([key]) => key);
  expect(Object.keys(cases).sort()).toEqual(keys.sort());
});

describe("a URL's password", () => {
  it.each(["https://me:hunter2@git.example.net/x", "https://me:hunter2@git.example.net", "ftp://me:hunter2@x/y"])(
    "is not repeated: %s",
    (url) => {
      expect(problems({ "source.repository": url, "tdb.source": url }).join()).not.toContain("hunter2");
    },
  );
});
