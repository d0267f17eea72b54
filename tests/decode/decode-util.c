/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decode-util.h"

#include <string.h>

guint32
decode_next (guint32 *seed)
{
  *seed = *seed * 1664525u + 1013904223u;
  return *seed >> 8;
}

size_t
decode_read_memory (void     *data,
                    uint64_t  address,
                    void     *buffer,
                    size_t    size)
{
  DecodeMemory *self = data;
  gsize left;

  if (self->seed != 0)
    {
      guint8 *bytes = buffer;
      gsize n = decode_next (&self->seed) % 8 == 0 ? decode_next (&self->seed) % (size + 1) : size;

      for (gsize i = 0; i < n; i++)
        bytes[i] = decode_next (&self->seed) % 4 == 0 ? 0 : (guint8) decode_next (&self->seed);
      return n;
    }
  if (address < BASE || address - BASE >= self->size)
    return 0;
  left = self->size - (gsize) (address - BASE);
  memcpy (buffer, self->bytes + (address - BASE), MIN (size, left));
  return MIN (size, left);
}

char *
decode_text (PinkDecodeInput *input,
             unsigned         index)
{
  static const PinkTextStyle style;
  PinkTape tape = { 0 };
  PinkText text = { NULL, 0, 0 };
  char *result;

  pink_decode_argument (input, index, &tape);
  pink_text_tape (&text, &tape, input->arch, &style);
  result = g_strndup (text.data != NULL ? text.data : "", text.length);
  pink_text_clear (&text);
  pink_tape_clear (&tape);
  return result;
}

void
decode_begin (PinkDecodeInput *input,
              PinkArchId       arch,
              const char      *name,
              const uint64_t  *regs,
              DecodeMemory    *memory)
{
  memset (input, 0, sizeof *input);
  input->arch = pink_arch_get (arch);
  input->row = pink_arch_syscall_row (name);
  g_assert_cmpint (input->row, >=, 0);
  input->regs = regs;
  input->exited = TRUE;
  input->read = decode_read_memory;
  input->data = memory;
  input->string_limit = 32;
  input->abbreviated = TRUE;
}
