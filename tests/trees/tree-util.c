/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tree-util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *
program (const char *variable,
         const char *name)
{
  const char *path = g_getenv (variable);
  g_autofree char *own = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *beside = NULL;

  if (path != NULL)
    return path[0] != '\0' ? path : NULL;
  own = g_file_read_link ("/proc/self/exe", NULL);
  directory = g_path_get_dirname (own);
  beside = g_build_filename (directory, name, NULL);
  if (!g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return NULL;
  g_setenv (variable, beside, TRUE);
  return g_getenv (variable);
}

const char *
tree_program (void)
{
  const char *path = program ("PINK_TREEPROG", "treeprog");

  if (path == NULL)
    g_error ("treeprog is not beside this program: set PINK_TREEPROG");
  return path;
}

const char *
tree_program32 (void)
{
  return program ("PINK_TREEPROG32", "treeprog32");
}

guint
tree_count (guint usual,
            guint in_long)
{
  return test_count (g_getenv ("PINK_TEST_LONG") != NULL ? in_long : usual);
}

/* meson starts a test as the leader of a session: its process group is orphaned,
 * and there SIGTSTP and SIGTTIN stop nobody. */
void
tree_own_group (void)
{
  int status;
  pid_t pid = fork ();

  if (pid < 0)
    g_error ("fork: %s", g_strerror (errno));
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      setpgid (0, 0);
      return;
    }
  while (waitpid (pid, &status, 0) != pid)
    ;
  _exit (WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status));
}

/* ---- treeprog ---- */

typedef struct
{
  TreeShared shared;
  int        fd;
} Mapping;

TreeShared *
tree_shared_new (void)
{
  int fd = memfd_create ("tree", MFD_CLOEXEC);
  Mapping *mapping;

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (ftruncate (fd, sizeof (Mapping)), ==, 0);
  mapping = mmap (NULL, sizeof *mapping, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  g_assert_true (mapping != MAP_FAILED);
  mapping->fd = fd;
  return &mapping->shared;
}

void
tree_shared_free (TreeShared *shared)
{
  close (tree_shared_fd (shared));
  munmap (shared, sizeof (Mapping));
}

int
tree_shared_fd (TreeShared *shared)
{
  return ((Mapping *) (void *) shared)->fd;
}

static GPtrArray *
deed_argv (const char *deed,
           va_list     args)
{
  GPtrArray *argv = g_ptr_array_new ();

  g_ptr_array_add (argv, (gpointer) tree_program ());
  for (; deed != NULL; deed = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) deed);
  g_ptr_array_add (argv, NULL);
  return argv;
}

PinkTracee *
tree_spawnv (PinkTracer         *tracer,
             TreeShared         *shared,
             int                 input,
             const char * const *argv)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  GError *error = NULL;
  PinkTracee *tracee;

  if (shared != NULL)
    pink_launcher_take_fd (launcher, fcntl (tree_shared_fd (shared), F_DUPFD_CLOEXEC, 3), TREE_FD);
  if (input >= 0)
    pink_launcher_take_fd (launcher, fcntl (input, F_DUPFD_CLOEXEC, 3), 0);
  tracee = pink_launcher_spawn (launcher, tracer, argv, &error);
  g_assert_no_error (error);
  return tracee;
}

PinkTracee *
tree_spawn (PinkTracer *tracer,
            TreeShared *shared,
            const char *deed,
            ...)
{
  g_autoptr (GPtrArray) argv = NULL;
  va_list args;

  va_start (args, deed);
  argv = deed_argv (deed, args);
  va_end (args);
  return tree_spawnv (tracer, shared, -1, (const char * const *) argv->pdata);
}

/* It never outlives this process by much. */
int
tree_startv (TreeShared         *shared,
             int                 input,
             const char * const *argv)
{
  int pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      if (input >= 0)
        dup2 (input, 0);
      if (shared != NULL && dup2 (tree_shared_fd (shared), TREE_FD) < 0)
        _exit (126);
      execv (argv[0], (char **) argv);
      _exit (127);
    }
  return pid;
}

