import type { Past } from "./past";

export const login: readonly Past[] = [];
