/** Backups that are brought to a repository of restic, in a folder and on a REST server. */
import { offsitePlan } from "../../components/backups/plans";
import type { Plan } from "../../steps/plan";
import { load } from "../unit/settings/source";
import { BackupMachine, FOLDER } from "./backup-machine";
import { onLab } from "./facts-of";
import { lab } from "./on-machine";

const UNIT = "trinity-backup-offsite";
const DISK = "/mnt/elsewhere";
const PASSWORD = "a 'password' $HOME";

lab.describe("backups elsewhere", () => {
  let host: BackupMachine;
  const sh = (script: string) => host.machine.sh(script);
  const values = (repository: string) => ({ "backups.offsite.repository": repository });
  const secretValues = { password: PASSWORD, environment: "" };
  const planTo = (repository: string): Plan =>
    offsitePlan(
      onLab(load({ ...values(repository), "backups.offsite.password": PASSWORD }, ["backups.offsite.password"])),
    );
  const plan = planTo(DISK);
  const apply = (to: Plan, environment = "") => {
    const { code, err } = host.machine.apply(to.step, to.kind, to.args, { ...secretValues, environment });
    expect([code, err]).toEqual([0, ""]);
  };
  const observe = (to = plan, environment = "") =>
    host.machine.observe(to.step, to.kind, to.args, { ...secretValues, environment });
  const settled = () => sh(`while systemctl is-active ${UNIT} | grep -q ing; do sleep 0.2; done; true`);
  /** Makes a backup, which is brought there, and says what that said. */
  const makeAndSend = () => {
    const name = host.make();
    settled();
    const said = sh(`journalctl --sync; i=$(systemctl show -P InvocationID ${UNIT})
      journalctl -q -o cat _SYSTEMD_INVOCATION_ID=$i + INVOCATION_ID=$i`);
    return { name, said, result: sh(`systemctl show -P Result ${UNIT}`) };
  };
  /** As whoever sends them: files of the repository that are root's could not be read by the service. */
  const restic = (words: string, repository = DISK) =>
    sh(`install -m 0600 -o trinity-backup /etc/trinity-stack/offsite/password /run/password
      runuser -u trinity-backup -- env RESTIC_PASSWORD_FILE=/run/password restic --no-cache -q -r ${repository} ${words}`);
  const snapshots = (repository?: string): { time: string; tags: string[]; paths: string[] }[] =>
    JSON.parse(restic("snapshots --json", repository));
  const sent = (repository?: string) => snapshots(repository).map(({ paths: [path = ""] }) => path.split("/").at(-1));

  beforeAll(() => {
    host = new BackupMachine("t-offsite", values(DISK), PASSWORD);
    sh(`mkdir -m 0700 /etc/trinity-stack && install -d -m 0700 -o trinity-backup ${DISK}`);
    apply(plan);
  }, 300_000);
  afterAll(() => host?.stop(), 60_000);

  it("have what they need, which only root reads, and nothing to do the second time", () => {
    expect(observe()).toEqual([]);
    expect(sh("cd /etc/trinity-stack/offsite && stat -c '%a %U %n' . *")).toBe(
      "700 root .\n600 root environment\n600 root password",
    );
    expect(observe(plan, "AWS_ACCESS_KEY_ID=AKIA\n")).toEqual([
      "/etc/trinity-stack/offsite/environment has other content than it should",
    ]);
  });

  it("are in a sandbox that is rated 3.0 or better", () => {
    const said = sh(`systemd-analyze security --no-pager ${UNIT}.service | tail -n 1`);
    expect(Number(/: (\d+\.\d+) /.exec(said)?.[1])).toBeLessThanOrEqual(3);
  });

  it("are there as soon as they are made, and come back from there as they were", () => {
    const { name, said, result } = makeAndSend();
    expect([result, said]).toEqual(["success", expect.stringContaining(`sent ${name}`)]);
    expect(said).toContain(`made the repository ${DISK}`);
    expect(said).toContain("checked the repository");
    const time = `${name.slice(0, 10)}T${name.slice(11, 13)}:${name.slice(13, 15)}:${name.slice(15, 17)}Z`;
    expect(snapshots()).toMatchObject([{ tags: ["trinity", "night", name], time: expect.stringContaining(time) }]);
    restic("restore latest --target /var/tmp/back");
    expect(sh(`diff -r ${FOLDER}/${name} /var/tmp/back${FOLDER}/${name} && echo equal; rm -r /var/tmp/back`)).toBe(
      "equal",
    );
    expect(observe()).toEqual([]);
  });

  it("follow a backup before a change too, and are checked once a week alone", () => {
    expect(host.now("before restore", "auth").code).toBe(0);
    settled();
    expect(snapshots().map(({ tags }) => tags[1])).toEqual(["night", "before"]);
    sh("sed -i 's/\\t.*/\\t1/' /var/lib/trinity-backup-offsite/checked");
    const { said } = makeAndSend();
    expect(said).toContain("checked the repository");
    expect(makeAndSend().said).not.toContain("checked the repository");
  });

  it.each<[what: string, harm: string, cause: RegExp, mend: string]>([
    ["the disk is not there", `mv ${DISK} ${DISK}.away`, /cannot be opened/, `mv ${DISK}.away ${DISK}`],
    [
      "the password is another",
      "echo other >/etc/trinity-stack/offsite/password",
      /cannot be opened: .*wrong password/,
      "",
    ],
    [
      "the disk is full",
      `mv ${DISK} ${DISK}.away && mkdir ${DISK} && mount -t tmpfs -o size=3m tmpfs ${DISK} && cp -r ${DISK}.away/. ${DISK} &&
       chown -R trinity-backup ${DISK} && { head -c 9m /dev/zero >${DISK}/rest || true; }`,
      /could not be brought there|cannot be opened|lock/,
      `umount ${DISK} && rmdir ${DISK} && mv ${DISK}.away ${DISK}`,
    ],
    [
      "a part of it is damaged, as is found each week",
      `f=$(find ${DISK}/data -type f | head -n 1) && cp -p $f /run/part && echo $f >/run/which && rm $f && echo x >$f
       sed -i 's/\t.*/\t1/' /var/lib/trinity-backup-offsite/checked`,
      /it is damaged, as `restic check` found/,
      "cp -p /run/part $(cat /run/which)",
    ],
  ])(
    "say so when %s, and are there the next time",
    (_, harm, cause, mend) => {
      const before = sent();
      sh(harm);
      const { name, said, result } = makeAndSend();
      expect([result, said]).toEqual(["exit-code", expect.stringMatching(cause)]);
      const told = observe().filter((line) => line.startsWith("hint: "));
      expect(told).toEqual([expect.stringMatching(/^hint: trinity-backup-offsite failed \([^)]*\): \/mnt\/elsewhere/)]);
      expect(host.backups()).toContain(name);
      if (mend) sh(mend);
      apply(plan);
      const next = makeAndSend();
      expect(next).toMatchObject({ result: "success" });
      expect(sent()).toEqual([...before, name, next.name]);
      expect(observe()).toEqual([]);
    },
    120_000,
  );

  it("are thinned out as here, and those of others stay", () => {
    restic("backup --tag mine /etc/hostname");
    const nights = ["2026-01-01", "2026-01-02", "2026-01-20"].map((day) => `${day}T034000Z`);
    sh(`cd ${FOLDER} && mkdir ${nights.join(" ")} && for n in ${nights.join(" ")}; do echo x >$n/manifest; done
      chown -R trinity-backup ${nights.join(" ")}; rm /var/lib/trinity-backup-offsite/sent
      sed -i 's/days=7 weeks=4 months=6/days=1 weeks=0 months=2/' /etc/systemd/system/${UNIT}.service
      systemctl daemon-reload && systemctl start ${UNIT}`);
    const left = snapshots();
    expect(left.filter(({ tags }) => tags.includes("mine"))).toHaveLength(1);
    const months = left.filter(({ tags }) => tags.includes("night")).map(({ tags }) => tags[2]);
    expect(months).toContain(nights[2]);
    for (const gone of nights.slice(0, 2)) expect(months).not.toContain(gone);
    apply(plan);
  });

  it("reach a REST server with a login, which nobody else sees", () => {
    const server = "rest:http://127.0.0.1:8000/wow";
    const environment = "RESTIC_REST_USERNAME=me\nRESTIC_REST_PASSWORD=p@ss/wörd\n";
    const to = planTo(server);
    host.machine.sh("cat >/run/rest.py && systemd-run -q --unit=rest python3 /run/rest.py", { stdin: restServer });
    apply(to, environment);
    const watched = host.machine.exec(`
      (while :; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; done >/run/seen) & watch=$!
      systemctl start ${UNIT}; rc=$?; kill $watch; exit $rc`);
    expect([watched.code, host.machine.exec("grep -c 'p@ss\\|p%40ss' /run/seen").out.trim()]).toEqual([0, "0"]);
    expect(sh("cat /run/rest.log")).toMatch(/^authorized POST \/wow\/\?create=true$/m);
    expect(sh("cat /run/rest.log")).not.toMatch(/^refused/m);
    expect(sh(`journalctl -u ${UNIT} | grep -c 'p@ss\\|p%40ss' || true`)).toBe("0");
    expect(observe(to, environment)).toEqual([]);
    apply(plan);
  }, 120_000);

  it("go with the stack, and what is elsewhere stays", () => {
    const before = sent();
    expect(host.machine.undo(plan.step)).toMatchObject({ code: 0 });
    expect(
      sh(
        `ls -d /etc/trinity-stack/* /var/lib/${UNIT} /var/cache/${UNIT} /etc/systemd/system/${UNIT}* 2>/dev/null || true`,
      ),
    ).toBe("");
    host.machine.sh("mkdir -p /etc/trinity-stack/offsite && cat >/etc/trinity-stack/offsite/password", {
      stdin: PASSWORD,
    });
    expect(sent()).toEqual(before);
  });
});

