/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Nothing of the application's is touched: each of these is an application that
 * does something of its own while it traces 100,000 system calls. What is about
 * the death of applications and of tasks is in beside-death-test.c.
 */
#include "pink-test-util.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_CALLS 100000

/* ---- a trace to be beside ---- */

typedef struct
{
  PinkTracer *tracer;
  guint       n_wanted;
  guint       n;      /* entries seen */
  guint       n_left; /* exits seen */
} Trace;

static void
trace_begin (Trace *trace)
{
  g_autofree char *step = NULL;

  trace->n_wanted = test_count (N_CALLS);
  trace->tracer = pink_tracer_new ();
  g_signal_connect (trace->tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &trace->n);
  step = g_strdup_printf ("getppid:%u", trace->n_wanted);
  test_spawn (trace->tracer, step, NULL);
}

static void
trace_end (Trace *trace)
{
  test_run (trace->tracer);
  g_assert_cmpuint (trace->n, ==, trace->n_wanted);
  g_clear_object (&trace->tracer);
}

static gboolean
is_half_done (gpointer data)
{
  Trace *trace = data;

  return trace->n >= trace->n_wanted / 2;
}

static gboolean
is_done (gpointer data)
{
  Trace *trace = data;

  return trace->n >= trace->n_wanted;
}

/* A whole trace takes longer than a wait may: as long as it goes on, it is well. */
static void
run_until (Trace         *trace,
           TestCondition  condition)
{
  guint before;

  do
    {
      before = trace->n;
      if (test_wait_for (NULL, condition, trace, TEST_BOUND_S))
        return;
    }
  while (trace->n > before);
  g_error ("the trace does not go on");
}

/* ---- (1) a timer ---- */

typedef struct
{
  gint64 last;
  gint64 worst;
  guint  n;
} Ticks;

static gboolean
on_tick (gpointer data)
{
  Ticks *ticks = data;
  gint64 now = g_get_monotonic_time ();

  ticks->worst = MAX (ticks->worst, now - ticks->last);
  ticks->last = now;
  ticks->n++;
  return G_SOURCE_CONTINUE;
}

/* As late as somebody who only sleeps, the machine makes everybody. */
typedef struct
{
  gint64 worst;
  gint   ends; /* atomic */
} Control;

static gpointer
control_thread (gpointer data)
{
  Control *control = data;
  gint64 last = g_get_monotonic_time ();

  while (!g_atomic_int_get (&control->ends))
    {
      gint64 now;

      g_usleep (10000);
      now = g_get_monotonic_time ();
      control->worst = MAX (control->worst, now - last);
      last = now;
    }
  return NULL;
}

static void
test_timer (void)
{
  Trace trace = { 0 };
  gint64 begin = g_get_monotonic_time (), took;
  Ticks ticks = { .last = begin };
  Control control = { 0 };
  GThread *thread;
  guint id;

  thread = g_thread_new ("control", control_thread, &control);
  trace_begin (&trace);
  g_signal_connect (trace.tracer, "syscall-exit::getppid", G_CALLBACK (test_on_call), &trace.n_left);
  id = g_timeout_add (10, on_tick, &ticks);
  trace_end (&trace);
  on_tick (&ticks); /* the end is a gap, too */
  took = g_get_monotonic_time () - begin;
  g_source_remove (id);
  g_atomic_int_set (&control.ends, TRUE);
  g_thread_join (thread);

  g_assert_cmpuint (trace.n_left, ==, trace.n_wanted);
  g_test_message ("%u ticks in %.1f s, the worst gap %.1f ms, of who only sleeps %.1f", ticks.n, took / 1e6,
                  ticks.worst / 1e3, control.worst / 1e3);
  /* Half a second, where nobody else has the processors for long. */
  g_assert_cmpint (ticks.worst - control.worst, <, (gint64) (test_seconds (0.5) * G_USEC_PER_SEC));
  /* Of what a timer alone would have had, a half at the least. */
  if (!test_is_slow ())
    g_assert_cmpuint (ticks.n, >, (guint) (took / 10000 / 2));
}

