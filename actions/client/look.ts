/** What `server/extract/run.sh look` says of a client. */

export interface ClientLook {
  /** As its Wow.exe has it; undefined where that does not say. */
  readonly build: string | undefined;
  readonly locales: readonly string[];
  readonly bytes: number;
  readonly notes: readonly string[];
  /** Why it cannot be extracted, a sentence each. */
  readonly wrong: readonly string[];
}

export function readLook(answer: string): ClientLook {
  const all = (word: string) =>
    answer.split("\n").flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  return {
    build: all("build")[0],
    locales: all("locales").flatMap((line) => line.split(" ").filter(Boolean)),
    bytes: Number(all("bytes")[0] ?? 0),
    notes: all("note"),
    wrong: all("wrong"),
  };
}
