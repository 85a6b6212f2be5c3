import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";
import { escaped, scripts, timer, unitText } from "../servers/unit-texts";

type Given = Pick<WithLayout, "update" | "layout">;

/** Where systemd keeps how a unit's last run ended. */
const records = (unit: string): string => `/var/lib/${unit}`;

/** Root's, as it applies the steps that `pulumi up` applies as root. */
const service = (unit: string, description: string, lines: readonly string[]): string =>
  unitText({
    Unit: [
      `Description=${description}`,
      // Nothing starts it again by itself, and whoever starts it by hand may do so often.
      "StartLimitIntervalSec=0",
    ],
    Service: [
      "Type=oneshot",
      "TimeoutStartSec=infinity",
      `RuntimeDirectory=${unit}`,
      `StateDirectory=${unit}`,
      "StateDirectoryMode=0700",
      ...lines,
    ],
  });

/** In quotes, as a schedule has blanks in it. */
const word = (name: string, value: string | number): string => ` "${name}=${escaped(`${value}`)}"`;

/** Builds at night what is new on the branch, beside the live release. */
export function nightBuildPlan({ update, layout }: Given): Plan {
  const { buildUnit } = layout.host.nights;
  const script = `${scripts}/units/night-build.sh`;
  const jobs = update.jobs > 0 ? word("jobs", update.jobs) : "";
  return nightPlan(layout, "nightBuild", {
    unit: buildUnit,
    key: "update.build",
    schedule: update.build,
    service: service(buildUnit, "TrinityCore: build what is new, beside the live release", [
      `ExecStart=${script} build${jobs}${word("live", update.live)}`,
      `ExecStopPost=${script} record`,
      // The build has a unit of its own, with a lower priority still.
      "Nice=10",
      "IOSchedulingClass=idle",
      "OOMScoreAdjust=800",
    ]),
    // What the host slept through is made up for.
    timer: timer("TrinityCore: build what is new, beside the live release", update.build, "Persistent=true"),
  });
}

/** Lets go live at night what was built. A host that was off at that time does not make up for it. */
export function nightLivePlan({ update, layout }: Given): Plan {
  const { buildUnit, liveUnit } = layout.host.nights;
  const script = `${scripts}/units/night-live.sh`;
  return nightPlan(layout, "nightLive", {
    unit: liveUnit,
    key: "update.live",
    schedule: update.live,
    service: service(liveUnit, "TrinityCore: let go live what the night built", [
      `ExecStart=${script} live${word("schedule", update.live)}${word("builds", `${buildUnit}.service`)}`,
      `ExecStopPost=${script} record`,
    ]),
    timer: timer("TrinityCore: let go live what the night built", update.live, "AccuracySec=1s"),
  });
}

const nightPlan = (
  { host }: Given["layout"],
  receipt: "nightBuild" | "nightLive",
  args: Plan["args"] & { readonly unit: string },
): Plan => ({
  step: host.receipts[receipt],
  kind: "timer",
  args: { user: "root", record: records(args.unit), ...args },
});
