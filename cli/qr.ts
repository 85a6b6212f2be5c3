/** `npm run realm -- qr NAME`. */
import { execFileSync } from "node:child_process";
import { toString as draw } from "qrcode";
import { Failure } from "../program/failure";
import { storedName } from "../settings/accounts";
import { fullKey } from "../settings/paths";
import { engineArgs, type StackOptions } from "./stack-options";

/** The URIs of all accounts, as the last `up` left them; empty where none has a two-factor secret. */
function uris(options: StackOptions): Readonly<Record<string, string>> {
  const args = ["stack", "output", "--json", "--show-secrets", "--non-interactive", ...engineArgs(options)];
  const printed = execFileSync("pulumi", args, { encoding: "utf8", stdio: ["inherit", "pipe", "inherit"] });
  return (JSON.parse(printed) as { readonly twoFactor?: Record<string, string> }).twoFactor ?? {};
}

/** Draws what an authenticator app scans. */
export async function drawQr(name: string, options: StackOptions): Promise<void> {
  const uri = uris(options)[storedName(name)];
  if (uri === undefined) {
    const key = fullKey(`login.accounts.${name}.twoFactor`);
    throw new Failure(
      `the account ${name} has no two-factor secret, or no \`pulumi up\` has given it one yet:\n` +
        `head -c 20 /dev/urandom | base32 | pulumi config set --secret --path ${key}\npulumi up`,
    );
  }
  process.stdout.write(`${await draw(uri, { type: "utf8", errorCorrectionLevel: "L" })}\n`);
}
