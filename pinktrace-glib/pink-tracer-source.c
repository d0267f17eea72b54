/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The tracer's one GSource: takes what the tracer tasks report, emits the
 * signals, and gives the answers. All emission happens here.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

/* After this long other sources have their turn. */
#define SLICE_US 4000

typedef struct
{
  GSource     source;
  GPollFD     bell;
  PinkEngine *engine;
  GWeakRef    tracer; /* the last reference may go in another thread */
} TracerSource;

/* ---- one message ---- */

static gboolean
is_open (PinkTracer *self)
{
  return _pink_tracer_get_private (self)->engine != NULL;
}

static void
emit (PinkTracer       *self,
      guint             signal,
      PinkSyscallEvent *event)
{
  _pink_tracer_get_private (self)->n_emissions++;
  event->tracee->state = PINK_TRACEE_STOPPED;
  g_signal_emit (self, _pink_tracer_signals[signal], _pink_handled_quark (event->stop.row), event);
  if (event->tracee->state == PINK_TRACEE_STOPPED)
    event->tracee->state = PINK_TRACEE_RUNNING;
}

static void
enter (PinkTracer       *self,
       PinkSyscallEvent *event)
{
  _pink_syscall_event_set_state (event, PINK_SYSCALL_ENTRY);
  if (_pink_syscall_event_is_execve (event))
    _pink_syscall_event_capture (event);
  emit (self, PINK_SIGNAL_SYSCALL_ENTER, event);
  _pink_syscall_event_set_state (event, PINK_SYSCALL_RUNNING);
}

static void
leave (PinkTracer       *self,
       PinkSyscallEvent *event,
       const PinkStop   *stop)
{
  _pink_syscall_event_set_result (event, stop);
  _pink_syscall_event_set_state (event, PINK_SYSCALL_EXIT);
  emit (self, PINK_SIGNAL_SYSCALL_EXIT, event);
  _pink_syscall_event_set_state (event, PINK_SYSCALL_FINISHED);
}

/* Its entry was hours ago as the tracee counts: shown from what was kept then. */
static void
launched (PinkTracer     *self,
          PinkTracee     *tracee,
          const PinkStop *stop)
{
  g_autoptr (PinkSyscallEvent) event = _pink_syscall_event_new (tracee, stop);

  event->is_launch = TRUE;
  event->snapshot = g_steal_pointer (&tracee->launch);
  enter (self, event);
  if (is_open (self))
    leave (self, event, stop);
}

static void
serve_stop (PinkTracer *self,
            PinkSlot   *slot)
{
  g_autoptr (PinkTracee) tracee = g_object_ref (pink_slot_get_user (slot));
  const PinkStop *stop = pink_slot_get_stop (slot);
  g_autoptr (PinkSyscallEvent) event = NULL;

  switch (stop->kind)
    {
    case PINK_STOP_ENTRY:
      event = _pink_syscall_event_new (tracee, stop);
      /* One whose exit nobody asked for. */
      if (tracee->event != NULL)
        _pink_syscall_event_set_state (tracee->event, PINK_SYSCALL_FINISHED);
      g_set_object (&tracee->event, event);
      enter (self, event);
      break;
    case PINK_STOP_EXIT:
      if (stop->entry_seen && tracee->event != NULL)
        event = g_steal_pointer (&tracee->event);
      else
        event = _pink_syscall_event_new (tracee, stop);
      leave (self, event, stop);
      break;
    case PINK_STOP_LAUNCHED:
      /* Its maker learnt of it from spawn(); handlers connected since do here. */
      g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_TRACEE_ADDED], 0, tracee);
      if (is_open (self))
        launched (self, tracee, stop);
      break;
    case PINK_STOP_EXEC:
      _pink_tracee_set_pid (tracee, tracee->tgid);
      g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_EXEC], 0, tracee,
                     (int) stop->former_tid);
      break;
    }
  /* A handler may have ended the trace; the slot is then no longer ours. What it
   * has connected is in force when the tracee goes on. */
  if (is_open (self))
    {
      _pink_handled_check (self);
      pink_slot_resume (slot, pink_slot_get_mode (slot), 0, false);
    }
}

static void
forget (PinkTracer *self,
        PinkTracee *tracee)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  guint position;

  priv->n_tracees--;
  if (g_list_store_find (priv->tracees, tracee, &position))
    g_list_store_remove (priv->tracees, position);
}

static void
serve_added (PinkTracer *self,
             PinkSlot   *slot)
{
  PinkSlot *parent = pink_slot_get_parent (slot);
  PinkTracee *tracee;

  tracee = _pink_tracer_add (self, slot, parent != NULL ? pink_slot_get_user (parent) : NULL,
                             NULL, NULL);
  g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_TRACEE_ADDED], 0, tracee);
}

static void
finish_if_empty (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  if (priv->engine == NULL || priv->n_tracees > 0)
    return;
  g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_FINISHED], 0);
  /* A handler may have begun anew. */
  if (priv->n_tracees == 0)
    _pink_tracer_end_runs (self);
}

static void
serve_end (PinkTracer *self,
           PinkSlot   *slot)
{
  g_autoptr (PinkTracee) tracee = g_object_ref (pink_slot_get_user (slot));
  int status = pink_slot_get_status (slot);

  pink_slot_set_user (slot, NULL);
  pink_slot_release (slot);
  forget (self, tracee);
  _pink_tracee_end (tracee, PINK_TRACEE_EXITED, status);
  g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_EXITED], 0, tracee, status);
  finish_if_empty (self);
}

