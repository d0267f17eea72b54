/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pink-test-util.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if __has_include(<valgrind/valgrind.h>)
# include <valgrind/valgrind.h>
#else
# define RUNNING_ON_VALGRIND 0
#endif

#ifndef SYS_pidfd_open
# define SYS_pidfd_open 434
#endif

#define CASE_BOUND_S 240

/* ---- running ---- */

static const char *case_path = "";
static char *own_program;

static double
slowdown (void)
{
  const char *text = g_getenv ("PINK_TEST_SLOWDOWN");
  double factor = text != NULL ? g_ascii_strtod (text, NULL) : 1;

  return factor >= 1 ? factor : 1;
}

double
test_seconds (double seconds)
{
  return seconds * slowdown ();
}

guint
test_count (guint n)
{
  return MAX (1, (guint) (n / slowdown ()));
}

gboolean
test_is_slow (void)
{
  return slowdown () > 1;
}

gboolean
test_on_valgrind (void)
{
  return RUNNING_ON_VALGRIND != 0;
}

/* A test that hangs outside a main loop must end too. */
static void
on_alarm (int signal)
{
  static const char words[] = "Bail out! hung: ";

  if (write (1, words, sizeof words - 1) < 0 || write (1, case_path, strlen (case_path)) < 0 ||
      write (1, "\n", 1) < 0)
    _exit (125);
  _exit (124);
}

static void
begin_case (const char *path)
{
  case_path = path;
  signal (SIGALRM, on_alarm);
  alarm ((unsigned) test_seconds (CASE_BOUND_S));
}

static void
end_case (void)
{
  alarm (0);
  signal (SIGALRM, SIG_DFL);
}

typedef struct
{
  char          *path;
  void         (*func) (void);
  void         (*data_func) (gconstpointer data);
  gconstpointer  data;
  const char    *not_on_valgrind; /* the reason, or NULL */
} Case;

static void
run_case (gconstpointer data)
{
  const Case *test = data;

  if (test->not_on_valgrind != NULL && test_on_valgrind ())
    {
      g_test_skip (test->not_on_valgrind);
      return;
    }
  begin_case (test->path);
  if (test->func != NULL)
    test->func ();
  else
    test->data_func (test->data);
  end_case ();
}

static void
free_case (gpointer data)
{
  Case *test = data;

  g_free (test->path);
  g_free (test);
}

static void
add_case (const char *path,
          Case        test)
{
  static GSList *kept;
  Case *copy;

  test.path = g_strdup (path);
  copy = g_memdup2 (&test, sizeof test);
  /* A case that is a process of its own runs just that, and GLib frees no other:
   * a leak checker shall not find them. */
  if (g_test_subprocess ())
    kept = g_slist_prepend (kept, copy);
  g_test_add_data_func_full (path, copy, run_case, free_case);
}

void
test_add (const char *path,
          void      (*func) (void))
{
  add_case (path, (Case) { .func = func });
}

void
test_add_data (const char    *path,
               gconstpointer  data,
               void         (*func) (gconstpointer data))
{
  add_case (path, (Case) { .data_func = func, .data = data });
}

void
test_add_native (const char *reason,
                 const char *path,
                 void      (*func) (void))
{
  add_case (path, (Case) { .func = func, .not_on_valgrind = reason });
}

void
test_add_data_native (const char    *reason,
                      const char    *path,
                      gconstpointer  data,
                      void         (*func) (gconstpointer data))
{
  add_case (path, (Case) { .data_func = func, .data = data, .not_on_valgrind = reason });
}

static void
no_core_dumps (void)
{
  const struct rlimit none = { 0, 0 };

  setrlimit (RLIMIT_CORE, &none);
}

static void G_GNUC_NORETURN
run_helper (const TestHelperDef *helpers,
            int                  argc,
            char               **argv)
{
  for (; helpers != NULL && helpers->name != NULL; helpers++)
    if (g_str_equal (helpers->name, argv[2]))
      {
        /* What hangs here must not outlive the test by much. */
        alarm ((unsigned) test_seconds (CASE_BOUND_S));
        exit (helpers->func (argc - 2, argv + 2));
      }
  g_error ("there is no helper %s", argv[2]);
}

/* What GLib and the library make once a process (wake-up descriptors, tables,
 * GLib's own threads) is there before anything is counted. */
