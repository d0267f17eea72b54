/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Attaching to programs that run already, and letting them go: they must never
 * notice.
 */
#include "tree-util.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 20

typedef struct
{
  guint *value;
  guint  wanted;
} Reaches;

static gboolean
has_reached (gpointer data)
{
  Reaches *reaches = data;

  return *reaches->value >= reaches->wanted;
}

static void
wait_value (guint      *value,
            guint       wanted,
            const char *what)
{
  Reaches reaches = { value, wanted };

  test_wait_until (NULL, has_reached, &reaches, what);
}

static gboolean
is_untraced (gpointer data)
{
  return tree_count_traced (GPOINTER_TO_INT (data)) == 0;
}

static void
wait_untraced (int pid)
{
  test_wait_until (NULL, is_untraced, GINT_TO_POINTER (pid), "all threads to be let go");
}

static gboolean
is_all_traced (gpointer data)
{
  int pid = GPOINTER_TO_INT (data);

  return tree_count_traced (pid) == tree_count_threads (pid, NULL);
}

static gboolean
are_all_stopped (gpointer data)
{
  return tree_count_threads (GPOINTER_TO_INT (data), "T") == THREADS;
}

static int
start_busy (TreeShared *shared,
            const char *churn)
{
  int pid = tree_start (shared, -1, "busy", G_STRINGIFY (THREADS), churn, NULL);

  tree_wait_word (&shared->ready, THREADS, "20 busy threads");
  return pid;
}

/* It ends as if nothing had been. */
static void
end_well (TreeShared *shared,
          int         pid)
{
  atomic_store (&shared->stop, 1);
  g_assert_cmpint (tree_await (pid), ==, 0);
  g_assert_cmpint (atomic_load (&shared->errors), ==, 0);
}

static void
detach_pid (PinkTracer *tracer,
            int         pid,
            gboolean    leave_stopped)
{
  g_autoptr (PinkTracee) leader = g_object_ref (tree_find (tracer, pid));

  tree_detach (leader, leave_stopped);
  g_assert_cmpint (pink_tracee_get_state (leader), ==, PINK_TRACEE_DETACHED);
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 0);
}

/* ---- running ---- */

