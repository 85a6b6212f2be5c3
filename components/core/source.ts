import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { Failure } from "../failure";
import { realmRoot } from "../host/layout";
import type { Facts } from "../remote/facts";
import type { Host } from "../remote/host";
import type { Plan } from "../remote/plan";
import { Step, type StepOptions } from "../remote/step";
import type { Settings } from "../settings";

export interface Patch {
  readonly name: string;
  readonly text: string;
}

/** A command's text is limited to 128 KiB by the kernel, and a preview shows it. */
const PATCHES_LIMIT = 64 * 1024;

/**
 * The patches as the operator's files have them, in the order given.
 * @throws Failure naming the file that is no patch, or that they are too many.
 */
export function readPatches(paths: readonly string[]): readonly Patch[] {
  const patches = paths.map((path) => {
    const text = readFileSync(path, "utf8").replace(/\n+$/, "");
    if (!/^(diff --git |--- )/m.test(text))
      throw new Failure(`trinitycore:source.patches: ${path} is not a patch (git diff > FILE)`);
    if (text.includes("\0")) throw new Failure(`trinitycore:source.patches: ${path} holds binary data`);
    return { name: basename(path), text };
  });
  const size = patches.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (size > PATCHES_LIMIT) {
    throw new Failure(
      `trinitycore:source.patches: together they have ${Math.ceil(size / 1024)} KiB, at most ${PATCHES_LIMIT / 1024} can be sent; commit them to a fork and name it in trinitycore:source.repository`,
    );
  }
  return patches;
}

/** The checkout: a branch's tip when it is first made, or one commit; with the patches as a commit on top. */
export function sourcePlan(settings: Settings, _facts: Facts, patches: readonly Patch[]): Plan {
  const { repository, branch, commit, deployKey, knownHosts } = settings.source;
  return {
    step: "source",
    kind: "source",
    args: {
      root: realmRoot(settings),
      user: settings.user.name,
      repository,
      branch,
      commit,
      knownHosts,
      patches: patches.map(({ name }) => name),
      ...Object.fromEntries(patches.map(({ text }, i) => [`patch.${i + 1}`, text])),
    },
    ...(deployKey ? { secrets: { deployKey } } : {}),
  };
}

export class Source extends Step {
  constructor(name: string, args: { host: Host; settings: Settings }, opts?: StepOptions) {
    const patches = readPatches(args.settings.source.patches);
    super("trinitycore:core:Source", name, args.host, sourcePlan(args.settings, args.host.facts, patches), opts);
  }
}
