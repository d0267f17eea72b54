/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Letting processes go. A process is let go thread by thread, each at its next
 * stop; nobody waits for that here.
 */
#include "pinktrace-glib.h"

#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

/* A process on its way out, in PinkTracerPrivate.detaches until none of its
 * threads is traced any more. */
typedef struct
{
  int       tgid;
  gboolean  leave_stopped;
  GTask    *task; /* NULL for detach_all() */
} Detach;

static void
ask (PinkTracee *tracee,
     gboolean    leave_stopped)
{
  tracee->detaching = TRUE;
  /* ESRCH: it has ended, and the message is on the way. */
  pink_slot_request (tracee->slot, PINK_REQUEST_DETACH, (guint64) leave_stopped, NULL, NULL);
  if (tracee->stopped && !tracee->in_handler)
    _pink_tracee_go (tracee);
}

static gboolean
is_traced (PinkTracer *tracer,
           int         tgid,
           void      (*func) (PinkTracee *tracee, gboolean leave_stopped),
           gboolean    leave_stopped)
{
  GListModel *tracees = pink_tracer_get_tracees (tracer);
  guint n = g_list_model_get_n_items (tracees);
  gboolean found = FALSE;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PinkTracee) tracee = g_list_model_get_item (tracees, i);

      /* One that has ended is there until all have been told. */
      if (tracee->tgid != tgid || tracee->slot == NULL)
        continue;
      found = TRUE;
      if (func != NULL)
        func (tracee, leave_stopped);
    }
  return found;
}

static void
begin (PinkTracer *tracer,
       int         tgid,
       gboolean    leave_stopped,
       GTask      *task)
{
  Detach *detach = g_new0 (Detach, 1);

  detach->tgid = tgid;
  detach->leave_stopped = leave_stopped;
  detach->task = task;
  g_ptr_array_add (_pink_tracer_get_private (tracer)->detaches, detach);
  is_traced (tracer, tgid, ask, leave_stopped);
}

void
_pink_detach_late (PinkTracer *self,
                   PinkTracee *tracee)
{
  GPtrArray *detaches = _pink_tracer_get_private (self)->detaches;

  for (guint i = 0; i < detaches->len; i++)
    {
      Detach *detach = g_ptr_array_index (detaches, i);

      if (detach->tgid == tracee->tgid)
        ask (tracee, detach->leave_stopped);
    }
}

static void
finish (Detach *detach,
        GError *error)
{
  if (detach->task == NULL)
    g_clear_error (&error);
  else if (error != NULL)
    g_task_return_error (detach->task, error);
  else
    g_task_return_boolean (detach->task, TRUE);
  g_clear_object (&detach->task);
  g_free (detach);
}

void
_pink_detach_ended (PinkTracer *self,
                    PinkTracee *tracee)
{
  GPtrArray *detaches = _pink_tracer_get_private (self)->detaches;

  if (detaches->len == 0 || is_traced (self, tracee->tgid, NULL, FALSE))
    return;
  for (guint i = detaches->len; i-- > 0;)
    if (((Detach *) g_ptr_array_index (detaches, i))->tgid == tracee->tgid)
      finish (g_ptr_array_remove_index_fast (detaches, i), NULL);
}

void
_pink_detach_end_all (PinkTracer *self)
{
  GPtrArray *detaches = _pink_tracer_get_private (self)->detaches;

  while (detaches->len > 0)
    {
      Detach *detach = g_ptr_array_remove_index_fast (detaches, detaches->len - 1);
      PinkTracee *tracee = detach->task != NULL ? g_task_get_source_object (detach->task) : NULL;
      GError *error = NULL;

      if (tracee != NULL && !tracee->lives_on)
        error = g_error_new (PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED,
                             "Process %d was not let go: the tracer was disposed of before that, "
                             "and kills what it has started (see PinkTracer:exit-kill)",
                             tracee->tgid);
      finish (detach, error);
    }
}

/**
 * pink_tracee_detach_async:
 * @self: a tracee
 * @leave_stopped: whether to leave it stopped, as by SIGSTOP, for a debugger
 * @cancellable: (nullable): to have the callback called with an error; it is let
 *   go all the same
 * @callback: (scope async): called when it has been let go
 * @user_data: (closure): for @callback
 *
 * Lets the tracee's process go, with all its threads: it goes on, untraced,
 * exactly as it was, also if it was held. What it has made stays traced.
 *
 * A thread is let go when it stops next, which is at once, except where it waits
 * in vfork(2) for a child that does not go on.
 *
 * Since: 1.0
 */
void
pink_tracee_detach_async (PinkTracee           *self,
                          gboolean              leave_stopped,
                          GCancellable         *cancellable,
                          GAsyncReadyCallback   callback,
                          gpointer              user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (PINK_IS_TRACEE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, pink_tracee_detach_async);
  if (self->tracer == NULL)
    g_task_return_error (task, _pink_tracee_gone_error (self));
  else if (!_pink_tracer_check (self->tracer, &error))
    g_task_return_error (task, error);
  else if (self->filtered != NULL)
    g_task_return_new_error (task, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FILTERED,
                             "Process %d cannot be let go: it has a filter for the calls that were "
                             "chosen, and these would fail. To let programs go, start them before "
                             "choosing, or turn PinkTracer:exit-kill off", self->pid);
  else
    begin (self->tracer, self->tgid, leave_stopped, g_steal_pointer (&task));
}

/**
 * pink_tracee_detach_finish:
 * @self: a tracee
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends pink_tracee_detach_async().
 *
 * Returns: %TRUE if the process is no longer traced: it was let go, or has
 *   ended meanwhile; %FALSE with %PINK_TRACER_ERROR_GONE if it was not traced
 *   before, %PINK_TRACER_ERROR_TASK_DIED if the tracer was disposed of before
 *   that and has killed it, %PINK_TRACER_ERROR_FILTERED if it cannot live without its
 *   tracer, %PINK_TRACER_ERROR_FORKED, %G_IO_ERROR_CANCELLED
 *
 * Since: 1.0
 */
gboolean
pink_tracee_detach_finish (PinkTracee    *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * pink_tracer_detach_all:
 * @self: a tracer
 *
 * Lets all tracees go, but for those that have a filter (see
 * pink_tracer_set_syscalls()). #PinkTracer::detached tells of each, and
 * #PinkTracer::finished of the last.
 *
 * Since: 1.0
 */
void
pink_tracer_detach_all (PinkTracer *self)
{
  g_autoptr (GArray) tgids = NULL;
  GListModel *tracees;
  guint n;

  g_return_if_fail (PINK_IS_TRACER (self));

  if (!_pink_tracer_check (self, NULL))
    return;
  tgids = g_array_new (FALSE, FALSE, sizeof (int));
  tracees = pink_tracer_get_tracees (self);
  n = g_list_model_get_n_items (tracees);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PinkTracee) tracee = g_list_model_get_item (tracees, i);

      if (!tracee->detaching && tracee->slot != NULL && tracee->filtered == NULL)
        g_array_append_val (tgids, tracee->tgid);
    }
  for (guint i = 0; i < tgids->len; i++)
    begin (self, g_array_index (tgids, int, i), FALSE, NULL);
}
