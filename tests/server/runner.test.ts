import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { argWords } from "../../steps/command-text";
import { filesText, secretLines } from "../../steps/delivery";

// The runner with a kind made for it, in a folder of its own: no server is needed, but root is (files get owners).
const asRoot = process.getuid?.() === 0;
const suite = asRoot ? describe : describe.skip;

/** The template of a kind; by the files that lie beside its own, it does not do what it should. */
const KIND = `${readFileSync("server/run/template.sh", "utf8")}
eval "$(declare -f observe apply | sed -E 's/^(observe|apply) /template_&/')"
there() { [[ -f $(arg folder)/$1 ]]; }
observe() {
  ! there hang || sleep 30
  ! there crash || { echo "no such thing" >&2; return 3; }
  ! there down || blind "it is down"
  template_observe
  ! there tip || hint "a tip"
  ! there harm || { refuse "it would remove b; move b away" && foretell "it stops c"; }
}
apply() {
  note() { echo "$@"; ! there stop || die "stopped half-way" "a detail"; }
  template_apply
  ! there lame || rm -f "$(arg folder)/a"
  ! there slow || wait_for 20 test -f "$(arg folder)/go"
}
`;

suite("the runner", () => {
  let root: string;
  let dir: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "runner-"));
    dir = join(root, "thing");
    cpSync("server", join(root, "server"), { recursive: true });
    writeFileSync(join(root, "server/kinds/thing.sh"), KIND);
    for (const folder of [dir, join(root, "run")]) mkdirSync(folder);
    env = {
      ...process.env,
      TRINITY_STATE_DIR: join(root, "state"),
      TRINITY_LOCK_DIR: join(root, "locks"),
      TRINITY_RUN_DIR: join(root, "run"),
      OBSERVE_SECONDS: "1",
    };
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const words = (step: string, token: string, files: string, owner = "T/n") => [
    join(root, "server/step.sh"),
    ...["apply", step, "thing", token, owner, ...argWords({ folder: dir, files })],
  ];
  const secretLine = (value: string) => secretLines({ password: value });
  const apply = (token: string, files: string, input = "", step = "thing"): SpawnSyncReturns<string> =>
    spawnSync("bash", words(step, token, files), { env, input, encoding: "utf8" });
  const touch = (name: string) => writeFileSync(join(dir, name), "");
  const receipt = (file: string, step = "thing") => readFileSync(join(root, "state/receipts", step, file), "utf8");
  const look = (files: string, secret?: string): string => {
    const copy = mkdtempSync(join(root, "look-"));
    cpSync(join(root, "server"), copy, { recursive: true });
    const request = join(copy, "requests/thing");
    mkdirSync(join(request, "secrets"), { recursive: true });
    writeFileSync(join(request, "kind"), "thing");
    writeFileSync(join(request, "owner"), "T/n");
    writeFileSync(join(request, "args"), `files=${files}\0folder=${dir}\0`);
    if (secret !== undefined) writeFileSync(join(request, "secrets/password"), secret);
    return spawnSync("bash", [join(copy, "run/observe.sh"), "mark"], { env, encoding: "utf8" }).stdout;
  };

  it("applies, writes the receipt, and has nothing to do the second time", () => {
    expect(apply("aaaa1111", "a\nb").stdout).toBe("made a\nmade b\n");
    expect(receipt("token")).toBe("aaaa1111\n");
    expect(receipt("manifest")).toBe(`file ${dir}/a\nfile ${dir}/b\n`);
    expect(apply("aaaa1112", "a\nb").stdout).toBe("as it should be\n");
    expect(receipt("token")).toBe("aaaa1112\n");
    expect(statSync(join(root, "state/receipts/thing")).mode & 0o777).toBe(0o700);
  });

  /** A step whose work is to keep what it was told. */
  const keeping = (input: string | Buffer, ...words: string[]) => {
    writeFileSync(
      join(root, "server/kinds/thing.sh"),
      `observe() { [[ -e $(arg folder)/text ]] || say "it is to be kept"; }
      apply() { printf %s "\${ARG[text]}" >"$(arg folder)/text"; cp -r "$REQUEST/files" "$(arg folder)"; }`,
    );
    const all = ["apply", "thing", "thing", "aaaa1111", "T/n", ...argWords({ folder: dir }), ...words];
    return spawnSync("bash", [join(root, "server/step.sh"), ...all], { env, input, encoding: "utf8" });
  };

  it("is told any text as it is, and keeps it so in the receipt", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 40 }).map((text) => Buffer.from(text.replaceAll("\0", "")).toString()),
          fc.string({ unit: fc.constantFrom(..."%+,\\'\"`$=~ \n\r\tx0é☃"), maxLength: 40 }),
        ),
        (text) => {
          rmSync(join(dir, "text"), { force: true });
          expect(keeping("", ...argWords({ text }))).toMatchObject({ status: 0, stderr: "" });
          expect(readFileSync(join(dir, "text"), "utf8")).toBe(text);
          expect(receipt("args")).toBe(`folder=${dir}\0text=${text}\0`);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("is given any file on stdin as it is", () => {
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(...Buffer.from("%|\\\n\r fsx0"), 0xc3, 0xa9),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), (bytes) => {
        const file = Buffer.from([...bytes, 10]);
        rmSync(join(dir, "text"), { force: true });
        const input = secretLines({ password: "x" }) + filesText({ "file.1": file, "file.2": Buffer.from("end\n") });
        expect(keeping(input, "text=")).toMatchObject({ status: 0, stderr: "" });
        expect(readFileSync(join(dir, "files/file.1")).toString("hex")).toBe(file.toString("hex"));
        expect(readFileSync(join(dir, "files/file.2"), "utf8")).toBe("end\n");
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ["a word that some shell has changed", "", ["text=a b"], "a parameter did not arrive whole: text"],
    ["a word with a byte that no text has", "", ["text=%00"], "a parameter did not arrive whole: text"],
    [
      "another's line before its input",
      "Welcome!\nsecret password eA==\n",
      [],
      "what is on stdin did not arrive whole",
    ],
    ["half a secret", "secret password eA\n", [], "secret password did not arrive whole"],
  ])("does nothing when it is told %s", (_, input, words, error) => {
    const { status, stderr } = keeping(input, ...words);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`error: ${error}\n`)]);
    expect(readdirSync(dir)).toEqual([]);
    expect(existsSync(join(root, "state"))).toBe(false);
  });

  it("does a step again as its receipt has it", () => {
    keeping("", ...argWords({ text: "50% of a,b" }));
    rmSync(join(dir, "text"));
    const again = spawnSync("bash", [join(root, "server/step.sh"), "again", "thing"], { env, encoding: "utf8" });
    expect(again).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(dir, "text"), "utf8")).toBe("50% of a,b");
    expect(receipt("token")).toBe("aaaa1111\n");
  });

  it("does a step again as an `up` that is at work leaves it, and takes nothing from that", async () => {
    apply("aaaa1111", "a");
    const up = await begun("aaaa1112", "a\nb");
    const again = spawn("bash", [join(root, "server/step.sh"), "again", "thing"], { env, stdio: "pipe" });
    let said = "";
    again.stdout.on("data", (data) => {
      said += data;
    });
    const done = new Promise((resolve) => again.on("exit", resolve));
    await new Promise((resolve) => again.stdout.once("data", resolve));
    touch("go");
    expect([await up.ended, await done]).toEqual([0, 0]);
    expect([receipt("token"), receipt("args")]).toEqual(["aaaa1112\n", `files=a\nb\0folder=${dir}\0`]);
    expect(readdirSync(dir).sort()).toEqual(["a", "b", "go", "slow"]);
    expect(said).toMatch(/^waiting for the thing lock held by thing .*\nas it should be\n$/);
  });

  it("does not do again what was taken away meanwhile", async () => {
    apply("aaaa1111", "a");
    const up = await begun("aaaa1112", "a\nb");
    const again = spawn("bash", [join(root, "server/step.sh"), "again", "thing"], { env, stdio: "pipe" });
    const done = new Promise((resolve) => again.on("exit", resolve));
    await new Promise((resolve) => again.stdout.once("data", resolve));
    rmSync(join(root, "state/receipts/thing"), { recursive: true });
    up.run.kill("SIGKILL");
    touch("go");
    expect(await done).toBe(0);
    expect(existsSync(join(root, "state/receipts/thing"))).toBe(false);
  });

  it("says how the thing is in a line of its own", () => {
    writeFileSync(join(root, "server/kinds/thing.sh"), `${KIND}\noutcome() { echo well; }`);
    expect(apply("aaaa1111", "a").stdout).toBe("made a\noutcome: well\n");
    // Seen whenever it is looked at, too.
    expect(look("a")).toBe("@mark thing aaaa1111 same 14\noutcome: well\n@mark end\n");
  });

  it("tells a kind which step it is, when it looks and when it works", () => {
    writeFileSync(
      join(root, "server/kinds/thing.sh"),
      `observe() { [[ -f $(arg folder)/$STEP ]] || say "$STEP is not there"; }
      apply() { echo "$STEP" | write_file "$(arg folder)/$STEP" 0644 0:0; }`,
    );
    expect(look("")).toContain("drift: thing is not there\n");
    expect(apply("aaaa1111", "").status).toBe(0);
    expect(look("")).not.toContain("drift: ");
  });

  it("says what it repairs", () => {
    apply("aaaa1111", "a\nb");
    rmSync(join(dir, "a"));
    expect(apply("aaaa1112", "a\nb").stdout).toBe("- a is missing\nmade a\nmade b\n");
  });

  it("names a command that fails without a word of its own, and no failure that was expected", () => {
    writeFileSync(
      join(root, "server/kinds/thing.sh"),
      `${KIND}\napply() { local x; x=$(false) || true; grep -q $(arg files) /dev/null; }`,
    );
    expect(apply("aaaa1111", "a").stderr).toBe("error: thing stopped at: grep -q $(arg files) /dev/null\n");
  });

  it("says why a program could not be run at all", () => {
    writeFileSync(
      join(root, "server/kinds/thing.sh"),
      `${KIND}\napply() { local x; x=$(no-such-program 2>/dev/null | head -n 1); }`,
    );
    expect(apply("aaaa1111", "a").stderr).toBe(
      "error: thing stopped at: x=$(no-such-program 2> /dev/null | head -n 1) (it is not there, or not what it needs to be run)\n",
    );
  });

  it("answers a look in frames, and tells a receipt of other parameters", () => {
    apply("aaaa1111", "a");
    expect(look("a")).toBe("@mark thing aaaa1111 same 0\n@mark end\n");
    expect(look("a\nb")).toBe("@mark thing aaaa1111 changed 20\ndrift: b is missing\n@mark end\n");
    rmSync(join(root, "state"), { recursive: true });
    expect(look("a")).toBe("@mark thing - new 0\n@mark end\n");
  });

  it("leaves nothing of a look behind, secrets least of all", () => {
    look("a", "pw");
    expect(readdirSync(root).filter((name) => name.startsWith("look-"))).toEqual([]);
  });

  it("compares secrets on the server and prints none", () => {
    apply("aaaa1110", "a", secretLine("an old one"));
    const { stdout } = apply("aaaa1111", "a", secretLine('it\'s $HOME; `x` \\ "q"'));
    expect(readFileSync(join(dir, "password"), "utf8")).toBe('it\'s $HOME; `x` \\ "q"');
    expect(stdout).toContain("the password differs");
    expect(stdout).not.toContain("HOME");
    expect(look("a", "another")).toContain("drift: the password differs");
    // It is the config that has another one, not the server.
    expect(look("a", "another")).toMatch(/^@mark thing aaaa1111 changed /);
    writeFileSync(join(dir, "password"), "edited here");
    expect(look("a", 'it\'s $HOME; `x` \\ "q"')).toMatch(
      /^@mark thing aaaa1111 same \d+\ndrift: the password differs\n/,
    );
    expect(readdirSync(join(root, "run"))).toEqual([]);
    expect(spawnSync("grep", ["-r", "HOME;", join(root, "state")]).status).toBe(1);
  });

  it("does nothing where it would do harm, and says what and the way out", () => {
    touch("harm");
    expect(look("a")).toBe(
      "@mark thing - new 81\ndrift: a is missing\nrefused: it would remove b; move b away\nforetold: it stops c\n@mark end\n",
    );
    const { status, stderr } = apply("aaaa1111", "a");
    expect(status).toBe(1);
    expect(stderr).toBe("error: it would remove b; move b away\n  nothing was changed\n");
    expect(existsSync(join(dir, "a"))).toBe(false);
    expect(existsSync(join(root, "state/receipts/thing"))).toBe(false);
  });

  it("fails when what it applied is not there afterwards, and writes no receipt", () => {
    touch("lame");
    const { status, stderr } = apply("aaaa1111", "a");
    expect(status).toBe(1);
    expect(stderr).toBe("error: thing was applied, but it still is not as it should be:\n  - a is missing\n");
    expect(existsSync(join(root, "state/receipts/thing/token"))).toBe(false);
  });

  it("says a failure in one sentence with details, and goes on where it stopped the next time", () => {
    touch("stop");
    const first = apply("aaaa1111", "a\nb", secretLine("pw"));
    expect(first.status).toBe(1);
    expect(first.stderr).toBe("error: stopped half-way\n  a detail\n");
    expect(readdirSync(join(root, "run"))).toEqual([]);
    rmSync(join(dir, "stop"));
    expect(apply("aaaa1111", "a\nb", secretLine("pw")).status).toBe(0);
  });

  it("removes what is no longer wanted, keeps what another step owns, and what nobody declared", () => {
    apply("aaaa1111", "a\nb\nc");
    apply("bbbb1111", "b", "", "other");
    touch("operators");
    const { stdout } = apply("aaaa1112", "a");
    expect(stdout).toBe(`removing file ${dir}/c\n`);
    expect(readdirSync(dir).sort()).toEqual(["a", "b", "operators"]);
  });

  it("undoes its manifest without the scripts' folder, but never another owner's", () => {
    apply("aaaa1111", "a\nb");
    rmSync(join(root, "server"), { recursive: true });
    const undo = join(root, "state/receipts/thing/undo");
    const others = spawnSync(undo, ["T/renamed"], { env, encoding: "utf8" });
    expect([others.status, others.stdout]).toEqual([0, "left alone: it belongs to T/n now\n"]);
    expect(readdirSync(dir)).toEqual(["a", "b"]);
    expect(spawnSync(undo, ["T/n"], { env }).status).toBe(0);
    expect(readdirSync(dir)).toEqual([]);
    expect(existsSync(join(root, "state/receipts/thing"))).toBe(false);
  });

  describe("when a resource of the state's is replaced, which is made anew before the old one is deleted,", () => {
    const undo = (who: string) => {
      const { stdout, status } = spawnSync(join(root, "state/receipts/thing/undo"), [who], { env, encoding: "utf8" });
      return [status, stdout];
    };
    const gone = (who: string) => {
      const [status, stdout] = undo(who);
      expect([status, String(stdout).replace(dir, "DIR")]).toEqual([0, "removing file DIR/a\n"]);
      expect(existsSync(join(root, "state/receipts/thing"))).toBe(false);
    };

    it("the old one's deletion leaves the thing alone; its own takes it away", () => {
      apply("aaaa1111.00000001", "a");
      expect(apply("aaaa1111.00000002", "a").stdout).toBe("as it should be\n");
      expect(receipt("token")).toBe("aaaa1111\n");
      expect(undo("00000001")).toEqual([0, "left alone: it was made anew for T/n\n"]);
      expect(readdirSync(dir)).toEqual(["a"]);
      gone("00000002");
    });

    it("an update is none", () => {
      apply("aaaa1111.00000001", "a");
      rmSync(join(dir, "a"));
      apply("aaaa1112", "a");
      gone("00000001");
    });

    it("so is one that failed", () => {
      apply("aaaa1111.00000001", "a");
      rmSync(join(dir, "a"));
      touch("stop");
      expect(apply("aaaa1111.00000002", "a").status).toBe(1);
      rmSync(join(dir, "stop"));
      gone("00000001");
    });

    it("a first run that did not come to its end is undone by what made it, or by the next that makes it", () => {
      touch("stop");
      apply("aaaa1111.00000001", "a\nb");
      expect(receipt("birth")).toBe("00000001");
      apply("aaaa1112.00000002", "a\nb");
      expect(undo("00000001")).toEqual([0, "left alone: it was made anew for T/n\n"]);
      expect(undo("00000002")).toEqual([0, `removing file ${dir}/b\nremoving file ${dir}/a\n`]);
    });

    it("what an earlier version made is known by its owner, until it is made anew; or by whoever has it since the server is new", () => {
      apply("aaaa1111", "a");
      apply("aaaa1111.00000002", "a");
      expect(undo("T/n")).toEqual([0, "left alone: it was made anew for T/n\n"]);
      gone("00000002");
      apply("aaaa1111", "a");
      gone("00000007");
    });
  });

  it.each([
    ["hang", "looking took longer than 1 s"],
    ["crash", "looking failed (3): no such thing"],
    ["down", "it is down"],
  ])("an observation that cannot tell (%s) is blind, not in sync", (file, sentence) => {
    touch(file);
    expect(look("")).toContain(`blind: ${sentence}`);
  });

  it("takes a hint for no deviation", () => {
    touch("tip");
    apply("aaaa1111", "a");
    expect(apply("aaaa1112", "a").stdout).toBe("as it should be\na tip\n");
    expect(look("a")).toContain("hint: a tip");
  });

  it("keeps control characters off the operator's terminal", () => {
    expect(look("a\u001b[2Jb")).toContain("drift: a?[2Jb is missing");
  });

  it("waits for another run's lock and says who holds it", async () => {
    touch("slow");
    const first = spawn("bash", words("thing", "aaaa1111", "a"), { env, stdio: ["ignore", "pipe", "pipe"] });
    await new Promise<void>((resolve) =>
      first.stdout.on("data", (data) => String(data).includes("made a") && resolve()),
    );
    const second = spawn("bash", words("thing", "aaaa1112", "a"), { env, stdio: ["ignore", "pipe", "pipe"] });
    const waited = await new Promise<string>((resolve) => second.stdout.once("data", (data) => resolve(String(data))));
    expect(waited).toMatch(/^waiting for the thing lock held by thing \(process \d+, since [\d:]+ UTC\)/);
    touch("go");
    const ends = await Promise.all([first, second].map((run) => new Promise((resolve) => run.on("exit", resolve))));
    expect(ends).toEqual([1, 0]);
    expect(receipt("token")).toBe("aaaa1112\n");
  });

  /** A run that is in the middle of its work, which ends when `go` is there. */
  const begun = async (token: string, files: string) => {
    touch("slow");
    const run = spawn("bash", words("thing", token, files), { env, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise<number | null>((resolve) => run.on("exit", resolve));
    let said = "";
    run.stderr.on("data", (data) => {
      said += data;
    });
    await new Promise<void>((resolve) => run.stdout.on("data", (data) => String(data).includes("made") && resolve()));
    return { run, ended, said: () => said };
  };

  it("brings what has begun to its end though nobody listens any more", async () => {
    writeFileSync(
      join(root, "server/kinds/thing.sh"),
      `${KIND}\nslow() { wait_for 20 test -f "$(arg folder)/go"; seq 9 | tee "$(arg folder)/b" | sed p; echo made it >&2; echo made >"$(arg folder)/a"; }
      apply() { note made; slow; }`,
    );
    const { run, ended } = await begun("aaaa1111", "a\nb");
    run.stdout.destroy();
    run.stderr.destroy();
    touch("go");
    expect(await ended).toBe(0);
    expect(readFileSync(join(dir, "b"), "utf8").split("\n")).toHaveLength(10);
    expect(receipt("token")).toBe("aaaa1111\n");
    expect(readdirSync(join(root, "run"))).toEqual([]);
  });

  /** A run that waits for another's lock. */
  const waiting = (token: string, files: string) => {
    const run = spawn("bash", words("thing", token, files), { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    run.stderr.on("data", (data) => {
      said += data;
    });
    const ended = new Promise<string>((resolve) => run.on("close", (code) => resolve(`${code} ${said}`)));
    return new Promise<{ ended: Promise<string> }>((resolve) => run.stdout.once("data", () => resolve({ ended })));
  };

  it("gives the say to the last who asked: what an earlier run left waiting does not undo it, nor write the receipt", async () => {
    const first = await begun("aaaa1111", "a");
    const left = await waiting("aaaa1112", "a\nold");
    const last = await waiting("aaaa1113", "a\nb");
    touch("go");
    // Its stack must not believe that the receipt is its own.
    expect(await first.ended).toBe(1);
    expect(first.said()).toBe("error: a later run has taken thing over\n");
    expect(await left.ended).toBe("1 error: a later run has taken thing over\n");
    expect(await last.ended).toBe("0 ");
    expect(receipt("token")).toBe("aaaa1113\n");
    expect(existsSync(join(dir, "old"))).toBe(false);
  });

  it("lets nothing that an earlier run left waiting bring back what was destroyed", async () => {
    apply("aaaa1110", "b");
    const first = await begun("aaaa1111", "a");
    const left = await waiting("aaaa1112", "a\nold");
    const undo = spawn(join(root, "state/receipts/thing/undo"), ["T/n"], { env, stdio: ["ignore", "pipe", "inherit"] });
    const undone = new Promise<number | null>((resolve) => undo.on("exit", resolve));
    await new Promise((resolve) => undo.stdout.once("data", resolve));
    touch("go");
    expect([await first.ended, await left.ended, await undone]).toEqual([
      1,
      "1 error: a later run has taken thing over\n",
      0,
    ]);
    expect(readdirSync(dir).sort()).toEqual(["go", "slow"]);
  });

  it("knows what a cut-off run made as its own", async () => {
    apply("aaaa1111", "a");
    touch("slow");
    const cut = spawn("bash", words("thing", "aaaa1112", "a\nb"), { env, stdio: ["ignore", "pipe", "ignore"] });
    await new Promise<void>((resolve) => cut.stdout.on("data", (data) => String(data).includes("made b") && resolve()));
    const ended = new Promise((resolve) => cut.on("exit", resolve));
    cut.kill("SIGKILL");
    await ended;
    touch("go");
    expect(apply("aaaa1113", "a").stdout).toContain(`removing file ${dir}/b`);
    expect(existsSync(join(dir, "b"))).toBe(false);
  });

  it("undoes what a first run made that was cut off, and says that it is not finished", async () => {
    const first = await begun("aaaa1111", "a\nb");
    expect(look("a\nb")).toMatch(/^@mark thing - begun /);
    first.run.kill("SIGKILL");
    await first.ended;
    touch("go");
    const undo = spawnSync(join(root, "state/receipts/thing/undo"), ["T/n"], { env, encoding: "utf8" });
    // What its killed runner left at work keeps the lock to its end.
    expect(undo.stdout.replace(/^waiting for .*\n/, "")).toBe(`removing file ${dir}/b\nremoving file ${dir}/a\n`);
    expect(undo.status).toBe(0);
    expect(readdirSync(dir).sort()).toEqual(["go", "slow"]);
    expect(existsSync(join(root, "state/receipts/thing"))).toBe(false);
    expect(look("a")).toMatch(/^@mark thing - new /);
  });

  it("keeps the receipt of a run that came to its end while the next one is at work", async () => {
    apply("aaaa1111", "a");
    const before = ["kind", "owner", "args", "undo", "token"].map((file) => receipt(file));
    const second = await begun("aaaa1112", "a\nb");
    expect(["kind", "owner", "args", "undo", "token"].map((file) => receipt(file))).toEqual(before);
    expect(receipt("manifest")).toBe(`file ${dir}/a\nfile ${dir}/b\n`);
    touch("go");
    expect(await second.ended).toBe(0);
  });

  it("leaves no half file of a run that was cut off", () => {
    for (const half of [".password.Ab12cd", ".a.Ab12cd"]) writeFileSync(join(dir, half), "half");
    apply("aaaa1111", "a", secretLine("pw"));
    expect(readdirSync(dir).sort()).toEqual(["a", "password"]);
  });
});
