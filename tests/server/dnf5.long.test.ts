import { dnfCases } from "./dnf-cases";

/**
 * The dnf of Fedora 41 and later, which Debian has in its development release alone; Fedora calls it by its old name.
 * Debian's keeps a repository of all it ever installed, which would mend what the tests break.
 */
const sid = `echo 'deb http://deb.debian.org/debian sid main' >/etc/apt/sources.list.d/sid.list
  printf 'Package: *\\nPin: release a=unstable\\nPin-Priority: 50\\n' >/etc/apt/preferences.d/sid
  apt-get -q update && apt-get -q install -y --no-install-recommends -t sid dnf5 createrepo-c rpm && ln -s dnf5 /usr/bin/dnf
  sed -i 's/^enabled.*/enabled = 0/' /etc/dnf/libdnf5-plugins/local.conf`;

dnfCases({
  name: "dnf 5",
  machine: "t-dnf5",
  image: "bare-trixie",
  suites: ["trixie", "sid"],
  install: sid,
  words: {
    unknown: "  Failed to resolve the transaction:\n  No match for argument: no-such\n",
    unsatisfied:
      "  Failed to resolve the transaction:\n  Problem: conflicting requests\n    - nothing provides no-such-thing needed by needy-1-1.noarch from lab\n",
    broken: /^error: dnf could not install the packages\n( {2}.*\n)* {2}>>> Curl error .*repomd\.xml.*\n/,
  },
});
