/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What suites have in common: what /proc tells of.
 */
#include "pink-test-util.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
# define SYS_pidfd_open 434
#endif

gboolean
test_process_get (int          pid,
                  TestProcess *process)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  const char *begin, *end;

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return FALSE;
  begin = strchr (text, '(');
  end = strrchr (text, ')'); /* the name may have one itself */
  if (begin == NULL || end == NULL)
    return FALSE;
  process->pid = pid;
  g_strlcpy (process->comm, begin + 1, MIN (sizeof process->comm, (gsize) (end - begin)));
  return sscanf (end + 1, " %c %d", &process->state, &process->ppid) == 2;
}

static gboolean
has_ended (int pid)
{
  TestProcess process;

  return !test_process_get (pid, &process) || process.state == 'Z';
}

/* valgrind knows no pidfd; there, and before Linux 5.3, /proc has to be asked again and again. */
static gboolean
await_end (int    pid,
           int    pidfd,
           gint64 until)
{
  struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
  gint64 left = MAX (until - g_get_monotonic_time (), 0);

  if (pidfd >= 0)
    return poll (&poll_fd, 1, (int) (left / 1000)) == 1 || has_ended (pid);
  while (!has_ended (pid))
    {
      if (g_get_monotonic_time () > until)
        return FALSE;
      poll (NULL, 0, 1);
    }
  return TRUE;
}

gint64
test_deadline (double seconds)
{
  return g_get_monotonic_time () + (gint64) (test_seconds (seconds) * G_USEC_PER_SEC);
}

gboolean
test_process_await_end (int    pid,
                        double seconds)
{
  int pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  gboolean result = await_end (pid, pidfd, test_deadline (seconds));

  if (pidfd >= 0)
    close (pidfd);
  return result;
}

static GArray *
all_processes (void)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (TestProcess));
  GDir *dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      TestProcess process;

      if (g_ascii_isdigit (name[0]) && test_process_get (atoi (name), &process))
        g_array_append_val (all, process);
    }
  g_dir_close (dir);
  return all;
}

static void
append_children (GArray   *found,
                 GArray   *all,
                 int       pid,
                 gboolean  deep)
{
  for (guint i = 0; i < all->len; i++)
    {
      TestProcess *process = &g_array_index (all, TestProcess, i);

      if (process->ppid != pid)
        continue;
      g_array_append_val (found, *process);
      if (deep)
        append_children (found, all, process->pid, TRUE);
    }
}

GArray *
test_children_of (int pid)
{
  g_autoptr (GArray) all = all_processes ();
  GArray *found = g_array_new (FALSE, FALSE, sizeof (TestProcess));

  append_children (found, all, pid, FALSE);
  return found;
}

GArray *
test_descendants_of (int pid)
{
  g_autoptr (GArray) all = all_processes ();
  GArray *found = g_array_new (FALSE, FALSE, sizeof (TestProcess));

  append_children (found, all, pid, TRUE);
  return found;
}

char *
test_status_line (int         pid,
                  const char *key)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize length = strlen (key);

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strncmp (lines[i], key, length) == 0 && lines[i][length] == ':')
      return g_strdelimit (g_strdup (g_strstrip (lines[i] + length + 1)), "\t", ' ');
  return NULL;
}

int
test_tracer_task_of (int pid)
{
  g_autofree char *tracer = test_status_line (pid, "TracerPid");

  return tracer != NULL ? atoi (tracer) : 0;
}

int
test_kill_task (int pid)
{
  int task = test_tracer_task_of (pid);

  /* Number 0 is this whole process group. */
  if (task > 0)
    kill (task, SIGKILL);
  return task;
}

guint
test_count_fds (void)
{
  GDir *dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  g_assert_nonnull (dir);
  while (g_dir_read_name (dir) != NULL)
    n++;
  g_dir_close (dir);
  return n - 1; /* the one that reads */
}

/* GLib starts some threads of its own when it likes, and keeps them. */
static gboolean
is_of_glib (const char *comm)
{
  return g_str_equal (comm, "gmain") || g_str_equal (comm, "gdbus") ||
         g_str_has_prefix (comm, "pool-");
}

static GPtrArray *
thread_names (void)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  GDir *dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_strdup_printf ("/proc/self/task/%s/comm", name);
      char *comm = NULL;

      if (!g_file_get_contents (file, &comm, NULL, NULL))
        continue;
      g_strchomp (comm);
      if (is_of_glib (comm))
        g_free (comm);
      else
        g_ptr_array_add (names, comm);
    }
  g_dir_close (dir);
  return names;
}

guint
test_count_threads (void)
{
  g_autoptr (GPtrArray) names = thread_names ();

  return names->len;
}

