/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-filter-private.h"
#include "pink-spawn-private.h"
#include "pink-text-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COMM_LENGTH 15 /* of a command's name, proc_pid_comm(5) */

/* A plain string where a list was meant arrives as one argument a letter. */
static gboolean
is_spelt_out (const char * const *argv)
{
  guint n = g_strv_length ((char **) argv);

  for (guint i = 0; i < n; i++)
    if (!g_utf8_validate (argv[i], -1, NULL) || g_utf8_strlen (argv[i], -1) != 1)
      return FALSE;
  return n > 1;
}

static void
set_not_found (GError             **error,
               const char * const  *argv)
{
  g_autofree char *name = _pink_text_escape_string (argv[0]);

  if (is_spelt_out (argv))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "Cannot run \"%s\": there is no such program. Every argument is a single "
                 "letter: was a string given where a list of strings is wanted?", name);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "Cannot run \"%s\": there is no such program in the directories of PATH "
                 "(one that lies elsewhere is named by its path, with a slash)", name);
}

/* In PATH there may be one that is not executable: say so. */
static char *
find_in_path (const char *name)
{
  const char *path = g_getenv ("PATH");
  g_auto (GStrv) directories = g_strsplit (path != NULL ? path : "/bin:/usr/bin", ":", -1);

  for (guint i = 0; directories[i] != NULL; i++)
    {
      g_autofree char *file = g_build_filename (directories[i], name, NULL);

      if (g_file_test (file, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&file);
    }
  return NULL;
}

static void
set_not_executable (GError     **error,
                    const char  *name,
                    const char  *file)
{
  const PinkLaunch launch = { .path = file };
  g_autofree char *hint = _pink_spawn_hint (&launch, EACCES);
  g_autofree char *shown = _pink_text_escape_string (name);
  g_autofree char *shown_file = _pink_text_escape_string (file);

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
               "Cannot run \"%s\": %s for \"%s\", which PATH leads to%s", shown,
               g_strerror (EACCES), shown_file, hint);
}

static char *
find_program (const char * const  *argv,
              GError             **error)
{
  g_autofree char *found = NULL;
  g_autofree char *closed = NULL;

  if (strchr (argv[0], '/') != NULL)
    return g_strdup (argv[0]);
  found = g_find_program_in_path (argv[0]);
  if (found != NULL)
    return g_canonicalize_filename (found, NULL);
  closed = argv[0][0] != '\0' ? find_in_path (argv[0]) : NULL;
  if (closed != NULL)
    set_not_executable (error, argv[0], closed);
  else
    set_not_found (error, argv);
  return NULL;
}

/* ---- what went wrong, in words ---- */

static void
set_exec_error (GError           **error,
                const PinkLaunch  *launch,
                const char        *path,
                int                errsv)
{
  g_autofree char *hint = _pink_spawn_hint (launch, errsv);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv),
               "Cannot run \"%s\": %s%s", path, g_strerror (errsv), hint);
}

static void
set_chdir_error (GError     **error,
                 const char  *directory,
                 const char  *path,
                 int          errsv)
{
  g_autofree char *shown = _pink_text_escape_string (directory);

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errsv),
               "Cannot start \"%s\" in the directory \"%s\": %s", path, shown, g_strerror (errsv));
}

static void
set_seize_error (GError     **error,
                 const char  *path,
                 int          errsv)
{
  g_autofree char *command = NULL;
  int tracer = errsv == EPERM ? _pink_own_tracer (&command) : 0;
  int scope = _pink_yama_scope ();

  if (tracer > 0)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED,
                 "Cannot trace \"%s\": process %d (%s) traces this program with all that it starts, and "
                 "there can be only one. Run this program without that, or that without following forks.",
                 path, tracer, command);
  else if (errsv == EPERM && scope >= 2)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED,
                 "Cannot trace \"%s\": this system lets %s (kernel.yama.ptrace_scope is %d).%s",
                 path, scope == 2 ? "only root trace" : "nobody trace, until it is started again",
                 scope, scope == 2 ? " Run as root, or set it to 1 as root." : "");
  else if (errsv == EPERM || errsv == EACCES)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED,
                 "Cannot trace \"%s\": the system does not permit it. A container's filter may "
                 "refuse ptrace (Docker: --cap-add=SYS_PTRACE)", path);
  else
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED,
                 "Cannot trace \"%s\": %s", path, g_strerror (errsv));
}

void
_pink_set_task_error (GError     **error,
                      const char  *what,
                      int          errsv)
{
  const char *hint = errsv == EMFILE ? "; too many descriptors are open (ulimit -n)"
                     : errsv == ENFILE ? "; too many files are open on this system (fs.file-max)"
                     : errsv == EAGAIN ? "; this user has too many processes (ulimit -u)"
                     : errsv == EPERM ? "; a filter of a container or of this process refuses it"
                                      : "";

  g_set_error (error, PINK_TRACER_ERROR,
               errsv == EPERM ? PINK_TRACER_ERROR_NOT_PERMITTED : PINK_TRACER_ERROR_FAILED,
               "Cannot %s: %s%s", what, g_strerror (errsv), hint);
}

static void
set_killed_error (GError     **error,
                  const char  *path,
                  int          status)
{
  gboolean by_signal = WIFSIGNALED (status);

  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED,
               "Cannot run \"%s\": its process %s %d before it could start", path,
               by_signal ? "was ended by signal" : "exited with status",
               by_signal ? WTERMSIG (status) : WEXITSTATUS (status));
}

