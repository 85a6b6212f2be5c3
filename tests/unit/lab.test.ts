import { refusal } from "../lab/cli";

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
    const reason = refusal({ ...here, ...change });
    if (told) expect(reason).toMatch(told);
    else expect(reason).toBeUndefined();
  });
});
