import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { asked } from "../../../components/layout";
import { fingerprint } from "../../../ssh/session";
import { asRoot, markedCommand, quote } from "../../../ssh/shell";
import { bundleVersion, pack, serverScripts, startPacking } from "../../../steps/bundle";
import { argWords, refuseTooLong, undoWords } from "../../../steps/command-text";
import { factsQuestions, readFacts } from "../../../steps/facts";
import { STATE_DIR } from "../../../steps/places";
import { load } from "../settings/source";

describe("quote", () => {
  it("brings any word through a shell as itself", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 40 }).map((text) => Buffer.from(text).toString()),
        (word) => {
          fc.pre(!word.includes("\0"));
          expect(execFileSync("sh", ["-c", `printf %s ${quote(word)}`]).toString()).toBe(word);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("leaves plain words readable", () => {
    expect(quote("port=8085/tcp")).toBe("port=8085/tcp");
    expect(quote("it's")).toBe("'it'\\''s'");
    expect(quote("")).toBe("''");
  });
});

/** Any characters, and more of those that mean something to some shell. */
const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 24 }).map((text) => Buffer.from(text).toString()),
  fc.string({ unit: fc.constantFrom(..."'\"`$\\;&|<>(){}[]#%!*?~=^,:@+- \t\n\raZ0_./é☃"), maxLength: 24 }),
);

describe("argWords", () => {
  it("is the same text for the same plan, whatever the order", () => {
    expect(argWords({ b: ["x", "y"], a: true, c: 3 })).toEqual(["a=true", "b=x,y", "c=3"]);
  });

  it("leaves what a preview shows readable", () => {
    expect(
      argWords({
        address: "wow.example.net:8085",
        lines: ["[worldserver]", 'Motd = "Welcome, stranger!"', "Rate = -1"],
        ports: ["3724/tcp", "8085/tcp"],
        root: "/var/lib/trinity/Projects/trinity-335",
      }),
    ).toEqual([
      "address=wow.example.net:8085",
      "lines=%5Bworldserver%5D,Motd+=+%22Welcome%2C+stranger%21%22,Rate+=+-1",
      "ports=3724/tcp,8085/tcp",
      "root=/var/lib/trinity/Projects/trinity-335",
    ]);
  });

  it("has no character that could mean something to a shell", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(argWords({ text })[0]).toMatch(/^text=[A-Za-z0-9_./:,@%+=-]*$/);
        expect(argWords({ text })[0]).not.toMatch(/[=:,]=/);
      }),
    );
  });

  it("refuses what is too long for a command, by the step and its longest parameter", () => {
    expect(() => refuseTooLong("unit", argWords({ root: "/x", lines: "x".repeat(119_000) }))).not.toThrow();
    expect(() => refuseTooLong("unit", argWords({ root: "/x", lines: "ü".repeat(22_000) }))).toThrow(
      /the step unit .* 129 KiB, at most 120 .* "lines"/,
    );
  });
});

describe("what a command carries, by the login shell", () => {
  const shells = ["sh", "bash", "dash", "zsh", "tcsh", "csh", "fish", "ksh", "mksh", "yash"];
  const present = shells.filter((shell) => spawnSync("sh", ["-c", `command -v ${shell}`]).status === 0);

  it.each(present)("%s: every word is handed on as it is", (shell) => {
    fc.assert(
      fc.property(hostile, hostile, (one, two) => {
        const words = argWords({ one, two }).join(" ");
        expect(execFileSync(shell, ["-c", `/bin/echo ${words}`]).toString()).toBe(`${words}\n`);
      }),
      { numRuns: 15 },
    );
  });

  it.each(present)("%s: what undoes a step is taken as bash takes it", (shell) => {
    const undo = undoWords("firewall", "0a1b2c3d").replaceAll(STATE_DIR, folder);
    mkdirSync(join(folder, "receipts/firewall"), { recursive: true });
    writeFileSync(join(folder, "receipts/firewall/undo"), 'printf "<%s>" "$@"');
    expect(execFileSync(shell, ["-c", undo]).toString()).toBe("<0a1b2c3d>");
    rmSync(join(folder, "receipts/firewall/undo"));
    expect(execFileSync(shell, ["-c", undo]).toString()).toBe("");
  });
  const folder = mkdtempSync(join(tmpdir(), "state-"));

  it.each(present)("%s: a script behind its mark is read by bash", (shell) => {
    const { command, first, mark } = markedCommand("root");
    const input = `${first}printf '%s' "\${BASH_VERSION:+bash} $1"`;
    expect(execFileSync(shell, ["-c", command], { input }).toString()).toBe(`${mark}\nbash ${mark}`);
  });

  it.each(present)("%s: which reads that script in the place of bash does not come to the mark", (shell) => {
    const { first, mark } = markedCommand("root");
    const { stdout } = spawnSync(shell, [], { input: `${first}echo on\n`, encoding: "utf8" });
    expect(stdout).not.toContain(mark);
  });
});

