import { sources } from "../../../actions/logs";
import { levels } from "../../../actions/maintenance";
import { causeIn } from "../../../cli/on-host";
import { program } from "../../../cli/program";
import { servers } from "../../../components/layout";
import { Typed } from "./typed";

const said = new Typed();

const typed = async (...words: string[]) => {
  await program().run(words);
  return process.exitCode;
};
const { realm } = program();
const verbs = realm.commands.map((command) => command.name());
/** What has to do with the whole stack, or comes before there is one. */
const ofNoRealm = [
  ...["config", "drift", "qr", "host-key", "completion", "update"],
  ...["list", "create", "lock", "ban", "unban", "password"].map((verb) => `account ${verb}`),
];
/** Verbs with further ones: "data send". */
const further = realm.commands.flatMap((command) =>
  command.commands.map((each) => [command.name(), each.name()] as const),
);

describe("npm run realm", () => {
  it.each([[[]], [["--help"]]])("%j says what can be typed, and that is well", async (words) => {
    expect(await typed(...words)).toBe(0);
    for (const verb of verbs) expect(said.out).toMatch(new RegExp(`^ {2}${verb} `, "m"));
  });

  it.each(verbs)("%s --help says what it takes", async (verb) => {
    expect(await typed(verb, "--help")).toBe(0);
    expect(said.out).toMatch(new RegExp(`^Usage: npm run realm -- ${verb} `));
    if (!["init", "host-key", "completion", ...further.map(([first]) => first)].includes(verb))
      for (const option of ["--stack", "--config-file", "--cwd"]) expect(said.out).toContain(option);
    for (const command of realm.commands.filter((each) => each.name() === verb))
      expect(command.description()).not.toBe("");
  });

  it.each(further)("%s %s --help says what it takes", async (verb, more) => {
    expect(await typed(verb, more, "--help")).toBe(0);
    expect(said.out).toMatch(new RegExp(`^Usage: npm run realm -- ${verb} ${more} `));
    for (const option of ["--stack", "--config-file", "--cwd"]) expect(said.out).toContain(option);
  });

  const all = realm.commands.flatMap((command) =>
    command.commands.length === 0
      ? [[command.name(), command] as const]
      : command.commands.map((each) => [`${command.name()} ${each.name()}`, each] as const),
  );
  it.each(all)("%s takes a realm's name where it has to do with one", (verb, command) => {
    expect(command.options.some(({ long }) => long === "--realm")).toBe(!ofNoRealm.includes(verb));
  });

  it.each<[string[], RegExp]>([
    [["data"], /Usage: npm run realm -- data/],
    [["data", "sned"], /unknown command 'sned'\n\(Did you mean send\?\)/],
    [["data", "send"], /missing required argument 'folder'/],
    [["account"], /Usage: npm run realm -- account/],
    [["account", "craete"], /unknown command 'craete'\n\(Did you mean create\?\)/],
    [["account", "create"], /missing required argument 'name'/],
    [["account", "level", "BOB"], /missing required argument 'level'/],
    [["account", "level", "BOB", "4"], /It is a whole number from 0 to 3\./],
    [["account", "lock", "BOB", "maybe"], /Allowed choices are on, off\./],
    [["account", "ban", "BOB", "3d"], /missing required argument 'reason'/],
    [["account", "ban", "BOB", "3", "bot"], /"3" is no time for a ban/],
    [["account", "create", "BOB", "--email", "x"], /the mail address "x" is not a mail address in ASCII/],
    [["account", "create", "seventeen-letters"], /it has 17 characters, and the core takes 16/],
    // A password as a word could be read by all who use this machine.
    [["account", "password", "BOB", "Hunter2"], /too many arguments/],
    [["account", "create", "BOB", "--password", "Hunter2"], /unknown option '--password'/],
    [["drit"], /unknown command 'drit'\n\(Did you mean drift\?\)/],
    [["init"], /missing required argument 'host'/],
    [["init", "wow", "--agent", "--key", "k"], /'--agent' cannot be used with option '--key <file>'/],
    [["host-key"], /missing required argument 'host'/],
    [["announce"], /missing required argument 'text'/],
    [["restart", "--now", "--in", "60"], /'--now' cannot be used with option '--in <seconds>'/],
    [["restart", "--in", "4"], /It is a whole number from 5 to 3600\./],
    [["restart", "mariadb"], /Allowed choices are authserver, worldserver\./],
    [["maintenance"], /missing required argument 'state'/],
    [["maintenance", "maybe"], /Allowed choices are on, off\./],
    [["maintenance", "on", "--level", "player"], /Allowed choices are moderator, gamemaster, administrator\./],
    [
      ["logs", "bulid"],
      /Allowed choices are authserver, worldserver, auth, world, build, live, update, backup, alerts, audit\./,
    ],
    [["logs", "--lines", "-1"], /It is a whole number from 0 to 1000000\./],
    [["status", "--jsno"], /unknown option '--jsno'\n\(Did you mean --json\?\)/],
    [["status", "extra"], /too many arguments/],
  ])("%j is answered with what is wrong, and 2", async (words, says) => {
    expect(await typed(...words)).toBe(2);
    expect(said.err).toMatch(says);
    expect(said.out).toBe("");
  });

  it("knows the servers and logs that there are", () => {
    const choices = (verb: string) =>
      realm.commands.find((command) => command.name() === verb)?.registeredArguments[0]?.argChoices;
    expect(choices("start")).toEqual(servers);
    expect(choices("logs")).toEqual(sources);
    const level = realm.commands.find((command) => command.name() === "maintenance")?.options;
    expect(level?.find(({ long }) => long === "--level")?.argChoices).toEqual(Object.keys(levels));
  });
});

it.each([
  ["error: it is gone\n  look there\n", 1, "it is gone\n  look there"],
  ["warning: x\nerror: it is gone\n", 1, "it is gone"],
  ["bash: oops\n", 127, "it failed on h (127): bash: oops"],
  ["", null, "the SSH connection to h was lost; what was begun there may go on: npm run realm -- status"],
])("of %j and %s the cause is told: %s", (stderr, code, cause) => {
  expect(causeIn(stderr, code, "h")).toBe(cause);
});
