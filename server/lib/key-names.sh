# shellcheck shell=bash
# What the keys of the stack's config are called, for people.

# realm_key KEY: a key of the realm that the step is for.
realm_key() { echo "trinitycore:realms.${ARG[realm.key]-NAME}.$1"; }

# database_key ROLE: where the name, user and password of a database are.
database_key() { if [[ $1 == auth ]]; then echo trinitycore:login.database; else realm_key "databases.$1"; fi; }

# settings_key SERVER: the map of a server's settings.
settings_key() { if [[ $1 == authserver ]]; then echo trinitycore:login.settings; else realm_key settings; fi; }
