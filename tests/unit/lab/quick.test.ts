import { processes } from "../../e2e/breakage";
import { breakages } from "../../e2e/breakages";
import { databases } from "../../e2e/pasts/databases";
import { firewall } from "../../e2e/pasts/firewall";
import { login } from "../../e2e/pasts/login";
import { mariadb } from "../../e2e/pasts/mariadb";
import { packages } from "../../e2e/pasts/packages";
import { realm } from "../../e2e/pasts/realm";
import { build } from "../components/realm-under-mocks";

const quick = breakages.filter((row) => row.quick);

/** The part of a row's name before the colon. */
const kinds = [...new Set(breakages.map(({ name }) => name.split(":")[0] as string))];

describe("the drifts that `npm test` tries", () => {
  it.each(kinds)("are one of each kind at least: %s", (kind) => {
    expect(quick.filter(({ name }) => name.startsWith(`${kind}:`))).not.toEqual([]);
  });

  it.each(processes)("are one at least whose repair starts the %s", (process) => {
    expect(quick.filter(({ starts = [] }) => starts.includes(process))).not.toEqual([]);
  });

  const spoken = (rows: typeof breakages) =>
    new Set(rows.flatMap(({ warns, tells }) => Object.keys({ ...warns, ...tells })));

  it("speak of every step that any of them speaks of", () => {
    expect([...spoken(breakages)].filter((step) => !spoken(quick).has(step))).toEqual([]);
  });

  it("leave out no step of a realm", async () => {
    const { commands } = await build();
    const steps = commands.map(({ name }) => name.replace(/^realm-/, ""));
    expect(steps.filter((step) => !spoken(breakages).has(step))).toEqual([]);
  });
});

describe("the pasts that `npm test` tries", () => {
  it.each(Object.entries({ databases, firewall, login, mariadb, packages, realm }))(
    "are one of each kind at least: %s",
    (_, pasts) => {
      expect(pasts.filter(({ quick }) => quick)).not.toEqual([]);
    },
  );

  it("are one at least that becomes a realm", () => {
    expect(realm.filter(({ quick, refused }) => quick && !refused)).not.toEqual([]);
  });
});
