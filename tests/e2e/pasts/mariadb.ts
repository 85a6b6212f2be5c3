import type { Past } from "./past";

export const mariadb: readonly Past[] = [];
