/** The realm's numbers, read by Debian's own node_exporter. */
import { metricsPlan } from "../../components/alerts/plans";
import { load } from "../unit/settings/source";
import { BackupMachine } from "./backup-machine";
import { facts, onLab } from "./facts-of";
import { lab } from "./on-machine";
import { withCurl } from "./receiver";

const folder = "/var/lib/prometheus/node-exporter";
const file = `${folder}/trinity-wotlk.prom`;

lab.describe("numbers for node_exporter", () => {
  let host: BackupMachine;
  const sh = (script: string) => host.machine.sh(script);
  const { args } = metricsPlan(onLab(load({ "metrics.folder": folder })), facts());
  /** What Prometheus would read, by name and labels. */
  const scraped = (): Map<string, number> => {
    sh("systemctl start trinity-metrics");
    const lines = sh("curl -sf http://127.0.0.1:9101/metrics | grep -E '^(trinity|node_textfile)_'").split("\n");
    return new Map(
      lines.map((line) => {
        const at = line.lastIndexOf(" ");
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
    );
  };

  beforeAll(() => {
    host = new BackupMachine("t-metrics");
    withCurl(host.machine);
    sh(`apt-get -q install -y --no-install-recommends prometheus-node-exporter >/dev/null 2>&1
      systemd-run --quiet --unit=reader prometheus-node-exporter --collector.disable-defaults --collector.textfile \
        --collector.textfile.directory=${folder} --web.listen-address=127.0.0.1:9101`);
    host.sql(
      "CREATE TABLE characters.characters (guid INT, online INT); INSERT INTO characters.characters VALUES (1, 1), (2, 0)",
    );
    const { code, out, err } = host.machine.apply("metrics", "timer", args);
    if (code !== 0) throw new Error(out + err);
  }, 300_000);
  afterAll(() => host?.stop(), 60_000);

  it("are whole and can be read before there is a realm", () => {
    const numbers = scraped();
    expect(numbers.get("node_textfile_scrape_error")).toBe(0);
    expect(numbers.get('trinity_players{realm="wotlk"}')).toBe(1);
    expect(numbers.get('trinity_server_up{server="worldserver"}')).toBe(0);
    expect([...numbers.keys()].filter((name) => /release|backup|drill|start_time/.test(name))).toEqual([]);
    expect(sh(`stat -c '%a %U' ${file}; ls -A ${folder} | grep -c '^\\.' || true`)).toBe("644 root\n0");
  });

  it("tell of servers, release, backups and their trial", () => {
    const root = "/var/lib/trinity/Projects/trinity-335";
    const now = Number(sh("date +%s"));
    sh(`mkdir -p ${root}/releases/4f1c2ab90d3e-1a2b3c4d && ln -sfn releases/4f1c2ab90d3e-1a2b3c4d ${root}/run
      printf '[Service]\\nExecStart=/bin/sleep infinity\\n' >/etc/systemd/system/worldserver.service
      systemctl daemon-reload && systemctl start worldserver`);
    const name = host.make();
    host.run("drill");
    const numbers = scraped();
    expect(numbers.get("node_textfile_scrape_error")).toBe(0);
    expect(numbers.get('trinity_server_up{server="worldserver"}')).toBe(1);
    expect(numbers.get('trinity_server_start_time_seconds{server="worldserver"}')).toBeGreaterThanOrEqual(now);
    expect(numbers.get('trinity_release_info{release="4f1c2ab90d3e-1a2b3c4d"}')).toBe(1);
    const bytes = Number(sh(`cat /var/backups/trinity/${name}/*.zst | wc -c`));
    expect(numbers.get("trinity_backup_size_bytes")).toBe(bytes);
    for (const each of ["backup_time_seconds", "backup_success_time_seconds", "drill_success_time_seconds"])
      expect(numbers.get(`trinity_${each}`)).toBeGreaterThanOrEqual(now);
    expect([numbers.get("trinity_backup_ok"), numbers.get("trinity_drill_ok")]).toEqual([1, 1]);
  });

  it("leave out what is not known, and say that a backup failed", () => {
    sh("systemctl stop mariadb");
    expect(host.run("backup").ok).toBe(false);
    const numbers = scraped();
    expect([numbers.get("node_textfile_scrape_error"), numbers.get("trinity_backup_ok")]).toEqual([0, 0]);
    expect([...numbers.keys()].filter((name) => name.startsWith("trinity_players"))).toEqual([]);
    sh("systemctl start mariadb");
  });

  it("go with the step", () => {
    expect(host.machine.undo("metrics").code).toBe(0);
    expect(sh(`ls ${file} 2>/dev/null || echo gone`)).toBe("gone");
  });
});
