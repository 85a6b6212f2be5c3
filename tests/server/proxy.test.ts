import { scriptOf } from "../e2e/pasts/past";
import { sourceArgs as inLab, prepared, root, tdbArgs, tdbName } from "./built";
import { lab, type Machine, type Ran, run } from "./on-machine";

/** What the proxy's words in a file come to, and what is made of an error. */
const library = (script: string, stdin = "") =>
  run("bash", ["-c", `. server/lib/core.sh; . server/lib/proxy.sh; ${script}`], stdin).out;
const read = (text: string) =>
  library(`take_proxy somewhere <(cat) && printf '%s\\n' "\${PROXY[@]}" | sort`, text).trimEnd().split("\n");

describe("the proxy that a server names", () => {
  it.each([
    [
      "/etc/environment",
      'PATH="/bin"\nhttp_proxy="http://p:3128/"\nHTTPS_PROXY=http://p:3128\n',
      ["http_proxy=http://p:3128/", "https_proxy=http://p:3128"],
    ],
    [
      "with what is not to go through it",
      "all_proxy=socks5h://p:1080\nno_proxy=localhost,.lan",
      ["all_proxy=socks5h://p:1080", "no_proxy=localhost,.lan"],
    ],
    [
      "a shell's",
      "export http_proxy='http://a:b%40c@p:1' https_proxy=$http_proxy; export no_proxy",
      ["http_proxy=http://a:b%40c@p:1", "https_proxy=http://a:b%40c@p:1"],
    ],
    [
      "wget's",
      "# https_proxy = http://old\nhttp_proxy = http://p:8080/\nuse_proxy = on",
      ["http_proxy=http://p:8080/"],
    ],
    ["what would be run", "http_proxy=$(touch /tmp/x)\nhttps_proxy=`id`\nall_proxy=http://p", ["all_proxy=http://p"]],
    ["none", "no_proxy=localhost\nhttp_proxy=\n", [""]],
  ])("reads %s", (_what, text, found) => {
    expect(read(text)).toEqual(found);
  });

  it.each([
    [
      "fatal: unable to access 'http://x/': Could not resolve host: x",
      /^where a host reaches the internet through a proxy alone, name it in \/etc\/environment there: https_proxy=/,
    ],
    ["curl: (7) Failed to connect to x port 443 after 5 ms: Couldn't connect to server", /^where a host/],
    ["curl: (22) The requested URL returned error: 404", /^$/],
    ["fatal: Authentication failed for 'https://x/'", /^$/],
    [
      "curl: (56) CONNECT tunnel failed, response 407",
      /^the proxy does not let this through; it is named in {1,2}on the host/,
    ],
  ])("knows the way where git or curl say: %s", (words, way) => {
    expect(library('ip() { echo default; }; proxy_advice "$(cat)"', words)).toMatch(way);
  });

  it("names what an IPv6-only server lacks", () => {
    const words = "fatal: unable to access 'https://github.com/': Failed to connect to github.com port 443";
    expect(library('ip() { :; }; proxy_advice "$(cat)"', words)).toMatch(
      /^the host has no way out over IPv4, .*github\.com has none/,
    );
  });

  it("keeps the login in its address to itself", () => {
    expect(library("without_passwords", "at http://me:secret@p:1/ and https://x/")).toBe(
      "at http://…@p:1/ and https://x/",
    );
  });
});

lab.describe("a server behind a proxy", () => {
  const source = { ...inLab, repository: "http://git.example.net/core.git" };
  const tdb = { ...tdbArgs, source: `http://files.example.net/${tdbName}.7z` };
  const address = "http://clerk:way-out%407@127.0.0.1:3128";
  let machine: Machine;
  const anew = (more: string) => machine.sh(`rm -rf ${root}/src ${root}/work/worldserver/*.sql; ${more}`);
  /** Both fetched, while somebody looks at everybody's arguments. */
  const fetched = () => {
    machine.sh(
      "systemd-run -q --unit=eyes bash -c 'while :; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr \\\\0 \\\\n; done >/run/seen'",
    );
    const words = ({ code, out, err }: Ran) => `${code}\n${out}${err}`;
    const said = [words(machine.apply("source", "source", source))];
    // Which content is wanted is known from the source, be it from elsewhere.
    machine.sh(`cd ${root}/src && { [ -f revision_data.h.in.cmake ] || cp /srv/git/core/revision_data.h.in.cmake .; }`);
    said.push(words(machine.apply("tdb", "tdb", tdb)));
    expect(machine.sh("systemctl stop eyes; grep -c 'way-out[%]' /run/seen || true")).toBe("0");
    for (const each of said) expect(each).not.toMatch(/way-out/);
    return said;
  };

  beforeAll(() => {
    machine = prepared("t-proxy");
    machine.sh(scriptOf("proxy"));
    machine.sh("systemctl start mariadb; mariadb -e 'CREATE DATABASE world'");
  }, 300_000);
  afterAll(() => machine?.stop());

  it.each([
    ["/etc/environment", ":"],
    ["a shell's settings", `: >/etc/environment; echo "export http_proxy=${address}" >/etc/profile.d/proxy.sh`],
    [
      "systemd's",
      `rm /etc/profile.d/proxy.sh; mkdir -p /etc/systemd/system.conf.d; printf '[Manager]\\nDefaultEnvironment="http_proxy=%s"\\n' '${address.replace("%", "%%")}' >/etc/systemd/system.conf.d/proxy.conf; systemctl daemon-reexec`,
    ],
    [
      "apt's own",
      `rm /etc/systemd/system.conf.d/proxy.conf; systemctl daemon-reexec; echo 'Acquire::http::Proxy "${address}";' >/etc/apt/apt.conf.d/95proxy`,
    ],
  ])(
    "gets the source and the world's content through the one in %s",
    (_where, names) => {
      anew(names);
      for (const each of fetched()) expect(each).toMatch(/^0\n/);
    },
    60_000,
  );

  it("is told where to name it when it names none", () => {
    anew("rm /etc/apt/apt.conf.d/95proxy");
    for (const each of fetched())
      expect(each).toMatch(
        /ould not resolve host.*\n(.*\n)* {2}where a host reaches the internet through a proxy alone, name it in \/etc\/environment there/,
      );
  }, 60_000);

  it("is told which place names it when it is not let through", () => {
    anew(`echo 'http_proxy=http://clerk:way-out%25@127.0.0.1:3128' >/etc/environment`);
    for (const each of fetched())
      expect(each).toMatch(
        /407.*\n(.*\n)* {2}the proxy does not let this through; it is named in \/etc\/environment on the host\n/,
      );
  }, 60_000);
});