static void
collect_lost (PinkSlot *slot,
              void     *data)
{
  g_ptr_array_add (data, g_object_ref (pink_slot_get_user (slot)));
}

static void
serve_task_end (PinkTracer *self,
                PinkTask   *task)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  g_autoptr (GPtrArray) lost = g_ptr_array_new_with_free_func (g_object_unref);

  /* The task's memory goes before any handler runs: nothing may refer to it. */
  pink_engine_bury_task (priv->engine, task, collect_lost, lost);
  for (guint i = 0; i < lost->len; i++)
    {
      PinkTracee *tracee = g_ptr_array_index (lost, i);

      forget (self, tracee);
      _pink_tracee_end (tracee, PINK_TRACEE_LOST, -1);
    }
  for (guint i = 0; i < lost->len; i++)
    {
      PinkTracee *tracee = g_ptr_array_index (lost, i);
      g_autoptr (GError) error =
        g_error_new (PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED,
                     "The tracer task of process %d was killed from outside, and the process "
                     "with it", pink_tracee_get_pid (tracee));

      if (priv->lost == NULL)
        priv->lost = g_error_copy (error);
      g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_TRACEE_LOST], 0, tracee, error);
    }
  if (lost->len > 0)
    finish_if_empty (self);
}

static void
serve_message (PinkTracer *self,
               PinkMsg    *msg)
{
  switch (msg->kind)
    {
    case PINK_MSG_ADDED:
      serve_added (self, msg->owner);
      break;
    case PINK_MSG_STOP:
      serve_stop (self, msg->owner);
      break;
    case PINK_MSG_END:
      serve_end (self, msg->owner);
      break;
    case PINK_MSG_TASK_ENDED:
      serve_task_end (self, msg->owner);
      break;
    case PINK_MSG_ANSWER:
      break;
    }
}

/* ---- the source ---- */

/* What is pending is the tracer's, not this call's: a handler may run a main
 * loop of its own, and in there the other tracees go on. */
static void
serve_slice (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  gint64 until = g_get_monotonic_time () + SLICE_US;

  do
    {
      PinkMsg *msg;

      if (priv->pending == NULL)
        priv->pending = pink_engine_take (priv->engine);
      msg = priv->pending;
      if (msg == NULL)
        return;
      priv->pending = msg->next;
      serve_message (self, msg);
    }
  while (priv->engine != NULL && g_get_monotonic_time () < until);
}

/* In a fork()ed copy the bell is the other process's, and rings for it alone. */
static gboolean
is_inert (TracerSource *source)
{
  if (pink_engine_is_ours (source->engine))
    return FALSE;
  source->bell.events = 0;
  return TRUE;
}

static gboolean
has_work (TracerSource *source,
          PinkTracer   *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  return priv->engine != NULL &&
         (priv->pending != NULL || pink_engine_has_messages (priv->engine));
}

static gboolean
tracer_source_prepare (GSource *base,
                       int     *timeout)
{
  TracerSource *source = (TracerSource *) base;
  g_autoptr (PinkTracer) self = g_weak_ref_get (&source->tracer);

  *timeout = -1;
  if (self == NULL || is_inert (source))
    return FALSE;
  if (is_open (self))
    _pink_handled_check (self);
  return has_work (source, self);
}

static gboolean
tracer_source_check (GSource *base)
{
  TracerSource *source = (TracerSource *) base;
  g_autoptr (PinkTracer) self = g_weak_ref_get (&source->tracer);

  if (self == NULL || is_inert (source))
    return FALSE;
  return source->bell.revents != 0 || has_work (source, self);
}

static gboolean
tracer_source_dispatch (GSource     *base,
                        GSourceFunc  callback,
                        gpointer     user_data)
{
  TracerSource *source = (TracerSource *) base;
  g_autoptr (PinkTracer) self = g_weak_ref_get (&source->tracer);

  if (self == NULL || !is_open (self))
    return G_SOURCE_REMOVE;
  /* First the bell, then the inbox: what is pushed in between rings again. */
  if (source->bell.revents != 0)
    pink_engine_silence (source->engine);
  serve_slice (self);
  return G_SOURCE_CONTINUE;
}

static void
tracer_source_finalize (GSource *base)
{
  TracerSource *source = (TracerSource *) base;

  g_weak_ref_clear (&source->tracer);
  pink_engine_unref (source->engine);
}

static GSourceFuncs tracer_source_funcs = {
  tracer_source_prepare,
  tracer_source_check,
  tracer_source_dispatch,
  tracer_source_finalize,
  NULL, NULL
};

GSource *
_pink_tracer_source_new (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  GSource *base = g_source_new (&tracer_source_funcs, sizeof (TracerSource));
  TracerSource *source = (TracerSource *) base;

  g_source_set_static_name (base, "PinkTracer");
  g_source_set_priority (base, priv->priority);
  g_source_set_can_recurse (base, TRUE);
  source->engine = pink_engine_ref (priv->engine);
  g_weak_ref_init (&source->tracer, self);
  source->bell.fd = pink_engine_get_bell (priv->engine);
  source->bell.events = G_IO_IN;
  g_source_add_poll (base, &source->bell);
  return base;
}
