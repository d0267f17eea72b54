/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Changing a call: number and arguments at its entry, the result at its exit.
 * Nothing happens here: what is noted goes to the engine with the answer.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-text-private.h"
#include "pink-tracee-private.h"

#include <stdlib.h>
#include <string.h>

#define MAX_PLACED (16 * 1024 * 1024)
#define ALIGNMENT  16

void
_pink_syscall_event_set_written_down (PinkSyscallEvent  *self,
                                      GError           **error)
{
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
               "%s was written down, and its tracee has not waited: where PinkTracer:observe-only is set, "
               "and of the rows of a log, nothing can be decided, changed or held",
               pink_syscall_event_get_name (self));
}

gboolean
_pink_syscall_event_may_change (PinkSyscallEvent  *self,
                                GError           **error)
{
  if (self->tracee == NULL)
    g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                         "This system call was not made by a tracer: it has no tracee");
  else if (_pink_syscall_event_is_moot (self))
    ;
  else if (self->state == PINK_SYSCALL_GONE)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE,
                 "Process %d has ended, and its system call with it",
                 pink_tracee_get_pid (self->tracee));
  else if (self->is_launch)
    g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                         "This is the execve that has started the program: it was over when "
                         "spawn returned, and cannot be changed any more");
  else if (self->state == PINK_SYSCALL_ENTRY || self->state == PINK_SYSCALL_EXIT)
    return _pink_tracee_check_ours (self->tracee, error);
  else if (self->is_row && self->log == NULL)
    _pink_syscall_event_set_written_down (self, error);
  else
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                 "%s %s: it can be decided and changed only in a handler, before that returns, "
                 "or while it is held", pink_syscall_event_get_name (self),
                 self->state == PINK_SYSCALL_RUNNING ? "is running already" : "has returned");
  return FALSE;
}

gboolean
_pink_syscall_event_may_change_entry (PinkSyscallEvent  *self,
                                      const char        *otherwise,
                                      GError           **error)
{
  if (!_pink_syscall_event_may_change (self, error))
    return FALSE;
  if (self->state == PINK_SYSCALL_ENTRY)
    return TRUE;
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
               "%s has been made: %s", pink_syscall_event_get_name (self), otherwise);
  return FALSE;
}

static gboolean
may_change_entry (PinkSyscallEvent  *self,
                  GError           **error)
{
  return _pink_syscall_event_may_change_entry (self, "its number and its arguments can be changed "
                                               "at its entry only (syscall-enter)", error);
}

/* ---- the number ---- */

static void
change_number (PinkSyscallEvent *self,
               guint64           number)
{
  int row = pink_arch_syscall_index (self->stop.arch, number);

  self->changes.what |= PINK_CHANGE_NUMBER;
  self->changes.number = number;
  self->stop.entry.number = number;
  self->call = row >= 0 ? pink_arch_syscall ((unsigned) row) : NULL;
  g_clear_pointer (&self->own_name, g_free);
  self->has_kept = 0;
  _pink_syscall_event_forget (self, FALSE);
}

/**
 * pink_syscall_event_set_number:
 * @self: a system call, at its entry
 * @number: the number of another call on #PinkSyscallEvent:abi, up to 2^31 - 1
 * @error: return location for an error
 *
 * Has another call made instead, with the same arguments unless they are
 * changed, too. The call's name, its arguments' names and their number are from
 * now on those of the other one.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if this is not
 *   the call's entry, %PINK_TRACER_ERROR_GONE, %PINK_TRACER_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_number (PinkSyscallEvent  *self,
                               guint64            number,
                               GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!may_change_entry (self, error))
    return _pink_syscall_event_is_moot (self);
  if (number > G_MAXINT32 || self->stop.arch == NULL)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "%" G_GUINT64_FORMAT " is no number of a system call (to have none made: deny, "
                   "or set_return_value)", number);
      return FALSE;
    }
  change_number (self, number);
  return TRUE;
}

/**
 * pink_syscall_event_set_name:
 * @self: a system call, at its entry
 * @name: the name of another call, such as "rename"
 * @error: return location for an error
 *
 * Has another call made instead, as pink_syscall_event_set_number() does.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_UNKNOWN_SYSCALL if
 *   #PinkSyscallEvent:abi has no call of that name,
 *   %PINK_TRACER_ERROR_WRONG_STATE if this is not the call's entry,
 *   %PINK_TRACER_ERROR_GONE
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_name (PinkSyscallEvent  *self,
                             const char        *name,
                             GError           **error)
{
  gint64 number;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!may_change_entry (self, error))
    return _pink_syscall_event_is_moot (self);
  number = self->stop.arch != NULL ? pink_arch_syscall_number (self->stop.arch, name) : -1;
  if (number < 0)
    {
      g_autofree char *shown = _pink_text_escape_string (name);

      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL,
                   "%s has no system call named \"%s\"",
                   pink_abi_get_name (pink_syscall_event_get_abi (self)), shown);
      return FALSE;
    }
  change_number (self, (guint64) number);
  return TRUE;
}

/* ---- arguments ---- */