static void
attach_busy (gboolean    calls,
             const char *churn)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, calls);
  int pid = start_busy (shared, churn);
  PinkTracee *leader;

  tree_attach (tracer, pid);
  wait_value (&watch->n_added, THREADS, "tracee-added of 20 threads");
  leader = tree_find (tracer, pid);
  g_assert_nonnull (leader);
  g_assert_true (pink_tracee_is_leader (leader));
  g_assert_cmpint (pink_tracee_get_birth (leader), ==, PINK_TRACEE_BIRTH_ATTACH);
  g_assert_cmpint (pink_tracee_get_tgid (g_ptr_array_index (watch->all, THREADS - 1)), ==, pid);
  tree_wait_counters (shared, THREADS, 3);
  test_wait_until (NULL, is_all_traced, GINT_TO_POINTER (pid), "all threads to be traced");
  if (churn == NULL)
    g_assert_cmpuint (watch->n_added, ==, THREADS);
  if (calls)
    g_assert_cmpuint (watch->n_calls, >, THREADS);

  detach_pid (tracer, pid, FALSE);
  wait_untraced (pid);
  g_assert_cmpuint (tree_count_threads (pid, "Tt"), ==, 0);
  tree_wait_counters (shared, THREADS, 100);
  end_well (shared, pid);
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
  int pid = start_busy (shared, NULL);
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  do
    name = g_dir_read_name (dir);
  while (atoi (name) == pid);
  tree_attach (tracer, atoi (name));
  wait_value (&watch->n_added, THREADS, "tracee-added of 20 threads");
  detach_pid (tracer, pid, FALSE);
  end_well (shared, pid);
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
  int pid = start_busy (shared, NULL);
  guint done = 0;

  pink_tracer_attach_async (tracer, pid, NULL, on_attached, &done);
  g_assert_cmpuint (done, ==, 0);
  wait_value (&done, 1, "attach_async");
  wait_value (&watch->n_added, THREADS, "tracee-added of 20 threads");
  detach_pid (tracer, pid, FALSE);
  end_well (shared, pid);
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
  wait_value (&watch->n_added, 1, "tracee-added");
  tree_wait_counters (shared, 2, 3);
  /* Its child was there before, and is not ours. */
  g_assert_cmpuint (watch->n_added, ==, 1);
  end_well (shared, pid);
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
  int pid = start_busy (shared, NULL);

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
  int pid = start_busy (shared, NULL);
  guint n_stops = 0;
  gulong count;

  kill (pid, SIGSTOP);
  test_wait_until (NULL, are_all_stopped, GINT_TO_POINTER (pid), "20 stopped threads");
  if (test->heard)
    g_signal_connect (tracer, "group-stop", G_CALLBACK (on_group_stop), &n_stops);
  tree_attach (tracer, pid);
  wait_value (&watch->n_added, THREADS, "tracee-added of 20 threads");
  if (test->heard)
    wait_value (&n_stops, THREADS, "group-stop of 20 threads");
  g_assert_cmpuint (tree_count_threads (pid, "Tt"), ==, THREADS);
  count = atomic_load (&shared->counters[1]);
  if (test->detach)
    {
      detach_pid (tracer, pid, FALSE);
      wait_untraced (pid);
      /* Each has to run a little way, back into its stop. */
      test_wait_until (NULL, are_all_stopped, GINT_TO_POINTER (pid), "20 stopped threads");
    }
  g_assert_cmpuint (atomic_load (&shared->counters[1]), ==, count);
  kill (pid, SIGCONT);
  tree_wait_counters (shared, THREADS, 10);
  if (test->heard)
    g_assert_cmpuint (n_stops, ==, THREADS);
  end_well (shared, pid);
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
  wait_value (&watch->n_added, 1, "tracee-added");
  if (detach)
    {
      test_wait_until (NULL, is_in_read, GINT_TO_POINTER (pid), "the read to go on");
      detach_pid (tracer, pid, FALSE);
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
      wait_value (&watch->n_added, i + 1, "tracee-added");
      detach_pid (tracer, pid, FALSE);
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
  detach_pid (tracer, pid, FALSE);
  wait_untraced (pid);
  tree_wait_counters (shared, 1, 10);
  if (!spawned)
    end_well (shared, pid);
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
  end_well (shared, pid);
}

static void
test_leave_stopped (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = start_busy (shared, NULL);

  tree_attach (tracer, pid);
  wait_value (&watch->n_added, THREADS, "tracee-added of 20 threads");
  detach_pid (tracer, pid, TRUE);
  wait_untraced (pid);
  test_wait_until (NULL, are_all_stopped, GINT_TO_POINTER (pid), "20 stopped threads");
  kill (pid, SIGCONT);
  tree_wait_counters (shared, THREADS, 10);
  end_well (shared, pid);
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
      pids[i] = start_busy (shared[i], NULL);
      tree_attach (tracer, pids[i]);
    }
  wait_value (&watch->n_added, 2 * THREADS, "tracee-added of 40 threads");
  pink_tracer_detach_all (tracer);
  test_run (tracer);
  for (guint i = 0; i < 2; i++)
    {
      wait_untraced (pids[i]);
      tree_wait_counters (shared[i], THREADS, 10);
      end_well (shared[i], pids[i]);
    }
}

