import { levels, maintenanceAction, maintenanceEnd } from "../../../actions/maintenance";
import { statusIn } from "../../../actions/status";
import { inWords } from "../../../actions/status-text";
import { load } from "../settings/source";

const settings = load({});
const answer = (http: number, body: string) =>
  `answer 0 ${http} worldserver.service active ${Buffer.from(`<E:Envelope xmlns:E="x">${body}</E:Envelope>`).toString("base64")}`;

describe("maintenance", () => {
  it.each(Object.entries(levels))(
    "for a %s tells the host its level, and the worldserver the same",
    (level, number) => {
      const { told } = maintenanceAction(settings, "trinitycore/test", level as keyof typeof levels);
      expect(told).toMatchObject({ level: number, "page.row": "realm-row", "own.row": "realm-row-wotlk" });
      expect(Buffer.from(String(told.question), "base64").toString()).toContain(
        `<command>server plimit -${number}</command>`,
      );
    },
  );

  it("that is over has no level, and the worldserver reads the row's again", () => {
    const { told } = maintenanceAction(settings, "trinitycore/test");
    expect(told).not.toHaveProperty("level");
    expect(Buffer.from(String(told.question), "base64").toString()).toContain("<command>server plimit reset</command>");
  });

  it.each<[what: string, said: string, end: string, text: string]>([
    ["on", `level 2\n${answer(200, "<result>x</result>")}\nend`, "done", "nobody below gamemaster (level 2) may enter"],
    ["off", `level 0\n${answer(200, "<result>x</result>")}\nend`, "done", "everybody may enter"],
    [
      "off where the config has a level",
      `level 1\n${answer(200, "")}\nend`,
      "done",
      "nobody below moderator (level 1) may enter",
    ],
    [
      "on while it does not run",
      "level 1\nend",
      "done",
      "nobody below moderator (level 1) may enter; the worldserver does not run",
    ],
    [
      "on and refused",
      `level 1\n${answer(500, "<faultstring>no such command</faultstring>")}\nend`,
      "refused",
      "the running worldserver has not heard of it: no such command",
    ],
    [
      "on and not heard",
      "level 1\nanswer 28 0 worldserver.service active \nend",
      "unknown",
      expect.stringMatching(/^the running worldserver has not heard of it: .* has not answered for 60 s/) as never,
    ],
    [
      "on before the stack has an account",
      "level 1\nno-login /etc/x\nend",
      "unknown",
      expect.stringMatching(/as soon as it is restarted: the stack has no account yet/) as never,
    ],
  ])("%s is told", (_, said, end, text) => {
    expect(maintenanceEnd(said)).toEqual({ end, text });
  });

  it("is in the status while it is on", () => {
    expect(inWords(statusIn("maintenance 3\nend", settings))).toMatch(
      /^maintenance +on: nobody below administrator \(level 3\) may enter$/m,
    );
    expect(inWords(statusIn("end", settings))).not.toContain("maintenance");
  });
});