static gboolean
check_index (PinkSyscallEvent  *self,
             guint              index,
             GError           **error)
{
  guint n = pink_syscall_event_get_n_arguments (self);

  if (index < n && (self->call == NULL ||
                    pink_arch_arg_register (self->stop.arch, self->call, index) >= 0))
    return TRUE;
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
               "%s has no argument %u that could be set: it has %u, and the first is 0",
               pink_syscall_event_get_name (self), index, n);
  return FALSE;
}

/* After check_index(). */
static guint
register_of (PinkSyscallEvent *self,
             guint             index)
{
  return self->call != NULL ? (guint) pink_arch_arg_register (self->stop.arch, self->call, index) : index;
}

static gboolean
set_argument (PinkSyscallEvent  *self,
              guint              index,
              guint64            value,
              GError           **error)
{
  unsigned changed;

  if (!may_change_entry (self, error))
    return _pink_syscall_event_is_moot (self);
  if (!check_index (self, index, error))
    return FALSE;
  g_clear_pointer (&self->placed[register_of (self, index)], g_bytes_unref);
  if (self->call != NULL)
    changed = pink_arch_arg_set (self->stop.arch, self->call, index, value, self->stop.entry.args);
  else
    {
      changed = 1U << index;
      self->stop.entry.args[index] = value;
    }
  self->changes.args |= (guint8) changed;
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    if (changed & (1U << i))
      self->changes.values[i] = self->stop.entry.args[i];
  self->has_kept = 0;
  _pink_syscall_event_forget (self, FALSE);
  return TRUE;
}

/**
 * pink_syscall_event_set_argument:
 * @self: a system call, at its entry
 * @index: which argument, from 0
 * @value: the new value; a 32-bit ABI takes the lower 32 bits, unless the
 *   argument has two registers
 * @error: return location for an error
 *
 * Changes an argument. JavaScript gives numbers above 2^53 as a BigInt, or as
 * text, see pink_syscall_event_set_argument_hex().
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_WRONG_STATE if this is not
 *   the call's entry, %PINK_TRACER_ERROR_GONE,
 *   %PINK_TRACER_ERROR_INVALID_ARGUMENT if the call has no such argument
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_argument (PinkSyscallEvent  *self,
                                 guint              index,
                                 guint64            value,
                                 GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return set_argument (self, index, value, error);
}

/**
 * pink_syscall_event_set_argument_signed:
 * @self: a system call, at its entry
 * @index: which argument, from 0
 * @value: the new value, such as -100 (AT_FDCWD)
 * @error: return location for an error
 *
 * Changes an argument, as pink_syscall_event_set_argument() does.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_syscall_event_set_argument()
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_argument_signed (PinkSyscallEvent  *self,
                                        guint              index,
                                        gint64             value,
                                        GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return set_argument (self, index, (guint64) value, error);
}

/**
 * pink_syscall_event_set_argument_hex:
 * @self: a system call, at its entry
 * @index: which argument, from 0
 * @text: the new value, as hexadecimal digits, with or without "0x" before them
 * @error: return location for an error
 *
 * Changes an argument, as pink_syscall_event_set_argument() does: exact in every
 * language.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_syscall_event_set_argument(),
 *   %PINK_TRACER_ERROR_INVALID_ARGUMENT also if @text is no such number
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_argument_hex (PinkSyscallEvent  *self,
                                     guint              index,
                                     const char        *text,
                                     GError           **error)
{
  const char *digits;
  guint64 value;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  digits = g_str_has_prefix (text, "0x") || g_str_has_prefix (text, "0X") ? text + 2 : text;
  if (!g_ascii_string_to_unsigned (digits, 16, 0, G_MAXUINT64, &value, NULL))
    {
      g_autofree char *shown = _pink_text_escape_string (text);

      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "\"%s\" is no hexadecimal number of up to 64 bits", shown);
      return FALSE;
    }
  return set_argument (self, index, value, error);
}

/* ---- what an argument points to ---- */

