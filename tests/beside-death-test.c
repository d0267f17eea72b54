/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the deaths of applications and of tracer tasks leave to others: locks,
 * the heap, the right to fork. Each of these is done some hundred times, at
 * moments that chance chooses.
 */
#include "pink-test-util.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_TIMES 300

static gboolean
all_are_reaped (gpointer data)
{
  while (waitpid (-1, NULL, __WALL | WNOHANG) > 0)
    ;
  return waitpid (-1, NULL, __WALL | WNOHANG) < 0;
}

/* Runs it in a process of its own. What that leaves behind comes to this one, so
 * that nothing can hide. */
static int
run_apart (void (*func) (void))
{
  int status, pid;

  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      func ();
      exit (0);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
  if (!test_wait_for (NULL, all_are_reaped, NULL, TEST_GONE_S))
    g_error ("some processes are there after %d seconds", TEST_GONE_S);
  return 0;
}

/* ---- (8) a lock of the application's ---- */

typedef struct
{
  guint n;
  guint n_wanted;
} Calls;

static gboolean
is_enough (gpointer data)
{
  return ((Calls *) data)->n >= ((Calls *) data)->n_wanted;
}

static void G_GNUC_NORETURN
hold_lock_and_trace (const char *file,
                     int         ready,
                     gboolean    exits)
{
  int fd = open (file, O_RDWR | O_CLOEXEC);
  PinkTracer *tracer = pink_tracer_new ();
  Calls calls = { .n_wanted = 20 };

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &calls.n);
  test_spawn (tracer, "loop-forever", NULL);
  test_wait_until (NULL, is_enough, &calls, "calls to be traced");
  g_assert_cmpint (write (ready, "x", 1), ==, 1);
  if (exits)
    exit (0);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

static int
helper_locks (int    argc,
              char **argv)
{
  const char *file = argv[1];
  int own = open (file, O_RDWR | O_CLOEXEC);
  guint n_late[2] = { 0 };

  g_assert_cmpint (own, >=, 0);
  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), ==, 0);
  for (guint i = 0; i < test_count (N_TIMES); i++)
    {
      gboolean exits = i % 2;
      int ready[2], pid;
      char byte;

      g_assert_cmpint (pipe2 (ready, O_CLOEXEC), ==, 0);
      pid = fork ();
      g_assert_cmpint (pid, >=, 0);
      if (pid == 0)
        hold_lock_and_trace (file, ready[1], exits);
      close (ready[1]);
      g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
      if (!exits)
        kill (pid, SIGKILL);
      g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
      if (flock (own, LOCK_EX | LOCK_NB) != 0)
        {
          n_late[exits]++;
          g_assert_cmpint (flock (own, LOCK_EX), ==, 0);
        }
      g_assert_cmpint (flock (own, LOCK_UN), ==, 0);
      close (ready[0]);
    }
  if (n_late[0] + n_late[1] > 0)
    g_error ("the lock was still held %u times after SIGKILL and %u times after exit, of %u each",
             n_late[0], n_late[1], test_count (N_TIMES) / 2);
  if (!test_wait_for (NULL, all_are_reaped, NULL, TEST_GONE_S))
    g_error ("some of the applications' processes are there after %d seconds", TEST_GONE_S);
  return 0;
}

static void
test_locks (void)
{
  char *directory = test_directory ();
  g_autofree char *file = g_build_filename (directory, "lock", NULL);

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  test_helper_run ("locks", file, NULL);
  test_directory_remove (directory);
}

/* ---- (9) the task is killed while it works ---- */

/* A sanitizer's own heap is not made for fork(): its locks may be a dying thread's. */
#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
# define N_ALLOCATIONS 0
#else
# define N_ALLOCATIONS 200
#endif

/* Fork and allocate, as an application does: a lock that the task had would hang it. */
static void
fork_and_allocate (void)
{
  int status, pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      for (int i = 0; i < N_ALLOCATIONS; i++)
        g_free (g_strdup_printf ("%*d %f", i * 100, getpid (), 1.5));
      syscall (SYS_exit_group, 0); /* ThreadSanitizer would miss the threads of the other */
    }
  if (!test_process_await_end (pid, TEST_GONE_S))
    {
      kill (pid, SIGKILL);
      g_error ("a fork()ed child hangs");
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (status, ==, 0);
}

typedef struct
{
  int    task;
  gint64 at; /* monotonic time */
} Shot;

static gpointer
shoot (gpointer data)
{
  const Shot *shot = data;

  while (g_get_monotonic_time () < shot->at)
    ;
  kill (shot->task, SIGKILL);
  return NULL;
}

