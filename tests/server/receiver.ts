/** A real HTTP receiver on a machine's loopback, which takes alerts as its mode says. */
import type { Machine } from "./on-machine";

export const program = `
import http.server, json, os, time
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        mode = open("/run/receiver/mode").read().strip()
        if mode == "slow": time.sleep(2)
        if mode == "hangs": time.sleep(30)
        if mode.isdigit():
            self.send_response(int(mode)); self.end_headers()
            return
        with open("/run/receiver/got", "a") as got:
            got.write(json.dumps([self.path, self.headers["Content-Type"], json.loads(body)]) + chr(10))
        self.send_response(204); self.end_headers()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", 8099), Receiver).serve_forever()
`;

export interface Message {
  readonly event: string;
  readonly state: string;
  readonly sentence: string;
  readonly about: string;
  readonly count: number;
  readonly details: readonly string[];
  readonly [key: string]: unknown;
}

export class Receiver {
  constructor(private readonly machine: Machine) {
    machine.sh("mkdir -p /run/receiver; echo well >/run/receiver/mode; cat >/run/receiver/program.py", {
      stdin: program,
    });
    this.up();
  }
  up(): void {
    this.machine.sh(`systemd-run --quiet --collect --unit=receiver python3 /run/receiver/program.py
      for i in {1..100}; do ss -Hltn 'sport = :8099' | grep -q . && exit; sleep 0.1; done; exit 1`);
  }
  down(): void {
    this.machine.sh("systemctl stop receiver");
  }
  /** well, slow, hangs, or an HTTP status. */
  mode(mode: string): void {
    this.machine.sh(`echo ${mode} >/run/receiver/mode`);
  }
  /** What came since the last time it was asked. */
  got(): { readonly path: string; readonly type: string; readonly body: Message }[] {
    const lines = this.machine.sh("cat /run/receiver/got 2>/dev/null; rm -f /run/receiver/got");
    return lines
      .split("\n")
      .filter(Boolean)
      .map((line) => {
        const [path, type, body] = JSON.parse(line);
        return { path, type, body };
      });
  }
  bodies(): Message[] {
    return this.got().map(({ body }) => body);
  }
}

/** What hosts have by the step of the packages. */
export const withCurl = (machine: Machine): string =>
  machine.sh(
    "command -v curl >/dev/null || { apt-get -q update && apt-get -q install -y --no-install-recommends curl; } >/dev/null 2>&1",
  );
