import { type RealmLayout, realmLayout } from "../components/layout";
import type { Settings } from "../settings";

type Told = Readonly<Record<string, string>>;

/**
 * What a realm's things are called: only the host knows whether it has the wiki page's names or its own, so that it is
 * told both (`page.` and `own.`), and the receipt by which it tells (`server/actions/begin.sh`).
 */
export function eitherName({ host, realm }: Pick<Settings, "host" | "realm">, of: (layout: RealmLayout) => Told): Told {
  const under = (which: string, told: Told) =>
    Object.fromEntries(Object.entries(told).map(([name, value]) => [`${which}.${name}`, value]));
  const [page, own] = [realmLayout(host, realm, true), realmLayout(host, realm, false)];
  return { receipt: own.receipts.access, ...under("page", of(page)), ...under("own", of(own)) };
}

/** Who has the host, as it says itself; a stack that takes it over asks nobody. */
export const ownedBy = ({ host }: Pick<Settings, "host">, stack: string): Told => ({
  stack: host.takeover ? "" : stack,
});