/** As much of restic's REST protocol (version 1) as a backup, its thinning out and a check take. */
const restServer = `
import base64, json, os, re, shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
ROOT = "/run/rest"
wanted = "Basic " + base64.b64encode("me:p@ss/wörd".encode()).decode()
log = open("/run/rest.log", "a", buffering=1)

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *words): pass
    def answer(self, code, body=b"", more=()):
        self.send_response(code)
        for name, value in more: self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD": self.wfile.write(body)
    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        good = self.headers.get("Authorization") == wanted
        log.write(("authorized " if good else "refused ") + self.command + " " + self.path + "\\n")
        if not good: return self.answer(401)
        path, _, query = self.path.partition("?")
        file = ROOT + path
        if self.command == "POST" and query == "create=true":
            for name in ("data", "index", "keys", "locks", "snapshots"): os.makedirs(file + "/" + name, exist_ok=True)
            return self.answer(200)
        if self.command == "POST":
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "wb") as out: out.write(body)
            return self.answer(200)
        if path.endswith("/"):
            if not os.path.isdir(file): return self.answer(404)
            names = [{"name": n, "size": os.path.getsize(os.path.join(file, n))} for n in os.listdir(file)]
            if "v2" in (self.headers.get("Accept") or ""):
                return self.answer(200, json.dumps(names).encode(), [("Content-Type", "application/vnd.x.restic.rest.v2")])
            return self.answer(200, json.dumps([n["name"] for n in names]).encode(), [("Content-Type", "application/vnd.x.restic.rest.v1")])
        if not os.path.isfile(file): return self.answer(404)
        if self.command == "DELETE":
            os.remove(file)
            return self.answer(200)
        with open(file, "rb") as whole: content = whole.read()
        part = re.match(r"bytes=(\\d+)-(\\d*)", self.headers.get("Range") or "")
        if not part: return self.answer(200, content)
        end = int(part[2]) + 1 if part[2] else len(content)
        return self.answer(206, content[int(part[1]):end])
    do_GET = do_HEAD = do_POST = do_DELETE = handle_any

ThreadingHTTPServer(("127.0.0.1", 8000), Handler).serve_forever()
`;
