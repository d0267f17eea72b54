/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What becomes of a call: allowed, denied, answered without being made, held.
 */
#include "pinktrace-glib.h"

#include "pink-errno-private.h"
#include "pink-syscall-event-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <errno.h>

/* ---- results ---- */

static void
put_result (PinkSyscallEvent *self,
            gint64            value,
            gboolean          is_error)
{
  self->changes.what |= PINK_CHANGE_RESULT;
  self->changes.result = value;
  self->changes.is_error = is_error;
}

/* At the entry the first decision counts; at the exit there is none to be made,
 * and the last word is as good as any. */
static gboolean
set_result (PinkSyscallEvent  *self,
            gint64             value,
            gboolean           is_error,
            GError           **error)
{
  if (!_pink_syscall_event_may_change (self, error))
    return _pink_syscall_event_is_moot (self);
  if (self->state == PINK_SYSCALL_EXIT)
    {
      put_result (self, value, is_error);
      self->stop.exit.value = value;
      self->stop.exit.is_error = is_error;
    }
  else if (!self->decided)
    {
      put_result (self, value, is_error);
      self->decided = TRUE;
    }
  return TRUE;
}

static gboolean
may_decide (PinkSyscallEvent  *self,
            GError           **error)
{
  return _pink_syscall_event_may_change_entry (self, "it can be allowed or denied at its entry only "
                                               "(syscall-enter); at its exit set_error changes what "
                                               "it has returned", error);
}

/* An errno that makes no sense denies all the same: the caller may be told too
 * late, or never, that it did not. */
static gboolean
fail_with (PinkSyscallEvent  *self,
           int                number,
           GError            *complaint, /* (transfer full) */
           GError           **error)
{
  if (complaint == NULL)
    _pink_errno_check (number, &complaint);
  if (!set_result (self, complaint == NULL ? number : EPERM, TRUE, error))
    {
      g_clear_error (&complaint);
      return FALSE;
    }
  if (complaint == NULL)
    return TRUE;
  g_propagate_error (error, complaint);
  return FALSE;
}

/**
 * pink_syscall_event_set_return_value:
 * @self: a system call, at its entry or its exit
 * @value: what it returns; a 32-bit ABI takes the lower 32 bits. Values from
 *   -4095 to -1 are errors to the C library: use pink_syscall_event_set_error()
 * @error: return location for an error
 *
 * At the call's entry: it is not made, and returns this. That is a decision, of
 * which the first one counts. At its exit: it has been made, and returns this
 * instead of what the kernel has said.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if the tracee is
 *   not stopped at this call, %PINK_TRACER_ERROR_GONE
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_return_value (PinkSyscallEvent  *self,
                                     gint64             value,
                                     GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return set_result (self, value, FALSE, error);
}

/**
 * pink_syscall_event_set_error:
 * @self: a system call, at its entry or its exit
 * @number: an errno of #PinkSyscallEvent:abi, 1 to 4095
 * @error: return location for an error
 *
 * At the call's exit: it fails with this, whatever it has done. At its entry this
 * is pink_syscall_event_deny().
 *
 * Scripts give the name or the number, see pink_syscall_event_set_error_value().
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if the tracee is
 *   not stopped at this call, %PINK_TRACER_ERROR_GONE; with
 *   %PINK_TRACER_ERROR_INVALID_ARGUMENT if there is no such errno: the call then
 *   fails with EPERM
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_error (PinkSyscallEvent  *self,
                              int                number,
                              GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return fail_with (self, number, NULL, error);
}

/**
 * pink_syscall_event_set_error_by_name:
 * @self: a system call, at its entry or its exit
 * @name: the name of an errno, such as "EIO"
 * @error: return location for an error
 *
 * Has the call fail, as pink_syscall_event_set_error() does.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_syscall_event_set_error()
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_error_by_name (PinkSyscallEvent  *self,
                                      const char        *name,
                                      GError           **error)
{
  GError *complaint = NULL;
  int number;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  number = _pink_errno_of_name (self->stop.arch, name, &complaint);
  return fail_with (self, number, complaint, error);
}

/**
 * pink_syscall_event_set_error_value: (rename-to pink_syscall_event_set_error)
 * @self: a system call, at its entry or its exit
 * @value: an errno: its name, or its number
 * @error: return location for an error
 *
 * Has the call fail, as pink_syscall_event_set_error() does.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_syscall_event_set_error()
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_error_value (PinkSyscallEvent  *self,
                                    const GValue      *value,
                                    GError           **error)
{
  GError *complaint = NULL;
  int number;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (G_IS_VALUE (value), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  number = _pink_errno_of_value (self->stop.arch, value, &complaint);
  return fail_with (self, number, complaint, error);
}

/* ---- the verdict ---- */