/* ---- (2) children by GLib ---- */

#define N_CHILDREN 100

typedef struct
{
  guint n; /* statuses that have come */
} Children;

static void start_subprocess (Children *children);

static void
on_subprocess (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  GSubprocess *process = G_SUBPROCESS (source);
  Children *children = data;
  GError *error = NULL;

  g_subprocess_wait_finish (process, result, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, (int) (children->n % 200));
  children->n++;
  g_object_unref (process);
  if (children->n < N_CHILDREN)
    start_subprocess (children);
}

static void
start_subprocess (Children *children)
{
  g_autofree char *script = g_strdup_printf ("exit %u", children->n % 200);
  GError *error = NULL;
  GSubprocess *process = g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, "/bin/sh", "-c", script, NULL);

  g_assert_no_error (error);
  g_subprocess_wait_async (process, NULL, on_subprocess, children);
}

static void start_watched (Children *children);

static void
on_child (GPid     pid,
          int      wait_status,
          gpointer data)
{
  Children *children = data;

  g_assert_true (WIFEXITED (wait_status));
  g_assert_cmpint (WEXITSTATUS (wait_status), ==, 7);
  g_spawn_close_pid (pid);
  children->n++;
  if (children->n < N_CHILDREN)
    start_watched (children);
}

static void
start_watched (Children *children)
{
  char *argv[] = { (char *) "/bin/sh", (char *) "-c", (char *) "exit 7", NULL };
  GError *error = NULL;
  GPid pid;

  g_spawn_async (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, &error);
  g_assert_no_error (error);
  g_child_watch_add (pid, on_child, children);
}

static gboolean
all_have_ended (gpointer data)
{
  return ((Children *) data)->n == N_CHILDREN;
}

static void
test_children (void)
{
  Trace trace = { 0 };
  Children processes = { 0 }, watched = { 0 };

  trace_begin (&trace);
  start_subprocess (&processes);
  start_watched (&watched);
  test_wait_until (NULL, all_have_ended, &processes, "the last GSubprocess");
  test_wait_until (NULL, all_have_ended, &watched, "the last child watch");
  if (!test_is_slow ())
    g_assert_false (is_done (&trace)); /* all that was while we traced */
  trace_end (&trace);
}

/* ---- (3) a SIGCHLD handler that waits for everything ---- */

static volatile sig_atomic_t n_sigchld, n_reaped, n_strangers;
static volatile pid_t own_child;

static void
on_sigchld (int signal)
{
  int saved_errno = errno;
  pid_t pid;

  n_sigchld++;
  while ((pid = waitpid (-1, NULL, WNOHANG | WUNTRACED | WCONTINUED)) > 0)
    {
      n_reaped++;
      if (pid != own_child)
        n_strangers++;
    }
  errno = saved_errno;
}

static gboolean
is_reaped (gpointer wanted)
{
  return n_reaped == GPOINTER_TO_INT (wanted);
}

static int
helper_sigchld (int    argc,
                char **argv)
{
  const struct sigaction action = { .sa_handler = on_sigchld };
  struct sigaction set, now;
  Trace trace = { 0 };
  sigset_t before, after;

  g_assert_cmpint (sigaction (SIGCHLD, &action, NULL), ==, 0);
  sigaction (SIGCHLD, NULL, &set);
  pthread_sigmask (SIG_SETMASK, NULL, &before);
  trace_begin (&trace);
  run_until (&trace, is_half_done);
  g_assert_cmpint (n_sigchld, ==, 0);
  g_assert_cmpint (n_reaped, ==, 0);

  /* Its own children come to it as ever. */
  for (int i = 1; i <= 10; i++)
    {
      sigset_t child;

      sigemptyset (&child);
      sigaddset (&child, SIGCHLD);
      sigprocmask (SIG_BLOCK, &child, NULL);
      own_child = fork ();
      if (own_child == 0)
        _exit (0);
      sigprocmask (SIG_UNBLOCK, &child, NULL);
      test_wait_until (NULL, is_reaped, GINT_TO_POINTER (i), "the application's own child");
    }
  trace_end (&trace);
  g_assert_cmpint (n_sigchld, ==, 10);
  g_assert_cmpint (n_reaped, ==, 10);
  g_assert_cmpint (n_strangers, ==, 0);

  /* The handler and the mask are as they were. */
  sigaction (SIGCHLD, NULL, &now);
  pthread_sigmask (SIG_SETMASK, NULL, &after);
  g_assert_true (now.sa_handler == on_sigchld && now.sa_flags == set.sa_flags);
  g_assert_cmpmem (&before, 8, &after, 8);
  return 0;
}