static void
set_launch_error (GError                 **error,
                  const PinkLaunch        *launch,
                  const PinkLaunchResult  *result)
{
  g_autofree char *path = _pink_text_escape_string (launch->path);

  switch (result->stage)
    {
    case PINK_STAGE_PREPARE:
      _pink_set_task_error (error, "prepare a tracer task", result->error);
      break;
    case PINK_STAGE_TASK:
      _pink_set_task_error (error, "make a tracer task", result->error);
      break;
    case PINK_STAGE_FORK:
      _pink_set_task_error (error, "make a process for the program", result->error);
      break;
    case PINK_STAGE_SEIZE:
      set_seize_error (error, path, result->error);
      break;
    case PINK_STAGE_FD:
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (result->error),
                   "Cannot give \"%s\" descriptor %d as its %d: %s", path,
                   launch->fds[result->detail].source, launch->fds[result->detail].target,
                   g_strerror (result->error));
      break;
    case PINK_STAGE_CHDIR:
      set_chdir_error (error, launch->directory, path, result->error);
      break;
    case PINK_STAGE_USER:
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED,
                   "Cannot run \"%s\" as another user: %s. Only root can do that.", path,
                   g_strerror (result->error));
      break;
    case PINK_STAGE_FILTER:
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED,
                   "Cannot start \"%s\" with a filter for the calls that were chosen: %s", path,
                   g_strerror (result->error));
      break;
    case PINK_STAGE_EXEC:
      set_exec_error (error, launch, path, result->error);
      break;
    case PINK_STAGE_KILLED:
      set_killed_error (error, path, result->detail);
      break;
    case PINK_STAGE_NONE:
    case PINK_STAGE_TASK_DIED:
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED,
                   "Cannot run \"%s\": the tracer task was killed from outside", path);
      break;
    }
}

/* ---- doing it ---- */

static void
keep_strings (PinkSnapshot       *snapshot,
              const char * const *strings)
{
  gsize n = 0;

  for (; strings[n] != NULL; n++)
    _pink_snapshot_add (snapshot, (guint64) (guintptr) strings[n], strings[n],
                        strlen (strings[n]) + 1);
  _pink_snapshot_add (snapshot, (guint64) (guintptr) strings, strings,
                      (n + 1) * sizeof strings[0]);
}

/* The execve is ours, so its arguments lie in our memory: when it is emitted,
 * the caller may long have freed them. */
static PinkSnapshot *
keep_launch (const PinkLaunch *launch)
{
  PinkSnapshot *snapshot = _pink_snapshot_new ();

  _pink_snapshot_add (snapshot, (guint64) (guintptr) launch->path, launch->path,
                      strlen (launch->path) + 1);
  keep_strings (snapshot, launch->argv);
  keep_strings (snapshot, launch->envp);
  return snapshot;
}

static gboolean
check_fds (const PinkSpawnPlan  *plan,
           GError              **error)
{
  for (size_t i = 0; i < plan->n_fds; i++)
    if (plan->fds[i].target < 0)
      {
        g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                     "%d is no descriptor that a program can have", plan->fds[i].target);
        return FALSE;
      }
  return TRUE;
}

PinkTracee *
_pink_spawn (PinkTracer           *tracer,
             const PinkSpawnPlan  *plan,
             GError              **error)
{
  PinkLaunch launch = { .argv = plan->argv, .envp = plan->envp, .directory = plan->directory,
                        .fds = plan->fds, .n_fds = plan->n_fds, .as_user = plan->user != NULL };
  PinkLaunchResult result;
  g_autofree struct sock_fprog *filter = NULL;
  g_autoptr (GBytes) filtered = NULL;
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  PinkTracee *tracee;
  PinkSlot *slot;

  if (!_pink_tracer_check (tracer, error))
    return NULL;
  if (plan->argv == NULL || plan->argv[0] == NULL)
    {
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                           "There is no program to run: the list of arguments is empty; "
                           "its first is the program");
      return NULL;
    }
  path = find_program (plan->argv, error);
  if (path == NULL || !check_fds (plan, error))
    return NULL;

  launch.path = path;
  if (plan->user != NULL)
    {
      launch.uid = plan->user->uid;
      launch.gid = plan->user->gid;
      launch.groups = (const gid_t *) (gconstpointer) plan->user->groups->data;
      launch.n_groups = plan->user->groups->len;
    }
  filter = _pink_tracer_make_filter (tracer, &filtered);
  launch.filter = filter;
  _pink_handled_refresh (tracer); /* which stops there are to be, and that for good */
  slot = pink_engine_spawn (_pink_tracer_get_private (tracer)->engine, &launch, &result);
  if (filter != NULL)
    g_free (filter->filter);
  if (slot == NULL)
    {
      set_launch_error (error, &launch, &result);
      return NULL;
    }
  name = g_path_get_basename (path);
  if (strlen (name) > COMM_LENGTH)
    name[COMM_LENGTH] = '\0';
  tracee = _pink_tracer_add (tracer, slot, NULL, keep_launch (&launch), name);
  tracee->filtered = g_steal_pointer (&filtered);
  tracee->launch_arguments[0] = (guint64) (guintptr) launch.path;
  tracee->launch_arguments[1] = (guint64) (guintptr) launch.argv;
  tracee->launch_arguments[2] = (guint64) (guintptr) launch.envp;
  return tracee;
}
