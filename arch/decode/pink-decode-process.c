/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Special forms of processes, memory and what several calls have.
 */
#include "pink-decode-special.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CLONE_CHILD_CLEARTID  0x00200000u
#define CLONE_PIDFD           0x00001000u
#define CLONE_PARENT_SETTID   0x00100000u
#define CLONE_SETTLS          0x00080000u
#define CLONE_CHILD_SETTID    0x01000000u

/* ---- clone ---- */

PINK_SPECIAL (clone_flags_signal)
{
  uint64_t value = (uint32_t) pink_decoder_value (self, type, place);
  int number = (int) (value & 0xff);
  const char *name = number != 0 ? pink_arch_signal_name (self->input->arch, number) : NULL;
  const PinkTableVariant *variant = pink_table_variant (self->input->arch, PINK_TABLE_CLONE_FLAGS);
  uint64_t rest = value & ~(uint64_t) 0xff;

  pink_tape_value (self->tape, PINK_TAPE_FLAGS, value);
  for (unsigned i = 0; i < variant->n; i++)
    {
      const PinkNamed *one = pink_table_entry (variant, i);

      if (one->value <= 0xff || (rest & one->value) != one->value)
        continue;
      pink_tape_name (self->tape, PINK_TAPE_NAME, pink_named_name (one));
      rest &= ~one->value;
    }
  if (name != NULL)
    pink_tape_name (self->tape, PINK_TAPE_NAME, name);
  else
    rest |= (unsigned) number;
  if (rest != 0)
    pink_tape_rest (self->tape, rest, NULL);
  pink_tape_plain (self->tape, PINK_TAPE_FLAGS_END);
  return PINK_SHOWN;
}

static void
put_pointer (PinkDecoder *self, const char *name, uint64_t address)
{
  pink_tape_field (self->tape, name);
  pink_decoder_address (self, address);
}

