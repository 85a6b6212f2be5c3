import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ownFramesOnly } from "../../../program/stack-traces";

describe("stack traces", () => {
  const frames = [
    "/checkout/components/realm.ts",
    "/checkout/node_modules/@pulumi/pulumi/resource.js",
    "node:internal/x",
  ].map((file) => ({ getFileName: () => file, toString: () => file }) as unknown as NodeJS.CallSite);
  const mapped = jest.fn((error: Error, seen: NodeJS.CallSite[]) =>
    [`${error}`, ...seen.map((frame) => `mapped ${frame}`)].join("\n    at "),
  );
  beforeEach(() => mapped.mockClear());

  it("of an error name the sources of this project alone", () => {
    expect(ownFramesOnly(mapped)(new TypeError("no such thing"), frames)).toBe(
      "TypeError: no such thing\n    at mapped /checkout/components/realm.ts",
    );
  });

  it("that only note a place keep all frames, and of those the project's are mapped once", () => {
    const brief = ownFramesOnly(mapped);
    const text =
      "Error\n    at mapped /checkout/components/realm.ts\n    at /checkout/node_modules/@pulumi/pulumi/resource.js\n    at node:internal/x";
    expect([brief(new Error(), frames), brief(new Error(), frames)]).toEqual([text, text]);
    expect(mapped).toHaveBeenCalledTimes(1);
  });

  it("tell the engine where in the program a resource comes from", () => {
    const program = `
      require("./program/stack-traces");
      const pulumi = require("@pulumi/pulumi");
      const { MockMonitor } = require("@pulumi/pulumi/runtime/mocks");
      const register = MockMonitor.prototype.registerResource;
      MockMonitor.prototype.registerResource = function (request, answer) {
        const at = request.getSourceposition();
        console.log(request.getName(), at && at.getUri().split("/").pop(), at && at.getLine());
        return register.call(this, request, answer);
      };
      pulumi.runtime.setMocks({ newResource: () => ({ id: "x", state: {} }), call: () => ({}) }, "p", "s");
      require("./tests/support/component.ts").make();`;
    const checkout = join(__dirname, "../../..");
    const printed = execFileSync(process.execPath, ["-r", "ts-node/register", "-e", program], {
      cwd: checkout,
      encoding: "utf8",
    });
    const line = readFileSync(join(checkout, "tests/support/component.ts"), "utf8")
      .split("\n")
      .findIndex((text) => text.includes("new Here("));
    expect(printed.trim().split("\n").pop()).toBe(`here component.ts ${line + 1}`);
  });
});
