/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "control-util.h"

void
trace_begin (Trace      *trace,
             gboolean    calls,
             const char *deed,
             const char *argument)
{
  trace->tracer = pink_tracer_new ();
  trace->shared = tree_shared_new ();
  trace->watch = tree_watch_new (trace->tracer, calls);
  trace->tracee = g_object_ref (tree_spawn (trace->tracer, trace->shared, deed, argument, NULL));
}

void
trace_end_with (Trace *trace,
                int    status)
{
  atomic_store (&trace->shared->stop, 1);
  tree_run (trace->tracer, trace->shared);
  g_assert_cmpint (pink_tracee_get_wait_status (trace->tracee), ==, status);
  tree_watch_free (trace->watch);
  g_object_unref (trace->tracee);
  g_object_unref (trace->tracer);
  tree_shared_free (trace->shared);
}

void
trace_end (Trace *trace)
{
  trace_end_with (trace, 0);
}

void
result_on_interrupted (GObject      *source,
                       GAsyncResult *result,
                       gpointer      data)
{
  Result *own = data;
  gboolean so = pink_tracee_interrupt_finish (PINK_TRACEE (source), result, &own->error);

  g_assert_cmpint (so, ==, own->error == NULL);
  own->done = TRUE;
}

gboolean
result_is_done (gpointer data)
{
  return ((Result *) data)->done;
}

gboolean
pointer_is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

void
trace_interrupt (PinkTracee *tracee)
{
  Result result = { 0 };

  pink_tracee_interrupt_async (tracee, NULL, result_on_interrupted, &result);
  g_assert_false (result.done);
  test_wait_until (NULL, result_is_done, &result, "an interrupt");
  g_assert_no_error (result.error);
  g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_STOPPED);
}

void
trace_resume (PinkTracee     *tracee,
              PinkResumeMode  mode)
{
  GError *error = NULL;
  gboolean so = pink_tracee_resume (tracee, mode, &error);

  g_assert_no_error (error);
  g_assert_true (so);
}

void
trace_assert_stands (Trace *trace)
{
  gulong count = atomic_load (&trace->shared->counters[0]);

  g_assert_cmpint (tree_state (pink_tracee_get_pid (trace->tracee)), ==, 't');
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (atomic_load (&trace->shared->counters[0]), ==, count);
}
