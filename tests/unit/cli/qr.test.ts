/** `npm run realm -- qr`: on a real terminal, read again by another library than the one that drew it. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import jsQR from "jsqr";

const root = join(__dirname, "../../..");
const uri = "otpauth://totp/RoE%20(WotLK):ESPIONAGE724?secret=MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U&issuer=RoE%20(WotLK)";
const folder = mkdtempSync(join(tmpdir(), "qr-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is typed, on a terminal of its own, with an engine that has these outputs. */
function typed(account: string, outputs: unknown) {
  writeFileSync(join(folder, "pulumi"), `#!/bin/sh\necho "$@" >${folder}/asked\ncat ${folder}/outputs\n`);
  chmodSync(join(folder, "pulumi"), 0o755);
  writeFileSync(join(folder, "outputs"), JSON.stringify(outputs));
  const command = `node -r ts-node/register cli/realm.ts qr ${account} --stack prod`;
  const { stdout, status } = spawnSync("script", ["-qec", command, "/dev/null"], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}`, TS_NODE_TRANSPILE_ONLY: "1" },
  });
  return { out: stdout.replaceAll("\r", ""), status };
}

/** A picture of half blocks as pixels, four to each side of a module. */
function pixels(text: string) {
  const rows = text.trimEnd().split("\n");
  const [width, height] = [Math.max(...rows.map((row) => row.length)), rows.length * 2];
  const scale = 4;
  const data = new Uint8ClampedArray(width * height * scale * scale * 4);
  for (let y = 0; y < height * scale; y++)
    for (let x = 0; x < width * scale; x++) {
      const block = rows[Math.floor(y / scale / 2)]?.[Math.floor(x / scale)] ?? " ";
      // On a dark terminal a block is light.
      const light = block === "█" || block === (Math.floor(y / scale) % 2 === 0 ? "▀" : "▄");
      data.set([light ? 255 : 0, light ? 255 : 0, light ? 255 : 0, 255], (y * width * scale + x) * 4);
    }
  return { data, width: width * scale, height: height * scale };
}

it("draws what a camera reads as the account's URI, and fits a terminal of 80 columns", () => {
  const { out, status } = typed("Espionage724", { twoFactor: { ESPIONAGE724: uri } });
  expect(status).toBe(0);
  const { data, width, height } = pixels(out);
  expect(jsQR(data, width, height)?.data).toBe(uri);
  for (const line of out.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  // Nobody reads the secret beside the picture.
  expect(out).not.toContain("MFRGG");
}, 60_000);

it.each([[{}], [{ twoFactor: { OTHER: uri } }]])(
  "says how an account gets a secret, where it has none (%j)",
  (outputs) => {
    const { out, status } = typed("Guide", outputs);
    expect(status).toBe(2);
    expect(out).toContain("the account Guide has no two-factor secret, or no `pulumi up` has given it one yet:");
    expect(out).toContain("pulumi config set --secret --path trinitycore:login.accounts.Guide.twoFactor");
    expect(out).not.toMatch(/\bat .*\.ts:/);
  },
  60_000,
);
