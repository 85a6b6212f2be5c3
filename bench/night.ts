/**
 * What a night's build costs in CPU seconds, beside the wiki page's (`make clean` and a full build): with one changed
 * source file, and with one changed header that much includes. `npm run bench:night`, on the lab's stand-in core. The
 * ratio counts: machines differ and are shared.
 */
import { nightBuildPlan } from "../components/updates/plans";
import { applied, buildArgs, built, root, sourceArgs } from "../tests/server/built";
import { onLab } from "../tests/server/facts-of";
import type { Machine } from "../tests/server/on-machine";
import { load } from "../tests/unit/settings/source";

const commit = (machine: Machine, change: string): string =>
  machine.sh(
    `cd /srv/git/core && export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' && ${change} && git add -A && git -c user.name=B -c user.email=b@example.org commit -qm change && git push -q origin HEAD:3.3.5`,
  );

/** The CPU time that all of the host's units have taken so far, in seconds. */
const used = (machine: Machine): number =>
  Number(
    machine.sh(
      "cat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null || awk '/^usage_usec/ { print $2 * 1000 }' /sys/fs/cgroup/cpu.stat",
    ),
  ) / 1e9;

/** What a unit with this script costs. */
function cost(machine: Machine, script: string): number {
  const before = used(machine);
  machine.sh(`cat >/run/bench.sh && systemd-run --quiet --wait --property=StandardOutput=null bash -e /run/bench.sh`, {
    stdin: script,
  });
  return used(machine) - before;
}

/** What a night costs with that change. */
function night(machine: Machine, change: string): number {
  commit(machine, change);
  return cost(machine, "systemctl start trinity-night-build; grep -qx phase=built /var/lib/trinity-stack/update");
}

const machine = built("bench-night");
try {
  machine.sh(`ln -sfn "$(readlink ${root}/candidate)" ${root}/run`);
  applied(machine, "source", sourceArgs);
  applied(machine, "build", buildArgs);
  applied(machine, "release", { root, keep: 3 });
  const plan = nightBuildPlan(onLab(load({ "update.schedule": "nightly" })));
  machine.apply(plan.step, plan.kind, plan.args);
  const page = cost(
    machine,
    `cd ${root} && rm -rf page && cp -a src page-src && cmake -S page-src -B page -DTOOLS=1 -DSERVERS=1 -DCMAKE_INSTALL_PREFIX=/opt/page && make -C page clean && make -C page -j2 && make -C page install`,
  );
  // The first build after a boot reads everything from the disk.
  night(machine, "echo 'int benchFirst() { return 0; }' >>src/common/Log.cpp");
  const rows: [string, number][] = [
    ["the page's: make clean, full build", page],
    [
      "a night, one source file changed",
      night(machine, "echo 'int benchSource() { return 1; }' >>src/common/GameFiles.cpp"),
    ],
    [
      "a night, one core header changed",
      night(machine, "echo 'inline int benchHeader() { return 2; }' >>src/common/Config.h"),
    ],
  ];
  for (const [name, took] of rows)
    console.log(`${name.padEnd(38)} ${took.toFixed(1).padStart(7)} CPU s   ${(took / page).toFixed(2)} of the page's`);
} finally {
  machine.stop();
}
