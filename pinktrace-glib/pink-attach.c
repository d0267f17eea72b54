/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Attaching to a process that runs already, and saying why that is refused.
 */
#include "pinktrace-glib.h"

#include "pink-text-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A line of /proc/PID/status, as a number; -1 where there is none. */
static int
status_number (int         pid,
               const char *key)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *contents = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (file, &contents, NULL, NULL))
    return -1;
  lines = g_strsplit (contents, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], key) && lines[i][strlen (key)] == ':')
      return atoi (lines[i] + strlen (key) + 1);
  return -1;
}

/* Its first thread has; others may go on. */
static gboolean
has_ended (int pid)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/status", pid);
  g_autofree char *contents = NULL;

  return g_file_get_contents (file, &contents, NULL, NULL) &&
         (strstr (contents, "\nState:\tZ") != NULL || strstr (contents, "\nState:\tX") != NULL);
}

static char *
command_of (int pid)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/comm", pid);
  g_autofree char *contents = NULL;
  gsize length;

  if (!g_file_get_contents (file, &contents, &length, NULL))
    return g_strdup ("?");
  return _pink_text_escape (contents, length > 0 ? length - 1 : 0);
}

static char *
user_name (uid_t uid)
{
  struct passwd *entry = getpwuid (uid);
  g_autofree char *name = entry != NULL ? _pink_text_escape_string (entry->pw_name) : NULL;

  return name != NULL ? g_strdup_printf ("user %s", name)
                      : g_strdup_printf ("user number %u", uid);
}

int
_pink_yama_scope (void)
{
  g_autofree char *contents = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/yama/ptrace_scope", &contents, NULL, NULL))
    return 0;
  return atoi (contents);
}

int
_pink_own_tracer (char **command)
{
  int tracer = status_number (getpid (), "TracerPid");

  *command = tracer > 0 ? command_of (tracer) : NULL;
  return MAX (tracer, 0);
}

/* A kernel thread has no program, and nobody may even look for one. */
static gboolean
is_kernel_thread (int pid)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/cmdline", pid);
  g_autofree char *contents = NULL;
  gsize length = 0;
  int parent = status_number (pid, "PPid");

  return (parent == 2 || (parent == 0 && pid == 2)) &&
         g_file_get_contents (file, &contents, &length, NULL) && length == 0;
}

static void
set_not_permitted (int      pid,
                   GError **error)
{
  g_autofree char *command = command_of (pid);
  g_autofree char *directory = g_strdup_printf ("/proc/%d", pid);
  g_autofree char *user = NULL;
  int uid = status_number (pid, "Uid");
  int scope = _pink_yama_scope ();
  struct stat st;

  if (uid >= 0 && geteuid () != 0 && (uid_t) uid != getuid ())
    {
      user = user_name ((uid_t) uid);
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED,
                   "Cannot trace process %d (%s): it belongs to %s. Run as that user or as root.",
                   pid, command, user);
    }
  else if (scope == 1)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED,
                 "Cannot trace process %d (%s): this system only lets a process trace its own "
                 "descendants (kernel.yama.ptrace_scope is 1). Start the program with the tracer "
                 "instead, or set it to 0 as root.", pid, command);
  else if (scope >= 2)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED,
                 "Cannot trace process %d (%s): this system lets %s (kernel.yama.ptrace_scope "
                 "is %d).%s", pid, command,
                 scope == 2 ? "only root trace" : "nobody trace, until it is started again", scope,
                 scope == 2 ? " Run as root, or set it to 0 as root." : "");
  else if (geteuid () != 0 && stat (directory, &st) == 0 && st.st_uid != geteuid ())
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED,
                 "Cannot trace process %d (%s): it has rights that you have not (a set-user-ID "
                 "program, or one that protects itself by PR_SET_DUMPABLE). Run as root.",
                 pid, command);
  else
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED,
                 "Cannot trace process %d (%s): the system does not permit it. A container's "
                 "filter may refuse ptrace (Docker: --cap-add=SYS_PTRACE), or the process has "
                 "rights that this one has not.", pid, command);
}

/* A tracer task is a process to the kernel, which would let it stop its own
 * application for ever. */
static gboolean
is_task_of (int pid,
            int application)
{
  g_autofree char *command = command_of (pid);

  return status_number (pid, "PPid") == application && g_str_equal (command, "pink-tracer");
}

/* Its task is ours, and to be named by the way out that we have. */
static void
set_traced_by_us (PinkTracer  *self,
                  int          pid,
                  const char  *command,
                  GError     **error)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  GListModel *tracees = G_LIST_MODEL (priv->tracees);
  gboolean by_this = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (tracees); i++)
    {
      g_autoptr (PinkTracee) tracee = g_list_model_get_item (tracees, i);

      by_this |= tracee->pid == pid || tracee->tgid == pid;
    }
  if (by_this)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_ALREADY_TRACED,
                 "Cannot trace process %d (%s): this tracer traces it already, and has it among its "
                 "tracees", pid, command);
  else
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_ALREADY_TRACED,
                 "Cannot trace process %d (%s): %s of this program traces it already, and there can "
                 "be only one. Let it go there first (detach_async).", pid, command,
                 priv->n_attaching > 0 ? "a tracer" : "another tracer");
}

