/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-memory-private.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* As many pieces before an address are looked at. */
#define MOST_OVERLAPS 64

typedef struct
{
  guint64  address;
  GBytes  *bytes;
} Piece;

/* Sorted by address when it is first read. */
struct _PinkSnapshot
{
  GArray   *pieces;
  gboolean  sorted;
};

static void
piece_clear (gpointer data)
{
  g_bytes_unref (((Piece *) data)->bytes);
}

PinkSnapshot *
_pink_snapshot_new (void)
{
  PinkSnapshot *self = g_new0 (PinkSnapshot, 1);

  self->pieces = g_array_new (FALSE, FALSE, sizeof (Piece));
  g_array_set_clear_func (self->pieces, piece_clear);
  return self;
}

void
_pink_snapshot_free (PinkSnapshot *self)
{
  g_array_unref (self->pieces);
  g_free (self);
}

void
_pink_snapshot_add (PinkSnapshot  *self,
                    guint64        address,
                    gconstpointer  data,
                    gsize          length)
{
  Piece piece = { .address = address, .bytes = g_bytes_new (data, length) };

  g_array_append_val (self->pieces, piece);
  self->sorted = FALSE;
}

void
_pink_snapshot_replace (PinkSnapshot  *self,
                        guint64        address,
                        gconstpointer  data,
                        gsize          length)
{
  for (guint i = 0; i < self->pieces->len; i++)
    {
      Piece *piece = &g_array_index (self->pieces, Piece, i);

      if (piece->address != address)
        continue;
      g_bytes_unref (piece->bytes);
      piece->bytes = g_bytes_new (data, length);
      return;
    }
  _pink_snapshot_add (self, address, data, length);
}

gboolean
_pink_snapshot_get (PinkSnapshot  *self,
                    guint          index,
                    guint64       *address,
                    GBytes       **bytes)
{
  if (index >= self->pieces->len)
    return FALSE;
  *address = g_array_index (self->pieces, Piece, index).address;
  *bytes = g_array_index (self->pieces, Piece, index).bytes;
  return TRUE;
}

static int
compare_pieces (gconstpointer a,
                gconstpointer b)
{
  const Piece *left = a, *right = b;

  return left->address < right->address ? -1 : left->address > right->address;
}

/* The last piece that begins at the address or before; -1 if there is none. */
static int
find_piece (PinkSnapshot *self,
            guint64       address)
{
  guint low = 0, high = self->pieces->len;

  if (!self->sorted)
    g_array_sort (self->pieces, compare_pieces);
  self->sorted = TRUE;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->pieces, Piece, middle).address <= address)
        low = middle + 1;
      else
        high = middle;
    }
  return (int) low - 1;
}

/* The piece that has most of what is from this address on; pieces may overlap. */
static const Piece *
best_piece (PinkSnapshot *self,
            guint64       address)
{
  const Piece *best = NULL;
  gsize most = 0;
  int last = find_piece (self, address);

  for (int i = last; i >= 0 && i > last - MOST_OVERLAPS; i--)
    {
      const Piece *piece = &g_array_index (self->pieces, Piece, i);
      guint64 offset = address - piece->address;
      gsize size = g_bytes_get_size (piece->bytes);

      if (offset < size && size - offset > most)
        {
          best = piece;
          most = size - (gsize) offset;
        }
    }
  return best;
}

static gsize
snapshot_read (PinkSnapshot *self,
               guint64       address,
               gpointer      buffer,
               gsize         length)
{
  const Piece *piece = self != NULL ? best_piece (self, address) : NULL;
  gsize size, offset;
  const char *data;

  if (piece == NULL)
    return 0;
  data = g_bytes_get_data (piece->bytes, &size);
  offset = (gsize) (address - piece->address);
  length = MIN (length, size - offset);
  memcpy (buffer, data + offset, length);
  return length;
}