/**
 * pink_syscall_event_allow:
 * @self: a system call, at its entry
 * @error: return location for an error
 *
 * Lets the call be made, with what has been changed about it. Of several
 * decisions about a call the first one counts.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if this is not
 *   the call's entry, %PINK_TRACER_ERROR_GONE
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_allow (PinkSyscallEvent  *self,
                          GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!may_decide (self, error))
    return _pink_syscall_event_is_moot (self);
  self->decided = TRUE;
  return TRUE;
}

/**
 * pink_syscall_event_deny:
 * @self: a system call, at its entry
 * @number: the errno it fails with, 1 to 4095
 * @error: return location for an error
 *
 * Has the call fail without being made. Of several decisions about a call the
 * first one counts.
 *
 * Where the tracee of a call that was held has ended meanwhile, nothing is left
 * to be decided: then this, like the other decisions, does nothing, and
 * #PinkSyscallEvent:state says that it is gone.
 *
 * Scripts give the name or the number, see pink_syscall_event_deny_value().
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if this is not
 *   the call's entry, %PINK_TRACER_ERROR_GONE; with
 *   %PINK_TRACER_ERROR_INVALID_ARGUMENT if there is no such errno: the call is
 *   then denied with EPERM
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_deny (PinkSyscallEvent  *self,
                         int                number,
                         GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!may_decide (self, error))
    return _pink_syscall_event_is_moot (self);
  return fail_with (self, number, NULL, error);
}

/**
 * pink_syscall_event_deny_by_name:
 * @self: a system call, at its entry
 * @name: the name of the errno it fails with, such as "EACCES"
 * @error: return location for an error
 *
 * Has the call fail without being made, as pink_syscall_event_deny() does.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_syscall_event_deny(): a name
 *   that does not exist denies, too, with EPERM
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_deny_by_name (PinkSyscallEvent  *self,
                                 const char        *name,
                                 GError           **error)
{
  GError *complaint = NULL;
  int number;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!may_decide (self, error))
    return _pink_syscall_event_is_moot (self);
  number = _pink_errno_of_name (self->stop.arch, name, &complaint);
  return fail_with (self, number, complaint, error);
}

/**
 * pink_syscall_event_deny_value: (rename-to pink_syscall_event_deny)
 * @self: a system call, at its entry
 * @value: the errno it fails with: its name, such as "EACCES", or its number
 * @error: return location for an error
 *
 * Has the call fail without being made, as pink_syscall_event_deny() does.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_syscall_event_deny(): a value
 *   that makes no sense denies, too, with EPERM
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_deny_value (PinkSyscallEvent  *self,
                               const GValue      *value,
                               GError           **error)
{
  GError *complaint = NULL;
  int number;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (G_IS_VALUE (value), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!may_decide (self, error))
    return _pink_syscall_event_is_moot (self);
  number = _pink_errno_of_value (self->stop.arch, value, &complaint);
  return fail_with (self, number, complaint, error);
}

/**
 * pink_syscall_event_is_decided:
 * @self: a system call
 *
 * Gets whether somebody has decided what becomes of the call: by
 * pink_syscall_event_allow(), pink_syscall_event_deny() or
 * pink_syscall_event_set_return_value(), or #PinkTracer:default-verdict by
 * denying it.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_is_decided (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);

  return self->decided;
}

/**
 * pink_syscall_event_is_delayed:
 * @self: a system call
 *
 * Gets whether a #PinkRule delays the call, or its return; see
 * pink_rule_set_delay().
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_is_delayed (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);

  return self->stop.delayed;
}

static void
decide_by_default (PinkSyscallEvent *self,
                   PinkTracer       *tracer)
{
  if (pink_tracer_get_default_verdict (tracer) == PINK_VERDICT_DENY)
    fail_with (self, _pink_errno_of_name (self->stop.arch, pink_tracer_get_default_error (tracer), NULL), NULL, NULL);
}

void
_pink_syscall_event_commit (PinkSyscallEvent *self)
{
  static const PinkChanges none;

  if (self->state != PINK_SYSCALL_ENTRY && self->state != PINK_SYSCALL_EXIT)
    return;
  /* Whom somebody lets go is not kept from what it does any more. */
  if (self->state == PINK_SYSCALL_ENTRY && self->asked && !self->decided &&
      !self->tracee->detaching && !self->is_launch)
    decide_by_default (self, self->tracee->tracer);
  _pink_syscall_event_place (self);
  pink_slot_change (self->tracee->slot, &self->changes);
  self->changes = none;
}

