import { Failure } from "../program/failure";

/** The options that a verb takes itself, and those that it hands on. */
export interface OwnOptions {
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
  readonly rest: readonly string[];
}

/**
 * @param flags names that stand alone, such as "--mmaps"
 * @param valued names that a value follows, after a space or "="
 */
export function ownOptions(
  args: readonly string[],
  { flags = [], valued = [] }: { readonly flags?: readonly string[]; readonly valued?: readonly string[] },
): OwnOptions {
  const [found, values, rest] = [new Set<string>(), new Map<string, string>(), [] as string[]];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const [name = "", ...value] = arg.split("=");
    if (flags.includes(arg)) found.add(arg);
    else if (!valued.includes(name)) rest.push(arg);
    else {
      const given = value.length > 0 ? value.join("=") : args[++i];
      if (!given) throw new Failure(`${name} needs a value, as in \`${name} VALUE\``);
      values.set(name, given);
    }
  }
  return { flags: found, values, rest };
}
