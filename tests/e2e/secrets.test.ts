import { keepLogs, logsOf } from "../lab/engine-home";
import type { Machine } from "../lab/machine";
import type { Stack } from "../lab/pulumi";
import { announcerPassword } from "./outside";
import { convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";
import { secretKinds } from "./secret-kinds";
import { leaksIn, type Places, placesOf, withOwnTemporaries } from "./secret-places";
import { rounds, setSecrets } from "./secret-rounds";

describeOnLab("secrets", () => {
  let realm: RealmLab;
  let machine: Machine;
  let stack: Stack;
  let secrets: Readonly<Record<string, string>>;

  beforeAll(async () => {
    const made = await convergedRealm("secrets");
    keepLogs(made.stack.work);
    realm = { machine: made.machine, stack: withOwnTemporaries(made) };
    ({ machine, stack } = realm);
    const [first = {}] = rounds(secretKinds());
    secrets = await setSecrets(stack, machine, first);
    await stack.set({ "trinitycore:restarts": "announce" });
  }, 1_200_000);
  afterAll(() => destroyLab(realm), 60_000);

  it("are in nothing that is printed, kept or to be seen while they change", async () => {
    const places = await placesOf(realm, async (keep) => {
      await keep("preview", stack.preview());
      await keep("preview --diff", stack.preview(["--diff"]));
      await keep("preview --json", stack.run(["preview", "--json", ...stack.where]));
      await keep("drift --json", stack.realm(["drift", "--json", ...stack.where]));
      expectOk(await keep("up --diff --debug", stack.up(["--diff", "--debug"])));
    });
    const announcer = await announcerPassword(machine);
    expect(announcer).toMatch(/^[A-Za-z0-9]{16}$/);
    expect(leaksIn(places, { ...secrets, announcer })).toEqual([]);
    // The stack's own: those of another test's engine come and go.
    expect(places["files of the backend and of the engine, and temporary ones"]).toContain(`${logsOf(stack.work)}/`);
  }, 600_000);

  it("would be found if they were", async () => {
    const planted = "planted'Secret 4711";
    const places: Places = await placesOf(realm, async (keep) => {
      await machine.sure(
        `read -r text
        systemd-cat -t planted echo "$text"
        echo "$text" >/srv/planted; chmod 644 /srv/planted
        printf %s "$text" | sha256sum >/root/planted
        PLANTED=$text sleep 0.3; bash -c 'sleep 0.3; true' "$text"`,
        `${planted}\n`,
      );
      await keep("printed", stack.run(["config", "set", "planted", planted, ...stack.where]));
      await stack.run(["config", "rm", "planted", ...stack.where]);
    });
    const found = leaksIn(places, { planted }).map((line) => line.split(":")[0]);
    expect([...new Set(found)].sort()).toEqual([
      "command lines here",
      "files that root reads",
      "files that the service user reads",
      "processes of the host",
      "the host's journal",
    ]);
  }, 60_000);
});
