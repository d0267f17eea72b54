/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What can be done with a tracee: hold it, let it go on, stop it, look into it.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- an event that is held ---- */

static gboolean
event_is_held (PinkTracee *self)
{
  return self->event != NULL && self->event->held;
}

static void
weaken (PinkTracee *self)
{
  if (self->event_weak)
    return;
  self->event_weak = TRUE;
  /* May be the last one: it is back then, and no longer held. */
  g_object_unref (self->event);
}

static void
strengthen (PinkTracee *self)
{
  if (self->event_weak)
    g_object_ref (self->event);
  self->event_weak = FALSE;
}

static void
go_unless_held (PinkTracee *self)
{
  if (self->stopped && !self->in_handler && !self->held)
    _pink_tracee_go (self);
}

void
_pink_tracee_hold_event (PinkTracee *self)
{
  self->event->held = TRUE;
  self->event->was_held = TRUE;
  if (self->stopped && !self->in_handler)
    weaken (self);
}

void
_pink_tracee_release_event (PinkTracee *self)
{
  strengthen (self);
  self->event->held = FALSE;
  go_unless_held (self);
}

void
_pink_tracee_event_forgotten (PinkTracee       *self,
                              PinkSyscallEvent *event)
{
  event->held = FALSE;
  self->event_weak = FALSE;
  go_unless_held (self);
}

void
_pink_tracee_invoke (PinkTracee  *self,
                     GSourceFunc  func,
                     gpointer     data)
{
  GSource *source;

  if (g_main_context_is_owner (self->context))
    {
      func (data);
      return;
    }
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, self->context);
  g_source_unref (source);
}

/* ---- from a stop to its answer ---- */

void
_pink_tracee_stopped (PinkTracee     *self,
                      PinkResumeMode  mode)
{
  self->stopped = TRUE;
  self->in_handler = TRUE;
  self->held = FALSE;
  self->mode = mode;
  self->state = PINK_TRACEE_STOPPED;
}

void
_pink_tracee_handled (PinkTracee *self,
                      gboolean    interrupted,
                      int         signal,
                      gboolean    changed_info)
{
  if (self->slot == NULL)
    return;
  self->in_handler = FALSE;
  self->signal = signal;
  self->changed_info = changed_info;
  if (interrupted && !g_queue_is_empty (&self->interrupts))
    self->held = TRUE;
  if (self->detaching || !(self->held || event_is_held (self)))
    _pink_tracee_go (self);
  else if (event_is_held (self))
    weaken (self);
  /* Who has asked for the stop finds it standing, and may let it go at once. */
  if (interrupted)
    _pink_tracee_end_interrupts (self);
}

void
_pink_tracee_go (PinkTracee *self)
{
  /* One answer a stop: a second one would tie a knot in the task's inbox. */
  g_return_if_fail (self->stopped);

  /* Where a call of ours is under way, it stands still afterwards. */
  self->go_pending = self->injecting;
  if (self->go_pending)
    return;
  self->stopped = FALSE;
  self->held = FALSE;
  self->state = PINK_TRACEE_RUNNING;
  if (event_is_held (self))
    {
      strengthen (self);
      self->event->held = FALSE;
    }
  if (self->event != NULL)
    _pink_syscall_event_commit (self->event);
  if (self->event != NULL && self->event->state == PINK_SYSCALL_ENTRY)
    _pink_syscall_event_set_state (self->event, PINK_SYSCALL_RUNNING);
  else if (self->event != NULL && self->event->state == PINK_SYSCALL_EXIT)
    _pink_tracee_take_event (self, NULL);
  pink_slot_resume (self->slot, (PinkMode) self->mode, self->signal, self->changed_info);
}

void
_pink_tracee_take_event (PinkTracee       *self,
                         PinkSyscallEvent *event)
{
  /* One that is still here has ended without anybody asking for its exit. */
  if (self->event != NULL)
    _pink_syscall_event_set_state (self->event, PINK_SYSCALL_FINISHED);
  if (self->event_weak)
    self->event = NULL;
  self->event_weak = FALSE;
  g_clear_object (&self->event);
  self->event = event;
}

