import { formerKeys, newPlace } from "../../../settings/former-keys";
import { keysOf } from "../../../settings/schema";
import { ed25519, problems } from "./source";

/** The flat config's keys, as they were declared. */
const keys = [
  "host hostKey takeover adopt restarts announce.seconds window.schedule window.minutes",
  "ssh.user ssh.port ssh.privateKey ssh.privateKeyPassphrase ssh.agent ssh.agentKey ssh.jumpHost ssh.jumpPort ssh.jumpUser ssh.jumpHostKey",
  "realm.id realm.name realm.address realm.localAddress realm.localSubnetMask realm.port realm.allowedSecurityLevel realm.gamebuild",
  "authserver.port authserver.settings worldserver.settings console.port console.networks soap.port soap.networks",
  "user.name user.group user.home firewall.kind firewall.zone logs.schedule logs.keepDays",
  "source.repository source.branch source.commit source.patches source.customSql source.deployKey source.knownHosts",
  "build.compiler build.type build.options build.jobs releases.keep tdb.source tdb.sha256",
  "databases.auth.name databases.auth.user databases.auth.password databases.startEmpty databases.rotation",
  "databases.characters.name databases.characters.user databases.characters.password",
  "databases.world.name databases.world.user databases.world.password",
].flatMap((line) => line.split(" "));
const moved = keys.filter((key) => key !== "restarts" && key !== "host");

it("each key of the flat config has a place of its own", () => {
  const places = moved.map((key) => newPlace(key, "NAME"));
  expect(new Set(places).size).toBe(moved.length);
  expect(places.filter((place) => !keysOf().has(place ?? ""))).toEqual([]);
  expect(keys.filter((key) => key !== "restarts" && !formerKeys.includes(key))).toEqual([]);
});

it.each(moved)("%s is refused with its new place, and without its value", (key) => {
  const place = newPlace(key, "wotlk") as string;
  const found = problems({}, [], { flat: { [key]: "hunter2" } });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(new RegExp(`^${key}: `));
  expect(found[0]).toMatch(
    new RegExp(`pulumi config set (--secret )?--path trinitycore:${place.replaceAll(".", "\\.")}( |\n)`),
  );
  expect(found[0]).toContain(`pulumi config rm trinitycore:${key}`);
  expect(found[0]?.includes("--secret")).toBe(/assword|privateKey|deployKey/.test(key));
  expect(found[0]).not.toContain("hunter2");
});

it("a whole flat config is told of what moved, and of nothing that is missing", () => {
  const flat = { hostKey: ed25519, "ssh.agent": "true", "realm.name": "x", "console.networks": "[]" };
  const values = Object.fromEntries(
    Object.entries({ host: "wow.example.net", ...flat }).map(([key, value]) => [`trinitycore:${key}`, value]),
  );
  const found = problems({}, [], { values, written: undefined });
  expect(found.map((text) => text.split(":")[0])).toEqual(["host", ...Object.keys(flat)]);
  expect(found[0]).toBe(
    "host: is a map now; the host's name is trinitycore:host.address:\npulumi config rm trinitycore:host\npulumi config set --path trinitycore:host.address …",
  );
  expect(found.at(-1)).toContain("trinitycore:realms.NAME.console.networks");
});
