#!/bin/bash
# A realm of TrinityCore 3.3.5 was here, from before the last updates. Its databases are left, with a player's things.
set -eu
core() { git -c safe.directory=/srv/git/core.git -C /srv/git/core.git show "3.3.5:sql/base/$1_database.sql"; }
mariadb -e 'CREATE DATABASE authserver; CREATE DATABASE characters; CREATE DATABASE worldserver'
core auth | mariadb authserver
core characters | mariadb characters
7z x -so /srv/tdb/tdb.7z | mariadb worldserver
mariadb <<'SQL'
INSERT INTO authserver.account (username, salt, verifier) VALUES ('PLAYER', REPEAT('s', 32), REPEAT('v', 32));
INSERT INTO authserver.account_access VALUES (1, 3, 1, NULL);
UPDATE authserver.realmlist SET name = 'Old times', address = '198.51.100.7', flag = 2;
INSERT INTO authserver.uptime (realmid, starttime) VALUES (1, 1600000000);
INSERT INTO characters.characters (guid, account, name, level) VALUES (1, 1, 'Player', 80), (2, 1, 'Bank', 1);
CREATE TABLE authserver.shop_points (account int, points int); INSERT INTO authserver.shop_points VALUES (1, 500);
SQL
