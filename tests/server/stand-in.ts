import { userPlan } from "../../components/host/user";
import { serverUnitPlan } from "../../components/servers/unit";
import { load } from "../unit/settings/source";
import { facts, onLab } from "./facts-of";
import type { Machine } from "./on-machine";

export const root = "/var/lib/trinity/Projects/trinity-335";
export const settings = load({});

/**
 * A small program in the place of both servers: it logs, then listens on its port. Its stack.conf says how it behaves:
 * `fail` ends it at once, `slow` keeps it from listening until R/data/go is there, `deaf` never lets it listen. The
 * consoles open as it says, unless R/logs/elsewhere is there, with an address; an empty one is a bind that failed,
 * which the worldserver only logs.
 */
const program = `#!/usr/bin/python3
import os, re, signal, socket, subprocess, sys, time
name = os.path.basename(sys.argv[0])
how = open(f"${root}/etc/{name}.conf.d/stack.conf").read()
log = open("${root}/logs/" + ("Auth.log" if name == "authserver" else "Server.log"), "w")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
assert os.environ["TC_PASSWORD"], "no environment"
# The core's own words go through a buffer of the C library's, as those of cut do.
saying = subprocess.Popen(["cut", "-c", "1-"], stdin=subprocess.PIPE)
saying.stdin.write(b"World initialized\\n")
saying.stdin.flush()
print("starting", how.strip(), file=log, flush=True)
if "fail" in how:
    print("DatabasePool Login NOT opened. Access denied", file=log, flush=True)
    sys.exit(1)
while "slow" in how and not os.path.exists("${root}/data/go"): time.sleep(0.05)
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
if "deaf" not in how:
    s.bind(("0.0.0.0", 3724 if name == "authserver" else 8085))
    s.listen()
is_ = dict(re.findall(r'^([A-Za-z.]+) = "?([^"\\n]*)', how, re.M))
consoles = []
for which, on in (("Ra", "Enable"), ("SOAP", "Enabled")):
    if is_.get(which + "." + on) != "1": continue
    address = is_[which + ".IP"]
    if os.path.exists("${root}/logs/elsewhere"): address = open("${root}/logs/elsewhere").read().strip()
    if address: consoles.append(socket.create_server((address, int(is_[which + ".Port"]))))
while True: time.sleep(60)
`;

/**
 * The realm's account and folders, a release with the stand-in, configuration and both units: all that a service
 * follows.
 */
export function furnish(machine: Machine): void {
  // The servers' units follow MariaDB's; what matters here is that it can be started and stopped.
  machine.sh(`systemctl cat mariadb >/dev/null 2>&1 || printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/mariadb.service
    systemctl daemon-reload; systemctl start mariadb`);
  const done = [
    machine.apply("user", "user", userPlan(onLab(settings)).args),
    ...(["authserver", "worldserver"] as const).map((server) =>
      machine.apply(`${server}-unit`, "unit", serverUnitPlan(onLab(settings), facts(), server).args),
    ),
  ];
  for (const { code, err } of done) if (code !== 0) throw new Error(err);
  release(machine, "aaaaaaaaaaaa-11111111");
  for (const server of ["authserver", "worldserver"]) {
    configure(machine, server, "well");
    machine.sh(`umask 077; echo TC_PASSWORD=x >/etc/trinity-stack/${server}.env`);
  }
}

/** Puts a release there and makes it the live one. */
export function release(machine: Machine, id: string): void {
  machine.sh(
    `d=${root}/releases/${id}; mkdir -p $d/bin $d/etc && cat >$d/bin/authserver && chmod 755 $d/bin/authserver && cp $d/bin/authserver $d/bin/worldserver && touch $d/etc/{auth,world}server.conf.dist && ln -sfn releases/${id} ${root}/run`,
    { stdin: program },
  );
}

export function configure(machine: Machine, server: string, how: string): void {
  machine.sh(`echo ${how} >${root}/etc/${server}.conf.d/stack.conf`);
}
