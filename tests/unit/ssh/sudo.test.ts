import { sudoProblem } from "../../../ssh/sudo";

const all = 'put "ops ALL=(ALL) NOPASSWD: ALL"';

/** What is printed, by sudo, sudo-rs, shells and sshd; and what is said of it. */
const cases: readonly [what: string, stderr: string, says: RegExp, rules?: string][] = [
  ["requiretty", "sudo: sorry, you must have a tty to run sudo", /wants a terminal.*"Defaults:ops !requiretty"/],
  [
    "no rule without a password",
    "sudo: a password is required",
    new RegExp(`without a password .*${all.replace(/[()]/g, ".")}`),
  ],
  ["!visiblepw", "sudo: no tty present and no askpass program specified", /without a password .*NOPASSWD/],
  ["sudo-rs", "sudo: interactive authentication is required", /without a password .*NOPASSWD/],
  [
    "some commands",
    "sudo: a password is required",
    /without a password on this host \(sudo lets it run \/usr\/bin\/systemctl alone\).*NOPASSWD: ALL/,
    "User ops may run the following commands on wow:\n    (ALL) NOPASSWD: /usr/bin/systemctl\n",
  ],
  [
    "a rule that leaves bash out",
    "Sorry, user ops is not allowed to execute '/usr/bin/bash -s' as root on wow.",
    /may not do everything/,
  ],
  ["not in the rules of sudo-rs", "sudo: I'm sorry ops. I'm afraid I can't do that", /may not do everything/],
  [
    "an expired account",
    'sudo: Account expired or PAM config lacks an "account" section for sudo',
    /refuses ops's account .*chage -l ops/,
  ],
  ["a locked account", "sudo: account validation failure, is your account locked?", /refuses ops's account/],
  ["an expired password", "Password change required but no TTY available.", /password of ops has expired.*change it/],
  ["no sudo", "bash: line 1: sudo: command not found", /there is no sudo .*install it/],
  ["no sudo, as zsh says it", "zsh:1: command not found: sudo", /there is no sudo/],
  ["no sudo, as fish says it", "fish: Unknown command: sudo", /there is no sudo/],
  [
    "a broken sudo",
    "sudo: /etc/sudo.conf is owned by uid 1000, should be 0\nsudo: fatal error",
    /sudo does not work .*fatal error/,
  ],
];

describe("a sudo that does not let", () => {
  it.each(cases)("%s", (_, stderr, says, rules = "") => {
    expect(sudoProblem({ user: "ops", stderr, code: 1, rules })).toMatch(says);
  });

  it("names NOPASSWD only where that is the way out", () => {
    const named = cases.filter(([, stderr]) =>
      /NOPASSWD/.test(sudoProblem({ user: "ops", stderr, code: 1, rules: "" }) ?? ""),
    );
    expect(named.map(([what]) => what)).toEqual([
      "no rule without a password",
      "!visiblepw",
      "sudo-rs",
      "some commands",
      "a rule that leaves bash out",
      "not in the rules of sudo-rs",
    ]);
  });

  it("is not blamed for what went through, nor for what it did not say", () => {
    expect(
      sudoProblem({ user: "ops", stderr: "sudo: unable to resolve host wow", code: 0, rules: "" }),
    ).toBeUndefined();
    expect(
      sudoProblem({ user: "root", stderr: "bash: line 7: x: command not found", code: 127, rules: "" }),
    ).toBeUndefined();
  });
});
