import { clockWarning, readFacts } from "../../components/remote/facts";

describe("the server's clock", () => {
  it.each([0, 299, -300, Number.NaN])("passes when it is %i s off", (ahead) => {
    expect(clockWarning(ahead)).toBeUndefined();
  });

  it.each([
    [301, "5 minutes ahead of"],
    [-7_200, "2 hours behind"],
    [-3 * 365 * 86_400, "1095 days behind"],
  ])("is warned of when it is %i s off", (ahead, words) => {
    expect(clockWarning(ahead)).toContain(`the server's clock is ${words} this machine's`);
  });

  it("is compared with this machine's own", () => {
    const at = (seconds: number) =>
      readFacts(`systemd yes\nclock ${Math.round(Date.now() / 1000) + seconds}\nfacts end`).clockAhead;
    expect(Math.abs(at(-4000) + 4000)).toBeLessThan(5);
  });
});
