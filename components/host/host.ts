import * as pulumi from "@pulumi/pulumi";
import type { Step } from "../../steps/step";
import { mariaDbPlan } from "../databases/mariadb";
import { DatabaseTunnel } from "../mysql/tunnel";
import { restartsPlan } from "../servers/restarts";
import { type On, Subject } from "../subject";
import { adoptionPlan } from "./adoption";
import { distribution } from "./distribution";
import { firewallPlan } from "./firewall";
import { logsPlan } from "./logs";
import { packagesPlan } from "./packages";
import { Scripts } from "./scripts";
import { selinuxPlan } from "./selinux";
import { lookAround } from "./surroundings";
import { userPlan } from "./user";
import { wayInPlan } from "./way-in";

/** A server: what is on it once, whatever runs there. */
export class Host extends Subject {
  readonly scripts: Step;
  readonly user: Step;
  readonly packages: Step;
  readonly selinux: Step;
  readonly mariadb: Step;
  /** Near end of the way to MariaDB's socket. */
  readonly tunnel: pulumi.Output<string>;
  /** There where a realm that somebody else set up is taken over. */
  readonly adoption: readonly Step[];
  /** There where restarts wait for a window: the timer that does them. */
  readonly restarts: readonly Step[];

  constructor(name: string, on: On) {
    super("host:Host", name, on);
    const { host, settings } = on;
    const { facts } = host;

    // A failed look is told by each step that waits for it.
    lookAround(host, settings, this).catch(() => {});
    this.scripts = new Scripts(this.named("scripts"), on, this.after());

    this.user = this.step("host:User", userPlan(settings), this.after(this.scripts));
    const adopted = () => this.step("host:Adoption", adoptionPlan(settings, facts), this.after(this.user));
    this.adoption = settings.host.adopt ? [adopted()] : [];

    this.packages = this.step("host:Packages", packagesPlan(settings, facts), this.after(this.scripts));
    const firewall = this.step("host:Firewall", firewallPlan(settings, facts), this.after(this.packages));
    // Each command is a login of its own, and this one is the proof that the firewall lets one in.
    this.step("host:WayIn", wayInPlan(settings, facts), this.after(firewall));
    this.selinux = this.step("host:SELinux", selinuxPlan(settings, facts), this.after(this.packages, this.user));
    this.step("host:Logs", logsPlan(settings), this.after(this.user, this.packages));

    this.mariadb = this.step("database:MariaDb", mariaDbPlan(settings, facts), this.after(this.packages));
    const { socket } = distribution(facts.os).mariadb;
    this.tunnel = pulumi.output(DatabaseTunnel.open(host.endpoint, socket, host.connections));

    const window = () => this.step("host:Restarts", restartsPlan(settings), this.after(this.scripts));
    this.restarts = settings.restarts === "window" ? [window()] : [];
    this.registerOutputs({});
  }
}
