import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../program/failure";

/** A file with the operator's own SQL: its path below sql/custom of the source, and its bytes. */
export interface CustomSql {
  readonly name: string;
  readonly content: Buffer;
}

/** The stack's state keeps the files, so they must not be big. */
const LIMIT_MIB = 4;
const KEY = "trinitycore:core.source.customSql";
const databases = ["auth", "characters", "world"];

/**
 * Reads the files of a folder with the subfolders auth, characters and world.
 * @throws Failure that names the file that cannot be sent, and why
 */
export function readCustomSql(folder: string): readonly CustomSql[] {
  if (folder === "") return [];
  const files = databases.flatMap((database) => sqlIn(folder, database));
  const unknownFolder = entries(folder).find((name) => !databases.includes(name) && !name.startsWith("."));
  if (unknownFolder !== undefined) {
    throw new Failure(
      `${KEY}: ${join(folder, unknownFolder)} is for no database: the subfolders are ${databases.join(", ")}`,
    );
  }
  if (files.length === 0) {
    throw new Failure(`${KEY}: ${folder} has no file such as ${join(folder, "world", "my-vendor.sql")}`);
  }
  const size = files.reduce((sum, { content }) => sum + content.length, 0);
  if (size > LIMIT_MIB * 1024 * 1024) {
    throw new Failure(
      `${KEY}: together the files have ${Math.ceil(size / 1024 / 1024)} MiB, at most ${LIMIT_MIB} can be sent; ` +
        "commit them to a fork, in sql/custom, and name it in trinitycore:core.source.repository",
    );
  }
  return files;
}

function sqlIn(folder: string, database: string): CustomSql[] {
  const inside = join(folder, database);
  return entries(inside)
    .filter((name) => !name.startsWith("."))
    .map((name) => {
      const path = join(inside, name);
      if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*\.sql$/.test(name)) {
        throw new Failure(`${KEY}: ${path} should be a file with a plain name that ends in .sql`);
      }
      return { name: `${database}/${name}`, content: content(path) };
    });
}

/** A file's bytes without a byte order mark, which is no SQL, and with a line break at the end. */
function content(path: string): Buffer {
  const bytes = readFileSync(path);
  if (bytes.includes(0)) throw new Failure(`${KEY}: ${path} is no text in UTF-8`);
  const begin = bytes.toString("latin1", 0, 3) === "\xef\xbb\xbf" ? 3 : 0;
  return Buffer.concat([bytes.subarray(begin), Buffer.from(bytes.at(-1) === 0x0a ? "" : "\n")]);
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Failure(`${KEY}: ${folder} is not a folder that can be read on this machine`);
  }
}
