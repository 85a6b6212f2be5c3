import { spawn } from "node:child_process";
import { findingsIn, type Kind as StepKind } from "../steps/findings";

/** A finding of a preview, with its component. */
export interface Finding {
  readonly component: string;
  readonly kind: Kind;
  readonly text: string;
}
/** A step's finding, a planned change without one, or an error of the preview itself. */
export type Kind = StepKind | "planned" | "error";

/** The part of `pulumi preview --json` that is used here. */
export interface Preview {
  readonly steps?: readonly { readonly op: string; readonly urn: string }[];
  readonly diagnostics?: readonly { readonly urn?: string; readonly severity: string; readonly message: string }[];
}

const counted: readonly Kind[] = ["drift", "change", "to do", "not finished", "blind", "planned", "error"];

/** The name of a resource without its first part, which is the same for all. */
const componentOf = (urn = ""): string => (urn.split("::").pop() ?? "").replace(/^realm-/, "");

const planned = ({ steps = [] }: Preview): string[] => [
  ...new Set(steps.filter(({ op }) => op !== "same").map(({ urn }) => componentOf(urn))),
];

/** All findings of a preview; a component with a planned change and no finding gets one. */
export function findings(preview: Preview): Finding[] {
  const said = (preview.diagnostics ?? []).flatMap(({ urn, severity, message }) =>
    findingsIn(message.replace(/^(warning|error): /, "")).map(({ kind, text }): Finding => {
      const component = componentOf(urn);
      return severity === "error" ? { component, kind: "error", text } : { component, kind, text };
    }),
  );
  const silent = planned(preview).filter(
    (name) => !said.some(({ component, kind }) => component === name && kind !== "note"),
  );
  return [
    ...said,
    ...silent.map((component): Finding => ({ component, kind: "planned", text: "a change is planned" })),
  ];
}

/** The exit code: 0 when nothing has drifted, 1 when something has, 2 when that could not be found out. */
export function verdict(code: number | null, preview: Preview | undefined): 0 | 1 | 2 {
  if (code === 0) return 0;
  return preview && planned(preview).length > 0 && !findings(preview).some(failed) ? 1 : 2;
}
/** Whether it is an error. The engine's own error for a preview that plans something is none. */
const failed = ({ kind, text }: Finding) => kind === "error" && !/no changes were expected/.test(text);

export function inWords(found: readonly Finding[], result: 0 | 1 | 2): string {
  const lines = found.map(({ component, text }) => (component ? `${component}: ${text}` : text));
  const count = found.filter(({ kind }) => counted.includes(kind)).length;
  const end = [
    "nothing has drifted",
    `${count} finding${count === 1 ? "" : "s"}; \`pulumi up\` puts right what the stack can`,
    "it could not be told what has drifted",
  ];
  return [...lines, end[result]].join("\n");
}

function engine(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", ["preview", "--json", "--expect-no-changes", "--non-interactive", ...args], {
      stdio: ["inherit", "pipe", "pipe"],
    });
    const texts = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (text: string) => {
        texts[name] += text;
      });
    child.on("error", (error) => reject(new Error(`pulumi could not be started (${error.message})`)));
    child.on("close", (code) => resolve({ code, ...texts }));
  });
}

function parsed(text: string): Preview | undefined {
  try {
    return JSON.parse(text) as Preview;
  } catch {
    return undefined;
  }
}

/**
 * `npm run realm -- drift [--json] [OPTION…]`, with the options of `pulumi preview`: runs that preview and prints its
 * findings only.
 */
export async function tellDrift(args: readonly string[], json: boolean): Promise<number> {
  const { code, stdout, stderr } = await engine(args);
  const preview = parsed(stdout);
  const result = verdict(code, preview);
  const found = preview ? findings(preview).filter((finding) => finding.kind !== "error" || failed(finding)) : [];
  if (json) console.log(JSON.stringify(found, null, 2));
  else console.log(inWords(found, result));
  if (result === 2 && stderr.trim()) console.error(stderr.trim());
  return result;
}
