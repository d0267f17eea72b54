/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Rows made of what a tracer has taken out of its tasks' rings.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-syscall-log-private.h"

#include <string.h>

static void
set_entry (PinkRow             *row,
           const PinkArch      *arch,
           const PinkArchEntry *entry)
{
  row->number = entry->number;
  memcpy (row->args, entry->args, sizeof row->args);
  row->ip = entry->ip;
  row->sp = entry->sp;
  if (arch != NULL)
    {
      row->abi = (guint8) pink_arch_id (arch);
      row->flags |= PINK_ROW_ABI;
    }
}

/* NULL: it is full. A row has its place until the next update, which makes room. */
static PinkRow *
append (PinkSyscallLog *self,
        PinkTracee     *tracee,
        gconstpointer   pieces,
        guint32         size)
{
  PinkRow *row;

  if (self->drop_newest &&
      _pink_syscall_log_is_over (self, self->store.end - self->store.first + 1,
                                 self->store.bytes + sizeof (PinkRow) + size))
    {
      _pink_log_store_take_open (&self->store, tracee);
      _pink_syscall_log_add_dropped (self, 1);
      return NULL;
    }
  row = _pink_log_store_append (&self->store, tracee, pieces, size);
  row->string_limit = self->string_limit;
  return row;
}

void
_pink_syscall_log_add_entry (PinkSyscallLog        *self,
                             PinkTracee            *tracee,
                             const PinkEntryRecord *record)
{
  PinkRow *row = append (self, tracee, pink_entry_record_pieces (record), record->pieces_size);

  if (row == NULL)
    return;
  row->call = record->row;
  row->real_us = record->real_us;
  set_entry (row, record->arch, &record->entry);
  _pink_log_store_set_open (&self->store, tracee, self->store.end - 1);
}

static void
complete (PinkSyscallLog *self,
          guint64         id)
{
  if (id < self->shown_end)
    g_array_append_val (self->completed, id);
}

void
_pink_syscall_log_add_exit (PinkSyscallLog       *self,
                            PinkTracee           *tracee,
                            const PinkExitRecord *record)
{
  guint64 id = _pink_log_store_take_open (&self->store, tracee);
  PinkRow *row = _pink_log_store_get (&self->store, id);
  const PinkArch *arch;

  if (row == NULL)
    return;
  row->flags |= PINK_ROW_RETURNED | (record->is_error ? PINK_ROW_ERROR : 0);
  row->value = record->value;
  row->duration_ns = record->duration_ns;
  row->cpu_us = record->cpu_us;
  if (record->changed)
    {
      arch = row->flags & PINK_ROW_ABI ? pink_arch_get ((PinkArchId) row->abi) : NULL;
      set_entry (row, arch, &record->entry);
      row->call = arch != NULL ? (gint16) pink_arch_syscall_index (arch, row->number) : -1;
    }
  _pink_log_store_set_exit_pieces (&self->store, row, pink_exit_record_pieces (record),
                                   record->pieces_size);
  complete (self, id);
}

/* As much of it as a record would have at most. */
static GByteArray *
pieces_of (PinkSnapshot *snapshot)
{
  GByteArray *pieces = g_byte_array_new ();
  guint64 address;
  GBytes *bytes;

  for (guint i = 0; snapshot != NULL && _pink_snapshot_get (snapshot, i, &address, &bytes); i++)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (bytes, &size);
      guint32 length = (guint32) MIN (size, 4096);

      if (pieces->len + PINK_PIECE_HEAD_SIZE + length > 65536)
        break;
      g_byte_array_append (pieces, (const guint8 *) &address, sizeof address);
      g_byte_array_append (pieces, (const guint8 *) &length, sizeof length);
      g_byte_array_append (pieces, data, length);
    }
  return pieces;
}

void
_pink_syscall_log_add_launch (PinkSyscallLog *self,
                              PinkTracee     *tracee,
                              const PinkStop *stop,
                              PinkSnapshot   *snapshot)
{
  g_autoptr (GByteArray) pieces = pieces_of (snapshot);
  PinkRow *row = append (self, tracee, pieces->data, pieces->len);

  if (row == NULL)
    return;
  row->call = (gint16) stop->row;
  row->real_us = stop->real_us;
  set_entry (row, stop->arch, &stop->entry);
  row->flags |= PINK_ROW_LAUNCH | PINK_ROW_RETURNED | (stop->exit.is_error ? PINK_ROW_ERROR : 0);
  row->value = stop->exit.value;
  row->duration_ns = stop->returned_ns - stop->resumed_ns;
  row->cpu_us = stop->cpu_us;
}

/* The tracee ends, perhaps in a call. */
void
_pink_syscall_log_end (PinkSyscallLog *self,
                       PinkTracee     *tracee)
{
  guint64 id = _pink_log_store_take_open (&self->store, tracee);
  PinkRow *row = _pink_log_store_get (&self->store, id);

  if (row == NULL)
    return;
  row->flags |= PINK_ROW_GONE;
  complete (self, id);
}
