#!/bin/bash
# A realm that runs and has players. Somebody built it with the commands of the wiki page, one by one (with Debian's
# paths, and the lab's core and game data in the place of the real ones).
set -eu
root=/var/lib/trinity/Projects/trinity-335
bin=$root/run/bin
as_trinity() { runuser -u trinity -- env -i HOME=/var/lib/trinity PATH=/usr/bin:/bin "$@"; }
unit() { cat >"/etc/systemd/system/$1"; }

groupadd trinity
useradd -c 'TrinityCore system account' -d /var/lib/trinity -g trinity -m -r trinity
if systemctl is-active -q firewalld; then
  for port in 3724 8085 3443 7878; do
    firewall-cmd -q --permanent --add-port="$port/tcp"
    firewall-cmd -q --add-port="$port/tcp"
  done
fi

# Download Source
as_trinity mkdir -p "$root"
# Only the lab needs this, as its repository is a folder of root's.
printf '[safe]\n\tdirectory = *\n[protocol "file"]\n\tallow = always\n' >/srv/gitconfig
as_trinity env GIT_CONFIG_GLOBAL=/srv/gitconfig git clone -q --branch 3.3.5 --recurse-submodules /srv/git/core.git \
  "$root/src"

# Databases
systemctl start mariadb
for name in authserver characters worldserver; do
  mariadb -e \
    "CREATE DATABASE $name; GRANT ALL PRIVILEGES ON $name.* TO '$name'@'localhost' IDENTIFIED BY 'page-$name'; FLUSH PRIVILEGES"
done

# Compile
as_trinity mkdir -p "$root/build" "$root/run"
(cd "$root/build" && as_trinity cmake "$root/src" -DCMAKE_INSTALL_PREFIX="$root/run" -DTOOLS=1 &&
  as_trinity make --jobs="$(nproc)" install) >/var/tmp/page-build.log 2>&1

# TDB, and the content that was extracted elsewhere
as_trinity sh -c "cd /tmp && 7z x -y -bd -o$bin /srv/tdb/tdb.7z" >/dev/null
/srv/make-data.sh "$bin"
chown -R trinity:trinity "$bin"

# Settings
login=".;/run/mysqld/mysqld.sock;authserver;page-authserver;authserver"
set_in() { sed -i -E "s|^$2 *=.*|$2 = $3|" "$root/run/etc/$1.conf"; }
for server in authserver worldserver; do
  as_trinity cp "$root/run/etc/$server.conf.dist" "$root/run/etc/$server.conf"
done
set_in authserver LoginDatabaseInfo "\"$login\""
set_in worldserver LoginDatabaseInfo "\"$login\""
set_in worldserver WorldDatabaseInfo '".;/run/mysqld/mysqld.sock;worldserver;page-worldserver;worldserver"'
set_in worldserver CharacterDatabaseInfo '".;/run/mysqld/mysqld.sock;characters;page-characters;characters"'
set_in worldserver Quests.LowLevelHideDiff -1
set_in worldserver Motd '"Welcome to the Realm of Espionage World of Warcraft server!"'
set_in worldserver PlayerLimit 40
set_in worldserver Console.Enable 0

# The first start fills the databases; then accounts and characters come.
(cd "$bin" && as_trinity ./worldserver -c "$root/run/etc/worldserver.conf" -u </dev/null) >/var/tmp/page-fill.log 2>&1
mariadb -e "INSERT INTO authserver.account (id, username, salt, verifier) VALUES (1, 'ESPIONAGE724', REPEAT('s', 32), REPEAT('v', 32)), (2, 'GUEST', REPEAT('t', 32), REPEAT('w', 32));
  INSERT INTO authserver.account_access VALUES (1, 3, -1, NULL); INSERT INTO authserver.realmcharacters VALUES (1, 1, 2), (1, 2, 1);
  INSERT INTO characters.characters (guid, account, name, level, money) VALUES (1, 1, 'Arthas', 80, 123456), (2, 1, 'Jaina', 70, 7), (3, 2, 'Bolvar', 12, 99);
  UPDATE authserver.realmlist SET name = 'RoE (WotLK)', address = 'wow.lab.test' WHERE id = 1"

