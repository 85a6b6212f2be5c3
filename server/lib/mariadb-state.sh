# shellcheck shell=bash
# How MariaDB is set up, and why it refuses the stack. Only told, with what to do: its settings are the operator's.

# HAS: MariaDB's settings and state by name. NO_ANSWER: why it does not answer, in its client's words.
declare -gA HAS=()
NO_ANSWER=""

# ask_state: fills HAS over one connection; 1, with NO_ANSWER, when that fails.
ask_state() {
  local answer rc=0 key value
  HAS=() NO_ANSWER=""
  mariadb_client >/dev/null || { NO_ANSWER="its client program is not installed" && return 1; }
  answer=$(sql < <(state_questions) 2>&1) || rc=$?
  ((rc == 0)) || NO_ANSWER=${answer##*$'\n'}
  while IFS=$'\t' read -r key value; do [[ -z $key ]] || HAS[${key,,}]=$value; done <<<"$answer"
  return "$rc"
}
# SHOW passes over a variable that this version does not know, where SELECT would fail.
state_questions() {
  cat <<'SQL'
SELECT 'version', @@version; SELECT 'comment', @@version_comment; SELECT 'user', CURRENT_USER(); SELECT 'datadir', @@datadir;
SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'tx_read_only', 'innodb_read_only', 'innodb_force_recovery', 'skip_grant_tables',
  'pid_file', 'lower_case_table_names', 'max_connections', 'max_user_connections', 'strict_password_validation', 'wsrep_on');
SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'wsrep_ready');
SELECT 'policy', GROUP_CONCAT(plugin_name SEPARATOR ', ') FROM information_schema.plugins
  WHERE plugin_type = 'PASSWORD VALIDATION' AND plugin_status = 'ACTIVE';
