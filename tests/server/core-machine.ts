/** A lab server with the stand-in core built in /opt/run, and shell functions to start its servers with. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Machine } from "../lab/machine";

const LAB = join(__dirname, "..", "lab");

/** The database password of the tests, to be seen where it should not be. */
export const PASSWORD = "sesame-42";

const FUNCTIONS = `
set -u
export LC_ALL=C.UTF-8
cd /opt/w
tdb=/opt/tdb/TDB_full_world_335.25101_2025_10_21.sql
query() { mysql -N -B -e "$1"; }

# Empty databases' rights, an empty working folder with the world dump in it, settings that suit a test.
fresh() {
  query "DROP DATABASE IF EXISTS auth; DROP DATABASE IF EXISTS characters; DROP DATABASE IF EXISTS world;
    CREATE OR REPLACE USER trinity@localhost IDENTIFIED BY '${PASSWORD}';
    GRANT ALL ON auth.* TO trinity@localhost; GRANT ALL ON characters.* TO trinity@localhost; GRANT ALL ON world.* TO trinity@localhost"
  rm -rf /opt/w/* && mkdir -p /opt/w/logs && cp "$tdb" /opt/w/
  local place=\${1:-127.0.0.1;3306}
  conf authserver "LoginDatabaseInfo = $place;trinity;${PASSWORD};auth"
  conf worldserver "LoginDatabaseInfo = $place;trinity;${PASSWORD};auth" "WorldDatabaseInfo = $place;trinity;${PASSWORD};world" \\
    "CharacterDatabaseInfo = $place;trinity;${PASSWORD};characters" "DataDir = /opt/data" "Console.Enable = 0"
}
filled() { fresh && server worldserver -u >/dev/null 2>&1; }
conf() { mkdir -p "/opt/w/$1.d" && printf '%s\\n' "[$1]" "LogsDir = /opt/w/logs" "\${@:2}" >"/opt/w/$1.d/stack.conf"; }
add() { printf '%s\\n' "\${@:2}" >>"/opt/w/$1.d/stack.conf"; }
server() { "/opt/run/bin/$1" -c "/opt/run/etc/$1.conf.dist" --config-dir "/opt/w/$1.d" "\${@:2}" </dev/null; }

until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do ((SECONDS < end)) || { echo "not within the time: $*"; return 1; }; sleep 0.05; done
}
listens() { ss -Hltn "sport = :$1" | grep -q .; }
# up SERVER PORT: in the background until its port is open; its output goes to /opt/w/out. Sets pid.
up() {
  "/opt/run/bin/$1" -c "/opt/run/etc/$1.conf.dist" --config-dir "/opt/w/$1.d" </dev/null >/opt/w/out 2>&1 &
  pid=$!
  until_true 20 listens "$2"
}
# down [SIGNAL]: and says how it ended.
down() { kill "-\${1:-TERM}" "$pid"; wait "$pid"; echo "ended $?"; }
`;

export async function coreMachine(name: string): Promise<Machine> {
  const machine = await Machine.fresh(name, "baked");
  const files = execFileSync("tar", ["-C", LAB, "-cz", "core", "core-submodule"]).toString("base64");
  await machine.sure("base64 -d | tar -xz -C /opt", files);
  await machine.sure(`set -e
    cd /opt && mkdir w
    core/make-repository.sh repo
    core/make-data.sh data
    core/tdb/make-tdb.sh tdb
    git -c protocol.file.allow=always clone -q --recurse-submodules repo/core.git src
    { cmake -S src -B build -G Ninja -DCMAKE_INSTALL_PREFIX=/opt/run && ninja -C build && cmake --install build; } >build.log 2>&1 ||
      { tail build.log >&2; exit 1; }`);
  await machine.sure("cat >/opt/functions.sh", FUNCTIONS);
  return machine;
}

/** What a script that has those functions printed, both streams in one, trimmed. */
export async function told(machine: Machine, script: string): Promise<string> {
  const { stdout } = await machine.exec(`exec 2>&1; . /opt/functions.sh\n${script}`);
  return stdout.trim();
}
