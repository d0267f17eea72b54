/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the suites of changed calls have in common: changeprog makes a marked
 * call, of each ABI that this machine has.
 */
#pragma once

#include "pink-test-util.h"

typedef struct
{
  const char *name;   /* for the path of the case */
  PinkAbi     abi;
  gboolean    bits32; /* changeprog32 */
  gboolean    int80;
} ChangeWay;

/* Ends with a NULL name; only those that can be run here and now. */
const ChangeWay *change_ways (void);

/* "39,1,2" of getpid on that ABI: args as changeprog takes them, or NULL. */
char *change_call (const ChangeWay *way, const char *name, const char *args);

/* changeprog's output for these calls (of change_call(); freed). It must exit with 0. */
char *change_run  (PinkTracer *tracer, const ChangeWay *way, char *call, ...) G_GNUC_NULL_TERMINATED;

/* If there is none, which is so on the smallest of machines, the case is skipped. */
gboolean change_has_python (void);

/* What it says of a call whose other registers it found as they were. */
#define change_assert_kept(text, value) \
  G_STMT_START { g_autofree char *wanted_ = g_strdup_printf ("%ld kept\n", (long) (value)); \
    g_assert_cmpstr ((text), ==, wanted_); } G_STMT_END

/* Adds "/path/WAY" for each way. */
void change_add (const char *path, void (*func) (gconstpointer way));