int
tree_start (TreeShared *shared,
            int         input,
            const char *deed,
            ...)
{
  g_autoptr (GPtrArray) argv = NULL;
  va_list args;

  va_start (args, deed);
  argv = deed_argv (deed, args);
  va_end (args);
  return tree_startv (shared, input, (const char * const *) argv->pdata);
}

typedef struct
{
  int pid;
  int status;
} Awaited;

static gboolean
has_ended (gpointer data)
{
  Awaited *awaited = data;
  int got = waitpid (awaited->pid, &awaited->status, WNOHANG);

  g_assert_cmpint (got, >=, 0);
  return got == awaited->pid;
}

int
tree_await (int pid)
{
  Awaited awaited = { .pid = pid };

  test_wait_until (NULL, has_ended, &awaited, "a program to end");
  return awaited.status;
}

void
tree_kill (int pid)
{
  kill (pid, SIGKILL);
  tree_await (pid);
}

typedef struct
{
  atomic_int *word;
  int         at_least;
} Word;

static gboolean
is_at_least (gpointer data)
{
  Word *word = data;

  return atomic_load (word->word) >= word->at_least;
}

void
tree_wait_word (atomic_int *word,
                int         at_least,
                const char *what)
{
  Word wanted = { word, at_least };

  test_wait_until (NULL, is_at_least, &wanted, what);
}

typedef struct
{
  TreeShared *shared;
  guint       n;
  gulong      target[TREE_THREADS];
} Counters;

static gboolean
have_counted (gpointer data)
{
  Counters *counters = data;

  for (guint i = 0; i < counters->n; i++)
    if (atomic_load (&counters->shared->counters[i]) < counters->target[i])
      return FALSE;
  return TRUE;
}

/* Each of the first n goes on from where it is. */
void
tree_wait_counters (TreeShared *shared,
                    guint       n,
                    gulong      further)
{
  Counters counters = { .shared = shared, .n = n };

  for (guint i = 0; i < n; i++)
    counters.target[i] = atomic_load (&shared->counters[i]) + further;
  test_wait_until (NULL, have_counted, &counters, "all threads to count on");
}

void
tree_attach (PinkTracer *tracer,
             int         pid)
{
  GError *error = NULL;
  gboolean result = pink_tracer_attach (tracer, pid, &error);

  g_assert_no_error (error);
  g_assert_true (result);
}

static void
on_detached (GObject      *source,
             GAsyncResult *result,
             gpointer      done)
{
  GError *error = NULL;
  gboolean so = pink_tracee_detach_finish (PINK_TRACEE (source), result, &error);

  g_assert_no_error (error);
  g_assert_true (so);
  *(gboolean *) done = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

void
tree_detach (PinkTracee *tracee,
             gboolean    leave_stopped)
{
  gboolean done = FALSE;

  pink_tracee_detach_async (tracee, leave_stopped, NULL, on_detached, &done);
  test_wait_until (NULL, is_true, &done, "a detach");
}

PinkTracee *
tree_find (PinkTracer *tracer,
           int         pid)
{
  GListModel *model = pink_tracer_get_tracees (tracer);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PinkTracee) tracee = g_list_model_get_item (model, i);

      if (pink_tracee_get_pid (tracee) == pid)
        return tracee;
    }
  return NULL;
}

/* ---- /proc ---- */

char
tree_state (int pid)
{
  TestProcess process;

  return test_process_get (pid, &process) ? process.state : '?';
}

typedef struct
{
  int         pid;
  const char *states;
} State;

static gboolean
is_in_state (gpointer data)
{
  State *state = data;

  return strchr (state->states, tree_state (state->pid)) != NULL;
}

void
tree_wait_state (int         pid,
                 const char *states)
{
  State state = { pid, states };

  if (!test_wait_for (NULL, is_in_state, &state, TEST_BOUND_S))
    g_error ("process %d is in state %c, not in one of %s", pid, tree_state (pid), states);
}

