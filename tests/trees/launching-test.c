/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A third party that stops and continues the child while it is on its way to
 * the program: spawn() returns all the same, and the stop is not lost.
 */
#include "tree-util.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define ENOUGH    1   /* stops that came before the program was loaded */
#define MAX_TRIES 3000
#define N_FDS     300 /* each is moved by the child: so its way is long enough to be met on */

/* The first id in the list of children, 0 if there is none. */
static int
first_child (int pid, int tid)
{
  char path[64], text[32] = "";
  int fd;

  snprintf (path, sizeof path, "/proc/%d/task/%d/children", pid, tid);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return 0;
  if (read (fd, text, sizeof text - 1) < 0)
    text[0] = '\0';
  close (fd);
  return atoi (text);
}

static gboolean
program_of (int pid, char program[PATH_MAX])
{
  char path[64];
  ssize_t length;

  snprintf (path, sizeof path, "/proc/%d/exe", pid);
  length = readlink (path, program, PATH_MAX - 1);
  program[length > 0 ? length : 0] = '\0';
  return length > 0;
}

static gboolean
runs_the_same (int pid, const char *program)
{
  char exe[PATH_MAX];

  return program_of (pid, exe) && strcmp (exe, program) == 0;
}

/* Who is born to a child of the application: its tracer task's. 0 if nobody. */
static int
grandchild (int application)
{
  char path[32];
  struct dirent *thread;
  DIR *threads;
  int found = 0;

  snprintf (path, sizeof path, "/proc/%d/task", application);
  threads = opendir (path);
  while (threads != NULL && found == 0 && (thread = readdir (threads)) != NULL)
    {
      int tid = atoi (thread->d_name);
      int task = tid > 0 ? first_child (application, tid) : 0;

      if (task != 0 && task != getpid ())
        found = first_child (task, task);
    }
  if (threads != NULL)
    closedir (threads);
  return found;
}

/* In a process of its own: stops each of them once. shared->handled is how many
 * were not loaded yet. */
G_GNUC_NORETURN static void
stop_children (TreeShared *shared,
               int         application,
               int         signal)
{
  char program[PATH_MAX];
  int last = 0;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  /* Of itself, valgrind would say what it runs. */
  if (!program_of (application, program))
    _exit (1);
  while (!atomic_load (&shared->stop))
    {
      int child = grandchild (application);

      if (child == 0 || child == last || kill (child, signal) != 0)
        continue;
      last = child;
      if (runs_the_same (child, program))
        atomic_fetch_add (&shared->handled, 1);
    }
  _exit (0);
}

static void
go_on (PinkTracer *tracer,
       PinkTracee *tracee,
       int         signal,
       guint      *n_stops)
{
  (void) tracer;
  (void) signal;
  (*n_stops)++;
  g_assert_no_errno (kill (pink_tracee_get_pid (tracee), SIGCONT));
}

static PinkLauncher *
slow_launcher (void)
{
  PinkLauncher *launcher = pink_launcher_new ();

  for (int i = 0; i < N_FDS; i++)
    pink_launcher_take_fd (launcher, open ("/dev/null", O_RDONLY | O_CLOEXEC), 500 + i);
  return launcher;
}

static void
test_stopped (gconstpointer signal)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkLauncher) launcher = slow_launcher ();
  const char *argv[] = { test_program (), "exit:0", NULL };
  guint n_stops = 0;
  int application = getpid (), stopper, status;

  g_signal_connect (tracer, "group-stop", G_CALLBACK (go_on), &n_stops);
  stopper = fork ();
  if (stopper == 0)
    stop_children (shared, application, GPOINTER_TO_INT (signal));
  for (int i = 0; i < MAX_TRIES && atomic_load (&shared->handled) < ENOUGH; i++)
    {
      g_autoptr (GError) error = NULL;

      pink_launcher_spawn (launcher, tracer, argv, &error);
      g_assert_no_error (error);
      test_run (tracer);
    }
  atomic_store (&shared->stop, 1);
  g_assert_cmpint (waitpid (stopper, &status, 0), ==, stopper);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpint (atomic_load (&shared->handled), >=, ENOUGH);
  g_assert_cmpuint (n_stops, >=, ENOUGH);
}

int
main (int argc, char **argv)
{
  tree_own_group (); /* SIGTSTP stops nobody in a group that is orphaned */
  test_init (&argc, &argv, NULL);
  test_add_data ("/launching/sigstop", GINT_TO_POINTER (SIGSTOP), test_stopped);
  test_add_data_native (TEST_STOPS_CHILD, "/launching/sigtstp", GINT_TO_POINTER (SIGTSTP), test_stopped);
  return g_test_run ();
}
