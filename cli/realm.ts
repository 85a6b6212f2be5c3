import "../program/load-when-used";
import { program } from "./program";

void program().run(process.argv.slice(2));
