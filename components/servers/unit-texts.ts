import { basename } from "node:path";
import { LIBEXEC, RUNTIME_DIR } from "../../steps/places";
import type { Distribution } from "../host/distribution";
import { confSettings, mainAppender, neededData, type Server, serverOf, servers, type WithLayout } from "../layout";

/**
 * The texts of the systemd units. They use the links `run` and `current`, so that a new release or new scripts do not
 * change them.
 */

export const scripts = `${LIBEXEC}/current`;
/** systemd replaces `%x` in units by values of its own; `%%` stands for a percent sign. */
export const escaped = (text: string): string => text.replaceAll("%", "%%");

/** What a script is told on the line of a unit that runs it, ` name=value` each; no value has a blank in it. */
export const toldWords = (given: Readonly<Record<string, string | number>>): string =>
  Object.entries(given)
    .map(([name, value]) => ` ${name}=${escaped(`${value}`)}`)
    .join("");

/** What none of the stack's units changes of the system. */
const leavesTheSystem = [
  "ProtectKernelTunables=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelLogs=yes",
  "ProtectControlGroups=yes",
  "ProtectClock=yes",
  "ProtectHostname=yes",
];
/** What none of them may do as a process. */
const keepsToItself = [
  "LockPersonality=yes",
  "MemoryDenyWriteExecute=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "RestrictNamespaces=yes",
];

/**
 * The sandbox of a server, which allows only what both servers need; backups need no more. `systemd-analyze security`
 * rates it 1.2.
 * @param writable folders, with a blank between
 */
export function sandbox(
  writable: string,
  { home, families, signals = "no" }: { home: "yes" | "read-only"; families: string; signals?: "yes" | "no" },
) {
  return [
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    `ReadWritePaths=${escaped(writable)}`,
    `ProtectHome=${home}`,
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "PrivateUsers=yes",
    ...leavesTheSystem,
    "ProtectProc=invisible",
    ...keepsToItself,
    `RestrictAddressFamilies=${families}`,
    "CapabilityBoundingSet=",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged",
    // Both servers have the same user, so an attacker in one could kill the other. Neither needs to send signals.
    ...(signals === "no"
      ? ["SystemCallFilter=~kill tkill tgkill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo"]
      : []),
    "SystemCallErrorNumber=EPERM",
    "SystemCallArchitectures=native",
    "UMask=0077",
  ];
}

/** What a sandbox lets see of the homes: the realm's folders may be in one. */
const homeOf = ({ host }: Pick<WithLayout, "host">) =>
  /^\/(home|root|run\/user)(\/|$)/.test(host.user.home) ? "read-only" : "yes";

/**
 * The sandbox of what is root's, as it reads what only root may, and starts units. It changes nothing of the system
 * itself, reaches no network, and may become the other users of the stack. `systemd-analyze security` rates it 2.7.
 */
export const rootSandbox = [
  "NoNewPrivileges=yes",
  "ProtectSystem=full",
  "ProtectHome=read-only",
  "PrivateTmp=yes",
  "PrivateDevices=yes",
  ...leavesTheSystem,
  ...keepsToItself,
  // `runuser` tells the kernel's audit of it.
  "RestrictAddressFamilies=AF_UNIX AF_NETLINK",
  "CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_SETGID CAP_SETUID CAP_SYS_RESOURCE CAP_AUDIT_WRITE",
  "IPAddressDeny=any",
  "SystemCallFilter=@system-service",
  "SystemCallErrorNumber=EPERM",
  "SystemCallArchitectures=native",
];

export const unitText = (sections: Readonly<Record<string, readonly string[]>>): string =>
  `${Object.entries(sections)
    .map(([name, lines]) => [`[${name}]`, ...lines].join("\n"))
    .join("\n\n")}\n`;

/** A line of [Unit]: tells the operator when the unit fails. */
export const onFailure = ({ layout }: Pick<WithLayout, "layout">, event: string, unit: string): string =>
  `OnFailure=${layout.host.alerts.ofUnit}${event}:${unit}.service`;

export const serverPort = (settings: Pick<WithLayout, "login" | "realm">, server: Server): number =>
  server === "authserver" ? settings.login.port : settings.realm.port;

