import type { Host } from "../remote/host";
import type { Plan } from "../remote/plan";
import { Step, type StepOptions } from "../remote/step";
import type { Settings } from "../settings";
import { realmRoot, SECRETS_DIR, servers } from "./layout";

/** The service account and the folders of the realm. */
export function userPlan(settings: Settings): Plan {
  const { name, group, home } = settings.user;
  const root = realmRoot(settings);
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
      // Parents first. The page's Fedora makes the home 0700, Debian 0755; nobody else needs to look into it.
      own: [
        `0750 ${home}`,
        `0755 ${home}/Projects`,
        `0755 ${root}`,
        ...["data", "logs", "work", ...servers.map((server) => `work/${server}`)].map(
          (folder) => `${folder === "logs" ? "0750" : "0755"} ${root}/${folder}`,
        ),
      ],
      // What decides how the servers run is not theirs to change.
      roots: [
        `0755 ${root}/releases`,
        `0755 ${root}/etc`,
        ...servers.map((server) => `0755 ${root}/etc/${server}.conf.d`),
        `0700 ${SECRETS_DIR}`,
      ],
    },
  };
}

export class User extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    super("trinitycore:host:User", name, args.host, userPlan(args.settings), opts);
  }
}
