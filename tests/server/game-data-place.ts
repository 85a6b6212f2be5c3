/** Where the tests of game data find it, and the script that moves it. */
import { placeOf } from "../../cli/data";
import { onLab } from "./facts-of";
import { settings } from "./stand-in";

export const place = placeOf(onLab(settings));
export const SCRIPT = "/usr/local/libexec/trinity-stack/current/actions/game-data.sh";
