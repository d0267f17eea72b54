/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a call's arguments point to.
 */
#include "pinktrace-glib.h"

#include "pink-path-private.h"
#include "pink-syscall-event-private.h"
#include "pink-text-private.h"
#include "pink-tracee-private.h"

#include <string.h>

gboolean
_pink_syscall_event_get_memory (PinkSyscallEvent *self,
                                PinkMemory       *memory,
                                GError          **error)
{
  gboolean stopped = self->state == PINK_SYSCALL_ENTRY || self->state == PINK_SYSCALL_EXIT;
  gboolean replaced = self->is_launch ||
                      (self->has_result && !self->stop.exit.is_error &&
                       _pink_syscall_event_is_execve (self));

  memory->snapshot = self->exit_snapshot != NULL ? self->exit_snapshot : self->snapshot;
  memory->more = self->snapshot;
  memory->recorded = self->is_row;
  memory->pid = 0;
  memory->slot = NULL;
  memory->word_size = self->stop.arch != NULL ? pink_arch_word_size (self->stop.arch)
                                              : (guint) sizeof (gpointer);
  memory->swap = self->stop.arch != NULL &&
                 pink_arch_is_big_endian (self->stop.arch) != (G_BYTE_ORDER == G_BIG_ENDIAN);

  if (self->is_row)
    return TRUE;
  if (self->snapshot != NULL && (replaced || !stopped))
    return TRUE;
  if (replaced)
    return TRUE; /* reading then says that the memory is gone */
  if (self->tracee == NULL)
    {
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                           "This system call was not made by a tracer: it has no tracee");
      return FALSE;
    }
  if (self->state == PINK_SYSCALL_GONE || self->tracee->slot == NULL ||
      pink_slot_has_ended (self->tracee->slot))
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE,
                   "The tracee %d has ended, and its memory with it", self->tracee->pid);
      return FALSE;
    }
  if (!_pink_tracee_check_ours (self->tracee, error))
    return FALSE;
  if (!stopped)
    {
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                           "The tracee has gone on: its memory can be read only in a handler, "
                           "until that returns");
      return FALSE;
    }
  memory->pid = self->tracee->pid;
  memory->slot = self->tracee->slot;
  return TRUE;
}

gboolean
_pink_syscall_event_get_argument_memory (PinkSyscallEvent  *self,
                                         guint              index,
                                         PinkMemory        *memory,
                                         GError           **error)
{
  if (!_pink_syscall_event_get_memory (self, memory, error))
    return FALSE;
  if (self->is_row && !_pink_syscall_event_told_at_exit (self, index))
    {
      memory->snapshot = self->snapshot;
      memory->more = self->exit_snapshot;
    }
  return TRUE;
}

static gboolean
check_index (PinkSyscallEvent  *self,
             guint              index,
             GError           **error)
{
  guint n = pink_syscall_event_get_n_arguments (self);

  if (index < n)
    return TRUE;
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
               "%s has no argument %u: it has %u, and the first is 0",
               self->has_entry ? pink_syscall_event_get_name (self) : "this call", index, n);
  return FALSE;
}

static char *
read_raw (PinkSyscallEvent  *self,
          guint              index,
          gsize              limit,
          GError           **error)
{
  PinkMemory memory;
  gboolean truncated;
  gsize length;
  char *string;

  if (!check_index (self, index, error) ||
      !_pink_syscall_event_get_argument_memory (self, index, &memory, error))
    return NULL;
  string = _pink_memory_read_string (&memory, pink_syscall_event_get_argument (self, index),
                                     limit, &length, &truncated, error);
  if (string != NULL && truncated && self->is_row)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                   "Of the string in argument %u of %s only %" G_GSIZE_FORMAT " bytes were recorded: "
                   "see the string-limit of the log or, with PinkTracer:observe-only, of the tracer",
                   index, pink_syscall_event_get_name (self), length);
      g_clear_pointer (&string, g_free);
    }
  else if (string != NULL && truncated)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                   "The string in argument %u of %s has no end within %" G_GSIZE_FORMAT " bytes",
                   index, pink_syscall_event_get_name (self), limit);
      g_clear_pointer (&string, g_free);
    }
  return string;
}

