import type { Result } from "../lab/machine";
import { bareRealm, convergedRealm, describeOnLab, destroyLab, expectOk, type RealmLab } from "./realm-lab";

const ROOT = "/var/lib/trinity/Projects/trinity-335";

describeOnLab("settings that the core could not read", () => {
  let realm: RealmLab;
  afterEach(() => destroyLab(realm), 60_000);

  const set = (value: string) =>
    realm.stack.set({ "trinitycore:realms.wotlk.settings": JSON.stringify({ GameType: value }) });
  const failed = ({ code, stdout, stderr }: Result) => {
    expect(code).not.toBe(0);
    return stdout + stderr;
  };
  const sentence = (value: string, guess: string) =>
    `trinitycore:realms.wotlk.settings: GameType is a number, its default is 0, and the core cannot read "${value}" as one; ` +
    `pulumi config set --path 'trinitycore:realms.wotlk.settings["GameType"]' ${guess}`;

  it("end the first `up` before anything is built", async () => {
    realm = await bareRealm("settings", "baked");
    await set("1,0");
    expect(failed(await realm.stack.up())).toContain(`error: ${sentence("1,0", "1.0")}`);
    expect(await realm.machine.sure(`ls -A ${ROOT}/releases`)).toBe("");
  }, 300_000);

  it("end each preview once there is a release, and change no file", async () => {
    realm = await convergedRealm("settings");
    await set("1 ");
    expectOk(await realm.stack.up());
    expect(await realm.machine.sure(`grep GameType ${ROOT}/etc/worldserver.conf.d/stack.conf`)).toBe("GameType = 1");

    await set("0x10");
    expect(failed(await realm.stack.preview())).toContain(sentence("0x10", "16"));
    expect(failed(await realm.stack.up())).toContain(sentence("0x10", "16"));
    expect(await realm.machine.sure(`grep GameType ${ROOT}/etc/worldserver.conf.d/stack.conf`)).toBe("GameType = 1");
  }, 1_200_000);
});
