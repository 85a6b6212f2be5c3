/**
 * The list of server/lib/live-keys.sh beside the source of the core that TRINITY_REAL names. What a fork reads on top,
 * such as the bots' settings, it reads elsewhere than in World::LoadConfigSettings, so nothing is said of it here.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type WorldSetting, worldSettings } from "../real/world-settings";

const folder = mkdtempSync(join(tmpdir(), "core-source-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A function that runs before the first player comes, or that makes what then keeps the value. */
const atTheStart = (name: string): boolean =>
  /^(World::SetInitialWorldSettings|CharacterDatabaseCleaner::CleanDatabase|BattlefieldWG::SetupBattlefield)$/.test(
    name,
  ) ||
  /^(main|AddWorldScripts)$/.test(name) ||
  /::(Init[A-Z]|Initialize|Load(?!FromDB))\w*$/.test(name) ||
  // The first rating of a team that somebody makes is as live as the first level of a character.
  (/(^|::)(\w+)::~?\2$/.test(name) && name !== "ArenaTeam::ArenaTeam");

/** What the core refuses to change while it runs, as the list's own comment has it. */
const REFUSED = ["DataDir", "Expansion", "GameType", "MaxPlayerLevel", "RealmZone", "WorldServerPort"];

/** Keys whose new value a game that runs sees in part, so that they restart the worldserver all the same. */
const IN_PART: Readonly<Record<string, readonly string[]>> = {
  "creatures that are there keep what they were made with": [
    ...["Normal", "Elite.Elite", "Elite.RAREELITE", "Elite.WORLDBOSS", "Elite.RARE"].flatMap((rank) => [
      `Rate.Creature.${rank}.Damage`,
      `Rate.Creature.${rank}.HP`,
    ]),
    ...["NORMAL", "RARE", "ELITE", "RAREELITE", "WORLDBOSS"].map((rank) => `Corpse.Decay.${rank}`),
  ],
  "characters that are in the world keep what they came with": [
    ...["Enable", "Dodge", "Parry", "Block", "Crit"].map((what) => `Stats.Limits.${what}`),
    ...["DeclinedNames", "ClientCacheVersion"],
  ],
  "maps and grids that are loaded keep what they were loaded with": [
    ...["Distance.Continents", "Distance.Instances", "Distance.BG", "Distance.Arenas"].map(visibility),
    ...["OnContinents", "InInstances", "InBG", "InArenas"].map((where) => visibility(`Notify.Period.${where}`)),
    ...["vmap.enableLOS", "vmap.enableHeight", "vmap.enableIndoorCheck", "mmap.enablePathFinding"],
    ...["GridUnload", "Instance.UnloadDelay"],
  ],
  "the next time for it is settled already": [
    ...["Rate.InstanceResetTime", "Instance.ResetTimeHour", "Quests.DailyResetTime", "Quests.WeeklyResetWDay"],
    ...["Arena.RatedUpdateTimer", "Arena.AutoDistributePoints", "Arena.AutoDistributeInterval"],
  ],
  "a part of it is made or loaded at the start alone": [
    ...["XP.Boost.Daymask", "Warden.Enabled", "Warden.ClientCheckFailAction", "Wintergrasp.Enable"],
    ...["PreserveCustomChannels", "PreserveCustomChannelDuration", "PreserveCustomChannelInterval"],
    ...["Arena.ArenaSeason.ID", "Arena.ArenaSeason.InProgress", "CacheDataQueries"],
    ...["Guild.EventLogRecordsCount", "Guild.BankEventLogRecordsCount"],
    ...["ReCompiler", "EarlyTermination", "BuildFileRecreation", "Install", "PrefixCorrection"].map(
      (what) => `HotSwap.Enable${what}`,
    ),
    "HotSwap.Enabled",
  ],
};
function visibility(what: string): string {
  return `Visibility.${what}`;
}

let settings: readonly WorldSetting[];
let live: ReadonlySet<string>;

beforeAll(() => {
  const checkout = join(__dirname, "../real/checkout.sh");
  const [, tree = ""] = execFileSync(checkout, [process.env.TRINITY_REAL ?? "", join(folder, "tree")], {
    encoding: "utf8",
  }).split("\n");
  settings = worldSettings(tree);
  const library = join(__dirname, "../../server/lib/live-keys.sh");
  const list = execFileSync("bash", ["-c", '. "$1" && echo $LIVE_KEYS', "bash", library], { encoding: "utf8" });
  live = new Set(list.trim().split(" "));
}, 300_000);

const keys = (which: (setting: WorldSetting) => boolean) => settings.filter(which).map(({ key }) => key);

it("every live key is one that the core reads again", () => {
  expect([...live].filter((key) => settings.every((setting) => setting.key !== key || setting.kept))).toEqual([]);
  expect(keys(({ kept }) => kept).sort()).toEqual(REFUSED);
});

it("every live key is asked for in a game that runs, or set again", () => {
  // Nobody asks for the chances of losing durability by absorbing, parrying or blocking: no game differs by them.
  const followed = ({ askedBy, setAgain }: WorldSetting) =>
    setAgain || askedBy === undefined || askedBy.length === 0 || !askedBy.every(atTheStart);
  expect(keys((setting) => live.has(setting.key) && !followed(setting))).toEqual([]);
});

it("every key that a game asks for as it runs is live, but those that it follows in part", () => {
  const asked = ({ askedBy }: WorldSetting) => askedBy === undefined || !askedBy.every(atTheStart);
  const others = keys((setting) => !setting.kept && !live.has(setting.key) && asked(setting));
  const inPart = new Set(Object.values(IN_PART).flat());
  expect(others.sort()).toEqual(keys(({ key }) => inPart.has(key)).sort());
});