static void
set_error (GError     **error,
           const char  *verb,
           guint64      address,
           int          errsv)
{
  PinkTracerError code = errsv == ESRCH ? PINK_TRACER_ERROR_GONE : PINK_TRACER_ERROR_UNREADABLE;

  g_set_error (error, PINK_TRACER_ERROR, code,
               "Cannot %s the tracee's memory at 0x%" G_GINT64_MODIFIER "x: %s",
               verb, address,
               errsv == EFAULT ? "nothing is mapped there, or its protection forbids it"
               : errsv == ESRCH ? "the tracee has ended"
               : errsv == EPERM ? "the system does not permit it (the program runs with other "
                                  "rights, or has made itself unreadable)"
                                : g_strerror (errsv));
}

static void
set_not_recorded (GError  **error,
                  guint64   address)
{
  if (address == 0)
    g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                         "The pointer is NULL: there is nothing to be read");
  else
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                 "The memory at 0x%" G_GINT64_MODIFIER "x was not recorded: it could not be read, or "
                 "is more than a call's line shows, which has strings and buffers up to the "
                 "string-limit of the log or, with PinkTracer:observe-only, of the tracer", address);
}

/* Where this process may not, the tracee's task may. */
static gssize
transfer (const PinkMemory *self,
          guint64           address,
          gpointer          buffer,
          gsize             length,
          gboolean          write)
{
  struct iovec local = { .iov_base = buffer, .iov_len = length };
  struct iovec remote = { .iov_base = (gpointer) (guintptr) address, .iov_len = length };
  gssize n = -EPERM;

  /* A 32-bit process cannot name the upper memory of a 64-bit tracee; its task has
   * a descriptor of that. */
  if ((guint64) (guintptr) address != address)
    n = self->slot != NULL ? -EPERM : -EFAULT;
  else if (self->slot == NULL || pink_slot_may_be_read (self->slot))
    {
      n = write ? process_vm_writev (self->pid, &local, 1, &remote, 1, 0)
                : process_vm_readv (self->pid, &local, 1, &remote, 1, 0);
      if (n < 0)
        n = -errno;
    }
  if (self->slot != NULL && (n == -EPERM || n == -ENOSYS || (write && n < (gssize) length)))
    n = pink_slot_request (self->slot, write ? PINK_REQUEST_WRITE : PINK_REQUEST_READ, address,
                           buffer, &length);
  return n == 0 ? -EFAULT : n;
}

gssize
_pink_memory_read (const PinkMemory  *self,
                   guint64            address,
                   gpointer           buffer,
                   gsize              length,
                   GError           **error)
{
  gsize kept;
  gssize n;

  if (length == 0)
    return 0;
  kept = snapshot_read (self->snapshot, address, buffer, length);
  if (kept == 0)
    kept = snapshot_read (self->more, address, buffer, length);
  if (kept > 0)
    return (gssize) kept;
  if (self->recorded)
    {
      set_not_recorded (error, address);
      return -1;
    }
  if (self->pid == 0)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                   "The memory at 0x%" G_GINT64_MODIFIER "x belonged to the program that "
                   "this execve replaced; connect to syscall-enter to read it before", address);
      return -1;
    }
  n = transfer (self, address, buffer, length, FALSE);
  if (n < 0)
    {
      set_error (error, "read", address, (int) -n);
      return -1;
    }
  return n;
}

gssize
_pink_memory_read_all (const PinkMemory  *self,
                       guint64            address,
                       gpointer           buffer,
                       gsize              length,
                       GError           **error)
{
  gsize have = 0;

  while (have < length)
    {
      gssize n = _pink_memory_read (self, address + have, (guint8 *) buffer + have, length - have,
                                    have == 0 ? error : NULL);

      if (n < 0 && have == 0)
        return -1;
      if (n < 0)
        break;
      have += (gsize) n;
    }
  return (gssize) have;
}

gboolean
_pink_memory_write (const PinkMemory  *self,
                    guint64            address,
                    gconstpointer      buffer,
                    gsize              length,
                    GError           **error)
{
  gssize n = length > 0 ? transfer (self, address, (gpointer) buffer, length, TRUE) : 0;

  if (n == (gssize) length)
    return TRUE;
  set_error (error, "write", address + (guint64) MAX (n, 0), n < 0 ? (int) -n : EFAULT);
  return FALSE;
}

