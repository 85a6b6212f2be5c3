import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Failure } from "../../program/failure";
import type { Facts } from "../../steps/facts";
import type { Plan } from "../../steps/plan";
import { distribution } from "../host/distribution";
import type { WithLayout } from "../layout";
import type { CustomSql } from "./custom-sql";

export interface Patch {
  readonly name: string;
  readonly content: Buffer;
}

/** They are kept in the stack's state. */
const PATCHES_LIMIT = 1024 * 1024;

/**
 * The patches as the operator's files have them, byte for byte, in the order given.
 * @throws Failure naming the file that cannot be sent and why, or that they are too many.
 */
export function readPatches(paths: readonly string[]): readonly Patch[] {
  const patches = paths.map((path) => {
    const content = readFileSync(path);
    const problem = unfit(content);
    if (problem) throw new Failure(`trinitycore:core.source.patches: ${path} ${problem}`);
    return { name: basename(path), content: tidy(content) };
  });
  const size = patches.reduce((sum, { content }) => sum + content.length, 0);
  if (size > PATCHES_LIMIT) {
    throw new Failure(
      `trinitycore:core.source.patches: together they have ${Math.ceil(size / 1024)} KiB, at most ${PATCHES_LIMIT / 1024} can be sent; commit them to a fork and name it in trinitycore:core.source.repository`,
    );
  }
  return patches;
}

/** What an editor may put at the front of a file in UTF-8, seen as bytes. */
const UTF8_MARK = "\xef\xbb\xbf";

function unfit(content: Buffer): string | undefined {
  const text = content.toString("latin1");
  if (/^(\xff\xfe|\xfe\xff|\0?d\0i\0f\0f)/.test(text)) {
    return "is in UTF-16, as PowerShell's `git diff > FILE` writes it; make it with `git diff --output=FILE`";
  }
  if (text.includes("\0")) return "holds binary data; `git diff --binary --output=FILE` makes one that can be sent";
  return /^(?:\xef\xbb\xbf)?(?:diff --git |--- )/m.test(text) ? undefined : "is not a patch (git diff > FILE)";
}

/** Without the mark at the front, which is no part of the patch, and with an end of its last line, which git needs. */
function tidy(content: Buffer): Buffer {
  const begin = content.toString("latin1", 0, 3) === UTF8_MARK ? 3 : 0;
  const end = content.at(-1) === 0x0a ? "" : "\n";
  return Buffer.concat([content.subarray(begin), Buffer.from(end)]);
}

/**
 * The checkout: a branch's tip when it is first made, or one commit; with the patches and the operator's SQL as a
 * commit on top.
 */
export function sourcePlan(
  settings: Pick<WithLayout, "host" | "core" | "layout">,
  facts: Facts,
  patches: readonly Patch[],
  customSql: readonly CustomSql[] = [],
): Plan {
  const { repository, branch, commit, deployKey, knownHosts } = settings.core.source;
  const files = {
    ...Object.fromEntries(patches.map(({ content }, i) => [`patch.${i + 1}`, content])),
    ...Object.fromEntries(customSql.map(({ content }, i) => [`sql.${i + 1}`, content])),
  };
  return {
    step: settings.layout.core.receipts.source,
    kind: "source",
    args: {
      root: settings.layout.core.root,
      user: settings.host.user.name,
      // The job is kept from both.
      secretsFolder: settings.layout.login.server.secrets,
      socket: distribution(facts.os).mariadb.socket,
      repository,
      branch,
      commit,
      knownHosts,
      patches: patches.map(({ name }) => name),
      ...(patches.length > 0 ? { patchesSum: sumOf(patches) } : {}),
      // Not named while there is none: the receipts of earlier versions do not know it.
      ...(customSql.length > 0 ? { customSql: customSql.map(({ name }) => name), customSqlSum: sumOf(customSql) } : {}),
    },
    ...(Object.keys(files).length > 0 ? { files } : {}),
    ...(deployKey ? { secrets: { deployKey } } : {}),
  };
}

/** Tells other files from those that the checkout was made with. */
function sumOf(files: readonly { readonly content: Buffer }[]): string {
  return createHash("sha256")
    .update(Buffer.concat(files.map(({ content }) => content)))
    .digest("hex")
    .slice(0, 16);
}
