import { surroundingsPlan } from "../../components/host/surroundings";
import { facts, onLab } from "./facts-of";
import { lab, type Machine, onMachine } from "./on-machine";
import { root, settings } from "./stand-in";

/** What was on the server, how it came there, what is said of it, and how it goes away again. */
interface Row {
  readonly name: string;
  readonly made: string;
  readonly says: readonly (string | RegExp)[];
  readonly gone: string;
}

const since = String.raw`since \d{4}-\d\d-\d\d \d\d:\d\d`;
const other = (key: string) => `; stop it, or choose another port: pulumi config set --path trinitycore:${key} …`;
const takeOver =
  "refused: a realm that somebody else set up is on this host, and a first `pulumi up` would put an end to it; to have it taken over: pulumi config set --path trinitycore:host.adopt true (the preview then says what becomes of each of these)";
const unit = (name: string, start: string, more = "") =>
  `printf '[Service]\\nExecStart=${start}\\n${more}[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/${name}.service; systemctl daemon-reload`;
const program = (path: string) => `mkdir -p ${path.replace(/\/[^/]*$/, "")}; cp /bin/sleep ${path}`;
const off = (...units: string[]) =>
  `systemctl disable -q --now ${units.join(" ")} 2>/dev/null; rm -f ${units.map((name) => `/etc/systemd/system/${name}*`).join(" ")}; systemctl daemon-reload`;
/** A program of that name that keeps what it runs. */
const under = (name: string, command: string) =>
  `cp /bin/bash /run/${name}; setsid /run/${name} -c '${command}; true' </dev/null >/dev/null 2>&1 & until ss -Hltn | grep -q :8085; do sleep 0.1; done`;
const listen = "socat TCP-LISTEN:8085,fork,reuseaddr EXEC:/bin/true";
const ended =
  "pkill -x socat; pkill -x screen; pkill -x docker-proxy; rm -f /run/screen /run/docker-proxy; until [ -z \"$(ss -Hltn 'sport = :8085')\" ]; do sleep 0.1; done";