/* ---- errors ---- */

GError *
_pink_tracee_gone_error (PinkTracee *self)
{
  return g_error_new (PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE,
                      "Process %d is no longer traced: it has ended, or was let go", self->pid);
}

/* Whoever is in a handler, and hears that it would have to be in a handler, is helpless. */
void
_pink_tracee_set_running (PinkTracee  *self,
                          const char  *can,
                          GError     **error)
{
  gboolean observed = self->tracer != NULL && pink_tracer_get_observe_only (self->tracer);

  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
               observed ? "Process %d is running: with PinkTracer:observe-only it does not wait for the "
                          "handlers of its system calls; %s in those that it waits for (of "
                          "PinkTracer::exec, say), or while it is held (see interrupt_async)"
                        : "Process %d is running: %s in a handler, or while it is held (see hold and "
                          "interrupt_async)",
               self->pid, can);
}

gboolean
_pink_tracee_check_ours (PinkTracee  *self,
                         GError     **error)
{
  if (self->slot == NULL || pink_slot_is_ours (self->slot))
    return TRUE;
  _pink_tracer_set_forked (error);
  return FALSE;
}

static gboolean
check_alive (PinkTracee  *self,
             GError     **error)
{
  if (self->slot != NULL && !pink_slot_has_ended (self->slot))
    return self->tracer == NULL || _pink_tracer_check (self->tracer, error);
  g_propagate_error (error, _pink_tracee_gone_error (self));
  return FALSE;
}

static gboolean
check_stopped (PinkTracee  *self,
               GError     **error)
{
  if (!check_alive (self, error))
    return FALSE;
  if (self->stopped)
    return TRUE;
  _pink_tracee_set_running (self, "this can be done", error);
  return FALSE;
}

static void
set_request_error (PinkTracee  *self,
                   const char  *what,
                   long         result,
                   GError     **error)
{
  int errsv = (int) -result;

  g_set_error (error, PINK_TRACER_ERROR,
               errsv == ESRCH ? PINK_TRACER_ERROR_GONE
               : errsv == EIO || errsv == EFAULT ? PINK_TRACER_ERROR_UNREADABLE
               : errsv == EINVAL || errsv == ENODEV ? PINK_TRACER_ERROR_INVALID_ARGUMENT
                                 : PINK_TRACER_ERROR_FAILED,
               "Cannot %s of process %d: %s", what, self->pid,
               errsv == ESRCH ? "it has ended"
               : errsv == EIO ? "there is nothing at that address, or this machine cannot do it"
               : errsv == EINVAL || errsv == ENODEV ? "this machine or this moment has none of that kind"
                                 : g_strerror (errsv));
}

/* ---- hold and resume ---- */

/**
 * pink_tracee_hold:
 * @self: a tracee
 * @error: return location for an error
 *
 * Called in a handler, keeps the tracee stopped after the handler has returned,
 * until pink_tracee_resume(), for as long as it takes. Others run on.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if it is not
 *   stopped, %PINK_TRACER_ERROR_GONE, %PINK_TRACER_ERROR_FORKED
 *
 * Since: 1.0
 */
gboolean
pink_tracee_hold (PinkTracee  *self,
                  GError     **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_stopped (self, error))
    return FALSE;
  self->held = TRUE;
  return TRUE;
}

/**
 * pink_tracee_resume:
 * @self: a tracee
 * @mode: how it goes on, until it is told otherwise
 * @error: return location for an error
 *
 * Lets a tracee that is held go on. Called in a handler, it sets how the tracee
 * goes on when the handlers have returned.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if it is not
 *   stopped, %PINK_TRACER_ERROR_GONE, %PINK_TRACER_ERROR_FORKED
 *
 * Since: 1.0
 */
gboolean
pink_tracee_resume (PinkTracee      *self,
                    PinkResumeMode   mode,
                    GError         **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_stopped (self, error))
    return FALSE;
  self->mode = mode;
  self->held = FALSE;
  /* Whoever holds the call itself is overruled: what it has decided stands. */
  if (event_is_held (self))
    {
      strengthen (self);
      self->event->held = FALSE;
    }
  if (!self->in_handler)
    _pink_tracee_go (self);
  return TRUE;
}

