#!/bin/bash
# AzerothCore ran here, in databases with TrinityCore's names. A few of its tables are here, as its base files have
# them.
set -eu
mariadb <<'SQL'
CREATE DATABASE authserver; CREATE DATABASE characters; CREATE DATABASE worldserver;
USE authserver;
CREATE TABLE account (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, username varchar(32) NOT NULL, salt binary(32) NOT NULL, verifier binary(32) NOT NULL,
  session_key binary(40), totaltime int unsigned NOT NULL DEFAULT 0);
INSERT INTO account (username, salt, verifier) VALUES ('PLAYER', REPEAT('s', 32), REPEAT('v', 32));
CREATE TABLE realmlist (id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY, name varchar(32) NOT NULL, address varchar(255) NOT NULL);
INSERT INTO realmlist VALUES (1, 'AzerothCore', '127.0.0.1');
CREATE TABLE updates (name varchar(200) NOT NULL PRIMARY KEY, hash char(40), state enum('RELEASED','ARCHIVED','CUSTOM') NOT NULL, timestamp timestamp NOT NULL DEFAULT current_timestamp(), speed int unsigned NOT NULL DEFAULT 0);
INSERT INTO updates VALUES ('2021_10_14_00.sql', 'D4378AFC454DF8351A6DE6C6B6144F82C62980A5', 'ARCHIVED', '2021-10-14 21:59:33', 53);
CREATE TABLE updates_include (path varchar(200) NOT NULL PRIMARY KEY, state enum('RELEASED','ARCHIVED','CUSTOM','PENDING') NOT NULL DEFAULT 'RELEASED');
INSERT INTO updates_include VALUES ('$/data/sql/archive/db_auth', 'ARCHIVED'), ('$/data/sql/custom/db_auth', 'CUSTOM'), ('$/data/sql/updates/db_auth', 'RELEASED');
USE characters;
CREATE TABLE characters (guid int unsigned NOT NULL PRIMARY KEY, account int unsigned NOT NULL, name varchar(12) NOT NULL, online tinyint unsigned NOT NULL DEFAULT 0);
INSERT INTO characters VALUES (1, 1, 'Player', 1), (2, 1, 'Bank', 0);
CREATE TABLE updates LIKE authserver.updates;
CREATE TABLE updates_include LIKE authserver.updates_include;
INSERT INTO updates_include VALUES ('$/data/sql/updates/db_characters', 'RELEASED');
USE worldserver;
CREATE TABLE acore_string (entry int unsigned NOT NULL PRIMARY KEY, content_default text NOT NULL);
CREATE TABLE creature_template (entry int unsigned NOT NULL PRIMARY KEY, name char(100) NOT NULL);
CREATE TABLE version (core_version varchar(255) NOT NULL PRIMARY KEY, core_revision varchar(120), db_version varchar(120), cache_id int DEFAULT 0);
INSERT INTO version VALUES ('AzerothCore rev. 747a2a4f0edf 2021-10-13 20:07:19 +0200 (master branch)', '747a2a4f0edf', 'ACDB 335.5-dev', 5);
CREATE TABLE updates LIKE authserver.updates;
SQL
