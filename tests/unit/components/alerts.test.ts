import { alertsPlan, metricsPlan, watchPlan } from "../../../components/alerts/plans";
import { facts, fedoraFacts, onLab } from "../../server/facts-of";
import { load } from "../settings/source";

const given = (values: Record<string, string> = {}, secrets: string[] = []) => onLab(load(values, secrets));

it.each([
  ["nothing", {}, []],
  ["a webhook", { "alerts.webhook": "https://hooks.example.net/x" }, ["webhook"]],
  ["a command", { "alerts.command": "tell me" }, ["command"]],
])("where alerts go is a secret of the step: %s", (_, values, secrets) => {
  const { args, secrets: told = {} } = alertsPlan(given(values, Object.keys(values)));
  expect(Object.keys(told)).toEqual(secrets);
  for (const value of Object.values(values)) expect(JSON.stringify(args)).not.toContain(value);
});

it("what is looked at every ten minutes comes from the config and the distribution", () => {
  const values = { "alerts.disk": "7", "alerts.memory": "8", "backups.folder": "/srv/backups" };
  expect(String(watchPlan(given(values), fedoraFacts).args.service)).toContain(
    " disk=7 memory=8 folders=/,/var/lib/trinity/Projects/trinity-335,/srv/backups" +
      " servers=worldserver.service,authserver.service mariadb=mariadb.service socket=/var/lib/mysql/mysql.sock\n",
  );
});

it("the units that are started when another fails are there, and so is that which sends", () => {
  const units = alertsPlan(given()).args.units as readonly string[];
  expect(units).toEqual(["trinity-alerts.service", "trinity-alert@.service", "trinity-crash@.service"]);
  const watch = String(watchPlan(given(), facts()).args.service);
  expect(watch).toContain("OnFailure=trinity-alert@unit-failed:trinity-watch.service\n");
});

it("numbers are written where the config says, and go with the step", () => {
  const { args } = metricsPlan(given({ "metrics.folder": "/srv/metrics" }), facts());
  expect(String(args.service)).toContain(" folder=/srv/metrics realm=wotlk ");
  expect(args.leaves).toBe("/srv/metrics/trinity-wotlk.prom");
});
