/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Attaching to programs that run already, and letting them go: they must never
 * notice.
 */
#include "attach-util.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- running ---- */

static void
attach_busy (gboolean    calls,
             const char *churn)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, calls);
  int pid = busy_start (shared, churn);
  PinkTracee *leader;

  tree_attach (tracer, pid);
  tree_wait_value (&watch->n_added, THREADS, "tracee-added of 20 threads");
  leader = tree_find (tracer, pid);
  g_assert_nonnull (leader);
  g_assert_true (pink_tracee_is_leader (leader));
  g_assert_cmpint (pink_tracee_get_birth (leader), ==, PINK_TRACEE_BIRTH_ATTACH);
  g_assert_cmpint (pink_tracee_get_tgid (g_ptr_array_index (watch->all, THREADS - 1)), ==, pid);
  tree_wait_counters (shared, THREADS, 3);
  test_wait_until (NULL, busy_is_all_traced, GINT_TO_POINTER (pid), "all threads to be traced");
  if (churn == NULL)
    g_assert_cmpuint (watch->n_added, ==, THREADS);
  if (calls)
    g_assert_cmpuint (watch->n_calls, >, THREADS);

  busy_detach (tracer, pid, FALSE);
  busy_wait_untraced (pid);
  g_assert_cmpuint (tree_count_threads (pid, "Tt"), ==, 0);
  tree_wait_counters (shared, THREADS, 100);
  busy_end_well (shared, pid);
}

static void
test_busy (void)
{
  attach_busy (FALSE, NULL);
}

static void
test_busy_calls (void)
{
  attach_busy (TRUE, NULL);
}

static void
test_churn (void)
{
  attach_busy (FALSE, "churn");
}

static void
test_churn_calls (void)
{
  attach_busy (TRUE, "churn");
}

/* By the number of a thread, its process is meant. */
static void
test_by_thread (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = busy_start (shared, NULL);
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  do
    name = g_dir_read_name (dir);
  while (atoi (name) == pid);
  tree_attach (tracer, atoi (name));
  tree_wait_value (&watch->n_added, THREADS, "tracee-added of 20 threads");
  busy_detach (tracer, pid, FALSE);
  busy_end_well (shared, pid);
}

static void
on_attached (GObject      *source,
             GAsyncResult *result,
             gpointer      done)
{
  GError *error = NULL;

  g_assert_true (pink_tracer_attach_finish (PINK_TRACER (source), result, &error));
  g_assert_no_error (error);
  *(guint *) done = 1;
}

static void
test_async (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = busy_start (shared, NULL);
  guint done = 0;

  pink_tracer_attach_async (tracer, pid, NULL, on_attached, &done);
  g_assert_cmpuint (done, ==, 0);
  tree_wait_value (&done, 1, "attach_async");
  tree_wait_value (&watch->n_added, THREADS, "tracee-added of 20 threads");
  busy_detach (tracer, pid, FALSE);
  busy_end_well (shared, pid);
}

static void
on_refused (GObject      *source,
            GAsyncResult *result,
            gpointer      error)
{
  g_assert_false (pink_tracer_attach_finish (PINK_TRACER (source), result, error));
}

/* Nobody is traced, and yet run() does not return before that has been said. */
static void
test_async_refused (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  GError *error = NULL;

  pink_tracer_attach_async (tracer, getpid (), NULL, on_refused, &error);
  test_run (tracer);
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_SELF);
  g_clear_error (&error);
}

/* What it makes later is followed, and stays when its maker is let go. */
static void
test_follows (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = tree_start (shared, -1, "bomb", "0", NULL);

  g_assert_cmpint (tree_await (pid), ==, 0);
  pid = tree_start (shared, -1, "two", NULL);
  tree_wait_word (&shared->ready, 3, "two processes");
  tree_attach (tracer, pid);
  tree_wait_value (&watch->n_added, 1, "tracee-added");
  tree_wait_counters (shared, 2, 3);
  /* Its child was there before, and is not ours. */
  g_assert_cmpuint (watch->n_added, ==, 1);
  busy_end_well (shared, pid);
  test_run (tracer);
}

