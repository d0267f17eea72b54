/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tracee's memory at any address, and its descriptors.
 */
#include "pinktrace-glib.h"

#include "pink-memory-private.h"
#include "pink-path-private.h"
#include "pink-text-private.h"
#include "pink-tracee-private.h"

#include <errno.h>
#include <string.h>

#define MAX_BYTES (16 * 1024 * 1024)

static gboolean
get_memory (PinkTracee  *self,
            PinkMemory  *memory,
            GError     **error)
{
  const PinkArch *arch;

  if (self->slot == NULL || pink_slot_has_ended (self->slot))
    {
      g_propagate_error (error, _pink_tracee_gone_error (self));
      return FALSE;
    }
  if (!_pink_tracee_check_ours (self, error))
    return FALSE;
  if (!self->stopped)
    {
      _pink_tracee_set_running (self, "its memory can be reached", error);
      return FALSE;
    }
  arch = pink_slot_get_stop (self->slot)->arch;
  memory->snapshot = NULL;
  memory->more = NULL;
  memory->recorded = FALSE;
  memory->pid = self->pid;
  memory->slot = self->slot;
  memory->word_size = arch != NULL ? pink_arch_word_size (arch) : (guint) sizeof (gpointer);
  memory->swap = arch != NULL && pink_arch_is_big_endian (arch) != (G_BYTE_ORDER == G_BIG_ENDIAN);
  return TRUE;
}

/**
 * pink_tracee_read_memory:
 * @self: a stopped tracee
 * @address: where
 * @length: how many bytes to read, up to 16 MiB
 * @error: return location for an error
 *
 * Reads memory. Where only its beginning can be read, that is what comes back:
 * compare the size.
 *
 * It is read by process_vm_readv(2); where this process is not allowed to, by the
 * tracer task, which may still be: a tracee can make itself unreadable to others.
 *
 * Returns: (transfer full): the bytes, at most @length, or %NULL with
 *   %PINK_TRACER_ERROR_UNREADABLE, %PINK_TRACER_ERROR_GONE,
 *   %PINK_TRACER_ERROR_WRONG_STATE, %PINK_TRACER_ERROR_FORKED,
 *   %PINK_TRACER_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
GBytes *
pink_tracee_read_memory (PinkTracee  *self,
                         guint64      address,
                         gsize        length,
                         GError     **error)
{
  PinkMemory memory;
  guint8 *buffer;
  gssize have;

  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!get_memory (self, &memory, error))
    return NULL;
  if (length > MAX_BYTES)
    {
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                           "At most 16 MiB can be read at once");
      return NULL;
    }
  buffer = g_malloc (MAX (length, 1));
  have = _pink_memory_read_all (&memory, address, buffer, length, error);
  if (have < 0)
    {
      g_free (buffer);
      return NULL;
    }
  return g_bytes_new_take (buffer, (gsize) have);
}

/**
 * pink_tracee_write_memory:
 * @self: a stopped tracee
 * @address: where
 * @bytes: what
 * @error: return location for an error
 *
 * Writes memory, also such as the program itself may not write to. Where only a
 * part can be written, that has been when this fails.
 *
 * Returns: %TRUE, or %FALSE with the errors of pink_tracee_read_memory()
 *
 * Since: 1.0
 */
gboolean
pink_tracee_write_memory (PinkTracee  *self,
                          guint64      address,
                          GBytes      *bytes,
                          GError     **error)
{
  PinkMemory memory;
  gconstpointer data;
  gsize size;

  g_return_val_if_fail (PINK_IS_TRACEE (self), FALSE);
  g_return_val_if_fail (bytes != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!get_memory (self, &memory, error))
    return FALSE;
  data = g_bytes_get_data (bytes, &size);
  return _pink_memory_write (&memory, address, data, size, error);
}

static char *
read_string (PinkTracee  *self,
             guint64      address,
             gsize        limit,
             gsize       *length,
             GError     **error)
{
  PinkMemory memory;
  gboolean truncated;
  char *string;

  if (!get_memory (self, &memory, error))
    return NULL;
  string = _pink_memory_read_string (&memory, address, MIN (limit, PINK_MAX_STRING), length,
                                     &truncated, error);
  if (string == NULL || !truncated)
    return string;
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
               "The string at 0x%" G_GINT64_MODIFIER "x has no end within %" G_GSIZE_FORMAT " bytes",
               address, MIN (limit, PINK_MAX_STRING));
  g_free (string);
  return NULL;
}

/**
 * pink_tracee_read_string:
 * @self: a stopped tracee
 * @address: where
 * @limit: how many bytes it may have, up to 65536
 * @error: return location for an error
 *
 * Reads a string.
 *
 * C and Vala get the bytes. To scripts this name means
 * pink_tracee_read_string_escaped().
 *
 * Returns: (transfer full) (type filename): the string, or %NULL with the errors
 *   of pink_tracee_read_memory(), %PINK_TRACER_ERROR_UNREADABLE also if it has no
 *   end within @limit bytes
 *
 * Since: 1.0
 */
char *
pink_tracee_read_string (PinkTracee  *self,
                         guint64      address,
                         gsize        limit,
                         GError     **error)
{
  gsize length;

  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return read_string (self, address, limit, &length, error);
}

