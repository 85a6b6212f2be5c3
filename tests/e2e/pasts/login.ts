import type { Past } from "./past";

const ops = { "trinitycore:ssh.user": "ops" };

/** How one gets in, and what sudo makes of it. */
const gettingIn: readonly Past[] = [
  {
    name: "requiretty",
    what: "sudo works at a terminal only",
    config: ops,
    refused: [/sudo on this server wants a terminal \(requiretty\).*"Defaults:ops !requiretty"/],
    quick: true,
  },
  {
    name: "log-input",
    what: "sudo keeps what goes through it",
    config: { ...ops, "trinitycore:databases.auth.password": { secret: "never-recorded-1" } },
    refused: [/sudo on this server records what ops sends and sees .*"Defaults:ops !log_input, !log_output"/],
    quick: true,
  },
  { name: "second-factor-silent", what: "a key and a second factor that asks nothing", config: ops },
];

export const login: readonly Past[] = [...gettingIn];
