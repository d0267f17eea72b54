/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A log as a file. All integers are little-endian:
 *
 *   "pinklog\n", u32 version, u32 string limit, u64 calls dropped,
 *   u32 number of tracees, u64 number of rows
 *   a tracee: i32 pid, i32 tgid, i32 wait status, u8 birth, u8 state,
 *             u16 length of its command, that (escaped UTF-8)
 *   a row: u32 its tracee, u8 abi (a PinkAbi), u8 flags (PinkRowFlags), u16 0,
 *          u64 number, 6 arguments, ip, sp, i64 real us, duration ns, value, cpu us,
 *          u32 size of the entry's pieces, u32 of the exit's, these
 *   a piece: u64 address, u32 length (see PINK_PIECE_KEPT), so many bytes
 *
 * A call's place in the table of calls is not in it: that is looked up by its number.
 * A file may come from anywhere: each length in it is checked, and what its pieces
 * hold is taken for no more than a tracee's memory is.
 */
#include "pinktrace-glib.h"

#include "pink-log-file-private.h"
#include "pink-syscall-log-private.h"
#include "pink-tracee-private.h"

#include <string.h>

#define MAGIC "pinklog\n"
#define VERSION 1
#define TRACEE_SIZE 16
#define ROW_SIZE (8 + 13 * 8 + 8)
#define MOST_PIECES (96 * 1024) /* bytes of a row's pieces; fewer than a block has room for */

/* ---- writing ---- */

static void
put_16 (GByteArray *out,
        guint16     value)
{
  value = GUINT16_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

static void
put_32 (GByteArray *out,
        guint32     value)
{
  value = GUINT32_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

static void
put_64 (GByteArray *out,
        guint64     value)
{
  value = GUINT64_TO_LE (value);
  g_byte_array_append (out, (const guint8 *) &value, sizeof value);
}

static void
put_8 (GByteArray *out,
       guint8      value)
{
  g_byte_array_append (out, &value, 1);
}

static void
put_tracee (GByteArray *out,
            PinkTracee *tracee)
{
  g_autofree char *command = pink_tracee_get_command (tracee);
  gsize length = command != NULL ? MIN (strlen (command), G_MAXUINT16) : 0;
  PinkTraceeState state = pink_tracee_get_state (tracee);

  put_32 (out, (guint32) pink_tracee_get_pid (tracee));
  put_32 (out, (guint32) pink_tracee_get_tgid (tracee));
  put_32 (out, (guint32) pink_tracee_get_wait_status (tracee));
  put_8 (out, (guint8) pink_tracee_get_birth (tracee));
  /* Of what lives yet nothing more will be known. */
  put_8 (out, (guint8) (state < PINK_TRACEE_EXITED ? PINK_TRACEE_LOST : state));
  put_16 (out, (guint16) length);
  g_byte_array_append (out, (const guint8 *) command, (guint) length);
}

static void
put_pieces (GByteArray   *out,
            const guint8 *pieces,
            guint32       size)
{
  const guint8 *bytes;
  guint64 address, kept;
  guint32 length, at = 0;

  while (_pink_pieces_next (pieces, size, &at, &address, &length, &bytes))
    {
      put_64 (out, address);
      put_32 (out, length);
      if (length & PINK_PIECE_KEPT)
        {
          memcpy (&kept, bytes, sizeof kept);
          put_64 (out, kept);
        }
      else
        g_byte_array_append (out, bytes, length);
    }
}

static void
put_row (GByteArray    *out,
         const PinkRow *row,
         guint32        place)
{
  put_32 (out, place);
  put_8 (out, row->flags & PINK_ROW_ABI ? row->abi : (guint8) PINK_ABI_UNKNOWN);
  put_8 (out, row->flags);
  put_16 (out, row->string_limit);
  put_64 (out, row->number);
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    put_64 (out, row->args[i]);
  put_64 (out, row->ip);
  put_64 (out, row->sp);
  put_64 (out, (guint64) row->real_us);
  put_64 (out, (guint64) row->duration_ns);
  put_64 (out, (guint64) row->value);
  put_64 (out, (guint64) row->cpu_us);
  put_32 (out, row->entry_size);
  put_32 (out, row->exit_size);
  put_pieces (out, _pink_row_entry_pieces (row), row->entry_size);
  put_pieces (out, row->exit_pieces, row->exit_size);
}

/* Those of the rows that are shown, and by their place in the store theirs in the file. */
static guint32 *
number_tracees (PinkSyscallLog *self,
                GPtrArray      *tracees)
{
  guint32 *places = g_new (guint32, self->store.tracees->len + 1);

  for (guint i = 0; i < self->store.tracees->len; i++)
    {
      PinkTracee *tracee = g_array_index (self->store.tracees, PinkRowTracee, i).tracee;

      places[i] = tracees->len;
      if (tracee != NULL)
        g_ptr_array_add (tracees, tracee);
    }
  return places;
}

static gboolean
flush (GByteArray     *out,
       GOutputStream  *stream,
       GCancellable   *cancellable,
       GError        **error)
{
  gboolean good = g_output_stream_write_all (stream, out->data, out->len, NULL, cancellable, error);

  g_byte_array_set_size (out, 0);
  return good;
}

static gboolean
write_log (PinkSyscallLog  *self,
           GOutputStream   *stream,
           GCancellable    *cancellable,
           GError         **error)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GPtrArray) tracees = g_ptr_array_new ();
  g_autofree guint32 *places = number_tracees (self, tracees);

  g_byte_array_append (out, (const guint8 *) MAGIC, strlen (MAGIC));
  put_32 (out, VERSION);
  put_64 (out, self->n_dropped);
  put_32 (out, tracees->len);
  put_64 (out, self->shown_end - self->shown_first);
  for (guint i = 0; i < tracees->len; i++)
    put_tracee (out, tracees->pdata[i]);
  for (guint64 id = self->shown_first; id < self->shown_end; id++)
    {
      const PinkRow *row = _pink_log_store_get (&self->store, id);

      put_row (out, row, places[row->tracee]);
      if (out->len >= 256 * 1024 && !flush (out, stream, cancellable, error))
        return FALSE;
    }
  return flush (out, stream, cancellable, error);
}

