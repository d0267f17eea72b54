/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Events that are rows of a log: the same class as a handler gets, over what was
 * written down.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-syscall-log-private.h"

#include <string.h>

/* What the decoder has kept at the entry lies among the pieces. */
static PinkSnapshot *
make_snapshot (PinkSyscallEvent *self,
               const guint8     *pieces,
               guint32           size)
{
  PinkSnapshot *snapshot = _pink_snapshot_new ();
  const guint8 *bytes;
  guint64 address;
  guint32 length, at = 0;

  while (_pink_pieces_next (pieces, size, &at, &address, &length, &bytes))
    if (!(length & PINK_PIECE_KEPT))
      _pink_snapshot_add (snapshot, address, bytes, length);
    else if (length == (PINK_PIECE_KEPT | sizeof self->kept[0]) && address < PINK_ARCH_N_REGS)
      {
        memcpy (&self->kept[address], bytes, sizeof self->kept[0]);
        self->has_kept |= (guint8) (1U << address);
      }
  return snapshot;
}

static void
set_call (PinkSyscallEvent *self,
          const PinkRow    *row)
{
  self->stop.row = row->call;
  self->stop.entry.number = row->number;
  memcpy (self->stop.entry.args, row->args, sizeof row->args);
  self->stop.entry.ip = row->ip;
  self->stop.entry.sp = row->sp;
  self->call = row->call >= 0 ? pink_arch_syscall ((unsigned) row->call) : NULL;
  g_clear_pointer (&self->own_name, g_free);
}

static void
set_returned (PinkSyscallEvent *self,
              gboolean          is_error,
              gint64            value,
              gint64            duration_ns,
              gint64            cpu_us)
{
  self->has_result = TRUE;
  self->state = PINK_SYSCALL_FINISHED;
  self->stop.exit.is_error = is_error;
  self->stop.exit.value = value;
  self->stop.resumed_ns = 0;
  self->stop.returned_ns = duration_ns;
  self->stop.cpu_us = cpu_us;
}

static void
set_result (PinkSyscallEvent *self,
            const PinkRow    *row)
{
  self->has_result = FALSE;
  self->state = row->flags & PINK_ROW_GONE ? PINK_SYSCALL_GONE : PINK_SYSCALL_RUNNING;
  if ((row->flags & PINK_ROW_RETURNED) == 0)
    return;
  set_returned (self, (row->flags & PINK_ROW_ERROR) != 0, row->value, row->duration_ns, row->cpu_us);
  g_clear_pointer (&self->exit_snapshot, _pink_snapshot_free);
  if (row->exit_size > 0)
    self->exit_snapshot = make_snapshot (self, row->exit_pieces, row->exit_size);
}

PinkSyscallEvent *
_pink_syscall_event_new_row (PinkTracee    *tracee,
                             const PinkRow *row,
                             PinkTextFlags  text_flags)
{
  PinkSyscallEvent *self = g_object_new (PINK_TYPE_SYSCALL_EVENT, NULL);

  self->tracee = g_object_ref (tracee);
  self->is_row = TRUE;
  self->has_entry = TRUE;
  self->string_limit = row->string_limit;
  self->text_flags = text_flags;
  self->is_launch = (row->flags & PINK_ROW_LAUNCH) != 0;
  self->stop.arch = row->flags & PINK_ROW_ABI ? pink_arch_get ((PinkArchId) row->abi) : NULL;
  self->stop.real_us = row->real_us;
  set_call (self, row);
  self->snapshot = make_snapshot (self, _pink_row_entry_pieces (row), row->entry_size);
  set_result (self, row);
  return self;
}

/* Its exit has come, or its tracee has ended. */
void
_pink_syscall_event_update_row (PinkSyscallEvent *self,
                                const PinkRow    *row)
{
  _pink_syscall_event_forget (self, FALSE);
  set_call (self, row);
  set_result (self, row);
  _pink_syscall_event_notify_end (self);
}

void
_pink_syscall_event_leave_log (PinkSyscallEvent *self)
{
  PinkSyscallLog *log = g_steal_pointer (&self->log);

  if (log != NULL)
    _pink_syscall_log_forget (log, self);
}

PinkSyscallEvent *
_pink_syscall_event_new_observed (PinkTracee            *tracee,
                                  const PinkEntryRecord *record)
{
  PinkStop stop = { .row = record->row, .arch = record->arch, .entry = record->entry,
                    .real_us = record->real_us, .cpu_us = -1 };
  PinkSyscallEvent *self = _pink_syscall_event_new (tracee, &stop);

  self->is_row = TRUE;
  self->string_limit = MIN (self->string_limit, record->string_limit);
  self->state = PINK_SYSCALL_RUNNING;
  self->snapshot = make_snapshot (self, pink_entry_record_pieces (record), record->pieces_size);
  return self;
}

void
_pink_syscall_event_set_observed_result (PinkSyscallEvent     *self,
                                         const PinkExitRecord *record)
{
  if (record->changed)
    {
      self->stop.entry = record->entry;
      self->has_kept = 0;
      self->stop.row = self->stop.arch != NULL ? pink_arch_syscall_index (self->stop.arch, record->entry.number) : -1;
      self->call = self->stop.row >= 0 ? pink_arch_syscall ((unsigned) self->stop.row) : NULL;
      g_clear_pointer (&self->own_name, g_free);
    }
  set_returned (self, record->is_error, record->value, record->duration_ns, record->cpu_us);
  self->decided = (record->by_rule & PINK_RECORD_DECIDED) != 0;
  self->stop.delayed = (record->by_rule & PINK_RECORD_DELAYED) != 0;
  if (record->pieces_size > 0)
    self->exit_snapshot = make_snapshot (self, pink_exit_record_pieces (record), record->pieces_size);
  _pink_syscall_event_forget (self, !record->changed);
}
