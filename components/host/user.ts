import type { Settings } from "../../settings";
import type { Host } from "../../steps/host";
import type { Plan } from "../../steps/plan";
import { Step, type StepOptions } from "../../steps/step";
import { realmRoot, SECRETS_DIR, servers } from "./layout";

/**
 * "MODE OWNER:GROUP PATH", parents first: what decides how the servers run, and the folders that hold the others, are root's, so that root can
 * work in them without meeting anybody's links; the account has what it writes.
 */
function folders(settings: Settings): readonly string[] {
  const { name, group, home } = settings.host.user;
  const root = realmRoot(settings);
  const roots = (path: string) => `0755 root:root ${path}`;
  const own = (mode: string, path: string) => `${mode} ${name}:${group} ${path}`;
  return [
    // Nobody else needs to look into it.
    `0750 root:${group} ${home}`,
    roots(`${home}/Projects`),
    roots(root),
    ...["releases", "etc", ...servers.map((server) => `etc/${server}.conf.d`), "work"].map((folder) =>
      roots(`${root}/${folder}`),
    ),
    `0700 root:root ${SECRETS_DIR}`,
    ...["data", ...servers.map((server) => `work/${server}`)].map((folder) => own("0755", `${root}/${folder}`)),
    own("0750", `${root}/logs`),
    // The compiler's cache.
    own("0700", `${home}/.cache`),
  ];
}

/** The service account and the folders of the realm. */
export function userPlan(settings: Settings): Plan {
  const { name, group, home } = settings.host.user;
  return {
    step: "user",
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

export class User extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:User", name, args.host, userPlan(args.settings), opts);
  }
}
