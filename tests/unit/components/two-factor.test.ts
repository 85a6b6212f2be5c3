/** The plan of two-factor login, and what an authenticator app is given. */
import * as pulumi from "@pulumi/pulumi";
import { withLayout } from "../../../components/layout";
import { otpauthUri, twoFactorPlan } from "../../../components/servers/two-factor";
import { serverUnit } from "../../../components/servers/unit-texts";
import { base32Bytes } from "../../../settings/accounts";
import { facts } from "../../server/facts-of";
import { load } from "../settings/source";
import { build, inSync, warn } from "./realm-under-mocks";

const key = "login.accounts.Boss.twoFactor";
const given = (secret = "jbsw y3dp ehpk 3pxp") =>
  load({ "host.ssh.agent": "true", "login.accounts.guide.level": "1", [key]: secret }, [key]);
const value = (output: unknown) => (output as pulumi.Output<string> & { promise(): Promise<string> }).promise();

beforeAll(() => {
  process.env.SSH_AUTH_SOCK = "/dev/null";
});
afterAll(() => {
  delete process.env.SSH_AUTH_SOCK;
});

it("names the accounts that have a secret, and sends the secrets apart", async () => {
  const plan = twoFactorPlan(withLayout(given(), facts()), facts(), pulumi.secret("0F"));
  expect(plan).toMatchObject({
    step: "two-factor",
    args: { database: "authserver", accounts: ["GUIDE off", "BOSS on"] },
  });
  expect(Object.keys(plan.secrets ?? {})).toEqual(["master", "totp.424f5353"]);
  expect(await value(plan.secrets?.["totp.424f5353"])).toBe("48656c6c6f21deadbeef");
});

// The first ones are RFC 4648's own, chapter 10.
it.each([
  ["MY======", "f"],
  ["MZXQ====", "fo"],
  ["MZXW6===", "foo"],
  ["MZXW6YQ=", "foob"],
  ["mzxw 6ytb", "fooba"],
  ["MZXW6-YTBOI", "foobar"],
])("%s is Base32 for %s", (text, bytes) => {
  expect(base32Bytes(text)?.toString()).toBe(bytes);
});
it.each(["M", "MZX", "MZXW6Y", "MZ", "M1", "MZXW6YTBO="])("%s is no Base32", (text) => {
  expect(base32Bytes(text)).toBeUndefined();
});

it("gives an authenticator app a URI, in which no name is taken for anything else", () => {
  const uri = new URL(otpauthUri("RoE & co: ä?#/", 'A"&#+%', "JBSWY3DPEHPK3PXP"));
  expect([uri.protocol, uri.host]).toEqual(["otpauth:", "totp"]);
  expect(decodeURIComponent(uri.pathname)).toBe('/RoE & co: ä?#/:A"&#+%');
  expect(Object.fromEntries(uri.searchParams)).toEqual({ secret: "JBSWY3DPEHPK3PXP", issuer: "RoE & co: ä?#/" });
});

it("hands over around each start of the authserver, and of no other server", () => {
  const unit = (server: "authserver" | "worldserver") =>
    serverUnit(withLayout(given(), facts()), server, { unit: "mariadb.service", socket: "/s" })
      .split("\n")
      .filter((line) => /master-secret|two-factor/.test(line));
  expect(unit("worldserver")).toEqual([]);
  expect(unit("authserver")).toEqual([
    "EnvironmentFile=-/run/trinity-stack/two-factor.env",
    "ExecStartPre=+-/usr/local/libexec/trinity-stack/current/units/master-secret.sh prepare /etc/trinity-stack/authserver.env /s authserver",
    "ExecStartPost=+-/usr/local/libexec/trinity-stack/current/units/master-secret.sh settle /s authserver",
  ]);
});

it("takes the master secret of the config, else the host's, else a new one", async () => {
  const master = async (values: Record<string, string>, kept?: string) => {
    const settings = load({ "host.ssh.agent": "true", ...values }, Object.keys(values));
    const on = kept ? { masterSecret: pulumi.secret(kept) } : {};
    const { commands } = await build({ settings, on });
    const stdin = commands.find(({ name }) => name === "realm-authserver-config")?.inputs.stdin as { value: string };
    const text = /^secret master (\S+)$/m.exec(stdin.value)?.[1] ?? "";
    return Buffer.from(text, "base64").toString();
  };
  const [own, kept] = [`${"0".repeat(30)}0F`, "A".repeat(32)];
  expect(await master({ "login.totpMasterSecret": "f" }, kept)).toBe(own);
  expect(await master({}, kept)).toBe(kept);
  expect(await master({})).toMatch(/^[0-9A-F]+$/);
});

it("comes after the authserver, which hands over, and restarts nothing itself", async () => {
  const drift = { "two-factor": { ...inSync, drift: ["the account BOSS has no two-factor secret"] } };
  const { byName, commands } = await build({ settings: given(), table: drift });
  const needs = byName.get("realm-two-factor")?.needs.map((urn) => urn.split("::").pop());
  expect(needs).toEqual(expect.arrayContaining(["realm-authserver", "realm-accounts", "realm-mariadb"]));
  expect(warn.mock.calls.map(([text]) => text).join("\n")).toContain("applying this restarts nothing by itself");
  const renewed = commands.filter(({ inputs }) => !(inputs.update as string).includes(" aaaa1111 "));
  expect(renewed.map(({ name }) => name)).toEqual(["realm-two-factor"]);
});
