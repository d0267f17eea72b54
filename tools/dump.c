/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The data of -e read= and -e write=, sixteen bytes a line, as strace shows them.
 */
#include "dump.h"

#include <string.h>

#define PIECE (64 * 1024) /* that is read, and handed on, at once: a buffer may have gigabytes */
#define MAX_VECTOR 1024          /* that the kernel takes */

typedef enum
{
  SHAPE_BUFFER,
  SHAPE_VECTOR,
  SHAPE_MESSAGE,
  SHAPE_MESSAGES
} Shape;

static const struct
{
  const char *name;
  Shape       shape;
  gboolean    is_read;
} calls[] = {
  { "read", SHAPE_BUFFER, TRUE }, { "pread64", SHAPE_BUFFER, TRUE }, { "recv", SHAPE_BUFFER, TRUE },
  { "recvfrom", SHAPE_BUFFER, TRUE }, { "mq_timedreceive", SHAPE_BUFFER, TRUE },
  { "mq_timedreceive_time64", SHAPE_BUFFER, TRUE }, { "readv", SHAPE_VECTOR, TRUE },
  { "preadv", SHAPE_VECTOR, TRUE }, { "preadv2", SHAPE_VECTOR, TRUE },
  { "recvmsg", SHAPE_MESSAGE, TRUE }, { "recvmmsg", SHAPE_MESSAGES, TRUE },
  { "recvmmsg_time64", SHAPE_MESSAGES, TRUE },
  { "write", SHAPE_BUFFER, FALSE }, { "pwrite64", SHAPE_BUFFER, FALSE },
  { "send", SHAPE_BUFFER, FALSE }, { "sendto", SHAPE_BUFFER, FALSE },
  { "mq_timedsend", SHAPE_BUFFER, FALSE }, { "mq_timedsend_time64", SHAPE_BUFFER, FALSE },
  { "writev", SHAPE_VECTOR, FALSE }, { "pwritev", SHAPE_VECTOR, FALSE },
  { "pwritev2", SHAPE_VECTOR, FALSE }, { "vmsplice", SHAPE_VECTOR, FALSE },
  { "sendmsg", SHAPE_MESSAGE, FALSE }, { "sendmmsg", SHAPE_MESSAGES, FALSE }
};

typedef struct
{
  PinkTracee *tracee;
  guint       word;    /* bytes */
  GString    *text;    /* that is not handed on yet */
  DumpFunc    func;
  gpointer    data;
} Dump;

static void
hand_on (Dump *self)
{
  if (self->text->len > 0)
    self->func (self->text->str, self->data);
  g_string_truncate (self->text, 0);
}

static void
append_line (GString      *text,
             guint64       offset,
             guint         digits,
             const guint8 *bytes,
             gsize         n)
{
  g_string_append_printf (text, " | %0*" G_GINT64_MODIFIER "x ", (int) digits, offset);
  for (gsize i = 0; i < 16; i++)
    {
      if (i < n)
        g_string_append_printf (text, " %02x", bytes[i]);
      else
        g_string_append (text, "   ");
      if (i == 7)
        g_string_append_c (text, ' ');
    }
  g_string_append (text, "  ");
  for (gsize i = 0; i < 16; i++)
    g_string_append_c (text, i >= n ? ' ' : bytes[i] >= ' ' && bytes[i] < 0x7f ? (char) bytes[i] : '.');
  g_string_append (text, " |\n");
}

/* Five digits of an offset, or as many as all of it need. */
static guint
digits_of (guint64 length)
{
  guint digits = 1;

  while (digits < 16 && (length - 1) >> (4 * digits) != 0)
    digits++;
  return MAX (digits, 5);
}

static void
append_bytes (Dump    *self,
              guint64  address,
              guint64  length)
{
  guint digits = length > 0 ? digits_of (length) : 0;

  for (guint64 done = 0; done < length;)
    {
      g_autoptr (GBytes) bytes = pink_tracee_read_memory (self->tracee, address + done,
                                                          MIN (length - done, PIECE), NULL);
      gsize size = 0;
      const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

      for (gsize i = 0; i < size; i += 16)
        append_line (self->text, done + i, digits, data + i, MIN (size - i, 16));
      hand_on (self);
      if (size < MIN (length - done, PIECE))
        break;
      done += size;
    }
}