static void
warm_up (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  TestState before = test_state_get ();

  test_trace (tracer, "getppid", NULL);
  g_clear_object (&tracer);
  before.fds = test_count_fds ();
  test_state_await (&before);
}

static gpointer
first_thread (gpointer data)
{
  return data;
}

void
test_init (int                 *argc,
           char              ***argv,
           const TestHelperDef *helpers)
{
  own_program = g_file_read_link ("/proc/self/exe", NULL);
  g_assert_nonnull (own_program);
  no_core_dumps ();
  if (*argc > 2 && g_str_equal ((*argv)[1], "--helper"))
    run_helper (helpers, *argc, *argv);

  g_test_init (argc, argv, NULL);
  /* With the first thread ThreadSanitizer makes one of its own, which stays. */
  g_thread_join (g_thread_new ("first", first_thread, NULL));
  begin_case ("before the first case");
  warm_up ();
  end_case ();
}

/* ---- programs ---- */

static const char *
built_program (const char *variable,
               const char *name)
{
  const char *path = g_getenv (variable);
  g_autofree char *directory = NULL;
  g_autofree char *beside = NULL;

  if (path != NULL)
    return path[0] != '\0' ? path : NULL;
  directory = g_path_get_dirname (own_program);
  beside = g_build_filename (directory, name, NULL);
  if (!g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return NULL;
  g_setenv (variable, beside, TRUE);
  return g_getenv (variable);
}

const char *
test_program (void)
{
  const char *path = built_program ("PINK_TESTPROG", "testprog");

  if (path == NULL)
    g_error ("testprog is not beside this program: set PINK_TESTPROG");
  return path;
}

const char *
test_program32 (void)
{
  return built_program ("PINK_TESTPROG32", "testprog32");
}

char *
test_directory (void)
{
  GError *error = NULL;
  g_autofree char *made = g_dir_make_tmp ("pinktrace-test-XXXXXX", &error);
  char *directory;

  g_assert_no_error (error);
  /* Without the links that may be in TMPDIR: what a tracee opens has none. */
  directory = realpath (made, NULL);
  g_assert_nonnull (directory);
  g_assert_cmpint (chmod (directory, 0755), ==, 0);
  return directory;
}

static void
remove_tree (GFile *file)
{
  g_autoptr (GFileEnumerator) children =
    g_file_enumerate_children (file, G_FILE_ATTRIBUTE_STANDARD_NAME,
                               G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
  GFile *child;

  while (children != NULL && g_file_enumerator_iterate (children, NULL, &child, NULL, NULL) && child != NULL)
    remove_tree (child);
  g_file_delete (file, NULL, NULL);
}

void
test_directory_remove (char *directory)
{
  g_autoptr (GFile) file = g_file_new_for_path (directory);

  remove_tree (file);
  free (directory);
}

char *
test_program_copy (const char *directory,
                   guint       mode)
{
  char *path = g_build_filename (directory, "testprog", NULL);
  g_autofree char *contents = NULL;
  GError *error = NULL;
  gsize length;

  g_file_get_contents (test_program (), &contents, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (path, contents, (gssize) length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chmod (path, mode), ==, 0);
  return path;
}

/* ---- tracing ---- */

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

/* ---- /proc ---- */

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

static gint64
deadline (double seconds)
{
  return g_get_monotonic_time () + (gint64) (test_seconds (seconds) * G_USEC_PER_SEC);
}

gboolean
test_process_await_end (int    pid,
                        double seconds)
{
  int pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  gboolean result = await_end (pid, pidfd, deadline (seconds));

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
  gint64 until = deadline (TEST_GONE_S);

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

/* ---- helpers ---- */

struct _TestHelper
{
  int      pid;
  int      in;  /* its standard input */
  int      out; /* its standard output */
  GString *heard;
};

static TestHelper *
start_helper (const char *name,
              va_list     args)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  TestHelper *helper = g_new0 (TestHelper, 1);
  int to[2], from[2];
  const char *arg;

  g_ptr_array_add (argv, own_program);
  g_ptr_array_add (argv, (gpointer) "--helper");
  g_ptr_array_add (argv, (gpointer) name);
  while ((arg = va_arg (args, const char *)) != NULL)
    g_ptr_array_add (argv, (gpointer) arg);
  g_ptr_array_add (argv, NULL);

  g_assert_cmpint (pipe2 (to, O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (from, O_CLOEXEC), ==, 0);
  helper->pid = fork ();
  g_assert_cmpint (helper->pid, >=, 0);
  if (helper->pid == 0)
    {
      dup2 (to[0], 0);
      dup2 (from[1], 1);
      execv (own_program, (char **) argv->pdata);
      _exit (127);
    }
  close (to[0]);
  close (from[1]);
  helper->in = to[1];
  helper->out = from[0];
  helper->heard = g_string_new (NULL);
  return helper;
}

TestHelper *
test_helper_start (const char *name,
                   ...)
{
  TestHelper *helper;
  va_list args;

  va_start (args, name);
  helper = start_helper (name, args);
  va_end (args);
  return helper;
}

int
test_helper_pid (TestHelper *helper)
{
  return helper->pid;
}

void
test_helper_send (TestHelper *helper,
                  const char *line)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);

  g_assert_cmpint (write (helper->in, text, strlen (text)), ==, (gssize) strlen (text));
}

static char *
take_line (GString  *heard,
           gboolean  at_end)
{
  const char *end = strchr (heard->str, '\n');
  char *line;

  if (end == NULL && (!at_end || heard->len == 0))
    return NULL;
  line = end != NULL ? g_strndup (heard->str, (gsize) (end - heard->str)) : g_strdup (heard->str);
  g_string_erase (heard, 0, end != NULL ? end - heard->str + 1 : (gssize) heard->len);
  return line;
}

char *
test_helper_read_line (TestHelper *helper)
{
  gint64 until = deadline (2 * TEST_BOUND_S);
  char *line;

  while ((line = take_line (helper->heard, FALSE)) == NULL)
    {
      struct pollfd poll_fd = { .fd = helper->out, .events = POLLIN };
      gint64 left = (until - g_get_monotonic_time ()) / 1000;
      char chunk[512];
      gssize n;

      if (poll (&poll_fd, 1, (int) MAX (left, 0)) == 0)
        {
          kill (helper->pid, SIGKILL);
          g_error ("waited too long: a line of the helper's");
        }
      n = read (helper->out, chunk, sizeof chunk);
      if (n <= 0)
        return take_line (helper->heard, TRUE);
      g_string_append_len (helper->heard, chunk, n);
    }
  return line;
}

void
test_helper_expect (TestHelper *helper,
                    const char *line)
{
  g_autofree char *heard = test_helper_read_line (helper);

  g_assert_cmpstr (heard, ==, line);
}

int
test_helper_wait (TestHelper *helper)
{
  int status;

  close (helper->in);
  if (!test_process_await_end (helper->pid, 2 * TEST_BOUND_S))
    {
      kill (helper->pid, SIGKILL);
      g_error ("waited too long: the helper to end");
    }
  g_assert_cmpint (waitpid (helper->pid, &status, 0), ==, helper->pid);
  close (helper->out);
  g_string_free (helper->heard, TRUE);
  g_free (helper);
  return status;
}

void
test_helper_succeed (TestHelper *helper)
{
  char *line;

  while ((line = test_helper_read_line (helper)) != NULL)
    {
      g_test_message ("%s", line);
      g_free (line);
    }
  g_assert_cmpint (test_helper_wait (helper), ==, 0);
}

void
test_helper_run (const char *name,
                 ...)
{
  TestHelper *helper;
  va_list args;

  va_start (args, name);
  helper = start_helper (name, args);
  va_end (args);
  test_helper_succeed (helper);
}

void
test_helper_say (const char *format,
                 ...)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strconcat (text, "\n", NULL);
  g_assert_cmpint (write (1, line, strlen (line)), ==, (gssize) strlen (line));
}

char *
test_helper_hear (void)
{
  GString *line = g_string_new (NULL);
  char byte;
  gssize n;

  while ((n = read (0, &byte, 1)) == 1 && byte != '\n')
    g_string_append_c (line, byte);
  return g_string_free (line, n != 1 && line->len == 0);
}

void
test_become_nobody (void)
{
  if (geteuid () != 0)
    return;
  g_assert_cmpint (setgroups (0, NULL), ==, 0);
  g_assert_cmpint (setresgid (TEST_NOBODY, TEST_NOBODY, TEST_NOBODY), ==, 0);
  g_assert_cmpint (setresuid (TEST_NOBODY, TEST_NOBODY, TEST_NOBODY), ==, 0);
}
