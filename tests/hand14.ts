import { nightBuildPlan, nightLivePlan } from "/work/wt/night14/components/updates/plans";
import { applied, buildArgs, root, schemaArgs, sourceArgs, withDatabases } from "/work/wt/night14/tests/server/built";
import { onLab } from "/work/wt/night14/tests/server/facts-of";
import { load } from "/work/wt/night14/tests/unit/settings/source";

const t0 = Date.now();
const say = (s: unknown) => console.log(((Date.now() - t0) / 1000).toFixed(0), s);

const machine = withDatabases("h-night");
say("booted");
const live = machine.sh(`basename $(readlink ${root}/candidate)`);
machine.sh(`ln -sfn releases/${live} ${root}/run
      for unit in worldserver authserver; do
        printf '[Service]\\nExecStart=/bin/sleep infinity\\n# /usr/local/libexec/trinity-stack/\\n' >/etc/systemd/system/$unit.service
      done; systemctl daemon-reload; systemctl start worldserver authserver`);
say(applied(machine, "source", sourceArgs));
say(applied(machine, "build", buildArgs));
say(applied(machine, "schema", schemaArgs));
say(applied(machine, "release", { root, keep: 3 }));
machine.sh("systemctl start worldserver authserver");
const nights = onLab(load({ "update.schedule": "nightly" }));
for (const plan of [nightBuildPlan(nights), nightLivePlan(nights)]) say(machine.apply(plan.step, plan.kind, plan.args));
say(
  machine.exec(
    "systemctl start trinity-night-build; journalctl -u trinity-night-build --no-pager | tail -40; cat /var/lib/trinity-stack/last-update",
  ),
);