static void
allocate (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          count)
{
  g_free (pink_syscall_event_to_string (event));
  test_on_call (tracer, event, count);
}

static void
trace_under_fire (void)
{
  GRand *random = g_rand_new ();
  TestState before;
  guint n = 0;
  PinkTracer *tracer = pink_tracer_new ();

  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
  g_object_unref (tracer);
  before = test_state_get ();

  for (guint i = 0; i < test_count (N_TIMES); i++)
    {
      g_autoptr (GError) error = NULL;
      GThread *thread;
      Shot shot;

      tracer = pink_tracer_new ();
      /* With handlers for all, for some, or for none of its calls. */
      if (i % 3 != 0)
        g_signal_connect (tracer, i % 3 == 1 ? "syscall-enter" : "syscall-exit::getppid",
                          G_CALLBACK (allocate), &n);
      shot.task = test_tracer_task_of (pink_tracee_get_pid (test_spawn (tracer, "loop-forever", NULL)));
      shot.at = g_get_monotonic_time () + g_rand_int_range (random, 0, 3000);
      thread = g_thread_new ("shot", shoot, &shot);
      g_assert_false (test_run_full (tracer, &error));
      g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
      fork_and_allocate ();
      g_thread_join (thread);
      if (i % 50 == 0)
        g_assert_cmpint (test_trace (tracer, "getppid:10", NULL), ==, 0);
      g_object_unref (tracer);
    }
  g_assert_cmpuint (n, >, 0);
  test_state_await (&before);

  tracer = pink_tracer_new ();
  n = 0;
  g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (allocate), &n);
  g_assert_cmpint (test_trace (tracer, "getppid:1000", NULL), ==, 0);
  g_assert_cmpuint (n, ==, 1000);
  g_object_unref (tracer);
  g_rand_free (random);
}

static int
helper_shots (int    argc,
              char **argv)
{
  return run_apart (trace_under_fire);
}

static void
test_shots (void)
{
  test_helper_run ("shots", NULL);
}

/* ---- as soon as it is there ---- */

static int stop_hunting;

/* All children of this process are its tasks. */
static void
kill_children (void)
{
  g_autoptr (GArray) children = test_children_of (getpid ());

  for (guint i = 0; i < children->len; i++)
    kill (g_array_index (children, TestProcess, i).pid, SIGKILL);
}

static gpointer
hunt (gpointer data)
{
  while (!g_atomic_int_get (&stop_hunting))
    {
      gint64 until = g_get_monotonic_time () + g_random_int_range (0, 2000);

      while (g_get_monotonic_time () < until)
        ;
      kill_children ();
    }
  return NULL;
}

static void
spawn_under_fire (void)
{
  const char * const program[] = { test_program (), "getppid", NULL };
  guint n_spawned = 0, n_refused = 0, n_lost = 0;
  PinkTracer *tracer = pink_tracer_new ();
  TestState before;
  GThread *hunter;

  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
  g_object_unref (tracer);
  before = test_state_get ();
  hunter = g_thread_new ("hunter", hunt, NULL);
  /* On a busy machine the hunter may miss for long; the bound to a case ends that. */
  for (guint i = 0; i < test_count (N_TIMES) || n_refused + n_lost == 0; i++)
    {
      GError *error = NULL;

      tracer = pink_tracer_new ();
      if (pink_tracer_spawn (tracer, program, &error) != NULL)
        n_spawned++;
      else
        {
          g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
          g_clear_error (&error);
          n_refused++;
        }
      if (!test_run_full (tracer, &error))
        {
          g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
          g_clear_error (&error);
          n_lost++;
        }
      g_object_unref (tracer);
    }
  g_atomic_int_set (&stop_hunting, 1);
  g_thread_join (hunter);
  test_helper_say ("%u spawned, of these %u lost; %u not spawned", n_spawned, n_lost, n_refused);
  g_assert_cmpuint (n_refused + n_lost, >, 0);
  test_state_await (&before);
  fork_and_allocate ();
  tracer = pink_tracer_new ();
  g_assert_cmpint (test_trace (tracer, "getppid:10", NULL), ==, 0);
  g_object_unref (tracer);
}

static int
helper_hunted (int    argc,
               char **argv)
{
  return run_apart (spawn_under_fire);
}

static void
test_hunted (void)
{
  test_helper_run ("hunted", NULL);
}

static const TestHelperDef helpers[] = {
  { "locks", helper_locks },
  { "shots", helper_shots },
  { "hunted", helper_hunted },
  { NULL }
};

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, helpers);

  test_add ("/beside-death/locks", test_locks);
  test_add ("/beside-death/task-shot", test_shots);
  test_add ("/beside-death/task-hunted", test_hunted);
  return g_test_run ();
}