static void
test_sigchld (void)
{
  test_helper_run ("sigchld", NULL);
}

/* ---- (4) a thread that waits ---- */

typedef struct
{
  Trace *trace;
  int    child;
  int    n_without; /* times that wait() said ECHILD, while the trace went on */
  int    got_child;
} Waiter;

static gpointer
wait_in_thread (gpointer data)
{
  Waiter *waiter = data;
  int status;

  /* Blocked, until the one child that there is ends. */
  if (wait (&status) == waiter->child && WIFEXITED (status) && WEXITSTATUS (status) == 9)
    g_atomic_int_set (&waiter->got_child, 1);
  for (int i = 0; i < 1000; i++)
    if (wait (&status) == -1 && errno == ECHILD)
      g_atomic_int_inc (&waiter->n_without);
  return NULL;
}

static gboolean
has_waited (gpointer data)
{
  return g_atomic_int_get (&((Waiter *) data)->n_without) == 1000;
}

static int
helper_wait (int    argc,
             char **argv)
{
  Trace trace = { 0 };
  Waiter waiter = { .trace = &trace };
  GThread *thread;
  int gate[2], status;
  char byte;

  g_assert_cmpint (pipe (gate), ==, 0);
  waiter.child = fork ();
  if (waiter.child == 0)
    _exit (read (gate[0], &byte, 1) == 1 ? 9 : 1);

  trace_begin (&trace);
  thread = g_thread_new ("waiter", wait_in_thread, &waiter);
  run_until (&trace, is_half_done);
  g_assert_cmpint (g_atomic_int_get (&waiter.got_child), ==, 0);
  g_assert_cmpint (g_atomic_int_get (&waiter.n_without), ==, 0);
  g_assert_cmpint (write (gate[1], "x", 1), ==, 1);
  test_wait_until (NULL, has_waited, &waiter, "wait() to say ECHILD");
  g_assert_cmpint (g_atomic_int_get (&waiter.got_child), ==, 1);
  if (!test_is_slow ())
    g_assert_false (is_done (&trace)); /* all that was while we traced */
  g_assert_cmpint (waitpid (-1, &status, 0), ==, -1);
  g_assert_cmpint (errno, ==, ECHILD);
  trace_end (&trace);
  g_thread_join (thread);
  return 0;
}

static void
test_wait (void)
{
  test_helper_run ("wait", NULL);
}

/* ---- (5) a fork without exec ---- */

static void
on_run_in_copy (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_assert_false (pink_tracer_run_finish (PINK_TRACER (source), result, data));
}

static gboolean
has_error (gpointer data)
{
  return *(GError **) data != NULL;
}

static void
is_forked (gboolean   success,
           GError   **error)
{
  g_assert_false (success);
  g_assert_error (*error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FORKED);
  g_clear_error (error);
}

/* The tracee is the other process's, and goes on as that says. */
static void
check_copied_event (PinkSyscallEvent *event)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  guint64 code = pink_syscall_event_get_instruction_pointer (event);
  guint64 stack = pink_syscall_event_get_stack_pointer (event);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  GError *error = NULL;

  is_forked (pink_tracee_read_memory (tracee, stack, 8, &error) != NULL, &error);
  /* This process may not write there, and would ask the task. */
  is_forked (pink_tracee_write_memory (tracee, code, bytes, &error), &error);
  is_forked (pink_tracee_hold (tracee, &error), &error);
  if (pink_syscall_event_get_n_arguments (event) > 0)
    {
      is_forked (pink_syscall_event_read_bytes (event, 0, 8, &error) != NULL, &error);
      is_forked (pink_syscall_event_set_argument (event, 0, 1, &error), &error);
    }
  is_forked (pink_syscall_event_deny (event, EPERM, &error), &error);
  is_forked (pink_syscall_event_hold (event, &error), &error);
}

