/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Forms of the calls that administer: quotas, priorities, logs, keys, messages.
 */
#include "pink-decode-special.h"

#include <string.h>

/* Two things in one number: QCMD(Q_GETQUOTA, USRQUOTA). */
PINK_SPECIAL (quota_command)
{
  uint64_t value = (uint32_t) pink_decoder_value (self, type, place);
  const PinkNamed *command = pink_table_find (self->input->arch, PINK_TABLE_QUOTA_CMD, value >> 8);
  const PinkNamed *kind = pink_table_find (self->input->arch, PINK_TABLE_QUOTA_TYPE, value & 0xff);
  char text[96], unknown_command[32], unknown_kind[32];

  pink_decoder_print (self, unknown_command, sizeof unknown_command, value >> 8 == 0 ? "0 /* Q_??? */" : "%#x /* Q_??? */",
            (unsigned) (value >> 8));
  pink_decoder_print (self, unknown_kind, sizeof unknown_kind, "%#x /* ???QUOTA */", (unsigned) (value & 0xff));
  pink_decoder_print (self, text, sizeof text, "QCMD(%s, %s)", command != NULL ? pink_named_name (command) : unknown_command,
            kind != NULL ? pink_named_name (kind) : unknown_kind);
  pink_tape_named_words (self->tape, value, PINK_FORM_HEX, text);
  return PINK_SHOWN;
}

PINK_SPECIAL (ioprio_value)
{
  uint64_t value = (uint32_t) pink_decoder_value (self, type, place);
  const PinkNamed *class = pink_table_find (self->input->arch, PINK_TABLE_IOPRIO_CLASS, value >> 13);
  char text[80], unknown[48];

  pink_decoder_print (self, unknown, sizeof unknown, "%#x /* IOPRIO_CLASS_??? */", (unsigned) (value >> 13));
  pink_decoder_print (self, text, sizeof text, "IOPRIO_PRIO_VALUE(%s, %u)", class != NULL ? pink_named_name (class) : unknown,
            (unsigned) (value & 0x1fff));
  pink_tape_named_words (self->tape, value, PINK_FORM_HEX, text);
  return PINK_SHOWN;
}

/* The number, and its name beside it. */
PINK_SPECIAL (syslog_type)
{
  uint64_t value = (uint64_t) (int32_t) pink_decoder_value (self, type, place);
  const PinkNamed *named = pink_table_find (self->input->arch, PINK_TABLE_SYSLOG_ACTION, value);

  pink_tape_number (self->tape, value, PINK_FORM_SIGNED);
  pink_tape_comment (self->tape, "%s", named != NULL ? pink_named_name (named) : "SYSLOG_ACTION_???");
  return PINK_SHOWN;
}

/* struct msgbuf: the type is a word, the text as long as the call says. */
PINK_SPECIAL (msgbuf)
{
  unsigned word = pink_decoder_width (self, PINK_WIDTH_LONG);
  uint64_t size = special_ref (self, type, 0);
  uint64_t kind;

  if (!pink_decoder_read_word (self, place->address, word, &kind))
    return PINK_NOT_READ;
  if (word == 4)
    kind = (uint64_t) (int32_t) kind;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "mtype", kind, PINK_FORM_SIGNED);
  pink_tape_field (self->tape, "mtext");
  if (!pink_decoder_bytes (self, place->address + word, size, self->input->string_limit, 0))
    pink_decoder_address (self, place->address + word);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* An extended attribute that ends with a NUL is shown without it. */
PINK_SPECIAL (xattr_set)
{
  uint64_t address = pink_decoder_value (self, type, place);
  uint64_t size = special_ref (self, type, 0);
  uint8_t last = 1;

  if (address == 0 || size == 0 || size > 65536)
    {
      if (address == 0 || !pink_decoder_bytes (self, address, size, self->input->string_limit, 0))
        pink_decoder_address (self, address);
      return PINK_SHOWN;
    }
  if (!pink_decoder_read (self, address + size - 1, &last, 1))
    last = 1;
  if (!pink_decoder_bytes (self, address, size - (last == 0), self->input->string_limit, 0))
    pink_decoder_address (self, address);
  return PINK_SHOWN;
}

