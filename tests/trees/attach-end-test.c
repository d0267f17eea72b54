/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What was attached to, or its tracer, ends meanwhile; and what cannot be
 * attached to.
 */
#include "attach-util.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
  int pid = busy_start (shared, NULL);

  tree_attach (tracer, pid);
  test_pids_add (pids, pink_tracee_get_pid (tree_spawn (tracer, spawned, "busy", "3", NULL)));
  tree_wait_word (&spawned->ready, 3, "the spawned one");
  g_object_unref (tracer);
  test_pids_await_ended (pids);
  busy_wait_untraced (pid);
  tree_wait_counters (shared, THREADS, 100);
  g_assert_cmpuint (tree_count_threads (pid, "Tt"), ==, 0);
  busy_end_well (shared, pid);
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
      int pid = busy_start (shared, NULL);
      g_autofree char *text = g_strdup_printf ("%d", pid);
      TestHelper *helper = test_helper_start ("application", text, calls, NULL);
      g_autofree char *line = test_helper_read_line (helper);

      test_pids_add (pids, atoi (line));
      tree_wait_counters (shared, 1, i);
      kill (test_helper_pid (helper), SIGKILL);
      g_assert_cmpint (test_helper_wait (helper), ==, SIGKILL);
      test_pids_await_ended (pids);
      busy_wait_untraced (pid);
      tree_wait_counters (shared, THREADS, 10);
      g_assert_cmpuint (tree_count_threads (pid, "Tt"), ==, 0);
      busy_end_well (shared, pid);
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
      int pid = busy_start (shared, NULL), other;
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
      busy_wait_untraced (pid);
      tree_wait_counters (shared, THREADS, 10);
      busy_end_well (shared, pid);
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
  _exit (0); /* a leak checker would have to trace who is traced */
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
  g_autoptr (GError) error = NULL;

  assert_refused (pink_tracee_get_pid (tracee), PINK_TRACER_ERROR_ALREADY_TRACED,
                  "another tracer of this program traces it already");
  g_assert_false (pink_tracer_attach (tracer, pink_tracee_get_pid (tracee), &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_ALREADY_TRACED);
  g_assert_nonnull (strstr (error->message, "this tracer traces it already"));
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
  busy_end_well (shared, straced.strace);
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
  tree_wait_value (&watch->n_added, 1, "tracee-added");
  atomic_store (&shared->go, 1);
  test_run (tracer);
  g_assert_cmpint (tree_await (pid), ==, 0);
}

static gboolean
is_zombie (gpointer pid)
{
  g_autofree char *state = test_status_line (GPOINTER_TO_INT (pid), "State");

  return state != NULL && state[0] == 'Z';
}

/* It ends while it is traced, and never stops again: it is let go all the same. */
static void
test_leader_let_go (gconstpointer exit_kill)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracee) leader = NULL;
  int pid, task;

  pink_tracer_set_exit_kill (tracer, exit_kill != NULL);
  leader = g_object_ref (tree_spawn (tracer, shared, "leader-leaves", NULL));
  pid = pink_tracee_get_pid (leader);
  task = test_tracer_task_of (pid);
  test_wait_until (NULL, is_zombie, GINT_TO_POINTER (pid), "the first thread's end");
  pink_tracer_detach_all (tracer);
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_state (leader), ==, PINK_TRACEE_DETACHED);
  g_assert_cmpint (kill (pid, 0), ==, 0);
  atomic_store (&shared->go, 1);
  g_assert_true (test_process_await_end (pid, test_seconds (TEST_BOUND_S)));
  g_assert_true (test_process_await_end (task, test_seconds (TEST_BOUND_S)));
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
  test_add ("/attach-end/leader-gone", test_leader_gone);
  test_add_data ("/attach-end/leader-let-go", NULL, test_leader_let_go);
  test_add_data ("/attach-end/leader-let-go/exit-kill", "yes", test_leader_let_go);
  test_add ("/attach-end/killed", test_killed);
  test_add ("/attach-end/end/tracer-finalised", test_tracer_finalised);
  test_add ("/attach-end/end/application-killed", test_application_killed);
  test_add ("/attach-end/end/application-killed/calls", test_application_killed_calls);
  test_add_native (TEST_KILLS_TASK, "/attach-end/end/task-killed", test_task_killed);
  test_add_native (TEST_KILLS_TASK, "/attach-end/end/task-killed/calls", test_task_killed_calls);
  test_add ("/attach-end/error/no-such-process", test_no_such_process);
  test_add ("/attach-end/error/zombie", test_zombie);
  test_add ("/attach-end/error/no-number", test_no_number);
  test_add ("/attach-end/error/self", test_self);
  test_add ("/attach-end/error/own-task", test_own_task);
  test_add ("/attach-end/error/own-tracer", test_own_tracer);
  test_add ("/attach-end/error/kernel-thread", test_kernel_thread);
  test_add ("/attach-end/error/already-traced", test_already_traced);
  test_add ("/attach-end/error/by-strace", test_by_strace);
  test_add ("/attach-end/error/other-user", test_other_user);
  return g_test_run ();
}
