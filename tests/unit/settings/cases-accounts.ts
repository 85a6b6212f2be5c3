/** The game accounts. */
import type { Cases } from "./cases-build";

export const accountCases: Cases = {
  "login.accounts.BOSS.passwordIs": {
    takes: ["initial", "enforced"],
    refuses: [["always", /must be one of initial, enforced, not "always"/]],
  },
  "login.accounts.BOSS.level": { takes: ["0", "3"], refuses: [["4", /from 0 to 3/]] },
  "login.accounts.BOSS.realm": {
    takes: ["-1", "wotlk"],
    refuses: [
      ["1", /"1" is neither -1, for all realms, nor the name of a realm in this config$/],
      ["", /may not be empty/],
      ["classic", /classic is no realm of this config: there is wotlk, and -1 for all of them$/],
    ],
  },
  "login.accounts.BOSS.expansion": { takes: ["0", "2"], refuses: [["3", /from 0 to 2/]] },
  "login.accounts.BOSS.email": {
    takes: ["", "boss@example.net", "it's+me@localhost"],
    refuses: [
      ["boss", /"boss" is not a mail address/],
      ["me two@x", /is not a mail address/],
      ["b\u00f6ss@x", /in ASCII/],
      [`${"x".repeat(63)}@x`, /64 characters/],
      ["a@b\n", /control characters/],
    ],
  },
  "login.accounts.BOSS.adopt": { takes: ["true", "false"], refuses: [["yes", /true or false/]] },
};
