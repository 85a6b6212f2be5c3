import { keysOf } from "../../../settings/schema";
import { secretKinds } from "../../e2e/secret-kinds";
import { formsOf, leaks } from "../../e2e/secret-search";
import { problems } from "../settings/source";

const kinds = Object.entries(secretKinds());

describe("the search for secrets", () => {
  it("knows thirty kinds and more, each with the forms that programs give it", () => {
    expect(kinds.length).toBeGreaterThanOrEqual(30);
    const forms = formsOf(`it's "a" $HOME\\ é`);
    expect(Object.fromEntries(forms)).toMatchObject({
      JSON: `it's \\"a\\" $HOME\\\\ é`,
      "JSON in ASCII": `it's \\"a\\" $HOME\\\\ \\u00e9`,
      "a word in single quotes": `it'\\''s "a" $HOME\\ é`,
      "a word in $'…'": `it\\'s "a" $HOME\\\\ \\303\\251`,
      "double quotes": `it's \\"a\\" \\$HOME\\\\ é`,
      SQL: `it''s "a" $HOME\\\\ é`,
      "a URL, all of it": "it%27s%20%22a%22%20%24HOME%5C%20%C3%A9",
      "base64, 0 bytes in": "aXQncyAiYSIgJEhPTUVcIMOp",
    });
    expect(formsOf("password").get("sha256")).toBe("5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8");
    expect(formsOf("password").get("MariaDB's hash")).toBe("2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19");
  });

  it.each(kinds)("finds %s in each of its forms, and in base64 wherever it stands", (name, secret) => {
    for (const [form, text] of formsOf(secret)) {
      const found = leaks({ log: `before ${text} after`, clean: "nothing here" }, { [name]: secret });
      expect(found).toContain(`log: ${name}, as ${form}`);
      expect(found.filter((line) => line.startsWith("clean"))).toEqual([]);
      expect(found.join()).not.toContain(text);
    }
    for (const before of secret.length < 8 ? [] : ["", "a", "ab", "abc"]) {
      const log = Buffer.from(`${before}${secret}more`).toString("base64");
      expect(leaks({ log }, { [name]: secret })).toHaveLength(1);
    }
  });
});

it.each(kinds)(
  "%s as a secret of any key is taken, or the settings say why not and show it in no form",
  (name, secret) => {
    const told: Record<string, string> = {};
    for (const [key, { kind, secretEntries }] of keysOf({ realms: ["wotlk"], accounts: ["BOSS"] })) {
      const value = secretEntries ? JSON.stringify({ ModuleSecret: secret }) : secret;
      const encrypted = problems({ [key]: value }, [secretEntries ? `${key}.ModuleSecret` : key]).join("\n");
      told[key] = encrypted;
      if (kind === "secret" || secretEntries) told[`${key} in clear`] = problems({ [key]: value }).join("\n");
      else expect(encrypted).toContain(`${key}: is encrypted, but`);
    }
    expect(leaks(told, { [name]: secret })).toEqual([]);
  },
);
