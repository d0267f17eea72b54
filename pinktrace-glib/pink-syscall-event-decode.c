/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Arguments and results in words, by the interpreter of arch/decode/.
 */
#include "pinktrace-glib.h"

#include "pink-decode.h"
#include "pink-syscall-event-private.h"

static const PinkTextStyle style;

static size_t
read_memory (void     *data,
             uint64_t  address,
             void     *buffer,
             size_t    size)
{
  gssize n = _pink_memory_read (data, address, buffer, size, NULL);

  return n > 0 ? (size_t) n : 0;
}

/* MEMORY lives as long as what is asked of INPUT. */
static void
begin (PinkSyscallEvent *self,
       PinkDecodeInput  *input,
       PinkMemory       *memory)
{
  memset (input, 0, sizeof *input);
  input->arch = self->stop.arch;
  input->row = self->call != NULL ? self->stop.row : -1;
  input->regs = self->stop.entry.args;
  input->exited = self->has_result;
  input->failed = self->has_result && self->stop.exit.is_error;
  input->result = self->has_result ? self->stop.exit.value : 0;
  input->string_limit = self->string_limit;
  input->abbreviated = TRUE;
  memcpy (input->kept, self->kept, sizeof input->kept);
  input->has_kept = self->has_kept;
  if (memory != NULL && _pink_syscall_event_get_memory (self, memory, NULL))
    {
      input->read = read_memory;
      input->data = memory;
    }
}

static char *
make_text (PinkSyscallEvent *self,
           guint             index)
{
  PinkText text = { NULL, 0, 0 };
  PinkTape tape = { NULL, 0, 0, false };
  PinkDecodeInput input;
  PinkMemory memory;
  char *result;

  self->argument_shown[index] = PINK_SHOWN;
  if (self->stop.arch == NULL)
    pink_text_hex (&text, self->stop.entry.args[index]);
  else
    {
      begin (self, &input, &memory);
      self->argument_shown[index] = (guint8) pink_decode_argument (&input, index, &tape);
      memcpy (self->kept, input.kept, sizeof self->kept);
      self->has_kept = input.has_kept;
      /* What a line leaves out is to be had all the same, as a number. */
      if (self->argument_shown[index] == PINK_SHOWN)
        pink_text_tape (&text, &tape, self->stop.arch, &style);
      else
        pink_text_hex (&text, pink_syscall_event_get_argument (self, index));
    }
  result = g_strndup (text.data != NULL ? text.data : "", text.length);
  pink_tape_clear (&tape);
  pink_text_clear (&text);
  return result;
}

/* What the program gave is shown as it was when it gave it: kept from the first
 * look, which may be at the entry, when the exit comes. */
const char *
_pink_syscall_event_argument_text (PinkSyscallEvent *self,
                                   guint             index)
{
  if (self->argument_texts[index] == NULL)
    self->argument_texts[index] = make_text (self, index);
  return self->argument_texts[index];
}

int
_pink_syscall_event_line_argument (PinkSyscallEvent  *self,
                                   guint              n,
                                   const char       **label)
{
  guint n_arguments = pink_syscall_event_get_n_arguments (self);
  int index;

  *label = NULL;
  if (self->call == NULL || self->stop.arch == NULL)
    return n < n_arguments ? (int) n : -1;
  for (guint i = 0; (index = pink_decode_order (self->stop.row, i, label)) >= 0; i++)
    {
      _pink_syscall_event_argument_text (self, (guint) index);
      if (self->argument_shown[index] == PINK_LAST)
        return -1;
      if (self->argument_shown[index] == PINK_SHOWN && n-- == 0)
        return index;
    }
  return -1;
}

gboolean
_pink_syscall_event_argument_waits (PinkSyscallEvent *self,
                                    guint             index)
{
  PinkDecodeInput input;

  if (self->stop.arch == NULL || self->call == NULL)
    return FALSE;
  begin (self, &input, NULL);
  return pink_decode_waits (&input, index);
}

void
_pink_syscall_event_append_result (PinkSyscallEvent *self,
                                   GString          *text)
{
  PinkText out = { NULL, 0, 0 };
  PinkTape tape = { NULL, 0, 0, false };
  PinkTape aux = { NULL, 0, 0, false };
  PinkDecodeInput input;
  PinkMemory memory;

  if (self->call != NULL && self->call->result == PINK_ARG_NONE)
    {
      g_string_append_c (text, '?');
      return;
    }
  begin (self, &input, &memory);
  if (input.arch == NULL)
    {
      g_string_append_printf (text, "%" G_GINT64_FORMAT, (gint64) input.result);
      return;
    }
  pink_decode_result (&input, &tape, &aux);
  pink_text_tape (&out, &tape, input.arch, &style);
  if (aux.length > 0)
    {
      pink_text_append (&out, " (", 2);
      pink_text_tape (&out, &aux, input.arch, &style);
      pink_text_append (&out, ")", 1);
    }
  g_string_append_len (text, out.data, (gssize) out.length);
  pink_tape_clear (&tape);
  pink_tape_clear (&aux);
  pink_text_clear (&out);
}