/* Attached, and let go before anybody has seen a thread of it. */
static void
test_detach_all_at_once (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = start_busy (shared, NULL);

  tree_attach (tracer, pid);
  wait_value (&watch->n_added, 1, "tracee-added");
  pink_tracer_detach_all (tracer);
  test_run (tracer);
  wait_untraced (pid);
  tree_wait_counters (shared, THREADS, 10);
  end_well (shared, pid);
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
  int pid = start_busy (shared, churn);

  before = test_state_get ();
  for (guint i = 0; i < n; i++)
    {
      guint n_added = watch->n_added;

      tree_attach (tracer, pid);
      wait_value (&watch->n_added, n_added + (i % 2 ? 1 : THREADS), "tracee-added");
      detach_pid (tracer, pid, FALSE);
    }
  wait_untraced (pid);
  test_state_await (&before);
  g_assert_cmpuint (tree_count_threads (pid, "Tt"), ==, 0);
  tree_wait_counters (shared, THREADS, 100);
  end_well (shared, pid);
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

/* ---- it ends, or is killed, meanwhile ---- */

static void
test_killed (void)
{
  guint n = tree_count (30, 300);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();
      g_autoptr (TreeShared) shared = tree_shared_new ();
      g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
      int pid = tree_start (shared, -1, "busy", "5", i % 2 ? "churn" : NULL, NULL);
      GError *error = NULL;

      tree_wait_word (&shared->ready, 5, "5 busy threads");
      if (i % 3 == 0)
        kill (pid, SIGKILL);
      if (!pink_tracer_attach (tracer, pid, &error))
        g_assert_cmpint (i % 3, ==, 0);
      g_clear_error (&error);
      if (i % 3 == 1)
        pink_tracer_detach_all (tracer);
      kill (pid, SIGKILL);
      test_run (tracer);
      g_assert_cmpint (tree_await (pid), ==, SIGKILL);
    }
}

/* ---- the tracer's end ---- */

static void
test_tracer_finalised (void)
{
  PinkTracer *tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeShared) spawned = tree_shared_new ();
  g_autoptr (TestPids) pids = test_pids_new ();
  int pid = start_busy (shared, NULL);

  tree_attach (tracer, pid);
  test_pids_add (pids, pink_tracee_get_pid (tree_spawn (tracer, spawned, "busy", "3", NULL)));
  tree_wait_word (&spawned->ready, 3, "the spawned one");
  g_object_unref (tracer);
  test_pids_await_ended (pids);
  wait_untraced (pid);
  tree_wait_counters (shared, THREADS, 100);
  g_assert_cmpuint (tree_count_threads (pid, "Tt"), ==, 0);
  end_well (shared, pid);
}

/* helper: application PID: attaches, spawns one, and traces until it is killed. */
static int
helper_application (int    argc,
                    char **argv)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  guint n = 0;

  if (argc > 2)
    {
      g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &n);
      g_signal_connect (tracer, "syscall-exit", G_CALLBACK (test_on_call), &n);
    }
  tree_attach (tracer, atoi (argv[1]));
  test_helper_say ("%d", pink_tracee_get_pid (tree_spawn (tracer, shared, "busy", "3", NULL)));
  test_run (tracer);
  return 0;
}

/* The death is at an arbitrary moment: the helper's own pace, and the program's
 * counters, are the clock. */
static void
kill_application (const char *calls)
{
  guint n = tree_count (5, 100);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (TreeShared) shared = tree_shared_new ();
      g_autoptr (TestPids) pids = test_pids_new ();
      int pid = start_busy (shared, NULL);
      g_autofree char *text = g_strdup_printf ("%d", pid);
      TestHelper *helper = test_helper_start ("application", text, calls, NULL);
      g_autofree char *line = test_helper_read_line (helper);

      test_pids_add (pids, atoi (line));
      tree_wait_counters (shared, 1, i);
      kill (test_helper_pid (helper), SIGKILL);
      g_assert_cmpint (test_helper_wait (helper), ==, SIGKILL);
      test_pids_await_ended (pids);
      wait_untraced (pid);
      tree_wait_counters (shared, THREADS, 10);
      g_assert_cmpuint (tree_count_threads (pid, "Tt"), ==, 0);
      end_well (shared, pid);
    }
}

static void
test_application_killed (void)
{
  kill_application (NULL);
}

static void
test_application_killed_calls (void)
{
  kill_application ("calls");
}

