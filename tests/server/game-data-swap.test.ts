import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argumentsOf } from "../../actions/action";
import { type GameDataVerb, gameDataAction, listOf, readState } from "../../actions/game-data/on-host";
import { userPlan } from "../../components/host/user";
import { gameDataPlan } from "../../components/realm/game-data";
import { onLab } from "./facts-of";
import { place, SCRIPT } from "./game-data-place";
import { lab, type Machine, onMachine, type Ran } from "./on-machine";
import { settings } from "./stand-in";

const { data, incoming, manifest, core: CORE } = place;

lab.describe("game data that takes its place", () => {
  let machine: Machine;
  const made = mkdtempSync(join(tmpdir(), "data-"));
  const plan = gameDataPlan(onLab(settings));
  const look = () => machine.observe("game-data", "game-data", plan.args);
  const words = (verb: GameDataVerb, ...more: string[]) => argumentsOf(gameDataAction(verb, place, ...more));
  const call = (verb: GameDataVerb, ...more: string[]): Ran =>
    machine.exec(`setsid -w bash ${SCRIPT} ${words(verb, ...more)}`);
  const state = () => readState(call("state").out);
  /** What is there, with its sums, as one text. */
  const sums = (folder: string) => machine.sh(`cd ${folder} && find . -type f -print0 | sort -z | xargs -0 sha256sum`);
  /** What `finish` is told: files, bytes, folders. */
  const counts = () =>
    machine
      .sh(
        `cd ${incoming} && find dbc maps vmaps mmaps Cameras -type f -printf '%s\\n' 2>/dev/null | awk '{ s += $1 } END { print NR, s }'; ls`,
      )
      .split(/\s+/);

  beforeAll(() => {
    machine = onMachine("t-swap", "baked");
    expect(machine.apply("user", "user", userPlan(onLab(settings)).args).code).toBe(0);
    execFileSync("tests/lab/core/make-data.sh", [made]);
    const tar = execFileSync("tar", ["-C", made, "-c", "."]);
    machine.sh(
      "mkdir /srv/new && tar -C /srv/new -x && chmod 755 /srv/new && cp -a /srv/new /srv/old && cd /srv/old && echo older >>maps/0004331.map && touch maps/0000000.map && rm -r Cameras",
      {
        stdin: tar,
      },
    );
  }, 300_000);
  afterAll(() => {
    machine?.stop();
    rmSync(made, { recursive: true });
  });

  /** The old data live as an operator brought it, the new one arrived. */
  const begin = () =>
    machine.sh(
      `rm -rf ${data} ${incoming} ${manifest} && cp -a /srv/old ${data} && cp -a /srv/new ${incoming} && chown -R trinity: ${data} ${incoming}/*; chown root: ${incoming}`,
    );

  it("is told apart, and is refused where a folder is a link or mounted, and where there is no rsync or no realm", () => {
    begin();
    const seen = state();
    expect(seen).toMatchObject({ against: [], listed: false });
    expect([seen.live.size, seen.incoming.size]).toEqual([
      Number(machine.sh("find /srv/old -type f | wc -l")),
      Number(machine.sh("find /srv/new -type f | wc -l")),
    ]);
    expect(seen.live.get("maps/0000000.map")).toMatchObject({ size: 0 });
    expect(seen.free).toBeGreaterThan(1e6);
    machine.sh(
      `mv ${data}/maps /srv/maps && ln -s /srv/maps ${data}/maps && mkdir -p /srv/m && mount --bind /srv/m ${data}/mmaps`,
    );
    expect(state().against).toEqual([
      `${data}/maps is a link to /srv/maps: copy the files there by hand, or remove the link`,
      `${data}/mmaps is mounted from elsewhere: copy the files there by hand, or unmount it`,
    ]);
    machine.sh(`mkdir -p /srv/i && rm -rf ${incoming} && ln -s /srv/i ${incoming}`);
    expect(state().against[2]).toMatch(/data\.incoming is a link to \/srv\/i: copy the files there by hand/);
    machine.sh(`rm ${incoming} && mv ${data} /srv/data && ln -s /srv/data ${data}`);
    expect(state().against[0]).toBe(`${data} is a link to /srv/data: copy the files there by hand, or remove the link`);
    expect(call("finish", "0", "0").err).toMatch(
      /^error: .*data is a link to \/srv\/data: .*\n {2}the live data was not touched\n$/,
    );
    machine.sh(`rm ${data} && mv /srv/data ${data}`);
    machine.sh(`umount ${data}/mmaps; rm -r /srv/maps /srv/m; mv /usr/bin/rsync /usr/bin/rsync.away; rm -rf ${data}`);
    expect(state().against).toEqual([
      "rsync is not installed there; `pulumi up` installs it",
      `there is no realm yet, as ${data} is missing; \`pulumi up\` makes it`,
    ]);
    machine.sh("mv /usr/bin/rsync.away /usr/bin/rsync");
  });

  it("goes live as it arrived, keeps what was not sent, and is noted with sizes and sums", () => {
    begin();
    machine.sh(`rm -r ${incoming}/mmaps; echo mine >${data}/notes.txt`);
    const all = counts();
    expect(call("finish", ...all)).toMatchObject({ code: 0, err: "" });
    expect(machine.sh(`ls ${data}; ls ${incoming} 2>&1 || true; cat ${data}/notes.txt`)).toBe(
      `Cameras\ndbc\nmaps\nmmaps\nnotes.txt\nvmaps\nls: cannot access '${incoming}': No such file or directory\nmine`,
    );
    for (const folder of ["dbc", "maps", "vmaps", "Cameras"])
      expect(sums(`${data}/${folder}`)).toBe(sums(`/srv/new/${folder}`));
    expect(machine.sh(`find ${data} ! -user trinity ! -name notes.txt; stat -c '%U %a' ${manifest}`)).toBe("root 644");
    expect(machine.sh(`grep -v '^#' ${manifest} | cut -f 3,4 | tr '\\t' ' ' | sort -k 2`)).toBe(
      machine.sh(
        "cd /srv/new && find dbc maps vmaps Cameras -type f -print0 | xargs -0 sha256sum | tr -s ' ' | sort -k 2",
      ),
    );
    expect(state().listed).toBe(true);
    expect(look()).toEqual([]);
    expect(call("check").out).toBe(`files ${all[0]}\n`);
    machine.sh(`rm ${data}/notes.txt`);
  });

  it("is labelled, where SELinux is", () => {
    begin();
    machine.sh(
      "printf '#!/bin/sh\\necho \"$*\" >>/run/labelled\\n' >/usr/sbin/restorecon && chmod 755 /usr/sbin/restorecon",
    );
    const { code } = call("finish", ...counts());
    machine.sh("rm /usr/sbin/restorecon");
    expect([code, machine.sh("cat /run/labelled").split("\n")]).toEqual([
      0,
      expect.arrayContaining(["dbc", "maps", "vmaps", "mmaps", "Cameras"].map((folder) => `-F -R ${data}/${folder}`)),
    ]);
  });

  it("is looked at by size, and read whole by the check", () => {
    machine.sh(
      `cd ${data} && rm dbc/Map.dbc && echo x >>vmaps/000.vmtree && printf 'X' | dd of=maps/0004331.map bs=1 conv=notrunc status=none && touch maps/mine.map`,
    );
    expect(look()).toEqual([
      `hint: ${data} is not as it was sent: 2 files gone or of another size, e.g. dbc/Map.dbc: \`npm run realm -- data send FOLDER\` brings what is missing`,
    ]);
    expect(
      call("check")
        .out.split("\n")
        .filter((line) => line.startsWith("wrong"))
        .sort(),
    ).toEqual([
      "wrong lacks dbc/Map.dbc",
      "wrong more maps/mine.map",
      "wrong size vmaps/000.vmtree",
      "wrong sum maps/0004331.map",
    ]);
    machine.sh(`rm ${manifest}`);
    expect(look()).toEqual([]);
    expect(call("check").err).toMatch(
      /^error: nothing is known of what was sent: .*data\.manifest is missing\n {2}`npm run realm/,
    );
  });

  it("does not go live when not all has arrived", () => {
    begin();
    const all = counts();
    machine.sh(`rm ${incoming}/maps/0004331.map`);
    const before = sums(data);
    expect(call("finish", ...all).err).toMatch(
      /^error: not all has arrived: \d+ files of \d+, .*run it again\n {2}the live data was not touched\n$/,
    );
    expect(sums(data)).toBe(before);
    machine.sh(`cp -p /srv/new/maps/0004331.map ${incoming}/maps/`);
    expect(call("finish", ...all).code).toBe(0);
    expect(sums(data)).toBe(sums("/srv/new"));
  });

  it("reads of what is the same as before only the list", () => {
    begin();
    expect(call("finish", ...counts()).code).toBe(0);
    // As rsync leaves it: links to what is live, and a new file.
    machine.sh(
      `mkdir ${incoming} && cp -al ${data}/. ${incoming}/ && chown root: ${incoming} && rm ${incoming}/maps/0004331.map && echo new >${incoming}/maps/0004331.map && chown trinity: ${incoming}/maps/0004331.map && sed -i 's/[0-9a-f]\\{64\\}\\tdbc/${"0".repeat(64)}\\tdbc/' ${manifest}`,
    );
    expect(call("finish", ...counts()).code).toBe(0);
    expect(machine.sh(`grep -c 0000000000000000000000000000000000000000000000000000000000000000 ${manifest}`)).toBe(
      machine.sh("ls /srv/new/dbc | wc -l"),
    );
    expect(machine.sh(`grep 0004331.map ${manifest} | grep -v mm | cut -f 3`)).toBe(
      machine.sh("echo new | sha256sum | cut -c 1-64"),
    );
  });

  /** Files of /srv/new arrive, as rsync leaves them. */
  const send = (...paths: string[]) =>
    machine.sh(
      `cd /srv/new && install -d ${incoming} && cp -p --parents -t ${incoming} ${paths.join(" ")} && chown -R trinity: ${incoming}/*`,
    );
  /** Tells that they arrived, with the sums of what the list does not have, as the sender made them. */
  const arriving = (...gone: string[]) => {
    const { live, known } = state();
    const lines = machine
      .sh(
        "cd /srv/new && for path in $(find dbc maps vmaps -type f); do echo $(stat -c '%s %Y' $path) $(sha256sum <$path | cut -c 1-64) $path; done",
      )
      .split("\n")
      .map((line) => line.split(" ") as [string, string, string, string])
      .map(([size, mtime, sum, path]) => ({ size: Number(size), mtime: Number(mtime), sum, path }))
      .filter(({ path, size, mtime }) => {
        const there = live.get(path);
        return !known.has(path) || there?.size !== size || there.mtime !== mtime;
      });
    const list = listOf({ unlisted: lines, gone }, new Map(lines.map(({ path, sum }) => [path, sum])));
    return () =>
      machine.exec(`setsid -w bash ${SCRIPT} ${words("arrived", "dbc", "maps", "vmaps")}`, {
        stdin: Buffer.from(list),
      });
  };
  const inode = (path: string) => machine.sh(`stat -c %i ${path}`);
  const listed = () =>
    machine.sh(`grep -v '^#' ${manifest} | cut -f 3,4 | tr '\\t' ' ' | grep -v ' mmaps\\| Cameras' | sort -k 2`);
  const summed = () =>
    machine.sh("cd /srv/new && find dbc maps vmaps -type f -print0 | xargs -0 sha256sum | tr -s ' ' | sort -k 2");

  describe("of which little is new", () => {
    beforeEach(() => {
      begin();
      machine.sh(
        `rm -rf ${data} ${incoming}/* && cp -a /srv/new ${data} && cd ${data} && echo more >maps/gone.map && echo older >>vmaps/000.vmtree && chown -R trinity: .`,
      );
    });

    it("changes nothing but that, and needs no sum of what the list has", () => {
      send("vmaps/000.vmtree");
      // What an earlier run gathered, and what nobody sends.
      machine.sh(
        `cd ${incoming} && mkdir -p maps mmaps && echo x >maps/stale.map && echo x >mmaps/x.mmtile && chown -R trinity: maps mmaps`,
      );
      const before = ["maps", "vmaps", "dbc/Map.dbc"].map((path) => inode(`${data}/${path}`));
      expect(arriving("maps/gone.map")()).toMatchObject({ code: 0, out: "", err: "" });
      expect(sums(data)).toBe(sums("/srv/new"));
      expect(["maps", "vmaps", "dbc/Map.dbc"].map((path) => inode(`${data}/${path}`))).toEqual(before);
      expect(listed()).toBe(summed());
      expect(state().listed).toBe(true);
      expect(machine.exec(`test -e ${incoming}`).code).toBe(1);

      machine.sh(
        `echo older >>${data}/vmaps/000.vmtree; sed -i 's/[0-9a-f]\\{64\\}\\tdbc/${"0".repeat(64)}\\tdbc/' ${manifest}`,
      );
      send("vmaps/000.vmtree");
      expect(arriving()()).toMatchObject({ code: 0 });
      expect(machine.sh(`grep -c '${"0".repeat(64)}' ${manifest}`)).toBe(machine.sh("ls /srv/new/dbc | wc -l"));
      expect(sums(data)).toBe(sums("/srv/new"));
    });

    it.each([
      ["did not arrive", () => machine.sh(`rm ${incoming}/vmaps/000.vmtree`)],
      ["arrived in part", () => machine.sh(`truncate -s 3 ${incoming}/vmaps/000.vmtree`)],
      ["changed on the host meanwhile", () => machine.sh(`echo x >>${data}/dbc/Map.dbc`)],
    ])("does not go live where a file %s", (_, happens) => {
      send("vmaps/000.vmtree");
      const run = arriving("maps/gone.map");
      happens();
      const before = sums(data);
      expect(run().err).toMatch(
        /^error: not all is there as it was sent: (vmaps\/000\.vmtree|dbc\/Map\.dbc); run it again\n {2}the live data was not touched\n$/,
      );
      expect(sums(data)).toBe(before);
    });

    it("takes the place of a whole folder that the service user may not change", () => {
      machine.sh(`chown -R root: ${data}/vmaps ${data}/maps && chmod -R go-w ${data}`);
      send("vmaps/000.vmtree");
      expect(arriving("maps/gone.map")()).toMatchObject({ code: 0, err: "" });
      expect(sums(data)).toBe(sums("/srv/new"));
      expect(machine.sh(`find ${data}/vmaps ${data}/maps -type d ! -user trinity`)).toBe("");
      expect(listed()).toBe(summed());
    });
  });

  it.each<[string, () => () => Ran]>([
    [
      "whole folders",
      () => {
        begin();
        const all = counts();
        return () => call("finish", ...all);
      },
    ],
    [
      "parts of folders",
      () => {
        begin();
        machine.sh(
          `rm -r ${incoming}/* ${data} && cp -a /srv/new ${data} && cd ${data} && echo more >maps/gone.map && echo older >>vmaps/000.vmtree && rm maps/0004331.map && chown -R trinity: .`,
        );
        send("maps/0004331.map", "vmaps/000.vmtree");
        return arriving("maps/gone.map");
      },
    ],
  ])(
    "is whole, old or new, wherever the change is cut off, and the next run brings it to its end (%s)",
    (_, start) => {
      // In the place of each program that changes something: ends all of it before the Nth.
      machine.sh(
        `cat >/usr/local/sbin/cutting <<'END'
#!/bin/bash
n=$(($(cat /run/cut.n) - 1)); echo $n >/run/cut.n
if ((n == 0)); then kill -KILL -- -"$(ps -o pgid= $$ | tr -d ' ')"; fi
exec /usr/bin/\${0##*/} "$@"
END
      chmod 755 /usr/local/sbin/cutting; for p in mv sync rm cp xargs; do ln -sf cutting /usr/local/sbin/$p; done`,
      );
      const whole = sums("/srv/new");
      let cuts = 0;
      for (let at = 1; ; at++) {
        machine.sh("echo 0 >/run/cut.n");
        const run = start();
        const before = sums(data);
        machine.sh(`echo ${at} >/run/cut.n`);
        const { code } = run();
        machine.sh("echo 0 >/run/cut.n");
        if (code === 0) break;
        cuts++;
        const begun = machine.exec(`test -e ${incoming}/swapping`).code === 0;
        // Until it says that all is whole nothing of what is live was touched.
        if (!begun && machine.exec(`test -e ${manifest}`).code !== 0) expect(sums(data)).toBe(before);
        if (begun) {
          // A preview tells it, and an \`up\` would put it right.
          expect(look()).toEqual([`new game data was cut off while it took its place in ${data}`]);
          if (at % 2) expect(machine.apply("game-data", "game-data", plan.args).code).toBe(0);
        }
        const seen = state();
        if (!seen.listed) expect(run().code).toBe(0);
        expect([at, sums(data)]).toEqual([at, whole]);
        expect(state().listed).toBe(true);
        expect(machine.exec(`test -e ${incoming}/swapping`).code).toBe(1);
      }
      machine.sh("cd /usr/local/sbin && /usr/bin/rm cutting mv sync rm cp xargs");
      expect(cuts).toBeGreaterThan(8);
    },
    300_000,
  );

  it("is one at a time", () => {
    machine.sh(
      "mkdir -p /run/trinity-stack/locks; systemd-run --quiet --unit=holder flock /run/trinity-stack/locks/game-data sleep 60; sleep 0.3",
    );
    expect(call("state").err).toMatch(
      /^error: another `data send` is at work on this host.*\n {2}wait for two minutes/,
    );
    machine.sh("systemctl stop holder");
    expect(call("state").code).toBe(0);
  }, 60_000);

  describe("and the releases' formats", () => {
    const A = "aaaaaaaaaaaa-00000001";
    const B = "bbbbbbbbbbbb-00000002";
    const release = (id: string, formats: string, link: string) =>
      machine.sh(
        `mkdir -p ${CORE}/releases/${id} && echo 'formats=${formats}' >${CORE}/releases/${id}/release.info && ln -sfn releases/${id} ${CORE}/${link}`,
      );
    const eleven = () =>
      machine.sh(
        `cd ${incoming}/maps && for file in *; do printf '\\13' | dd of=$file bs=1 seek=4 conv=notrunc status=none; done`,
      );
    beforeEach(() => {
      begin();
      release(A, "maps=10 vmaps=4.8 mmaps=15", "run");
      release(B, "maps=11 vmaps=4.8", "candidate");
    });
    afterAll(() => machine.sh(`rm -rf ${CORE}/releases ${CORE}/run ${CORE}/candidate`));

    it.each([
      [
        "as they are declared",
        ["uint32 MapVersionMagic      = 10;", 'const char VMAP_MAGIC[] = "VMAP_4.8";'],
        "maps=10 vmaps=4.8",
      ],
      ["not where they are only used", ["if (header.versionMagic != MapVersionMagic)", "(MMAP_VERSION)"], ""],
      [
        "not those of the raw vmaps",
        ['const char RAW_VMAP_MAGIC[] = "VMAP048";', "#define MMAP_VERSION 15"],
        "mmaps=15",
      ],
      ["not where two declarations differ", ["#define MMAP_VERSION 15", "# define MMAP_VERSION 16"], ""],
      ["not in words that nobody knows", ["u_map_magic MapVersionMagic = { {'v','1','.','9'} };"], ""],
    ])("are read from the source %s", (_, lines, formats) => {
      const script = `. ${SCRIPT.replace(/actions.*/, "")}run/libraries.sh; formats_in_source`;
      expect(machine.sh(`bash -c '${script}'`, { stdin: Buffer.from(`${lines.join("\n")}\n`) })).toBe(formats);
    });

    it("are told before anything is sent", () => {
      expect(state().releases).toEqual([
        { id: A, reads: { maps: "10", vmaps: "4.8", mmaps: "15" } },
        { id: B, reads: { maps: "11", vmaps: "4.8" } },
      ]);
    });

    it("let new data wait for the release that reads it, and take its place with that one", () => {
      eleven();
      const before = sums(data);
      const whole = machine.sh(`cd ${incoming} && find maps -type f -print0 | sort -z | xargs -0 sha256sum`);
      expect(call("finish", ...counts())).toMatchObject({ code: 0, out: `waits ${B}\n` });
      expect(sums(data)).toBe(before);
      expect(look()).toEqual([
        `hint: new game data waits in ${incoming}: it takes its place when releases/${B} goes live`,
      ]);
      const goLive = (id: string) =>
        machine.exec(
          `cd ${SCRIPT.replace(/actions.*/, "")} && bash -c '. run/libraries.sh; declare -A ARG=([root]=${CORE} [user]=trinity [data]=${data} [incoming]=${incoming} [manifest]=${manifest} [dataLock]=game-data [servers]=); go_live ${id}'`,
        );
      expect(goLive(B)).toMatchObject({ code: 0 });
      expect(machine.sh(`readlink ${CORE}/run; ls ${incoming} 2>&1 || true`)).toBe(
        `releases/${B}\nls: cannot access '${incoming}': No such file or directory`,
      );
      expect(machine.sh(`cd ${data} && find maps -type f -print0 | sort -z | xargs -0 sha256sum`)).toBe(whole);
      expect(state().listed).toBe(true);
    });

    it("let what little was sent wait, with all that stays beside it", () => {
      machine.sh(`rm -rf ${data} ${incoming}/* && cp -a /srv/new ${data} && echo x >${data}/maps/gone.map`);
      machine.sh(
        `cd ${data}/maps && for file in *.map; do printf '\\11' | dd of=$file bs=1 seek=4 conv=notrunc status=none; done`,
      );
      release(A, "maps=9", "run");
      release(B, "maps=10", "candidate");
      send(...machine.sh("cd /srv/new && ls -d maps/*").split("\n"));
      send("vmaps/000.vmtree");
      machine.sh(`echo older >>${data}/vmaps/000.vmtree; chown -R trinity: ${data}`);
      const before = sums(data);
      expect(arriving("maps/gone.map")()).toMatchObject({ code: 0, out: `waits ${B}\n` });
      expect(sums(data)).toBe(before);
      expect(machine.sh(`cat ${incoming}/parts; cd ${incoming} && find maps vmaps -type f | sort`)).toBe(
        machine.sh("echo 'trinity '; cd /srv/new && find maps vmaps -type f | sort"),
      );
      release(B, "maps=10", "run");
      machine.sh(`: >${incoming}/swapping`);
      expect(call("state").code).toBe(0);
      expect(sums(data)).toBe(sums("/srv/new"));
    });

    it("refuse new data that neither reads, or that only a release reads which is not to go live", () => {
      eleven();
      release(B, "maps=12", "candidate");
      const before = sums(data);
      expect(call("finish", ...counts()).err).toBe(
        `error: releases/${A} reads maps 10, and the game data has maps 11\n  the live data was not touched\n`,
      );
      expect(sums(data)).toBe(before);
      // A release of an earlier version does not say what it reads.
      machine.sh(`echo commit=1 >${CORE}/releases/${A}/release.info`);
      expect(call("finish", ...counts())).toMatchObject({ code: 0, out: "" });
      expect(sums(data)).not.toBe(before);
    });
  });

  it("is looked at fast, also where it is much", () => {
    machine.sh(
      `rm -rf ${data}/* && mkdir ${data}/maps && cd ${data}/maps && seq 100000 | sed 's/$/.map/' | xargs touch && chown -R trinity: ${data} && seq 100000 | sed 's/.*/0\\t1\\t${"0".repeat(64)}\\tmaps\\/&.map/' >${manifest}`,
    );
    const began = Date.now();
    expect(look()).toEqual([]);
    const took = Date.now() - began;
    console.log(`a look at 100,000 files took ${took} ms`);
    // Half of the time that a look may take.
    expect(took).toBeLessThan(10_000);
  }, 120_000);
});
