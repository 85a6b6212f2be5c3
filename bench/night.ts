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

const units = ["trinity-night-build", "trinity-fetch", "trinity-build"];

const commit = (machine: Machine, change: string): string =>
  machine.sh(
    `cd /srv/git/core && export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*' && ${change} && git add -A && git -c user.name=B -c user.email=b@example.org commit -qm change && git push -q origin HEAD:3.3.5`,
  );

/** What a script costs, as systemd counts it. */
function cost(machine: Machine, script: string): number {
  const ran = machine.exec(
    `systemd-run --quiet --wait --pipe --service-type=exec --property=CPUAccounting=yes --unit=bench-page --remain-after-exit bash -c '${script}' >/dev/null 2>&1 & wait; systemctl show -P CPUUsageNSec bench-page; systemctl stop bench-page`,
  );
  return Number(ran.out.trim().split("\n")[0]) / 1e9;
}

/** What a night costs with that change. */
function night(machine: Machine, change: string): number {
  commit(machine, change);
  machine.sh(`systemctl start trinity-night-build; grep -qx phase=built /var/lib/trinity-stack/update`);
  const used = machine
    .sh(`systemctl show -P CPUUsageNSec ${units.join(" ")}`)
    .split("\n")
    .filter(Boolean);
  return used.reduce((sum, text) => sum + Number(text) / 1e9, 0);
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
  for (const [name, used] of rows)
    console.log(`${name.padEnd(38)} ${used.toFixed(1).padStart(7)} CPU s   ${(used / page).toFixed(2)} of the page's`);
} finally {
  machine.stop();
}
