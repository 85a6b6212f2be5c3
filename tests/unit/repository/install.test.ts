import { readFileSync } from "node:fs";
import { join } from "node:path";

const { satisfies, minVersion } = require("semver") as {
  satisfies(version: string, range: string): boolean;
  minVersion(range: string): { version: string };
};
const read = (file: string) => readFileSync(join(__dirname, "../../..", file), "utf8");
const { engines, allowScripts, devDependencies } = JSON.parse(read("package.json")) as {
  engines: { node: string };
  allowScripts: Record<string, boolean>;
  devDependencies: Record<string, string>;
};
interface Package {
  readonly hasInstallScript?: boolean;
  readonly engines?: { readonly node?: string };
}
const packages = Object.entries(
  (JSON.parse(read("package-lock.json")) as { packages: Record<string, Package> }).packages,
)
  .filter(([path]) => path !== "")
  .map(([path, entry]) => ({ name: path.replace(/^.*node_modules\//, ""), ...entry }));
const oldest = minVersion(engines.node).version;

describe("npm ci has nothing to warn of", () => {
  it("on the oldest Node that the README names, nor on newer ones", () => {
    expect(read("README.md")).toContain(`It needs Node.js ${oldest.replace(/\.0$/, "")} or newer`);
    for (const version of [oldest, "24.11.0", "26.0.0"]) {
      const unfit = packages.filter(({ engines: wanted }) => wanted?.node && !satisfies(version, wanted.node));
      expect([version, ...unfit.map(({ name }) => name)]).toEqual([version]);
    }
  });

  it("as each install script is named: none is needed, and none is run", () => {
    const scripts = packages.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
    expect(allowScripts).toEqual(Object.fromEntries(scripts.map((name) => [name, false])));
  });

  it("and the program is written for the oldest Node", () => {
    expect(devDependencies["@types/node"]?.split(".")[0]).toBe(oldest.split(".")[0]);
  });
});
