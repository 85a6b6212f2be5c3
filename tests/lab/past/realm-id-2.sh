#!/bin/bash
# Nothing was set up here: the realm is to have another number than the core's base dump gives its own.
true
