import type { Plan } from "../../steps/plan";
import type { WithLayout } from "../layout";

/**
 * The folders as "MODE OWNER:GROUP PATH", parents first. Root owns the parents and what decides how the servers run, so
 * that the account cannot put links there; the account owns what its servers write.
 */
function folders(settings: Pick<WithLayout, "host" | "layout">): readonly string[] {
  const { name, group, home } = settings.host.user;
  const { core, login, realm } = settings.layout;
  const servers = [login.server, realm.server];
  const rootFolder = (path: string) => `0755 root:root ${path}`;
  const userFolder = (mode: string, path: string) => `${mode} ${name}:${group} ${path}`;
  return [
    // Other users need nothing in it.
    `0750 root:${group} ${home}`,
    rootFolder(settings.layout.host.projects),
    ...uniqueLines([core.root, login.server.root, realm.root], (root) => rootFolder(root)),
    rootFolder(core.releases),
    ...uniqueLines([login.server.root, realm.root], (root) => rootFolder(`${root}/etc`)),
    ...uniqueLines(servers, ({ conf }) => rootFolder(conf)),
    ...uniqueLines([login.server.root, realm.root], (root) => rootFolder(`${root}/work`)),
    ...uniqueLines(servers, ({ secrets }) => `0700 root:root ${secrets}`),
    userFolder("0755", realm.data),
    ...uniqueLines(servers, ({ work }) => userFolder("0755", work)),
    ...uniqueLines(servers, ({ logs }) => userFolder("0750", logs)),
    // The compiler's cache.
    userFolder("0700", `${home}/.cache`),
  ];
}

/** A line for each item, without repeated lines: the login and the realm may share folders. */
const uniqueLines = <T>(of: readonly T[], line: (one: T) => string): readonly string[] => [...new Set(of.map(line))];

/** The service user, and the folders of the core, the login and the realm. */
export function userPlan(settings: Pick<WithLayout, "host" | "layout">): Plan {
  const { name, group, home } = settings.host.user;
  return {
    step: settings.layout.host.receipts.user,
    kind: "user",
    args: {
      name,
      group,
      home,
      // Nobody logs in as this user: systemd and root start everything.
      shell: "/usr/sbin/nologin",
      comment: "TrinityCore system account",
      folders: folders(settings),
    },
  };
}