gboolean
_pink_log_replace_file (PinkSyscallLog    *self,
                        GFile             *file,
                        PinkLogWriteFunc   write,
                        GCancellable      *cancellable,
                        GError           **error)
{
  g_autoptr (GFileOutputStream) stream =
    g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, cancellable, error);
  g_autoptr (GCancellable) discard = g_cancellable_new ();

  if (stream == NULL)
    return FALSE;
  if (write (self, G_OUTPUT_STREAM (stream), cancellable, error))
    return g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, error);
  /* So the old file stays. */
  g_cancellable_cancel (discard);
  g_output_stream_close (G_OUTPUT_STREAM (stream), discard, NULL);
  return FALSE;
}

/**
 * pink_syscall_log_save:
 * @self: a log
 * @file: where to
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Writes all rows into a file, which replaces one that is there when all of it has been
 * written. The form is this library's own; a file can be read on any machine, since each
 * call's ABI is in it. It waits for the file system; of a million rows it has some 200 MB.
 *
 * Returns: %TRUE, or %FALSE with an error of #GIOErrorEnum
 *
 * Since: 1.0
 */
gboolean
pink_syscall_log_save (PinkSyscallLog  *self,
                       GFile           *file,
                       GCancellable    *cancellable,
                       GError         **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _pink_log_replace_file (self, file, write_log, cancellable, error);
}