static void
on_added_end (PinkTracer *tracer,
              PinkTracee *tracee,
              gpointer    shared)
{
  atomic_store (&((TreeShared *) shared)->stop, 1);
}

/* run() has somebody to wait for before tracee-added is emitted. */
static void
test_run_waits (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = busy_start (shared, NULL);

  g_signal_connect (tracer, "tracee-added", G_CALLBACK (on_added_end), shared);
  tree_attach (tracer, pid);
  test_run (tracer);
  g_assert_cmpuint (watch->n_exited, ==, THREADS);
  g_assert_cmpuint (watch->n_finished, ==, 1);
  g_assert_cmpint (tree_await (pid), ==, 0);
}

/* ---- stopped, or in a call ---- */

static void
on_group_stop (PinkTracer *tracer,
               PinkTracee *tracee,
               int         number,
               gpointer    count)
{
  g_assert_cmpint (number, ==, SIGSTOP);
  ++*(guint *) count;
}

typedef struct
{
  const char *path;
  gboolean    detach; /* before SIGCONT */
  gboolean    heard;  /* group-stop has a handler */
} StoppedCase;

static const StoppedCase stopped_cases[] = {
  { "/attach/stopped", FALSE, TRUE },
  { "/attach/stopped/unheard", FALSE, FALSE },
  { "/attach/stopped/detached", TRUE, TRUE },
  { "/attach/stopped/unheard/detached", TRUE, FALSE },
};

static void
test_stopped (gconstpointer data)
{
  const StoppedCase *test = data;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = busy_start (shared, NULL);
  guint n_stops = 0;
  gulong count;

  kill (pid, SIGSTOP);
  test_wait_until (NULL, busy_are_all_stopped, GINT_TO_POINTER (pid), "20 stopped threads");
  if (test->heard)
    g_signal_connect (tracer, "group-stop", G_CALLBACK (on_group_stop), &n_stops);
  tree_attach (tracer, pid);
  tree_wait_value (&watch->n_added, THREADS, "tracee-added of 20 threads");
  if (test->heard)
    tree_wait_value (&n_stops, THREADS, "group-stop of 20 threads");
  g_assert_cmpuint (tree_count_threads (pid, "Tt"), ==, THREADS);
  count = atomic_load (&shared->counters[1]);
  if (test->detach)
    {
      busy_detach (tracer, pid, FALSE);
      busy_wait_untraced (pid);
      /* Each has to run a little way, back into its stop. */
      test_wait_until (NULL, busy_are_all_stopped, GINT_TO_POINTER (pid), "20 stopped threads");
    }
  g_assert_cmpuint (atomic_load (&shared->counters[1]), ==, count);
  kill (pid, SIGCONT);
  tree_wait_counters (shared, THREADS, 10);
  if (test->heard)
    g_assert_cmpuint (n_stops, ==, THREADS);
  busy_end_well (shared, pid);
  test_run (tracer);
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

static void
attach_read (gboolean calls,
             gboolean detach)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, calls);
  int ends[2], pid;

  g_assert_cmpint (pipe (ends), ==, 0);
  pid = tree_start (shared, ends[0], "read", NULL);
  tree_wait_word (&shared->ready, 1, "the read");
  test_wait_until (NULL, is_in_read, GINT_TO_POINTER (pid), "the read");
  tree_attach (tracer, pid);
  tree_wait_value (&watch->n_added, 1, "tracee-added");
  if (detach)
    {
      test_wait_until (NULL, is_in_read, GINT_TO_POINTER (pid), "the read to go on");
      busy_detach (tracer, pid, FALSE);
    }
  test_wait_until (NULL, is_in_read, GINT_TO_POINTER (pid), "the read to go on");
  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  g_assert_cmpint (tree_await (pid), ==, 0);
  test_run (tracer);
  close (ends[0]);
  close (ends[1]);
}

