import { run } from "./on-machine";

/** What is said of the realm's addresses on a server with `own` ones, which resolves names so. */
function said(address: string, resolves: string, own = "192.168.1.9", localAddress = "127.0.0.1"): string[] {
  const script = `. server/run/libraries.sh; . server/kinds/surroundings/address.sh
    declare -A known=([127.0.0.1]=127.0.0.1 [$1]=$2); machine=$3
    addresses_of() { [[ -z \${known[$1]-} ]] || printf '%s\\n' "\${known[$1]}"; }
    completed() { false; }
    own_addresses() { printf '%s\\n' $machine; }
    ARG=([address]=$1 [localAddress]=$4 [realm.key]=wotlk)
    check_address`;
  const { out, err } = run("bash", ["-c", script, "x", address, resolves, own, localAddress]);
  expect(err).toBe("");
  return out.split("\n").filter(Boolean);
}

const key = "trinitycore:realms.wotlk.address is";

describe("the realm's address", () => {
  it.each([
    ["a public one of a server behind a router", "203.0.113.7", "203.0.113.7", "192.168.1.9", []],
    ["a name of it", "play.example.net", "203.0.113.7", "192.168.1.9", []],
    ["the server's own public one", "203.0.113.7", "203.0.113.7", "203.0.113.7", []],
    [
      "another public one than the server's",
      "play.example.net",
      "203.0.113.8",
      "10.0.0.2 203.0.113.7",
      [
        `hint: ${key} play.example.net, which is 203.0.113.8 on this host, and not this host's (10.0.0.2 203.0.113.7): players reach the realm only if it is forwarded here`,
      ],
    ],
    [
      "a private one of the server's",
      "192.168.1.9",
      "192.168.1.9",
      "192.168.1.9",
      [`foretold: ${key} 192.168.1.9, a private address: players outside this network do not reach it`],
    ],
    [
      "a private one of another machine",
      "172.20.0.1",
      "172.20.0.1",
      "192.168.1.9",
      [
        `hint: ${key} 172.20.0.1, a private address that is not this host's (192.168.1.9): players reach the realm only if it is forwarded here`,
      ],
    ],
    [
      "a loopback address",
      "127.0.0.1",
      "127.0.0.1",
      "192.168.1.9",
      [
        `drift: ${key} 127.0.0.1, an address of each machine itself: players elsewhere are sent to their own machine and stay outside; set the address that they reach`,
      ],
    ],
    [
      "an address that is nobody's",
      "169.254.3.4",
      "169.254.3.4",
      "",
      [`drift: ${key} 169.254.3.4, an address that nobody can connect to`],
    ],
    [
      "a name that is not known",
      "play.example.net",
      "",
      "192.168.1.9",
      [
        `refused: ${key} play.example.net, which this host cannot resolve to an IPv4 address within 2 s: the authserver leaves such a realm out, and players see none; set an address, or put the name into DNS or into /etc/hosts on this host`,
      ],
    ],
  ])("is %s", (_what, address, resolves, own, sentences) => {
    expect(said(address, resolves, own)).toEqual(sentences);
  });

  it("inside the network has to be known as well", () => {
    expect(said("203.0.113.7", "203.0.113.7", "192.168.1.9", "nas.home")).toEqual([
      expect.stringMatching(
        /^refused: trinitycore:realms\.wotlk\.localAddress is nas\.home, which this host cannot resolve/,
      ),
    ]);
  });

  it("is asked of the resolver that the servers ask, and for two seconds at most", () => {
    const ask = (name: string) =>
      run("bash", ["-c", ". server/lib/core.sh; . server/kinds/surroundings/address.sh; addresses_of $1", "x", name])
        .out;
    expect(ask("localhost")).toBe("127.0.0.1\n");
    expect(ask("192.168.1.9")).toBe("192.168.1.9\n");
    expect(ask("no-such-name.invalid")).toBe("");
  });
});
