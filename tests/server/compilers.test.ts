/** Compilers that will not do are told in the preview, where that is known. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "./on-machine";

const item = "src/server/game/Entities/Item/Item.cpp";
const finds = "auto a = std::ranges::find_if(b, c);\n";

describe("a compiler", () => {
  let root: string;
  const put = (file: string, text: string) => {
    mkdirSync(dirname(join(root, "src", file)), { recursive: true });
    writeFileSync(join(root, "src", file), text);
  };
  /** What is told by one of its functions, on a server with that compiler and Boost. */
  const told = (words: string, version: string, more = "") => {
    const around = `. server/lib/core.sh; . server/kinds/build/compilers.sh; ARG=([root]=${root} [user]=x [compiler]=gcc); read_as_user() { cat "$2" 2>/dev/null; }
      source_record() { echo ${root}/record; }; compiler_version() { echo ${version}; }\n${more}`;
    return run("bash", ["-c", `${around}\n${words}`]).out.trimEnd();
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "compilers-"));
    writeFileSync(join(root, "record"), "head=1\n");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it.each([
    [
      "10.2.1",
      "g++ here is 10.2.1, and this source wants 11.1.0 or later; another compiler: pulumi config set --path trinitycore:core.build.compiler clang, or an earlier commit: trinitycore:core.source.commit",
    ],
    ["11.1.0", ""],
    ["13.3.0", ""],
  ])("of version %s is held against what the source asks for", (version, says) => {
    put("cmake/compiler/gcc/settings.cmake", "set(GCC_EXPECTED_VERSION 11.1.0)\n");
    expect(told("too_old_tools", version)).toBe(says);
  });

  it("of a source that asks for nothing, or is not there yet, is taken", () => {
    expect(told("too_old_tools", "4.8.0")).toBe("");
    put("cmake/compiler/gcc/settings.cmake", "# nothing\n");
    expect(told("too_old_tools", "4.8.0")).toBe("");
  });

  it("may have the lowest of the versions that a source names", () => {
    put(
      "cmake/compiler/clang/settings.cmake",
      "set(CLANG_EXPECTED_VERSION 11.0.0)\nif(APPLE)\n  set(CLANG_EXPECTED_VERSION 12.0.5)\nendif()\n",
    );
    expect(told("too_old_tools", "11.0.1", "ARG[compiler]=clang")).toBe("");
    expect(told("too_old_tools", "10.0.0", "ARG[compiler]=clang")).toMatch(
      /^clang\+\+ here is 10\.0\.0, and this source wants 11\.0\.0 .*build\.compiler gcc/,
    );
  });

  it.each([
    [
      "12.2.0",
      finds,
      "",
      "GCC 12 is known not to build this source (Item.cpp lacks #include <algorithm>); unless that is mended there: pulumi config set --path trinitycore:core.build.options.CMAKE_CXX_FLAGS -- '-include algorithm'",
    ],
    ["14.2.0", finds, "", ""],
    ["12.2.0", `#include <algorithm>\n${finds}`, "", ""],
    ["12.2.0", "int a;\n", "", ""],
    ["12.2.0", finds, "ARG[options]='CMAKE_CXX_FLAGS=-O1 -include algorithm'", ""],
  ])("of version %s with a source of %j is known to fail, or not", (version, text, more, says) => {
    put(item, text);
    expect(told("tools_known_to_fail", version, more)).toBe(says);
  });
});
