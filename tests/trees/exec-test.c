/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tracee becomes another program.
 */
#include "tree-util.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is said of an exec, and what comes after. */
typedef struct
{
  GPtrArray *log; /* words */
  PinkTracee *tracee;
  int         former;
  int         pid;
  int         tgid;
  guint       n_execs;
  guint       n_getppid; /* since */
  PinkAbi     abi;
} Exec;

static void
on_exec (PinkTracer *tracer,
         PinkTracee *tracee,
         int         former,
         gpointer    data)
{
  Exec *exec = data;

  exec->n_execs++;
  exec->tracee = tracee;
  exec->former = former;
  exec->pid = pink_tracee_get_pid (tracee);
  exec->tgid = pink_tracee_get_tgid (tracee);
  exec->n_getppid = 0;
  g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_STOPPED);
}

static void
on_getppid (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  Exec *exec = data;

  exec->n_getppid++;
  exec->abi = pink_syscall_event_get_abi (event);
}

static void
on_execve_exit (PinkTracer       *tracer,
                PinkSyscallEvent *event,
                gpointer          count)
{
  if (pink_syscall_event_get_return_value (event) == 0)
    ++*(guint *) count;
}

typedef struct
{
  PinkTracer *tracer;
  TreeShared *shared;
  TreeWatch  *watch;
  PinkTracee *tracee;
  Exec        exec;
} Trace;

static void
begin (Trace              *trace,
       gboolean            calls,
       const char * const *argv)
{
  memset (trace, 0, sizeof *trace);
  trace->tracer = pink_tracer_new ();
  trace->shared = tree_shared_new ();
  trace->watch = tree_watch_new (trace->tracer, calls);
  g_signal_connect (trace->tracer, "exec", G_CALLBACK (on_exec), &trace->exec);
  g_signal_connect (trace->tracer, "syscall-exit::getppid", G_CALLBACK (on_getppid), &trace->exec);
  trace->tracee = g_object_ref (tree_spawnv (trace->tracer, trace->shared, -1, argv));
  tree_run (trace->tracer, trace->shared);
}

static void
end (Trace *trace)
{
  tree_watch_free (trace->watch);
  g_object_unref (trace->tracee);
  g_object_unref (trace->tracer);
  tree_shared_free (trace->shared);
}

static void
exec_leader (gboolean calls)
{
  const char *argv[] = { tree_program (), "exec", tree_program (), "getppid", "7", NULL };
  Trace trace;
  int pid;

  begin (&trace, calls, argv);
  pid = pink_tracee_get_pid (trace.tracee);
  g_assert_cmpint (pink_tracee_get_wait_status (trace.tracee), ==, 0);
  g_assert_cmpuint (trace.exec.n_execs, ==, 1);
  g_assert_true (trace.exec.tracee == trace.tracee);
  g_assert_cmpint (trace.exec.former, ==, pid);
  g_assert_cmpint (trace.exec.pid, ==, pid);
  /* The new program's calls are seen from the first on. */
  g_assert_cmpuint (trace.exec.n_getppid, ==, 7);
  g_assert_cmpuint (trace.watch->n_added, ==, 1);
  end (&trace);
}

static void
test_leader (void)
{
  exec_leader (FALSE);
}

static void
test_leader_calls (void)
{
  exec_leader (TRUE);
}

/* ---- among threads ---- */

static void
exec_among_threads (const char *deed,
                    const char *n,
                    gboolean    calls)
{
  const char *argv[] = { tree_program (), deed, n, tree_program (), "getppid", "7", NULL };
  gboolean by_leader = g_str_equal (deed, "leader-exec");
  guint n_threads = (guint) atoi (n) + (by_leader ? 1 : 2);
  Trace trace;
  PinkTracee *thread = NULL;

  begin (&trace, calls, argv);
  g_assert_cmpuint (trace.exec.n_execs, ==, 1);
  g_assert_cmpuint (trace.exec.n_getppid, ==, 7);
  g_assert_cmpuint (trace.watch->n_added, ==, n_threads);
  g_assert_cmpuint (trace.watch->n_exited, ==, n_threads);
  g_assert_cmpint (trace.exec.pid, ==, trace.exec.tgid);
  thread = trace.exec.tracee;
  if (by_leader)
    {
      g_assert_true (thread == trace.tracee);
      g_assert_cmpint (trace.exec.former, ==, trace.exec.pid);
      g_assert_cmpuint (trace.watch->n_superseded, ==, 0);
    }
  else
    {
      g_assert_true (thread != trace.tracee);
      g_assert_cmpint (trace.exec.former, ==, atomic_load (&trace.shared->child));
      g_assert_cmpint (trace.exec.former, !=, trace.exec.pid);
      g_assert_cmpuint (trace.watch->n_superseded, ==, 1);
      g_assert_cmpint (pink_tracee_get_superseder (trace.tracee), ==, trace.exec.former);
      g_assert_true (pink_tracee_is_leader (thread));
    }
  g_assert_cmpint (pink_tracee_get_wait_status (thread), ==, 0);
  end (&trace);
}