TestState
test_state_get (void)
{
  g_autoptr (GArray) children = test_children_of (getpid ());

  return (TestState) { .fds = test_count_fds (), .threads = test_count_threads (),
                       .children = children->len };
}

static gboolean
is_state (gpointer data)
{
  const TestState *before = data;
  TestState now = test_state_get ();

  return now.fds <= before->fds && now.threads <= before->threads && now.children <= before->children;
}

static void
list_what_is_left (void)
{
  g_autoptr (GArray) children = test_children_of (getpid ());
  g_autoptr (GPtrArray) threads = thread_names ();
  GDir *dir = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name;

  for (guint i = 0; i < children->len; i++)
    {
      TestProcess *child = &g_array_index (children, TestProcess, i);

      g_printerr ("# child %d %s, state %c\n", child->pid, child->comm, child->state);
    }
  for (guint i = 0; i < threads->len; i++)
    g_printerr ("# thread %s\n", (char *) g_ptr_array_index (threads, i));
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *link = g_strdup_printf ("/proc/self/fd/%s", name);
      g_autofree char *target = g_file_read_link (link, NULL);

      g_printerr ("# descriptor %s: %s\n", name, target != NULL ? target : "closed");
    }
  g_dir_close (dir);
}

void
test_state_await (const TestState *before)
{
  TestState now;

  if (test_wait_for (NULL, is_state, (gpointer) before, TEST_GONE_S))
    return;
  now = test_state_get ();
  list_what_is_left ();
  g_error ("left after %d seconds: %u descriptors (%u before), %u threads (%u), %u children (%u)",
           TEST_GONE_S, now.fds, before->fds, now.threads, before->threads,
           now.children, before->children);
}

typedef struct
{
  int pid;
  int pidfd; /* or -1 */
} Watched;

struct _TestPids
{
  GArray *watched;
};

TestPids *
test_pids_new (void)
{
  TestPids *pids = g_new0 (TestPids, 1);

  pids->watched = g_array_new (FALSE, FALSE, sizeof (Watched));
  return pids;
}

void
test_pids_add (TestPids *pids,
               int       pid)
{
  Watched watched = { .pid = pid, .pidfd = (int) syscall (SYS_pidfd_open, pid, 0) };

  g_assert_cmpint (pid, >, 0);
  if (watched.pidfd >= 0 || errno != ESRCH)
    g_array_append_val (pids->watched, watched);
}

void
test_pids_add_traced (TestPids   *pids,
                      PinkTracee *tracee)
{
  int pid = pink_tracee_get_pid (tracee);

  test_pids_add (pids, pid);
  test_pids_add (pids, test_tracer_task_of (pid));
}

void
test_pids_add_all_of (TestPids *pids,
                      int       ancestor)
{
  g_autoptr (GArray) found = test_descendants_of (ancestor);

  for (guint i = 0; i < found->len; i++)
    test_pids_add (pids, g_array_index (found, TestProcess, i).pid);
}

guint
test_pids_count (TestPids *pids)
{
  return pids->watched->len;
}

static gboolean
is_reaped (gpointer data)
{
  Watched *watched = data;
  TestProcess process;

  /* A number that is used again is no zombie. */
  return !test_process_get (watched->pid, &process) || process.state != 'Z' || process.ppid == 1;
}

void
test_pids_await_ended (TestPids *pids)
{
  gint64 until = test_deadline (TEST_GONE_S);

  for (guint i = 0; i < pids->watched->len; i++)
    {
      Watched *watched = &g_array_index (pids->watched, Watched, i);
      TestProcess process;

      if (!await_end (watched->pid, watched->pidfd, until) && test_process_get (watched->pid, &process))
        g_error ("process %d (%s, state %c) is still there after %d seconds",
                 process.pid, process.comm, process.state, TEST_GONE_S);
      if (watched->pidfd >= 0)
        close (watched->pidfd);
      watched->pidfd = -1;
    }
}

void
test_pids_await_gone (TestPids *pids)
{
  test_pids_await_ended (pids);
  for (guint i = 0; i < pids->watched->len; i++)
    {
      Watched *watched = &g_array_index (pids->watched, Watched, i);

      if (!test_wait_for (NULL, is_reaped, watched, TEST_GONE_S))
        g_error ("process %d is left as a zombie", watched->pid);
    }
}

void
test_pids_free (TestPids *pids)
{
  for (guint i = 0; i < pids->watched->len; i++)
    if (g_array_index (pids->watched, Watched, i).pidfd >= 0)
      close (g_array_index (pids->watched, Watched, i).pidfd);
  g_array_unref (pids->watched);
  g_free (pids);
}
