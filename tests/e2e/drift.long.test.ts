import { breakages } from "./breakages";
import { Peace } from "./peace";
import { describeOnLab } from "./realm-lab";

describeOnLab("what was changed on the server by hand, each thing that is in the table", () => {
  new Peace("drift-long").losesEach(breakages);
});
