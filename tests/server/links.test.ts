import { logsPlan } from "../../components/host/logs";
import { userPlan } from "../../components/host/user";
import { serverConfigPlan } from "../../components/servers/config";
import { serverServicePlan } from "../../components/servers/service";
import { serverUnitPlan } from "../../components/servers/unit";
import type { Plan } from "../../steps/plan";
import { buildArgs, root, schemaArgs, sourceArgs, tdbArgs, tdbName, withDatabases } from "./built";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, type Ran } from "./on-machine";
import { settings } from "./stand-in";

const servers = ["authserver", "worldserver"] as const;
const home = "/var/lib/trinity";

/** Where the service user can put a link, or could before root owned the folders above. */
const places = [
  ...["logs/Server.log", "logs/Auth.log", "logs/DBErrors.log", "logs/Server.2026-01-01_000000.log", "logs/any.log"],
  ...["data/dbc", "data/maps", "data/vmaps", "data/any"],
  ...["work/worldserver/any", `work/worldserver/${tdbName}.sql`, "work/authserver/any"],
  ...["work/tdb", "work/schema-logs", "work/mariadb-strict"],
  ...["src/revision_data.h.in.cmake", "src/.gitmodules", "src/CMakeFiles", "src/dep", "src/.git/any.lock"],
  ...["src/src/server/worldserver/worldserver.conf.dist", "src/src/common"],
  ...["build/.toolchain", "build/.configured", "build/CMakeCache.txt", "build/stage", "build/any"],
].map((place) => `${root}/${place}`);

/** What of the files at these places would be printed, were it read. */
const secret = [
  "CANARY: ERROR DatabasePool NOT opened. Access denied",
  '#define FULL_DATABASE "CANARY.sql"',
  "CANARY.Key = CANARY",
  "Unhandled MySQL errno 2002",
  "path = CANARY",
].join("\n");

const targets = {
  "a file that root alone may read": "/etc/canary.d/secret",
  "a folder that root alone may read": "/etc/canary.d",
  "a folder of root's": "/srv/roots",
  nothing: "/etc/planted",
};
/** In a short run each place has one of them, in a long one each has had each. */
const rounds: readonly (readonly [string, readonly string[]])[] = [
  ["all of these in turn", Object.values(targets)],
  ...(process.env.TRINITY_LONG ? Object.entries(targets).map(([name, to]) => [name, [to]] as const) : []),
];

lab.describe("links that the service user put wherever it could", () => {
  let machine: Machine;
  afterEach(() => machine?.stop());

  const outside = () =>
    machine.sh(
      "find /etc/shadow /etc/passwd /etc/canary.d /srv/roots /srv/db -printf '%p %u %g %m %s %T@ %C@\\n' | sort; ls /etc/planted 2>/dev/null || true",
    );
  const steps = (): [string, Plan["args"] & object, Plan["kind"]?, Record<string, string>?][] => [
    ["user", userPlan(onLab(settings)).args],
    ...servers.map((server): [string, Plan["args"] & object, string, Record<string, string>] => {
      const { args } = serverConfigPlan(onLab(settings), facts(), server, { passwords: {} } as never);
      const secrets = { auth: "wrong", characters: "wrong", world: "wrong", master: "wrong" };
      return [`${server}-config`, args, "config", secrets];
    }),
    ["source", sourceArgs],
    ["build", buildArgs],
    ["tdb", { ...tdbArgs, source: `/srv/tdb/${tdbName}.7z` }],
    ["schema", schemaArgs],
    ["release", { root, keep: 2 }],
    ["logs", logsPlan(onLab(settings)).args, "timer"],
    ...servers.map((server): [string, Plan["args"] & object, string] => [
      `${server}-unit`,
      serverUnitPlan(onLab(settings), facts(), server).args,
      "unit",
    ]),
    ...servers.map((server): [string, Plan["args"] & object, string] => [
      server,
      serverServicePlan(onLab(settings), facts(), server).args,
      "service",
    ]),
  ];

  it.each(rounds)(
    "to %s lead root nowhere",
    (_, to) => {
      machine = withDatabases("t-links");
      machine.sh(
        `install -d -m 0700 /etc/canary.d && cat >/etc/canary.d/secret && chmod 600 /etc/canary.d/secret
      install -d /srv/roots /srv/roots/dbc && touch /srv/roots/keep /srv/roots/any.lock && touch /srv/db
      chown trinity:trinity ${home} ${home}/Projects ${root} ${root}/work
      runuser -u trinity -- bash -c 'while (($#)); do mkdir -p "\${2%/*}"; rm -rf "$2.kept"; [ ! -e "$2" ] || mv -T "$2" "$2.kept"; ln -sfn "$1" "$2"; shift 2; done' bash ${places.map((place, at) => `${to[at % to.length]} ${place}`).join(" ")}`,
        { stdin: secret },
      );
      const before = outside();
      const printed: string[] = [];
      const ran = ({ out, err }: Ran) => printed.push(out + err);
      // A link that stands in its way ends a step; the next one is tried without it.
      for (const round of [1, 2]) {
        for (const [step, args, kind, secrets] of steps()) {
          printed.push(...machine.observe(step, kind ?? step, args, secrets));
          ran(machine.apply(step, kind ?? step, args, secrets));
        }
        ran(machine.exec("systemctl start trinity-logs"));
        if (round === 1)
          machine.sh(
            `rm -f ${root}/data/{dbc,maps,vmaps} && for each in dbc maps vmaps; do install -d -o trinity ${root}/data/$each && install -o trinity /dev/null ${root}/data/$each/x; done; rm -f ${root}/work/{tdb,schema-logs,mariadb-strict}`,
          );
      }
      expect(outside()).toBe(before);
      expect(printed.filter((text) => text.includes("CANARY"))).toEqual([]);
      // They went all the way: the servers were even started, and said in their own words why they cannot.
      expect(printed.join("\n")).toMatch(/worldserver did not start: .*/);
      expect(machine.sh(`stat -c %U ${home} ${root} ${root}/work ${root}/data`)).toBe("root\nroot\nroot\ntrinity");
    },
    300_000,
  );
});
