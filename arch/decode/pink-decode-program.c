/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Programs that the kernel runs: BPF, the old one of filters and the one of bpf(); and
 * what perf_event_open() counts.
 */
#include "pink-decode-special.h"

#include <inttypes.h>
#include <string.h>

/* ---- instructions ---- */

/* The kernel takes no more of the old ones; of the others a line has no more either. */
#define MOST_INSTRUCTIONS 4096

enum { LD, LDX, ST, STX, ALU, JMP, RET_OR_JMP32, MISC_OR_ALU64 };

typedef void (*PutFunc) (PinkDecoder *self, const uint8_t *bytes);

static const char *
name_in (const PinkDecoder *self, unsigned table, unsigned value, char buffer[32])
{
  const PinkNamed *named = pink_table_find (self->input->arch, table, value);

  if (named != NULL)
    return pink_named_name (named);
  pink_decoder_print (self, buffer, 32, "%#x /* BPF_??? */", value);
  return buffer;
}

/* "BPF_LD|BPF_W|BPF_ABS": what the bits of CODE are depends on the lowest three. */
static void
print_code (const PinkDecoder *self, unsigned code, bool is_old, char *text, size_t size)
{
  unsigned class = code & 7;
  const char *name = NULL;
  char unknown[3][32];
  const PinkNamed *named = pink_table_find (self->input->arch,
                                            is_old ? PINK_TABLE_BPF_OLD_CLASS : PINK_TABLE_BPF_CLASS, class);

  name = named != NULL ? pink_named_name (named) : "";
  if (class == LD || class == LDX || (!is_old && (class == ST || class == STX)))
    pink_decoder_print (self, text, size, "%s|%s|%s", name,
                        name_in (self, PINK_TABLE_BPF_SIZE, code & 0x18, unknown[0]),
                        name_in (self, PINK_TABLE_BPF_MODE, code & 0xe0, unknown[1]));
  else if (class == ST || class == STX)
    pink_decoder_print (self, text, size, code & ~7u ? "%s|%#x" : "%s", name, code & ~7u);
  else if (is_old && class == RET_OR_JMP32)
    pink_decoder_print (self, text, size, "%s|%s", name,
                        (code & 0x18) == 0 ? "BPF_K" : (code & 0x18) == 8 ? "BPF_X" : "BPF_A");
  else if (is_old && class == MISC_OR_ALU64)
    pink_decoder_print (self, text, size, "%s|%s", name, (code & 0xf8) == 0x80 ? "BPF_TXA" : "BPF_TAX");
  else
    pink_decoder_print (self, text, size, "%s|%s|%s", name, code & 8 ? "BPF_X" : "BPF_K",
                        name_in (self, class == ALU || class == MISC_OR_ALU64 ? PINK_TABLE_BPF_ALU_OP
                                                                              : PINK_TABLE_BPF_JUMP_OP,
                                 code & 0xf0, unknown[2]));
}

static void
put_old_instruction (PinkDecoder *self, const uint8_t *bytes, bool is_seccomp)
{
  unsigned code = (unsigned) pink_decoder_integer (self, bytes, 2);
  uint64_t k = pink_decoder_integer (self, bytes + 4, 4);
  const PinkNamed *action = pink_table_find (self->input->arch, PINK_TABLE_SECCOMP_ACTION, k & 0xffff0000);
  char name[128], text[224], value[96];

  print_code (self, code, true, name, sizeof name);
  if (bytes[2] != 0 || bytes[3] != 0)
    pink_decoder_print (self, text, sizeof text, "BPF_JUMP(%s, %#" PRIx64 ", %#x, %#x)", name, k, bytes[2], bytes[3]);
  else
    {
      if (!is_seccomp || (code & 7) != RET_OR_JMP32)
        pink_decoder_print (self, value, sizeof value, "%#" PRIx64, k);
      else if (action == NULL)
        pink_decoder_print (self, value, sizeof value, "%#" PRIx64 " /* SECCOMP_RET_??? */", k);
      else
        pink_decoder_print (self, value, sizeof value, k & 0xffff ? "%s|%#x" : "%s", pink_named_name (action),
                            (unsigned) (k & 0xffff));
      pink_decoder_print (self, text, sizeof text, "BPF_STMT(%s, %s)", name, value);
    }
  pink_tape_words (self->tape, PINK_TAPE_WORDS, k, text);
}

static void
put_filter_instruction (PinkDecoder *self, const uint8_t *bytes)
{
  put_old_instruction (self, bytes, false);
}

static void
put_seccomp_instruction (PinkDecoder *self, const uint8_t *bytes)
{
  put_old_instruction (self, bytes, true);
}

