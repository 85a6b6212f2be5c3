#!/bin/bash
# A shop keeps what it sells in a database that happens to be called characters.
set -eu
mariadb <<'SQL'
CREATE DATABASE characters;
CREATE TABLE characters.figures (id int PRIMARY KEY, title text); INSERT INTO characters.figures VALUES (1, 'Orc, painted');
CREATE TABLE characters.orders (id int PRIMARY KEY, figure int, customer text); INSERT INTO characters.orders VALUES (1, 1, 'Ann');
SQL
