import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { whyLabCannotRun } from "../../lab/cli";

describe("the lab", () => {
  const here = { platform: "linux", root: true, osRelease: 'PRETTY_NAME="Debian"\nID=debian\n' };

  it.each([
    ["here", {}, undefined],
    ["Ubuntu", { osRelease: "ID=ubuntu\nID_LIKE=debian\n" }, undefined],
    ["a Mac", { platform: "darwin" }, /needs Linux and root.*README/],
    ["no root", { root: false }, /needs Linux and root.*README/],
    ["Fedora", { osRelease: "ID=fedora\n" }, /wants Debian or Ubuntu.*README/],
    ["no os-release", { osRelease: "" }, /wants Debian or Ubuntu.*README/],
  ])("says in one line whether it can run and what to do instead: %s", (_, change, told) => {
    const reason = whyLabCannotRun({ ...here, ...change });
    if (told) expect(reason).toMatch(told);
    else expect(reason).toBeUndefined();
  });
});

describe("the lab's machines", () => {
  it("have names that no two test files share: each file throws away the machine it names, and files run side by side", () => {
    const takes =
      /\b(?:fresh|boot|bareRealm|convergedRealm|servingRealm|untouched|onMachine|coreMachine)\(\s*["'`]([a-z0-9-]+)/g;
    const users = new Map<string, Set<string>>();
    for (const folder of ["server", "e2e"])
      for (const file of readdirSync(join(__dirname, "../..", folder)).filter((name) => name.endsWith(".ts")))
        for (const [, name] of readFileSync(join(__dirname, "../..", folder, file), "utf8").matchAll(takes))
          users.set(name as string, (users.get(name as string) ?? new Set()).add(file));
    expect(users.size).toBeGreaterThan(40);
    expect([...users].filter(([, files]) => files.size > 1).map(([name, files]) => [name, ...files])).toEqual([]);
  });
});