/* In the copy the tracer does nothing and harms nothing, and a new one works. */
static void
check_copy (Trace            *trace,
            PinkSyscallEvent *event)
{
  const char * const argv[] = { test_program (), "exit:0", NULL };
  guint n_before = trace->n;
  GError *error = NULL;

  g_assert_null (pink_tracer_spawn (trace->tracer, argv, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FORKED);
  g_clear_error (&error);
  g_assert_false (pink_tracer_run (trace->tracer, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FORKED);
  g_clear_error (&error);
  pink_tracer_run_async (trace->tracer, NULL, on_run_in_copy, &error);
  test_wait_until (NULL, has_error, &error, "run_async() in the copy");
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FORKED);
  g_clear_error (&error);
  if (event != NULL)
    check_copied_event (event);
  pink_tracer_quit (trace->tracer);
  pink_tracer_set_priority (trace->tracer, 5);
  for (guint i = 0; i < 1000; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (trace->n, ==, n_before);
  g_object_unref (trace->tracer);
  for (guint i = 0; i < 1000; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (trace->n, ==, n_before);

#ifndef __SANITIZE_THREAD__ /* it has no threads in a copy */
  {
    g_autoptr (PinkTracer) own = pink_tracer_new ();

    g_assert_cmpint (test_trace (own, "getppid:10", NULL), ==, 0);
  }
#endif
}

static void
fork_a_copy (Trace            *trace,
             PinkSyscallEvent *event)
{
  int status;
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      alarm ((unsigned) test_seconds (TEST_BOUND_S));
      check_copy (trace, event);
#if defined (__SANITIZE_THREAD__) || defined (__SANITIZE_ADDRESS__)
      /* They would miss the threads of the other, and look for leaks a second each time. */
      syscall (SYS_exit_group, 0);
#endif
      exit (0);
    }
  /* The copy has to do without us in the meantime. */
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

static void
fork_in_handler (PinkTracer       *tracer,
                 PinkSyscallEvent *event,
                 gpointer          data)
{
  Trace *trace = data;

  if (trace->n == trace->n_wanted / 4 || trace->n == trace->n_wanted / 3 ||
      pink_syscall_event_get_n_arguments (event) > 0)
    fork_a_copy (trace, event);
}

/* Not called again from within itself, so not in the copy either. */
static gboolean
fork_in_source (gpointer trace)
{
  fork_a_copy (trace, NULL);
  return G_SOURCE_CONTINUE;
}

static int
helper_fork (int    argc,
             char **argv)
{
  /* With the first of these GLib makes a thread, and a copy is no place for that. */
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  Trace trace = { 0 };
  guint id;

  trace_begin (&trace);
  g_signal_connect (trace.tracer, "syscall-enter::getppid", G_CALLBACK (fork_in_handler), &trace);
  /* The program's last call, which has an argument. */
  g_signal_connect (trace.tracer, "syscall-enter::exit_group", G_CALLBACK (fork_in_handler), &trace);
  run_until (&trace, is_half_done);
  id = g_timeout_add (200, fork_in_source, &trace);
  trace_end (&trace);
  g_source_remove (id);
  return 0;
}

static void
test_fork (void)
{
  test_helper_run ("fork", NULL);
}

/* ---- (6) an application that gives up rights ---- */

/* mkdir() is refused with EACCES. */
static void
install_filter (void)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdirat, 1, 0),
#ifdef SYS_mkdir
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_mkdir, 0, 1),
#else
    BPF_JUMP (BPF_JMP | BPF_JA, 1, 0, 0),
#endif
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { .len = G_N_ELEMENTS (code), .filter = code };

  g_assert_cmpint (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
  g_assert_cmpint (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0), ==, 0);
}

