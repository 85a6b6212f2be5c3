import { restartArgs } from "../../components/servers/restarts";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";

lab.describe("the window for restarts", () => {
  let machine: Machine;
  beforeAll(() => {
    machine = onMachine("t-window");
  }, 300_000);
  afterAll(() => machine?.stop());

  /** Whether the window is open, in a server's own time zone. */
  const open = (schedule: string, minutes: number, zone = "UTC") => {
    const given = restartArgs(
      onLab(load({ restarts: "window", "window.schedule": schedule, "window.minutes": `${minutes}` })),
      facts(),
    );
    const args = Object.entries(given).map(([key, value]) => `[${key}]='${value}'`);
    return machine.sh(
      `ln -sfn /usr/share/zoneinfo/${zone} /etc/localtime; declare -A ARG=(${args.join(" ")})
       for f in /usr/local/libexec/trinity-stack/current/lib/*.sh; do . $f; done
       declare -A ARG=(${args.join(" ")}); in_window && echo open || echo closed`,
    );
  };
  /** A time of day so many minutes from now. */
  const at = (minutes: number, timeZone = "UTC") =>
    `${new Date(Date.now() + minutes * 60_000).toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" })}:00`;

  it.each([
    ["opened 10 minutes ago for 20", () => open(at(-10), 20), "open"],
    ["opened 10 minutes ago for 5", () => open(at(-10), 5), "closed"],
    ["opens in 10 minutes", () => open(at(10), 120), "closed"],
    ["opened 23 hours ago for a day", () => open(at(60), 1440), "open"],
    ["every minute", () => open("*:*:00", 5), "open"],
    ["in the server's zone", () => open(at(-10, "Asia/Kolkata"), 20, "Asia/Kolkata"), "open"],
    ["in that zone, by another's time", () => open(at(-10), 20, "Asia/Kolkata"), "closed"],
    ["in a zone of its own", () => open(`${at(-10, "Asia/Kolkata")} Asia/Kolkata`, 20, "America/New_York"), "open"],
    ["on one day, long ago", () => open("2020-01-01 04:00", 1440), "closed"],
  ])("%s", (_, ask, is) => expect(ask()).toBe(is));
});
