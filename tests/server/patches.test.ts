/** Patches of any kind are applied byte for byte, or refused with the reason. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCustomSql } from "../../components/core/custom-sql";
import { readPatches, sourcePlan } from "../../components/core/source";
import { load } from "../unit/settings/source";
import { applied, sourceArgs as args, prepared, root } from "./built";
import { facts, onLab } from "./facts-of";
import { lab, type Machine } from "./on-machine";

const src = `${root}/src`;
const git = `cd ${src} && runuser -u trinity -- git`;
const folder = mkdtempSync(join(tmpdir(), "patches-"));

/** As the program reads and sends the operator's files; the names and texts are given in Latin-1. */
function patched(texts: Readonly<Record<string, string>>) {
  const paths = Object.entries(texts).map(([name, text]) => {
    writeFileSync(join(folder, name), text, "latin1");
    return join(folder, name);
  });
  const plan = sourcePlan(onLab(load({})), facts(), readPatches(paths));
  const { patches = [], patchesSum = "" } = plan.args;
  return { args: { ...args, patches, patchesSum }, files: plan.files ?? {} };
}

const creating = (file: string, lines: readonly string[]) =>
  `diff --git a/${file} b/${file}\nnew file mode 100644\n--- /dev/null\n+++ b/${file}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join("")}`;
const changing = (file: string, head: string, lines: readonly string[]) =>
  `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n@@ ${head} @@\n${lines.map((line) => `${line}\n`).join("")}`;

