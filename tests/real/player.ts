/** A player in the world of the real core, who needs no game client (player.py). */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Machine, paths } from "../lab/machine";

/** Its libraries, in a folder of the lab's cache that is made once. */
function python(): string {
  const wanted = readFileSync(join(__dirname, "requirements.txt"), "utf8");
  const folder = join(paths().cache, "player");
  const installed = join(folder, "requirements.txt");
  if (!existsSync(installed) || readFileSync(installed, "utf8") !== wanted) {
    rmSync(folder, { recursive: true, force: true });
    execFileSync("python3", ["-m", "venv", folder], { stdio: ["ignore", "ignore", "inherit"] });
    const requirements = ["-r", join(__dirname, "requirements.txt")];
    execFileSync(join(folder, "bin/pip"), ["install", "--quiet", "--disable-pip-version-check", ...requirements], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    execFileSync("cp", [join(__dirname, "requirements.txt"), `${installed}.new`]);
    renameSync(`${installed}.new`, installed);
  }
  return join(folder, "bin/python");
}

const program = join(__dirname, "player.py");

/**
 * A login at the authserver, no further: "logged in", or "refused" with where and why.
 * @param code of an authenticator app
 */
export function logIn(machine: Machine, account: string, password: string, code = ""): string {
  const { stdout, stderr } = spawnSync(python(), [program, machine.address, account, `--code=${code}`], {
    input: `${password}\n`,
    encoding: "utf8",
  });
  return stdout.trim() || stderr.trim();
}

export class Player {
  /** What the player has noticed so far, a line each. */
  readonly noticed: string[] = [];
  private readonly ended: Promise<void>;
  private heard = () => {};

  private constructor(private readonly child: ChildProcess) {
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      this.noticed.push(line);
      this.heard();
    });
    this.ended = new Promise((done) =>
      child.once("close", () => {
        this.noticed.push("gone");
        this.heard();
        done();
      }),
    );
  }

  /** Enters the world with the account's character, which is made when there is none. */
  static async enter(machine: Machine, account: string, password: string, character: string): Promise<Player> {
    const child = spawn(python(), [program, machine.address, account, character], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdin.write(`${password}\n`);
    const player = new Player(child);
    await player.notices(/^in the world/);
    return player;
  }

  get inTheWorld(): boolean {
    return !this.noticed.some((line) => /^(thrown out|left|refused|gone)/.test(line));
  }

  /** Waits for a line; the first that fits, as it was printed. */
  async notices(what: RegExp, seconds = 60): Promise<string> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const line = this.noticed.find((each) => what.test(each));
      if (line !== undefined) return line;
      if (this.noticed.includes("gone") || Date.now() > end)
        throw new Error(`the player noticed no ${what}, but:\n${this.noticed.join("\n")}`);
      await new Promise<void>((done) => {
        const timer = setTimeout(done, end - Date.now());
        this.heard = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
  }

  /** Says something aloud, or gives a command, where the first letter is a dot. */
  say(text: string): void {
    this.child.stdin?.write(`${text}\n`);
  }

  /** Asks to log out, as a player does, and waits until the worldserver has let go. */
  async leave(): Promise<void> {
    this.child.stdin?.end();
    await this.ended;
  }
}