/* ---- holding ---- */

/**
 * pink_syscall_event_hold:
 * @self: a system call, at its entry or its exit
 * @error: return location for an error
 *
 * Keeps the tracee stopped after the handlers have returned, until
 * pink_syscall_event_release(), for as long as it takes: the call can be read,
 * decided and changed meanwhile. Other tracees, and other threads of the same
 * process, go on.
 *
 * Keep the event as long: nobody else does. When the last reference to a call
 * that is held goes, nobody can release it any more, and it goes on as if it had
 * been released: #PinkTracer:default-verdict decides if nobody has. (C: take one
 * with g_object_ref(). In scripts a variable or a closure that lives on will do.)
 *
 * A held tracee that is killed, let go, or replaced by another thread's execve
 * ends the hold: #PinkSyscallEvent:state says that it is gone. At the end of the
 * application a tracee that was attached is let go, and one that was spawned is
 * killed, see #PinkTracer:exit-kill.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if the tracee is
 *   not stopped at this call, %PINK_TRACER_ERROR_GONE, %PINK_TRACER_ERROR_FORKED
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_hold (PinkSyscallEvent  *self,
                         GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->tracee != NULL && self->tracee->event == self &&
      (self->state == PINK_SYSCALL_ENTRY || self->state == PINK_SYSCALL_EXIT))
    {
      if (!_pink_tracee_check_ours (self->tracee, error))
        return FALSE;
      _pink_tracee_hold_event (self->tracee);
      return TRUE;
    }
  if (self->state == PINK_SYSCALL_GONE)
    g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE,
                         "The tracee has ended: there is nothing to be held");
  else if (self->is_row)
    _pink_syscall_event_set_written_down (self, error);
  else
    g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                         "The tracee has gone on: a call is held in a handler, before that returns");
  return FALSE;
}

/**
 * pink_syscall_event_release:
 * @self: a system call that is held
 * @error: return location for an error
 *
 * Lets the tracee of a call that is held go on, with what has been decided and
 * changed. If nobody has decided, #PinkTracer:default-verdict does. If the tracee
 * has ended meanwhile, this does nothing.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if it is not held,
 *   %PINK_TRACER_ERROR_FORKED
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_release (PinkSyscallEvent  *self,
                            GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (self->held)
    {
      if (!_pink_tracee_check_ours (self->tracee, error))
        return FALSE;
      g_object_ref (self);
      _pink_tracee_release_event (self->tracee);
      g_object_unref (self);
      return TRUE;
    }
  if (_pink_syscall_event_is_moot (self))
    return TRUE;
  g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                       "This call is not held: it was not, or has been released");
  return FALSE;
}
