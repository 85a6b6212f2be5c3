#!/usr/bin/env bash
# Puts the stand-in providers where the engine looks for plugins: into a PULUMI_HOME of the lab's own, one for each
# checkout. They are translated here, once, because a plugin has to start quickly.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../common.sh
. "$here/../common.sh"

plugins=$PULUMI_HOME/plugins
key=$({ command -v node && cat "$here"/*.ts "$here/install.sh"; } | sha256sum | cut -c 1-16)

mkdir -p "$plugins"
exec 9>"$PULUMI_HOME/providers.lock"
flock 9
if [[ -e $PULUMI_HOME/providers.key && $(<"$PULUMI_HOME/providers.key") == "$key" ]]; then exit; fi

work=$(mktemp -d "$PULUMI_HOME/providers.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/js"
(cd "$CHECKOUT" && node -e '
  const { transformFileSync } = require("@swc/core");
  const { basename, join } = require("node:path");
  const [to, ...files] = process.argv.slice(1);
  for (const file of files) {
    const options = { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" }, swcrc: false };
    require("node:fs").writeFileSync(join(to, basename(file, ".ts") + ".js"), transformFileSync(file, options).code);
  }' "$work/js" "$here"/*.ts)

for plugin in command:1.2.1 mysql:3.3.2 random:4.21.2; do
  name=${plugin%:*}
  dir=$plugins/resource-$name-v${plugin#*:}
  cp -r "$work/js" "$work/$name"
  cat >"$work/$name/pulumi-resource-$name" <<RUN
#!/bin/sh
# The lab's stand-in for the official plugin.
NODE_PATH='$CHECKOUT/node_modules' exec '$(command -v node)' '$dir/$name.js' "\$@"
RUN
  chmod 755 "$work/$name" "$work/$name/pulumi-resource-$name"
  # Swapped, so that a run that starts meanwhile finds one or the other.
  if [[ -e $dir ]]; then mv "$dir" "$work/$name.old"; fi
  mv "$work/$name" "$dir"
done
echo "$key" >"$PULUMI_HOME/providers.key"
