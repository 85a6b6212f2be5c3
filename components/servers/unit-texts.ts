import type { Settings } from "../../settings";
import { LIBEXEC } from "../../steps/places";
import {
  confSettings,
  mainAppender,
  mainLog,
  neededData,
  pageNames,
  realmRoot,
  SECRETS_DIR,
  type Server,
  servers,
} from "../host/layout";

/** The text of each systemd unit. It names paths that stay (`run`, `current`), so a release or new scripts do not change it. */

const scripts = `${LIBEXEC}/current`;
/** systemd replaces `%x` in its files. */
const plain = (text: string): string => text.replaceAll("%", "%%");

/** What a process of the realm may do: no more than it needs. Tried with both servers; `systemd-analyze security` says 1.2. */
function sandbox(settings: Settings, writable: readonly string[]): string[] {
  const inHome = /^\/(home|root|run\/user)(\/|$)/.test(settings.host.user.home);
  return [
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    `ReadWritePaths=${writable.map(plain).join(" ")}`,
    `ProtectHome=${inHome ? "read-only" : "yes"}`,
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "PrivateUsers=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "ProtectProc=invisible",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "RestrictNamespaces=yes",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    "CapabilityBoundingSet=",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged",
    // The other server is the same user's: what has broken into one could end the other. Neither sends a signal in its work.
    "SystemCallFilter=~kill tkill tgkill pidfd_send_signal rt_sigqueueinfo rt_tgsigqueueinfo",
    "SystemCallErrorNumber=EPERM",
    "SystemCallArchitectures=native",
    "UMask=0077",
  ];
}

const text = (sections: Readonly<Record<string, readonly string[]>>): string =>
  `${Object.entries(sections)
    .map(([name, lines]) => [`[${name}]`, ...lines].join("\n"))
    .join("\n\n")}\n`;

export const serverPort = (settings: Settings, server: Server): number =>
  server === "authserver" ? settings.login.port : settings.realm.port;

/** authserver.service or worldserver.service. */
export function serverUnit(settings: Settings, server: Server, mariadbUnit: string): string {
  const root = realmRoot(settings);
  const { name, group } = settings.host.user;
  const work = `${root}/work/${server}`;
  const logs = `${root}/logs`;
  return text({
    Unit: [
      `Description=TrinityCore 3.3.5 ${server}`,
      // A server whose MariaDB was away for a moment is half dead for ever, so they stop before it and start after it, whoever restarts it.
      // One that could not be started for want of it comes when it does.
      `Wants=network-online.target ${mariadbUnit}`,
      `Requisite=${mariadbUnit}`,
      `PartOf=${mariadbUnit}`,
      `After=network-online.target ${mariadbUnit}`,
      // The default window of 10 s never counts a server that takes minutes to load.
      "StartLimitIntervalSec=30min",
      "StartLimitBurst=4",
      ...(server === "worldserver"
        ? neededData.map((folder) => `ConditionDirectoryNotEmpty=${plain(`${root}/data/${folder}`)}`)
        : []),
    ],
    Service: [
      "Type=simple",
      `User=${name}`,
      `Group=${group}`,
      `WorkingDirectory=${plain(work)}`,
      "Environment=LC_ALL=C.UTF-8",
      `EnvironmentFile=${SECRETS_DIR}/${server}.env`,
      "StandardInput=null",
      // A log for each start: the last one usually says why there is a new one, and what is in DBErrors.log is of this start.
      `ExecStartPre=-${scripts}/rotate-logs.sh aside ${errorLogs(server)
        .map((log) => `${plain(logs)}/${log}`)
        .join(" ")}`,
      `ExecStartPre=+${scripts}/started.sh record ${server} ${plain(root)}`,
      // Only what systemd starts again by itself counts as a try.
      `ExecStartPre=+-${scripts}/started.sh count ${server} ${plain(root)}`,
      // Else what it prints waits in a buffer of its own, and comes into the journal by the page.
      `ExecStart=/usr/bin/stdbuf -oL ${plain(root)}/run/bin/${server} -c ${plain(root)}/run/etc/${server}.conf.dist --config-dir ${plain(root)}/etc/${server}.conf.d`,
      // `systemctl start` returns when players can connect.
      `ExecStartPost=+${scripts}/probe.sh ${serverPort(settings, server)}`,
      "TimeoutStartSec=20min",
      "TimeoutStopSec=5min",
      // 0: stopped on purpose, 1: an error, 2: `server restart`.
      "Restart=on-failure",
      "RestartForceExitStatus=2",
      "RestartSec=10",
      "LimitNOFILE=65536",
      "LimitCORE=infinity",
      "OOMScoreAdjust=-200",
      ...sandbox(settings, [logs, work]),
    ],
    Install: [`WantedBy=multi-user.target ${mariadbUnit}`, `Alias=${pageNames[server]}.service`],
  });
}

/** What a server says goes into these; the authserver has one log for all. */
const errorLogs = (server: Server): readonly string[] =>
  server === "authserver" ? [mainLog[server]] : [mainLog[server], "DBErrors.log"];

/** Logs that are not emptied while the server writes them: the operator says how, and it need not be by adding at the end. */
const keptWhole = (settings: Settings): readonly string[] =>
  servers
    .filter((server) => confSettings(settings, server)[`Appender.${mainAppender[server]}`] !== undefined)
    .map((server) => mainLog[server]);

export const LOGS_UNIT = "trinity-logs";

/** The nightly care for the logs, done as the service user: the folder is that user's, so root had better not follow names in it. */
export function logsService(settings: Settings): string {
  const logs = `${realmRoot(settings)}/logs`;
  return text({
    Unit: ["Description=TrinityCore logs: compress, and delete what is old"],
    Service: [
      "Type=oneshot",
      `User=${settings.host.user.name}`,
      `Group=${settings.host.user.group}`,
      "Environment=LC_ALL=C.UTF-8",
      `ExecStart=${scripts}/rotate-logs.sh nightly ${plain(logs)} ${[settings.host.logs.keepDays, ...keptWhole(settings)].join(" ")}`,
      "Nice=19",
      "IOSchedulingClass=idle",
      `ReadWritePaths=${plain(logs)}`,
      "NoNewPrivileges=yes",
      "ProtectSystem=strict",
      "PrivateTmp=yes",
      "PrivateNetwork=yes",
    ],
  });
}

const timer = (description: string, schedule: string, ...more: readonly string[]): string =>
  text({
    Unit: [`Description=${description}`],
    Timer: [`OnCalendar=${plain(schedule)}`, ...more],
    Install: ["WantedBy=timers.target"],
  });

export const logsTimer = (settings: Settings): string =>
  timer("TrinityCore logs, daily care", settings.host.logs.schedule, "Persistent=true");

export const RESTARTS_UNIT = "trinity-restarts";

/** Does what was held back for the players' sake, when the window opens. */
export const restartsService = (): string =>
  text({
    Unit: ["Description=TrinityCore: restarts that were held back"],
    Service: ["Type=oneshot", `ExecStart=${scripts}/restarts.sh`, "TimeoutStartSec=infinity"],
  });

/** Not persistent: a window that was missed is not made up for when players are on. */
export const restartsTimer = (settings: Settings): string =>
  timer("TrinityCore: the window for restarts opens", settings.window.schedule, "AccuracySec=1s");
