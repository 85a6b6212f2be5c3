#!/bin/bash
# firewalld with a zone of the operator's on the interface: a web server, and SSH from one network alone.
set -eu
firewall-cmd -q --permanent --new-zone=shop
firewall-cmd -q --permanent --zone=shop --add-service=https
firewall-cmd -q --permanent --zone=shop \
  --add-rich-rule='rule family="ipv4" source address="10.0.0.0/8" service name="ssh" accept'
firewall-cmd -q --permanent --zone=shop --change-interface=host0
firewall-cmd -q --reload
