import { verifier } from "../../../components/realm/srp6";
import vectors from "./srp6/vectors.json";

// By a second implementation: srp6/make-vectors.py.
it.each(vectors)("the verifier of $name with $password", ({ name, password, salt, verifier: wanted }) => {
  expect(verifier(name, password, Buffer.from(salt, "hex")).toString("hex")).toBe(wanted);
});

it("has 32 bytes, whatever the number", () => {
  const salt = Buffer.alloc(32, 1);
  for (let i = 0; i < 300; i++) expect(verifier("A", `${i}`, salt)).toHaveLength(32);
});