static char *
escape_and_free (char *bytes)
{
  char *text = bytes != NULL ? _pink_text_escape (bytes, strlen (bytes)) : NULL;

  g_free (bytes);
  return text;
}

/**
 * pink_syscall_event_read_string:
 * @self: a system call
 * @index: which argument, from 0
 * @error: return location for an error
 *
 * Reads the string that an argument points to, of up to 65535 bytes, while the
 * tracee is stopped. (Of an execve what its arguments point to is kept, and can
 * be read for as long as the event is there.)
 *
 * C and Vala get the bytes. To scripts this name means
 * pink_syscall_event_read_string_escaped().
 *
 * Returns: (transfer full) (type filename): the string, or %NULL with
 *   %PINK_TRACER_ERROR_UNREADABLE, %PINK_TRACER_ERROR_GONE,
 *   %PINK_TRACER_ERROR_WRONG_STATE or %PINK_TRACER_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
char *
pink_syscall_event_read_string (PinkSyscallEvent  *self,
                                guint              index,
                                GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return read_raw (self, index, PINK_MAX_STRING, error);
}

/**
 * pink_syscall_event_read_string_escaped: (rename-to pink_syscall_event_read_string)
 * @self: a system call
 * @index: which argument, from 0
 * @error: return location for an error
 *
 * Reads the string that an argument points to, as text: bytes that are not
 * UTF-8 come as `\xff`, a backslash as `\\`, so that it is always valid and can
 * be turned back. The rest is as with pink_syscall_event_read_string().
 *
 * Returns: (transfer full): the text, or %NULL with an error
 *
 * Since: 1.0
 */
char *
pink_syscall_event_read_string_escaped (PinkSyscallEvent  *self,
                                        guint              index,
                                        GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return escape_and_free (read_raw (self, index, PINK_MAX_STRING, error));
}

int
_pink_syscall_event_dirfd (PinkSyscallEvent *self,
                           guint             index)
{
  for (guint i = index; i-- > 0;)
    if (_pink_syscall_event_kind (self, i) == PINK_ARG_DIRFD)
      return (int) pink_syscall_event_get_argument_signed (self, i);
  return PINK_PATH_CWD;
}

static char *
read_path (PinkSyscallEvent  *self,
           guint              index,
           GError           **error)
{
  g_autofree char *path = read_raw (self, index, PINK_MAX_PATH, error);

  if (path == NULL)
    return NULL;
  if (self->is_row)
    {
      if (path[0] == '/')
        return g_steal_pointer (&path);
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                           "The directory that this path begins at was not recorded; "
                           "read_string() gives the path as the program gave it");
      return NULL;
    }
  if (self->tracee->slot == NULL ||
      (self->state != PINK_SYSCALL_ENTRY && self->state != PINK_SYSCALL_EXIT))
    {
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                           "The tracee has gone on: a path can be followed only in a handler, "
                           "until that returns");
      return NULL;
    }
  return _pink_path_resolve (self->tracee->pid, _pink_syscall_event_dirfd (self, index), path, error);
}