static gboolean
read_words (Dump    *self,
            guint64  address,
            guint    n,
            guint64 *words)
{
  g_autoptr (GBytes) bytes = pink_tracee_read_memory (self->tracee, address, (gsize) n * self->word, NULL);
  gsize size = 0;
  const guint8 *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  if (size < (gsize) n * self->word)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      guint32 half;

      if (self->word == 8)
        memcpy (&words[i], data + 8 * i, 8);
      else
        {
          memcpy (&half, data + 4 * i, 4);
          words[i] = half;
        }
    }
  return TRUE;
}

static void
append_vector (Dump    *self,
               guint64  address,
               guint64  n,
               guint64  left)
{
  for (guint64 i = 0; i < MIN (n, MAX_VECTOR) && left > 0; i++)
    {
      guint64 vector[2];
      guint64 length;

      if (!read_words (self, address + i * 2 * self->word, 2, vector))
        return;
      length = MIN (vector[1], left);
      left -= length;
      if (length > 0)
        g_string_append_printf (self->text, " * %" G_GINT64_MODIFIER "u bytes in buffer %u\n", length,
                                (guint) i);
      append_bytes (self, vector[0], length);
    }
}

/* struct msghdr: the vector is its third word, its length the fourth. */
static void
append_message (Dump    *self,
                guint64  address,
                guint64  left)
{
  guint64 words[4];

  if (read_words (self, address, 4, words))
    append_vector (self, words[2], words[3], left);
}

static void
append_messages (Dump    *self,
                 guint64  address,
                 guint64  n)
{
  guint size = self->word == 8 ? 64 : 32; /* of struct mmsghdr */

  for (guint64 i = 0; i < MIN (n, MAX_VECTOR); i++)
    {
      g_autoptr (GBytes) bytes = pink_tracee_read_memory (self->tracee, address + i * size, size, NULL);
      guint32 length;

      if (bytes == NULL || g_bytes_get_size (bytes) < size)
        return;
      memcpy (&length, (const char *) g_bytes_get_data (bytes, NULL) + (self->word == 8 ? 56 : 28), 4);
      g_string_append_printf (self->text, " = %u buffers in vector %u\n", 1, (guint) i);
      append_message (self, address + i * size, length);
    }
}

void
dump_call (const Style      *style,
           PinkSyscallEvent *call,
           DumpFunc          func,
           gpointer          data)
{
  const char *name = pink_syscall_event_get_name (call);
  gint64 result = pink_syscall_event_get_return_value (call);
  int fd = (int) pink_syscall_event_get_argument (call, 0);
  guint64 address = pink_syscall_event_get_argument (call, 1);
  Dump self;
  guint i = 0;
  gboolean asked;

  while (i < G_N_ELEMENTS (calls) && !g_str_equal (name, calls[i].name))
    i++;
  if (i == G_N_ELEMENTS (calls) || pink_syscall_event_get_error_code (call) != 0 || result < 0)
    return;
  asked = descriptors_contain (calls[i].is_read ? &style->read : &style->write, fd);
  if (!asked)
    return;
  self.func = func;
  self.data = data;
  self.tracee = pink_syscall_event_get_tracee (call);
  self.word = pink_abi_get_word_size (pink_syscall_event_get_abi (call));
  self.text = g_string_new (NULL);
  switch (calls[i].shape)
    {
    case SHAPE_BUFFER:
      append_bytes (&self, address, result > 0 || calls[i].is_read ? (guint64) result
                                                                    : pink_syscall_event_get_argument (call, 2));
      break;
    case SHAPE_VECTOR:
      append_vector (&self, address, pink_syscall_event_get_argument (call, 2), (guint64) result);
      break;
    case SHAPE_MESSAGE:
      append_message (&self, address, (guint64) result);
      break;
    case SHAPE_MESSAGES:
      append_messages (&self, address, (guint64) result);
      break;
    default:
      g_assert_not_reached ();
    }
  hand_on (&self);
  g_string_free (self.text, TRUE);
}
