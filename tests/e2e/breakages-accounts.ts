import { type Breakage, drift, sql } from "./breakage";

/** The rows of an account's levels. */
export const levelsOf = (account: string) =>
  `authserver.account_access WHERE AccountID = (SELECT id FROM authserver.account WHERE username = '${account}')`;
/** The levels of the game master, the only account of the lab's config. */
const MASTERS_LEVELS = levelsOf("ESPIONAGE724");
const accountEffect = "applying this restarts nothing; a changed level or password counts from the next login on";

/** The game accounts of the config. */
export const accountBreakages: readonly Breakage[] = [
  {
    name: "accounts: one with another level on a single realm",
    quick: true,
    by: sql(`INSERT INTO authserver.account_access SELECT AccountID, 0, 1, NULL FROM ${MASTERS_LEVELS}`),
    look: sql(`SELECT RealmID, SecurityLevel FROM ${MASTERS_LEVELS}`),
    warns: {
      accounts: [
        ...drift(
          "the account ESPIONAGE724 has level 3 on all realms and level 0 on realm 1, should have level 3 on all realms",
        ),
        accountEffect,
      ],
    },
  },
  {
    name: "accounts: one deleted",
    by: sql(`DELETE FROM ${MASTERS_LEVELS}`, "DELETE FROM authserver.account WHERE username = 'ESPIONAGE724'"),
    look: sql(
      "SELECT RealmID, SecurityLevel, HEX(verifier) FROM authserver.account JOIN authserver.account_access ON AccountID = id WHERE username = 'ESPIONAGE724'",
    ),
    warns: { accounts: [...drift("there is no account ESPIONAGE724"), accountEffect] },
  },
];