lab.describe("patches", () => {
  let machine: Machine;
  let first: string;
  const apply = ({ args, files }: ReturnType<typeof patched>) => applied(machine, "source", args, files);
  const fails = (texts: Readonly<Record<string, string>>) => {
    const { args, files } = patched(texts);
    const { code, err } = machine.apply("source", "source", args, {}, files);
    expect(code).not.toBe(0);
    return err;
  };
  const bytes = (file: string) =>
    Buffer.from(machine.sh(`${git} show HEAD:${file} | base64 -w0`), "base64").toString("latin1");
  let version: string;

  beforeAll(() => {
    machine = prepared("t-patches");
    applied(machine, "source", args);
    first = machine.sh(`${git} rev-parse HEAD`);
    version = machine.exec(`${git} show HEAD:src/common/Version.cpp`).out;
  }, 300_000);
  afterAll(() => machine?.stop());
  afterEach(() => applied(machine, "source", args), 60_000);

  const top = () => version.split("\n").slice(0, 3);
  const onTop = (line: string) =>
    changing("src/common/Version.cpp", "-1,3 +1,4 @@", [`+${line}`, ...top().map((text) => ` ${text}`)]).replace(
      "@@ @@",
      "@@",
    );

  it("are a commit that is the same every time, and that an earlier version's record knows", () => {
    const one = patched({ "a.patch": onTop("// patched") });
    expect(machine.observe("source", "source", one.args)).toEqual([`${src} has other patches than a.patch`]);
    apply(one);
    const head = machine.sh(`${git} rev-parse HEAD; ${git} status --porcelain; ${git} rev-parse HEAD^`);
    expect(head).toMatch(new RegExp(`^[0-9a-f]{40}\n${first}$`));
    expect(machine.sh(`grep ^patches= ${root}/work/source || grep -rh ^patches= /var/lib/trinity-stack`)).toBe(
      `patches=${machine.sh("sha256sum | cut -c 1-16", { stdin: onTop("// patched") })}`,
    );
    applied(machine, "source", args);
    apply(one);
    expect(machine.sh(`${git} rev-parse HEAD; ${git} rev-parse HEAD^`)).toBe(head);
  }, 60_000);

  it("keep every byte: Latin-1, line ends of Windows, marks of UTF-8, a last context line that is empty, escapes", () => {
    const old = ["caf\xe9", "\xef\xbb\xbf#pragma once", "windows\r", "\\x41 %41 %", "tab\t\x0c\x1b[2J", "last", "", ""];
    const made = { "1.patch": creating("odd.txt", old) };
    const change = ["caf\xe9", "\xef\xbb\xbf#pragma once", "windows\r", "\\x41 %41 %", "tab\t\x0c\x1b[2J"].map(
      (line) => ` ${line}`,
    );
    // The last two lines are empty; an editor took the blank of the first of them away.
    const changes = changing("odd.txt", "-1,8 +1,9", [...change, "-last", "+na\xefve\r", "+last", "", " "]);
    apply(patched({ ...made, "2.patch": changes }));
    expect(bytes("odd.txt")).toBe([...old.slice(0, 5), "na\xefve\r", "last", "", "", ""].join("\n"));
    expect(machine.observe("source", "source", patched({ ...made, "2.patch": changes }).args)).toEqual([]);
  }, 60_000);

  it("may hold binary data as git writes it, begin with an editor's mark and lack the last line's end", () => {
    const binary = machine.exec(
      `d=$(mktemp -d); cd $d; git init -q; { printf "\\0"; head -c 299 /dev/urandom; } >b.bin; git add b.bin; git diff --cached --binary`,
    ).out;
    apply(patched({ "b.patch": `\xef\xbb\xbf${binary}`, "c.patch": creating("c.txt", ["one", "two"]).trimEnd() }));
    expect(machine.sh(`${git} cat-file -s HEAD:b.bin; ${git} show HEAD:c.txt`)).toBe("300\none\ntwo");
  }, 60_000);

  it("are applied the same whatever the service user's git is told to do about blanks", () => {
    machine.sh(
      "git config --file ~trinity/.gitconfig apply.ignoreWhitespace change; git config --file ~trinity/.gitconfig apply.whitespace fix",
    );
    const err = fails({ "b.patch": onTop("// blank").replace(` ${top()[0]}`, ` ${top()[0]}  `) });
    machine.sh("rm ~trinity/.gitconfig");
    expect(err).toContain("the patch b.patch does not apply");
  }, 60_000);

  it.each([
    [
      "the line ends of Windows throughout",
      () => onTop("// x").replaceAll("\n", "\r\n"),
      /^error: the patch x\.patch has the line ends of Windows, the sources have not.*\n {2}on your machine: sed -i 's\/\\r\$\/\/' x\.patch/,
    ],
    [
      "other lines",
      () => onTop("// x").replaceAll(" #include", " #exclude"),
      /the patch x\.patch does not apply to [0-9a-f]{12}\n(.*\n)*.*trinitycore:core\.source\.patches/,
    ],
    [
      "binary data left out",
      () =>
        "diff --git a/x.bin b/x.bin\nnew file mode 100644\nindex 0000000..1234567\nBinary files /dev/null and b/x.bin differ\n",
      /does not apply.*\n.*cannot apply binary patch to 'x\.bin' without full index line/,
    ],
    ["no hunk at all", () => "--- \n", /does not apply/],
  ])(
    "with %s are refused with the reason",
    (_, text, reason) => {
      expect(fails({ "x.patch": text() })).toMatch(reason);
    },
    60_000,
  );

  it("that lost the line ends of Windows are refused with the reason", () => {
    const made = creating("w.txt", ["one\r", "two\r"]);
    const err = fails({ "1.patch": made, "2.patch": changing("w.txt", "-1,2 +1,2", [" one", "-two", "+three"]) });
    expect(err).toMatch(/^error: the sources have the line ends of Windows, the patch 2\.patch has not/);
  }, 60_000);

  it("and custom SQL are one commit, which holds it whatever git is told to ignore, and keeps what was there", () => {
    const own = mkdtempSync(join(tmpdir(), "custom-"));
    mkdirSync(join(own, "world"));
    const long = `-- ${"x".repeat(70)} %41 \\x41\r\n`.repeat(2000);
    writeFileSync(join(own, "world/mine.sql"), long);
    writeFileSync(join(own, "world/more.sql"), "SELECT 1;\n");
    const plan = () => sourcePlan(onLab(load({})), facts(), [], readCustomSql(own));
    const wanted = () => ({
      args: { ...args, patchesSum: "", ...plan().args, patches: [], repository: args.repository },
      files: plan().files ?? {},
    });
    machine.sh(
      `cd ${src}/sql/custom/world && runuser -u trinity -- sh -c 'echo theirs >mine.sql; echo other >other.sql'`,
    );
    const others = (names: string) =>
      `! ${src} has SQL that goes into no release: ${names}; to have it applied, take it to your machine and name its folder: trinitycore:core.source.customSql`;
    expect(machine.observe("source", "source", args)).toEqual([
      others("sql/custom/world/mine.sql, sql/custom/world/other.sql"),
    ]);
    expect(machine.observe("source", "source", wanted().args)[0]).toBe(
      `${src} has other custom SQL than world/mine.sql,world/more.sql`,
    );
    expect(apply(wanted())).toMatch(
      /own sql\/custom\/world\/mine\.sql is kept as world\/mine\.before-[0-9-]+\.sql beside it/,
    );
    expect(bytes("sql/custom/world/mine.sql")).toBe(long);
    expect(machine.sh(`${git} status --porcelain; cat sql/custom/world/mine.before-*; ${git} rev-parse HEAD^`)).toBe(
      `theirs\n${first}`,
    );
    const head = machine.sh(`${git} rev-parse HEAD`);
    expect(machine.observe("source", "source", wanted().args)).toEqual([
      expect.stringMatching(/^! .*mine\.before-[0-9-]+\.sql, sql\/custom\/world\/other\.sql; /),
    ]);
    machine.sh(`rm ${src}/sql/custom/world/{mine.before-*,other.sql}`);
    writeFileSync(join(own, "world/more.sql"), "SELECT 2;\n");
    expect(machine.observe("source", "source", wanted().args)).toEqual([
      `${src} has other custom SQL than world/mine.sql,world/more.sql`,
    ]);
    apply(wanted());
    expect(machine.sh(`${git} rev-parse HEAD`)).not.toBe(head);
    // Edited on the server it is seen, and put right with the edit kept as a patch.
    machine.sh(`runuser -u trinity -- sh -c 'echo edited >>${src}/sql/custom/world/more.sql'`);
    expect(machine.observe("source", "source", wanted().args)).toEqual([
      `${src} has 1 changed file: sql/custom/world/more.sql`,
    ]);
    apply(wanted());
    applied(machine, "source", args);
    expect(machine.sh(`${git} rev-parse HEAD; ls ${src}/sql/custom/world`)).toBe(first);
  }, 60_000);

  it("that are there already, or did not arrive whole, are named", () => {
    expect(fails({ "b.patch": onTop("// twice"), "a.patch": onTop("// twice") })).toMatch(
      /^error: [0-9a-f]{12} already has what the patch a\.patch does\n {2}take it out of trinitycore:core\.source\.patches\n$/,
    );
    const one = patched({ "a.patch": onTop("// cut") });
    const cut = { "patch.1": Buffer.from(onTop("// cut").slice(0, -20)) };
    expect(machine.apply("source", "source", one.args, {}, cut).err).toMatch(
      /^error: the patches did not arrive whole/,
    );
    expect(machine.apply("source", "source", one.args).err).toMatch(/error: the patches did not arrive whole/);
  }, 60_000);
});
