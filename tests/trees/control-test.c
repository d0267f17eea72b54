/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tracee in our hands: held, let go on, and stopped.
 */
#include "control-util.h"

#include <elf.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- interrupt ---- */

static void
on_interrupt (PinkTracer     *tracer,
              PinkTracee     *tracee,
              PinkStopReason  reason,
              gpointer        count)
{
  g_assert_cmpint (reason, ==, PINK_STOP_REASON_INTERRUPT);
  ++*(guint *) count;
}

/* In code that makes no call. */
static void
test_interrupt_spin (void)
{
  Trace trace;
  guint n = 0;

  trace_begin (&trace, FALSE, "spin", NULL);
  g_signal_connect (trace.tracer, "stopped::interrupt", G_CALLBACK (on_interrupt), &n);
  tree_wait_word (&trace.shared->ready, 1, "the program");
  for (guint i = 0; i < 20; i++)
    {
      trace_interrupt (trace.tracee);
      trace_assert_stands (&trace);
      g_assert_cmpuint (n, ==, i + 1);
      trace_resume (trace.tracee, PINK_RESUME_SYSCALL);
      tree_wait_counters (trace.shared, 1, 10);
    }
  trace_end (&trace);
}

static void
interrupt_busy (gboolean calls)
{
  Trace trace;

  trace_begin (&trace, calls, "busy", "1");
  tree_wait_word (&trace.shared->ready, 1, "the program");
  for (guint i = 0; i < 100; i++)
    {
      trace_interrupt (trace.tracee);
      if (i % 10 == 0)
        trace_assert_stands (&trace);
      trace_resume (trace.tracee, PINK_RESUME_SYSCALL);
    }
  tree_wait_counters (trace.shared, 1, 10);
  trace_end (&trace);
}

static void
test_interrupt_busy (void)
{
  interrupt_busy (FALSE);
}

static void
test_interrupt_busy_calls (void)
{
  interrupt_busy (TRUE);
}

static gboolean
is_in_read (gpointer data)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/syscall", GPOINTER_TO_INT (data));
  g_autofree char *call = g_strdup_printf ("%d 0x0 ", SYS_read);
  g_autofree char *text = NULL;

  return tree_state (GPOINTER_TO_INT (data)) == 'S' &&
         g_file_get_contents (path, &text, NULL, NULL) && g_str_has_prefix (text, call);
}

/* Blocked in a call, which goes on as if nothing had been. */
static void
test_interrupt_read (void)
{
  const char *argv[] = { tree_program (), "read", NULL };
  Trace trace = { pink_tracer_new (), tree_shared_new (), NULL, NULL };
  int ends[2], pid;

  g_assert_cmpint (pipe (ends), ==, 0);
  trace.watch = tree_watch_new (trace.tracer, FALSE);
  trace.tracee = g_object_ref (tree_spawnv (trace.tracer, trace.shared, ends[0], argv));
  pid = pink_tracee_get_pid (trace.tracee);
  for (guint i = 0; i < 20; i++)
    {
      test_wait_until (NULL, is_in_read, GINT_TO_POINTER (pid), "the read");
      trace_interrupt (trace.tracee);
      trace_resume (trace.tracee, i % 2 ? PINK_RESUME_SYSCALL : PINK_RESUME_CONTINUE);
    }
  test_wait_until (NULL, is_in_read, GINT_TO_POINTER (pid), "the read");
  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  trace_end (&trace);
  close (ends[0]);
  close (ends[1]);
}

/* One stop for all who have asked. */
static void
test_interrupt_thrice (void)
{
  Trace trace;
  Result results[3] = { 0 };
  guint n = 0;

  trace_begin (&trace, FALSE, "spin", NULL);
  g_signal_connect (trace.tracer, "stopped::interrupt", G_CALLBACK (on_interrupt), &n);
  tree_wait_word (&trace.shared->ready, 1, "the program");
  for (guint i = 0; i < 3; i++)
    pink_tracee_interrupt_async (trace.tracee, NULL, result_on_interrupted, &results[i]);
  for (guint i = 0; i < 3; i++)
    {
      test_wait_until (NULL, result_is_done, &results[i], "an interrupt");
      g_assert_no_error (results[i].error);
    }
  trace_assert_stands (&trace);
  g_assert_cmpuint (n, ==, 1);
  /* And one who comes later finds it standing. */
  trace_interrupt (trace.tracee);
  trace_resume (trace.tracee, PINK_RESUME_SYSCALL);
  tree_wait_counters (trace.shared, 1, 10);
  trace_end (&trace);
}

