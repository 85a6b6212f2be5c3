import { buildArgs, root } from "./built";
import { lab, type Machine, onMachine, run } from "./on-machine";

/** Programs that end before they can say a word, as a pipeline's first. */
const mute = [
  [
    "without the right",
    "touch $d/program; said=$($d/program 2>/dev/null | head -n 1)",
    "it may not be run: its mode, or its folder is mounted noexec",
  ],
  [
    "that is not there",
    "said=$($d/program 2>/dev/null | head -n 1)",
    "it is not there, or not what it needs to be run",
  ],
  [
    "for another processor",
    "said=$(bash -c 'kill -ILL $$' 2>/dev/null | head -n 1)",
    "illegal instruction: it was made for another processor",
  ],
] as const;

const library = (script: string, stdin = "") =>
  run("bash", ["-c", `. server/run/libraries.sh; d=$(mktemp -d); chmod 755 $d; ${script}`], stdin);

describe("a program that cannot be run", () => {
  it.each(mute)("%s is named by the job that it ends", (_what, command, why) => {
    const { code, out } = library(
      `JOB_LOGS=$d; mkdir $d/job; : >$d/job/args; work() { local said; ${command}; echo "not here"; }; job_main $d/job work`,
    );
    expect([code, out]).toEqual([expect.any(Number), expect.stringContaining(`== failed: it stopped at: said=$(`)]);
    expect(code).not.toBe(0);
    expect(out).toMatch(new RegExp(`\\(${why}\\)\n$`));
    expect(out).not.toContain("not here");
  });

  it.each([
    ["#!/bin/sh\nkill -ILL $$", "cannot be run here: illegal instruction: it was made for another processor"],
    ["#!/no/such/interpreter", "cannot be run here: it is not there, or not what it needs to be run"],
    ["#!/bin/sh\necho other", '--version says "other", should name 0123456789ab'],
  ])("is a flaw of its release: %j", (text, flaw) => {
    const { out } = library(
      "mkdir -p $d/rel/bin && cd $d/rel && cat >bin/worldserver && chmod 755 bin/worldserver && " +
        "echo commit=0123456789abcdef >release.info && sha256sum bin/worldserver release.info >.good; IN_JOB=yes release_problems $d/rel nobody",
      text,
    );
    expect(out).toBe(`releases/rel/bin/worldserver ${flaw}\n`);
  });
});

lab.describe("a disk that nothing may be run from", () => {
  let machine: Machine;
  const refused = (step: string, args: Parameters<Machine["observe"]>[2]) =>
    machine.observe(step, step, args).filter((line) => line.startsWith("refused: "));
  const sentence = (mount: string, folder: string) =>
    `refused: ${mount} is mounted noexec, so that nothing in ${folder} can be run; on the host: mount -o remount,exec ${mount}, and take noexec out of its line in /etc/fstab`;
  const noexec = (folder: string) =>
    machine.sh(
      `mkdir -p '${folder}' && mount --bind '${folder}' '${folder}' && mount -o remount,bind,noexec '${folder}'`,
    );

  beforeAll(() => {
    machine = onMachine("t-noexec");
  }, 300_000);
  afterAll(() => machine?.stop());

  it("is refused before there is a realm's folder, once for each mount", () => {
    expect(refused("build", buildArgs)).toEqual([]);
    noexec("/var/lib");
    expect(refused("build", buildArgs)).toEqual([sentence("/var/lib", `${root}/releases`)]);
    expect(refused("packages", { family: "apt", packages: ["socat"] })).toEqual([
      sentence("/var/lib", "/var/lib/dpkg/info"),
    ]);
    expect(machine.apply("build", "build", buildArgs).err).toContain(
      sentence("/var/lib", `${root}/releases`).replace("refused: ", ""),
    );
    machine.sh(
      "mkdir -p /etc/apt/apt.conf.d; echo 'DPkg::Pre-Invoke {\"mount -o remount,exec /var\";};' >/etc/apt/apt.conf.d/90exec",
    );
    expect(refused("packages", { family: "apt", packages: ["socat"] })).toEqual([]);
    machine.sh("umount /var/lib");
  });

  it("is refused where it holds one of them, and nowhere else", () => {
    noexec(`${root}/releases`);
    expect(refused("build", buildArgs)).toEqual([sentence(`${root}/releases`, `${root}/releases`)]);
    machine.sh(`umount ${root}/releases`);
    for (const folder of ["/tmp", "/var/tmp", "/dev/shm", "/home", `${root}/data`]) noexec(folder);
    expect(refused("build", buildArgs)).toEqual([]);
    noexec("/usr/local");
    const folder = "/usr/local/libexec/trinity-stack";
    expect(refused("scripts", { folder, version: "1", state: "/var/lib/trinity-stack", stack: "test/stack" })).toEqual([
      sentence("/usr/local", folder),
    ]);
  });
});
