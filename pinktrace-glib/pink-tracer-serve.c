/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a tracer does with a message of its tasks: emits the signals, and gives
 * the answers. All emission happens here.
 */
#include "pinktrace-glib.h"

#include "pink-signal-event-private.h"
#include "pink-syscall-event-private.h"
#include "pink-syscall-log-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <string.h>

/* A handler may end the trace; the engine's slots are then no longer ours. */
static gboolean
is_open (PinkTracer *self)
{
  return _pink_tracer_get_private (self)->engine != NULL;
}

/* ---- system calls ---- */

void
_pink_tracer_emit_call (PinkTracer       *self,
                        guint             signal,
                        PinkSyscallEvent *event,
                        int               row)
{
  /* The launcher's execve comes here whatever was chosen. */
  if (!_pink_tracer_has_chosen (self, row >= 0 ? (guint) row : pink_arch_n_syscalls ()))
    return;
  _pink_tracer_get_private (self)->n_emissions++;
  g_signal_emit (self, _pink_tracer_signals[signal], _pink_handled_quark (row), event);
}

/* An execve's entry comes here for its exit's sake, too, and others until the
 * table is made anew: where nobody is asked, nobody has to decide. */
static gboolean
asks (PinkTracer       *self,
      PinkSyscallEvent *event)
{
  guint signal = _pink_tracer_signals[PINK_SIGNAL_SYSCALL_ENTER];
  GQuark detail = _pink_handled_quark (event->stop.row);

  return g_signal_has_handler_pending (self, signal, 0, FALSE) ||
         (detail != 0 && g_signal_has_handler_pending (self, signal, detail, FALSE));
}

static void
enter (PinkTracer       *self,
       PinkSyscallEvent *event)
{
  _pink_syscall_event_set_state (event, PINK_SYSCALL_ENTRY);
  if (_pink_syscall_event_is_execve (event))
    _pink_syscall_event_capture (event);
  event->asked = asks (self, event);
  _pink_tracer_emit_call (self, PINK_SIGNAL_SYSCALL_ENTER, event, event->stop.row);
}

static void
leave (PinkTracer       *self,
       PinkSyscallEvent *event,
       const PinkStop   *stop)
{
  _pink_syscall_event_set_result (event, stop);
  _pink_syscall_event_set_state (event, PINK_SYSCALL_EXIT);
  _pink_tracer_emit_call (self, PINK_SIGNAL_SYSCALL_EXIT, event, event->stop.row);
}

static void
serve_entry (PinkTracer     *self,
             PinkTracee     *tracee,
             const PinkStop *stop)
{
  g_autoptr (PinkSyscallEvent) event = _pink_syscall_event_new (tracee, stop);

  _pink_tracee_take_event (tracee, g_object_ref (event));
  enter (self, event);
}

static void
serve_exit (PinkTracer     *self,
            PinkTracee     *tracee,
            const PinkStop *stop)
{
  g_autoptr (PinkSyscallEvent) event = NULL;

  if (stop->entry_seen && tracee->event != NULL)
    event = g_object_ref (tracee->event);
  else
    {
      event = _pink_syscall_event_new (tracee, stop);
      _pink_tracee_take_event (tracee, g_object_ref (event));
    }
  leave (self, event, stop);
}

/* Before any other signal for it. */
static void
announce (PinkTracer *self,
          PinkTracee *tracee)
{
  if (tracee->announced)
    return;
  tracee->announced = TRUE;
  g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_TRACEE_ADDED], 0, tracee);
}

/* Its entry was hours ago as the tracee counts: shown from what was kept then. */
static void
serve_launch (PinkTracer     *self,
              PinkTracee     *tracee,
              const PinkStop *stop)
{
  g_autoptr (PinkSyscallEvent) event = NULL;

  /* Its maker learnt of it from spawn(); handlers connected since do here. */
  announce (self, tracee);
  /* In a handler's own main loop it may have ended. */
  if (!is_open (self) || tracee->slot == NULL)
    return;
  _pink_tracer_record_launch (self, tracee, stop, tracee->launch);
  event = _pink_syscall_event_new (tracee, stop);
  event->is_launch = TRUE;
  event->snapshot = g_steal_pointer (&tracee->launch);
  memcpy (event->stop.entry.args, tracee->launch_arguments, sizeof tracee->launch_arguments);
  _pink_tracee_take_event (tracee, g_object_ref (event));
  enter (self, event);
  if (is_open (self) && tracee->slot != NULL)
    leave (self, event, &event->stop);
}