static void
test_read (void)
{
  attach_read (FALSE, FALSE);
}

static void
test_read_calls (void)
{
  attach_read (TRUE, FALSE);
}

static void
test_read_detached (void)
{
  attach_read (FALSE, TRUE);
}

static void
test_read_calls_detached (void)
{
  attach_read (TRUE, TRUE);
}

static void
test_nanosleep (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, TRUE);
  int pid = tree_start (shared, -1, "nanosleep", "400", NULL);

  tree_wait_word (&shared->ready, 1, "nanosleep");
  tree_wait_state (pid, "S");
  for (guint i = 0; i < 5; i++)
    {
      tree_attach (tracer, pid);
      tree_wait_value (&watch->n_added, i + 1, "tracee-added");
      busy_detach (tracer, pid, FALSE);
    }
  g_assert_cmpint (tree_await (pid), ==, 0);
  test_run (tracer);
}

/* ---- detaching in each state ---- */

static void
hold_call (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          tracee)
{
  GError *error = NULL;

  g_assert_true (pink_tracee_hold (pink_syscall_event_get_tracee (event), &error));
  g_assert_no_error (error);
  *(PinkTracee **) tracee = pink_syscall_event_get_tracee (event);
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

static void
detach_held (const char *signal,
             gboolean    spawned)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  PinkTracee *held = NULL;
  int pid;

  g_signal_connect (tracer, signal, G_CALLBACK (hold_call), &held);
  if (spawned)
    pid = pink_tracee_get_pid (tree_spawn (tracer, shared, "busy", "1", NULL));
  else
    {
      pid = tree_start (shared, -1, "busy", "1", NULL);
      tree_wait_word (&shared->ready, 1, "a busy program");
      tree_attach (tracer, pid);
    }
  test_wait_until (NULL, is_set, &held, "a held tracee");
  busy_detach (tracer, pid, FALSE);
  busy_wait_untraced (pid);
  tree_wait_counters (shared, 1, 10);
  if (!spawned)
    busy_end_well (shared, pid);
  else
    {
      g_autoptr (TestPids) pids = test_pids_new ();

      test_pids_add (pids, pid);
      atomic_store (&shared->stop, 1);
      test_pids_await_ended (pids);
      g_assert_cmpint (atomic_load (&shared->errors), ==, 0);
    }
}

static void
test_held_entry (void)
{
  detach_held ("syscall-enter::getppid", FALSE);
}

static void
test_held_exit (void)
{
  detach_held ("syscall-exit::getppid", FALSE);
}

static void
test_held_spawned (void)
{
  detach_held ("syscall-exit::getppid", TRUE);
}

/* Asked for in the handler itself. */
static void
detach_here (PinkTracer       *tracer,
             PinkSyscallEvent *event,
             gpointer          n)
{
  ++*(guint *) n;
  pink_tracee_detach_async (pink_syscall_event_get_tracee (event), FALSE, NULL, NULL, NULL);
}

static void
test_in_handler (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = tree_start (shared, -1, "busy", "1", NULL);
  guint n = 0;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (detach_here), &n);
  tree_wait_word (&shared->ready, 1, "a busy program");
  tree_attach (tracer, pid);
  test_run (tracer);
  g_assert_cmpuint (n, ==, 1);
  tree_wait_counters (shared, 1, 10);
  busy_end_well (shared, pid);
}

static void
test_leave_stopped (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = busy_start (shared, NULL);

  tree_attach (tracer, pid);
  tree_wait_value (&watch->n_added, THREADS, "tracee-added of 20 threads");
  busy_detach (tracer, pid, TRUE);
  busy_wait_untraced (pid);
  test_wait_until (NULL, busy_are_all_stopped, GINT_TO_POINTER (pid), "20 stopped threads");
  kill (pid, SIGCONT);
  tree_wait_counters (shared, THREADS, 10);
  busy_end_well (shared, pid);
}

