import {
  backupAccountPlan,
  backupNowPlan,
  backupPlan,
  backupUserPlan,
  drillPlan,
} from "../../../components/backups/plans";
import { facts, fedoraFacts, onLab } from "../../server/facts-of";
import { load } from "../settings/source";

const given = (values: Record<string, string> = {}) => onLab(load(values));
const text = (values: Record<string, string> = {}) => String(backupPlan(given(values), facts()).args.service);
const line = (all: string, key: string) => all.split("\n").filter((each) => each.startsWith(`${key}=`));

it("the user of the backups has their folder alone", () => {
  expect(backupUserPlan(given({ "backups.folder": "/srv/backups" })).args).toMatchObject({
    name: "trinity-backup",
    group: "trinity-backup",
    home: "/srv/backups",
    folders: ["0700 trinity-backup:trinity-backup /srv/backups"],
  });
});

it.each([
  ["the login's and the characters'", {}, "auth,characters"],
  ["the world's too", { "backups.world": "true" }, "auth,characters,world"],
])("what is backed up: %s", (_, values, roles) => {
  expect(line(text(values), "ExecStartPre")[0]).toContain(` roles=${roles} `);
});

it("whoever backs up may read all databases, by the names they have: one on demand may be of any of them", () => {
  const values = { "login.database.name": "logins", "realms.wotlk.databases.characters.name": "heroes" };
  expect(backupAccountPlan(given(values), facts()).args.databases).toEqual(["logins", "heroes", "worldserver"]);
  for (const words of ["auth.database=logins", "characters.database=heroes", "world.database=worldserver"])
    expect(line(text(values), "ExecStartPre")[0]).toContain(` ${words}`);
});

it("only a backup on demand may be told of what it is to be, and it has a record of its own", () => {
  const { args } = backupNowPlan(given(), facts());
  expect(args).toMatchObject({ unit: "trinity-backup-now", record: "/var/lib/trinity-backup-now" });
  expect(args).not.toHaveProperty("timer");
  const now = String(args.service);
  expect(line(now, "StateDirectory")).toEqual(["StateDirectory=trinity-backup-now"]);
  expect([line(now, "ExecStartPre")[0], line(text(), "ExecStartPre")[0]]).toEqual([
    expect.stringContaining(" asked=yes "),
    expect.stringContaining(" asked=no "),
  ]);
});

it.each([
  ["no", {}],
  ["yes", { "backups.customSql": "true" }],
])("custom SQL: %s", (custom, values) => expect(text(values)).toContain(` custom=${custom} `));

it("only what notes the databases' parts runs as root, and nothing reaches the network", () => {
  const plans = [backupPlan, backupNowPlan, drillPlan].map((plan) => plan(given(), facts()));
  for (const service of plans.map(({ args }) => String(args.service))) {
    expect(line(service, "User")).toEqual(["User=trinity-backup"]);
    const asRoot = service.split("\n").filter((each) => /^Exec\w+=[-@:]*[+!]/.test(each));
    expect(asRoot.every((each) => each.includes("/units/backup-look.sh "))).toBe(true);
    expect(line(service, "PrivateNetwork")).toEqual(["PrivateNetwork=yes"]);
    expect(line(service, "RestrictAddressFamilies")).toEqual(["RestrictAddressFamilies=AF_UNIX"]);
    expect(line(service, "ReadWritePaths")).toEqual(["ReadWritePaths=-/var/backups/trinity"]);
  }
});

it("what is kept, and where the socket is, comes from the config and the distribution", () => {
  const values = { "backups.keep.days": "3", "backups.keep.weeks": "0", "backups.keep.months": "24" };
  const service = String(backupPlan(given(values), fedoraFacts).args.service);
  expect(line(service, "ExecStart")[0]).toMatch(
    / make unit=trinity-backup folder=\/var\/backups\/trinity socket=\/var\/lib\/mysql\/mysql\.sock days=3 weeks=0 months=24 /,
  );
});

it.each([
  ["backups.schedule", "*-*-* 03:40:00", () => backupPlan(given(), facts())],
  ["backups.drill.schedule", "Sun *-*-* 05:00:00", () => drillPlan(given(), facts())],
])("%s is the page's or the stack's own, %s, and is made up for after a night without power", (key, schedule, plan) => {
  const { args } = plan();
  expect(args).toMatchObject({ key, schedule });
  expect(line(String(args.timer), "OnCalendar")).toEqual([`OnCalendar=${schedule}`]);
  expect(line(String(args.timer), "Persistent")).toEqual(["Persistent=true"]);
});
