import type { Past } from "./past";

export const realm: readonly Past[] = [{ name: "in-use", what: "it does other work already", quick: true }];