static void
test_detach_all (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) first = tree_shared_new ();
  g_autoptr (TreeShared) second = tree_shared_new ();
  TreeShared *shared[2] = { first, second };
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, TRUE);
  int pids[2];

  for (guint i = 0; i < 2; i++)
    {
      pids[i] = busy_start (shared[i], NULL);
      tree_attach (tracer, pids[i]);
    }
  tree_wait_value (&watch->n_added, 2 * THREADS, "tracee-added of 40 threads");
  pink_tracer_detach_all (tracer);
  test_run (tracer);
  for (guint i = 0; i < 2; i++)
    {
      busy_wait_untraced (pids[i]);
      tree_wait_counters (shared[i], THREADS, 10);
      busy_end_well (shared[i], pids[i]);
    }
}

/* Attached, and let go before anybody has seen a thread of it. */
static void
test_detach_all_at_once (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = busy_start (shared, NULL);

  tree_attach (tracer, pid);
  tree_wait_value (&watch->n_added, 1, "tracee-added");
  pink_tracer_detach_all (tracer);
  test_run (tracer);
  busy_wait_untraced (pid);
  tree_wait_counters (shared, THREADS, 10);
  busy_end_well (shared, pid);
}

static void
cycle (const char *churn,
       gboolean    calls)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, calls);
  guint n = tree_count (churn != NULL || calls ? 30 : 100, 500);
  TestState before;
  int pid = busy_start (shared, churn);

  before = test_state_get ();
  for (guint i = 0; i < n; i++)
    {
      guint n_added = watch->n_added;

      tree_attach (tracer, pid);
      tree_wait_value (&watch->n_added, n_added + (i % 2 ? 1 : THREADS), "tracee-added");
      busy_detach (tracer, pid, FALSE);
    }
  busy_wait_untraced (pid);
  test_state_await (&before);
  g_assert_cmpuint (tree_count_threads (pid, "Tt"), ==, 0);
  tree_wait_counters (shared, THREADS, 100);
  busy_end_well (shared, pid);
}

static void
test_cycles (void)
{
  cycle (NULL, FALSE);
}

static void
test_cycles_calls (void)
{
  cycle (NULL, TRUE);
}

static void
test_cycles_churn (void)
{
  cycle ("churn", FALSE);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add ("/attach/busy", test_busy);
  test_add ("/attach/busy/calls", test_busy_calls);
  test_add ("/attach/churn", test_churn);
  test_add ("/attach/churn/calls", test_churn_calls);
  test_add ("/attach/by-thread", test_by_thread);
  test_add ("/attach/async", test_async);
  test_add ("/attach/async/refused", test_async_refused);
  test_add ("/attach/follows", test_follows);
  test_add ("/attach/run-waits", test_run_waits);
  for (guint i = 0; i < G_N_ELEMENTS (stopped_cases); i++)
    test_add_data (stopped_cases[i].path, &stopped_cases[i], test_stopped);
  test_add ("/attach/read", test_read);
  test_add ("/attach/read/calls", test_read_calls);
  test_add ("/attach/read/detached", test_read_detached);
  test_add ("/attach/read/calls/detached", test_read_calls_detached);
  test_add ("/attach/nanosleep", test_nanosleep);
  test_add ("/detach/held-entry", test_held_entry);
  test_add ("/detach/held-exit", test_held_exit);
  test_add ("/detach/held-spawned", test_held_spawned);
  test_add ("/detach/in-handler", test_in_handler);
  test_add ("/detach/leave-stopped", test_leave_stopped);
  test_add ("/detach/all", test_detach_all);
  test_add ("/detach/all-at-once", test_detach_all_at_once);
  test_add ("/detach/cycles", test_cycles);
  test_add ("/detach/cycles/calls", test_cycles_calls);
  test_add ("/detach/cycles/churn", test_cycles_churn);
  return g_test_run ();
}