/* ---- interrupt ---- */

void
_pink_tracee_end_interrupts (PinkTracee *self)
{
  GTask *task;

  while ((task = g_queue_pop_head (&self->interrupts)) != NULL)
    {
      GError *error = NULL;

      if (g_task_return_error_if_cancelled (task))
        ;
      else if (check_alive (self, &error))
        g_task_return_boolean (task, TRUE);
      else
        g_task_return_error (task, error);
      g_object_unref (task);
    }
}

/**
 * pink_tracee_interrupt_async:
 * @self: a tracee
 * @cancellable: (nullable): to have the callback called with an error; the
 *   tracee is stopped all the same
 * @callback: (scope async): called when it has stopped
 * @user_data: (closure): for @callback
 *
 * Stops a running tracee, wherever it is; in a system call that waits, the call
 * is begun again afterwards, as after a stop by SIGSTOP (see signal(7) for the
 * few that fail with EINTR instead). When the callback is called the tracee is
 * held: pink_tracee_resume() lets it go on. What it comes to first counts as
 * the stop, a system call with a handler, for example.
 *
 * A tracee that waits in vfork(2) does not stop before its child lets it go.
 *
 * Since: 1.0
 */
void
pink_tracee_interrupt_async (PinkTracee           *self,
                             GCancellable         *cancellable,
                             GAsyncReadyCallback   callback,
                             gpointer              user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  long result;

  g_return_if_fail (PINK_IS_TRACEE (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, pink_tracee_interrupt_async);
  if (!check_alive (self, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (self->stopped)
    {
      self->held = TRUE;
      g_task_return_boolean (task, TRUE);
      return;
    }
  result = pink_slot_request (self->slot, PINK_REQUEST_INTERRUPT, 0, NULL, NULL);
  if (result != 0)
    {
      set_request_error (self, "stop the run", result, &error);
      g_task_return_error (task, error);
      return;
    }
  g_queue_push_tail (&self->interrupts, g_steal_pointer (&task));
}

/**
 * pink_tracee_interrupt_finish:
 * @self: a tracee
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends pink_tracee_interrupt_async().
 *
 * Returns: %TRUE if the tracee is stopped and held, or %FALSE with
 *   %PINK_TRACER_ERROR_GONE, %PINK_TRACER_ERROR_FORKED, %G_IO_ERROR_CANCELLED
 *
 * Since: 1.0
 */
gboolean
pink_tracee_interrupt_finish (PinkTracee    *self,
                              GAsyncResult  *result,
                              GError       **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- signals ---- */

/**
 * pink_tracee_send_signal:
 * @self: a tracee
 * @number: a signal, 1 to 64
 * @error: return location for an error
 *
 * Sends a signal to the tracee's thread, as tgkill(2) does. SIGKILL ends its
 * whole process, whatever it does.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_GONE,
 *   %PINK_TRACER_ERROR_NOT_PERMITTED, %PINK_TRACER_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
gboolean
pink_tracee_send_signal (PinkTracee  *self,
                         int          number,
                         GError     **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_alive (self, error))
    return FALSE;
  if (number >= 1 && number <= 64 && syscall (SYS_tgkill, self->tgid, self->pid, number) == 0)
    return TRUE;
  if (number < 1 || number > 64)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                 "%d is no signal: they are 1 to 64", number);
  else
    g_set_error (error, PINK_TRACER_ERROR,
                 errno == EPERM ? PINK_TRACER_ERROR_NOT_PERMITTED : PINK_TRACER_ERROR_GONE,
                 "Cannot send %s to process %d: %s", pink_signal_name (number), self->pid,
                 g_strerror (errno));
  return FALSE;
}

/* ---- registers, words, siginfo ---- */

/**
 * pink_tracee_get_registers:
 * @self: a stopped tracee
 * @note_type: which registers: the note type of the ELF core format, 1
 *   (NT_PRSTATUS) for the general ones; see elf.h
 * @error: return location for an error
 *
 * Reads registers, as PTRACE_GETREGSET of ptrace(2) gives them: a 32-bit
 * tracee's are shorter than a 64-bit one's.
 *
 * Returns: (transfer full): the registers, up to 16 KiB, or %NULL with
 *   %PINK_TRACER_ERROR_WRONG_STATE if it is not stopped,
 *   %PINK_TRACER_ERROR_GONE, %PINK_TRACER_ERROR_INVALID_ARGUMENT if there are
 *   no such registers
 *
 * Since: 1.0
 */
GBytes *
pink_tracee_get_registers (PinkTracee  *self,
                           guint        note_type,
                           GError     **error)
{
  g_autofree guint8 *buffer = NULL;
  gsize size = 16 * 1024;
  long result;

  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_stopped (self, error))
    return NULL;
  buffer = g_malloc0 (size);
  result = pink_slot_request (self->slot, PINK_REQUEST_GETREGSET, note_type, buffer, &size);
  if (result != 0)
    {
      set_request_error (self, "read the registers", result, error);
      return NULL;
    }
  return g_bytes_new (buffer, size);
}

/* The kernel would write some of them, or leave out what is too much. Registers that this
 * machine does not have it refuses by itself. */
static gboolean
check_size (PinkTracee  *self,
            guint        note_type,
            gsize        size,
            GError     **error)
{
  g_autoptr (GBytes) registers = pink_tracee_get_registers (self, note_type, NULL);

  if (registers == NULL || g_bytes_get_size (registers) == size)
    return TRUE;
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
               "The registers of note type %u of process %d have %" G_GSIZE_FORMAT " bytes, not %"
               G_GSIZE_FORMAT, note_type, self->pid, g_bytes_get_size (registers), size);
  return FALSE;
}

/**
 * pink_tracee_set_registers:
 * @self: a stopped tracee
 * @note_type: which registers, as with pink_tracee_get_registers()
 * @registers: all of them, as pink_tracee_get_registers() gives them
 * @error: return location for an error
 *
 * Writes registers.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_tracee_get_registers();
 *   with %PINK_TRACER_ERROR_INVALID_ARGUMENT also if @registers has not their size
 *
 * Since: 1.0
 */
gboolean
pink_tracee_set_registers (PinkTracee  *self,
                           guint        note_type,
                           GBytes      *registers,
                           GError     **error)
{
  gsize size;
  gpointer data;
  long result;

  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (registers != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  data = (gpointer) g_bytes_get_data (registers, &size);
  if (!check_stopped (self, error) || !check_size (self, note_type, size, error))
    return FALSE;
  result = pink_slot_request (self->slot, PINK_REQUEST_SETREGSET, note_type, data, &size);
  if (result != 0)
    set_request_error (self, "write the registers", result, error);
  return result == 0;
}

/**
 * pink_tracee_get_signal_info:
 * @self: a stopped tracee
 * @error: return location for an error
 *
 * Reads what the kernel says of the signal, or of the stop, that the tracee is
 * in: the siginfo_t of PTRACE_GETSIGINFO in ptrace(2), 128 bytes.
 *
 * Returns: (transfer full): the bytes, or %NULL with %PINK_TRACER_ERROR_WRONG_STATE
 *   if it is not stopped, %PINK_TRACER_ERROR_GONE,
 *   %PINK_TRACER_ERROR_INVALID_ARGUMENT if this stop has none
 *
 * Since: 1.0
 */
GBytes *
pink_tracee_get_signal_info (PinkTracee  *self,
                             GError     **error)
{
  guint8 info[PINK_SIGINFO_SIZE] = { 0 };
  long result;

  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_stopped (self, error))
    return NULL;
  result = pink_slot_request (self->slot, PINK_REQUEST_GETSIGINFO, 0, info, NULL);
  if (result != 0)
    {
      set_request_error (self, "read the signal", result, error);
      return NULL;
    }
  return g_bytes_new (info, sizeof info);
}

/**
 * pink_tracee_set_signal_info:
 * @self: a stopped tracee
 * @info: 128 bytes, as pink_tracee_get_signal_info() gives them
 * @error: return location for an error
 *
 * Changes what the tracee will be told of the signal it is about to get.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_tracee_get_signal_info()
 *
 * Since: 1.0
 */
gboolean
pink_tracee_set_signal_info (PinkTracee  *self,
                             GBytes      *info,
                             GError     **error)
{
  long result;

  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (info != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!check_stopped (self, error))
    return FALSE;
  if (g_bytes_get_size (info) != PINK_SIGINFO_SIZE)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "A siginfo has %d bytes, not %" G_GSIZE_FORMAT, PINK_SIGINFO_SIZE,
                   g_bytes_get_size (info));
      return FALSE;
    }
  result = pink_slot_request (self->slot, PINK_REQUEST_SETSIGINFO, 0,
                              (gpointer) g_bytes_get_data (info, NULL), NULL);
  if (result != 0)
    set_request_error (self, "change the signal", result, error);
  return result == 0;
}

