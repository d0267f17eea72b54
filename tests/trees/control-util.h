/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One tracee in our hands, from its start to its end.
 */
#pragma once

#include "tree-util.h"

typedef struct
{
  PinkTracer *tracer;
  TreeShared *shared;
  TreeWatch  *watch;
  PinkTracee *tracee;
} Trace;

typedef struct
{
  gboolean done;
  GError  *error;
} Result;

void trace_begin (Trace *trace, gboolean calls, const char *deed, const char *argument);
void trace_end_with (Trace *trace, int status);
void trace_end (Trace *trace);
void result_on_interrupted (GObject *source, GAsyncResult *result, gpointer data);
gboolean result_is_done (gpointer data);
gboolean pointer_is_set (gpointer data);
void trace_interrupt (PinkTracee *tracee);
void trace_resume (PinkTracee *tracee, PinkResumeMode mode);
void trace_assert_stands (Trace *trace);
