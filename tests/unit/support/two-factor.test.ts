import { accepts, seal, totp, unseal } from "../../support/two-factor";

/** RFC 6238, appendix B: its codes have eight digits. */
const key = Buffer.from("12345678901234567890");
it.each([
  [59, "94287082"],
  [1111111109, "07081804"],
  [1111111111, "14050471"],
  [1234567890, "89005924"],
  [2000000000, "69279037"],
  [20000000000, "65353130"],
])("the code at %d s is the RFC's", (seconds, code) => {
  expect(totp(key, seconds, 8)).toBe(code);
  expect(totp(key, seconds)).toBe(code.slice(2));
});

it("a code is taken for the step before and the one after, and no longer", () => {
  const code = totp(key, 1_000_000_000);
  expect([-60, -30, 0, 30, 60].map((off) => accepts(key, code, 1_000_000_000 + off))).toEqual([
    ...[false, true, true, true, false],
  ]);
});

it("a secret is opened with its own master secret alone", () => {
  const stored = seal("0A0B", key);
  expect(stored).toHaveLength(key.length + 24);
  expect(unseal("00000000000000000000000000000A0B", stored)).toEqual(key);
  expect(() => unseal("0A0C", stored)).toThrow();
});