SELECT 'gives', COUNT(*) FROM information_schema.user_privileges WHERE is_grantable = 'YES' AND privilege_type = 'CREATE USER'
  AND grantee = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''');
SQL
}

# read_options: fills HAS from the option files of a MariaDB that does not run.
read_options() {
  local option name
  HAS=()
  while IFS= read -r option; do
    [[ $option == --?* ]] || continue
    option=${option#--} option=${option#loose-} name=${option%%=*}
    if [[ $option == *=* ]]; then option=${option#*=}; else option=ON; fi
    HAS[${name//-/_}]=$option
  done < <(my_print_defaults --mysqld 2>/dev/null)
}

is_on() { [[ ! ${HAS[$1]-} =~ ^(|0|OFF|off|FALSE|false)$ ]]; }
is_off() { [[ -n ${HAS[$1]-} ]] && ! is_on "$1"; }
# number SETTING: 0 when it is not set.
number() { if [[ ${HAS[$1]-} =~ ^-?[0-9]+$ ]]; then printf '%s' "${HAS[$1]}"; else printf 0; fi; }

# find_origin SETTING [VALUE]: fills SET (where its value comes from) and BACK (how to undo it).
find_origin() {
  local origin="" path="" option=${1//_/[-_]} unit=${ARG[unit]-mariadb.service}
  if [[ -n ${HAS[version]-} ]]; then
    IFS=$'\t' read -r origin path < <(sql 2>/dev/null \
      <<<"SELECT global_value_origin, global_value_path FROM information_schema.system_variables WHERE variable_name = '$1'") || true
  fi
  # The variable and the option have different names.
  [[ $1 != tx_read_only ]] || option='transaction[-_]read[-_]only'
  if [[ $origin != SQL && $path != /* ]]; then
    path=$({ grep -lrsE --include='*.cnf' "^[[:space:]]*(loose[-_])?${option}[[:space:]]*(\$|=[[:space:]]*${2-})" /etc/my.cnf /etc/my.cnf.d /etc/mysql || true; } |
      sort | tail -n 1)
  fi
  SET="" BACK="take $1 out of its settings (systemctl cat ${unit%.service}), then systemctl restart ${unit%.service}"
  if [[ $origin == SQL ]]; then
    SET=", set while it runs" BACK="mariadb -e 'SET GLOBAL $1 = DEFAULT'"
  elif [[ $path == /* ]]; then
    SET=", set in $path" BACK="take it out there, then systemctl restart ${unit%.service}"
  fi
}

# setup_problems: a sentence for each thing in HAS with which no realm can work, and what to do.
setup_problems() {
  local SET BACK key name of
  if is_on skip_grant_tables; then
    find_origin skip_grant_tables
    echo "MariaDB lets everybody in and takes no accounts (skip_grant_tables is on$SET); $BACK"
    return
  fi
  if is_on wsrep_on && is_off wsrep_ready; then
    echo "MariaDB is a node of a Galera cluster that is not ready, so it takes no statements (wsrep_ready is OFF); bring the cluster back: SHOW STATUS LIKE 'wsrep_%'"
    return
  fi
  for key in read_only tx_read_only; do
    is_on "$key" || continue
    find_origin "$key"
    of=$(replica_of)
    if [[ -n $of ]]; then
      echo "MariaDB is a replica of $of and takes no other changes ($key is ${HAS[$key]}$SET); a realm needs a server that it may write to"
    else
      echo "MariaDB takes no changes ($key is ${HAS[$key]}$SET), so a realm could save nothing; where that is no longer wanted: $BACK"
    fi
  done
  for key in innodb_force_recovery innodb_read_only; do
    is_on "$key" || continue
    find_origin "$key"
    echo "MariaDB runs only for what can still be saved ($key is ${HAS[$key]}$SET), and what is written now may be lost; once its data are whole: $BACK"
  done
  if is_off unix_socket; then no_unix_socket; fi
  if [[ -n ${HAS[socket]-} && ${HAS[socket]} != "${ARG[socket]-}" ]]; then listens_elsewhere "${HAS[socket]}"; fi
  of=$(number max_user_connections)
  if ((of != 0 && of < 4)); then
    find_origin max_user_connections
    echo "MariaDB takes $(if ((of < 0)); then echo 'its administrators alone'; else echo "$of connections of an account"; fi) (max_user_connections is $of$SET), and the realm's accounts need 4 each; $BACK"
  fi
  (($(number threads_connected) <= $(number max_connections))) || connections_used_up "all ${HAS[max_connections]}"
  if [[ $(number lower_case_table_names) == 1 && -n ${ARG[capitals]-} ]]; then
    while read -r key name; do lower_case_only "$key" "$name"; done <<<"${ARG[capitals]}"
  fi
  case ${HAS[user]-root@}${HAS[gives]-} in
    root@*0)
      echo "MariaDB's ${HAS[user]} may not make accounts and give them rights; as an administrator of it: GRANT ALL PRIVILEGES ON *.* TO ${HAS[user]} WITH GRANT OPTION"
      ;;
    root@*) ;;
    *)
      echo "MariaDB has no root@localhost and takes root for ${HAS[user]}; as an administrator of it: CREATE USER root@localhost IDENTIFIED VIA unix_socket; GRANT ALL PRIVILEGES ON *.* TO root@localhost WITH GRANT OPTION"
      ;;
  esac
}

# replica_of: the server that it is a replica of, or nothing.
replica_of() {
  [[ -n ${HAS[version]-} ]] || return 0
  { sql <<<'SHOW ALL SLAVES STATUS' 2>/dev/null || true; } | sed -n 1p | cut -f 4
}

# lower_case_only ROLE NAME
lower_case_only() {
  local key
  key=$(database_key "$1").name
  find_origin lower_case_table_names
  if [[ -d ${HAS[datadir]-}/$2 ]]; then
    echo "MariaDB knows names in lower case only (lower_case_table_names is 1$SET), so it does not find what is in $2 ($key); $BACK"
  else
    echo "MariaDB knows names in lower case only (lower_case_table_names is 1$SET), so $key may not be $2; pulumi config set --path $key ${2,,}"
  fi
}
# connections_used_up WHICH
connections_used_up() {
  find_origin max_connections
  echo "MariaDB takes no more connections: $1 are in use (max_connections$SET); who has them: mariadb -e 'SHOW PROCESSLIST'"
}
no_unix_socket() {
  find_origin unix_socket
  echo "MariaDB does not look who asks on its socket (unix_socket is off$SET), and the stack has no password for its root; $BACK"
}
listens_elsewhere() {
  find_origin socket "$1"
  echo "MariaDB listens on $1 (socket$SET), not on ${ARG[socket]-}, where this distribution's programs look for it; $BACK (what uses $1 then needs the other)"
}

# why_refused: why MariaDB refuses its root, where waiting would not help; 1 where it might.
why_refused() {
  local SET BACK elsewhere
  case $NO_ANSWER in
    *1040*'Too many connections'*) connections_used_up all ;;
    *'ERROR 1524'*unix_socket*) no_unix_socket ;;
    *'ERROR 1045'* | *'ERROR 1698'*)
      # The operator may use its password, so it stays.
      echo "MariaDB does not let its root in over ${ARG[socket]-}: $NO_ANSWER; the stack has no password for it and needs none: as an administrator of it," \
        "ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('the present one')"
      ;;
    *'ERROR 1226'*)
      echo "MariaDB lets its root in no more often: $NO_ANSWER; ALTER USER root@localhost WITH MAX_USER_CONNECTIONS 0 MAX_CONNECTIONS_PER_HOUR 0"
      ;;
    *'ERROR 2002'*)
      elsewhere=$(listening_socket)
      [[ -n $elsewhere && $elsewhere != "${ARG[socket]-}" ]] || return 1
      listens_elsewhere "$elsewhere"
      ;;
    *) return 1 ;;
  esac
}

# why_no_answer: why MariaDB cannot be asked or changed now.
why_no_answer() {
  ask_state || true
  if [[ -n ${HAS[version]-} ]]; then
    setup_problems
  else
    why_refused || echo "MariaDB does not answer on ${ARG[socket]-}: $NO_ANSWER"
  fi
}

# listening_socket: the socket of the unit's own process.
listening_socket() {
  local pid
  pid=$(systemctl show -P MainPID "${ARG[unit]-mariadb.service}")
  [[ ${pid:-0} == 0 ]] || ss -Hxlp 2>/dev/null | awk -v own="pid=$pid," 'index($0, own) { print $5 }' | sed -n 1p
}

# is_another_server: the server that answered is not the unit's own.
is_another_server() {
  local pid=""
  [[ ${HAS[pid_file]-} != /* || ! -r ${HAS[pid_file]} ]] || read -r pid <"${HAS[pid_file]}"
  [[ $pid =~ ^[0-9]+$ ]] && ! grep -qs -- "/${ARG[unit]-}" "/proc/$pid/cgroup"
}
another_server_answers() {
  echo "another server than ${ARG[unit]-} answers on ${ARG[socket]-} (${HAS[comment]-} ${HAS[version]-}, its data in ${HAS[datadir]-}); stop it, or give it a socket of its own"
}
# port_holder: the program on the port that MariaDB will want.
port_holder() {
  ! is_on skip_networking || return 0
  ss -Hltnp "sport = :${HAS[port]:-3306}" 2>/dev/null |
    awk '$4 ~ /^(0\.0\.0\.0|\*|\[::\]|127\.0\.0\.1):/ { print $6 }' |
    sed -E 's/^users:\(\("([^"]*)",pid=([0-9]+).*/\1 (process \2)/; q'
}
