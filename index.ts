import "./program/start";
import * as pulumi from "@pulumi/pulumi";
import { readCustomSql } from "./components/core/custom-sql";
import { readPatches } from "./components/core/source";
import { distribution } from "./components/host/distribution";
import { clearTextWarnings } from "./components/host/firewall";
import { asked, withLayout } from "./components/layout";
import { refuseRenamed, refuseUnseen } from "./components/mysql/databases";
import { makeRealm } from "./components/realm";
import { refuseOtherKey } from "./components/realm/key";
import { type Settings, settingsFromPulumi } from "./settings";
import { tellOfMove } from "./steps/change-of-host";
import { clockWarning } from "./steps/facts";
import { SshHost } from "./steps/host";

/** Stack config -> facts of the host -> components -> outputs. */
export = async (): Promise<Record<string, unknown>> => {
  const { settings, host } = await prepare();
  try {
    return await converge(host, settings);
  } catch (error) {
    // An open connection would keep the program from ending.
    host.close();
    throw error;
  }
};

async function converge(host: SshHost, settings: Settings): Promise<Record<string, unknown>> {
  const clock = clockWarning(host.facts.clockAhead, settings.host.address);
  for (const text of [...(clock ? [clock] : []), ...clearTextWarnings(settings)]) void pulumi.log.warn(text);
  await refuseUnseen(settings, { facts: host.facts, converged: () => host.converged() });
  await tellOfMove(settings.host.address, host.facts, host.stack);
  const all = withLayout(settings, host.facts);
  const { core, login, realm } = all.layout;
  const ports = `${settings.login.port}/tcp and ${settings.realm.port}/tcp`;
  const made = makeRealm({ host, settings: all });
  return {
    host: settings.host.address,
    realmlist: `set realmlist ${settings.realm.address}`,
    forward: `forward ${ports} on the router to ${settings.host.address}`,
    ...made,
    units: [login.server.unit, realm.server.unit],
    folders: { live: core.run, data: realm.data, logs: realm.server.logs, config: realm.etc },
    timezone: `schedules are in the time zone of ${settings.host.address}, ${host.facts.timezone}`,
  };
}

/** Everything that can be wrong before a single resource is planned ends here, as one readable error. */
async function prepare() {
  const settings = settingsFromPulumi();
  readPatches(settings.core.source.patches);
  readCustomSql(settings.core.source.customSql);
  const host = await SshHost.connect(
    settings,
    `${pulumi.getProject()}/${pulumi.getStack()}`,
    asked(settings),
    (facts) => {
      distribution(facts.os, settings.host.address);
      refuseOtherKey(settings, facts);
      refuseRenamed(settings, facts);
    },
  );
  if (!host.facts.owner && !host.facts.installed) {
    void pulumi.log.info(`nothing of this stack is on ${settings.host.address}: all of it will be made there`);
  }
  return { settings, host };
}
