import { pasts } from "./pasts/all";
import { testPast } from "./pasts/past";
import { describeOnLab } from "./realm-lab";

describeOnLab("a host that somebody set up before, each of them", () => {
  it.each(pasts.map((past) => [past.name, past.what, past] as const))(
    "%s: %s",
    (_name, _what, past) => testPast(past, "past-long"),
    900_000,
  );
});