static void
kill_task (gboolean calls)
{
  guint n = tree_count (20, 200);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();
      g_autoptr (TreeShared) shared = tree_shared_new ();
      g_autoptr (TreeShared) spawned = tree_shared_new ();
      g_autoptr (TestPids) pids = test_pids_new ();
      g_autoptr (TreeWatch) watch = tree_watch_new (tracer, calls);
      int pid = start_busy (shared, NULL), other;
      GError *error = NULL;

      tree_attach (tracer, pid);
      other = pink_tracee_get_pid (tree_spawn (tracer, spawned, "busy", "3", NULL));
      test_pids_add (pids, other);
      tree_wait_counters (shared, 1, i);
      tree_wait_word (&spawned->ready, 1, "the spawned one");
      g_assert_cmpint (test_kill_task (other), >, 0);
      g_assert_cmpint (test_kill_task (pid), >, 0);
      g_assert_false (test_run_full (tracer, &error));
      g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
      g_clear_error (&error);
      g_assert_cmpuint (watch->n_lost, ==, watch->n_added);
      test_pids_await_ended (pids);
      wait_untraced (pid);
      tree_wait_counters (shared, THREADS, 10);
      end_well (shared, pid);
    }
}

static void
test_task_killed (void)
{
  kill_task (FALSE);
}

static void
test_task_killed_calls (void)
{
  kill_task (TRUE);
}

/* ---- errors ---- */

static void
assert_refused (int         pid,
                gint        code,
                const char *words)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (pink_tracer_attach (tracer, pid, &error));
  g_assert_error (error, PINK_TRACER_ERROR, code);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" is not in \"%s\"", words, error->message);
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 0);
  /* Nothing is left to wait for. */
  test_run (tracer);
}

static void
test_no_such_process (void)
{
  int pid = tree_start (NULL, -1, "nothing", NULL);

  tree_await (pid);
  assert_refused (pid, PINK_TRACER_ERROR_NO_SUCH_PROCESS, "there is no such process");
}

static void
test_zombie (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GError) error = NULL;
  int pid = tree_start (NULL, -1, "nothing", NULL);

  tree_wait_state (pid, "Z");
  g_assert_false (pink_tracer_attach (tracer, pid, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NO_SUCH_PROCESS);
  tree_await (pid);
}

static void
test_no_number (void)
{
  assert_refused (0, PINK_TRACER_ERROR_INVALID_ARGUMENT, "no process");
  assert_refused (-5, PINK_TRACER_ERROR_INVALID_ARGUMENT, "no process");
}

static void
test_self (void)
{
  assert_refused (getpid (), PINK_TRACER_ERROR_SELF, "itself");
}

/* A tracer task of ours is no process that could be traced. */
static void
test_own_task (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (tree_spawn (tracer, shared, "busy", "1", NULL));
  g_autoptr (GError) error = NULL;
  int task = test_tracer_task_of (pink_tracee_get_pid (tracee));

  g_assert_cmpint (task, >, 0);
  g_assert_false (pink_tracer_attach (tracer, task, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_SELF);
  atomic_store (&shared->stop, 1);
  tree_run (tracer, shared);
}

static int
helper_attach_tracer (int    argc,
                      char **argv)
{
  assert_refused (atoi (argv[1]), PINK_TRACER_ERROR_OWN_TRACER, "traces this one");
  return 0;
}

static void
test_own_tracer (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *pid = g_strdup_printf ("%d", getpid ());
  const char *argv[] = { own, "--helper", "attach-tracer", pid, NULL };
  g_autoptr (PinkTracee) tracee = NULL;

  pink_tracer_set_follow_forks (tracer, FALSE);
  tracee = g_object_ref (tree_spawnv (tracer, NULL, -1, argv));
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, 0);
}

static void
test_kernel_thread (void)
{
  g_autofree char *name = NULL;

  if (!g_file_get_contents ("/proc/2/comm", &name, NULL, NULL) || !g_str_equal (name, "kthreadd\n"))
    {
      g_test_skip ("no kernel thread in sight");
      return;
    }
  assert_refused (2, PINK_TRACER_ERROR_KERNEL_THREAD, "kernel's own");
}

/* We are one who traces it already, for ourselves. */
static void
test_already_traced (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (tree_spawn (tracer, shared, "busy", "1", NULL));

  assert_refused (pink_tracee_get_pid (tracee), PINK_TRACER_ERROR_ALREADY_TRACED, "traces it already");
  atomic_store (&shared->stop, 1);
  tree_run (tracer, shared);
}

typedef struct
{
  int strace;
  int pid;
} Straced;