/* ---- other stops ---- */

/* Returns what is to be delivered. */
static int
serve_signal (PinkTracer     *self,
              PinkTracee     *tracee,
              const PinkStop *stop,
              gboolean       *changed)
{
  g_autoptr (PinkSignalEvent) event =
    _pink_signal_event_new (tracee, stop->signal, pink_slot_get_siginfo (tracee->slot));
  GQuark detail = g_quark_try_string (pink_signal_event_get_name (event));

  g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_SIGNAL_DELIVERY], detail, event);
  return _pink_signal_event_decide (event, tracee->slot, changed);
}

static void
emit_stopped (PinkTracer     *self,
              PinkTracee     *tracee,
              PinkStopReason  reason)
{
  g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_STOPPED],
                 _pink_handled_stop_quark (reason), tracee, reason);
}

static void
serve_stop (PinkTracer *self,
            PinkSlot   *slot)
{
  g_autoptr (PinkTracee) tracee = g_object_ref (pink_slot_get_user (slot));
  /* A copy: in a handler's own main loop the tracee, and the slot, may go. */
  const PinkStop copy = *pink_slot_get_stop (slot), *stop = &copy;
  gboolean changed_info = FALSE, interrupted = stop->interrupted;
  int signal = 0;

  _pink_tracee_stopped (tracee, (PinkResumeMode) pink_slot_get_mode (slot));
  switch (stop->kind)
    {
    case PINK_STOP_ENTRY:
      serve_entry (self, tracee, stop);
      break;
    case PINK_STOP_EXIT:
      serve_exit (self, tracee, stop);
      break;
    case PINK_STOP_LAUNCHED:
      serve_launch (self, tracee, stop);
      break;
    case PINK_STOP_EXEC:
      _pink_tracee_set_pid (tracee, tracee->tgid);
      /* A log wants to know it when the process has long ended. */
      if (_pink_tracer_has_logs (self))
        g_free (pink_tracee_get_command (tracee));
      g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_EXEC], 0, tracee,
                     (int) stop->former_tid);
      break;
    case PINK_STOP_SIGNAL:
      signal = serve_signal (self, tracee, stop, &changed_info);
      break;
    case PINK_STOP_GROUP:
      g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_GROUP_STOP], 0, tracee, stop->signal);
      break;
    case PINK_STOP_INTERRUPT:
      interrupted = TRUE;
      emit_stopped (self, tracee, PINK_STOP_REASON_INTERRUPT);
      break;
    case PINK_STOP_STEP:
      emit_stopped (self, tracee, PINK_STOP_REASON_SINGLE_STEP);
      break;
    case PINK_STOP_VFORK_DONE:
      emit_stopped (self, tracee, PINK_STOP_REASON_VFORK_DONE);
      break;
    case PINK_STOP_SECCOMP:
      emit_stopped (self, tracee, PINK_STOP_REASON_SECCOMP);
      break;
    case PINK_STOP_EXITING:
      g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_EXITING], 0, tracee, stop->wait_status);
      break;
    }
  if (!is_open (self))
    return;
  /* What a handler has connected is in force when the tracee goes on. */
  _pink_handled_check (self);
  _pink_tracee_handled (tracee, interrupted, signal, changed_info);
}

/* ---- births and ends ---- */

/* FALSE if that has ended the trace. */
static gboolean
forget (PinkTracer *self,
        PinkTracee *tracee)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  guint position;

  /* It may have been killed before the exit of its launcher's execve. */
  announce (self, tracee);
  if (!is_open (self))
    return FALSE;
  priv->n_tracees--;
  if (g_list_store_find (priv->tracees, tracee, &position))
    g_list_store_remove (priv->tracees, position);
  _pink_detach_ended (self, tracee);
  return TRUE;
}