static void
lower_limits (void)
{
  const struct rlimit limit = { 77, 77 };

  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static void
give_up_rights (void)
{
  test_become_nobody ();
  /* What becoming another user does, an ordinary one has to ask for. */
  g_assert_cmpint (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0), ==, 0);
  install_filter ();
  lower_limits ();
}

static char *
output_of (PinkTracer *tracer,
           const char *program,
           const char *arg,
           const char *second_arg,
           int        *code)
{
  const char * const argv[] = { program, arg, second_arg, NULL };
  int status;
  char *output = test_trace_outputv (tracer, NULL, argv, &status);

  g_assert_true (WIFEXITED (status));
  *code = WEXITSTATUS (status);
  return g_strchomp (output);
}

static void
check_rights (const char *program,
              const char *directory)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *refused = g_strdup_printf ("mkdirat:%s/new", directory);
  g_autofree char *limit = g_strdup_printf ("say-limit:%d", RLIMIT_NOFILE);
  g_autofree char *uid = g_strdup_printf ("%d", (int) getuid ());
  g_autofree char *ids = NULL;
  g_autofree char *said[6] = { NULL };
  guint n = 0;
  int code;

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &n);
  said[0] = output_of (tracer, "id", "-u", NULL, &code);
  g_assert_cmpint (code, ==, 0);
  g_assert_cmpstr (said[0], ==, uid);
  said[1] = output_of (tracer, program, refused, "exit-errno", &code);
  g_assert_cmpint (code, ==, EACCES);
  said[2] = output_of (tracer, program, limit, NULL, &code);
  g_assert_cmpstr (said[2], ==, "limit 77 77");
  said[3] = output_of (tracer, program, "say-status:NoNewPrivs", NULL, &code);
  g_assert_cmpstr (said[3], ==, "NoNewPrivs:\t1");
  said[4] = output_of (tracer, program, "say-status:Seccomp", NULL, &code);
  g_assert_cmpstr (said[4], ==, "Seccomp:\t2");
  ids = g_strdup_printf ("uid %d euid %d gid %d egid %d", (int) getuid (), (int) getuid (),
                         (int) getgid (), (int) getgid ());
  said[5] = output_of (tracer, program, "say-ids", NULL, &code);
  g_assert_cmpstr (said[5], ==, ids);
  g_assert_cmpuint (n, >, 100);
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    g_clear_pointer (&said[i], g_free);
}

static int
helper_rights (int    argc,
               char **argv)
{
  const char *program = argv[1], *directory = argv[2];
  const char * const sleep[] = { program, "sleep-forever", NULL };
  const char * const loop[] = { program, "loop-forever", NULL };
  Trace trace = { .n_wanted = test_count (N_CALLS) };
  guint n_before;
  g_autofree char *order = NULL;

  /* Begun with all rights, and going on. */
  trace.tracer = pink_tracer_new ();
  g_signal_connect (trace.tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &trace.n);
  test_spawnv (trace.tracer, loop);
  test_spawnv (trace.tracer, sleep);
  run_until (&trace, is_half_done);

  give_up_rights ();
  n_before = trace.n;
  check_rights (program, directory);
  g_assert_cmpuint (trace.n, >, n_before);
  run_until (&trace, is_done);

  test_spawnv (trace.tracer, loop);
  test_spawnv (trace.tracer, sleep);
  trace.n = 0;
  trace.n_wanted = 100;
  run_until (&trace, is_done);
  test_helper_say ("ready");
  order = test_helper_hear ();
  if (g_str_equal (order, "exit"))
    _exit (0); /* a leak checker has lost the right to look for leaks */
  for (;;)
    g_main_context_iteration (NULL, TRUE);
  return 0;
}

