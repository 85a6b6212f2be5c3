import { dropIn } from "../../../components/servers/config";
import { restartArgs, restartsPlan, withAnnouncement } from "../../../components/servers/restarts";
import { facts, onLab } from "../../server/facts-of";
import { load } from "../settings/source";

const who = {
  ...{ socket: "/run/mysqld/mysqld.sock", characters: "characters", login: "/etc/trinity-stack/announcer" },
  ...{ worldserver: "worldserver.service", authserver: "authserver.service" },
};
const of = (restarts: string, more = {}) => load({ restarts, ...more });

it.each([
  ["now", {}],
  ["announce", { restarts: "announce", announce_seconds: 300, ...who }],
  ["window", { restarts: "window", announce_seconds: 300, ...who, window: "*-*-* 04:00:00", window_minutes: 120 }],
])("restarts %s: what the steps that stop servers are told", (restarts, args) => {
  expect(restartArgs(onLab(of(restarts)), facts())).toEqual(args);
});

it.each([
  ["now", "worldserver", "stops it"],
  ["announce", "worldserver", "stops it; players are told 300 s before"],
  ["announce", "authserver", "stops it"],
  ["window", "worldserver", "stops it; in the window (*-*-* 04:00:00, 120 minutes); players are told 300 s before"],
  ["window", "authserver", "stops it; in the window (*-*-* 04:00:00, 120 minutes)"],
] as const)("restarts %s: the effect on players of the %s", (restarts, server, effect) => {
  expect(withAnnouncement("stops it", of(restarts), server)).toBe(effect);
});

it("the window's timer makes up for nothing it missed, and takes a schedule of any signs systemd knows", () => {
  const { timer } = restartsPlan(onLab(of("window", { "window.schedule": "Sat,Sun 05:00:00 Europe/Berlin" }))).args;
  expect(timer).toContain("\nOnCalendar=Sat,Sun 05:00:00 Europe/Berlin\n");
  expect(timer).not.toContain("Persistent");
});

it("SOAP listens to the server itself, and to others only as far as networks are named", () => {
  const soap = (values: Record<string, string>) =>
    dropIn(onLab(load(values)), "worldserver").filter((line) => /^SOAP/.test(line));
  const open = ["SOAP.Enabled = 1", 'SOAP.IP = "127.0.0.1"', "SOAP.Port = 7879"];
  for (const restarts of ["now", "announce"])
    expect(soap({ restarts, "realms.wotlk.soap.port": "7879" })).toEqual(open);
  expect(soap({ "realms.wotlk.soap.networks": '["10.0.0.0/8"]' })[1]).toBe('SOAP.IP = "0.0.0.0"');
});
