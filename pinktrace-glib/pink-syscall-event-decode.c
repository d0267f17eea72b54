/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Arguments and results in words, by the interpreter of arch/decode/.
 */
#include "pinktrace-glib.h"

#include "pink-decode.h"
#include "pink-descriptor-private.h"
#include "pink-syscall-event-private.h"
#include "pink-tracee-private.h"

static PinkTextStyle
style_of (PinkSyscallEvent *self)
{
  PinkTextFlags flags = self->text_flags;

  return (PinkTextStyle) {
    .hex_strings = (flags & PINK_TEXT_HEX) != 0,
    .hex_unusual = (flags & PINK_TEXT_HEX_UNUSUAL) != 0,
    .raw_names = (flags & PINK_TEXT_NUMBERS) != 0,
    .both_names = (flags & PINK_TEXT_BOTH) != 0
  };
}

/* What the decoder's functions work on. */
typedef struct
{
  PinkSyscallEvent *event;
  PinkMemory        memory;
} Source;

static size_t
read_memory (void     *data,
             uint64_t  address,
             void     *buffer,
             size_t    size)
{
  Source *source = data;
  gssize n = _pink_memory_read (&source->memory, address, buffer, size, NULL);

  return n > 0 ? (size_t) n : 0;
}

static bool
describe_fd (void   *data,
             int     fd,
             char   *buffer,
             size_t  size)
{
  PinkSyscallEvent *self = ((Source *) data)->event;
  PinkTextStyle style = style_of (self);
  PinkText text = { NULL, 0, 0 };
  gboolean known = _pink_descriptor_describe (self->tracee->pid, fd,
                                              (self->text_flags & PINK_TEXT_DESCRIPTOR_DETAILS) != 0,
                                              &style, &text);

  known &= text.data != NULL && g_strlcpy (buffer, text.data, size) < size;
  pink_text_clear (&text);
  return known;
}

/* SOURCE lives as long as what is asked of INPUT. */
static void
begin (PinkSyscallEvent *self,
       PinkDecodeInput  *input,
       Source           *source)
{
  memset (input, 0, sizeof *input);
  input->arch = self->stop.arch;
  input->row = self->call != NULL ? self->stop.row : -1;
  input->regs = self->stop.entry.args;
  input->exited = self->has_result;
  input->failed = self->has_result && self->stop.exit.is_error;
  input->result = self->has_result ? self->stop.exit.value : 0;
  input->string_limit = self->string_limit;
  input->abbreviated = (self->text_flags & PINK_TEXT_VERBOSE) == 0;
  input->addresses = (self->text_flags & PINK_TEXT_ADDRESSES) != 0;
  memcpy (input->kept, self->kept, sizeof input->kept);
  input->has_kept = self->has_kept;
  if (source == NULL)
    return;
  source->event = self;
  input->data = source;
  if (!_pink_syscall_event_get_memory (self, &source->memory, NULL))
    return;
  input->read = read_memory;
  if (self->text_flags & (PINK_TEXT_DESCRIPTORS | PINK_TEXT_DESCRIPTOR_DETAILS))
    input->describe_fd = describe_fd;
}

/**
 * pink_syscall_event_get_text_flags:
 * @self: a system call
 *
 * Gets how its texts are written.
 *
 * Returns: flags
 *
 * Since: 1.0
 */
PinkTextFlags
pink_syscall_event_get_text_flags (PinkSyscallEvent *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), PINK_TEXT_DEFAULT);

  return self->text_flags;
}

/**
 * pink_syscall_event_set_text_flags:
 * @self: a system call
 * @flags: flags
 *
 * Sets how this call's texts are written, instead of what
 * pink_tracer_set_text_flags() has set for all. The texts of arguments that were asked
 * for already stay as they are: it is for a handler of #PinkTracer::syscall-enter.
 *
 * Since: 1.0
 */
void
pink_syscall_event_set_text_flags (PinkSyscallEvent *self,
                                   PinkTextFlags     flags)
{
  g_return_if_fail (PINK_IS_SYSCALL_EVENT (self));

  self->text_flags = flags;
}

static char *
make_text (PinkSyscallEvent *self,
           guint             index)
{
  PinkText text = { NULL, 0, 0 };
  PinkTape tape = { NULL, 0, 0, false };
  PinkDecodeInput input;
  PinkTextStyle style = style_of (self);
  Source source;
  char *result;

  self->argument_shown[index] = PINK_SHOWN;
  if (self->stop.arch == NULL || (self->text_flags & PINK_TEXT_RAW) != 0)
    pink_text_hex (&text, pink_syscall_event_get_argument (self, index));
  else
    {
      begin (self, &input, &source);
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
  if (self->call == NULL || self->stop.arch == NULL || (self->text_flags & PINK_TEXT_RAW) != 0)
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

  if (self->stop.arch == NULL || self->call == NULL || (self->text_flags & PINK_TEXT_RAW) != 0)
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
  PinkTextStyle style = style_of (self);
  PinkDecodeInput input;
  Source source;

  if (self->call != NULL && self->call->result == PINK_ARG_NONE)
    {
      g_string_append_c (text, '?');
      return;
    }
  begin (self, &input, &source);
  if (input.arch == NULL)
    {
      g_string_append_printf (text, "%" G_GINT64_FORMAT, (gint64) input.result);
      return;
    }
  if (self->text_flags & PINK_TEXT_RAW)
    {
      pink_text_hex (&out, pink_arch_word_size (input.arch) == 4 ? (guint32) input.result : (guint64) input.result);
      g_string_append_len (text, out.data, (gssize) out.length);
      pink_text_clear (&out);
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
