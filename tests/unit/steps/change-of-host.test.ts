import * as pulumi from "@pulumi/pulumi";
import { lastOutputs, warningOfNewHost } from "../../../steps/change-of-host";
import { facts } from "../../server/facts-of";

describe("a host that is not the one of the last run", () => {
  const stack = "trinitycore/home";
  const ours = facts({ owner: stack });
  const never = facts();
  const named = new Map([["auth", "authserver"]]);

  it.each([
    ["is no matter on a first run", undefined, never, undefined],
    ["is the same under a new address when it knows the stack", "old.example.net", ours, undefined],
    [
      "is another",
      "old.example.net",
      never,
      /^until now this stack was on old\.example\.net; new\.example\.net is new to it.* gone for good: .* `npx pulumi state delete 'URN'`/,
    ],
    [
      "is another, and another stack's",
      "old.example.net",
      facts({ owner: "trinitycore/b", databaseNames: named }),
      /left as it is/,
    ],
    ["was replaced", "new.example.net", never, /^new\.example\.net knows nothing of this stack.* begins empty/],
    ["only lost its mark", "new.example.net", facts({ databaseNames: named }), undefined],
  ])("%s", (_, before, seen, says) => {
    const text = warningOfNewHost(before, "new.example.net", seen, stack);
    if (says) expect(text).toMatch(says);
    else expect(text).toBeUndefined();
  });
});

describe("the outputs of the last run", () => {
  const asked = (...answers: readonly (Error | object)[]) => {
    let at = 0;
    return jest.spyOn(pulumi.runtime, "invoke").mockImplementation(async () => {
      const answer = answers[Math.min(at++, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      return answer;
    });
  };
  const writing = new Error(
    "invocation of pulumi:pulumi:readStackOutputs returned an error: failed to load checkpoint: EOF",
  );
  beforeAll(() =>
    pulumi.runtime.setMocks(
      { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
      "trinitycore",
      "test",
      false,
      "organization",
    ),
  );
  afterEach(() => jest.restoreAllMocks());

  it("are asked for again where the engine is just writing its state", async () => {
    asked(writing, writing, { outputs: { host: "wow.example.net" } });
    expect(await lastOutputs()).toEqual({ host: "wow.example.net" });
  });

  it("are an error where that does not end, or where it is another one", async () => {
    const calls = asked(writing);
    await expect(lastOutputs(2)).rejects.toThrow("failed to load checkpoint");
    expect(calls).toHaveBeenCalledTimes(3);
    asked(new Error("no such stack"));
    await expect(lastOutputs()).rejects.toThrow("no such stack");
  });
});