/* Never across a page border in one go: the next page may not be there. */
static gsize
up_to_page_end (guint64 address,
                gsize   length)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  gsize left = page - (gsize) (address & (page - 1));

  return MIN (length, left);
}

char *
_pink_memory_read_string (const PinkMemory  *self,
                          guint64            address,
                          gsize              limit,
                          gsize             *length,
                          gboolean          *truncated,
                          GError           **error)
{
  GString *text = g_string_new (NULL);
  char chunk[512];

  *truncated = FALSE;
  while (text->len < limit)
    {
      gsize want = up_to_page_end (address + text->len, MIN (sizeof chunk, limit - text->len));
      gssize n = _pink_memory_read (self, address + text->len, chunk, want,
                                    self->recorded && text->len > 0 ? NULL : error);
      const char *end;

      if (n < 0 && self->recorded && text->len > 0)
        break; /* so much of it was */
      if (n < 0)
        {
          g_string_free (text, TRUE);
          return NULL;
        }
      end = memchr (chunk, '\0', (gsize) n);
      g_string_append_len (text, chunk, end != NULL ? end - chunk : n);
      if (end != NULL)
        {
          *length = text->len;
          return g_string_free (text, FALSE);
        }
    }
  *truncated = TRUE;
  *length = text->len;
  return g_string_free (text, FALSE);
}

static guint64
word_at (const PinkMemory *self,
         const guint8     *bytes)
{
  if (self->word_size == 8)
    {
      guint64 word;

      memcpy (&word, bytes, sizeof word);
      return self->swap ? GUINT64_SWAP_LE_BE (word) : word;
    }
  else
    {
      guint32 word;

      memcpy (&word, bytes, sizeof word);
      return self->swap ? GUINT32_SWAP_LE_BE (word) : word;
    }
}

GArray *
_pink_memory_read_pointers (const PinkMemory  *self,
                            guint64            address,
                            gsize              max,
                            gboolean          *truncated,
                            GError           **error)
{
  g_autoptr (GArray) pointers = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint8 chunk[512];
  gsize have = 0; /* bytes in the chunk: a pointer may lie across a page border */

  *truncated = FALSE;
  while (pointers->len < max)
    {
      gsize want = up_to_page_end (address, sizeof chunk - have);
      gssize n = _pink_memory_read (self, address, chunk + have, want, error);
      gsize used = 0;

      if (n < 0)
        return NULL;
      address += (guint64) n;
      have += (gsize) n;
      for (; used + self->word_size <= have && pointers->len < max; used += self->word_size)
        {
          guint64 pointer = word_at (self, chunk + used);

          if (pointer == 0)
            return g_steal_pointer (&pointers);
          g_array_append_val (pointers, pointer);
        }
      have -= used;
      memmove (chunk, chunk + used, have);
    }
  *truncated = TRUE;
  return g_steal_pointer (&pointers);
}

char **
_pink_memory_read_strings (const PinkMemory  *self,
                           guint64            address,
                           gsize              max_strings,
                           gsize              max_length,
                           gboolean          *truncated,
                           GError           **error)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) pointers = NULL;
  gsize total = 0;

  pointers = _pink_memory_read_pointers (self, address, max_strings, truncated, error);
  if (pointers == NULL)
    return NULL;
  for (guint i = 0; i < pointers->len; i++)
    {
      gboolean cut;
      gsize length;
      char *string;

      if (total >= PINK_MAX_ARRAY)
        {
          *truncated = TRUE;
          break;
        }
      string = _pink_memory_read_string (self, g_array_index (pointers, guint64, i),
                                         max_length, &length, &cut, error);
      if (string == NULL)
        return NULL;
      total += length + 1;
      g_ptr_array_add (strings, string);
    }
  g_ptr_array_add (strings, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&strings), FALSE);
}
