import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";

/**
 * "MODE OWNER:GROUP PATH", parents first: what decides how the servers run, and the folders that hold the others, are
 * root's, so that root can work in them without meeting anybody's links; the account has what it writes.
 */
function folders(settings: Pick<WithLayout, "host" | "layout">): readonly string[] {
  const { name, group, home } = settings.host.user;
  const { core, login, realm } = settings.layout;
  const servers = [login.server, realm.server];
  const roots = (path: string) => `0755 root:root ${path}`;
  const own = (mode: string, path: string) => `${mode} ${name}:${group} ${path}`;
  return [
    // Nobody else needs to look into it.
    `0750 root:${group} ${home}`,
    roots(settings.layout.host.projects),
    ...each([core.root, login.server.root, realm.root], (root) => roots(root)),
    roots(core.releases),
    ...each([login.server.root, realm.root], (root) => roots(`${root}/etc`)),
    ...each(servers, ({ conf }) => roots(conf)),
    ...each([login.server.root, realm.root], (root) => roots(`${root}/work`)),
    ...each(servers, ({ secrets }) => `0700 root:root ${secrets}`),
    own("0755", realm.data),
    ...each(servers, ({ work }) => own("0755", work)),
    ...each(servers, ({ logs }) => own("0750", logs)),
    // The compiler's cache.
    own("0700", `${home}/.cache`),
  ];
}

/** A line for each, where several are the same but one. */
const each = <T>(of: readonly T[], line: (one: T) => string): readonly string[] => [...new Set(of.map(line))];

/** The service account and the folders of the realm. */
export function userPlan(settings: Pick<WithLayout, "host" | "layout">): Plan {
  const { name, group, home } = settings.host.user;
  return {
    step: settings.layout.host.receipts.user,
    kind: "user",
    args: {
      name,
      group,
      home,
      // Units and root act for it, and both need no shell of its own.
      shell: "/usr/sbin/nologin",
      comment: "TrinityCore system account",
      folders: folders(settings),
    },
  };
}
