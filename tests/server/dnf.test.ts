import { dnfCases } from "./dnf-cases";

dnfCases({
  name: "dnf 4",
  machine: "t-dnf",
  image: "bare",
  install: "apt-get -q update && apt-get -q install -y --no-install-recommends dnf createrepo-c rpm",
  words: {
    unknown: "  No match for argument: no-such\n  Error: Unable to find a match: no-such\n",
    unsatisfied: "   Problem: conflicting requests\n    - nothing provides no-such-thing needed by needy-1-1.noarch\n",
    broken:
      /^error: dnf could not install the packages\n {2}Errors during downloading metadata for repository 'lab':\n {4}- Curl error .*repomd\.xml.*\n/,
  },
});