# Services
for server in auth world; do
  unit "tc-335-$server.service" <<TEXT
[Unit]
Description=TrinityCore 3.3.5 ${server}server
Wants=network-online.target
After=network-online.target mysqld.service

[Service]
Type=simple
User=trinity
Group=trinity
WorkingDirectory=$bin
ExecStart='$bin/${server}server' -c '$root/run/etc/${server}server.conf'
Restart=always
RestartSec=5

[Install]
WantedBy=multi-user.target
TEXT
done

# Updater, Stopper, Post-updater, Restarter
unit tc-335-up.service <<TEXT
[Service]
User=trinity
Group=trinity
Type=oneshot
WorkingDirectory=$root/build
ExecStartPre='/usr/bin/make' clean
ExecStartPre='/usr/bin/git' -C '$root/src' pull origin '3.3.5'
ExecStartPre='/usr/bin/sync'
ExecStart='/usr/bin/cmake' '$root/src' -DCMAKE_INSTALL_PREFIX='$root/run' -DTOOLS='1'
ExecStart='/usr/bin/make' --jobs='2'
ExecStartPost='/usr/bin/sync'
TEXT
unit tc-335-up-post.service <<TEXT
[Service]
User=trinity
Group=trinity
Type=oneshot
WorkingDirectory=$root/build
ExecStart='/usr/bin/make' install
ExecStartPost='/usr/bin/sync'
TEXT
for verb in stop restart; do
  unit "tc-335-$verb.service" <<TEXT
[Service]
Type=oneshot
ExecStart='/usr/bin/systemctl' ${verb/restart/start} 'tc-335-auth'
ExecStart='/usr/bin/systemctl' ${verb/restart/start} 'tc-335-world'
ExecStartPost='/usr/bin/sync'
TEXT
done

# Database Backup
install -d -o mysql -g mysql -m 0700 /var/lib/mysql/auth /var/lib/mysql/tmp
mkdir -p /root/backups
for name in authserver characters; do
  printf '[mysqldump]\nuser=%s\npassword=page-%s\n' "$name" "$name" >"/var/lib/mysql/auth/$name"
  chown mysql:mysql "/var/lib/mysql/auth/$name"
  chmod 600 "/var/lib/mysql/auth/$name"
  unit "$name-db.service" <<TEXT
[Service]
Type=oneshot
WorkingDirectory=/var/lib/mysql/tmp
ExecStartPre='/usr/bin/mysqldump' --defaults-extra-file='/var/lib/mysql/auth/$name' --single-transaction '$name' -r '/var/lib/mysql/tmp/$name.sql'
ExecStart='/usr/bin/gzip' -f '/var/lib/mysql/tmp/$name.sql'
ExecStart='/usr/bin/bash' -c '"/usr/bin/mv" "/var/lib/mysql/tmp/$name.sql.gz" "/root/backups/$name-database-auto-"\$\$(date +%%Y-%%m-%%d)".sql.gz"'
ExecStartPost='/usr/bin/sync'
TEXT
done

while read -r name time; do
  unit "$name.timer" <<TEXT
[Unit]
Description=TrinityCore 3.3.5 $name

[Timer]
OnCalendar=*-*-* $time
Persistent=true

[Install]
WantedBy=timers.target
TEXT
done <<'TIMES'
tc-335-up 01:00:00
tc-335-stop 03:00:00
tc-335-up-post 03:02:30
tc-335-restart 03:05:00
authserver-db 03:40:00
characters-db 03:41:00
TIMES
systemctl daemon-reload
systemctl start authserver-db characters-db
systemctl enable -q --now tc-335-{auth,world}.service \
  {tc-335-{up,stop,up-post,restart},authserver-db,characters-db}.timer
for port in 3724 8085; do
  for _ in {1..100}; do [[ -z $(ss -Hltn "sport = :$port") ]] || break; sleep 0.2; done
done
ss -Hltn 'sport = :3724 or sport = :8085' | grep -c LISTEN | grep -qx 2
