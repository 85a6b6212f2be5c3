import type { Past } from "./past";

export const firewall: readonly Past[] = [];
