/**
 * Lines of the shell are at most 120 characters, as those of the program; a text in quotes or in a here-document may be
 * longer.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(__dirname, "../../..");
const files = execFileSync("git", ["-C", root, "ls-files", "-co", "--exclude-standard", "*.sh"], { encoding: "utf8" })
  .split("\n")
  .filter((file) => /^(server|tests)\//.test(file));

/** A script's lines without what is in quotes or in here-documents; "" is left of each. */
function withoutTexts(script: string): string[] {
  const code = script.replace(/<<-?(['"]?)(\w+)\1(.*\n)[\s\S]*?^\t*\2$/gm, (all, _, word, rest) => {
    return `<<${word}${rest}${"\n".repeat(all.split("\n").length - 2)}${word}`;
  });
  const kept = code.replace(/\\[\s\S]|(^|\s)#.*|\$?'(?:[^'])*'|"(?:\\[\s\S]|[^"\\])*"/gm, (part) =>
    /^\$?['"]/.test(part) ? `""${"\n".repeat(part.split("\n").length - 1)}` : part,
  );
  return kept.split("\n");
}

it("counts what is no text", () => {
  expect(withoutTexts('a \'b # c\' "d\\"e" # f\'s g\nh "i\nj" k\ncat <<L m\nn\nL\no')).toEqual([
    'a "" "" # f\'s g',
    'h ""',
    " k",
    "cat <<L m",
    "",
    "L",
    "o",
  ]);
});

it.each(files)("%s has no line over 120 characters", (file) => {
  const script = readFileSync(join(root, file), "utf8");
  const lines = withoutTexts(script);
  expect(lines).toHaveLength(script.split("\n").length);
  expect(lines.filter((line) => line.length > 120)).toEqual([]);
});