static void
set_refused (PinkTracer  *self,
             int          pid,
             GError     **error)
{
  int tracer = status_number (pid, "TracerPid");
  g_autofree char *command = command_of (pid);

  if (tracer > 0 && is_task_of (tracer, getpid ()))
    set_traced_by_us (self, pid, command, error);
  else if (tracer > 0)
    {
      g_autofree char *tracer_command = command_of (tracer);

      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_ALREADY_TRACED,
                   "Cannot trace process %d (%s): process %d (%s) traces it already, and there "
                   "can be only one. End that first.", pid, command, tracer, tracer_command);
    }
  else if (has_ended (pid))
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NO_SUCH_PROCESS,
                 "Cannot trace process %d (%s): it has ended, and only its parent has not asked "
                 "how yet", pid, command);
  else if (is_kernel_thread (pid))
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_KERNEL_THREAD,
                 "Cannot trace process %d (%s): it is a thread of the kernel's own", pid, command);
  else
    set_not_permitted (pid, error);
}

static void
set_attach_error (PinkTracer              *self,
                  int                      pid,
                  const PinkLaunchResult  *result,
                  GError                 **error)
{
  if (result->stage == PINK_STAGE_TASK_DIED)
    g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED,
                         "Cannot make a tracer task: it was killed from outside");
  else if (result->stage != PINK_STAGE_SEIZE)
    _pink_set_task_error (error, "make a tracer task", result->error);
  else if (result->error == ESRCH)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NO_SUCH_PROCESS,
                 "Cannot trace process %d: there is no such process (any more)", pid);
  else if (result->error == EPERM || result->error == EACCES)
    set_refused (self, pid, error);
  else
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED,
                 "Cannot trace process %d: %s", pid, g_strerror (result->error));
}

static gboolean
check_pid (int      pid,
           GError **error)
{
  int tgid, our_tracer;

  if (pid <= 0)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "%d is no process: their numbers are greater than 0", pid);
      return FALSE;
    }
  tgid = status_number (pid, "Tgid");
  if (tgid < 0)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NO_SUCH_PROCESS,
                   "Cannot trace process %d: there is no such process (any more)", pid);
      return FALSE;
    }
  our_tracer = status_number (getpid (), "TracerPid");
  if (tgid == getpid () || is_task_of (tgid, getpid ()))
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_SELF,
                   "Cannot trace process %d: it is this one, and would stop itself for ever", pid);
      return FALSE;
    }
  if (our_tracer > 0 && (our_tracer == tgid || status_number (our_tracer, "Tgid") == tgid ||
                         is_task_of (our_tracer, tgid)))
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_OWN_TRACER,
                   "Cannot trace process %d: it traces this one, and each would wait for the other",
                   pid);
      return FALSE;
    }
  return TRUE;
}

/**
 * pink_tracer_attach:
 * @self: a tracer
 * @pid: a process, or one of its threads
 * @error: return location for an error
 *
 * Traces a process that runs already, with all its threads. Returns when the
 * kernel has accepted that, which is at once; #PinkTracer::tracee-added then
 * tells of each thread. A call that it waits in is begun again, unseen by the
 * program. pink_tracee_detach_async() lets it go; it is let go, too, when the
 * tracer or its process ends.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_NO_SUCH_PROCESS,
 *   %PINK_TRACER_ERROR_NOT_PERMITTED, %PINK_TRACER_ERROR_ALREADY_TRACED,
 *   %PINK_TRACER_ERROR_KERNEL_THREAD, %PINK_TRACER_ERROR_SELF,
 *   %PINK_TRACER_ERROR_OWN_TRACER, %PINK_TRACER_ERROR_FORKED
 *
 * Since: 1.0
 */
gboolean
pink_tracer_attach (PinkTracer  *self,
                    int          pid,
                    GError     **error)
{
  PinkTracerPrivate *priv;
  PinkLaunchResult result;
  int tgid;

  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!_pink_tracer_check (self, error) || !check_pid (pid, error))
    return FALSE;
  priv = _pink_tracer_get_private (self);
  tgid = status_number (pid, "Tgid");
  _pink_handled_refresh (self);
  if (!pink_engine_attach (priv->engine, tgid > 0 ? tgid : pid, &result))
    {
      set_attach_error (self, pid, &result, error);
      return FALSE;
    }
  priv->n_attaching++;
  return TRUE;
}

/* Its callback has been called. */
static void
on_answered (GTask      *task,
             GParamSpec *spec,
             PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  priv->n_answering--;
  if (!_pink_tracer_is_done (self))
    return;
  _pink_tracer_end_runs (self);
  g_main_context_wakeup (priv->context);
}

/* Whoever runs until no tracee is left hears first why there is none. */
static void
wait_for_answer (PinkTracer *self,
                 GTask      *task)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  if (g_task_get_context (task) != priv->context)
    return;
  priv->n_answering++;
  g_signal_connect (task, "notify::completed", G_CALLBACK (on_answered), self);
}

/**
 * pink_tracer_attach_async:
 * @self: a tracer
 * @pid: a process, or one of its threads
 * @cancellable: (nullable): to have it not done
 * @callback: (scope async): called when it is traced, or cannot be
 * @user_data: (closure): for @callback
 *
 * Does what pink_tracer_attach() does, with the answer in a callback, for which
 * pink_tracer_run() waits.
 *
 * Since: 1.0
 */
void
pink_tracer_attach_async (PinkTracer           *self,
                          int                   pid,
                          GCancellable         *cancellable,
                          GAsyncReadyCallback   callback,
                          gpointer              user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (PINK_IS_TRACER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, pink_tracer_attach_async);
  wait_for_answer (self, task);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (pink_tracer_attach (self, pid, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * pink_tracer_attach_finish:
 * @self: a tracer
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends pink_tracer_attach_async().
 *
 * Returns: as pink_tracer_attach()
 *
 * Since: 1.0
 */
gboolean
pink_tracer_attach_finish (PinkTracer    *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