/**
 * pink_tracee_read_string_escaped: (rename-to pink_tracee_read_string)
 * @self: a stopped tracee
 * @address: where
 * @limit: how many bytes it may have, up to 65536
 * @error: return location for an error
 *
 * Reads a string as pink_tracee_read_string() does, as text: bytes that are not
 * UTF-8 come as `\xff`, a backslash as `\\`.
 *
 * Returns: (transfer full): the text, or %NULL with an error
 *
 * Since: 1.0
 */
char *
pink_tracee_read_string_escaped (PinkTracee  *self,
                                 guint64      address,
                                 gsize        limit,
                                 GError     **error)
{
  g_autofree char *string = NULL;
  gsize length;

  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  string = read_string (self, address, limit, &length, error);
  return string != NULL ? _pink_text_escape (string, length) : NULL;
}

static char **
read_strings (PinkTracee  *self,
              guint64      address,
              GError     **error)
{
  PinkMemory memory;
  gboolean truncated;

  if (!get_memory (self, &memory, error))
    return NULL;
  return _pink_memory_read_strings (&memory, address, PINK_MAX_STRINGS, PINK_MAX_STRING, &truncated,
                                    error);
}

/**
 * pink_tracee_read_string_array:
 * @self: a stopped tracee
 * @address: where
 * @error: return location for an error
 *
 * Reads a NULL-terminated array of strings, with pointers as wide as the tracee's
 * are: up to 65536 strings of up to 65535 bytes, and a mebibyte in all; what is
 * longer is cut.
 *
 * C and Vala get the bytes. To scripts this name means
 * pink_tracee_read_string_array_escaped().
 *
 * Returns: (transfer full) (array zero-terminated=1) (element-type filename):
 *   the strings, or %NULL with the errors of pink_tracee_read_memory()
 *
 * Since: 1.0
 */
char **
pink_tracee_read_string_array (PinkTracee  *self,
                               guint64      address,
                               GError     **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return read_strings (self, address, error);
}

/**
 * pink_tracee_read_string_array_escaped: (rename-to pink_tracee_read_string_array)
 * @self: a stopped tracee
 * @address: where
 * @error: return location for an error
 *
 * Reads an array of strings as pink_tracee_read_string_array() does, as text:
 * bytes that are not UTF-8 come as `\xff`, a backslash as `\\`.
 *
 * Returns: (transfer full) (array zero-terminated=1): the texts, or %NULL with an error
 *
 * Since: 1.0
 */
char **
pink_tracee_read_string_array_escaped (PinkTracee  *self,
                                       guint64      address,
                                       GError     **error)
{
  g_auto (GStrv) strings = NULL;

  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  strings = read_strings (self, address, error);
  return strings != NULL ? _pink_text_escape_all (strings) : NULL;
}

static char *
read_descriptor (PinkTracee  *self,
                 int          descriptor,
                 GError     **error)
{
  g_autofree char *link = NULL;
  GError *reason = NULL;
  char *path;

  if (self->slot == NULL || pink_slot_has_ended (self->slot))
    {
      g_propagate_error (error, _pink_tracee_gone_error (self));
      return NULL;
    }
  link = _pink_path_proc_link (self->pid, descriptor);
  path = g_file_read_link (link, &reason);
  if (path == NULL)
    g_set_error (error, PINK_TRACER_ERROR,
                 g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NOENT)
                   ? PINK_TRACER_ERROR_INVALID_ARGUMENT : PINK_TRACER_ERROR_UNREADABLE,
                 "Cannot tell what descriptor %d of process %d is: %s", descriptor, self->pid,
                 g_error_matches (reason, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? "it is not open"
                                                                            : reason->message);
  g_clear_error (&reason);
  return path;
}

/**
 * pink_tracee_read_descriptor:
 * @self: a tracee
 * @descriptor: one of its file descriptors
 * @error: return location for an error
 *
 * Gets what a descriptor of the tracee's refers to, as /proc/PID/fd has it: a
 * path, followed by " (deleted)" where the file has none any more; or
 * "socket:[4711]", "pipe:[4712]", "anon_inode:[eventfd]".
 *
 * C and Vala get the bytes. To scripts this name means
 * pink_tracee_read_descriptor_escaped().
 *
 * Returns: (transfer full) (type filename): the path, or %NULL with
 *   %PINK_TRACER_ERROR_INVALID_ARGUMENT if it is not open,
 *   %PINK_TRACER_ERROR_UNREADABLE, %PINK_TRACER_ERROR_GONE
 *
 * Since: 1.0
 */
char *
pink_tracee_read_descriptor (PinkTracee  *self,
                             int          descriptor,
                             GError     **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return read_descriptor (self, descriptor, error);
}

/**
 * pink_tracee_read_descriptor_escaped: (rename-to pink_tracee_read_descriptor)
 * @self: a tracee
 * @descriptor: one of its file descriptors
 * @error: return location for an error
 *
 * Gets what a descriptor refers to as pink_tracee_read_descriptor() does, as text:
 * bytes that are not UTF-8 come as `\xff`, a backslash as `\\`.
 *
 * Returns: (transfer full): the text, or %NULL with an error
 *
 * Since: 1.0
 */
char *
pink_tracee_read_descriptor_escaped (PinkTracee  *self,
                                     int          descriptor,
                                     GError     **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  path = read_descriptor (self, descriptor, error);
  return path != NULL ? _pink_text_escape (path, strlen (path)) : NULL;
}
