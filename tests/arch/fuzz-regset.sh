#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# fuzz-regset.sh PROGRAM SECONDS [FOLDER]: feeds the target of libFuzzer for that long,
# and reports as TAP. In FOLDER, a new one otherwise, is what was found to lead
# somewhere else. An input that fails comes into the working directory, as crash-….
set -u
seconds=${PINK_FUZZ_SECONDS:-$2}
corpus=${3-}
new=
if [ -z "$corpus" ]; then
  corpus=$(mktemp -d) || exit 1
  new=$corpus
fi
log=$corpus.log
echo 1..1
# The largest register set, with what comes before it, and some more.
if "$1" "$corpus" -max_len=1040 -len_control=0 "-max_total_time=$seconds" >"$log" 2>&1; then
  echo "ok 1 - /arch/fuzz/regset"
  failed=0
else
  echo "not ok 1 - /arch/fuzz/regset"
  failed=1
fi
tail -n 40 "$log" | sed 's/^/# /'
[ -z "$new" ] || rm -rf "$new" "$log"
exit "$failed"