static gsize
room_for (gsize size)
{
  return (size + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1);
}

void
_pink_syscall_event_place (PinkSyscallEvent *self)
{
  gsize total = 0;
  char *blob;

  if (self->state != PINK_SYSCALL_ENTRY || (self->changes.what & PINK_CHANGE_RESULT))
    return;
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    if (self->placed[i] != NULL)
      total += room_for (g_bytes_get_size (self->placed[i]));
  if (total == 0)
    return;
  /* By malloc(): the engine frees it where we cannot. */
  blob = calloc (1, total);
  if (blob == NULL)
    g_error ("Out of memory");
  total = 0;
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    if (self->placed[i] != NULL)
      {
        gsize size;
        gconstpointer data = g_bytes_get_data (self->placed[i], &size);

        memcpy (blob + total, data, size);
        self->changes.placed |= (guint8) (1U << i);
        self->changes.offsets[i] = (guint32) total;
        total += room_for (size);
      }
  pink_slot_set_blob (self->tracee->slot, blob, total);
}

/* With the NUL of a string. */
static gboolean
set_bytes (PinkSyscallEvent  *self,
           guint              index,
           gconstpointer      data,
           gsize              size,
           GError           **error)
{
  guint reg;

  if (!may_change_entry (self, error))
    return _pink_syscall_event_is_moot (self);
  if (!check_index (self, index, error))
    return FALSE;
  if (size == 0 || size > MAX_PLACED / PINK_ARCH_N_REGS)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "What an argument points to can have 1 to %d bytes, not %" G_GSIZE_FORMAT,
                   MAX_PLACED / PINK_ARCH_N_REGS, size);
      return FALSE;
    }
  reg = register_of (self, index);
  g_clear_pointer (&self->placed[reg], g_bytes_unref);
  self->placed[reg] = g_bytes_new (data, size);
  /* Whoever reads it from here on finds it, though it is not in the tracee yet. */
  if (self->snapshot == NULL)
    self->snapshot = _pink_snapshot_new ();
  _pink_snapshot_replace (self->snapshot, pink_syscall_event_get_argument (self, index), data, size);
  self->has_kept = 0;
  _pink_syscall_event_forget (self, FALSE);
  return TRUE;
}

/**
 * pink_syscall_event_set_argument_string:
 * @self: a system call, at its entry
 * @index: which argument, from 0
 * @string: (type filename): what it shall point to; up to 2.6 MiB
 * @error: return location for an error
 *
 * Has an argument point to another string, of any length: a path, for example.
 * What the program has there stays as it is. The string lies in memory of its own
 * that the tracee maps before the call, can read and not write, and unmaps when the
 * handlers of the call's exit have returned; other threads do not come near it
 * unless they look for it. Where it cannot be mapped the call fails with ENOMEM. A
 * child that the call makes keeps a copy, and so does a tracee that is let go
 * before its exit.
 *
 * Readers of this call's arguments find the new string from now on.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_syscall_event_set_argument()
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_argument_string (PinkSyscallEvent  *self,
                                        guint              index,
                                        const char        *string,
                                        GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (string != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return set_bytes (self, index, string, strlen (string) + 1, error);
}

/**
 * pink_syscall_event_set_argument_bytes:
 * @self: a system call, at its entry
 * @index: which argument, from 0
 * @bytes: what it shall point to; 1 byte to 2.6 MiB
 * @error: return location for an error
 *
 * Has an argument point to other bytes that the call reads, such as a structure or
 * a buffer, as pink_syscall_event_set_argument_string() does. (Their number, where
 * the call is told it, is another argument.) What a call fills is changed at its
 * exit, with pink_tracee_write_memory().
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_syscall_event_set_argument()
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_set_argument_bytes (PinkSyscallEvent  *self,
                                       guint              index,
                                       GBytes            *bytes,
                                       GError           **error)
{
  gconstpointer data;
  gsize size;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  data = g_bytes_get_data (bytes, &size);
  return set_bytes (self, index, data, size, error);
}
