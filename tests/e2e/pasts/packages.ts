import type { Past } from "./past";

export const packages: readonly Past[] = [];