static gboolean
is_straced (gpointer data)
{
  Straced *straced = data;
  g_autoptr (GArray) children = test_children_of (straced->strace);

  for (guint i = 0; i < children->len; i++)
    if (g_str_equal (g_array_index (children, TestProcess, i).comm, "treeprog"))
      straced->pid = g_array_index (children, TestProcess, i).pid;
  return straced->pid > 0;
}

static void
test_by_strace (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autofree char *strace = g_find_program_in_path ("strace");
  const char *argv[] = { strace, "-qq", "-o", "/dev/null", tree_program (), "busy", "1", NULL };
  Straced straced = { 0 };

  if (strace == NULL)
    {
      g_test_skip ("no strace");
      return;
    }
  straced.strace = tree_startv (shared, -1, argv);
  tree_wait_word (&shared->ready, 1, "a program under strace");
  test_wait_until (NULL, is_straced, &straced, "a program under strace");
  assert_refused (straced.pid, PINK_TRACER_ERROR_ALREADY_TRACED, "(strace)");
  end_well (shared, straced.strace);
}

static int
helper_nobody (int    argc,
               char **argv)
{
  test_become_nobody ();
  assert_refused (1, PINK_TRACER_ERROR_NOT_PERMITTED, "belongs to user root");
  return 0;
}

static void
test_other_user (void)
{
  test_helper_run ("nobody", NULL);
}

/* The first thread has ended, others go on. */
static void
test_leader_gone (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  g_autoptr (GError) error = NULL;
  int pid = tree_start (shared, -1, "leader-leaves", NULL);

  tree_wait_word (&shared->ready, 1, "the program");
  tree_wait_state (pid, "Z");
  pink_tracer_attach (tracer, pid, &error);
  g_assert_no_error (error);
  wait_value (&watch->n_added, 1, "tracee-added");
  atomic_store (&shared->go, 1);
  test_run (tracer);
  g_assert_cmpint (tree_await (pid), ==, 0);
}

static const TestHelperDef helpers[] = {
  { "application", helper_application },
  { "attach-tracer", helper_attach_tracer },
  { "nobody", helper_nobody },
  { NULL, NULL }
};

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, helpers);

  test_add ("/attach/busy", test_busy);
  test_add ("/attach/busy/calls", test_busy_calls);
  test_add ("/attach/churn", test_churn);
  test_add ("/attach/churn/calls", test_churn_calls);
  test_add ("/attach/by-thread", test_by_thread);
  test_add ("/attach/async", test_async);
  test_add ("/attach/follows", test_follows);
  test_add ("/attach/run-waits", test_run_waits);
  for (guint i = 0; i < G_N_ELEMENTS (stopped_cases); i++)
    test_add_data (stopped_cases[i].path, &stopped_cases[i], test_stopped);
  test_add ("/attach/read", test_read);
  test_add ("/attach/read/calls", test_read_calls);
  test_add ("/attach/read/detached", test_read_detached);
  test_add ("/attach/read/calls/detached", test_read_calls_detached);
  test_add ("/attach/nanosleep", test_nanosleep);
  test_add ("/attach/leader-gone", test_leader_gone);
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
  test_add ("/attach/killed", test_killed);
  test_add ("/attach/end/tracer-finalised", test_tracer_finalised);
  test_add ("/attach/end/application-killed", test_application_killed);
  test_add ("/attach/end/application-killed/calls", test_application_killed_calls);
  test_add ("/attach/end/task-killed", test_task_killed);
  test_add ("/attach/end/task-killed/calls", test_task_killed_calls);
  test_add ("/attach/error/no-such-process", test_no_such_process);
  test_add ("/attach/error/zombie", test_zombie);
  test_add ("/attach/error/no-number", test_no_number);
  test_add ("/attach/error/self", test_self);
  test_add ("/attach/error/own-task", test_own_task);
  test_add ("/attach/error/own-tracer", test_own_tracer);
  test_add ("/attach/error/kernel-thread", test_kernel_thread);
  test_add ("/attach/error/already-traced", test_already_traced);
  test_add ("/attach/error/by-strace", test_by_strace);
  test_add ("/attach/error/other-user", test_other_user);

  return g_test_run ();
}