/** authserver.service or worldserver.service. */
export function serverUnit(
  settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">,
  server: Server,
  { unit: mariadbUnit, socket }: Distribution["mariadb"],
): string {
  const { core, realm } = settings.layout;
  const { root, work, logs, conf, environment, unit, alias } = serverOf(settings.layout, server);
  const { name, group } = settings.host.user;
  const unitName = unit.replace(/\.service$/, "");
  const masterSecret = `${scripts}/units/master-secret.sh`;
  const database = `${socket} ${settings.login.database.name}`;
  return unitText({
    Unit: [
      `Description=TrinityCore 3.3.5 ${unitName}`,
      // A server does not recover when MariaDB was stopped, even for a moment. So it stops before MariaDB and starts
      // after it, also when somebody else restarts MariaDB. A server that could not start without it starts with it.
      `Wants=network-online.target ${mariadbUnit}`,
      `Requisite=${mariadbUnit}`,
      `PartOf=${mariadbUnit}`,
      `After=network-online.target ${mariadbUnit}`,
      // The default of 10 s would never count two starts of a server that takes minutes to load.
      "StartLimitIntervalSec=30min",
      "StartLimitBurst=4",
      ...(server === "worldserver"
        ? neededData.map((folder) => `ConditionDirectoryNotEmpty=${escaped(`${realm.data}/${folder}`)}`)
        : []),
    ],
    Service: [
      "Type=simple",
      `User=${name}`,
      `Group=${group}`,
      `WorkingDirectory=${escaped(work)}`,
      "Environment=LC_ALL=C.UTF-8",
      `EnvironmentFile=${environment}`,
      ...(server === "authserver" ? [`EnvironmentFile=-${RUNTIME_DIR}/two-factor.env`] : []),
      "StandardInput=null",
      // Each start gets its own log: the one before says why the server ended, and DBErrors.log is of this start alone.
      `ExecStartPre=-${scripts}/rotate-logs.sh aside ${errorLogs(settings, server).map(escaped).join(" ")}`,
      `ExecStartPre=+${scripts}/started.sh record ${unitName} ${escaped(root)}`,
      // Counts the starts that systemd makes by itself.
      `ExecStartPre=+-${scripts}/started.sh count ${unitName} ${escaped(root)}`,
      ...(server === "authserver" ? [`ExecStartPre=+-${masterSecret} prepare ${environment} ${database}`] : []),
      // Without `stdbuf` the server's output would come to the journal late, in whole buffers.
      `ExecStart=/usr/bin/stdbuf -oL ${escaped(core.run)}/bin/${server} ` +
        `-c ${escaped(core.run)}/etc/${server}.conf.dist --config-dir ${escaped(conf)}`,
      // `systemctl start` returns when players can connect.
      `ExecStartPost=+${scripts}/probe.sh ${serverPort(settings, server)}`,
      ...(server === "authserver" ? [`ExecStartPost=+-${masterSecret} settle ${database}`] : []),
      "TimeoutStartSec=20min",
      "TimeoutStopSec=5min",
      // A server ends with 0 when it was stopped, 1 after an error, 2 after the command `server restart`.
      "Restart=on-failure",
      "RestartForceExitStatus=2",
      "RestartSec=10",
      "LimitNOFILE=65536",
      "LimitCORE=infinity",
      "OOMScoreAdjust=-200",
      ...sandbox(`${logs} ${work}`, { home: homeOf(settings), families: "AF_UNIX AF_INET AF_INET6" }),
    ],
    Install: [`WantedBy=multi-user.target ${mariadbUnit}`, `Alias=${alias}`],
  });
}

/** The logs with a server's errors; the authserver has only one log. */
function errorLogs({ layout }: Pick<WithLayout, "layout">, server: Server): readonly string[] {
  const { mainLog, logs } = serverOf(layout, server);
  return server === "authserver" ? [mainLog] : [mainLog, `${logs}/DBErrors.log`];
}

/**
 * Main logs for which the operator has an appender of their own. They are not emptied while the server runs, because it
 * may not append to them.
 */
const keptWhole = (settings: Pick<WithLayout, "login" | "realm" | "layout">): readonly string[] =>
  servers
    .filter((server) => confSettings(settings, server)[`Appender.${mainAppender[server]}`] !== undefined)
    .map((server) => basename(serverOf(settings.layout, server).mainLog));

/**
 * Compresses and deletes old logs at night. It runs as the service user, who owns the folder: root must not follow
 * links that this user may have put there.
 */
export function logsService(settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">): string {
  const { login, realm } = settings.layout;
  const folders = [...new Set([login.server.logs, realm.server.logs])];
  return unitText({
    Unit: [
      "Description=TrinityCore logs: compress, and delete what is old",
      onFailure(settings, "unit-failed", settings.layout.host.logsUnit),
    ],
    Service: [
      "Type=oneshot",
      `User=${settings.host.user.name}`,
      `Group=${settings.host.user.group}`,
      "Environment=LC_ALL=C.UTF-8",
      ...folders.map((logs) =>
        [
          `ExecStart=${scripts}/rotate-logs.sh nightly`,
          escaped(logs),
          settings.host.logs.keepDays,
          ...keptWhole(settings),
        ].join(" "),
      ),
      "Nice=19",
      "IOSchedulingClass=idle",
      "PrivateNetwork=yes",
      ...sandbox(folders.join(" "), { home: homeOf(settings), families: "AF_UNIX" }),
    ],
  });
}

export const timer = (description: string, schedule: string, ...more: readonly string[]): string =>
  unitText({
    Unit: [`Description=${description}`],
    Timer: [`OnCalendar=${escaped(schedule)}`, ...more],
    Install: ["WantedBy=timers.target"],
  });

export const logsTimer = (settings: Pick<WithLayout, "host">): string =>
  timer("TrinityCore logs, daily care", settings.host.logs.schedule, "Persistent=true");

/** Makes up for the restarts that were held back, when the window opens. */
export const restartsService = (settings: Pick<WithLayout, "layout">): string =>
  unitText({
    Unit: [
      "Description=TrinityCore: restarts that were held back",
      onFailure(settings, "unit-failed", settings.layout.host.restartsUnit),
    ],
    Service: ["Type=oneshot", `ExecStart=${scripts}/restarts.sh`, "TimeoutStartSec=infinity"],
  });

/** It is not persistent: a window that the host slept through must not restart servers at another time. */
export const restartsTimer = (settings: Pick<WithLayout, "window">): string =>
  timer("TrinityCore: the window for restarts opens", settings.window.schedule, "AccuracySec=1s");