static void
put_instruction (PinkDecoder *self, const uint8_t *bytes)
{
  bool big = pink_arch_is_big_endian (self->input->arch);
  char text[128];

  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "code");
  print_code (self, bytes[0], false, text, sizeof text);
  pink_tape_named_words (self->tape, bytes[0], PINK_FORM_HEX, text);
  pink_tape_field (self->tape, "dst_reg");
  pink_decoder_enum (self, PINK_TABLE_BPF_REGISTER, big ? bytes[1] >> 4 : bytes[1] & 15, PINK_FORM_HEX);
  pink_tape_field (self->tape, "src_reg");
  pink_decoder_enum (self, PINK_TABLE_BPF_REGISTER, big ? bytes[1] & 15 : bytes[1] >> 4, PINK_FORM_HEX);
  pink_special_member (self, "off", (uint64_t) (int16_t) pink_decoder_integer (self, bytes + 2, 2), PINK_FORM_SIGNED);
  pink_special_member (self, "imm", pink_decoder_integer (self, bytes + 4, 4), PINK_FORM_HEX);
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

/* A program is long: it is told where nothing is abbreviated. */
static PinkShown
show_program (PinkDecoder *self, const PinkType *type, const PinkPlace *place, PutFunc put)
{
  uint64_t address = pink_decoder_value (self, type, place);
  uint64_t n = special_ref (self, type, 0);
  uint8_t bytes[8];

  if (pink_decoder_width (self, type->width) == 4)
    address = (uint32_t) address;
  if (self->input->abbreviated || self->input->addresses || n == 0 ||
      !pink_decoder_read (self, address, bytes, sizeof bytes))
    {
      pink_tape_value (self->tape, PINK_TAPE_ADDRESS, address);
      return PINK_SHOWN;
    }
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  put (self, bytes);
  for (uint64_t i = 1; i < n && !self->tape->full; i++)
    {
      if (i >= MOST_INSTRUCTIONS || !pink_decoder_read (self, address + 8 * i, bytes, sizeof bytes))
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      put (self, bytes);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (bpf_insns)
{
  return show_program (self, type, place, put_instruction);
}

PINK_SPECIAL (bpf_filter)
{
  return show_program (self, type, place, put_filter_instruction);
}

PINK_SPECIAL (seccomp_filter)
{
  return show_program (self, type, place, put_seccomp_instruction);
}

PINK_SPECIAL (kernel_version)
{
  unsigned value = (unsigned) pink_decoder_value (self, type, place);
  char text[64];

  pink_decoder_print (self, text, sizeof text, "KERNEL_VERSION(%u, %u, %u)", value >> 16, value >> 8 & 0xff,
                      value & 0xff);
  pink_tape_named_words (self->tape, value, PINK_FORM_HEX, text);
  return PINK_SHOWN;
}

/* ---- perf_event_open() ---- */

#define FIRST_ATTR_SIZE 64u

/* It says itself how long it is, and 0 where it is as long as the first one was. */
PINK_SPECIAL (perf_attr)
{
  uint64_t size = 0;

  PINK_SPECIAL_UNUSED;
  if (!pink_decoder_read_word (self, place->address + 4, 4, &size))
    return PINK_NOT_READ;
  if (size == 0)
    size = FIRST_ATTR_SIZE;
  if (size < FIRST_ATTR_SIZE)
    return PINK_NOT_READ;
  return pink_decoder_sized_struct (self, PINK_STRUCT_PERF_EVENT_ATTR, place->address, size,
                                    !self->input->abbreviated);
}

static void
print_part (const PinkDecoder *self, unsigned table, unsigned value, char buffer[80])
{
  const PinkNamed *named = pink_table_find (self->input->arch, table, value);

  if (named != NULL)
    pink_decoder_print (self, buffer, 80, "%s", pink_named_name (named));
  else
    pink_decoder_print (self, buffer, 80, "%#x /* %s??? */", value, pink_decode_name (pink_tables[table].prefix));
}

PINK_SPECIAL (perf_cache_config)
{
  uint8_t bytes[8];
  uint64_t config;
  char parts[3][80], rest[32] = "", text[300];

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  config = pink_decoder_integer (self, bytes, sizeof bytes);
  print_part (self, PINK_TABLE_PERF_CACHE_RESULT, config >> 16 & 0xff, parts[0]);
  print_part (self, PINK_TABLE_PERF_CACHE_OP, config >> 8 & 0xff, parts[1]);
  print_part (self, PINK_TABLE_PERF_CACHE, config & 0xff, parts[2]);
  if (config >> 24 != 0)
    pink_decoder_print (self, rest, sizeof rest, "%#" PRIx64 "<<24|", config >> 24);
  pink_decoder_print (self, text, sizeof text, "%s%s<<16|%s<<8|%s", rest, parts[0], parts[1], parts[2]);
  pink_tape_named_words (self->tape, config, PINK_FORM_HEX, text);
  return PINK_SHOWN;
}

PINK_SPECIAL (perf_precise)
{
  static const char *const words[] = { "arbitrary skid", "constant skid", "requested to have 0 skid",
                                       "must have 0 skid" };
  uint64_t value = pink_decoder_value (self, type, place) & 3;

  pink_tape_number (self->tape, value, PINK_FORM_UNSIGNED);
  pink_tape_comment (self->tape, "%s", words[value]);
  return PINK_SHOWN;
}

PINK_SPECIAL (perf_reserved)
{
  pink_tape_number (self->tape, pink_decoder_value (self, type, place), PINK_FORM_HEX);
  pink_tape_comment (self->tape, "Bits 63..38");
  return PINK_SHOWN;
}
