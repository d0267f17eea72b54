/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pink-test-util.h"

/* Traces "logprog STEP…" from end to end. */
void  log_trace (PinkTracer *tracer, const char *step, ...) G_GNUC_NULL_TERMINATED;
/* The same, only started, with its standard input from `input` (closed here). */
PinkTracee *log_spawn (PinkTracer *tracer, int input, const char *step);

guint             log_count  (PinkSyscallLog *log);
PinkSyscallEvent *log_get    (PinkSyscallLog *log, guint position);
char             *log_line   (PinkSyscallLog *log, guint position);
/* The last row of this name, or NULL. */
PinkSyscallEvent *log_last   (PinkSyscallLog *log, const char *name);
/* How many rows have "/nowhere/FIRST", FIRST + 1… in this order, and nothing wrong. */
guint             log_count_opens (PinkSyscallLog *log, guint first);
/* The same of the first N_ROWS only. */
guint             log_count_opens_in (PinkSyscallLog *log, guint first, guint n_rows);
