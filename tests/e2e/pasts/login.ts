import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Past } from "./past";

/** A text that one shell or another would take for something else. */
const MOTD = "50% off, it's a \\\\ fish! $(touch /root/owned) `touch /root/owned` %41 ~root {a,b} <x>\\";

const created = (lines: readonly string[]) =>
  [
    "diff --git a/notes.txt b/notes.txt",
    "new file mode 100644",
    "--- /dev/null",
    "+++ b/notes.txt",
    `@@ -0,0 +1,${lines.length} @@`,
    ...lines.map((line) => `+${line}`),
    "",
  ].join("\n");

/** Lines that a shell would run, were they to reach one; what is no ASCII is Latin-1. */
const NOTES = [
  "touch /root/owned",
  "sudo touch /root/owned",
  "caf\xe9 'n \\",
  "a line of Windows\r",
  "last but one",
  "",
];
const CHANGE = [
  "diff --git a/notes.txt b/notes.txt",
  "--- a/notes.txt",
  "+++ b/notes.txt",
  "@@ -1,6 +1,6 @@",
  " touch /root/owned",
  " sudo touch /root/owned",
  " caf\xe9 'n \\",
  " a line of Windows\r",
  "-last but one",
  "+last but one: \xfc % ! $(touch /root/owned)",
  "",
  "",
].join("\n");
const PATCHED = [...NOTES.slice(0, 4), "last but one: \xfc % ! $(touch /root/owned)", "", ""].join("\n");

/** Patches and a setting that reach the host as they are, or do harm there. */
function hostile(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "patches-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, "latin1");
    return join(folder, name);
  };
  return {
    "trinitycore:core.source.patches": JSON.stringify([
      file("notes.patch", created(NOTES)),
      file("it's.patch", CHANGE),
    ]),
    "trinitycore:realms.wotlk.settings": JSON.stringify({ Motd: MOTD }),
  };
}

const unharmed = `
  root=/var/lib/trinity/Projects/trinity-335
  test ! -e /root/owned || { echo 'a line was run as a command'; exit 1; }
  runuser -u trinity -- git -C $root/src show HEAD:notes.txt | base64 -w0 | grep -Fx '${Buffer.from(PATCHED, "latin1").toString("base64")}'
  base64 -d <<<'${Buffer.from(`Motd = "${MOTD}"`).toString("base64")}' | grep -Fxf - $root/etc/worldserver.conf.d/stack.conf
  systemctl is-active authserver`;

const loginShells = [
  ["root", "tcsh"],
  ["root", "fish"],
  ["ops", "tcsh"],
  ["ops", "fish"],
  ["ops", "zsh"],
] as const;

/** What a login shell does to what is sent through it. */
const shells: readonly Past[] = [
  ...loginShells.map(
    ([user, shell]): Past => ({
      name: `${user}-${shell}`,
      what: `the login shell of ${user} is ${shell}`,
      script: ["login-shell", user, shell],
      config: () => ({ ...hostile(), "trinitycore:host.ssh.user": user }),
      holds: unharmed,
    }),
  ),
  { name: "rc-prints", what: "start-up files that print", config: hostile, holds: unharmed },
  {
    name: "rc-exit",
    what: "a start-up file that ends with `exit 0`",
    refused: [
      /^the login shell of root on \S+ runs no command: it ended with status 0 before it ran the command \(it said: nvm is ready\)/,
      "~/.bashrc",
    ],
    quick: true,
  },
  {
    name: "rc-exec",
    what: "a start-up file that starts another shell",
    refused: [/^the login shell of root on \S+ runs no command: another program reads .* as after an `exec`/],
  },
  {
    name: "rc-asks",
    what: "a start-up file that waits for an answer",
    refused: [/^the login shell of root on \S+ waits for something: .* 30 s \(it said: Attach to which session\?\)/],
  },
  {
    name: "rc-leaves",
    what: "a start-up file that leaves a program running",
    refused: [/^the login shell of root on \S+ does not end: .* keeps the connection open/],
  },
  {
    name: "forced-command",
    what: "a key for one command only",
    refused: [/^the login shell of root on \S+ runs no command: it ended with status 0 .*; .* a forced command/],
  },
  {
    name: "password-expired",
    what: "the user's password has expired, though the key has not",
    config: { "trinitycore:host.ssh.user": "ops" },
    refused: [/^the password of ops on \S+ has expired, and sshd runs no command .*chage/],
  },
  {
    name: "nologin",
    what: "the user's shell is nologin",
    config: { "trinitycore:host.ssh.user": "ops" },
    refused: [
      /^the login shell of ops on \S+ lets nobody in \(it said: This account is currently not available\.\)/,
      "usermod -s /bin/bash ops",
    ],
  },
];
const ops = { "trinitycore:host.ssh.user": "ops" };

/** How one gets in, and what sudo makes of it. */
const gettingIn: readonly Past[] = [
  {
    name: "requiretty",
    what: "sudo works at a terminal only",
    config: ops,
    refused: [/sudo on this host wants a terminal \(requiretty\).*"Defaults:ops !requiretty"/],
  },
  {
    name: "log-input",
    what: "sudo keeps what goes through it",
    config: { ...ops, "trinitycore:login.database.password": { secret: "never-recorded-1" } },
    refused: [/sudo on this host records what ops sends and sees .*"Defaults:ops !log_input, !log_output"/],
  },
  { name: "second-factor-silent", what: "a key and a second factor that asks nothing", config: ops },
];

export const login: readonly Past[] = [...shells, ...gettingIn];
