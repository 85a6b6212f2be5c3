/**
 * Secrets of every kind: what people choose, what programs make, and what some layer on the way could take for
 * something of its own.
 */
import { randomBytes } from "node:crypto";

/** New at every call, so that nothing found is of an earlier run. */
export function secretKinds(): Readonly<Record<string, string>> {
  const some = () => randomBytes(6).toString("hex");
  return {
    "letters and digits": `Abc${some()}XYZ`,
    "single quotes": `it's '${some()}''`,
    "double quotes": `say "${some()}" twice`,
    backslashes: `\\${some()}\\\\n\\t\\`,
    dollars: `$HOME$${some()}$(id)$`,
    backticks: `\`id\`${some()}\``,
    percents: `100%s%n%%${some()}%i%`,
    "spaces inside": `two  spaces ${some()} here`,
    "spaces outside": ` ${some()} outside `,
    "comment signs": `#${some()}-- /* # */`,
    semicolons: `a;${some()};b`,
    accents: `Grüße-${some()}-é`,
    "other writing": `密码${some()}🔑`,
    "a JSON object": `{'key':[1,null,${some()}]}`,
    "a JSON object in double quotes": `{"key":"${some()}"}`,
    base64: `${randomBytes(24).toString("base64")}=`,
    "a URL with a login": `https://user:${some()}@db.example.net/x?y=%20&z#w`,
    "a whole 128 characters": `${some()}${"x!".repeat(58)}`,
    "thousands of characters": `${some()}${"Long and longer. ".repeat(200)}`,
    "a long option": `--password=${some()}`,
    "a short option": `-p${some()}`,
    "a number": `${randomBytes(7).readUIntBE(0, 6)}00`,
    "a boolean": "true",
    "a reference to a key": `\${trinitycore:host.address}${some()}`,
    "a placeholder of the stack": `{auth}${some()}{setting.Motd}`,
    "an assignment": `PATH=/${some()}`,
    "an SQL injection": `' OR '1'='1${some()}' -- x`,
    "a shell injection": `& rm -rf /x/${some()} | cat > y < z`,
    "a shell pattern": `*?[${some()}]~{a,b}`,
    "shell history": `!!${some()}!$^a^b`,
    markup: `<a href='${some()}'>&amp;</a>`,
    "a line break": `one${some()}\ntwo${some()}`,
    "a tab and a bell": `\t${some()}\u0007`,
    "an armoured line": `-----BEGIN KEY-----${some()}-----END KEY-----`,
    "an armoured text": `-----BEGIN KEY-----\n${randomBytes(48).toString("base64")}\n-----END KEY-----\n`,
    "a hash": randomBytes(32).toString("hex"),
    "a UUID": `${some().slice(0, 8)}-e29b-41d4-a716-${some()}`,
    "a mail address": `me+${some()}@example.net`,
    "a Windows path": `C:\\new\\${some()}\\temp`,
    "a signed token": `eyJhbGciOiJIUzI1NiJ9.${randomBytes(30).toString("base64url")}`,
    "a regular expression": `s/^${some()}.*$/&\\1/g`,
    "a format": `%v%!s(${some()})%[1]q`,
    "a quoted hexadecimal": `$'\\x41${some()}'`,
    "a list of pairs": `a=b,c=${some()},d`,
  };
}