static void
put_pointed_int (PinkDecoder *self, const char *name, uint64_t address, bool is_fd)
{
  uint64_t value;

  pink_tape_field (self->tape, name);
  if (!pink_decoder_read_word (self, address, 4, &value))
    {
      pink_decoder_address (self, address);
      return;
    }
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  if (is_fd)
    pink_decoder_fd (self, (int) value, PINK_FORM_FD);
  else
    pink_tape_number (self->tape, (uint64_t) (int32_t) value, PINK_FORM_PID);
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

PINK_SPECIAL (clone_args_inout)
{
  uint8_t bytes[64] = { 0 };
  uint64_t size = special_ref (self, type, 0);
  uint64_t words[8], flags;

  if (size < sizeof bytes || !pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  for (unsigned i = 0; i < 8; i++)
    words[i] = pink_decoder_integer (self, bytes + 8 * i, 8);
  flags = words[0];
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "flags");
  pink_decoder_flags (self, PINK_TABLE_CLONE3_FLAGS, flags);
  if (flags & CLONE_PIDFD)
    put_pointer (self, "pidfd", words[1]);
  if (flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))
    put_pointer (self, "child_tid", words[2]);
  if (flags & CLONE_PARENT_SETTID)
    put_pointer (self, "parent_tid", words[3]);
  pink_special_member (self, "exit_signal", words[4], PINK_FORM_SIGNAL);
  put_pointer (self, "stack", words[5]);
  pink_special_member (self, "stack_size", words[6], PINK_FORM_HEX);
  if (flags & CLONE_SETTLS)
    put_pointer (self, "tls", words[7]);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  if (pink_decoder_done (self) && (flags & (CLONE_PIDFD | CLONE_PARENT_SETTID)))
    {
      pink_tape_plain (self->tape, PINK_TAPE_CHANGE);
      pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
      if (flags & CLONE_PIDFD)
        put_pointed_int (self, "pidfd", words[1], true);
      if (flags & CLONE_PARENT_SETTID)
        put_pointed_int (self, "parent_tid", words[3], false);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
  return PINK_SHOWN;
}

/* ---- waiting for processes ---- */

PINK_SPECIAL (wait_status)
{
  uint8_t bytes[4];
  unsigned status;
  char text[96];
  const char *name;

  PINK_SPECIAL_UNUSED;
  /* It has none to tell of where there was no process. */
  if (self->input->result == 0 || !pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  status = (unsigned) pink_decoder_integer (self, bytes, 4);
  if ((status & 0x7f) == 0)
    pink_decoder_print (self, text, sizeof text, "{WIFEXITED(s) && WEXITSTATUS(s) == %u}", status >> 8 & 0xff);
  else if (status == 0xffff)
    pink_decoder_print (self, text, sizeof text, "{WIFCONTINUED(s)}");
  else
    {
      bool stopped = (status & 0xff) == 0x7f;
      unsigned number = stopped ? status >> 8 & 0xff : status & 0x7f;
      char digits[16];

      name = pink_arch_signal_name (self->input->arch, (int) (number & 0x7f));
      pink_decoder_print (self, digits, sizeof digits, "%u", number);
      pink_decoder_print (self, text, sizeof text, stopped ? "{WIFSTOPPED(s) && WSTOPSIG(s) == %s%s}"
                                           : "{WIFSIGNALED(s) && WTERMSIG(s) == %s%s}",
                name != NULL ? name : digits,
                stopped && (number & 0x80) ? " | 0x80"
                : !stopped && (status & 0x80) ? " && WCOREDUMP(s)" : "");
    }
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  pink_tape_words (self->tape, PINK_TAPE_WORDS, status, text);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* Nor has it used anything. */
PINK_SPECIAL (waited_rusage)
{
  PINK_SPECIAL_UNUSED;
  if (self->input->result == 0)
    return PINK_NOT_READ;
  return pink_decoder_read_struct (self, PINK_STRUCT_RUSAGE, place->address);
}

/* ---- sets of bits ---- */

static PinkShown
show_bits (PinkDecoder *self, uint64_t address, uint64_t size, bool of_words)
{
  uint8_t bytes[128] = { 0 };
  unsigned word = pink_arch_word_size (self->input->arch);

  if (size == 0 || size > sizeof bytes)
    {
      if (size == 0)
        return PINK_NOT_READ;
      size = sizeof bytes;
    }
  if (of_words)
    size = (size + word - 1) / word * word;
  if (!pink_decoder_read (self, address, bytes, size))
    return PINK_NOT_READ;
  size = (size + word - 1) / word * word;
  pink_tape_set (self->tape, false);
  for (uint64_t i = 0; i < size * 8; i++)
    {
      uint64_t at = pink_decoder_integer (self, bytes + i / (word * 8) * word, word);

      if (at >> i % (word * 8) & 1)
        pink_tape_number (self->tape, i, PINK_FORM_UNSIGNED);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (cpu_mask)
{
  return show_bits (self, place->address, special_ref (self, type, 0), true);
}

/* The same of a call that reads no more than it is told. */
PINK_SPECIAL (cpu_bytes)
{
  return show_bits (self, place->address, special_ref (self, type, 0), false);
}

PINK_SPECIAL (node_mask)
{
  uint64_t n = special_ref (self, type, 0);
  unsigned word = pink_arch_word_size (self->input->arch);
  uint8_t bytes[128];
  uint64_t size = n / 8 / word * word;

  if (n % (8 * word) != 0)
    size += word;
  if (size == 0 || size > sizeof bytes || !pink_decoder_read (self, place->address, bytes, size))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (uint64_t i = 0; i < size; i += word)
    {
      char text[24];
      uint64_t value = pink_decoder_integer (self, bytes + i, word);

      pink_decoder_print (self, text, sizeof text, "%#0*" PRIx64, (int) word * 2, value);
      pink_tape_words (self->tape, PINK_TAPE_WORDS, value, text);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (fd_set)
{
  uint64_t n = special_ref (self, type, 0);
  unsigned word = pink_arch_word_size (self->input->arch);
  uint8_t bytes[128];
  uint64_t size;

  if ((int32_t) n <= 0)
    return PINK_NOT_READ;
  n = n > 1024 ? 1024 : n;
  size = (n + word * 8 - 1) / (word * 8) * word;
  if (!pink_decoder_read (self, place->address, bytes, size))
    return PINK_NOT_READ;
  pink_tape_set (self->tape, false);
  for (uint64_t i = 0; i < n; i++)
    {
      uint64_t at = pink_decoder_integer (self, bytes + i / (word * 8) * word, word);

      if (at >> i % (word * 8) & 1)
        pink_decoder_fd (self, (int) i, PINK_FORM_FD);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* ---- limits, capabilities ---- */

PINK_SPECIAL (rlim)
{
  unsigned width = pink_decoder_width (self, type->width);
  uint64_t value = pink_decoder_value (self, type, place);
  bool wide = width == 8;

  if (width == 4)
    value = (uint32_t) value;
  if (value == (width == 4 ? UINT32_MAX : UINT64_MAX))
    pink_tape_enum (self->tape, value, PINK_FORM_UNSIGNED, wide ? "RLIM64_INFINITY" : "RLIM_INFINITY", NULL);
  else if (value > 1024 && value % 1024 == 0)
    {
      char text[40];

      pink_decoder_print (self, text, sizeof text, "%" PRIu64 "*1024", value / 1024);
      pink_tape_named_words (self->tape, value, PINK_FORM_UNSIGNED, text);
    }
  else
    pink_tape_number (self->tape, value, PINK_FORM_UNSIGNED);
  return PINK_SHOWN;
}

static void
put_capabilities (PinkDecoder *self, const char *name, uint64_t bits)
{
  pink_tape_field (self->tape, name);
  pink_decoder_flags (self, PINK_TABLE_CAPABILITY_SET, bits);
}

PINK_SPECIAL (cap_data)
{
  uint64_t version = 0;
  uint8_t bytes[24];
  bool one;

  PINK_SPECIAL_UNUSED;
  if (!pink_decoder_read_word (self, special_ref (self, type, 0), 4, &version))
    return PINK_NOT_READ;
  one = version != 0x20071026 && version != 0x20080522;
  if (!pink_decoder_read (self, place->address, bytes, one ? 12 : 24))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  for (unsigned i = 0; i < 3; i++)
    {
      static const char *const names[] = { "effective", "permitted", "inheritable" };
      uint64_t bits = pink_decoder_integer (self, bytes + 4 * i, 4);

      if (!one)
        bits |= pink_decoder_integer (self, bytes + 12 + 4 * i, 4) << 32;
      put_capabilities (self, names[i], bits);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (comm)
{
  PINK_SPECIAL_UNUSED;
  return pink_decoder_string (self, place->address, 15, 0) ? PINK_SHOWN : PINK_NOT_READ;
}

PINK_SPECIAL (prctl_vma_name)
{
  uint64_t address = pink_decoder_value (self, type, place);

  if (address == 0 || !pink_decoder_string (self, address, self->input->string_limit, 0))
    pink_decoder_address (self, address);
  return PINK_SHOWN;
}

PINK_SPECIAL (seccomp_prog_if)
{
  uint64_t address = pink_decoder_value (self, type, place);

  if (special_ref (self, type, 0) != 2)
    return PINK_LAST;
  pink_special_struct (self, PINK_STRUCT_SECCOMP_FPROG, address);
  return PINK_SHOWN;
}

/* The kernel takes no other size. */
PINK_SPECIAL (user_desc_sized)
{
  if (special_ref (self, type, 0) != 16)
    return PINK_NOT_READ;
  return pink_decoder_read_struct (self, PINK_STRUCT_USER_DESC, place->address);
}

/* What is asked for is a number; the rest comes back. */
PINK_SPECIAL (user_desc_got)
{
  uint64_t number;

  PINK_SPECIAL_UNUSED;
  if (pink_decoder_done (self))
    return pink_decoder_read_struct (self, PINK_STRUCT_USER_DESC, place->address);
  if (!pink_decoder_read_word (self, place->address, 4, &number))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "entry_number", (uint64_t) (int32_t) number, PINK_FORM_SIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_MORE);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (mmap_pages)
{
  pink_tape_number (self->tape, pink_decoder_value (self, type, place) * 4096, PINK_FORM_HEX);
  return PINK_SHOWN;
}

/* All bits: the program asks which it is. */
PINK_SPECIAL (personality_or_not)
{
  uint64_t value = (uint32_t) pink_decoder_value (self, type, place);

  if (value == UINT32_MAX)
    pink_tape_number (self->tape, value, PINK_FORM_HEX);
  else
    pink_decoder_flags (self, PINK_TABLE_PERSONALITY, value);
  return PINK_SHOWN;
}

PINK_SPECIAL (ipc_key)
{
  uint64_t key = (uint32_t) pink_decoder_value (self, type, place);

  if (key == 0)
    pink_tape_enum (self->tape, 0, PINK_FORM_HEX, "IPC_PRIVATE", NULL);
  else
    pink_tape_number (self->tape, key, PINK_FORM_HEX);
  return PINK_SHOWN;
}

PINK_SPECIAL (ipc_mode_flags)
{
  uint64_t value = (uint32_t) pink_decoder_value (self, type, place);
  bool is_shm = strcmp (self->call->name, "shmget") == 0;
  const PinkTableVariant *variant =
    pink_table_variant (self->input->arch, is_shm ? PINK_TABLE_SHMGET_FLAGS : PINK_TABLE_IPC_FLAGS);
  const PinkTable *table = &pink_tables[is_shm ? PINK_TABLE_SHMGET_FLAGS : PINK_TABLE_IPC_FLAGS];
  char text[256];
  int n = 0;
  uint64_t rest;
  unsigned number = pink_table_number (table, value & ~(uint64_t) 0777, &rest);

  for (unsigned i = 0; i < variant->n && n < (int) sizeof text - 64; i++)
    {
      const PinkNamed *one = pink_table_entry (variant, i);

      if (one->value <= 0777 || (rest & one->value) != one->value)
        continue;
      n += pink_decoder_print (self, text + n, sizeof text - (size_t) n, "%s|", pink_named_name (one));
      rest &= ~one->value;
    }
  if (rest != 0)
    n += pink_decoder_print (self, text + n, sizeof text - (size_t) n, "%#" PRIx64 "|", rest);
  if (number != 0)
    n += pink_decoder_print (self, text + n, sizeof text - (size_t) n, "%u<<%s|", number,
                             pink_decode_name (table->shift_name));
  pink_decoder_print (self, text + n, sizeof text - (size_t) n, "%#03o", (unsigned) (value & 0777));
  pink_tape_named_words (self->tape, value, PINK_FORM_OCT, text);
  return PINK_SHOWN;
}

/* ---- results ---- */

static PinkShown
labelled (PinkDecoder *self, unsigned table, uint64_t value)
{
  self->hex_result = true;
  pink_tape_field (self->tape, "flags");
  pink_decoder_flags (self, table, value);
  return PINK_SHOWN;
}

PINK_SPECIAL (labelled_open_flags)
{
  return labelled (self, PINK_TABLE_OPEN_FLAGS, pink_decoder_value (self, type, place));
}

PINK_SPECIAL (labelled_fd_flags)
{
  uint64_t value = pink_decoder_value (self, type, place);

  self->hex_result = true;
  return value != 0 ? labelled (self, PINK_TABLE_FD_FLAGS, value) : PINK_NOT_SHOWN;
}

PINK_SPECIAL (labelled_seals)
{
  uint64_t value = pink_decoder_value (self, type, place);

  self->hex_result = true;
  return value != 0 ? labelled (self, PINK_TABLE_SEALS, value) : PINK_NOT_SHOWN;
}

PINK_SPECIAL (labelled_lease)
{
  self->hex_result = true;
  pink_decoder_enum (self, PINK_TABLE_LOCK_TYPE, pink_decoder_value (self, type, place), PINK_FORM_HEX);
  return PINK_SHOWN;
}

PINK_SPECIAL (membarrier_result)
{
  uint64_t value = pink_decoder_value (self, type, place);

  if (special_ref (self, type, 0) != 0)
    return PINK_NOT_SHOWN;
  self->hex_result = true;
  if (value == 0)
    return PINK_NOT_SHOWN;
  pink_decoder_flags (self, PINK_TABLE_MEMBARRIER_CMDS, value);
  return PINK_SHOWN;
}

#define LANDLOCK_ASKS 3u /* LANDLOCK_CREATE_RULESET_VERSION, …_ERRATA */

/* Asked for its version it returns that, and makes no descriptor. */
PINK_SPECIAL (landlock_result)
{
  PINK_SPECIAL_UNUSED;
  self->plain_result = (special_ref (self, type, 0) & LANDLOCK_ASKS) != 0;
  return PINK_NOT_SHOWN;
}

PINK_SPECIAL (duplicated)
{
  PINK_SPECIAL_UNUSED;
  self->fd_result = true;
  return PINK_NOT_SHOWN;
}

PINK_SPECIAL (sched_policy_result)
{
  pink_decoder_enum (self, PINK_TABLE_SCHED_POLICY, pink_decoder_value (self, type, place), PINK_FORM_HEX);
  return PINK_SHOWN;
}

PINK_SPECIAL (timex_result)
{
  pink_decoder_enum (self, PINK_TABLE_TIMEX_STATE, pink_decoder_value (self, type, place), PINK_FORM_HEX);
  return PINK_SHOWN;
}

/* ---- futex ---- */

#define FUTEX_PRIVATE 128u
#define FUTEX_CLOCK_REALTIME 256u

PINK_SPECIAL (futex_op_flags)
{
  uint64_t value = (uint32_t) pink_decoder_value (self, type, place);
  uint64_t op = value & ~(uint64_t) (FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME);
  const PinkNamed *named = pink_table_find (self->input->arch, PINK_TABLE_FUTEX_OP, op);
  char text[80];

  if (named == NULL)
    {
      pink_tape_enum (self->tape, value, PINK_FORM_HEX, NULL, "FUTEX_");
      return PINK_SHOWN;
    }
  pink_decoder_print (self, text, sizeof text, "%s%s%s", pink_named_name (named), value & FUTEX_PRIVATE ? "_PRIVATE" : "",
            value & FUTEX_CLOCK_REALTIME ? "|FUTEX_CLOCK_REALTIME" : "");
  pink_tape_named_words (self->tape, value, PINK_FORM_HEX, text);
  return PINK_SHOWN;
}

enum { WAIT, WAKE, FD, REQUEUE, CMP_REQUEUE, WAKE_OP, LOCK_PI, UNLOCK_PI, TRYLOCK_PI, WAIT_BITSET,
       WAKE_BITSET, WAIT_REQUEUE_PI, CMP_REQUEUE_PI, LOCK_PI2 };

static unsigned
futex_op (PinkDecoder *self, const PinkType *type)
{
  return (unsigned) special_ref (self, type, 0) & ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME);
}

PINK_SPECIAL (futex_val)
{
  unsigned op = (unsigned) pink_decoder_arg (self, 1) & ~(FUTEX_PRIVATE | FUTEX_CLOCK_REALTIME);

  if (op == LOCK_PI || op == LOCK_PI2 || op == UNLOCK_PI || op == TRYLOCK_PI)
    return PINK_NOT_SHOWN;
  pink_tape_number (self->tape, (uint32_t) pink_decoder_value (self, type, place), PINK_FORM_UNSIGNED);
  return PINK_SHOWN;
}

PINK_SPECIAL (futex_timeout)
{
  bool wide = strcmp (self->call->name, "futex_time64") == 0;
  uint64_t value = pink_decoder_value (self, type, place);

  switch (futex_op (self, type))
    {
    case WAIT:
    case LOCK_PI:
    case LOCK_PI2:
    case WAIT_BITSET:
    case WAIT_REQUEUE_PI:
      pink_special_struct (self, wide ? PINK_STRUCT_TIMESPEC64 : PINK_STRUCT_TIMESPEC, value);
      return PINK_SHOWN;
    case REQUEUE:
    case CMP_REQUEUE:
    case CMP_REQUEUE_PI:
    case WAKE_OP:
      pink_tape_number (self->tape, (uint32_t) value, PINK_FORM_UNSIGNED);
      return PINK_SHOWN;
    case WAKE:
    case FD:
    case UNLOCK_PI:
    case TRYLOCK_PI:
    case WAKE_BITSET:
      return PINK_NOT_SHOWN;
    default:
      pink_decoder_address (self, value);
      return PINK_SHOWN;
    }
}

PINK_SPECIAL (futex_uaddr2)
{
  switch (futex_op (self, type))
    {
    case REQUEUE:
    case CMP_REQUEUE:
    case CMP_REQUEUE_PI:
    case WAKE_OP:
    case WAIT_REQUEUE_PI:
      break;
    default:
      if (futex_op (self, type) <= LOCK_PI2)
        return PINK_NOT_SHOWN;
    }
  pink_decoder_address (self, pink_decoder_value (self, type, place));
  return PINK_SHOWN;
}

static void
put_wake_op (PinkDecoder *self, uint32_t value)
{
  const PinkNamed *op = pink_table_find (self->input->arch, PINK_TABLE_FUTEX_WAKE_OP, value >> 28 & 7);
  const PinkNamed *compare = pink_table_find (self->input->arch, PINK_TABLE_FUTEX_WAKE_CMP,
                                              value >> 24 & 15);
  char text[160], bad_op[16], bad_compare[16];

  pink_decoder_print (self, bad_op, sizeof bad_op, "%#x", value >> 28 & 7);
  pink_decoder_print (self, bad_compare, sizeof bad_compare, "%#x", value >> 24 & 15);
  pink_decoder_print (self, text, sizeof text, "%s%s<<28|%#x<<12|%s<<24|%#x",
            value >> 31 ? "FUTEX_OP_OPARG_SHIFT<<28|" : "", op != NULL ? pink_named_name (op) : bad_op,
            value >> 12 & 0xfff, compare != NULL ? pink_named_name (compare) : bad_compare, value & 0xfff);
  pink_tape_words (self->tape, PINK_TAPE_WORDS, value, text);
}

PINK_SPECIAL (futex_val3)
{
  uint32_t value = (uint32_t) pink_decoder_value (self, type, place);

  switch (futex_op (self, type))
    {
    case WAIT_BITSET:
    case WAKE_BITSET:
      if (value == UINT32_MAX)
        pink_tape_enum (self->tape, value, PINK_FORM_HEX, "FUTEX_BITSET_MATCH_ANY", NULL);
      else
        pink_tape_number (self->tape, value, PINK_FORM_HEX);
      return PINK_SHOWN;
    case CMP_REQUEUE:
    case CMP_REQUEUE_PI:
      pink_tape_number (self->tape, value, PINK_FORM_UNSIGNED);
      return PINK_SHOWN;
    case WAKE_OP:
      put_wake_op (self, value);
      return PINK_SHOWN;
    default:
      if (futex_op (self, type) <= LOCK_PI2)
        return PINK_NOT_SHOWN;
      pink_tape_number (self->tape, value, PINK_FORM_HEX);
      return PINK_SHOWN;
    }
}

PINK_SPECIAL (futex_result)
{
  PINK_SPECIAL_UNUSED;
  return PINK_NOT_SHOWN;
}
