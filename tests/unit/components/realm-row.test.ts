import { realmRowPlan } from "../../../components/realm/row";
import type { Facts } from "../../../steps/facts";
import { onLab } from "../../server/facts-of";
import { load } from "../settings/source";

const facts = { os: { id: "debian", versionId: "13", like: [], name: "Debian 13" } } as unknown as Facts;

describe("the plan of the realm's row", () => {
  it("is the page's, with the host as address", () => {
    expect(
      realmRowPlan(onLab(load({ "realms.wotlk.name": "RoE (WotLK)", "host.address": "wow.example.net" })), facts),
    ).toEqual({
      step: "realm-row",
      kind: "realm-row",
      args: {
        socket: "/run/mysqld/mysqld.sock",
        database: "authserver",
        "realm.key": "wotlk",
        id: 1,
        name: "RoE (WotLK)",
        address: "wow.example.net",
        localAddress: "127.0.0.1",
        localSubnetMask: "255.255.255.0",
        port: 8085,
        allowedSecurityLevel: 0,
        gamebuild: 12340,
      },
      effect: "restarts nothing; players see it within 20 s",
    });
  });

  it.each([
    ["realms.wotlk.address", "play.example.net", { address: "play.example.net" }],
    ["realms.wotlk.port", "8086", { port: 8086 }],
    ["realms.wotlk.id", "3", { id: 3 }],
    ["login.database.name", "login", { database: "login" }],
    ["realms.wotlk.allowedSecurityLevel", "2", { allowedSecurityLevel: 2 }],
  ])("follows %s", (key, given, wanted) => {
    expect(realmRowPlan(onLab(load({ [key]: given })), facts).args).toMatchObject(wanted);
  });
});
