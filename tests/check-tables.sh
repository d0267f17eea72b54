#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# check-tables.sh LIBRARY NM: the large tables lie where nothing is written when the library is
# loaded. A pointer in one of them would make a page of memory in every process of each of its
# pages, and a fault, which on some virtual machines takes 40 microseconds.
set -eu

symbols=$("$2" "$1")
status=0
for table in pink_arch_rows pink_named pink_table_variants pink_tables pink_fields pink_orders pink_layouts \
             pink_structs pink_cases pink_unions pink_types pink_calls; do
  case $(echo "$symbols" | sed -n "s/^[0-9a-f]* \(.\) $table\$/\1/p") in
    [rR]) ;;
    "") echo "$table: there is no such table"; status=1 ;;
    *) echo "$table: has pointers"; status=1 ;;
  esac
done
exit $status