it("asks sudo never to ask", () => {
  expect(asRoot("root", "id")).toBe("id");
  expect(asRoot("ops", "id")).toBe("sudo -n id");
});

describe("the scripts' archive", () => {
  it("has every script, the same bytes each time, readable by its owner alone", async () => {
    const files = serverScripts();
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["step.sh", "run/observe.sh", "lib/core.sh", "kinds/scripts.sh"]),
    );
    const archive = await pack(files);
    expect(archive.equals(await pack(files))).toBe(true);
    const folder = mkdtempSync(join(tmpdir(), "bundle-"));
    execFileSync("tar", ["-xz", "-C", folder], { input: archive });
    expect(readdirSync(folder)).toContain("step.sh");
    const modes = execFileSync("find", [folder, "-type", "f", "-perm", "/077"]).toString();
    expect(modes).toBe("");
  });

  it("can be on its way before its last files are known", async () => {
    const { stream, end } = startPacking([{ path: "first", content: randomBytes(100_000) }]);
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    while (Buffer.concat(chunks).length < 50_000) await once(stream, "data");
    end([{ path: "last", content: "x" }]);
    await once(stream, "end");
    expect(execFileSync("tar", ["-tz"], { input: Buffer.concat(chunks) }).toString()).toBe("first\nlast\n");
  });

  it("has another version when a name or a byte changes", () => {
    const version = bundleVersion([{ path: "a", content: "x" }]);
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(bundleVersion([{ path: "a", content: "y" }])).not.toBe(version);
    expect(bundleVersion([{ path: "b", content: "x" }])).not.toBe(version);
  });
});

describe("facts.sh and readFacts", () => {
  it("agree with each other on this machine", () => {
    const answer = execFileSync("bash", { input: factsQuestions(asked(load({}))) })
      .toString()
      .replace("systemd no", "systemd yes");
    const facts = readFacts(answer);
    expect(facts.cores).toBeGreaterThan(0);
    expect(facts.memoryMB).toBeGreaterThan(100);
    expect(facts.os.id).not.toBe("");
  });

  const good = "os.id debian\nos.versionId 12\nsystemd yes\ndatabase auth:utf8mb4\ndatabases seen\nfacts end\n";
  it("knows databases only when MariaDB answered", () => {
    expect(readFacts(good).databases).toEqual(new Map([["auth", "utf8mb4"]]));
    expect(readFacts(good.replace("databases seen\n", "")).databases).toBeUndefined();
  });

  it.each([
    ["cut off", good.replace("facts end\n", ""), "cut off"],
    ["no systemd", good.replace("systemd yes", "systemd no"), "systemd does not run"],
  ])("refuse a host: %s", (_, answer, message) => {
    expect(() => readFacts(answer)).toThrow(message);
  });
});

it("shows fingerprints as ssh-keygen does", () => {
  const folder = mkdtempSync(join(tmpdir(), "key-"));
  const key = "AAAAC3NzaC1lZDI1NTE5AAAAIJ1nNB1VM8tNPUSxp8KTpLDVEQhOk3iPkWzoQMyqLfSW";
  writeFileSync(join(folder, "key.pub"), `ssh-ed25519 ${key}\n`);
  const line = execFileSync("ssh-keygen", ["-lf", join(folder, "key.pub")]).toString();
  expect(line.split(" ")[1]).toBe(fingerprint(key));
});
