import { databases } from "./databases";
import { firewall } from "./firewall";
import { login } from "./login";
import { mariadb } from "./mariadb";
import { packages } from "./packages";
import type { Past } from "./past";
import { realm } from "./realm";

/** Every past there is, a file a subject. */
export const pasts: readonly Past[] = [...firewall, ...packages, ...login, ...mariadb, ...databases, ...realm];