const rows: readonly Row[] = [
  { name: "nothing", made: "true", says: [], gone: "true" },
  {
    name: "a service of another kind on 8085",
    made: `${unit("mine", `/usr/bin/${listen}`)}; systemctl start mine; until ss -Hltn | grep -q :8085; do sleep 0.1; done`,
    says: [
      new RegExp(
        String.raw`^refused: 8085/tcp is held by socat \d?\(?/usr/bin/socat\d?, process \d+, user root, of mine.service, ${since}\)${other("realms.wotlk.port")}$`,
      ),
    ],
    gone: off("mine"),
  },
  {
    name: "a server in screen, another user's",
    made: `useradd -m player; ${under("screen", `runuser -u player -- ${listen}`)}`,
    says: [
      /^refused: 8085\/tcp is held by socat \(\S+, process \d+, user player, (in screen|of \S+\.service), since .*\); stop it, or/,
    ],
    gone: `${ended}; userdel -r player 2>/dev/null`,
  },
  {
    name: "a container's port, with docker's proxy",
    made: `cp $(readlink -f /usr/bin/socat) /run/docker-proxy; setsid /run/docker-proxy TCP-LISTEN:8085,fork,reuseaddr EXEC:/bin/true </dev/null >/dev/null 2>&1 & until ss -Hltn | grep -q :8085; do sleep 0.1; done`,
    says: [
      /^refused: 8085\/tcp is held by docker-proxy \(\/run\/docker-proxy, process \d+, user root, for the container whose port it is \(docker ps\), since/,
    ],
    gone: ended,
  },
  {
    name: "a container's port, without it",
    made: "nft add table ip docker_like; nft 'add chain ip docker_like pre { type nat hook prerouting priority -100; }'; nft add rule ip docker_like pre tcp dport 8085 counter dnat to 172.17.0.2:8085",
    says: [
      `refused: 8085/tcp is passed on to 172.17.0.2:8085 by a rule of the packet filter (a container's, by the look of it)${other("realms.wotlk.port")}`,
    ],
    gone: "nft delete table ip docker_like",
  },
  {
    name: "a socket unit of systemd's",
    made: "printf '[Socket]\\nListenStream=[::1]:8085\\nAccept=yes\\n' >/etc/systemd/system/mine.socket; printf '[Service]\\nExecStart=/bin/true\\n' >/etc/systemd/system/mine@.service; systemctl daemon-reload; systemctl start mine.socket",
    says: [
      /^refused: 8085\/tcp is held by systemd \(\S+, process 1, user root, for a socket unit \(systemctl list-sockets\), since/,
    ],
    gone: "systemctl stop mine.socket; rm /etc/systemd/system/mine*; systemctl daemon-reload",
  },
  {
    name: "a server of several processes, told once",
    made: `printf 'import os, socket, time\\ns = socket.create_server(("", 8085))\\nfor _ in range(3): os.fork()\\ntime.sleep(600)\\n' >/run/several.py; systemd-run -q --unit=several python3 /run/several.py; until ss -Hltn | grep -q :8085; do sleep 0.1; done; sleep 0.3`,
    says: [/^refused: 8085\/tcp is held by python3 \(\S+, process \d+, user root, of several\.service, since/],
    gone: "systemctl stop several",
  },
  {
    name: "another emulator on its own ports, enabled",
    made: `${program("/home/x/azeroth-server/bin/worldserver")}; mkdir -p /home/x/azeroth-server/etc; printf '# AzerothCore\\nWorldServerPort = 8086\\nWorldDatabaseInfo = "127.0.0.1;3306;acore;acore;acore_world"\\n' >/home/x/azeroth-server/etc/worldserver.conf; ${unit("ac-world", "/home/x/azeroth-server/bin/worldserver")}; systemctl enable -q ac-world`,
    says: ["hint: ac-world.service starts /home/x/azeroth-server/bin/worldserver, another realm's: it is left alone"],
    gone: `${off("ac-world")}; rm -r /home/x`,
  },
  {
    name: "AzerothCore on these ports, to start with the server",
    made: `${program("/home/x/azeroth-server/bin/worldserver")}; mkdir -p /home/x/azeroth-server/etc; printf '# AzerothCore\\nWorldServerPort = 8085\\n' >/home/x/azeroth-server/etc/worldserver.conf; ${unit("ac-world", "/usr/bin/screen -DmS ac /home/x/azeroth-server/bin/worldserver")}; systemctl enable -q ac-world`,
    says: [
      takeOver,
      "refused: ac-world.service (inactive, enabled) starts /home/x/azeroth-server/bin/worldserver; it is AzerothCore's, whose databases TrinityCore cannot use; stop and disable it",
    ],
    gone: `${off("ac-world")}; rm -r /home/x`,
  },
  {
    name: "mangosd on these ports",
    made: `${program("/opt/mangos/bin/mangosd")}; ${unit("mangos", "/opt/mangos/bin/mangosd 3600")}; systemctl enable -q --now mangos`,
    says: [
      takeOver,
      /^refused: mangos\.service \(running since .*\) starts \/opt\/mangos\/bin\/mangosd; it runs a mangosd, which is not of TrinityCore/,
    ],
    gone: `${off("mangos")}; rm -r /opt/mangos`,
  },
  {
    name: "a realm elsewhere that uses databases of other names, under our unit's name",
    made: `${program("/opt/tc/bin/authserver")}; mkdir -p /opt/tc/etc; printf 'LoginDatabaseInfo = "127.0.0.1;3306;trinity;trinity;auth"\\n' >/opt/tc/etc/authserver.conf; ${unit("authserver", "/opt/tc/bin/authserver")}`,
    says: [
      takeOver,
      "refused: authserver.service (inactive, disabled) starts /opt/tc/bin/authserver; its auth database is auth; name it: pulumi config set --path trinitycore:login.database.name auth",
    ],
    gone: `${off("authserver")}; rm -r /opt/tc`,
  },
  {
    name: "servers whose settings name no databases",
    made: `${program("/opt/tc/bin/worldserver")}; mkdir -p /opt/tc/etc; printf 'LoginDatabaseInfo = "127.0.0.1;3306;trinity;trinity;authserver"\\n' >/opt/tc/etc/worldserver.conf; ${unit("my-world", "/opt/tc/bin/worldserver")}`,
    says: [
      takeOver,
      "refused: my-world.service (inactive, disabled) starts /opt/tc/bin/worldserver; its settings /opt/tc/etc/worldserver.conf do not name its characters database; stop and disable it",
    ],
    gone: `${off("my-world")}; rm -r /opt/tc`,
  },
  {
    name: "only the page's units, switched off",
    made: [
      unit("tc-335-auth", `${root}/run/bin/authserver -c ${root}/run/etc/authserver.conf`),
      unit("tc-335-world", `${root}/run/bin/worldserver -c ${root}/run/etc/worldserver.conf`),
    ].join("; "),
    says: [
      takeOver,
      new RegExp(
        `^refused: tc-335-auth.service \\(inactive, disabled\\) starts ${root}/run/bin/authserver; its settings .* cannot be found`,
      ),
      new RegExp(
        `^refused: tc-335-world.service \\(inactive, disabled\\) starts ${root}/run/bin/worldserver; its settings .* cannot be found`,
      ),
    ],
    gone: off("tc-335-auth", "tc-335-world"),
  },
  {
    name: "units of something else under our names",
    made: `${unit("authserver", "/opt/sso/authd")}; printf '[Service]\\nExecStart=/bin/true\\n' >/usr/lib/systemd/system/worldserver.service; systemctl daemon-reload`,
    says: [
      "refused: /etc/systemd/system/authserver.service is a unit of something else, and this stack needs its name; rename it or take it away",
      "refused: /usr/lib/systemd/system/worldserver.service is a unit of something else, and this stack needs its name; rename it or take it away",
    ],
    gone: `${off("authserver")}; rm /usr/lib/systemd/system/worldserver.service`,
  },
  {
    name: "only the page's timers",
    made: `printf '[Service]\\nType=oneshot\\nWorkingDirectory=${root}/build\\nExecStart=/usr/bin/make install\\n' >/etc/systemd/system/tc-335-up-post.service; printf '[Timer]\\nOnCalendar=03:02\\n[Install]\\nWantedBy=timers.target\\n' >/etc/systemd/system/tc-335-up-post.timer; systemctl daemon-reload; systemctl enable -q --now tc-335-up-post.timer`,
    says: [
      "refused: timers that build, stop or start servers, beside this stack's own: tc-335-up-post.timer (on); switch them off (systemctl disable --now), or have it done: pulumi config set --path trinitycore:host.adopt true",
    ],
    gone: `systemctl disable -q --now tc-335-up-post.timer; ${off("tc-335-up-post")}`,
  },
  {
    name: "a run that is a folder, with game data in it",
    made: `mkdir -p ${root}/run/bin/{maps,dbc} && touch ${root}/run/bin/{maps,dbc}/a`,
    says: [takeOver, `refused: ${root}/run is a folder`, `refused: its game data is in ${root}/run/bin (dbc maps)`],
    gone: "rm -r /var/lib/trinity",
  },
  {
    name: "cron lines that start a server, dump databases, or look after another's",
    made: `mkdir -p /var/spool/cron/crontabs; printf '# worldserver\\n* * * * * pgrep -x worldserver || screen -dmS w ./worldserver\\n' >/var/spool/cron/crontabs/player
      printf '0 1 * * * root cd ${root}/src && git pull\\n0 2 * * * root mysqldump authserver >/root/a.sql\\n' >/etc/cron.d/page
      printf '0 3 * * * root /home/x/ac/bin/worldserver -d\\n' >/etc/cron.d/other`,
    says: [
      "hint: line 1 of /etc/cron.d/other looks after another realm's server in /home/x/ac/bin: it is left alone",
      "refused: line 1 of /etc/cron.d/page starts or updates a game server, beside this stack; take it out, or make it a comment",
      "refused: line 2 of /var/spool/cron/crontabs/player starts or updates a game server, beside this stack; take it out, or make it a comment",
    ],
    gone: "rm /var/spool/cron/crontabs/player /etc/cron.d/page /etc/cron.d/other",
  },
  {
    name: "a person named trinity",
    made: "useradd -m -u 1234 trinity",
    says: [
      "refused: trinity is somebody's account (uid 1234) on this host; choose another one: pulumi config set --path trinitycore:host.user.name …",
    ],
    gone: "userdel -r trinity 2>/dev/null",
  },
  {
    name: "the home of another account",
    made: "useradd -r games2; mkdir -p /var/lib/trinity; chown games2 /var/lib/trinity",
    says: [
      "refused: /var/lib/trinity belongs to games2, not to trinity; if it is the realm's: chown -R trinity /var/lib/trinity; else choose another: pulumi config set --path trinitycore:host.user.home …",
    ],
    gone: "rm -r /var/lib/trinity; userdel games2",
  },
  {
    name: "a home in another's folder",
    made: "useradd -r games2; chown games2 /var/lib",
    says: [
      "refused: /var/lib is games2's, who could put another folder in the place of /var/lib/trinity; choose one in a folder of root's: pulumi config set --path trinitycore:host.user.home …",
    ],
    gone: "chown root /var/lib; userdel games2",
  },
  {
    name: "the home of nobody",
    made: "mkdir -p /var/lib/trinity; chown 4711 /var/lib/trinity",
    says: ["foretold: /var/lib/trinity belongs to uid 4711, whom nobody is: what it left there will be trinity's"],
    gone: "rm -r /var/lib/trinity",
  },
  {
    name: "a home that is a link",
    made: "mkdir /srv/t; ln -s /srv/t /var/lib/trinity",
    says: [
      "refused: /var/lib/trinity is no folder of its own; move it away; data on another disk is mounted there (mount --bind), not linked",
    ],
    gone: "rm /var/lib/trinity; rmdir /srv/t",
  },
  {
    name: "a checkout and half a build by hand, as root",
    made: `mkdir -p ${root}/src ${root}/build && git init -q ${root}/src && touch ${root}/build/CMakeCache.txt`,
    says: [
      `foretold: ${root}/src is a checkout of somebody else's (root): it is taken as it is, and files that were changed in it are kept in a patch beside it`,
      `foretold: ${root}/build is a build tree of somebody else's: it is moved aside, as ${root}/build.before-…`,
    ],
    gone: "rm -r /var/lib/trinity",
  },
  {
    name: "the stack's own servers, whatever their units are called and whether their receipts are there",
    made: `${program(`${root}/releases/a-b/bin/worldserver`)}; cp $(readlink -f /usr/bin/socat) ${root}/releases/a-b/bin/worldserver; touch ${root}/releases/a-b/release.info
      ln -s releases/a-b ${root}/run
      ${unit("worldserver", `${root}/run/bin/worldserver TCP-LISTEN:8085,fork EXEC:/bin/true`, "ExecStartPre=-/usr/local/libexec/trinity-stack/current/x\\n")}
      systemctl start worldserver; until ss -Hltn | grep -q :8085; do sleep 0.1; done`,
    says: [],
    gone: `${off("worldserver")}; rm -r /var/lib/trinity`,
  },
];

lab.describe("what is on the server besides the stack", () => {
  let machine: Machine;
  // What is said of the realm's address has tests of its own.
  const args = { ...surroundingsPlan(onLab(settings), facts()).args, address: "" };

  beforeAll(() => {
    machine = onMachine("t-around", "baked");
    machine.sh("systemctl start mariadb 2>/dev/null || true");
  }, 300_000);
  afterAll(() => machine?.stop());

  it.each(rows.map((row) => [row.name, row] as const))("%s", (_name, { made, says, gone }) => {
    machine.sh(made);
    const said = machine.observe("surroundings", "surroundings", args);
    machine.exec(gone);
    expect(said).toEqual(says.map((line) => (line instanceof RegExp ? expect.stringMatching(line) : line)));
  });

  it("warns of somebody else on a port that a server of the stack was started on", () => {
    machine.sh(`d=/var/lib/trinity-stack/receipts; mkdir -p $d/{release,authserver,worldserver}; touch $d/{release,authserver,worldserver}/token
      printf 'port=8085\\0' >$d/worldserver/args; printf 'port=3724\\0' >$d/authserver/args; setsid ${listen} </dev/null >/dev/null 2>&1 &
      until ss -Hltn | grep -q :8085; do sleep 0.1; done`);
    expect(machine.observe("surroundings", "surroundings", args)).toEqual([
      expect.stringMatching(/^8085\/tcp is held by socat \(.*\)$/),
    ]);
    machine.exec(`${ended}; rm -r /var/lib/trinity-stack`);
  });
});
