import type { Machine } from "../lab/machine";
import type { PreviewStep, Stack } from "../lab/pulumi";
import { type Breakage, checksOf, processes, ROOT, type Said, SCRIPTS } from "./breakage";
import { names } from "./outside";

interface Diagnostic {
  urn?: string;
  severity: string;
  message: string;
}

/** The planned resources of a preview, and its warnings and infos by resource. */
export interface PreviewWords {
  planned: string[];
  warns: Record<string, string[]>;
  tells: Record<string, string[]>;
}

const withoutStackPrefix = (name: string) => name.replace(/^realm-/, "");

export async function preview(stack: Stack): Promise<PreviewWords> {
  const { steps, diagnostics = [] } = JSON.parse(await stack.must(["preview", "--json", ...stack.where])) as {
    steps: PreviewStep[];
    diagnostics?: Diagnostic[];
  };
  const look: PreviewWords = {
    planned: names(steps.filter(({ op }) => op !== "same")).map(withoutStackPrefix),
    warns: {},
    tells: {},
  };
  for (const { urn = "", severity, message } of diagnostics) {
    const into = severity === "info" ? look.tells : look.warns;
    const lines = message
      .replace(/^warning: /, "")
      .trimEnd()
      .split("\n");
    const name = /^$|::pulumi:pulumi:Stack::/.test(urn) ? "stack" : withoutStackPrefix(urn.split("::").pop() as string);
    into[name] = [...(into[name] ?? []), ...lines];
  }
  return look;
}

/** What each row's own check sees on the host, so that before and after can be compared. */
export async function observeFromOutside(
  machine: Machine,
  rows: readonly Breakage[],
): Promise<Record<string, unknown>> {
  const looks: Record<string, unknown> = {};
  for (const { name, look } of rows)
    looks[name] = await (typeof look === "string" ? machine.exec(look) : look(machine));
  return looks;
}

/** The process id of each process, "0" where it does not run. */
export async function pids(machine: Machine): Promise<string[]> {
  return (await machine.sure(processes.map((process) => `systemctl show -P MainPID ${process}`).join("; "))).split(
    "\n",
  );
}

/** The values of the names in braces in a row's lines; `checkout` is known only after it was broken. */
export async function placeholdersOn(
  machine: Machine,
): Promise<Record<"release" | "scripts" | "head" | "address", string>> {
  const [release = "", scripts = "", head = ""] = (
    await machine.sure(
      `basename $(readlink ${ROOT}/run); readlink ${SCRIPTS}/current; runuser -u trinity -- git -C ${ROOT}/src rev-parse --short=12 HEAD`,
    )
  ).split("\n");
  return { release, scripts, head, address: machine.address };
}

export function fillPlaceholders(said: Said, placeholders: Readonly<Record<string, string>>): Record<string, string[]> {
  return JSON.parse(JSON.stringify(said).replace(/\{(\w+)\}/g, (all, name) => placeholders[name] ?? all));
}

/** The lines of the rows that a preview lacks, and its lines that belong to no row. Empty when it is exactly right. */
export function mistakesOf(
  rows: readonly Breakage[],
  seen: PreviewWords,
  lastEmptyPreview: PreviewWords,
  placeholders: Readonly<Record<string, string>>,
): Record<string, string[]> {
  const wrong: Record<string, string[]> = {};
  const wanted: PreviewWords = { planned: [], warns: {}, tells: { ...lastEmptyPreview.tells } };
  const note = (row: string, line: string) => {
    wrong[row] = [...(wrong[row] ?? []), line];
  };
  const together = checksOf(rows);
  for (const { name, warns, tells = {}, hints = {}, checks = {} } of rows) {
    const checked = Object.fromEntries(Object.keys(checks).map((server) => [server, together[server] ?? []]));
    for (const [kind, said] of [
      ["warns", warns],
      ["tells", tells],
      ["tells", checked],
      ["tells", hints],
    ] as const) {
      for (const [resource, lines] of Object.entries(fillPlaceholders(said, placeholders))) {
        wanted[kind][resource] = [...(wanted[kind][resource] ?? []), ...lines];
        for (const line of lines)
          if (!seen[kind][resource]?.includes(line)) note(name, `${kind} not of ${resource}: ${line}`);
      }
    }
    for (const resource of Object.keys({ ...warns, ...tells, ...checks })) {
      if (resource === "stack") continue;
      wanted.planned.push(resource);
      if (!seen.planned.includes(resource)) note(name, `does not plan ${resource}`);
    }
  }
  // The tests of the pasts check what `up` does to things that exist already.
  const unexpectedLines = (kind: "warns" | "tells", resource: string) =>
    (seen[kind][resource] ?? []).filter(
      (line) => !wanted[kind][resource]?.includes(line) && !line.startsWith("beforehand: "),
    );
  for (const kind of ["warns", "tells"] as const)
    for (const resource of Object.keys(seen[kind]))
      for (const line of unexpectedLines(kind, resource)) note("no row", `${kind} of ${resource}: ${line}`);
  for (const resource of seen.planned) if (!wanted.planned.includes(resource)) note("no row", `plans ${resource}`);
  return wrong;
}

/** The lines of the rows that a preview lacks without saying that it could not look, and what it does not plan. */
export function unnamed(
  rows: readonly Breakage[],
  seen: PreviewWords,
  _lastEmptyPreview: PreviewWords,
  placeholders: Readonly<Record<string, string>>,
): Record<string, string[]> {
  const wrong: Record<string, string[]> = {};
  for (const { name, warns, hints = {} } of rows) {
    for (const [resource, lines] of Object.entries(fillPlaceholders({ ...warns, ...hints }, placeholders))) {
      const said = [...(seen.warns[resource] ?? []), ...(seen.tells[resource] ?? [])];
      const hidden = said.some((line) => /^(could not look|will be checked after)/.test(line));
      const sentences = lines
        .filter((line) => !line.startsWith("applying this "))
        .map((line) => line.replace(/^drift: /, ""));
      const missing = sentences.filter((sentence) => !hidden && !said.some((line) => line.includes(sentence)));
      const idle =
        warns[resource] && resource !== "stack" && !seen.planned.includes(resource)
          ? [`${resource} is not planned`]
          : [];
      if (missing.length + idle.length > 0) wrong[name] = [...(wrong[name] ?? []), ...missing, ...idle];
    }
  }
  return wrong;
}
