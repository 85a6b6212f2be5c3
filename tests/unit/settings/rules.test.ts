import { keysOf } from "../../../settings/schema";
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
    expect(found[0]).toMatch(new RegExp(`^${key.replaceAll(".", "\\.")}[.[:]`));
  });
});

it("no key goes without", () => {
  // Secrets have tests of their own; these share the rules of a key that is here, or of one there.
  const alike = [
    "host.ssh.jumpHost",
    "host.ssh.jumpUser",
    "host.ssh.jumpHostKey",
    "realms.wotlk.databases.characters.user",
    "realms.wotlk.databases.world.user",
  ];
  const keys = [...keysOf(["wotlk"])]
    .filter(([path, key]) => key.kind !== "secret" && !alike.includes(path))
    .map(([key]) => key);
  expect(Object.keys(cases).sort()).toEqual(keys.sort());
});

describe("a URL's password", () => {
  it.each(["https://me:hunter2@git.example.net/x", "https://me:hunter2@git.example.net", "ftp://me:hunter2@x/y"])(
    "is not repeated: %s",
    (url) => {
      expect(problems({ "core.source.repository": url, "realms.wotlk.tdb.source": url }).join()).not.toContain(
        "hunter2",
      );
    },
  );
});
