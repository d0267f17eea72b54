/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The tracing itself: what is started, attached to and let go.
 */
#pragma once

#include "report.h"

/* Lines and a table, at most. */
#define MAX_REPORTS 2

typedef struct
{
  const Options *options;
  Report        *reports[MAX_REPORTS + 1]; /* NULL ends them */
  gboolean       live;        /* somebody reads the output while the program runs */
  gboolean       may_observe; /* the program need not wait for us */
  PinkTracer    *tracer;
  int            program;     /* what was started; 0 if nothing was */
  guint          n_shown;     /* tracees that are, see is_shown() */
  gboolean       ended;       /* the program has, and STATUS is how, as wait() gives it */
  int            status;
} Trace;

/* Until nothing is traced any more. */
gboolean trace_run (Trace   *self,
                    GError **error);
