import { ownOptions } from "../../../cli/own-options";

const names = { flags: ["--mmaps"], valued: ["--locale"] };

it.each([
  [
    ["--mmaps", "--stack", "prod"],
    [["--mmaps"], [], ["--stack", "prod"]],
  ],
  [
    ["--locale", "deDE", "--cwd=x"],
    [[], [["--locale", "deDE"]], ["--cwd=x"]],
  ],
  [["--locale=a=b"], [[], [["--locale", "a=b"]], []]],
])("takes its own of %j, and hands on the rest", (args, [flags, values, rest]) => {
  const found = ownOptions(args, names);
  expect([[...found.flags], [...found.values], found.rest]).toEqual([flags, values, rest]);
});

it("asks for a value that is missing", () => {
  expect(() => ownOptions(["--locale"], names)).toThrow("--locale needs a value, as in `--locale VALUE`");
});