static gboolean
word_request (PinkTracee       *self,
              PinkRequestKind   kind,
              guint64           where,
              guint64          *word,
              const char       *what,
              GError          **error)
{
  unsigned long raw = (unsigned long) *word;
  long result;

  if (!check_stopped (self, error))
    return FALSE;
  result = pink_slot_request (self->slot, kind, where, &raw, NULL);
  *word = raw;
  if (result != 0)
    set_request_error (self, what, result, error);
  return result == 0;
}

/**
 * pink_tracee_peek_user:
 * @self: a stopped tracee
 * @offset: where in the kernel's "user" area, see PTRACE_PEEKUSER in ptrace(2)
 * @word: (out): a word, as wide as this machine's
 * @error: return location for an error
 *
 * Reads a word of the tracee's registers and other things the kernel keeps of it.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if it is not
 *   stopped, %PINK_TRACER_ERROR_GONE, %PINK_TRACER_ERROR_UNREADABLE
 *
 * Since: 1.0
 */
gboolean
pink_tracee_peek_user (PinkTracee  *self,
                       guint64      offset,
                       guint64     *word,
                       GError     **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (word != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  *word = 0;
  return word_request (self, PINK_REQUEST_PEEKUSER, offset, word, "read the user area", error);
}

/**
 * pink_tracee_poke_user:
 * @self: a stopped tracee
 * @offset: where, as with pink_tracee_peek_user()
 * @word: a word, as wide as this machine's
 * @error: return location for an error
 *
 * Writes a word of the tracee's registers.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_tracee_peek_user()
 *
 * Since: 1.0
 */
gboolean
pink_tracee_poke_user (PinkTracee  *self,
                       guint64      offset,
                       guint64      word,
                       GError     **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return word_request (self, PINK_REQUEST_POKEUSER, offset, &word, "write the user area", error);
}

/**
 * pink_tracee_peek_data:
 * @self: a stopped tracee
 * @address: an address in the tracee
 * @word: (out): a word, as wide as this machine's
 * @error: return location for an error
 *
 * Reads a word of the tracee's memory with PTRACE_PEEKDATA.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_tracee_peek_user()
 *
 * Since: 1.0
 */
gboolean
pink_tracee_peek_data (PinkTracee  *self,
                       guint64      address,
                       guint64     *word,
                       GError     **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (word != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  *word = 0;
  return word_request (self, PINK_REQUEST_PEEKDATA, address, word, "read the memory", error);
}

/**
 * pink_tracee_poke_data:
 * @self: a stopped tracee
 * @address: an address in the tracee
 * @word: a word, as wide as this machine's
 * @error: return location for an error
 *
 * Writes a word of the tracee's memory with PTRACE_POKEDATA.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_tracee_peek_user()
 *
 * Since: 1.0
 */
gboolean
pink_tracee_poke_data (PinkTracee  *self,
                       guint64      address,
                       guint64      word,
                       GError     **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return word_request (self, PINK_REQUEST_POKEDATA, address, &word, "write the memory", error);
}
