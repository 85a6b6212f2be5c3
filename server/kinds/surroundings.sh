# shellcheck shell=bash
# What was on the server before this stack, and what else uses it: looked at before anything is touched, and never changed.
# observed: whether players can be told the realm's address: what this server resolves it to
# not observed: what a firewall before the server (a cloud's, a router's) lets through: it cannot be seen from here

observe() { address_says; }