/**
 * pink_syscall_event_read_path:
 * @self: a system call
 * @index: which argument, from 0
 * @error: return location for an error
 *
 * Reads the path that an argument points to, and makes it absolute as the
 * kernel will: from the directory that the descriptor argument before it names
 * (openat(2)) or the tracee's working directory, within the tracee's root. The
 * directories on the way are walked, so `..` and links in them are gone; the
 * last component stays as it is, since not every call follows a link there, and
 * it may not exist. Where a directory does not exist or may not be entered, the
 * path is joined but not walked.
 *
 * A row of a log has no tracee to ask: an absolute path comes back as it was given,
 * and any other is %PINK_TRACER_ERROR_UNREADABLE.
 *
 * What in /proc depends on who looks is what it is to the tracee, wherever the path
 * comes by it: /proc/self, /proc/thread-self, /dev/fd and their like, also in a /proc
 * of a PID namespace of its own; and a link of a process, such as /proc/self/cwd on the
 * way, leads to where the kernel follows it. As the last component such a link stays:
 * /dev/fd/5 is /proc/PID/fd/5, and pink_tracee_read_descriptor() tells what that is.
 * Where we may not look, or it cannot be told which process is meant, that is
 * %PINK_TRACER_ERROR_UNREADABLE.
 *
 * A tracee with mounts of its own is asked what it sees, too, and the path names it as
 * the tracee would: here another file may have this name, or another process this number.
 *
 * Between this and the call another thread or process may change what the path
 * means: a policy that must hold denies by default, and a sandbox needs the
 * kernel's help (namespaces, Landlock).
 *
 * C and Vala get the bytes. To scripts this name means
 * pink_syscall_event_read_path_escaped().
 *
 * Returns: (transfer full) (type filename): the path, or %NULL with the errors
 *   of pink_syscall_event_read_string()
 *
 * Since: 1.0
 */
char *
pink_syscall_event_read_path (PinkSyscallEvent  *self,
                              guint              index,
                              GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return read_path (self, index, error);
}

/**
 * pink_syscall_event_read_path_escaped: (rename-to pink_syscall_event_read_path)
 * @self: a system call
 * @index: which argument, from 0
 * @error: return location for an error
 *
 * Reads a path as pink_syscall_event_read_path() does, as text: bytes that are
 * not UTF-8 come as `\xff`, a backslash as `\\`.
 *
 * Returns: (transfer full): the text, or %NULL with an error
 *
 * Since: 1.0
 */
char *
pink_syscall_event_read_path_escaped (PinkSyscallEvent  *self,
                                      guint              index,
                                      GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return escape_and_free (read_path (self, index, error));
}

/**
 * pink_syscall_event_read_file:
 * @self: a system call
 * @index: which argument, from 0
 * @error: return location for an error
 *
 * Reads a path as pink_syscall_event_read_path() does, as a #GFile.
 *
 * Returns: (transfer full): the file, or %NULL with an error
 *
 * Since: 1.0
 */
GFile *
pink_syscall_event_read_file (PinkSyscallEvent  *self,
                              guint              index,
                              GError           **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  path = read_path (self, index, error);
  return path != NULL ? g_file_new_for_path (path) : NULL;
}

/**
 * pink_syscall_event_read_bytes:
 * @self: a system call
 * @index: which argument, from 0
 * @length: how many bytes to read, up to 16 MiB
 * @error: return location for an error
 *
 * Reads the memory that an argument points to. Where only its beginning can be
 * read, that is what comes back: compare the size.
 *
 * Returns: (transfer full): the bytes, at most @length, or %NULL with the
 *   errors of pink_syscall_event_read_string()
 *
 * Since: 1.0
 */
GBytes *
pink_syscall_event_read_bytes (PinkSyscallEvent  *self,
                               guint              index,
                               gsize              length,
                               GError           **error)
{
  PinkMemory memory;
  guint64 address;
  guint8 *buffer;
  gssize have;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!check_index (self, index, error) ||
      !_pink_syscall_event_get_argument_memory (self, index, &memory, error))
    return NULL;
  if (length > 16 * 1024 * 1024)
    {
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                           "At most 16 MiB can be read at once");
      return NULL;
    }

  address = pink_syscall_event_get_argument (self, index);
  buffer = g_malloc (MAX (length, 1));
  have = _pink_memory_read_all (&memory, address, buffer, length, error);
  if (have < 0)
    {
      g_free (buffer);
      return NULL;
    }
  return g_bytes_new_take (buffer, (gsize) have);
}

static char **
read_strings (PinkSyscallEvent  *self,
              guint              index,
              GError           **error)
{
  PinkMemory memory;
  gboolean truncated;

  if (!check_index (self, index, error) ||
      !_pink_syscall_event_get_argument_memory (self, index, &memory, error))
    return NULL;
  return _pink_memory_read_strings (&memory, pink_syscall_event_get_argument (self, index),
                                    PINK_MAX_STRINGS, PINK_MAX_STRING, &truncated, error);
}

