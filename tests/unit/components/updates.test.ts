import { nightBuildPlan, nightLivePlan } from "../../../components/updates/plans";
import { onLab } from "../../server/facts-of";
import { load } from "../settings/source";
import { build } from "./realm-under-mocks";

const text = ({ args }: { args: Readonly<Record<string, unknown>> }) => `${args.service}\n${args.timer}`;

describe("the timers of the nights", () => {
  beforeAll(() => {
    process.env.SSH_AUTH_SOCK = "/dev/null";
  });
  afterAll(() => {
    delete process.env.SSH_AUTH_SOCK;
  });
  const settings = onLab(load({ "update.schedule": "nightly" }));
  const [night, switchTime] = [nightBuildPlan(settings), nightLivePlan(settings)];

  it("come as the wiki page has them: the build at one, the switch at three", () => {
    expect([night.args.schedule, switchTime.args.schedule]).toEqual(["*-*-* 01:00:00", "*-*-* 03:00:00"]);
    expect(text(night)).toContain("OnCalendar=*-*-* 01:00:00\n");
    expect(text(switchTime)).toContain("OnCalendar=*-*-* 03:00:00\n");
  });

  it("make up for a missed build, and never for a missed switch", () => {
    expect(text(night)).toContain("Persistent=true");
    expect(text(switchTime)).not.toContain("Persistent");
  });

  it("build at a low priority, and first to end when memory is short", () => {
    expect(text(night)).toMatch(/Nice=10\nIOSchedulingClass=idle\nOOMScoreAdjust=800/);
  });

  it("build with compilers of their own number where the config has one", () => {
    expect(text(night)).not.toContain("jobs=");
    expect(text(nightBuildPlan(onLab(load({ "update.jobs": "3" }))))).toContain('night-build.sh build "jobs=3" "live=');
  });

  it.each([
    ["nightly", ["night-build", "night-live"]],
    ["manual", []],
  ])("%s: are on the host: %j", async (schedule, there) => {
    const { asked } = await build({ settings: load({ "update.schedule": schedule }) });
    expect(asked.map(({ plan }) => plan.step).filter((step) => step.startsWith("night-"))).toEqual(there);
  });
});