static void
on_replaced (GObject      *file,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (g_file_replace_contents_finish (G_FILE (file), result, NULL, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * pink_syscall_log_save_async:
 * @self: a log
 * @file: where to
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: called when it has been written
 * @user_data: passed to @callback
 *
 * Writes all rows that there are now into a file, as pink_syscall_log_save() does, and
 * does not wait for the file system. What is to be written is made at once, in memory.
 *
 * Since: 1.0
 */
void
pink_syscall_log_save_async (PinkSyscallLog      *self,
                             GFile               *file,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_autoptr (GOutputStream) memory = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (PINK_IS_SYSCALL_LOG (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, pink_syscall_log_save_async);
  memory = g_memory_output_stream_new_resizable ();
  if (!write_log (self, memory, cancellable, &error) ||
      !g_output_stream_close (memory, cancellable, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, cancellable,
                                       on_replaced, g_steal_pointer (&task));
}

/**
 * pink_syscall_log_save_finish:
 * @self: a log
 * @result: what the callback of pink_syscall_log_save_async() was given
 * @error: return location for an error
 *
 * Ends what pink_syscall_log_save_async() has begun.
 *
 * Returns: %TRUE, or %FALSE with an error of #GIOErrorEnum
 *
 * Since: 1.0
 */
gboolean
pink_syscall_log_save_finish (PinkSyscallLog  *self,
                              GAsyncResult    *result,
                              GError         **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- reading ---- */

typedef struct
{
  const guint8 *at;
  gsize         left;
  gboolean      short_of; /* it ended before it should */
} Reader;

static const guint8 *
take (Reader *self,
      gsize   size)
{
  const guint8 *result = self->at;

  if (size > self->left)
    {
      self->short_of = TRUE;
      self->left = 0;
      return NULL;
    }
  self->at += size;
  self->left -= size;
  return result;
}

static guint64
take_integer (Reader *self,
              gsize   size)
{
  const guint8 *bytes = take (self, size);
  guint64 value = 0;

  for (gsize i = size; bytes != NULL && i-- > 0;)
    value = value << 8 | bytes[i];
  return value;
}

static gboolean
damaged (GError     **error,
         const char  *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "This log is damaged: %s", what);
  return FALSE;
}

/* As pink_tracee_get_command() gives it: whoever prints it has nothing to fear. */
static gboolean
is_for_people (const char *text,
               gsize       length)
{
  if (!g_utf8_validate_len (text, length, NULL))
    return FALSE;
  for (const char *at = text; at < text + length; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return FALSE;
  return TRUE;
}

static PinkTracee *
take_tracee (Reader  *in,
             GError **error)
{
  g_autoptr (PinkTracee) tracee = g_object_new (PINK_TYPE_TRACEE, NULL);
  const guint8 *command;
  guint8 birth, state;
  guint16 length;

  tracee->pid = (int) take_integer (in, 4);
  tracee->tgid = (int) take_integer (in, 4);
  tracee->wait_status = (int) take_integer (in, 4);
  birth = (guint8) take_integer (in, 1);
  state = (guint8) take_integer (in, 1);
  length = (guint16) take_integer (in, 2);
  command = take (in, length);
  if (in->short_of || tracee->pid < 0 || tracee->tgid < 0 || tracee->wait_status < -1 ||
      birth > PINK_TRACEE_BIRTH_CLONE || state < PINK_TRACEE_EXITED || state > PINK_TRACEE_DETACHED ||
      !is_for_people ((const char *) command, length))
    {
      damaged (error, "what it says of a process makes no sense");
      return NULL;
    }
  tracee->birth = (PinkTraceeBirth) birth;
  tracee->state = (PinkTraceeState) state;
  tracee->command = length > 0 ? g_strndup ((const char *) command, length) : NULL;
  return g_steal_pointer (&tracee);
}

/* In the machine's own byte order; NULL where they make no sense. */
static guint8 *
take_pieces (Reader  *in,
             guint32  size)
{
  Reader pieces = { take (in, size), size, FALSE };
  guint8 *result = g_malloc (MAX (size, 1)), *end = result;

  while (!in->short_of && pieces.left > 0)
    {
      guint64 address = take_integer (&pieces, 8), kept;
      guint32 length = (guint32) take_integer (&pieces, 4);
      const guint8 *bytes = take (&pieces, length & ~PINK_PIECE_KEPT);

      if (pieces.short_of || ((length & PINK_PIECE_KEPT) && length != (PINK_PIECE_KEPT | 8)))
        break;
      memcpy (end, &address, sizeof address);
      memcpy (end + sizeof address, &length, sizeof length);
      end += PINK_PIECE_HEAD_SIZE;
      memcpy (end, bytes, length & ~PINK_PIECE_KEPT);
      if (length & PINK_PIECE_KEPT)
        {
          memcpy (&kept, bytes, sizeof kept);
          kept = GUINT64_FROM_LE (kept);
          memcpy (end, &kept, sizeof kept);
        }
      end += length & ~PINK_PIECE_KEPT;
    }
  if (in->short_of || pieces.left > 0 || pieces.short_of)
    g_clear_pointer (&result, g_free);
  return result;
}

static void
set_abi (PinkRow *row,
         guint8   abi)
{
  const PinkArch *arch = abi > PINK_ARCH_UNKNOWN && abi < PINK_ARCH_N_IDS
                         ? pink_arch_get ((PinkArchId) abi) : NULL;

  row->flags &= ~PINK_ROW_ABI;
  row->call = -1;
  if (arch == NULL)
    return;
  row->flags |= PINK_ROW_ABI;
  row->abi = abi;
  row->call = (gint16) pink_arch_syscall_index (arch, row->number);
}

static gboolean
take_row (PinkSyscallLog  *self,
          Reader          *in,
          PinkLogStore    *store,
          GPtrArray       *tracees,
          guint64         *n_dropped,
          GError         **error)
{
  PinkRow head = { 0 }, *row;
  guint32 place = (guint32) take_integer (in, 4), entry_size, exit_size, string_limit;
  guint8 abi = (guint8) take_integer (in, 1);
  g_autofree guint8 *entry = NULL;
  g_autofree guint8 *leave = NULL;

  head.flags = (guint8) take_integer (in, 1) &
               (PINK_ROW_RETURNED | PINK_ROW_ERROR | PINK_ROW_GONE | PINK_ROW_LAUNCH);
  string_limit = (guint32) take_integer (in, 2);
  head.number = take_integer (in, 8);
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    head.args[i] = take_integer (in, 8);
  head.ip = take_integer (in, 8);
  head.sp = take_integer (in, 8);
  head.real_us = (gint64) take_integer (in, 8);
  head.duration_ns = (gint64) take_integer (in, 8);
  head.value = (gint64) take_integer (in, 8);
  head.cpu_us = (gint64) take_integer (in, 8);
  entry_size = (guint32) take_integer (in, 4);
  exit_size = (guint32) take_integer (in, 4);
  if (in->short_of || place >= tracees->len)
    return damaged (error, "a call is not whole, or of no process");
  if (entry_size > MOST_PIECES || exit_size > MOST_PIECES || string_limit > PINK_LOG_MOST_STRING_LIMIT)
    return damaged (error, "a call has more memory than can have been recorded");
  set_abi (&head, abi);
  head.entry_size = entry_size & 0x1ffff;
  head.string_limit = string_limit & 0x7fff;
  entry = take_pieces (in, entry_size);
  leave = take_pieces (in, exit_size);
  if (entry == NULL || leave == NULL)
    return damaged (error, "the memory of a call is not whole");

  /* Where the newest are left out; else the next update takes the oldest away. */
  if (self->drop_newest &&
      _pink_syscall_log_is_over (self, store->end - store->first + 1,
                                 store->bytes + sizeof *row + entry_size + exit_size))
    {
      (*n_dropped)++;
      return TRUE;
    }
  row = _pink_log_store_append (store, tracees->pdata[place], entry, entry_size);
  head.tracee = row->tracee;
  *row = head;
  _pink_log_store_set_exit_pieces (store, row, leave, exit_size);
  return TRUE;
}

static gboolean
take_head (Reader   *in,
           guint64  *n_dropped,
           guint32  *n_tracees,
           guint64  *n_rows,
           GError  **error)
{
  const guint8 *magic = take (in, strlen (MAGIC));
  guint32 version = (guint32) take_integer (in, 4);

  *n_dropped = take_integer (in, 8);
  *n_tracees = (guint32) take_integer (in, 4);
  *n_rows = take_integer (in, 8);
  if (magic == NULL || memcmp (magic, MAGIC, strlen (MAGIC)) != 0)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           "This is no log of system calls, as pink_syscall_log_save() writes them");
      return FALSE;
    }
  if (!in->short_of && version != VERSION)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                   "This log is of version %u; this library reads version %d", version, VERSION);
      return FALSE;
    }
  if (in->short_of || *n_tracees > in->left / TRACEE_SIZE ||
      *n_rows > in->left / ROW_SIZE)
    return damaged (error, "it is shorter than it says");
  return TRUE;
}

static gboolean
take_all (PinkSyscallLog  *self,
          Reader          *in,
          PinkLogStore    *store,
          guint64         *n_dropped,
          GError         **error)
{
  g_autoptr (GPtrArray) tracees = g_ptr_array_new_with_free_func (g_object_unref);
  guint32 n_tracees;
  guint64 n_rows;

  if (!take_head (in, n_dropped, &n_tracees, &n_rows, error))
    return FALSE;
  while (tracees->len < n_tracees)
    {
      PinkTracee *tracee = take_tracee (in, error);

      if (tracee == NULL)
        return FALSE;
      g_ptr_array_add (tracees, tracee);
    }
  for (guint64 i = 0; i < n_rows; i++)
    if (!take_row (self, in, store, tracees, n_dropped, error))
      return FALSE;
  return in->left == 0 || damaged (error, "there is more than it says");
}

static gboolean
take_bytes (PinkSyscallLog  *self,
            GBytes          *bytes,
            GError         **error)
{
  PinkLogStore store;
  Reader in = { 0 };
  guint64 n_dropped = 0;
  gboolean good;

  in.at = g_bytes_get_data (bytes, &in.left);
  _pink_log_store_init (&store);
  store.first = store.end = self->store.end;
  good = take_all (self, &in, &store, &n_dropped, error);
  if (good)
    _pink_syscall_log_take_rows (self, &store, n_dropped);
  _pink_log_store_clear (&store);
  return good;
}

/**
 * pink_syscall_log_load:
 * @self: a log
 * @file: where from
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @error: return location for an error
 *
 * Reads a file of pink_syscall_log_save(), of whatever machine; its rows take the place
 * of those that are there. The bounds of this log hold. Each row's tracee is an object
 * that tells its ids and its name, and has no parent or children.
 *
 * Returns: %TRUE, or %FALSE with %G_IO_ERROR_INVALID_DATA if this is no such file or it
 *   is damaged, %G_IO_ERROR_NOT_SUPPORTED if it is of a later version of the form, or
 *   another error of #GIOErrorEnum; the log is then as it was
 *
 * Since: 1.0
 */
gboolean
pink_syscall_log_load (PinkSyscallLog  *self,
                       GFile           *file,
                       GCancellable    *cancellable,
                       GError         **error)
{
  g_autoptr (GBytes) bytes = NULL;

  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  bytes = g_file_load_bytes (file, cancellable, NULL, error);
  return bytes != NULL && take_bytes (self, bytes, error);
}

static void
on_loaded (GObject      *file,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (GTask) task = data;
  g_autoptr (GBytes) bytes = NULL;
  GError *error = NULL;

  bytes = g_file_load_bytes_finish (G_FILE (file), result, NULL, &error);
  if (bytes != NULL && take_bytes (g_task_get_source_object (task), bytes, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * pink_syscall_log_load_async:
 * @self: a log
 * @file: where from
 * @cancellable: (nullable): a #GCancellable, or %NULL
 * @callback: called when it has been read
 * @user_data: passed to @callback
 *
 * Reads a file as pink_syscall_log_load() does, and does not wait for the file system.
 *
 * Since: 1.0
 */
void
pink_syscall_log_load_async (PinkSyscallLog      *self,
                             GFile               *file,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task;

  g_return_if_fail (PINK_IS_SYSCALL_LOG (self));
  g_return_if_fail (G_IS_FILE (file));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, pink_syscall_log_load_async);
  g_file_load_bytes_async (file, cancellable, on_loaded, task);
}

/**
 * pink_syscall_log_load_finish:
 * @self: a log
 * @result: what the callback of pink_syscall_log_load_async() was given
 * @error: return location for an error
 *
 * Ends what pink_syscall_log_load_async() has begun.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_syscall_log_load()
 *
 * Since: 1.0
 */
gboolean
pink_syscall_log_load_finish (PinkSyscallLog  *self,
                              GAsyncResult    *result,
                              GError         **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
