/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Running until no tracee is left, with or without waiting for it.
 */
#include "pinktrace-glib.h"

#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

/* What a run says at its end: the first tracee that was lost, once. */
static gboolean
end_result (PinkTracer  *self,
            GError     **error)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  if (priv->lost == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&priv->lost));
  return FALSE;
}

gboolean
_pink_tracer_is_done (PinkTracer *self)
{
  return _pink_tracer_is_idle (self) && _pink_tracer_get_private (self)->n_answering == 0;
}

/* Such a tracee goes on when its handlers have returned, so whoever calls from one of
 * them waits for it for ever. */
static gboolean
check_no_handler (PinkTracer  *self,
                  GError     **error)
{
  GListModel *tracees = G_LIST_MODEL (_pink_tracer_get_private (self)->tracees);

  for (guint i = 0; i < g_list_model_get_n_items (tracees); i++)
    {
      g_autoptr (PinkTracee) tracee = g_list_model_get_item (tracees, i);

      if (tracee->stopped && tracee->in_handler)
        {
          g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                       "Process %d waits for its handler to return, in which this was called: a run "
                       "would wait for it for ever. Let the handler return (hold keeps the process "
                       "stopped), use run_async, or a main loop that something else ends.",
                       tracee->pid);
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * pink_tracer_run:
 * @self: a tracer
 * @error: return location for an error
 *
 * Runs the tracer's main context until no tracee is left, or pink_tracer_quit()
 * is called. Programs that have a main loop do not need it.
 *
 * In Python, Ctrl-C ends it with KeyboardInterrupt; elsewhere it ends the
 * program, and with it its tracees.
 *
 * In a handler for whose return a tracee waits it fails at once, also where the call or
 * the tracee is held: neither goes on before the handler has returned. A #GMainLoop may be
 * run there, for other tracees and for all else, until something ends that.
 *
 * Returns: %TRUE if no tracee is left or pink_tracer_quit() was called; %FALSE
 *   with %PINK_TRACER_ERROR_TASK_DIED if a tracee was lost,
 *   %PINK_TRACER_ERROR_WRONG_STATE if another thread runs the context or a tracee
 *   waits for the handler in which it was called, or %PINK_TRACER_ERROR_FORKED
 *
 * Since: 1.0
 */
gboolean
pink_tracer_run (PinkTracer  *self,
                 GError     **error)
{
  g_autoptr (PinkTracer) held = NULL;
  PinkTracerPrivate *priv;
  guint quits;

  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  priv = _pink_tracer_get_private (self);
  if (!_pink_tracer_check (self, error))
    return FALSE;
  if (!g_main_context_acquire (priv->context))
    {
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                           "Another thread runs this tracer's main context: "
                           "the tracees are served there");
      return FALSE;
    }

  if (!check_no_handler (self, error))
    {
      g_main_context_release (priv->context);
      return FALSE;
    }
  held = g_object_ref (self);
  quits = priv->quits;
  while (!_pink_tracer_is_done (self) && priv->quits == quits)
    g_main_context_iteration (priv->context, TRUE);
  g_main_context_release (priv->context);
  return end_result (self, error);
}

/**
 * pink_tracer_quit:
 * @self: a tracer
 *
 * Lets all pink_tracer_run() and pink_tracer_run_async() that are under way
 * return. The tracees stay traced, and stand still at their next system call
 * that has a handler until the main context runs again.
 *
 * Since: 1.0
 */
void
pink_tracer_quit (PinkTracer *self)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));

  priv = _pink_tracer_get_private (self);
  priv->quits++;
  _pink_tracer_end_runs (self);
  g_main_context_wakeup (priv->context);
}

/* ---- without waiting ---- */

void
_pink_tracer_end_runs (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  GTask *task;

  while ((task = g_queue_pop_head (&priv->runs)) != NULL)
    {
      GSource *cancelled = g_task_get_task_data (task);
      GError *error = NULL;

      if (cancelled != NULL)
        g_source_destroy (cancelled);
      if (g_task_return_error_if_cancelled (task))
        ;
      else if (end_result (self, &error))
        g_task_return_boolean (task, TRUE);
      else
        g_task_return_error (task, error);
      g_object_unref (task);
    }
}

static gboolean
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  GTask *task = user_data;
  PinkTracer *self = g_task_get_source_object (task);

  if (g_queue_remove (&_pink_tracer_get_private (self)->runs, task))
    {
      g_task_return_error_if_cancelled (task);
      g_object_unref (task);
    }
  return G_SOURCE_REMOVE;
}

/**
 * pink_tracer_run_async:
 * @self: a tracer
 * @cancellable: (nullable): to stop waiting; the tracees stay traced
 * @callback: (scope async): called in the thread's default main context
 * @user_data: (closure): for @callback
 *
 * Calls back when no tracee is left, or pink_tracer_quit() is called. The main
 * context has to be run by somebody. Until then this keeps the tracer alive.
 *
 * Since: 1.0
 */
void
pink_tracer_run_async (PinkTracer           *self,
                       GCancellable         *cancellable,
                       GAsyncReadyCallback   callback,
                       gpointer              user_data)
{
  PinkTracerPrivate *priv;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (PINK_IS_TRACER (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  priv = _pink_tracer_get_private (self);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, pink_tracer_run_async);
  if (!_pink_tracer_check (self, &error))
    g_task_return_error (task, error);
  else if (g_task_return_error_if_cancelled (task))
    ;
  else if (_pink_tracer_is_done (self))
    g_task_return_boolean (task, TRUE);
  else
    {
      if (cancellable != NULL)
        {
          GSource *source = g_cancellable_source_new (cancellable);

          g_task_set_task_data (task, source, (GDestroyNotify) g_source_unref);
          g_task_attach_source (task, source, G_SOURCE_FUNC (on_cancelled));
        }
      g_queue_push_tail (&priv->runs, g_steal_pointer (&task));
    }
}

/**
 * pink_tracer_run_finish:
 * @self: a tracer
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends pink_tracer_run_async().
 *
 * Returns: as pink_tracer_run(); %FALSE with %G_IO_ERROR_CANCELLED if it was cancelled
 *
 * Since: 1.0
 */
gboolean
pink_tracer_run_finish (PinkTracer    *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