static void
rights_and_end (gboolean by_signal)
{
  char *directory = test_directory ();
  g_autofree char *program = test_program_copy (directory, 0755);
  g_autoptr (TestPids) pids = test_pids_new ();
  TestHelper *helper = test_helper_start ("rights", program, directory, NULL);
  int status;

  test_helper_expect (helper, "ready");
  test_pids_add_all_of (pids, test_helper_pid (helper));
  g_assert_cmpuint (test_pids_count (pids), ==, 8);
  test_helper_send (helper, by_signal ? "go on" : "exit");
  if (by_signal)
    kill (test_helper_pid (helper), SIGKILL);
  status = test_helper_wait (helper);
  if (by_signal)
    g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  else
    g_assert_cmpint (status, ==, 0);
  test_pids_await_gone (pids);
  test_directory_remove (directory);
}

static void
test_rights_killed (void)
{
  rights_and_end (TRUE);
}

static void
test_rights_exited (void)
{
  rights_and_end (FALSE);
}

/* ---- (7) a set-user-ID program ---- */

/* Without a program of its own to run: one of the system's that needs root's rights. */
static const char * const passwd_argv[] = { "/usr/bin/passwd", "-S", NULL };

static int
helper_set_user_id (int    argc,
                    char **argv)
{
  const char *program = argv[1], *traced = argv[2];
  Trace trace = { .n_wanted = test_count (N_CALLS) };

  test_become_nobody ();
  if (traced != NULL)
    {
      const char * const loop[] = { traced, "loop-forever", NULL };

      trace.tracer = pink_tracer_new ();
      g_signal_connect (trace.tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &trace.n);
      test_spawnv (trace.tracer, loop);
      run_until (&trace, is_done);
      test_helper_say ("traced");
    }
  if (program[0] != '\0')
    execl (program, program, "say-ids", NULL);
  else
    execv (passwd_argv[0], (char **) passwd_argv);
  return 127;
}

/* TRUE if it got the rights. */
static gboolean
exec_set_user_id (const char *program,
                  const char *traced)
{
  g_autoptr (TestPids) pids = test_pids_new ();
  TestHelper *helper = test_helper_start ("set-user-id", program, traced, NULL);
  g_autofree char *line = NULL;
  gboolean is_root;

  if (traced != NULL)
    {
      test_helper_expect (helper, "traced");
      test_pids_add_all_of (pids, test_helper_pid (helper));
    }
  line = test_helper_read_line (helper);
  is_root = line != NULL && (program[0] == '\0' || strstr (line, " euid 0 ") != NULL);
  if (test_helper_wait (helper) != 0)
    is_root = FALSE;
  test_pids_await_ended (pids);
  return is_root;
}

static void
test_set_user_id (void)
{
  char *directory = test_directory ();
  g_autofree char *traced = test_program_copy (directory, 0755);
  g_autofree char *program = NULL;

  if (geteuid () == 0)
    {
      g_autofree char *other = g_build_filename (directory, "as-root", NULL);

      g_assert_cmpint (g_mkdir_with_parents (other, 0755), ==, 0);
      g_assert_cmpint (chmod (other, 0755), ==, 0);
      program = test_program_copy (other, 04755);
    }
  else
    program = g_strdup ("");

  if (!exec_set_user_id (program, NULL))
    g_test_skip ("no set-user-ID program gets its rights here, traced or not");
  else
    g_assert_true (exec_set_user_id (program, traced));
  test_directory_remove (directory);
}

static const TestHelperDef helpers[] = {
  { "sigchld", helper_sigchld },
  { "wait", helper_wait },
  { "fork", helper_fork },
  { "rights", helper_rights },
  { "set-user-id", helper_set_user_id },
  { NULL }
};

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, helpers);

  test_add ("/beside/timer", test_timer);
  test_add ("/beside/children", test_children);
  test_add ("/beside/sigchld", test_sigchld);
  test_add ("/beside/wait", test_wait);
  test_add ("/beside/fork", test_fork);
  test_add ("/beside/rights/killed", test_rights_killed);
  test_add ("/beside/rights/exited", test_rights_exited);
  test_add ("/beside/set-user-id", test_set_user_id);
  return g_test_run ();
}
