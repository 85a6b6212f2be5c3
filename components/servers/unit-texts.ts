import { basename } from "node:path";
import { LIBEXEC } from "../../steps/places";
import { confSettings, mainAppender, neededData, type Server, serverOf, servers, type WithLayout } from "../layout";

/**
 * The text of each systemd unit. It names paths that stay (`run`, `current`), so a release or new scripts do not change
 * it.
 */

const scripts = `${LIBEXEC}/current`;
/** systemd replaces `%x` in its files. */
const plain = (text: string): string => text.replaceAll("%", "%%");

/**
 * What a process of the realm may do: no more than it needs. Tried with both servers; `systemd-analyze security` says
 * 1.2.
 */
function sandbox(settings: Pick<WithLayout, "host">, writable: readonly string[]): string[] {
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
    // The other server is the same user's: what has broken into one could end the other. Neither sends a signal in its
    // work.
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

export const serverPort = (settings: Pick<WithLayout, "login" | "realm">, server: Server): number =>
  server === "authserver" ? settings.login.port : settings.realm.port;

/** authserver.service or worldserver.service. */
export function serverUnit(
  settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">,
  server: Server,
  mariadbUnit: string,
): string {
  const { core, realm } = settings.layout;
  const { root, work, logs, conf, environment, unit, alias } = serverOf(settings.layout, server);
  const { name, group } = settings.host.user;
  const called = unit.replace(/\.service$/, "");
  return text({
    Unit: [
      `Description=TrinityCore 3.3.5 ${called}`,
      // A server whose MariaDB was away for a moment is half dead for ever, so they stop before it and start after it,
      // whoever restarts it. One that could not be started for want of it comes when it does.
      `Wants=network-online.target ${mariadbUnit}`,
      `Requisite=${mariadbUnit}`,
      `PartOf=${mariadbUnit}`,
      `After=network-online.target ${mariadbUnit}`,
      // The default window of 10 s never counts a server that takes minutes to load.
      "StartLimitIntervalSec=30min",
      "StartLimitBurst=4",
      ...(server === "worldserver"
        ? neededData.map((folder) => `ConditionDirectoryNotEmpty=${plain(`${realm.data}/${folder}`)}`)
        : []),
    ],
    Service: [
      "Type=simple",
      `User=${name}`,
      `Group=${group}`,
      `WorkingDirectory=${plain(work)}`,
      "Environment=LC_ALL=C.UTF-8",
      `EnvironmentFile=${environment}`,
      "StandardInput=null",
      // A log for each start: the last one usually says why there is a new one, and what is in DBErrors.log is of this
      // start.
      `ExecStartPre=-${scripts}/rotate-logs.sh aside ${errorLogs(settings, server).map(plain).join(" ")}`,
      `ExecStartPre=+${scripts}/started.sh record ${called} ${plain(root)}`,
      // Only what systemd starts again by itself counts as a try.
      `ExecStartPre=+-${scripts}/started.sh count ${called} ${plain(root)}`,
      // Else what it prints waits in a buffer of its own, and comes into the journal by the page.
      `ExecStart=/usr/bin/stdbuf -oL ${plain(core.run)}/bin/${server} -c ${plain(core.run)}/etc/${server}.conf.dist --config-dir ${plain(conf)}`,
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
    Install: [`WantedBy=multi-user.target ${mariadbUnit}`, `Alias=${alias}`],
  });
}

/** What a server says goes into these; the authserver has one log for all. */
function errorLogs({ layout }: Pick<WithLayout, "layout">, server: Server): readonly string[] {
  const { mainLog, logs } = serverOf(layout, server);
  return server === "authserver" ? [mainLog] : [mainLog, `${logs}/DBErrors.log`];
}

/**
 * Logs that are not emptied while the server writes them: the operator says how, and it need not be by adding at the
 * end.
 */
const keptWhole = (settings: Pick<WithLayout, "login" | "realm" | "layout">): readonly string[] =>
  servers
    .filter((server) => confSettings(settings, server)[`Appender.${mainAppender[server]}`] !== undefined)
    .map((server) => basename(serverOf(settings.layout, server).mainLog));

/**
 * The nightly care for the logs, done as the service user: the folder is that user's, so root had better not follow
 * names in it.
 */
export function logsService(settings: Pick<WithLayout, "host" | "login" | "realm" | "layout">): string {
  const { login, realm } = settings.layout;
  const folders = [...new Set([login.server.logs, realm.server.logs].map(plain))];
  return text({
    Unit: ["Description=TrinityCore logs: compress, and delete what is old"],
    Service: [
      "Type=oneshot",
      `User=${settings.host.user.name}`,
      `Group=${settings.host.user.group}`,
      "Environment=LC_ALL=C.UTF-8",
      ...folders.map((logs) =>
        [`ExecStart=${scripts}/rotate-logs.sh nightly`, logs, settings.host.logs.keepDays, ...keptWhole(settings)].join(
          " ",
        ),
      ),
      "Nice=19",
      "IOSchedulingClass=idle",
      `ReadWritePaths=${folders.join(" ")}`,
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

export const logsTimer = (settings: Pick<WithLayout, "host">): string =>
  timer("TrinityCore logs, daily care", settings.host.logs.schedule, "Persistent=true");

/** Does what was held back for the players' sake, when the window opens. */
export const restartsService = (): string =>
  text({
    Unit: ["Description=TrinityCore: restarts that were held back"],
    Service: ["Type=oneshot", `ExecStart=${scripts}/restarts.sh`, "TimeoutStartSec=infinity"],
  });

/** Not persistent: a window that was missed is not made up for when players are on. */
export const restartsTimer = (settings: Pick<WithLayout, "window">): string =>
  timer("TrinityCore: the window for restarts opens", settings.window.schedule, "AccuracySec=1s");
