import { createServer } from "node:net";
import { allWell, type Check, checks, inWords, type Measured, type Reply } from "../../../actions/doctor";
import { replyOf } from "../../../cli/doctor";
import type { Facts } from "../../../steps/facts";
import { load } from "../settings/source";

const facts = { clockAhead: 0, diskFreeMB: 60_000, memoryMB: 8_000, swapMB: 0 } as Facts;
const reached = (over: Partial<Facts> = {}, more: Partial<Extract<Measured["reached"], { facts: Facts }>> = {}) => ({
  reached: { facts: { ...facts, ...over }, owner: undefined, againstBuild: [], ...more },
});
type Replies = Readonly<Record<number, Reply | readonly [players: Reply, host: Reply]>>;
/** Ports 3724 and 8085 are open and those of the consoles are shut, but for what is given. */
const replies = (given: Replies): Pick<Measured, "reply"> => ({
  reply: (port) => {
    const reply = given[port] ?? ([3724, 8085].includes(port) ? "open" : "refused");
    const [players, host] = typeof reply === "string" ? [reply, reply] : reply;
    return { players, host };
  },
});
const found = (over: Partial<Measured> = {}, config: Readonly<Record<string, string>> = {}): Check[] =>
  checks(load(config), { ...reached(), addresses: ["8.8.4.4"], ...replies({}), ...over });
const notOk = (all: readonly Check[]) =>
  all
    .filter(({ result }) => result !== "ok")
    .map(({ what, result, text, todo }) => `${result} ${what}: ${text} -> ${todo}`);

describe("the doctor", () => {
  it("finds nothing where all is well, and says so of each", () => {
    expect(notOk(found())).toEqual([]);
    expect(allWell(found())).toBe(true);
    expect(found().map(({ what }) => what)).toEqual([
      ...["login", "clock", "disk", "memory", "build", "address", "authserver", "worldserver", "console", "soap"],
    ]);
  });

  it.each<[string, Partial<Measured>, RegExp]>([
    ["a clock that is a little off", reached({ clockAhead: -20 }), /^warn clock: the host's is 20 s behind .*set-ntp/],
    ["a clock that is off", reached({ clockAhead: 31 }), /^fail clock: the host's is 31 s ahead of .*refused/],
    ["little disk", reached({ diskFreeMB: 4_000 }), /^warn disk: 3\.9 GB free in \/var\/lib -> make room/],
    ["no disk", reached({ diskFreeMB: 500 }), /^fail disk: 500 MB free in \/var\/lib -> make room/],
    [
      "little memory",
      reached({ memoryMB: 2_000 }),
      /^warn memory: 2\.0 GB, and 0 bytes of swap; a build wants 3\.4 GB/,
    ],
    ["no room for a build", reached({}, { againstBuild: ["a", "b"] }), /^fail build: a; b -> make room/],
    ["a host of another stack", reached({}, { owner: "it is another's" }), /^fail login: it is another's/],
    ["a host that lets nobody in", { reached: { trouble: "refused" } }, /^fail login: refused -> /],
    ["a name that is not known", { addresses: undefined }, /^fail address: \S+ is not known to the DNS .*address …$/],
    ["a name with IPv6 alone", { addresses: ["2001:db8::1"] }, /^fail address: \S+ has no IPv4 address/],
    ["a private address", { addresses: ["192.168.0.2"] }, /^warn address: \S+ is 192\.168\.0\.2: players elsewhere/],
    [
      "a server that does not run",
      replies({ 8085: "refused" }),
      /^fail worldserver: \S+ refuses connections on port 8085 -> nothing listens/,
    ],
    [
      "a filter in between",
      replies({ 3724: "silent" }),
      /^fail authserver: \S+ does not answer on port 3724 -> a filter/,
    ],
    [
      "a network without a way",
      replies({ 3724: "EHOSTUNREACH" }),
      /^fail authserver: \S+ cannot be reached \(EHOSTUNREACH\)/,
    ],
    [
      "a router that forwards nothing",
      replies({ 8085: ["silent", "open"] }),
      /^warn worldserver: .*, though wow\.example\.net does -> forward 8085\/tcp/,
    ],
    [
      "an open console",
      replies({ 3443: ["refused", "open"] }),
      /^fail console: port 3443 .*realms\.wotlk\.console\.networks names no network -> /,
    ],
    [
      "an open SOAP",
      replies({ 7878: "open" }),
      /^fail soap: port 7878 .*realms\.wotlk\.soap\.networks names no network -> /,
    ],
  ])("finds %s, and what to do", (_, over, says) => {
    const all = found(over);
    expect(notOk(all)).toEqual([expect.stringMatching(says)]);
    expect(allWell(all)).toBe(!/^fail/.test(notOk(all)[0] ?? ""));
  });

  it("takes a console that the config opens for no failure", () => {
    const config = { "realms.wotlk.console.networks": '["10.0.0.0/8"]' };
    expect(notOk(found(replies({ 3443: "open" }), config))).toEqual([
      expect.stringMatching(/^warn console: port 3443 can be reached from here, and nothing encrypts it/),
    ]);
  });

  it("knows an address from a name", () => {
    const [address] = found({}, { "realms.wotlk.address": "8.8.4.4" }).filter(({ what }) => what === "address");
    expect(address?.text).toBe("8.8.4.4 is an IPv4 address");
  });

  it("writes a table, and below a line what to do", () => {
    const lines = inWords(found({ ...replies({ 8085: "refused" }), addresses: ["8.8.4.4"] })).split("\n");
    expect(lines[0]).toBe("ok    login        root@wow.example.net may do all there");
    expect(lines.filter((line) => /worldserver|-> /.test(line))).toEqual([
      "fail  worldserver  wow.example.net refuses connections on port 8085",
      "                   -> nothing listens there, or a filter refuses: npm run realm -- status, and drift",
    ]);
  });
});

describe("a port", () => {
  it("is open, or refuses", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    expect(await replyOf("127.0.0.1", port)).toBe("open");
    await new Promise((done) => server.close(done));
    expect(await replyOf("127.0.0.1", port)).toBe("refused");
  });

  it("of a name that is not known has that as its reply", async () => {
    expect(await replyOf("nowhere.invalid", 3724)).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });
});
