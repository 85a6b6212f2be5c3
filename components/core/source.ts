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

/** The stack's state keeps the patches, so they must not be big. */
const PATCHES_LIMIT = 1024 * 1024;

/**
 * Reads the patches in the order given, and only changes what git cannot apply: a byte order mark, a missing line break
 * at the end.
 * @throws Failure that names the file that cannot be sent, and why; or says that they are too big
 */
export function readPatches(paths: readonly string[]): readonly Patch[] {
  const patches = paths.map((path) => {
    const content = readFileSync(path);
    const problem = problemOf(content);
    if (problem) throw new Failure(`trinitycore:core.source.patches: ${path} ${problem}`);
    return { name: basename(path), content: tidy(content) };
  });
  const size = patches.reduce((sum, { content }) => sum + content.length, 0);
  if (size > PATCHES_LIMIT) {
    throw new Failure(
      `trinitycore:core.source.patches: together they have ${Math.ceil(size / 1024)} KiB, ` +
        `at most ${PATCHES_LIMIT / 1024} can be sent; ` +
        "commit them to a fork and name it in trinitycore:core.source.repository",
    );
  }
  return patches;
}

/** The byte order mark of UTF-8, read as latin1. */
const UTF8_MARK = "\xef\xbb\xbf";

function problemOf(content: Buffer): string | undefined {
  const text = content.toString("latin1");
  if (/^(\xff\xfe|\xfe\xff|\0?d\0i\0f\0f)/.test(text)) {
    return "is in UTF-16, as PowerShell's `git diff > FILE` writes it; make it with `git diff --output=FILE`";
  }
  if (text.includes("\0")) return "holds binary data; `git diff --binary --output=FILE` makes one that can be sent";
  return /^(?:\xef\xbb\xbf)?(?:diff --git |--- )/m.test(text) ? undefined : "is not a patch (git diff > FILE)";
}

/** A patch without a byte order mark, and with the line break at the end that git needs. */
function tidy(content: Buffer): Buffer {
  const begin = content.toString("latin1", 0, 3) === UTF8_MARK ? 3 : 0;
  const end = content.at(-1) === 0x0a ? "" : "\n";
  return Buffer.concat([content.subarray(begin), Buffer.from(end)]);
}

/**
 * The checkout of the source: one commit, or the branch's tip at the first checkout. The patches and the operator's SQL
 * are a commit on top.
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
      // The job that runs git hides both.
      secretsFolder: settings.layout.login.server.secrets,
      socket: distribution(facts.os).mariadb.socket,
      repository,
      branch,
      commit,
      knownHosts,
      patches: patches.map(({ name }) => name),
      ...(patches.length > 0 ? { patchesSum: sumOf(patches) } : {}),
      // Left out where there is none, because the receipts of earlier versions do not have it.
      ...(customSql.length > 0 ? { customSql: customSql.map(({ name }) => name), customSqlSum: sumOf(customSql) } : {}),
    },
    ...(Object.keys(files).length > 0 ? { files } : {}),
    ...(deployKey ? { secrets: { deployKey } } : {}),
  };
}

/** A short hash of the files, by which a changed file is noticed. */
function sumOf(files: readonly { readonly content: Buffer }[]): string {
  return createHash("sha256")
    .update(Buffer.concat(files.map(({ content }) => content)))
    .digest("hex")
    .slice(0, 16);
}
