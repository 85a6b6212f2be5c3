import { verifier } from "../../../components/realm/srp6";

// Made with Python's pow() from the description of the core's SRP6.
const salt = Buffer.from(Array.from({ length: 32 }, (_, i) => i));

it.each([
  ["TEST", "TEST", "a57079472ffeddf921a6477b3b340f3691625bb0f1313427f38742e6f128b614"],
  ["test", "tesT", "a57079472ffeddf921a6477b3b340f3691625bb0f1313427f38742e6f128b614"],
  ["TRINITYSTACK", "x0Bbq7LmKz19QwEr", "d679f834dfbd9099fae340b8acf19939b2d0bc972cf223da2ab541f63a9a9b46"],
])("the verifier of %s with %s", (name, password, wanted) => {
  expect(verifier(name, password, salt).toString("hex")).toBe(wanted);
});

it("has 32 bytes, whatever the number", () => {
  for (let i = 0; i < 300; i++) expect(verifier("A", `${i}`, salt)).toHaveLength(32);
});
