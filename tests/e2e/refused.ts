/** What every refused run has in common. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Machine, type Result } from "../lab/machine";
import { Stack } from "../lab/pulumi";
import type { RealmLab } from "./realm-lab";

export type Config = Parameters<Stack["set"]>[0];

/** Secrets of the tests: no run may print them. */
export const secrets = ['pass;w"ord', "hunter2", "opens the key", "some\npassword"];

/** A bare host and a stack that could converge it. */
export async function unmanagedRealm(name: string): Promise<RealmLab & { asNew(): void }> {
  const machine = await Machine.fresh(name);
  const stack = await new Stack({ work: mkdtempSync(join(tmpdir(), "errors-")) }).init();
  await stack.set({
    "trinitycore:host.address": machine.address,
    "trinitycore:host.key": machine.hostKey,
    "trinitycore:host.ssh.privateKey": { secret: machine.privateKey },
    "trinitycore:realms.wotlk.name": "Trinity",
  });
  await machine.sure("touch /run/before");
  const config = readFileSync(stack.configFile, "utf8");
  return { machine, stack, asNew: () => writeFileSync(stack.configFile, config) };
}

/**
 * All that a run left on the host since `/run/before`; what systemd, sudo and the logins themselves keep is not ours.
 */
export const filesLeftOn = (machine: Machine): Promise<string> =>
  machine.sure(`
    ls -d /var/lib/trinity* /usr/local/libexec/* /etc/trinity-stack /run/trinity-stack* 2>/dev/null
    getent passwd trinity
    find / -xdev -newer /run/before -type f -not -path '/proc/*' -not -path '/sys/*' -not -path '/run/*' \\
      -not -path '/var/log/*' -not -path '/var/lib/systemd/*' -not -path '/var/lib/sudo/*'; true`);

/** The one error of a run that had to fail: readable, without a stack trace, without a secret. */
export function errorOf({ code, stdout, stderr }: Result): string {
  const all = stdout + stderr;
  if (code === 0) throw new Error(`it went through\n${all}`);
  for (const secret of secrets) expect(all).not.toContain(secret);
  expect(all).not.toMatch(/PRIVATE KEY|^ +at .*:\d+|unhandled exception|\.ts:\d+|\{ *$/m);
  const errors = all.slice(all.indexOf("Diagnostics:")).split(/^ +error: /m);
  if (errors.length !== 2) throw new Error(`not exactly one error\n${all}`);
  return (errors[1] as string).split("\n\n")[0]?.replace(/^ {4}/gm, "") as string;
}
