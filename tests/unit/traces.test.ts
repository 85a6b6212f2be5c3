import { briefTraces } from "../../components/traces";

describe("stack traces", () => {
  const frames = [
    "/checkout/components/realm.ts",
    "/checkout/node_modules/@pulumi/pulumi/resource.js",
    "node:internal/x",
  ].map((file) => ({ getFileName: () => file, toString: () => file }) as unknown as NodeJS.CallSite);
  const mapped = jest.fn((_error: Error, seen: NodeJS.CallSite[]) => `mapped ${seen.join(" ")}`);
  beforeEach(() => mapped.mockClear());

  it("of an error name the sources of this project alone", () => {
    expect(briefTraces(mapped)(new TypeError("no such thing"), frames)).toBe("mapped /checkout/components/realm.ts");
  });

  it("that only note a place are not mapped at all", () => {
    expect(briefTraces(mapped)(new Error(), frames)).toBe("Error\n    at /checkout/components/realm.ts");
    expect(mapped).not.toHaveBeenCalled();
  });
});
