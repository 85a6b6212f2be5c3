/** How a realm is, for people. */
import { hostReceipts } from "../components/host-layout";
import { duration, size, sizeOfMB } from "./amounts";
import { localTime } from "./local-time";
import { levelText } from "./maintenance";
import { isWell, type Ran, type Room, type Running, type Status } from "./status";

const roomText = ({ freeMB, ofMB }: Room): string => `${sizeOfMB(freeMB)} of ${sizeOfMB(ofMB)} free`;

/** "2026-11-26 03:40:12, 5 h 2 min ago" */
function when(time: string, now: string): string {
  const seconds = (Date.parse(now) - Date.parse(time)) / 1000;
  return `${localTime(new Date(time))}${seconds > 0 ? `, ${duration(seconds)} ago` : ""}`;
}

const failedText = ({ well, at, why }: Ran, now: string): string | undefined =>
  well === false ? `the last one failed${at ? ` (${when(at, now)})` : ""}: ${why}` : undefined;

function backupText({ backup, timers, time }: Status): string | undefined {
  const last = timers[hostReceipts.backup];
  if (!last) return undefined;
  const dumps = Object.entries(backup?.dumps ?? {}).map(([name, { bytes }]) => `${name} ${size(bytes)}`);
  const newest = backup ? [`${when(backup.at, time)}: ${dumps.join(", ")}; ${backup.kept} kept`] : ["none yet"];
  const failed = failedText(last, time);
  return [...newest, ...(failed ? [failed] : [])].join("; ");
}

function drillText({ timers, time }: Status): string | undefined {
  const drill = timers[hostReceipts.backupDrill];
  if (!drill) return undefined;
  const { lastWell, next } = drill;
  return (
    failedText(drill, time) ??
    (lastWell
      ? `the newest backup was restored and is equal (${when(lastWell, time)})`
      : `none yet${next ? `; the first: ${localTime(new Date(next))}` : ""}`)
  );
}

function releaseText({ release, wentLive, time }: Status): string {
  if (!release || !wentLive) return release ?? "none is live yet";
  const away = wentLive.seconds === undefined ? "" : `; the servers were away for ${duration(wentLive.seconds)}`;
  return `${release}, live since ${when(wentLive.at, time)}${away}`;
}

function updateText({ update, timers, time }: Status): string | undefined {
  const next = timers[hostReceipts.nightBuild]?.next;
  const last = update && `${update.said} (${when(update.at, time)})`;
  const coming = next && `next look for a newer commit: ${localTime(new Date(next))}`;
  return [last, coming].filter(Boolean).join("; ") || undefined;
}

/** A line for each thing that is known. */
export function inWords(status: Status): string {
  const { realm, realmlist, servers, players, peak, answers, maintenance, disk, memory, working } = status;
  const server = ({ unit, state, seconds, memoryMB }: Running): [string, string] => [
    unit.replace(/\.service$/, ""),
    [state, seconds === undefined ? "" : `for ${duration(seconds)}`, memoryMB ? `${sizeOfMB(memoryMB)} of memory` : ""]
      .filter(Boolean)
      .join(", "),
  ];
  const health = isWell(status) && status.holds.length === 0 ? "healthy" : "not well";
  const lines: [string, string | undefined][] = [
    ["realm", `${realm}: ${health} (${realmlist})`],
    ["release", releaseText(status)],
    ...servers.map(server),
    ["answers", answers.end === "done" ? `yes, in ${answers.ms ?? 0} ms` : `no: ${answers.text}`],
    [
      "players",
      players === undefined
        ? "not known: MariaDB does not answer"
        : `${players} in the world${peak === undefined ? "" : ` (at most ${peak} since it started)`}`,
    ],
    ["maintenance", maintenance === undefined ? undefined : `on: ${levelText(maintenance)}`],
    ["update", updateText(status)],
    ["backup", backupText(status)],
    ["drill", drillText(status)],
    ["disk", disk && roomText(disk)],
    ["memory", memory && roomText(memory)],
    ...status.holds.map(({ since, sentence }): [string, string] => [
      "alert",
      `${sentence} (since ${when(since, status.time)})`,
    ]),
    ["alerts", status.unsent && `cannot be sent: ${status.unsent}`],
    ["at work", working.length > 0 ? working.map((job) => `trinity-${job}`).join(", ") : undefined],
  ];
  const shown = lines.filter((line): line is [string, string] => line[1] !== undefined);
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join("\n");
}
