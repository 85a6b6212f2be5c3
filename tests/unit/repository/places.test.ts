/** Where the stack keeps its own things on a host is written once in the program, and once in the shell. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { withLayout } from "../../../components/layout";
import { LIBEXEC, STATE_DIR } from "../../../steps/places";
import { load } from "../settings/source";

const root = join(__dirname, "../../..");
const files = (folders: readonly string[], ending: string) =>
  folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
const rooms = ["program", "settings", "ssh", "steps", "components", "actions", "cli"];
const program = ["index.ts", ...files(rooms, ".ts")];
const shell = [...files(["server"], ".sh"), ...files(["server"], ".awk")];

/** A file without its comments, which name no place to use. */
const code = (file: string) =>
  readFileSync(join(root, file), "utf8")
    .split("\n")
    .filter((line) => !/^\s*(#|\/\/|\/?\*)/.test(line))
    .join("\n");

/** The files that have a place, each as often as it is there. */
const users = (those: readonly string[], place: string) =>
  those.flatMap((file) =>
    code(file)
      .split(new RegExp(`${place}(?![\\w-])`))
      .slice(1)
      .map(() => file),
  );

it.each([STATE_DIR, LIBEXEC])("%s is written once in the program, and once in the shell", (place) => {
  expect(users(program, place)).toEqual(["steps/places.ts"]);
  expect(users(shell, place)).toEqual(["server/run/places.sh"]);
});

it("the stack's own names on a host are written once in the shell", () => {
  const names = shell.flatMap((file) =>
    [...code(file).matchAll(/[\w./-]*\btrinity-[\w.-]*/g)].map(([name]) => ({ file, name })),
  );
  expect(names.filter(({ file }) => file !== "server/run/places.sh")).toEqual([]);
  const all = names.map(({ name }) => name);
  // Jobs, their logs, the guard, ufw, needrestart and drop-ins, what is set aside, …
  expect(all.length).toBeGreaterThan(8);
  expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([]);
});

it("the unit of backups on demand has the same name in both", () => {
  const { host } = withLayout(load({}), { pageRealm: undefined, realmKeys: new Set() }).layout;
  expect(code("server/run/places.sh")).toContain(`BACKUP_UNIT=${host.backups.nowUnit}\n`);
});

it("no script knows a place that the program tells it", () => {
  expect(users(shell, "/etc/trinity-stack")).toEqual([]);
  expect(users(shell, "(auth|world)server\\.service")).toEqual([]);
});

it.each([/"(\/etc\/[\w.-]+)"/g, /"(\/usr\/local\/[\w./-]+)"/g])(
  "no path of the program's own is written twice (%s)",
  (pattern) => {
    const named = program.flatMap((file) =>
      [...readFileSync(join(root, file), "utf8").matchAll(pattern)].map(([, path = ""]) => path),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((path, at) => named.indexOf(path) !== at)).toEqual([]);
  },
);
