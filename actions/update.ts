/** Updating the core from its branch, and what an update would bring. */
import { Failure } from "../program/failure";
import type { Settings } from "../settings";
import { setCommand } from "../settings/paths";
import type { Action } from "./action";
import { ownedBy } from "./names";

export const updateAction = (settings: Settings, stack: string, verb: "check" | "now", commit = ""): Action => ({
  script: "update",
  words: [verb],
  told: { ...ownedBy(settings, stack), commit },
});

/** @throws Failure where it is no whole commit: which one a part of it means may change */
export function asCommit(text: string): string {
  if (/^[0-9a-fA-F]{40}$/.test(text)) return text.toLowerCase();
  throw new Failure(
    `${JSON.stringify(text)} is no commit: all 40 digits are wanted, as \`update --check --json\` has them`,
  );
}

/** @throws Failure where the config keeps the stack at another commit */
export function refusePinned({ core }: Pick<Settings, "core">, commit: string | undefined): void {
  const { commit: pin } = core.source;
  if (pin === "" || commit === undefined || commit.toLowerCase() === pin) return;
  throw new Failure(
    `trinitycore:core.source.commit keeps the realm at ${pin.slice(0, 12)}; nothing was changed. For this one:\n` +
      `${setCommand("core.source.commit", commit.toLowerCase())}\nnpx pulumi up`,
  );
}

export interface ConfKey {
  readonly server: string;
  readonly change: "added" | "removed" | "changed";
  readonly name: string;
  /** The default; of a changed one the old and the new. */
  readonly value: string;
}

/** What an update would bring. */
export interface Changes {
  readonly branch: string;
  /** The commit that is live, and the one that would be. */
  readonly from: string;
  readonly to: string;
  readonly commits: readonly { readonly id: string; readonly subject: string }[];
  readonly sql: readonly { readonly database: string; readonly file: string }[];
  readonly keys: readonly ConfKey[];
  /** A release that is built and waits to go live. */
  readonly waits?: string;
  /** Why that commit failed when it was tried; nights leave it alone. */
  readonly failed?: string;
  /** Why the live release is to be built anew whatever the branch has: a library or the compiler is another one now. */
  readonly anew: readonly string[];
}

/** @param said what `server/actions/update.sh check` printed */
export function changesIn(said: string): Changes {
  const lines = said.split("\n");
  const one = (key: string): string => lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? "";
  const all = (word: string): string[][] =>
    lines.filter((line) => line.startsWith(`${word}\t`)).map((line) => line.split("\t").slice(1));
  const [from, to, waits, failed] = [one("from"), one("base"), one("waits"), one("failed")];
  if (from === "" || to === "") throw new Failure("the host's answer was cut off; run it again");
  return {
    ...{ branch: one("branch"), from, to },
    commits: all("commit").map(([id = "", ...subject]) => ({ id, subject: plain(subject.join(" ")) })),
    sql: all("sql").map(([database = "", file = ""]) => ({ database, file })),
    keys: all("key").map(([server = "", change = "", name = "", value = ""]) => ({
      ...{ server, change: change as ConfKey["change"], name, value: plain(value) },
    })),
    anew: all("anew").map(([why = ""]) => why),
    ...(waits ? { waits } : {}),
    ...(failed ? { failed } : {}),
  };
}

/** Whether there is anything to update to. */
export const isNews = ({ from, to, waits, anew }: Changes): boolean =>
  from !== to || waits !== undefined || anew.length > 0;

/** What strangers wrote may change what a terminal shows. */
const plain = (text: string): string => text.replaceAll(/\p{C}/gu, "?");

const MANY = 20;

/** For people. */
export function inWords({ branch, from, to, commits, sql, keys, waits, failed, anew }: Changes): string {
  const short = (id: string) => id.slice(0, 12);
  const waiting = [
    ...(waits ? [`releases/${waits} waits to go live`] : []),
    ...(failed ? [`nights leave it alone: ${failed}; to try it again: npm run realm -- update ${to}`] : []),
    ...anew.map((why) => `it is built anew: ${why}`),
  ];
  if (from === to) return [`${short(from)} is the newest of ${branch}: nothing would come`, ...waiting].join("\n");
  const some = (lines: readonly string[]): string[] =>
    lines.length > MANY ? [...lines.slice(0, MANY), `  … and ${lines.length - MANY} more`] : [...lines];
  const part = (title: string, lines: readonly string[]): string[] => (lines.length > 0 ? [title, ...some(lines)] : []);
  const databases = [...new Set(sql.map(({ database }) => database))].sort();
  return [
    `${short(from)} is live; ${short(to)} of ${branch} would come`,
    ...waiting,
    ...part(
      `${commits.length} commit${commits.length === 1 ? "" : "s"}`,
      commits.map(({ id, subject }) => `  ${short(id)} ${subject}`),
    ),
    ...databases.flatMap((database) => {
      const files = sql.filter((each) => each.database === database).map(({ file }) => `  ${file}`);
      return part(`${files.length} SQL file${files.length === 1 ? "" : "s"} for ${database}`, files);
    }),
    ...part(
      "keys of the confs",
      keys.map(({ server, change, name, value }) => `  ${server}.conf: ${name} ${change} (${value})`),
    ),
  ].join("\n");
}