/**
 * pink_syscall_event_read_string_array:
 * @self: a system call
 * @index: which argument, from 0
 * @error: return location for an error
 *
 * Reads the NULL-terminated array of strings that an argument points to, such
 * as the argv and envp of execve(2): up to 65536 strings of up to 65535 bytes,
 * and a mebibyte in all; what is longer is cut.
 *
 * C and Vala get the bytes. To scripts this name means
 * pink_syscall_event_read_string_array_escaped().
 *
 * Returns: (transfer full) (array zero-terminated=1) (element-type filename):
 *   the strings, or %NULL with the errors of pink_syscall_event_read_string()
 *
 * Since: 1.0
 */
char **
pink_syscall_event_read_string_array (PinkSyscallEvent  *self,
                                      guint              index,
                                      GError           **error)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return read_strings (self, index, error);
}

/**
 * pink_syscall_event_read_string_array_escaped: (rename-to pink_syscall_event_read_string_array)
 * @self: a system call
 * @index: which argument, from 0
 * @error: return location for an error
 *
 * Reads an array of strings as pink_syscall_event_read_string_array() does, as
 * text: bytes that are not UTF-8 come as `\xff`, a backslash as `\\`.
 *
 * Returns: (transfer full) (array zero-terminated=1): the texts, or %NULL with an error
 *
 * Since: 1.0
 */
char **
pink_syscall_event_read_string_array_escaped (PinkSyscallEvent  *self,
                                              guint              index,
                                              GError           **error)
{
  g_auto (GStrv) strings = NULL;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  strings = read_strings (self, index, error);
  return strings != NULL ? _pink_text_escape_all (strings) : NULL;
}

/* ---- execve's arguments, kept ---- */

/* How much was kept. */
static gsize
capture_string (PinkSnapshot     *snapshot,
                const PinkMemory *memory,
                guint64           address)
{
  gboolean truncated;
  gsize length;
  g_autofree char *string =
    _pink_memory_read_string (memory, address, PINK_MAX_STRING, &length, &truncated, NULL);

  if (string == NULL)
    return 0;
  _pink_snapshot_add (snapshot, address, string, truncated ? length : length + 1);
  return length + 1;
}

static void
capture_strings (PinkSnapshot     *snapshot,
                 const PinkMemory *memory,
                 guint64           address)
{
  gboolean truncated;
  g_autoptr (GArray) pointers =
    _pink_memory_read_pointers (memory, address, PINK_MAX_STRINGS, &truncated, NULL);
  g_autofree guint8 *raw = NULL;
  gsize size, total = 0;

  if (pointers == NULL)
    return;
  for (guint i = 0; i < pointers->len && total < PINK_MAX_ARRAY; i++)
    total += capture_string (snapshot, memory, g_array_index (pointers, guint64, i));

  /* The array itself, in the tracee's form, with its NULL. */
  size = (pointers->len + !truncated) * (gsize) memory->word_size;
  raw = g_malloc0 (size);
  if (_pink_memory_read (memory, address, raw, size, NULL) == (gssize) size)
    _pink_snapshot_add (snapshot, address, raw, size);
}

void
_pink_syscall_event_capture (PinkSyscallEvent *self)
{
  g_autoptr (PinkSnapshot) snapshot = _pink_snapshot_new ();
  PinkMemory memory;

  if (self->snapshot != NULL || !_pink_syscall_event_get_memory (self, &memory, NULL))
    return;
  for (guint i = 0; i < pink_syscall_event_get_n_arguments (self); i++)
    {
      guint64 address = pink_syscall_event_get_argument (self, i);

      if (_pink_syscall_event_kind (self, i) == PINK_ARG_PATH)
        capture_string (snapshot, &memory, address);
      else if (_pink_syscall_event_kind (self, i) == PINK_ARG_STRING_ARRAY)
        capture_strings (snapshot, &memory, address);
    }
  self->snapshot = g_steal_pointer (&snapshot);
}
