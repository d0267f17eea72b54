/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Waiting for the end of a tracee.
 */
#include "pinktrace-glib.h"

#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

static void
give_answer (GTask *task)
{
  PinkTracee *self = g_task_get_source_object (task);

  if (g_task_return_error_if_cancelled (task))
    ;
  else if (self->state == PINK_TRACEE_EXITED)
    g_task_return_boolean (task, TRUE);
  else if (self->state == PINK_TRACEE_DETACHED)
    g_task_return_new_error (task, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE,
                             "Process %d was let go, and how it ends is not known here",
                             self->pid);
  else
    g_task_return_new_error (task, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED,
                             "The trace ended before process %d did: the tracer was disposed of, "
                             "or its tracer task killed from outside", self->pid);
}

void
_pink_tracee_end_waits (PinkTracee *self)
{
  GTask *task;

  while ((task = g_queue_pop_head (&self->waits)) != NULL)
    {
      GSource *cancelled = g_task_get_task_data (task);

      if (cancelled != NULL)
        g_source_destroy (cancelled);
      give_answer (task);
      g_object_unref (task);
    }
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  GTask *task = user_data;
  PinkTracee *self = g_task_get_source_object (task);

  if (g_queue_remove (&self->waits, task))
    {
      g_task_return_error_if_cancelled (task);
      g_object_unref (task);
    }
  return G_SOURCE_REMOVE;
}

/**
 * pink_tracee_wait_async:
 * @self: a tracee
 * @cancellable: (nullable): to stop waiting; the tracee stays traced
 * @callback: (scope async): called when the tracee has ended
 * @user_data: (closure): for @callback
 *
 * Waits for the end of this one tracee, a thread. The callback comes after
 * #PinkTracer::exited; pink_tracee_get_wait_status() then tells how it ended. The
 * main context has to be run by somebody.
 *
 * Since: 1.0
 */
void
pink_tracee_wait_async (PinkTracee           *self,
                        GCancellable         *cancellable,
                        GAsyncReadyCallback   callback,
                        gpointer              user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (PINK_IS_TRACEE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, pink_tracee_wait_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (self->tracer == NULL)
    {
      give_answer (task);
      return;
    }
  if (!_pink_tracer_check (self->tracer, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (cancellable != NULL)
    {
      GSource *source = g_cancellable_source_new (cancellable);

      g_task_set_task_data (task, source, (GDestroyNotify) g_source_unref);
      g_task_attach_source (task, source, G_SOURCE_FUNC (on_cancelled));
    }
  g_queue_push_tail (&self->waits, g_steal_pointer (&task));
}

/**
 * pink_tracee_wait_finish:
 * @self: a tracee
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends pink_tracee_wait_async().
 *
 * Returns: %TRUE if the tracee has ended, or %FALSE with %PINK_TRACER_ERROR_GONE
 *   if it was let go, %PINK_TRACER_ERROR_TASK_DIED if the trace ended before it,
 *   %PINK_TRACER_ERROR_FORKED, %G_IO_ERROR_CANCELLED
 *
 * Since: 1.0
 */
gboolean
pink_tracee_wait_finish (PinkTracee    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
