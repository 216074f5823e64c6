#!/bin/sh
# 0 while nginx runs on this director, 1 when it does not.
grep -qsx nginx /proc/[0-9]*/comm || exit 1
