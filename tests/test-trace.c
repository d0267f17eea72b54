/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What suites have in common: traces.
 */
#include "pink-test-util.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static GPtrArray *
script (const char *step,
        va_list     args)
{
  GPtrArray *argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) test_program ());
  for (; step != NULL; step = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) step);
  g_ptr_array_add (argv, NULL);
  return argv;
}

PinkTracee *
test_spawnv (PinkTracer         *tracer,
             const char * const *argv)
{
  GError *error = NULL;
  PinkTracee *tracee = pink_tracer_spawn (tracer, argv, &error);

  g_assert_no_error (error);
  g_assert_true (PINK_IS_TRACEE (tracee));
  return tracee;
}

PinkTracee *
test_spawn (PinkTracer *tracer,
            const char *step,
            ...)
{
  g_autoptr (GPtrArray) argv = NULL;
  va_list args;

  va_start (args, step);
  argv = script (step, args);
  va_end (args);
  return test_spawnv (tracer, (const char * const *) argv->pdata);
}

static void
end_source (GSource *source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

static int n_calls; /* that any handler has counted: a trace that goes on is no trace that hangs */

static gboolean
on_bound (gpointer data)
{
  int *last = data;
  int now = g_atomic_int_get (&n_calls);

  if (now == *last)
    g_error ("waited too long: a trace to end");
  *last = now;
  return G_SOURCE_CONTINUE;
}

gboolean
test_run_full (PinkTracer  *tracer,
               GError     **error)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  GSource *bound = g_timeout_source_new ((guint) (test_seconds (TEST_BOUND_S) * 1000));
  int last = g_atomic_int_get (&n_calls);
  gboolean result;

  g_source_set_callback (bound, on_bound, &last, NULL);
  g_source_attach (bound, context);
  result = pink_tracer_run (tracer, error);
  end_source (bound);
  return result;
}

void
test_run (PinkTracer *tracer)
{
  GError *error = NULL;
  gboolean result = test_run_full (tracer, &error);

  g_assert_no_error (error);
  g_assert_true (result);
}

int
test_trace (PinkTracer *tracer,
            const char *step,
            ...)
{
  g_autoptr (GPtrArray) argv = NULL;
  g_autoptr (PinkTracee) tracee = NULL;
  va_list args;

  va_start (args, step);
  argv = script (step, args);
  va_end (args);
  tracee = g_object_ref (test_spawnv (tracer, (const char * const *) argv->pdata));
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_EXITED);
  return pink_tracee_get_wait_status (tracee);
}

int
test_output_new (void)
{
  int fd = memfd_create ("output", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  /* Several that write at once would otherwise write over each other: the kernel takes no
   * lock on the offset of such a file. */
  g_assert_no_errno (fcntl (fd, F_SETFL, O_APPEND));
  return fd;
}

char *
test_output_take (int fd)
{
  GString *text = g_string_new (NULL);
  char chunk[4096];
  gssize n;

  while ((n = pread (fd, chunk, sizeof chunk, (off_t) text->len)) > 0)
    g_string_append_len (text, chunk, n);
  g_assert_cmpint (n, ==, 0);
  close (fd);
  return g_string_free (text, FALSE);
}

char *
test_trace_outputv (PinkTracer         *tracer,
                    PinkLauncher       *launcher,
                    const char * const *argv,
                    int                *wait_status)
{
  g_autoptr (PinkLauncher) own = launcher != NULL ? g_object_ref (launcher) : pink_launcher_new ();
  g_autoptr (PinkTracee) tracee = NULL;
  GError *error = NULL;
  int fd = test_output_new ();

  /* A program writes where its last writer was: all share one offset. */
  pink_launcher_take_fd (own, fcntl (fd, F_DUPFD_CLOEXEC, 3), 1);
  tracee = pink_launcher_spawn (own, tracer, argv, &error);
  g_assert_no_error (error);
  g_object_ref (tracee);
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_EXITED);
  *wait_status = pink_tracee_get_wait_status (tracee);
  return test_output_take (fd);
}

char *
test_trace_output (PinkTracer   *tracer,
                   PinkLauncher *launcher,
                   const char   *step,
                   ...)
{
  g_autoptr (GPtrArray) argv = NULL;
  va_list args;
  char *output;
  int status;

  va_start (args, step);
  argv = script (step, args);
  va_end (args);
  output = test_trace_outputv (tracer, launcher, (const char * const *) argv->pdata, &status);
  g_assert_cmpint (status, ==, 0);
  return output;
}

static gboolean
do_nothing (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* Looks again after each thing that happens, and every few milliseconds: what
 * /proc shows comes with no event. */
gboolean
test_wait_for (GMainContext  *context,
               TestCondition  condition,
               gpointer       data,
               double         seconds)
{
  g_autoptr (GMainContext) own = context != NULL ? g_main_context_ref (context)
                                                 : g_main_context_ref_thread_default ();
  gint64 until = g_get_monotonic_time () + (gint64) (test_seconds (seconds) * G_USEC_PER_SEC);
  GSource *look_again = g_timeout_source_new (2);
  gboolean result;

  g_source_set_callback (look_again, do_nothing, NULL, NULL);
  /* After the tracer's own: a slow condition must not keep it from its work. */
  g_source_set_priority (look_again, G_PRIORITY_LOW);
  g_source_attach (look_again, own);
  while (!(result = condition (data)) && g_get_monotonic_time () < until)
    g_main_context_iteration (own, TRUE);
  end_source (look_again);
  return result;
}

void
test_wait_until (GMainContext  *context,
                 TestCondition  condition,
                 gpointer       data,
                 const char    *what)
{
  if (!test_wait_for (context, condition, data, TEST_BOUND_S))
    g_error ("waited too long: %s", what);
}

void
test_on_call (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          count)
{
  ++*(guint *) count;
  g_atomic_int_inc (&n_calls);
}

void
test_on_finished (PinkTracer *tracer,
                  gpointer    count)
{
  ++*(guint *) count;
}