static guint
count_threads (int         pid,
               const char *states,
               gboolean    traced)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", pid);
  GDir *dir = g_dir_open (path, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      int tid = atoi (name);

      if (traced ? test_tracer_task_of (tid) != 0
                 : states == NULL || strchr (states, tree_state (tid)) != NULL)
        n++;
    }
  if (dir != NULL)
    g_dir_close (dir);
  return n;
}

guint
tree_count_threads (int         pid,
                    const char *states)
{
  return count_threads (pid, states, FALSE);
}

guint
tree_count_traced (int pid)
{
  return count_threads (pid, NULL, TRUE);
}

/* ---- the watch ---- */

static void
assert_known (TreeWatch  *watch,
              PinkTracee *tracee)
{
  g_assert_true (g_hash_table_contains (watch->alive, tracee));
}

static guint
position_in (GListModel *model,
             gpointer    item)
{
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GObject) other = g_list_model_get_item (model, i);

      if ((gpointer) other == item)
        return i;
    }
  return G_MAXUINT;
}

static void
on_added (PinkTracer *tracer,
          PinkTracee *tracee,
          TreeWatch  *watch)
{
  PinkTraceeBirth birth = pink_tracee_get_birth (tracee);
  PinkTracee *parent = pink_tracee_get_parent (tracee);

  g_assert_true (g_hash_table_add (watch->alive, g_object_ref (tracee)));
  g_ptr_array_add (watch->all, g_object_ref (tracee));
  watch->n_added++;
  watch->n_births[birth]++;
  watch->max_alive = MAX (watch->max_alive, g_hash_table_size (watch->alive));
  /* One that is lost has gone from the model before anything is said of it. */
  if (pink_tracee_get_state (tracee) != PINK_TRACEE_LOST && g_hash_table_size (watch->alive) < 100)
    g_assert_cmpuint (position_in (pink_tracer_get_tracees (tracer), tracee), !=, G_MAXUINT);
  if (birth == PINK_TRACEE_BIRTH_SPAWN)
    g_assert_null (parent);
  if (parent != NULL && g_hash_table_contains (watch->alive, parent))
    g_assert_cmpuint (position_in (pink_tracee_get_children (parent), tracee), !=, G_MAXUINT);
  g_assert_cmpint (pink_tracee_is_leader (tracee), ==,
                   pink_tracee_get_pid (tracee) == pink_tracee_get_tgid (tracee));
}

static void
forget (TreeWatch  *watch,
        PinkTracee *tracee)
{
  PinkTracee *parent = pink_tracee_get_parent (tracee);

  assert_known (watch, tracee);
  if (g_hash_table_size (watch->alive) < 100)
    g_assert_cmpuint (position_in (pink_tracer_get_tracees (watch->tracer), tracee), ==, G_MAXUINT);
  if (parent != NULL)
    g_assert_cmpuint (position_in (pink_tracee_get_children (parent), tracee), ==, G_MAXUINT);
  g_hash_table_remove (watch->alive, tracee);
}

static void
on_exited (PinkTracer *tracer,
           PinkTracee *tracee,
           int         wait_status,
           TreeWatch  *watch)
{
  forget (watch, tracee);
  watch->n_exited++;
  if (pink_tracee_get_superseder (tracee) != 0)
    watch->n_superseded++;
}

static void
on_let_go (PinkTracer *tracer,
           PinkTracee *tracee,
           TreeWatch  *watch)
{
  forget (watch, tracee);
  watch->n_detached++;
}

static void
on_lost (PinkTracer   *tracer,
         PinkTracee   *tracee,
         const GError *error,
         TreeWatch    *watch)
{
  forget (watch, tracee);
  watch->n_lost++;
}

static void
on_exec (PinkTracer *tracer,
         PinkTracee *tracee,
         int         former,
         TreeWatch  *watch)
{
  assert_known (watch, tracee);
  watch->n_execs++;
  g_assert_true (pink_tracee_is_leader (tracee));
}