/* It ends before it stops. */
static void
test_interrupt_gone (void)
{
  for (guint i = 0; i < 50; i++)
    {
      Trace trace;
      Result result = { 0 };

      trace_begin (&trace, FALSE, "spin", NULL);
      tree_wait_word (&trace.shared->ready, 1, "the program");
      kill (pink_tracee_get_pid (trace.tracee), SIGKILL);
      pink_tracee_interrupt_async (trace.tracee, NULL, result_on_interrupted, &result);
      test_run (trace.tracer);
      test_wait_until (NULL, result_is_done, &result, "an interrupt");
      /* It may have stood for a moment; then nobody has let it go on. */
      if (result.error != NULL)
        g_assert_error (result.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
      g_clear_error (&result.error);
      trace_end_with (&trace, SIGKILL);
    }
}

/* ---- hold ---- */

static void
hold_once (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          held)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  if (*(PinkTracee **) held != NULL || pink_tracee_get_parent (tracee) != NULL)
    return;
  g_assert_true (pink_tracee_hold (tracee, NULL));
  *(PinkTracee **) held = tracee;
}

static gboolean
on_timeout (gpointer data)
{
  PinkTracee **held = data;

  trace_resume (*held, PINK_RESUME_SYSCALL);
  *held = NULL;
  return G_SOURCE_REMOVE;
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

/* The other one runs on. */
static void
hold_at (const char *signal)
{
  Trace trace;
  PinkTracee *held = NULL;
  gulong id, count, other;

  trace_begin (&trace, FALSE, "two", NULL);
  tree_wait_word (&trace.shared->ready, 2, "two processes");
  id = g_signal_connect (trace.tracer, signal, G_CALLBACK (hold_once), &held);
  test_wait_until (NULL, pointer_is_set, &held, "a held tracee");
  g_assert_true (held == trace.tracee);
  g_assert_cmpint (pink_tracee_get_state (held), ==, PINK_TRACEE_STOPPED);
  count = atomic_load (&trace.shared->counters[0]);
  other = atomic_load (&trace.shared->counters[1]);
  while (atomic_load (&trace.shared->counters[1]) < other + 50)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (atomic_load (&trace.shared->counters[0]), ==, count);
  g_signal_handler_disconnect (trace.tracer, id);
  g_timeout_add (20, on_timeout, &held);
  test_wait_until (NULL, is_null, &held, "the timeout");
  tree_wait_counters (trace.shared, 2, 10);
  trace_end (&trace);
}

static void
test_hold_entry (void)
{
  hold_at ("syscall-enter::getppid");
}

static void
test_hold_exit (void)
{
  hold_at ("syscall-exit::getppid");
}

/* What was held is killed: it ends, and there is nothing to let go. */
static void
kill_held (const char *signal)
{
  Trace trace;
  PinkTracee *held = NULL;
  g_autoptr (GError) error = NULL;

  trace_begin (&trace, FALSE, "busy", "1");
  g_signal_connect (trace.tracer, signal, G_CALLBACK (hold_once), &held);
  test_wait_until (NULL, pointer_is_set, &held, "a held tracee");
  kill (pink_tracee_get_pid (trace.tracee), SIGKILL);
  test_run (trace.tracer);
  g_assert_false (pink_tracee_resume (trace.tracee, PINK_RESUME_SYSCALL, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
  trace_end_with (&trace, SIGKILL);
}

static void
test_killed_entry (void)
{
  kill_held ("syscall-enter::getppid");
}

static void
test_killed_exit (void)
{
  kill_held ("syscall-exit::getppid");
}

/* Its death is not known here yet when it is let go. */
static void
test_killed_resumed (void)
{
  for (guint i = 0; i < 50; i++)
    {
      Trace trace;
      PinkTracee *held = NULL;
      g_autoptr (GError) error = NULL;

      trace_begin (&trace, FALSE, "busy", "1");
      g_signal_connect (trace.tracer, "syscall-enter::getppid", G_CALLBACK (hold_once), &held);
      test_wait_until (NULL, pointer_is_set, &held, "a held tracee");
      kill (pink_tracee_get_pid (trace.tracee), SIGKILL);
      if (!pink_tracee_resume (trace.tracee, PINK_RESUME_SYSCALL, &error))
        g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
      trace_end_with (&trace, SIGKILL);
    }
}

/* Everything asked for of one that has been killed fails, at most, with GONE. */
static void
test_killed_looked_into (void)
{
  for (guint i = 0; i < 50; i++)
    {
      Trace trace;
      PinkTracee *held = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) registers = NULL;
      guint64 word;

      trace_begin (&trace, FALSE, "busy", "1");
      g_signal_connect (trace.tracer, "syscall-enter::getppid", G_CALLBACK (hold_once), &held);
      test_wait_until (NULL, pointer_is_set, &held, "a held tracee");
      kill (pink_tracee_get_pid (trace.tracee), SIGKILL);
      if (i % 2)
        tree_wait_state (pink_tracee_get_pid (trace.tracee), "Z?");
      registers = pink_tracee_get_registers (trace.tracee, NT_PRSTATUS, &error);
      if (registers == NULL)
        g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
      g_clear_error (&error);
      if (!pink_tracee_peek_user (trace.tracee, 0, &word, &error))
        g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
      trace_end_with (&trace, SIGKILL);
    }
}

/* ---- wrong moments ---- */

static void
assert_all_fail (PinkTracee      *tracee,
                 PinkTracerError  code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("", 1);
  guint64 word;

#define FAILS(call) \
  g_assert_false (call); \
  g_assert_error (error, PINK_TRACER_ERROR, (gint) code); \
  g_clear_error (&error)

  FAILS (pink_tracee_hold (tracee, &error));
  FAILS (pink_tracee_resume (tracee, PINK_RESUME_SYSCALL, &error));
  FAILS (pink_tracee_get_registers (tracee, NT_PRSTATUS, &error) != NULL);
  FAILS (pink_tracee_set_registers (tracee, NT_PRSTATUS, bytes, &error));
  FAILS (pink_tracee_get_signal_info (tracee, &error) != NULL);
  FAILS (pink_tracee_peek_user (tracee, 0, &word, &error));
  FAILS (pink_tracee_poke_user (tracee, 0, 0, &error));
  FAILS (pink_tracee_peek_data (tracee, 0, &word, &error));
  FAILS (pink_tracee_poke_data (tracee, 0, 0, &error));
#undef FAILS
}

static void
test_wrong_state (void)
{
  Trace trace;

  trace_begin (&trace, FALSE, "spin", NULL);
  tree_wait_word (&trace.shared->ready, 1, "the program");
  assert_all_fail (trace.tracee, PINK_TRACER_ERROR_WRONG_STATE);
  trace_end (&trace);
}

static void
on_detached (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Result *own = data;

  pink_tracee_detach_finish (PINK_TRACEE (source), result, &own->error);
  own->done = TRUE;
}

static void
test_gone (void)
{
  Trace trace;
  Result detached = { 0 }, interrupted = { 0 };
  g_autoptr (PinkTracee) tracee = NULL;

  trace_begin (&trace, FALSE, "nothing", NULL);
  tracee = g_object_ref (trace.tracee);
  trace_end (&trace);
  assert_all_fail (tracee, PINK_TRACER_ERROR_GONE);
  pink_tracee_detach_async (tracee, FALSE, NULL, on_detached, &detached);
  test_wait_until (NULL, result_is_done, &detached, "a detach");
  g_assert_error (detached.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
  g_clear_error (&detached.error);
  pink_tracee_interrupt_async (tracee, NULL, result_on_interrupted, &interrupted);
  test_wait_until (NULL, result_is_done, &interrupted, "an interrupt");
  g_assert_error (interrupted.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
  g_clear_error (&interrupted.error);
}

/* ---- vfork ---- */

static void
hold_child (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          held)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  if (*(PinkTracee **) held != NULL || pink_tracee_get_parent (tracee) == NULL)
    return;
  g_assert_true (pink_tracee_hold (tracee, NULL));
  *(PinkTracee **) held = tracee;
}

static void
count_one (PinkTracer *tracer,
           PinkTracee *tracee,
           gpointer    count)
{
  ++*(guint *) count;
}

static gboolean
count_tick (gpointer count)
{
  ++*(guint *) count;
  return G_SOURCE_CONTINUE;
}

static gboolean
has_ticked (gpointer count)
{
  return *(guint *) count >= 20;
}

/* The parent cannot stop before its child goes on: it is let go then. */
static void
test_vfork_detach (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  g_autoptr (PinkTracee) parent = NULL;
  g_autoptr (TestPids) pids = test_pids_new ();
  PinkTracee *child = NULL;
  Result result = { 0 };
  guint n_ticks = 0, n_detached = 0, id;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (hold_child), &child);
  g_signal_connect (tracer, "detached", G_CALLBACK (count_one), &n_detached);
  parent = g_object_ref (tree_spawn (tracer, shared, "vfork-wait", NULL));
  test_pids_add (pids, pink_tracee_get_pid (parent));
  test_wait_until (NULL, pointer_is_set, &child, "a held child");
  pink_tracee_detach_async (parent, FALSE, NULL, on_detached, &result);
  id = g_timeout_add (1, count_tick, &n_ticks);
  test_wait_until (NULL, has_ticked, &n_ticks, "the loop to run on");
  g_source_remove (id);
  g_assert_false (result.done);
  g_assert_cmpint (pink_tracee_get_state (parent), ==, PINK_TRACEE_RUNNING);
  trace_resume (child, PINK_RESUME_SYSCALL);
  test_wait_until (NULL, result_is_done, &result, "the detach");
  g_assert_no_error (result.error);
  g_assert_cmpuint (n_detached, ==, 1);
  tree_run (tracer, shared);
  test_pids_await_ended (pids);
}

static void
on_vfork_done (PinkTracer     *tracer,
               PinkTracee     *tracee,
               PinkStopReason  reason,
               gpointer        count)
{
  g_assert_cmpint (reason, ==, PINK_STOP_REASON_VFORK_DONE);
  g_assert_null (pink_tracee_get_parent (tracee));
  ++*(guint *) count;
}

static void
test_vfork_done (void)
{
  Trace trace;
  guint n = 0;

  trace_begin (&trace, FALSE, "vfork", "5");
  g_signal_connect (trace.tracer, "stopped::vfork-done", G_CALLBACK (on_vfork_done), &n);
  trace_end (&trace);
  g_assert_cmpuint (n, ==, 5);
}

/* The interrupt of a vfork parent comes when it can. */
static void
test_vfork_interrupt (void)
{
  Trace trace;
  PinkTracee *child = NULL;
  Result result = { 0 };

  trace_begin (&trace, FALSE, "vfork-wait", NULL);
  g_signal_connect (trace.tracer, "syscall-enter::getppid", G_CALLBACK (hold_child), &child);
  test_wait_until (NULL, pointer_is_set, &child, "a held child");
  pink_tracee_interrupt_async (trace.tracee, NULL, result_on_interrupted, &result);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (result.done);
  trace_resume (child, PINK_RESUME_SYSCALL);
  test_wait_until (NULL, result_is_done, &result, "the interrupt");
  g_assert_no_error (result.error);
  trace_resume (trace.tracee, PINK_RESUME_SYSCALL);
  trace_end (&trace);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add ("/control/interrupt/spin", test_interrupt_spin);
  test_add ("/control/interrupt/busy", test_interrupt_busy);
  test_add ("/control/interrupt/busy/calls", test_interrupt_busy_calls);
  test_add ("/control/interrupt/read", test_interrupt_read);
  test_add ("/control/interrupt/thrice", test_interrupt_thrice);
  test_add ("/control/interrupt/gone", test_interrupt_gone);
  test_add ("/control/hold/entry", test_hold_entry);
  test_add ("/control/hold/exit", test_hold_exit);
  test_add ("/control/killed/entry", test_killed_entry);
  test_add ("/control/killed/exit", test_killed_exit);
  test_add ("/control/killed/resumed", test_killed_resumed);
  test_add ("/control/killed/looked-into", test_killed_looked_into);
  test_add ("/control/wrong-state", test_wrong_state);
  test_add ("/control/gone", test_gone);
  test_add ("/control/vfork/detach", test_vfork_detach);
  test_add ("/control/vfork/done", test_vfork_done);
  test_add ("/control/vfork/interrupt", test_vfork_interrupt);
  return g_test_run ();
}
