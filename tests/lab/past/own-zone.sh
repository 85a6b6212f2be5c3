#!/bin/bash
# firewalld, with the operator's own zone on the interface: for a web server, and for SSH from one network only.
set -eu
firewall-cmd -q --permanent --new-zone=shop
firewall-cmd -q --permanent --zone=shop --add-service=https
firewall-cmd -q --permanent --zone=shop \
  --add-rich-rule='rule family="ipv4" source address="10.0.0.0/8" service name="ssh" accept'
firewall-cmd -q --permanent --zone=shop --change-interface=host0
firewall-cmd -q --reload
