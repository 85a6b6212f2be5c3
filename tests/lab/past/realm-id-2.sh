#!/bin/bash
# Nothing was set up here: the realm gets another number than the realm of the core's base dump.
true
