# shellcheck shell=bash
# What was on the server before this stack, and what else uses it: looked at before anything is touched, and never changed.
# observed: nothing yet
# not observed: what a firewall before the server (a cloud's, a router's) lets through: it cannot be seen from here

observe() { :; }