static void
on_stopped (PinkTracer     *tracer,
            PinkTracee     *tracee,
            PinkStopReason  reason,
            TreeWatch      *watch)
{
  assert_known (watch, tracee);
  watch->n_stopped++;
}

static void
on_call (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         TreeWatch        *watch)
{
  assert_known (watch, pink_syscall_event_get_tracee (event));
  test_on_call (tracer, event, &watch->n_calls);
}

static void
on_finished (PinkTracer *tracer,
             TreeWatch  *watch)
{
  watch->n_finished++;
  g_assert_cmpuint (g_hash_table_size (watch->alive), ==, 0);
}

static void
on_items_changed (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  TreeWatch  *watch)
{
  g_assert_cmpuint (position + removed, <=, watch->model);
  watch->model += added - removed;
  g_assert_cmpuint (watch->model, ==, g_list_model_get_n_items (model));
}

TreeWatch *
tree_watch_new (PinkTracer *tracer,
                gboolean    calls)
{
  TreeWatch *watch = g_new0 (TreeWatch, 1);

  watch->tracer = g_object_ref (tracer);
  watch->alive = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  watch->all = g_ptr_array_new_with_free_func (g_object_unref);
  watch->calls = calls;
  watch->model = g_list_model_get_n_items (pink_tracer_get_tracees (tracer));
  g_signal_connect (tracer, "tracee-added", G_CALLBACK (on_added), watch);
  g_signal_connect (tracer, "exited", G_CALLBACK (on_exited), watch);
  g_signal_connect (tracer, "detached", G_CALLBACK (on_let_go), watch);
  g_signal_connect (tracer, "tracee-lost", G_CALLBACK (on_lost), watch);
  g_signal_connect (tracer, "exec", G_CALLBACK (on_exec), watch);
  g_signal_connect (tracer, "stopped", G_CALLBACK (on_stopped), watch);
  g_signal_connect (tracer, "finished", G_CALLBACK (on_finished), watch);
  g_signal_connect (pink_tracer_get_tracees (tracer), "items-changed",
                    G_CALLBACK (on_items_changed), watch);
  if (calls)
    {
      g_signal_connect (tracer, "syscall-enter", G_CALLBACK (on_call), watch);
      g_signal_connect (tracer, "syscall-exit", G_CALLBACK (on_call), watch);
    }
  return watch;
}

void
tree_watch_free (TreeWatch *watch)
{
  g_assert_cmpuint (g_hash_table_size (watch->alive), ==, 0);
  g_assert_cmpuint (watch->n_added, ==, watch->n_exited + watch->n_detached + watch->n_lost);
  g_assert_cmpuint (watch->model, ==, 0);
  g_signal_handlers_disconnect_by_data (pink_tracer_get_tracees (watch->tracer), watch);
  g_signal_handlers_disconnect_by_data (watch->tracer, watch);
  g_object_unref (watch->tracer);
  g_hash_table_unref (watch->alive);
  g_ptr_array_unref (watch->all);
  g_free (watch);
}

void
tree_run (PinkTracer *tracer,
          TreeShared *shared)
{
  test_run (tracer);
  if (shared != NULL && atomic_load (&shared->errors) != 0)
    g_error ("treeprog.c:%d was not as untraced, %d times", atomic_load (&shared->failed),
             atomic_load (&shared->errors));
}

TreeWatch *
tree_trace (gboolean    calls,
            TreeShared *shared,
            const char *deed,
            ...)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GPtrArray) argv = NULL;
  g_autoptr (PinkTracee) tracee = NULL;
  TreeWatch *watch = tree_watch_new (tracer, calls);
  va_list args;

  va_start (args, deed);
  argv = deed_argv (deed, args);
  va_end (args);
  tracee = g_object_ref (tree_spawnv (tracer, shared, -1, (const char * const *) argv->pdata));
  tree_run (tracer, shared);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, 0);
  g_assert_cmpuint (watch->n_finished, ==, 1);
  g_assert_cmpuint (watch->n_births[PINK_TRACEE_BIRTH_SPAWN], ==, 1);
  return watch;
}
