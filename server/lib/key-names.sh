# shellcheck shell=bash
# The names of keys of the stack's config, as messages show them.

# realm_key KEY: a key of the step's realm.
realm_key() { echo "trinitycore:realms.${ARG[realm.key]-NAME}.$1"; }

# database_key ROLE: the map with a database's name, user and password.
database_key() { if [[ $1 == auth ]]; then echo trinitycore:login.database; else realm_key "databases.$1"; fi; }

# settings_key SERVER: the map of a server's settings.
settings_key() { if [[ $1 == authserver ]]; then echo trinitycore:login.settings; else realm_key settings; fi; }
