/**
 * What a shell has to know to complete `realm VERB …`: made of the same declaration as the help. The script makes the
 * word `realm` as well, as no shell completes what comes after `npm run realm --`.
 */
import { resolve } from "node:path";
import type { Command } from "commander";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

interface Verb {
  readonly name: string;
  readonly sentence: string;
  readonly options: readonly { readonly long: string; readonly short?: string; readonly sentence: string }[];
  readonly words: readonly string[];
}

const verbsOf = (realm: Command): Verb[] =>
  realm.commands.map((command) => ({
    name: command.name(),
    sentence: first(command.description()),
    options: command.options.map(({ long, short, description }) => ({
      long: long ?? "",
      ...(short ? { short } : {}),
      sentence: first(description),
    })),
    words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  }));
/** What comes before the first pause; no shell reads anything into it. */
const first = (text: string): string => (text.split(/[;,.(]/)[0] ?? "").replaceAll(/[^\w -]/g, "").trim();

/** A checkout's own `realm`, wherever it is typed. */
const start = (folder: string): string => `npm --prefix ${quoted(folder)} run --silent realm --`;
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const after = ({ options, words }: Verb): string => [...words, ...options.map(({ long }) => long), "--help"].join(" ");

const scripts: Readonly<Record<Shell, (verbs: readonly Verb[], folder: string) => string[]>> = {
  bash: (verbs, folder) => [
    `realm() { ${start(folder)} "$@"; }`,
    "_realm() {",
    `  local words=${quoted(verbs.map(({ name }) => name).join(" "))}`,
    "  if ((COMP_CWORD > 1)); then",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash's
    "    case ${COMP_WORDS[1]} in",
    ...verbs.map((verb) => `      ${verb.name}) words=${quoted(after(verb))} ;;`),
    "      *) words='' ;;",
    "    esac",
    "  fi",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is bash's
    '  mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")',
    "}",
    "complete -F _realm realm",
  ],
  zsh: (verbs, folder) => [
    `realm() { ${start(folder)} "$@"; }`,
    "_realm() {",
    "  if ((CURRENT == 2)); then",
    `    local -a verbs=(${verbs.map(({ name, sentence }) => quoted(`${name}:${sentence}`)).join(" ")})`,
    "    _describe verb verbs",
    "  else",
    "    case $words[2] in",
    ...verbs.map((verb) => `      ${verb.name}) compadd -- ${after(verb)} ;;`),
    "    esac",
    "  fi",
    "}",
    "(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }",
    "compdef _realm realm",
  ],
  fish: (verbs, folder) => [
    "function realm",
    `  npm --prefix ${quoted(folder).replaceAll(`'\\''`, "\\'")} run --silent realm -- $argv`,
    "end",
    "complete -c realm -f",
    ...verbs.flatMap(({ name, sentence, options, words }) => {
      const here = `complete -c realm -n '__fish_seen_subcommand_from ${name}'`;
      return [
        `complete -c realm -n __fish_use_subcommand -a ${name} -d '${sentence}'`,
        ...(words.length > 0 ? [`${here} -a '${words.join(" ")}'`] : []),
        ...options.map(
          ({ long, short, sentence }) =>
            `${here} -l ${long.slice(2)}${short ? ` -s ${short.slice(1)}` : ""} -d '${sentence}'`,
        ),
      ];
    }),
  ],
};

export const completion = (shell: Shell, realm: Command, folder = resolve(__dirname, "..")): string =>
  `${scripts[shell](verbsOf(realm), folder).join("\n")}\n`;
