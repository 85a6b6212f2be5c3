/** random:index/randomPassword:RandomPassword and random:index/randomBytes:RandomBytes. */
import { randomBytes, randomInt } from "node:crypto";
import { type Bag, type ResourceType, serve } from "./serve";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const pick = (set: string, count: number) =>
  Array.from({ length: count }, () => set.charAt(randomInt(set.length))).join("");

export function password(inputs: Bag): string {
  const at = (key: string) => Number(inputs[key] ?? 0);
  const sets: [string, boolean, number][] = [
    [LOWER, inputs.lower !== false, at("minLower")],
    [LOWER.toUpperCase(), inputs.upper !== false, at("minUpper")],
    [NUMERIC, (inputs.numeric ?? inputs.number) !== false, at("minNumeric")],
    [String(inputs.overrideSpecial || SPECIAL), inputs.special !== false, at("minSpecial")],
  ];
  const length = at("length");
  const all = sets.map(([set, wanted]) => (wanted ? set : "")).join("");
  if (!all) throw new Error("the character set of the password is empty");
  const sure = sets.map(([set, , least]) => pick(set, least)).join("");
  if (sure.length > length) throw new Error(`length (${length}) is less than the sum of the minimums (${sure.length})`);
  const characters = [...(sure + pick(all, length - sure.length))];
  for (let i = characters.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    [characters[i], characters[j]] = [characters[j] as string, characters[i] as string];
  }
  return characters.join("");
}

const PASSWORD_INPUTS = [
  "keepers",
  "length",
  "lower",
  "minLower",
  "minNumeric",
  "minSpecial",
  "minUpper",
  "number",
  "numeric",
];

const randomPassword: ResourceType = {
  computed: ["result", "bcryptHash"],
  secrets: ["result", "bcryptHash"],
  replaces: [...PASSWORD_INPUTS, "overrideSpecial", "special", "upper"],
  // The hash is of no use here; that it is there, and no password, is enough.
  create: async (inputs) => ({
    id: "none",
    outputs: { ...inputs, result: password(inputs), bcryptHash: "$2a$10$none" },
  }),
  update: async (_id, old, inputs) => ({ ...inputs, result: old.result, bcryptHash: old.bcryptHash }),
};

const bytes: ResourceType = {
  computed: ["base64", "hex"],
  secrets: ["base64", "hex"],
  replaces: ["keepers", "length"],
  async create(inputs) {
    const made = randomBytes(Number(inputs.length));
    const base64 = made.toString("base64");
    return { id: base64, outputs: { ...inputs, base64, hex: made.toString("hex") } };
  },
  update: async (_id, old, inputs) => ({ ...inputs, base64: old.base64, hex: old.hex }),
};

serve("4.21.2", {
  "random:index/randomPassword:RandomPassword": randomPassword,
  "random:index/randomBytes:RandomBytes": bytes,
});