static void
serve_added (PinkTracer *self,
             PinkSlot   *slot)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  PinkSlot *parent = pink_slot_get_parent (slot);
  PinkTracee *tracee;

  tracee = _pink_tracer_add (self, slot, parent != NULL ? pink_slot_get_user (parent) : NULL,
                             NULL, NULL);
  if (tracee->parent != NULL && tracee->parent->filtered != NULL)
    tracee->filtered = g_bytes_ref (tracee->parent->filtered);
  if (tracee->birth == PINK_TRACEE_BIRTH_ATTACH && pink_slot_is_first (slot))
    priv->n_attaching--;
  _pink_detach_late (self, tracee);
  announce (self, tracee);
}

static void
finish_if_empty (PinkTracer *self)
{
  if (!is_open (self) || !_pink_tracer_is_idle (self))
    return;
  _pink_tracer_update_logs (self);
  if (!is_open (self))
    return;
  g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_FINISHED], 0);
  /* A handler may have begun anew. */
  if (_pink_tracer_is_done (self))
    _pink_tracer_end_runs (self);
}

static void
serve_end (PinkTracer *self,
           PinkSlot   *slot)
{
  g_autoptr (PinkTracee) tracee = g_object_ref (pink_slot_get_user (slot));
  gboolean detached = pink_slot_was_detached (slot);
  int status = pink_slot_get_status (slot);

  _pink_tracer_drain_task (self, pink_slot_get_task (slot));
  _pink_tracer_records_end (self, tracee);
  /* The slot goes before any handler runs: in a main loop of its own the task's
   * memory may go, too. */
  tracee->superseded_by = pink_slot_get_superseder (slot);
  pink_slot_set_user (slot, NULL);
  pink_slot_release (slot);
  _pink_tracee_end (tracee, detached ? PINK_TRACEE_DETACHED : PINK_TRACEE_EXITED,
                    detached ? -1 : status);
  if (!forget (self, tracee))
    return;
  if (detached)
    g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_DETACHED], 0, tracee);
  else
    g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_EXITED], 0, tracee, status);
  _pink_tracee_end_waits (tracee);
  finish_if_empty (self);
}

static void
collect_lost (PinkSlot *slot,
              void     *data)
{
  g_ptr_array_add (data, g_object_ref (pink_slot_get_user (slot)));
}

static GError *
lost_error (PinkTracee *tracee)
{
  return g_error_new (PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED,
                      "The tracer task of process %d was killed from outside%s",
                      pink_tracee_get_pid (tracee),
                      tracee->lives_on ? "; the process runs on, untraced"
                                       : ", and the process with it");
}

static void
serve_task_end (PinkTracer *self,
                PinkTask   *task)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  g_autoptr (GPtrArray) lost = g_ptr_array_new_with_free_func (g_object_unref);

  _pink_tracer_drain_task (self, task);
  /* The task's memory goes before any handler runs: nothing may refer to it. */
  pink_engine_bury_task (priv->engine, task, collect_lost, lost);
  for (guint i = 0; i < lost->len; i++)
    {
      _pink_tracer_records_end (self, g_ptr_array_index (lost, i));
      _pink_tracee_end (g_ptr_array_index (lost, i), PINK_TRACEE_LOST, -1);
    }
  for (guint i = 0; i < lost->len; i++)
    {
      PinkTracee *tracee = g_ptr_array_index (lost, i);
      g_autoptr (GError) error = lost_error (tracee);

      if (priv->lost == NULL)
        priv->lost = g_error_copy (error);
      if (forget (self, tracee))
        g_signal_emit (self, _pink_tracer_signals[PINK_SIGNAL_TRACEE_LOST], 0, tracee, error);
      _pink_tracee_end_waits (tracee);
    }
  if (lost->len > 0)
    finish_if_empty (self);
}

void
_pink_tracer_serve (PinkTracer *self,
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
    case PINK_MSG_RECORDS:
    case PINK_MSG_HURRY:
      _pink_tracer_records_announced (self, msg->owner, msg->kind == PINK_MSG_HURRY);
      break;
    case PINK_MSG_INJECTED:
      _pink_tracee_injected (pink_slot_get_user (msg->owner));
      break;
    case PINK_MSG_TASK_ENDED:
      serve_task_end (self, msg->owner);
      break;
    case PINK_MSG_ANSWER:
    case PINK_MSG_RELEASE:
    case PINK_MSG_REQUEST:
      break; /* go the other way */
    }
}
