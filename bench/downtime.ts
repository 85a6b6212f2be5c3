/**
 * How long players are away while a release goes live, seen from outside: from the first connection that a server does
 * not take to the first that both take again. `npm run bench:downtime [characters]`, on the lab's stand-in core, whose
 * world is ready after a second: the time that a real one takes to load comes on top, to the wiki page's too. The page
 * stops at 03:00:00 and starts at 03:05:00, whatever there is to do in between.
 */
import { ROOT } from "../tests/e2e/breakage";
import { commitToCore, reaches } from "../tests/e2e/outside";
import { convergedRealm, destroyLab, expectOk, type RealmLab } from "../tests/e2e/realm-lab";
import { seconds } from "./measure";

const [characters = 300_000] = process.argv.slice(2).map(Number);
const PAGE = 300;
const PORTS = [3724, 8085];

/** Seconds without a server that takes connections, while the work is done; looked at every 20 ms. */
async function away({ machine }: RealmLab, work: () => Promise<unknown>): Promise<number> {
  const looks: { readonly at: number; readonly up: boolean }[] = [];
  let goesOn = true;
  const looking = (async () => {
    while (goesOn) {
      const at = performance.now();
      const answers = await Promise.all(PORTS.map((port) => reaches(machine.address, port)));
      looks.push({ at, up: answers.every(Boolean) });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await work();
  goesOn = false;
  await looking;
  const down = looks.filter(({ up }) => !up);
  const back = looks.find(({ at, up }) => up && at > (down.at(-1)?.at ?? 0));
  if (!down[0] || !back) throw new Error("no server was away, or none came back");
  return (back.at - down[0].at) / 1000;
}

(async () => {
  const realm = await convergedRealm("bench-down");
  const { machine, stack } = realm;
  try {
    await stack.set({ "trinitycore:update.schedule": "nightly" });
    expectOk(await stack.up());
    await machine.sure(
      `mariadb characters -e "INSERT INTO characters (guid, account, name) SELECT seq, 1, CONCAT('N', seq) FROM seq_1_to_${characters}"`,
    );
    console.log(`${"".padEnd(44)}${"away".padStart(9)}${"of the page's".padStart(15)}${"all of it".padStart(11)}`);
    const row = async (name: string, change: string) => {
      const commit = await commitToCore(machine, change);
      await machine.sure("systemctl start trinity-night-build");
      let took = 0;
      const gone = await away(realm, async () => {
        took = await seconds(() => machine.sure("systemctl start trinity-night-live"));
      });
      const live = await machine.sure(`basename $(readlink ${ROOT}/run)`);
      if (!live.startsWith(commit.slice(0, 12))) throw new Error(`${live} is live, not ${commit}`);
      const columns = [
        `${gone.toFixed(1)} s`.padStart(9),
        (gone / PAGE).toFixed(3).padStart(15),
        `${took.toFixed(0)} s`.padStart(11),
      ];
      console.log(`${name.padEnd(44)}${columns.join("")}`);
    };
    const code = (text: string) => `echo '// ${text}' >>src/common/Version.cpp`;
    const sql = (role: string, statement: string) =>
      `echo '${statement};' >sql/updates/${role}/2099_01_01_00_${role}.sql`;
    console.log(`${"the wiki page's timers".padEnd(44)}${`${PAGE.toFixed(1)} s`.padStart(9)}${"1.000".padStart(15)}`);
    await row("a release", code("code alone"));
    await row("with an update of the world", `${code("world")}; ${sql("world", "UPDATE version SET cache_id = 7")}`);
    await row(
      `with an update of ${characters} characters`,
      `${code("characters")}; ${sql("characters", "ALTER TABLE characters ADD bench INT DEFAULT 1, FORCE")}`,
    );
  } finally {
    await destroyLab(realm);
  }
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
