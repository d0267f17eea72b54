#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check-symbols.sh LIBRARY LIST NM...: compares what the library exports with
# the list that is kept beside this script. Whoever adds a function adds its
# name there, and so has seen that it is now public for ever.
library=$1
list=$2
shift 2

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
"$@" -D --defined-only "$library" >"$work/all" || exit 1
awk '{ print $3 }' "$work/all" | LC_ALL=C sort >"$work/exported"
LC_ALL=C sort "$list" >"$work/list"
status=0

if ! diff -u "$work/list" "$work/exported" >"$work/difference"; then
  echo "The library exports something else than $list says (- missing, + new):"
  sed -n '3,$p' "$work/difference" | grep '^[-+]'
  status=1
fi

# libpinktrace's names: both libraries must be able to live in one process.
if grep -E '^pink_(trace|read|write|vm|name|lookup|event|regset|pipe)_|^pink_(abi_wordsize|ptrace)$' "$work/exported"; then
  echo "The names above are libpinktrace's."
  status=1
fi

if grep -v '^pink_' "$work/exported"; then
  echo "The names above do not begin with pink_."
  status=1
fi

# A list that is empty would agree with a library that exports nothing.
[ -s "$work/exported" ] || status=1
exit $status
