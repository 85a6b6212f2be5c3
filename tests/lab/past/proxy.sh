#!/bin/bash
# A host that reaches the internet only through a proxy, which asks for a login. Only the proxy can resolve names
# outside. The places behind the proxy are on the same host: git.example.net has the core's repositories,
# files.example.net has the world's content.
set -eu
# The package archives are not behind this proxy, so the packages that the lab's image lacks are installed before.
apt-get -q update >/dev/null
apt-get -q -y install --no-install-recommends curl ca-certificates >/dev/null 2>&1
mkdir -p /opt/theirs
cat >/opt/theirs/proxy.py <<'PY'
import base64, http.server, os, subprocess, sys, urllib.parse
class Proxy(http.server.BaseHTTPRequestHandler):
    def answer(self):
        if self.headers.get("Proxy-Authorization") != "Basic " + base64.b64encode(b"clerk:way-out@7").decode():
            return self.plain(b"", "HTTP/1.0 407 Log in\r\nProxy-Authenticate: Basic realm=theirs\r\nContent-Length: 0\r\n\r\n")
        url = urllib.parse.urlsplit(self.path)
        if url.hostname == "files.example.net":
            with open("/srv/tdb" + url.path, "rb") as file:
                self.plain(file.read())
        elif url.hostname == "git.example.net":
            self.git(url)
        else:
            self.send_error(502)
    do_GET = do_POST = answer
    def plain(self, body, head="HTTP/1.0 200 OK\r\n\r\n"):
        self.wfile.write(head.encode() + body)
    def git(self, url):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        env = dict(os.environ, GIT_PROJECT_ROOT="/srv/git", GIT_HTTP_EXPORT_ALL="1", PATH_INFO=url.path, QUERY_STRING=url.query,
            REQUEST_METHOD=self.command, CONTENT_TYPE=self.headers.get("Content-Type", ""), CONTENT_LENGTH=str(len(body)),
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""), GIT_PROTOCOL=self.headers.get("Git-Protocol", ""),
            GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory", GIT_CONFIG_VALUE_0="*")
        self.plain(subprocess.run(["git", "http-backend"], input=body, env=env, stdout=subprocess.PIPE).stdout, "HTTP/1.0 200 OK\r\n")
http.server.ThreadingHTTPServer(("127.0.0.1", 3128), Proxy).serve_forever()
PY
printf '[Unit]\nDescription=The way out\n[Service]\nExecStart=/usr/bin/python3 /opt/theirs/proxy.py\n[Install]\nWantedBy=multi-user.target\n' \
  >/etc/systemd/system/way-out.service
systemctl enable -q --now way-out
# The proxy has no certificate for git.example.net, so git asks for its https addresses over http.
git config --system url.http://git.example.net/.insteadOf https://git.example.net/
printf 'http_proxy="http://clerk:way-out%%407@127.0.0.1:3128"\nhttps_proxy="http://clerk:way-out%%407@127.0.0.1:3128"\nno_proxy=localhost\n' \
  >>/etc/environment
until (exec 3<>/dev/tcp/127.0.0.1/3128) 2>/dev/null; do sleep 0.1; done
