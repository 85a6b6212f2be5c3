import { adoptionPlan } from "../../../components/host/adoption";
import { surroundingsPlan } from "../../../components/host/surroundings";
import { facts, onLab } from "../../server/facts-of";
import { load, privateKey } from "../settings/source";
import { build, type Registered } from "./realm-under-mocks";

describe("a realm that somebody else set up", () => {
  const login = { "host.ssh.agent": "false", "host.ssh.privateKey": privateKey() };

  it("is known by what this one would use of it, and settings by their names alone", () => {
    const settings = load(
      { "realms.wotlk.settings": '{"Motd":"hello","ModuleSecret":"hush"}', "realms.wotlk.port": "8086" },
      ["realms.wotlk.settings.ModuleSecret"],
    );
    const { args } = surroundingsPlan(onLab(settings), facts());
    expect(args).toEqual({
      ...adoptionPlan(onLab(settings), facts()).args,
      adopt: false,
      login: "authserver",
      address: "wow.example.net",
      localAddress: "127.0.0.1",
      set: ["worldserver Motd", "worldserver ModuleSecret"],
    });
    expect(args).toMatchObject({ "realm.port": 8086, auth: "authserver", user: "trinity" });
  });

  it.each([true, false])("runs on until the new one is built where it is taken over (%s)", async (adopt) => {
    const { byName } = await build({ settings: load({ ...login, "host.adopt": `${adopt}` }, ["host.ssh.privateKey"]) });
    const urn = (name: string) => (byName.get(`realm-${name}`) as Registered | undefined)?.urn;
    const waits = (name: string, before: string) =>
      (byName.get(`realm-${name}`) as Registered).needs.includes(urn(before) ?? "nothing");
    expect(urn("adoption") !== undefined).toBe(adopt);
    expect([
      waits("access", "build"),
      waits("authserver-unit", "adoption"),
      waits("worldserver-unit", "adoption"),
      waits("source", "adoption"),
    ]).toEqual([adopt, adopt, adopt, adopt]);
    // What goes live with the databases' update has its units by then.
    expect([waits("schema", "authserver-unit"), waits("schema", "worldserver-unit")]).toEqual([true, true]);
  });
});
