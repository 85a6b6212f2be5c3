import { Failure } from "../../../program/failure";
import * as settings from "../../../settings";

jest.mock("../../../program/start", () => ({}));
jest.mock("../../../settings", () => ({
  ...jest.requireActual("../../../settings"),
  settingsFromPulumi: jest.fn(),
}));
const program = require("../../../index") as () => Promise<unknown>;
const asSettings = jest.mocked(settings.settingsFromPulumi);
const failsWith = (error: Error) => {
  asSettings.mockImplementation(() => {
    throw error;
  });
  return program().then(
    () => expect("it").toBe("failed"),
    (failed: Error) => failed,
  );
};

describe("what ends the program before anything is planned", () => {
  it("is a message without a trace where the operator can put it right", async () => {
    const failed = await failsWith(new Failure("trinitycore:host.address must be set"));
    expect(failed).toMatchObject({ message: "trinitycore:host.address must be set", stack: undefined });
  });

  it("keeps its trace where the program is at fault", async () => {
    const failed = await failsWith(new TypeError("undefined is not a function"));
    expect(failed).toBeInstanceOf(TypeError);
    expect(failed).toMatchObject({
      stack: expect.stringMatching(/^TypeError: undefined is not a function\n +at .*index\.test\.ts/),
    });
  });
});
