"""cutting-server.py DIR PORT: a web server for tests. /cutN/FILE serves ranges, but every answer breaks off after N bytes; /whole/FILE
serves all of it and refuses ranges."""
import http.server
import os
import re
import sys


class Files(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        kind, name = (self.path.strip("/").split("/") + ["", ""])[:2]
        path = os.path.join(sys.argv[1], os.path.basename(name))
        if not os.path.isfile(path):
            self.send_error(404)
            return
        data = open(path, "rb").read()
        asked = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked.group(1)) if asked else 0
        print("range", start, flush=True)
        if kind == "whole" and asked:
            self.send_error(416)
            return
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        cut = int(kind[3:]) if kind.startswith("cut") else len(data)
        self.wfile.write(data[start : start + cut])


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Files).serve_forever()
