/** Why sudo does not work, found from what it printed, and what to do. */
import type { Session } from "./session";

interface Answer {
  readonly user: string;
  readonly stderr: string;
  readonly code: number | null;
  /** The output of `sudo -n -l`; may be empty. */
  readonly rules: string;
}

const AS_ROOT = "or log in as root with trinitycore:host.ssh.user";
const allOf = (user: string) => `put "${user} ALL=(ALL) NOPASSWD: ALL" into a file under /etc/sudoers.d`;

/** Each problem with the words of sudo, sudo-rs or sshd that show it. */
const problems: readonly (readonly [known: RegExp, says: (answer: Answer, words: string) => string])[] = [
  [
    /Password change required|You are required to change your password/,
    ({ user }) =>
      `the password of ${user} has expired, and the host starts no command before it is changed; ` +
      "log in there once and change it",
  ],
  [
    /sudo: (command )?not found|command not found: sudo|Unknown command:? '?sudo/i,
    ({ user }) => `there is no sudo on this host, and ${user} is not root; install it (doas is not used), ${AS_ROOT}`,
  ],
  [
    /must have a tty/,
    ({ user }) =>
      "sudo on this host wants a terminal (requiretty), which the stack does not have; " +
      `put "Defaults:${user} !requiretty" into a file under /etc/sudoers.d, ${AS_ROOT}`,
  ],
  [
    /account validation failure|(account|password)( or password)? (is )?expired|PAM account management error/i,
    ({ user }, words) =>
      `sudo refuses ${user}'s account (${words}); ` +
      `look there with \`chage -l ${user}\` and at /etc/pam.d/sudo, ${AS_ROOT}`,
  ],
  [
    /not allowed to execute|not in the sudoers file|may not run sudo|afraid I can't do that/,
    ({ user }, words) => `${user} may not do everything with sudo on this host (${words}); ${allOf(user)}, ${AS_ROOT}`,
  ],
  [
    /password is required|authentication is required|no tty present|terminal is required|no askpass/i,
    ({ user, rules }, words) => {
      const some = [...rules.matchAll(/NOPASSWD: *(.+)/g)].map(([, commands = ""]) => commands.trim());
      const what = some.length > 0 ? `sudo lets it run ${some.join(", ")} alone` : words;
      return `${user} may not use sudo without a password on this host (${what}); ${allOf(user)}, ${AS_ROOT}`;
    },
  ],
  [/^sudo(-rs)?: /m, (_, words) => `sudo does not work on this host (${words}); put that right there, ${AS_ROOT}`],
];

/** What is wrong with sudo; undefined when something else failed. */
export function sudoProblem(answer: Answer): string | undefined {
  if (answer.code === 0) return undefined;
  const words = answer.stderr.trim().split("\n").pop() ?? "";
  return problems.find(([known]) => known.test(answer.stderr))?.[1](answer, words);
}

/**
 * Why a command that was to run as root did not begin, where sudo is the cause.
 * @param answer of that command
 */
export async function whySudoFails(
  session: Pick<Session, "exec">,
  user: string,
  answer: { readonly all: string; readonly stderr: string; readonly code: number | null },
): Promise<string | undefined> {
  if (user === "root") return undefined;
  const rules = `${(await session.exec("sudo -n -l")).stdout}`;
  return sudoProblem({ user, stderr: answer.all + answer.stderr, code: answer.code, rules });
}

/** The message for a sudo that records what it passes on. */
export const sudoRecords = (user: string): string =>
  `sudo on this host records what ${user} sends and sees (log_input, log_output), ` +
  "and secrets would be kept there in clear; nothing was touched. " +
  `Put "Defaults:${user} !log_input, !log_output" into a file under /etc/sudoers.d ` +
  `(a rule with LOG_INPUT or LOG_OUTPUT itself needs NOLOG_INPUT: NOLOG_OUTPUT:), ${AS_ROOT}`;
