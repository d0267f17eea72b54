/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tracer that observes only: what its tasks have written down becomes events, and
 * signals, while the tracees go on. One event at a time, so that a handler may do what
 * handlers do (run a main loop, drop the tracer), and in the order in which things have
 * happened: a message says how much had been written down before it.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-syscall-log-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

static void
observe_entry (PinkTracer            *self,
               PinkTracee            *tracee,
               const PinkEntryRecord *record,
               PinkTask              *task)
{
  g_autoptr (PinkSyscallEvent) event = NULL;

  if (!record->is_published)
    event = _pink_syscall_event_new_observed (tracee, record);
  pink_engine_skip_record ((const PinkRecord *) record, task);
  if (event == NULL)
    return;
  _pink_tracee_take_event (tracee, g_object_ref (event));
  _pink_tracer_emit_call (self, PINK_SIGNAL_SYSCALL_ENTER, event, event->stop.row);
}

static void
observe_exit (PinkTracer           *self,
              PinkTracee           *tracee,
              const PinkExitRecord *record,
              PinkTask             *task)
{
  g_autoptr (PinkSyscallEvent) event = tracee->event != NULL && tracee->event->is_row ? g_object_ref (tracee->event)
                                                                                      : NULL;
  /* Where a rule has made it another call, its exit is still told of by the first name. */
  int row = event != NULL ? event->stop.row : -1;

  if (event != NULL)
    _pink_syscall_event_set_observed_result (event, record);
  pink_engine_skip_record ((const PinkRecord *) record, task);
  if (event == NULL)
    return;
  _pink_tracee_take_event (tracee, NULL);
  _pink_tracer_emit_call (self, PINK_SIGNAL_SYSCALL_EXIT, event, row);
}

/* Handlers run: nothing of ours is certain afterwards. */
static void
observe (PinkTracer       *self,
         const PinkRecord *record,
         PinkTask         *task)
{
  const PinkEntryRecord *entry = (const PinkEntryRecord *) record;
  const PinkExitRecord *leave = (const PinkExitRecord *) record;
  gboolean is_entry = record->kind == PINK_RECORD_ENTRY;
  g_autoptr (PinkTracee) tracee = pink_slot_get_user (is_entry ? entry->slot : leave->slot);

  /* Its birth is told of before what it does: so it has one. */
  g_return_if_fail (tracee != NULL);
  g_object_ref (tracee);
  _pink_tracer_log_record (self, tracee, record);
  if (is_entry)
    observe_entry (self, tracee, entry, task);
  else
    observe_exit (self, tracee, leave, task);
}

gboolean
_pink_tracer_observe_before (PinkTracer    *self,
                             const PinkMsg *msg)
{
  const PinkRecord *record = NULL;
  PinkTask *task = NULL;

  if (_pink_tracer_get_private (self)->observe_only)
    record = pink_engine_peek_before (msg, &task);
  if (record != NULL)
    observe (self, record, task);
  return record != NULL;
}

gboolean
_pink_tracer_observe_due (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  const PinkRecord *record;
  PinkTask *task;

  if (!priv->records_due)
    return FALSE;
  record = pink_engine_peek_due (priv->engine, &task);
  if (record != NULL)
    observe (self, record, task);
  else if (!pink_engine_set_due (priv->engine))
    {
      priv->records_due = FALSE;
      _pink_tracer_records_told (self);
    }
  return TRUE;
}

/**
 * pink_tracer_get_observe_only:
 * @self: a tracer
 *
 * Gets whether handlers of #PinkTracer::syscall-enter and #PinkTracer::syscall-exit only
 * look on.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
pink_tracer_get_observe_only (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);

  return _pink_tracer_get_private (self)->observe_only;
}

/**
 * pink_tracer_set_observe_only:
 * @self: a tracer
 * @observe_only: whether handlers only look on
 *
 * Sets whether handlers of #PinkTracer::syscall-enter and #PinkTracer::syscall-exit only
 * look on: a tracee does not wait for them, and they are told of its calls a moment
 * later, 10 milliseconds at most where the main loop is idle. That is a good deal faster,
 * with several tracees above all.
 *
 * Handlers are called for the same calls and in the same order as without it, also among
 * those of other signals; which are emitted as ever, so #PinkTracer::signal-delivery for
 * one may still suppress a signal. Nothing is left out: where handlers take so long that
 * two mebibytes wait for them, tracees do, too.
 *
 * An event can then only be read, as one of a #PinkSyscallLog: of memory there is what
 * arguments pointed to by their type at the call's entry or exit, of a string
 * #PinkTracer:string-limit bytes, 16384 at most. To change or decide anything is
 * %PINK_TRACER_ERROR_WRONG_STATE, #PinkTracer:default-verdict denies nothing, and
 * pink_syscall_event_get_state() is %PINK_SYSCALL_RUNNING at the entry and
 * %PINK_SYSCALL_FINISHED at the exit. A #PinkRule works as ever.
 *
 * While something is traced this can only be set: then calls under way are told of to
 * their end as they were begun. It can be taken back when all tracees have ended.
 *
 * Since: 1.0
 */
void
pink_tracer_set_observe_only (PinkTracer *self,
                              gboolean    observe_only)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));
  priv = _pink_tracer_get_private (self);
  observe_only = !!observe_only;
  if (priv->observe_only == observe_only)
    return;
  g_return_if_fail (observe_only || _pink_tracer_is_idle (self));

  /* What has been written down for logs is theirs alone. */
  if (observe_only && priv->engine != NULL && pink_engine_is_ours (priv->engine))
    _pink_tracer_update_logs (self);
  priv->observe_only = observe_only;
  _pink_tracer_set_recording (self);
  g_object_notify (G_OBJECT (self), "observe-only");
}
