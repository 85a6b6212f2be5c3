/** A host with a realm that runs, and releases that go live on it, or fail in a certain way. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { argumentsOf } from "../../actions/action";
import { rollbackAction, type Verb } from "../../actions/rollback";
import { statusAction, statusIn } from "../../actions/status";
import { inWords } from "../../actions/status-text";
import { load } from "../unit/settings/source";
import { applied, root, schemaArgs, withDatabases } from "./built";
import { type Machine, stepCommand } from "./on-machine";

const settings = load({});

export const STATE = "/var/lib/trinity-stack";
const JOURNAL = `${STATE}/going-live`;
export const data = {
  data: `${root}/data`,
  incoming: `${root}/data.incoming`,
  manifest: `${root}/data.manifest`,
  dataLock: "game-data",
};
const makeData = readFileSync(join(__dirname, "../lab/core/make-data.sh"), "utf8");
/** What the step is told. */
const probing = { ...schemaArgs, probe: 3, ...data };
/** A server, which the release's files `fails` and `ends` stop; `slow` makes its start take a while. */
const unit = `[Service]
ExecStartPre=/usr/bin/test ! -e ${root}/run/fails
ExecStartPre=/bin/sh -c '[ ! -e ${root}/run/slow ] || sleep 2'
ExecStart=/bin/sh -c '[ ! -e ${root}/run/ends ] || { sleep 1.5; exit 1; }; exec sleep infinity'
# /usr/local/libexec/trinity-stack/
[Install]
WantedBy=multi-user.target
`;

/** What a release does: statements for two databases, and what becomes of its servers. */
export interface Release {
  readonly world?: string;
  readonly characters?: string;
  readonly file?: "fails" | "ends" | "slow";
  /** The version of maps that it reads. */
  readonly maps?: number;
}

/** Statements that run on a copy, and fail on the database itself. */
export const onlyForReal = (database: string) => `SELECT IF(DATABASE() = '${database}', (SELECT 1 UNION SELECT 2), 1)`;

const stage = (name: string) => `grep -qx stage=${name} ${JOURNAL}/state 2>/dev/null`;
const is = (unit: string, state: string) => `[[ $(systemctl show -P ActiveState ${unit}) == ${state} ]]`;
/** What is going on, as a condition of the shell. */
const moments = {
  trial: `${stage("trial")} && ${is("trinity-trial", "active")}`,
  "backup of the world": `${stage("trial")} && ${is("trinity-backup-now", "activating")}`,
  stopping: stage("stopping"),
  "backup of the characters": `${stage("stopping")} && ${is("trinity-backup-now", "activating")}`,
  migrating: `${stage("migrating")} && ${is("trinity-schema", "active")}`,
  switching: stage("switching"),
  starting: `${stage("probing")} && ${is("authserver", "activating")}`,
  probing: `${stage("probing")} && grep -q ^down= ${JOURNAL}/state`,
  undoing: stage("undoing"),
  undone: stage("undone"),
};
export type Moment = keyof typeof moments;
/** Waits for it. */
export const until = (moment: Moment) => `timeout 100 bash -c 'until ${moments[moment]}; do sleep 0.01; done'`;

export class LiveRealm {
  readonly machine: Machine;
  /** The first release, which is live. */
  readonly first: string;

  constructor(name: string) {
    this.machine = withDatabases(name);
    this.first = this.machine.sh(`basename $(readlink ${root}/candidate)`);
    applied(this.machine, "schema", schemaArgs);
    this.machine.sh(`echo test/stack >${STATE}/owner`);
    this.machine.sh(`ln -sfn releases/${this.first} ${root}/run
      for unit in worldserver authserver; do cat >/etc/systemd/system/$unit.service <<'UNIT'\n${unit}UNIT\n done
      systemctl daemon-reload; systemctl enable -q worldserver authserver; systemctl start worldserver authserver`);
    this.sql(`INSERT INTO auth.account (username, salt, verifier) VALUES ('A', REPEAT('a', 32), REPEAT('b', 32));
      INSERT INTO characters.characters (guid, account, name) VALUES (1, 1, 'Ann'), (2, 1, 'Bob')`);
  }

  sql(statements: string): string {
    return this.machine.sh("mariadb -N -B", { stdin: statements });
  }

