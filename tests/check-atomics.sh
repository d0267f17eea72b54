#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check-atomics.sh ARCHIVE NM...: nothing in it calls libatomic, whose locks a tracer
# task that is killed would leave locked. For a processor with small atomic operations
# that is what happens to all that is wider than a word.
archive=$1
shift

"$@" "$archive" >/dev/null || exit 1
if "$@" -u "$archive" | grep '__atomic_'; then
  echo "The engine has atomic variables that are wider than a word: the calls above."
  exit 1
fi
