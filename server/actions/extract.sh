#!/bin/bash
# Makes game data on the host itself; `npm run realm -- data extract --on-host` and `data mmaps` run this.
#   extract.sh follow KEY=VALUE…     starts the job, or joins it where it runs, and follows it to its end
#   extract.sh start KEY=VALUE…      starts it, and lets it go on by itself
# Keys: data incoming manifest user group lock core scratch, and client, stages and locale; without client it makes
# mmaps of the live data.
# shellcheck source=server/run/libraries.sh
. "$(dirname "${BASH_SOURCE[0]}")/../run/libraries.sh"
action=${1-}
for pair in "${@:2}"; do ARG[${pair%%=*}]=${pair#*=}; done
job=extract${ARG[lock]#game-data} what="mmaps of the live data"
[[ -z ${ARG[client]-} ]] || what="game data of ${ARG[client]}"

# refuse_unready: what speaks against it, before anything is begun.
refuse_unready() {
  local folder
  { getent passwd "${ARG[user]}" >/dev/null && [[ -d ${ARG[data]} ]]; } ||
    die "there is no realm on this host yet, as ${ARG[data]} is missing" "\`pulumi up\` makes it"
  [[ -n $(release_at "${ARG[core]}/run") ]] || die "there is no live release on this host yet" "\`pulumi up\` builds one"
  if [[ -n ${ARG[client]-} ]]; then
    [[ -d ${ARG[client]} ]] || die "${ARG[client]} is no folder on this host" \
      "name the client's folder by its whole path there"
    return
  fi
  # Only the folders that arrive last would be kept.
  [[ ! -f ${ARG[incoming]}/waiting ]] ||
    die "new game data waits for the release $(head -n 1 "${ARG[incoming]}/waiting") to go live" \
      "run \`pulumi up\`, then this again"
  for folder in dbc maps vmaps; do
    [[ -n $(find -L "${ARG[data]}/$folder" -type f -print -quit 2>/dev/null) ]] ||
      die "${ARG[data]}/$folder is empty; mmaps are made of dbc, maps and vmaps" \
        "bring them first: \`npm run realm -- data extract\` or \`data send\`"
  done
}

# begin: the job gets its own copy of these scripts, which are gone when the connection is.
begin() {
  local scripts=$RUNTIME_DIR/$job.scripts
  refuse_unready
  rm -rf "$scripts"
  { install -d -m 0755 "$RUNTIME_DIR" && cp -R "$here" "$scripts" && chmod -R u=rwX,go=rX "$scripts"; } ||
    die "the scripts could not be copied to $scripts"
  [[ -z ${ARG[client]-} ]] || ln -s "$(realpath "${ARG[client]}")" "$scripts/client"
  REQUEST=$(mktemp -d "$REQUEST_TEMPLATE") || die "there is no room in $MEMORY_DIR"
  trap 'rm -rf "$REQUEST"' EXIT
  printf game-data >"$REQUEST/kind"
  # Players come first: the job gets what they leave of the processor, the disk and the memory.
  job_start "$job" "$what" "$scripts/units/extract.sh" Nice=19 IOSchedulingClass=idle CPUWeight=10 \
    OOMScoreAdjust=900 ExecStopPost="+/bin/rm -rf $scripts"
}

# shellcheck disable=SC2034 # job_start reads it
STEP=$job
case $action in
  follow)
    if job_running "$job"; then
      [[ $(job_key "$job") == "$what" ]] || die "the host makes $(job_key "$job") just now" "wait until that has ended"
      note "note joining what the host makes already"
    else
      begin
    fi
    job_await "$job"
    ;;
  start) job_running "$job" || begin ;;
  *) die "usage: extract.sh follow|start KEY=VALUE…" ;;
esac
