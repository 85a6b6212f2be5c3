import { pasts } from "./pasts/all";
import { testPast } from "./pasts/past";
import { describeOnLab } from "./realm-lab";

describeOnLab("a host that somebody set up before", () => {
  const quick = pasts.filter((past) => past.quick);
  it.each(quick.map((past) => [past.name, past.what, past] as const))(
    "%s: %s",
    (_name, _what, past) => testPast(past, "past"),
    600_000,
  );
});