/* What a call has filled of its vectors; where it failed, the vectors alone. */
PINK_SPECIAL (iov_out_or_plain)
{
  if (!self->input->exited)
    return PINK_NOT_READ;
  if (!self->input->failed)
    return pink_special_iov_out (self, type, place);
  if (special_ref (self, type, 0) > 1024)
    return PINK_NOT_READ;
  return pink_special_iovec_plain_array (self, place->address, special_ref (self, type, 0));
}

PinkShown
pink_special_iovec_plain_array (PinkDecoder *self, uint64_t address, uint64_t n)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  size_t most = self->input->abbreviated ? self->input->string_limit : 1024;
  size_t mark = pink_tape_mark (self->tape);

  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (uint64_t i = 0; i < n && !self->tape->full; i++)
    {
      uint8_t bytes[16];

      if (i >= most)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      if (!pink_decoder_read (self, address + i * 2 * word, bytes, 2 * word))
        {
          if (i == 0)
            {
              pink_tape_rewind (self->tape, mark);
              return PINK_NOT_READ;
            }
          pink_decoder_more_at (self, address + i * 2 * word);
          break;
        }
      pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
      pink_tape_field (self->tape, "iov_base");
      pink_decoder_address (self, pink_decoder_integer (self, bytes, word));
      pink_special_member (self, "iov_len", pink_decoder_integer (self, bytes + word, word),
                           PINK_FORM_UNSIGNED);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* The attributes of a queue that is perhaps made. */
PINK_SPECIAL (mq_attr_if)
{
  uint64_t address = pink_decoder_value (self, type, place);

  if (!pink_arch_open_takes_mode (self->input->arch, special_ref (self, type, 0)))
    return PINK_NOT_SHOWN;
  pink_special_struct (self, PINK_STRUCT_MQ_ATTR, address);
  return PINK_SHOWN;
}

/* ---- structures that have grown: the call says how large its is ---- */

static PinkShown
show_sized (PinkDecoder *self, unsigned index, uint64_t address, uint64_t size, bool tells_more)
{
  const PinkLayout *layout = pink_decoder_layout (self, index);
  uint8_t bytes[PINK_MAX_STRUCT];

  if (layout == NULL || size < layout->size || layout->size > sizeof bytes ||
      !pink_decoder_read (self, address, bytes, layout->size))
    return PINK_NOT_READ;
  if (pink_decoder_struct (self, index, bytes, layout->size, address) != PINK_SHOWN)
    return PINK_NOT_READ;
  if (tells_more && size > layout->size)
    pink_tape_more_inside (self->tape);
  return PINK_SHOWN;
}

PINK_SPECIAL (open_how_sized)
{
  return show_sized (self, PINK_STRUCT_OPEN_HOW, place->address, special_ref (self, type, 0), false);
}

PINK_SPECIAL (mount_attr_sized)
{
  return show_sized (self, PINK_STRUCT_MOUNT_ATTR_STRUCT, place->address, special_ref (self, type, 0), false);
}

PINK_SPECIAL (landlock_ruleset_sized)
{
  return show_sized (self, PINK_STRUCT_LANDLOCK_RULESET, place->address, special_ref (self, type, 0), true);
}

#define FIRST_SCHED_ATTR_SIZE 48u

/* It says itself how long it is. Of less than the first version of it the kernel reads
 * that alone; 0 is as long as that was. */
PINK_SPECIAL (sched_attr_sized)
{
  uint64_t size = 0;

  PINK_SPECIAL_UNUSED;
  if (!pink_decoder_read_word (self, place->address, 4, &size))
    return PINK_NOT_READ;
  if (size == 0 || size >= FIRST_SCHED_ATTR_SIZE)
    return pink_decoder_sized_struct (self, PINK_STRUCT_SCHED_ATTR, place->address,
                                      size == 0 ? FIRST_SCHED_ATTR_SIZE : size, true);
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "size", size, PINK_FORM_UNSIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* Where a mapping is to be moved to, if it may be and is told. */
PINK_SPECIAL (mremap_address)
{
  if ((special_ref (self, type, 0) & 3) != 3)
    return PINK_NOT_SHOWN;
  pink_decoder_address (self, pink_decoder_value (self, type, place));
  return PINK_SHOWN;
}

/* ---- text behind a structure ---- */

/* As much as its last member says. */
PINK_SPECIAL (text_here)
{
  return pink_decoder_bytes (self, place->address, special_ref (self, type, 0), self->input->string_limit, 0)
         ? PINK_SHOWN : PINK_NOT_READ;
}

#define STATMOUNT_TEXT 512u

/* Where it begins behind struct statmount. */
PINK_SPECIAL (statmount_text)
{
  uint8_t bytes[4];
  uint64_t begin;

  PINK_SPECIAL_UNUSED;
  if (place->bytes == NULL || self->frame.bytes == NULL || !pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  begin = place->address - (uint64_t) (place->bytes - self->frame.bytes) + STATMOUNT_TEXT;
  begin += pink_decoder_integer (self, bytes, sizeof bytes);
  if (!pink_decoder_string (self, begin, PINK_DECODE_PATH - 1, PINK_STRING_PATH))
    pink_decoder_address (self, begin);
  return PINK_SHOWN;
}

/* ---- numbers in two arguments ---- */

/* Flags, and a priority in the bits below them. */
PINK_SPECIAL (swap_flags_priority)
{
  const PinkTableVariant *variant = pink_table_variant (self->input->arch, PINK_TABLE_SWAP_FLAGS);
  uint64_t value = (uint32_t) pink_decoder_value (self, type, place);
  uint64_t rest = value & ~(uint64_t) 0x7fff;
  char text[192];
  int n = 0;

  for (unsigned i = 0; i < variant->n; i++)
    {
      const PinkNamed *one = pink_table_entry (variant, i);

      if ((rest & one->value) == 0)
        continue;
      n += pink_decoder_print (self, text + n, sizeof text - (size_t) n, "%s|", pink_named_name (one));
      rest &= ~one->value;
    }
  if (rest != 0)
    n += pink_decoder_print (self, text + n, sizeof text - (size_t) n, "%#x|", (unsigned) rest);
  pink_decoder_print (self, text + n, sizeof text - (size_t) n, "%u", (unsigned) (value & 0x7fff));
  pink_tape_named_words (self->tape, value, PINK_FORM_HEX, text);
  return PINK_SHOWN;
}

/* The lower half of an offset; the upper one is in another argument. */
PINK_SPECIAL (pos_low)
{
  uint64_t low = (uint32_t) pink_decoder_value (self, type, place);

  pink_tape_number (self->tape, low | special_ref (self, type, 0) << 32, PINK_FORM_SIGNED);
  return PINK_SHOWN;
}

/* And the other way round. */
PINK_SPECIAL (pos_high)
{
  uint64_t high = (uint32_t) pink_decoder_value (self, type, place);

  pink_tape_number (self->tape, high << 32 | (uint32_t) special_ref (self, type, 0), PINK_FORM_SIGNED);
  return PINK_SHOWN;
}

/* ---- groups ---- */

/* Of sixteen bits where the ABI has a call with a 32 in its name besides. */
PINK_SPECIAL (group_list)
{
  unsigned id = pink_arch_id (self->input->arch);
  unsigned width = (id == PINK_ARCH_I386 || id == PINK_ARCH_ARM || id == PINK_ARCH_S390) &&
                   strstr (self->call->name, "32") == NULL ? 2 : 4;
  uint64_t n = special_ref (self, type, 0);
  size_t most = self->input->abbreviated ? self->input->string_limit : 65536;
  size_t mark = pink_tape_mark (self->tape);

  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (uint64_t i = 0; i < n && !self->tape->full; i++)
    {
      uint64_t group = 0;

      if (i >= most)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      if (pink_decoder_read_word (self, place->address + i * width, width, &group))
        {
          pink_tape_number (self->tape, group, PINK_FORM_UID);
          continue;
        }
      if (i == 0)
        {
          pink_tape_rewind (self->tape, mark);
          return PINK_NOT_READ;
        }
      pink_decoder_more_at (self, place->address + i * width);
      break;
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (xattr_args_sized)
{
  return show_sized (self, PINK_STRUCT_XATTR_ARGS, place->address, special_ref (self, type, 0), false);
}

/* ---- io_uring ---- */

/* A descriptor to put in place of another, or to leave that one. */
PINK_SPECIAL (uring_fd)
{
  uint8_t bytes[4];
  int fd;

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  fd = (int) pink_decoder_integer (self, bytes, sizeof bytes);
  if (fd == -2)
    pink_tape_enum (self->tape, (uint64_t) fd, PINK_FORM_SIGNED, "IORING_REGISTER_FILES_SKIP", NULL);
  else
    pink_decoder_fd (self, fd, PINK_FORM_FD);
  return PINK_SHOWN;
}

PINK_SPECIAL (uring_sqe_flags)
{
  uint64_t opcode = special_ref (self, type, 0);

  if (opcode != 2 && opcode != 3)
    return PINK_NOT_SHOWN;
  pink_decoder_flags (self, PINK_TABLE_IO_URING_SQE_FLAGS, pink_decoder_value (self, type, place));
  return PINK_SHOWN;
}

static void
put_workers (PinkDecoder *self, uint64_t bound, uint64_t unbound)
{
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  pink_tape_index (self->tape, 0, "IO_WQ_BOUND");
  pink_tape_number (self->tape, bound, PINK_FORM_UNSIGNED);
  pink_tape_index (self->tape, 1, "IO_WQ_UNBOUND");
  pink_tape_number (self->tape, unbound, PINK_FORM_UNSIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

/* The numbers that there may be, and when the call has returned those that there might be. */
PINK_SPECIAL (iowq_workers)
{
  PinkDecodeInput *input = self->input;
  unsigned n = self->argument;
  uint8_t bytes[8];
  uint64_t now[2], before;

  if (special_ref (self, type, 0) != 2 || n >= PINK_ARCH_N_REGS ||
      !pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  now[0] = pink_decoder_integer (self, bytes, 4);
  now[1] = pink_decoder_integer (self, bytes + 4, 4);
  if (!input->exited)
    {
      input->kept[n] = now[0] << 32 | now[1];
      input->has_kept |= (uint8_t) (1u << n);
    }
  before = input->has_kept & (1u << n) ? input->kept[n] : now[0] << 32 | now[1];
  put_workers (self, before >> 32, (uint32_t) before);
  if (!input->exited)
    return PINK_SHOWN;
  pink_tape_plain (self->tape, PINK_TAPE_CHANGE);
  if (input->failed)
    pink_decoder_address (self, place->address);
  else
    put_workers (self, now[0], now[1]);
  return PINK_SHOWN;
}

/* A priority of its own where a flag says so; otherwise a number that is mostly 0. */
PINK_SPECIAL (iocb_reqprio)
{
  uint64_t value = pink_decoder_value (self, type, place);

  if (special_ref (self, type, 0) & 2)
    return pink_special_ioprio_value (self, type, place);
  if (value == 0)
    return PINK_NOT_SHOWN;
  pink_tape_number (self->tape, (uint64_t) (int16_t) value, PINK_FORM_SIGNED);
  return PINK_SHOWN;
}

/* ---- keys ---- */

PINK_SPECIAL (errno_number)
{
  uint64_t value = (uint32_t) pink_decoder_value (self, type, place);
  const char *name = value < 4096 ? pink_arch_errno_name (self->input->arch, (int) value) : NULL;

  pink_tape_enum (self->tape, value, PINK_FORM_UNSIGNED, name, NULL);
  return PINK_SHOWN;
}

/* Bytes, of which the structure that the second argument points to says how many there are. */
PINK_SPECIAL (pkey_data)
{
  uint64_t address = pink_decoder_value (self, type, place);
  uint64_t length = 0;

  if (address == 0 ||
      !pink_decoder_read_word (self, pink_decoder_arg (self, 1) + special_ref (self, type, 0), 4, &length) ||
      !pink_decoder_bytes (self, address, length, self->input->string_limit, 0))
    pink_decoder_address (self, address);
  return PINK_SHOWN;
}

/* A byte of flags each. */
PINK_SPECIAL (keyctl_caps)
{
  uint64_t room = special_ref (self, type, 0), n = (uint64_t) self->input->result;
  uint8_t bytes[32];

  if (n > room)
    n = room;
  if (n > sizeof bytes)
    n = sizeof bytes;
  if (!pink_decoder_read (self, place->address, bytes, n))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (uint64_t i = 0; i < n; i++)
    if (i < 2)
      pink_decoder_flags (self, i == 0 ? PINK_TABLE_KEYCTL_CAPS0 : PINK_TABLE_KEYCTL_CAPS1, bytes[i]);
    else
      pink_tape_number (self->tape, bytes[i], PINK_FORM_HEX);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}