static void
test_thread (void)
{
  exec_among_threads ("thread-exec", "50", FALSE);
}

static void
test_thread_calls (void)
{
  exec_among_threads ("thread-exec", "50", TRUE);
}

static void
test_thread_leader (void)
{
  exec_among_threads ("leader-exec", "50", FALSE);
}

static void
test_thread_leader_calls (void)
{
  exec_among_threads ("leader-exec", "50", TRUE);
}

static void
test_thread_often (void)
{
  guint n = tree_count (50, 500);

  for (guint i = 0; i < n; i++)
    exec_among_threads ("thread-exec", i % 2 ? "1" : "4", i % 4 >= 2);
}

/* The leader is being held when another thread's exec takes its place. */
static void
hold_leader (PinkTracer       *tracer,
             PinkSyscallEvent *event,
             gpointer          data)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  if (pink_tracee_is_leader (tracee) && pink_tracee_hold (tracee, NULL))
    *(PinkTracee **) data = tracee;
}

static void
test_thread_leader_held (void)
{
  const char *argv[] = { tree_program (), "thread-exec", "3", tree_program (), "getppid", "7", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  PinkTracee *held = NULL;
  g_autoptr (PinkTracee) leader = NULL;
  g_autoptr (GError) error = NULL;
  Exec exec = { 0 };

  g_signal_connect (tracer, "exec", G_CALLBACK (on_exec), &exec);
  g_signal_connect (tracer, "syscall-enter::pause", G_CALLBACK (hold_leader), &held);
  leader = g_object_ref (tree_spawnv (tracer, shared, -1, argv));
  tree_run (tracer, shared);
  g_assert_cmpuint (exec.n_execs, ==, 1);
  g_assert_cmpuint (watch->n_superseded, ==, 1);
  g_assert_false (pink_tracee_resume (leader, PINK_RESUME_SYSCALL, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
}

/* With nobody following, the thread that execs is not known; the process runs on
 * in its place, untraced, and nobody waits for what will never come. */
static void
test_thread_unfollowed (void)
{
  const char *argv[] = { tree_program (), "thread-exec", "3", tree_program (), "getppid", "7", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = NULL;

  pink_tracer_set_follow_forks (tracer, FALSE);
  watch = tree_watch_new (tracer, FALSE);
  tree_spawnv (tracer, shared, -1, argv);
  tree_run (tracer, shared);
  g_assert_cmpuint (watch->n_added, ==, 1);
}

/* Attached to after its first thread has ended; then another one execs. */
static void
test_leader_gone (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  int pid = tree_start (shared, -1, "leader-leaves", tree_program (), "getppid", "7", NULL);
  Exec exec = { 0 };

  g_signal_connect (tracer, "exec", G_CALLBACK (on_exec), &exec);
  g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (on_getppid), &exec);
  tree_wait_word (&shared->ready, 1, "the program");
  tree_wait_state (pid, "Z");
  tree_attach (tracer, pid);
  atomic_store (&shared->go, 1);
  tree_run (tracer, shared);
  g_assert_cmpuint (watch->n_added, ==, 1);
  g_assert_cmpuint (exec.n_execs, ==, 1);
  g_assert_cmpint (exec.former, !=, pid);
  g_assert_cmpint (exec.pid, ==, pid);
  g_assert_cmpuint (exec.n_getppid, ==, 7);
  g_assert_cmpint (tree_await (pid), ==, 0);
}

/* ---- kinds ---- */

static void
test_failed (void)
{
  const char *argv[] = { tree_program (), "exec-fails", NULL };
  Trace trace;

  begin (&trace, TRUE, argv);
  g_assert_cmpint (pink_tracee_get_wait_status (trace.tracee), ==, 0);
  g_assert_cmpuint (trace.exec.n_execs, ==, 0);
  end (&trace);
}

static void
test_script (void)
{
  char *directory = test_directory ();
  g_autofree char *script = g_build_filename (directory, "script", NULL);
  g_autofree char *text = g_strdup_printf ("#!%s getppid\n", tree_program ());
  const char *argv[] = { tree_program (), "exec", script, NULL };
  Trace trace;

  g_assert_true (g_file_set_contents (script, text, -1, NULL));
  g_assert_cmpint (chmod (script, 0755), ==, 0);
  begin (&trace, FALSE, argv);
  g_assert_cmpint (pink_tracee_get_wait_status (trace.tracee), ==, 0);
  g_assert_cmpuint (trace.exec.n_execs, ==, 1);
  end (&trace);
  test_directory_remove (directory);
}

static void
test_vfork (void)
{
  const char *argv[] = { tree_program (), "vfork-then", tree_program (), "getppid", "7", NULL };
  Trace trace;

  begin (&trace, FALSE, argv);
  g_assert_cmpint (pink_tracee_get_wait_status (trace.tracee), ==, 0);
  g_assert_cmpuint (trace.exec.n_execs, ==, 1);
  g_assert_true (trace.exec.tracee != trace.tracee);
  g_assert_true (pink_tracee_get_parent (trace.exec.tracee) == trace.tracee);
  g_assert_cmpuint (trace.exec.n_getppid, ==, 7);
  end (&trace);
}

static void
exec_abi (const char *first,
          const char *second,
          PinkAbi     abi,
          gboolean    calls)
{
  const char *argv[] = { first, "exec", second, "getppid", "7", NULL };
  Trace trace;

  if (first == NULL || second == NULL)
    {
      g_test_skip ("no program for this machine's calls");
      return;
    }
  begin (&trace, calls, argv);
  g_assert_cmpint (pink_tracee_get_wait_status (trace.tracee), ==, 0);
  g_assert_cmpuint (trace.exec.n_execs, ==, 1);
  g_assert_cmpuint (trace.exec.n_getppid, ==, 7);
  g_assert_cmpint (trace.exec.abi, ==, abi);
  end (&trace);
}

static void
test_to_32 (void)
{
  exec_abi (tree_program (), tree_program32 (), PINK_ABI_I386, FALSE);
}

static void
test_to_32_calls (void)
{
  exec_abi (tree_program (), tree_program32 (), PINK_ABI_I386, TRUE);
}

static void
test_to_64 (void)
{
  exec_abi (tree_program32 (), tree_program (), PINK_ABI_X86_64, FALSE);
}

static void
test_to_64_calls (void)
{
  exec_abi (tree_program32 (), tree_program (), PINK_ABI_X86_64, TRUE);
}

/* ---- in its handler ---- */

/* The exit of the execve follows its exec. */
static void
on_exec_connect (PinkTracer *tracer,
                 PinkTracee *tracee,
                 int         former,
                 gpointer    count)
{
  g_signal_connect (tracer, "syscall-exit::execve", G_CALLBACK (on_execve_exit), count);
}

static void
test_exit_follows (void)
{
  const char *argv[] = { tree_program (), "exec", tree_program (), "nothing", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n = 0;

  g_signal_connect (tracer, "exec", G_CALLBACK (on_exec_connect), &n);
  tree_spawnv (tracer, NULL, -1, argv);
  test_run (tracer);
  g_assert_cmpuint (n, ==, 1);
}

static void
detach_here (PinkTracer *tracer,
             PinkTracee *tracee,
             int         former,
             gpointer    data)
{
  pink_tracee_detach_async (tracee, FALSE, NULL, NULL, NULL);
}

static void
test_detach (void)
{
  const char *argv[] = { tree_program (), "exec", tree_program (), "busy", "1", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  g_autoptr (TestPids) pids = test_pids_new ();

  g_signal_connect (tracer, "exec", G_CALLBACK (detach_here), NULL);
  test_pids_add (pids, pink_tracee_get_pid (tree_spawnv (tracer, shared, -1, argv)));
  test_run (tracer);
  g_assert_cmpuint (watch->n_detached, ==, 1);
  tree_wait_counters (shared, 1, 10);
  atomic_store (&shared->stop, 1);
  test_pids_await_ended (pids);
}

static void
kill_here (PinkTracer *tracer,
           PinkTracee *tracee,
           int         former,
           gpointer    data)
{
  g_assert_true (pink_tracee_send_signal (tracee, SIGKILL, NULL));
}

static void
test_killed (void)
{
  const char *argv[] = { tree_program (), "thread-exec", "5", tree_program (), "getppid", "7", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);

  g_signal_connect (tracer, "exec", G_CALLBACK (kill_here), NULL);
  tree_spawnv (tracer, shared, -1, argv);
  test_run (tracer);
  g_assert_cmpuint (watch->n_execs, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  test_add ("/exec/leader", test_leader);
  test_add ("/exec/leader/calls", test_leader_calls);
  test_add ("/exec/thread", test_thread);
  test_add ("/exec/thread/calls", test_thread_calls);
  test_add ("/exec/thread/leader", test_thread_leader);
  test_add ("/exec/thread/leader/calls", test_thread_leader_calls);
  test_add ("/exec/thread/often", test_thread_often);
  test_add ("/exec/thread/leader-held", test_thread_leader_held);
  test_add ("/exec/thread/unfollowed", test_thread_unfollowed);
  test_add ("/exec/thread/leader-gone", test_leader_gone);
  test_add ("/exec/failed", test_failed);
  test_add ("/exec/script", test_script);
  test_add ("/exec/vfork", test_vfork);
  test_add ("/exec/abi/to-32", test_to_32);
  test_add ("/exec/abi/to-32/calls", test_to_32_calls);
  test_add ("/exec/abi/to-64", test_to_64);
  test_add ("/exec/abi/to-64/calls", test_to_64_calls);
  test_add ("/exec/exit-follows", test_exit_follows);
  test_add ("/exec/detach", test_detach);
  test_add ("/exec/killed", test_killed);

  return g_test_run ();
}
