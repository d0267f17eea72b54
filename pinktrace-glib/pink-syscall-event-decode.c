/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Arguments and results in words, by the interpreter of arch/decode/.
 */
#include "pinktrace-glib.h"

#include "pink-decode.h"
#include "pink-descriptor-private.h"
#include "pink-syscall-event-private.h"
#include "pink-text-private.h"
#include "pink-tracee-private.h"

#include <net/if.h>
#include <string.h>
#include <sys/stat.h>

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

static int
netlink_protocol (void *data,
                  int   fd)
{
  return _pink_descriptor_netlink_protocol (((Source *) data)->event->tracee->pid, fd);
}

/* In the tracee's network, which may be another than ours. */
static bool
name_interface (void     *data,
                unsigned  index,
                char     *buffer,
                size_t    size)
{
  g_autofree char *escaped = NULL;
  char link[64], name[IF_NAMESIZE];
  struct stat theirs, ours;

  g_snprintf (link, sizeof link, "/proc/%d/ns/net", (int) ((Source *) data)->event->tracee->pid);
  if (stat (link, &theirs) != 0 || stat ("/proc/self/ns/net", &ours) != 0 ||
      theirs.st_ino != ours.st_ino || if_indextoname (index, name) == NULL)
    return FALSE;
  /* All but white space, '/' and ':' may be in a name. */
  escaped = _pink_text_escape_string (name);
  return g_strlcpy (buffer, escaped, size) < size;
}

/* Of the call that is made: stop.row is that which the program has asked for. */
static int
made_row (PinkSyscallEvent *self)
{
  return self->call != NULL ? (int) (self->call - pink_arch_syscall (0)) : -1;
}

/* INDEX: the argument that it is about, or -1. SOURCE lives as long as what is asked of
 * INPUT. */
static void
begin (PinkSyscallEvent *self,
       PinkDecodeInput  *input,
       Source           *source,
       int               index)
{
  memset (input, 0, sizeof *input);
  input->arch = self->stop.arch;
  input->row = made_row (self);
  input->regs = self->stop.entry.args;
  input->sp = self->stop.entry.sp;
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
  if (index < 0 ? !_pink_syscall_event_get_memory (self, &source->memory, NULL)
                : !_pink_syscall_event_get_argument_memory (self, (guint) index, &source->memory, NULL))
    return;
  input->read = read_memory;
  if (self->is_row)
    return;
  input->netlink_protocol = netlink_protocol;
  input->name_interface = name_interface;
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
 * pink_tracer_set_text_flags() or #PinkSyscallLog:text-flags has set for all. What was
 * read for a text that was asked for already is not read once more, so the flags that
 * say what is read (%PINK_TEXT_VERBOSE, %PINK_TEXT_ADDRESSES, those for descriptors) are
 * for a handler of #PinkTracer::syscall-enter.
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

G_STATIC_ASSERT (PINK_ARCH_N_REGS <= 8);

/* What the program gave is shown as it was when it gave it: kept from the first
 * look, which may be at the entry, when the exit comes. */
void
_pink_syscall_event_decode_argument (PinkSyscallEvent *self,
                                     guint             index)
{
  PinkDecodeInput input;
  Source source;

  if (self->is_decoded & (1u << index))
    return;
  self->is_decoded |= (guint8) (1u << index);
  self->argument_shown[index] = PINK_SHOWN;
  self->tape_begin[index] = (guint32) pink_tape_mark (&self->tape);
  if (self->stop.arch != NULL)
    {
      begin (self, &input, &source, (int) index);
      self->argument_shown[index] = (guint8) pink_decode_argument (&input, index, &self->tape);
      memcpy (self->kept, input.kept, sizeof self->kept);
      self->has_kept = input.has_kept;
    }
  self->tape_end[index] = (guint32) pink_tape_mark (&self->tape);
}

void
_pink_syscall_event_forget (PinkSyscallEvent *self,
                            gboolean          exit)
{
  for (guint i = PINK_ARCH_N_REGS; i-- > 0;)
    if ((self->is_decoded & (1u << i)) && (!exit || _pink_syscall_event_argument_waits (self, i)))
      {
        self->is_decoded &= (guint8) ~(1u << i);
        /* The last one's room is free again. */
        if (self->tape_end[i] == pink_tape_mark (&self->tape))
          pink_tape_rewind (&self->tape, self->tape_begin[i]);
      }
  if (self->is_decoded == 0)
    pink_tape_rewind (&self->tape, 0);
}

PinkTape
_pink_syscall_event_argument_tape (PinkSyscallEvent *self,
                                   guint             index)
{
  _pink_syscall_event_decode_argument (self, index);
  if (self->argument_shown[index] != PINK_SHOWN || self->tape.data == NULL)
    return (PinkTape) { 0 };
  return (PinkTape) {
    .data = self->tape.data + self->tape_begin[index],
    .length = self->tape_end[index] - self->tape_begin[index]
  };
}

void
_pink_syscall_event_append_argument (PinkSyscallEvent *self,
                                     guint             index,
                                     PinkText         *text)
{
  PinkTape tape = { 0 };
  PinkTextStyle style = style_of (self);

  if ((self->text_flags & PINK_TEXT_RAW) == 0)
    tape = _pink_syscall_event_argument_tape (self, index);
  /* What a line leaves out is to be had all the same, as a number. */
  if (tape.length > 0)
    pink_text_tape (text, &tape, self->stop.arch, &style);
  else
    pink_text_hex (text, pink_syscall_event_get_argument (self, index));
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
  for (guint i = 0; (index = pink_decode_order (made_row (self), i, label)) >= 0; i++)
    {
      _pink_syscall_event_decode_argument (self, (guint) index);
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
  begin (self, &input, NULL, -1);
  return pink_decode_waits (&input, index);
}

gboolean
_pink_syscall_event_told_at_exit (PinkSyscallEvent *self,
                                  guint             index)
{
  PinkDecodeInput input;

  if (self->stop.arch == NULL || self->call == NULL)
    return FALSE;
  begin (self, &input, NULL, -1);
  return pink_decode_told_at_exit (&input, index);
}

void
_pink_syscall_event_decode_result (PinkSyscallEvent *self,
                                   PinkTape         *tape,
                                   PinkTape         *aux)
{
  PinkDecodeInput input;
  Source source;

  begin (self, &input, &source, -1);
  if (input.arch != NULL)
    pink_decode_result (&input, tape, aux);
}

void
_pink_syscall_event_append_result (PinkSyscallEvent *self,
                                   PinkText         *text)
{
  PinkTape tape = { 0 };
  PinkTape aux = { 0 };
  PinkTextStyle style = style_of (self);
  const PinkArch *arch = self->stop.arch;
  gint64 value = self->stop.exit.value;

  if (self->call != NULL && self->call->result == PINK_ARG_NONE)
    pink_text_append (text, "?", 1);
  else if (arch == NULL)
    pink_text_printf (text, "%" G_GINT64_FORMAT, value);
  else if (self->text_flags & PINK_TEXT_RAW)
    pink_text_hex (text, pink_arch_word_size (arch) == 4 ? (guint32) value : (guint64) value);
  else
    {
      _pink_syscall_event_decode_result (self, &tape, &aux);
      pink_text_tape (text, &tape, arch, &style);
      if (aux.length > 0)
        {
          pink_text_append (text, " (", 2);
          pink_text_tape (text, &aux, arch, &style);
          pink_text_append (text, ")", 1);
        }
    }
  pink_tape_clear (&tape);
  pink_tape_clear (&aux);
}