  /** The candidate, as a copy of the first release with an update more; nothing is held against it. */
  candidate(name: string, { world, characters, file, maps }: Release): void {
    const update = (role: string, statement?: string) =>
      statement
        ? `echo '${statement.replaceAll("'", "'\\''")};' >sql/updates/${role}/2026_08_${name}_${role}.sql`
        : ":";
    this.machine.sh(`cd ${root}/releases && rm -rf ${name} && cp -a ${this.first} ${name} && cd ${name}
      ${update("world", world)}; ${update("characters", characters)}; ${file ? `touch ${file}` : ":"}
      ${maps ? `sed -i 's/maps=10/maps=${maps}/' release.info; sha256sum $(sed 's/^[^ ]* *//' .good) >.good.new; mv .good.new .good` : ":"}
      ln -sfn releases/${name} ${root}/candidate; rm -f ${STATE}/failed-commits ${STATE}/alerts/record`);
  }

  apply() {
    return this.machine.apply("schema", "schema", probing);
  }
  look(): string[] {
    return this.machine.observe("schema", "schema", probing);
  }

  /** Lets the candidate go live, with nobody who waits for it; returns when it is there. */
  begin(moment: Moment): void {
    this.machine.sh(`systemd-run -q --collect --unit=runner bash ${stepCommand("schema", "schema", probing)}
      ${until(moment)}`);
  }
  /** Until all has come to its end, also what goes on after a kill. */
  ended(): void {
    this.machine.sh(`timeout 120 bash -c 'while [[ -d ${JOURNAL} ]]; do sleep 0.2; done
      until [[ $(systemctl show -P ActiveState trinity-live) == @(inactive|failed) ]]; do sleep 0.2; done'
      systemctl kill -s KILL runner 2>/dev/null; true`);
  }

  /** Game data, the live one or one that waits for a release, whose maps have this version. */
  gameData(folder: string, maps: number): void {
    this.machine.sh(
      `bash -s ${folder} >/dev/null; cd ${folder}
      for map in maps/*; do printf '\\${maps.toString(8)}' | dd of=$map bs=1 seek=4 conv=notrunc status=none; done
      chown -R trinity: .; chown root: .`,
      { stdin: makeData },
    );
  }
  /** The version of maps in a folder of game data; nothing where there is none. */
  maps(folder: string): string {
    return this.machine.sh(`od -An -t u4 -j 4 -N 4 ${folder}/maps/0004331.map 2>/dev/null | tr -d ' '; true`);
  }

  /** Which release is live, whether the servers run, and sums of all rows. */
  state() {
    const [live, ...servers] = this.machine
      .sh(`readlink ${root}/run; systemctl is-active worldserver authserver || true`)
      .split("\n");
    return { live, servers, sums: this.sums() };
  }
  /** The updater writes its own version into `version` at every run. */
  sums(): string {
    const tables = this.sql(`SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.tables
      WHERE table_schema IN ('auth', 'characters', 'world') AND table_type = 'BASE TABLE' ORDER BY 1`).split("\n");
    return this.sql(`CHECKSUM TABLE ${tables.join(", ")}`);
  }

  /** What is left of a change of the release that must not be. */
  rests(): string {
    return this.machine.sh(`ls -d ${data.incoming}.former* ${STATE}/going-live* ${STATE}/swaps/* /etc/systemd/system/trinity-going-live* \
        /etc/systemd/system/*.wants/trinity-going-live* 2>/dev/null
      mariadb -N -e "SHOW DATABASES LIKE '%\\\\_\\\\_%'"; mariadb -N -e 'SHOW GRANTS FOR trinity@localhost' | grep __; true`);
  }
  alerts(): string[] {
    return this.machine.sh(`cut -f 3,5 ${STATE}/alerts/record 2>/dev/null || true`).split("\n").filter(Boolean);
  }
  /** What `npm run realm -- status` says. */
  status(): string {
    const said = this.machine.sh(
      `bash /usr/local/libexec/trinity-stack/current/actions/status.sh ${argumentsOf(statusAction(settings, "test/stack"))}`,
    );
    return inWords(statusIn(said, settings));
  }
  /** `npm run realm -- rollback` and `-- retry`. */
  verb(verb: Verb, release?: string) {
    const words = argumentsOf(rollbackAction(settings, "test/stack", verb, release));
    return this.machine.exec(`bash /usr/local/libexec/trinity-stack/current/actions/rollback.sh ${words}`);
  }
  /** Who holds the realm's lock, as a sentence. */
  holder(): string {
    return this.machine.sh(". /usr/local/libexec/trinity-stack/current/run/libraries.sh; realm_holder");
  }
  held(): string {
    return this.machine.sh(`cut -f 3 ${STATE}/failed-commits 2>/dev/null || true`);
  }
  stop(): void {
    this.machine?.stop();
  }
}
