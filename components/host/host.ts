import * as pulumi from "@pulumi/pulumi";
import type { Step } from "../../steps/step";
import { alertsPlan, metricsPlan, watchPlan } from "../alerts/plans";
import { backupAccountPlan, backupNowPlan, backupPlan, backupUserPlan, drillPlan } from "../backups/plans";
import { mariaDbPlan } from "../databases/mariadb";
import { DatabaseTunnel } from "../mysql/tunnel";
import { restartsPlan } from "../servers/restarts";
import { type Context, Subject } from "../subject";
import { nightBuildPlan, nightLivePlan } from "../updates/plans";
import { adoptionPlan } from "./adoption";
import { distribution } from "./distribution";
import { firewallPlan } from "./firewall";
import { logsPlan } from "./logs";
import { packagesPlan } from "./packages";
import { Scripts } from "./scripts";
import { selinuxPlan } from "./selinux";
import { observeSurroundings } from "./surroundings";
import { userPlan } from "./user";
import { wayInPlan } from "./way-in";

/** What the stack has on a host once, whatever realms are there. */
export class Host extends Subject {
  readonly scripts: Step;
  readonly user: Step;
  readonly packages: Step;
  readonly selinux: Step;
  readonly mariadb: Step;
  readonly backupNow: Step;
  /** The path of the local socket that leads to MariaDB. */
  readonly tunnel: pulumi.Output<string>;
  /** The step that takes over a realm that somebody else set up; empty without `host.adopt`. */
  readonly adoption: readonly Step[];
  /** The timer that opens the window for restarts; empty unless `restarts` is `window`. */
  readonly restarts: readonly Step[];

  constructor(name: string, context: Context) {
    super("host:Host", name, context);
    const { host, settings } = context;
    const { facts } = host;

    // Every step that waits for the look reports its error.
    observeSurroundings(host, settings, this).catch(() => {});
    this.scripts = new Scripts(this.named("scripts"), context, this.after());

    this.user = this.step("host:User", userPlan(settings), this.after(this.scripts));
    const adopted = () => this.step("host:Adoption", adoptionPlan(settings, facts), this.after(this.user));
    this.adoption = settings.host.adopt ? [adopted()] : [];

    this.packages = this.step("host:Packages", packagesPlan(settings, facts), this.after(this.scripts));
    const firewall = this.step("host:Firewall", firewallPlan(settings, facts), this.after(this.packages));
    // Every command logs in anew, so this one proves that the firewall lets a login in.
    this.step("host:WayIn", wayInPlan(settings, facts), this.after(firewall));
    this.selinux = this.step("host:SELinux", selinuxPlan(settings, facts), this.after(this.packages, this.user));
    this.step("host:Logs", logsPlan(settings), this.after(this.user, this.packages));

    this.mariadb = this.step("database:MariaDb", mariaDbPlan(settings, facts), this.after(this.packages));
    const { socket } = distribution(facts.os).mariadb;
    this.tunnel = pulumi.output(DatabaseTunnel.open(host.endpoint, socket, host.pace));

    const alerts = this.step("host:Alerts", alertsPlan(settings), this.after(this.scripts, this.packages));
    this.step("host:Watch", watchPlan(settings, facts), this.after(alerts, this.mariadb));
    if (settings.metrics.folder !== "")
      this.step("host:Metrics", metricsPlan(settings, facts), this.after(alerts, this.mariadb));

    const backupUser = this.step("host:BackupUser", backupUserPlan(settings), this.after(this.scripts));
    const account = this.step(
      "host:BackupAccount",
      backupAccountPlan(settings, facts),
      this.after(backupUser, this.mariadb),
    );
    this.step("host:Backup", backupPlan(settings, facts), this.after(backupUser, account));
    this.backupNow = this.step("host:BackupNow", backupNowPlan(settings, facts), this.after(backupUser, account));
    this.step("host:BackupDrill", drillPlan(settings, facts), this.after(backupUser, account));

    if (settings.update.schedule === "nightly") {
      this.step("host:NightBuild", nightBuildPlan(settings), this.after(this.scripts));
      this.step("host:NightLive", nightLivePlan(settings), this.after(this.scripts));
    }

    const window = () => this.step("host:Restarts", restartsPlan(settings), this.after(this.scripts));
    this.restarts = settings.restarts === "window" ? [window()] : [];
    this.registerOutputs({});
  }
}
