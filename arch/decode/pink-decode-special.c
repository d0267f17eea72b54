/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Special forms of files, and what all of them share.
 */
#include "pink-decode-special.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- shared ---- */

bool
pink_special_bytes (PinkDecoder *self, const PinkPlace *place, void *buffer, size_t size)
{
  if (place->by_value)
    return false;
  if (place->bytes == NULL)
    return pink_decoder_read (self, place->address, buffer, size);
  if (place->size < size)
    return false;
  memcpy (buffer, place->bytes, size);
  return true;
}

void
pink_special_stamp (PinkDecoder *self, int64_t seconds, uint64_t nanoseconds)
{
  pink_special_stamp_of (self, seconds, nanoseconds, 9);
}

void
pink_special_stamp_of (PinkDecoder *self, int64_t seconds, uint64_t part, int digits)
{
  time_t when = (time_t) seconds;
  struct tm parts;
  char text[64], zone[16];

  /* localtime_r() takes a lock, which a tracer task may not. */
  if (self->tape->blank)
    return;
  if ((seconds == 0 && part == 0) || part > (digits == 9 ? 999999999 : 999999) ||
      localtime_r (&when, &parts) == NULL ||
      strftime (text, sizeof text, "%FT%T", &parts) == 0 ||
      strftime (zone, sizeof zone, "%z", &parts) == 0)
    return;
  if (part != 0)
    pink_tape_comment (self->tape, "%s.%0*u%s", text, digits, (unsigned) part, zone);
  else
    pink_tape_comment (self->tape, "%s%s", text, zone);
}

void
pink_special_member (PinkDecoder *self, const char *name, uint64_t number, PinkForm form)
{
  pink_tape_field (self->tape, name);
  pink_tape_number (self->tape, number, form);
}

void
pink_special_struct (PinkDecoder *self, unsigned index, uint64_t address)
{
  size_t mark = pink_tape_mark (self->tape);

  if (address != 0 && !self->input->addresses &&
      pink_decoder_read_struct (self, index, address) == PINK_SHOWN)
    return;
  pink_tape_rewind (self->tape, mark);
  pink_decoder_address (self, address);
}

/* What nobody has described, behind a pointer: its address is told. */
PINK_SPECIAL (unread)
{
  PINK_SPECIAL_UNUSED;
  return PINK_NOT_READ;
}

/* ---- modes and devices ---- */

#define FORMAT 0170000

PINK_SPECIAL (mode)
{
  static const struct { unsigned bits; const char *name; } formats[] = {
    { 0100000, "S_IFREG" }, { 0140000, "S_IFSOCK" }, { 0010000, "S_IFIFO" }, { 0120000, "S_IFLNK" },
    { 0040000, "S_IFDIR" }, { 0060000, "S_IFBLK" }, { 0020000, "S_IFCHR" },
  };
  uint64_t mode = pink_decoder_value (self, type, place) & 0xffff;
  unsigned rest = (unsigned) mode;
  char text[96];
  int n = 0;
  bool known = (mode & FORMAT) == 0;

  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    if ((mode & FORMAT) == formats[i].bits)
      {
        n = pink_decoder_print (self, text, sizeof text, "%s|", formats[i].name);
        rest &= ~(unsigned) FORMAT;
        known = true;
      }
  if (!known)
    {
      pink_tape_number (self->tape, mode, PINK_FORM_MODE);
      return PINK_SHOWN;
    }
  n += pink_decoder_print (self, text + n, sizeof text - (size_t) n, "%s%s%s", rest & 04000 ? "S_ISUID|" : "",
                 rest & 02000 ? "S_ISGID|" : "", rest & 01000 ? "S_ISVTX|" : "");
  pink_decoder_print (self, text + n, sizeof text - (size_t) n, "%#03o", rest & ~07000u);
  pink_tape_named_words (self->tape, mode, PINK_FORM_MODE, text);
  return PINK_SHOWN;
}

PINK_SPECIAL (dev)
{
  uint64_t dev = pink_decoder_value (self, type, place);
  unsigned major = (unsigned) ((dev >> 8 & 0xfff) | (dev >> 32 & 0xfffff000));
  unsigned minor = (unsigned) ((dev & 0xff) | (dev >> 12 & 0xffffff00));
  char text[64];

  pink_decoder_print (self, text, sizeof text, "makedev(%#x, %#x)", major, minor);
  pink_tape_named_words (self->tape, dev, PINK_FORM_HEX, text);
  return PINK_SHOWN;
}

static bool
is_device (uint64_t mode)
{
  return (mode & FORMAT) == 0060000 || (mode & FORMAT) == 0020000;
}

PINK_SPECIAL (rdev)
{
  if (!is_device (special_ref (self, type, 0)))
    return PINK_NOT_SHOWN;
  return pink_special_dev (self, type, place);
}

PINK_SPECIAL (dev_if)
{
  return pink_special_rdev (self, type, place);
}

PINK_SPECIAL (stat_size)
{
  if (is_device (special_ref (self, type, 0)))
    return PINK_NOT_SHOWN;
  pink_tape_number (self->tape, pink_decoder_value (self, type, place), PINK_FORM_UNSIGNED);
  return PINK_SHOWN;
}

PINK_SPECIAL (open_mode)
{
  uint64_t flags = special_ref (self, type, 0);

  if (!pink_arch_open_takes_mode (self->input->arch, flags))
    return PINK_NOT_SHOWN;
  pink_tape_number (self->tape, pink_decoder_value (self, type, place) & 0xffff, PINK_FORM_MODE);
  return PINK_SHOWN;
}

PINK_SPECIAL (fsid)
{
  uint8_t bytes[8];

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "val");
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  pink_tape_number (self->tape, pink_decoder_integer (self, bytes, 4), PINK_FORM_HEX);
  pink_tape_number (self->tape, pink_decoder_integer (self, bytes + 4, 4), PINK_FORM_HEX);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* ---- directories ---- */

#define MOST_ENTRIES 65536

static bool
show_entry (PinkDecoder *self, uint64_t address, unsigned head, unsigned length, bool wide)
{
  uint8_t bytes[20], kind = 0;
  unsigned word = wide ? 8 : pink_decoder_width (self, PINK_WIDTH_LONG);

  if (!pink_decoder_read (self, address, bytes, head) ||
      (!wide && !pink_decoder_read (self, address + length - 1, &kind, 1)))
    return false;
  if (wide)
    kind = bytes[18];
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "d_ino", pink_decoder_integer (self, bytes, word), PINK_FORM_UNSIGNED);
  pink_special_member (self, "d_off", pink_decoder_integer (self, bytes + word, word),
                       wide ? PINK_FORM_SIGNED : PINK_FORM_UNSIGNED);
  pink_special_member (self, "d_reclen", length, PINK_FORM_UNSIGNED);
  if (wide)
    {
      pink_tape_field (self->tape, "d_type");
      pink_decoder_enum (self, PINK_TABLE_DIRENT_TYPE, kind, PINK_FORM_HEX);
    }
  pink_tape_field (self->tape, "d_name");
  if (!pink_decoder_string (self, address + head, length - head - !wide, PINK_STRING_PATH))
    pink_decoder_address (self, address + head);
  if (!wide)
    {
      pink_tape_field (self->tape, "d_type");
      pink_decoder_enum (self, PINK_TABLE_DIRENT_TYPE, kind, PINK_FORM_HEX);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return true;
}

static PinkShown
show_entries (PinkDecoder *self, const PinkType *type, const PinkPlace *place, bool wide)
{
  unsigned word = wide ? 8 : pink_decoder_width (self, PINK_WIDTH_LONG);
  unsigned head = 2 * word + 2 + wide;
  uint64_t size = special_ref (self, type, 0);
  uint64_t at = 0;
  unsigned n = 0;

  if (!self->input->abbreviated)
    pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (; at + head < size && n < MOST_ENTRIES; n++)
    {
      uint64_t length;

      if (!pink_decoder_read_word (self, place->address + at + 2 * word, 2, &length) ||
          length <= head + 1u || length > size - at ||
          (!self->input->abbreviated &&
           !show_entry (self, place->address + at, head, (unsigned) length, wide)))
        break;
      at += length;
    }
  if (!self->input->abbreviated)
    {
      pink_tape_plain (self->tape, PINK_TAPE_END);
      return PINK_SHOWN;
    }
  pink_decoder_address (self, place->address);
  pink_tape_comment (self->tape, "%u entries", n);
  return PINK_SHOWN;
}

PINK_SPECIAL (dirents64)
{
  return show_entries (self, type, place, true);
}

PINK_SPECIAL (dirents)
{
  return show_entries (self, type, place, false);
}

/* ---- buffers ---- */

static PinkShown
show_filled (PinkDecoder *self, const PinkType *type, const PinkPlace *place, unsigned form)
{
  uint64_t filled = special_ref (self, type, 0);
  uint64_t room = special_ref (self, type, 1);

  if (room == 0 || filled > room ||
      !pink_decoder_bytes (self, place->address, filled, self->input->string_limit, form))
    return PINK_NOT_READ;
  return PINK_SHOWN;
}

/* Of random bytes no letter says anything. */
PINK_SPECIAL (random_bytes)
{
  return show_filled (self, type, place, PINK_STRING_HEX);
}

PINK_SPECIAL (xattr_value)
{
  return show_filled (self, type, place, 0);
}

PINK_SPECIAL (xattr_list)
{
  return show_filled (self, type, place, 0);
}

PINK_SPECIAL (mount_data)
{
  uint64_t address = pink_decoder_value (self, type, place);

  if (address == 0 ||
      !pink_decoder_string (self, address, self->input->string_limit, 0))
    pink_decoder_address (self, address);
  return PINK_SHOWN;
}

/* Of the vectors that a call fills, as much as it has filled. */
PINK_SPECIAL (iov_out)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  uint64_t n = special_ref (self, type, 0);
  uint64_t left = special_ref (self, type, 1);
  size_t most = self->input->abbreviated ? self->input->string_limit : 1024;
  size_t mark = pink_tape_mark (self->tape);

  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (uint64_t i = 0; i < n && !self->tape->full; i++)
    {
      uint8_t bytes[16];
      uint64_t base, length, filled;

      if (i >= most)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      if (!pink_decoder_read (self, place->address + i * 2 * word, bytes, 2 * word))
        {
          if (i == 0)
            {
              pink_tape_rewind (self->tape, mark);
              return PINK_NOT_READ;
            }
          pink_decoder_more_at (self, place->address + i * 2 * word);
          break;
        }
      base = pink_decoder_integer (self, bytes, word);
      length = pink_decoder_integer (self, bytes + word, word);
      filled = length < left ? length : left;
      left -= filled;
      pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
      pink_tape_field (self->tape, "iov_base");
      if (base == 0 || !pink_decoder_bytes (self, base, filled, self->input->string_limit, 0))
        pink_decoder_address (self, base);
      pink_special_member (self, "iov_len", length, PINK_FORM_UNSIGNED);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (mincore)
{
  uint64_t n = (special_ref (self, type, 0) + 4095) / 4096;
  size_t most = self->input->abbreviated ? self->input->string_limit : 4096;

  for (uint64_t i = 0; i < n && !self->tape->full; i++)
    {
      uint8_t one;

      if (!pink_decoder_read (self, place->address + i, &one, 1))
        return PINK_NOT_READ;
      if (i == 0)
        pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
      if (i >= most)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      pink_tape_number (self->tape, one & 1, PINK_FORM_UNSIGNED);
    }
  if (n == 0)
    pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* ---- what a call reads and then writes ---- */

static PinkShown
show_offset (PinkDecoder *self, const PinkPlace *place, unsigned width)
{
  PinkDecodeInput *input = self->input;
  unsigned n = self->argument;
  uint64_t value;

  if (n >= PINK_ARCH_N_REGS || !pink_decoder_read_word (self, place->address, width, &value))
    return PINK_NOT_READ;
  if (!input->exited)
    {
      input->kept[n] = value;
      input->has_kept |= (uint8_t) (1u << n);
    }
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  pink_tape_number (self->tape, input->has_kept & (1u << n) ? input->kept[n] : value, PINK_FORM_SIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  if (pink_decoder_done (self) && input->result > 0 && (input->has_kept & (1u << n)))
    {
      pink_tape_plain (self->tape, PINK_TAPE_CHANGE);
      pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
      pink_tape_number (self->tape, value, PINK_FORM_SIGNED);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
  return PINK_SHOWN;
}

PINK_SPECIAL (sendfile_offset)
{
  PINK_SPECIAL_UNUSED;
  return show_offset (self, place, pink_decoder_width (self, PINK_WIDTH_LONG));
}

PINK_SPECIAL (sendfile_offset64)
{
  PINK_SPECIAL_UNUSED;
  return show_offset (self, place, 8);
}

static void
show_handle_bytes (PinkDecoder *self, const uint8_t *head, uint64_t address, uint32_t length)
{
  uint8_t bytes[128];
  char text[2 * sizeof bytes + 3] = "0x";
  bool is_opened = strcmp (self->call->name, "open_by_handle_at") == 0;

  if (is_opened)
    pink_special_member (self, "handle_type", (uint64_t) (int32_t) pink_decoder_integer (self, head + 4, 4),
                         PINK_FORM_SIGNED);
  else
    pink_special_member (self, "handle_type", pink_decoder_integer (self, head + 4, 4), PINK_FORM_HEX);
  pink_tape_field (self->tape, "f_handle");
  if (length == 0)
    {
      pink_tape_string (self->tape, "", 0, 0);
      return;
    }
  if (length > sizeof bytes || !pink_decoder_read (self, address + 8, bytes, length))
    {
      pink_decoder_address (self, address + 8);
      return;
    }
  if (is_opened)
    {
      pink_tape_string (self->tape, bytes, length, PINK_STRING_HEX);
      return;
    }
  for (uint32_t i = 0; i < length; i++)
    pink_decoder_print (self, text + 2 + 2 * i, 3, "%02x", bytes[i]);
  pink_tape_words (self->tape, PINK_TAPE_WORDS, length, text);
}

PINK_SPECIAL (file_handle_in)
{
  uint8_t head[8];
  uint32_t length;

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, head, sizeof head))
    return PINK_NOT_READ;
  length = (uint32_t) pink_decoder_integer (self, head, 4);
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "handle_bytes", length, PINK_FORM_UNSIGNED);
  show_handle_bytes (self, head, place->address, length);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (file_handle_inout)
{
  PinkDecodeInput *input = self->input;
  unsigned n = self->argument;
  uint8_t head[8];
  uint32_t length;

  PINK_SPECIAL_UNUSED;
  if (n >= PINK_ARCH_N_REGS || !pink_special_bytes (self, place, head, sizeof head))
    return PINK_NOT_READ;
  length = (uint32_t) pink_decoder_integer (self, head, 4);
  if (!input->exited)
    {
      input->kept[n] = length;
      input->has_kept |= (uint8_t) (1u << n);
    }
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "handle_bytes",
                       input->has_kept & (1u << n) ? input->kept[n] : length, PINK_FORM_UNSIGNED);
  if (input->exited && (input->has_kept & (1u << n)) && input->kept[n] != length)
    {
      pink_tape_plain (self->tape, PINK_TAPE_CHANGE);
      pink_tape_number (self->tape, length, PINK_FORM_UNSIGNED);
    }
  if (pink_decoder_done (self))
    show_handle_bytes (self, head, place->address, length);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* ---- ioctl ---- */

PINK_SPECIAL (ioctl_request)
{
  uint64_t request = (uint32_t) pink_decoder_value (self, type, place);
  const PinkNamed *named = pink_table_find (self->input->arch, PINK_TABLE_IOCTL_CMD, request);
  unsigned size_bits = pink_special_is_mips (self->input->arch) || pink_special_is_ppc (self->input->arch) ? 13 : 14;
  unsigned direction = (unsigned) (request >> (16 + size_bits));
  static const char *const usual[] = { "_IOC_NONE", "_IOC_WRITE", "_IOC_READ", "_IOC_READ|_IOC_WRITE" };
  char text[96];

  if (named != NULL)
    {
      pink_tape_enum (self->tape, request, PINK_FORM_HEX, pink_named_name (named), NULL);
      return PINK_SHOWN;
    }
  /* There a direction has a bit of its own for "none". */
  if (size_bits == 13)
    direction = direction == 1 ? 0 : direction == 2 ? 2 : direction == 4 ? 1 : direction == 6 ? 3 : 4;
  if (direction > 3)
    pink_decoder_print (self, text, sizeof text, "%#x", (unsigned) request);
  else
    pink_decoder_print (self, text, sizeof text, "_IOC(%s, %#x, %#x, %#x)", usual[direction],
              (unsigned) (request >> 8 & 0xff), (unsigned) (request & 0xff),
              (unsigned) (request >> 16 & ((1u << size_bits) - 1)));
  pink_tape_named_words (self->tape, request, PINK_FORM_HEX, text);
  return PINK_SHOWN;
}

static void
show_characters (PinkDecoder *self, uint8_t line, const uint8_t *chars, unsigned n)
{
  pink_tape_field (self->tape, "c_line");
  if (line == 0)
    pink_tape_enum (self->tape, 0, PINK_FORM_HEX, "N_TTY", NULL);
  else
    pink_tape_number (self->tape, line, PINK_FORM_HEX);
  pink_tape_field (self->tape, "c_cc");
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (unsigned i = 0; i < n; i++)
    {
      const PinkNamed *named = pink_table_find (self->input->arch, PINK_TABLE_TC_CC, i);

      pink_tape_index (self->tape, i, named != NULL ? pink_named_name (named) : NULL);
      pink_tape_number (self->tape, chars[i], PINK_FORM_HEX);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

/* The kernel's: MIPS has more characters in it, and PowerPC has the speeds, and the
 * line behind the characters. */
PINK_SPECIAL (termios)
{
  static const struct { const char *name; unsigned table; } words[] = {
    { "c_iflag", PINK_TABLE_TC_IFLAG }, { "c_oflag", PINK_TABLE_TC_OFLAG },
    { "c_cflag", PINK_TABLE_TC_CFLAG }, { "c_lflag", PINK_TABLE_TC_LFLAG },
  };
  const bool is_mips = pink_special_is_mips (self->input->arch), is_ppc = pink_special_is_ppc (self->input->arch);
  const unsigned n_chars = is_mips ? 23 : 19, line = is_ppc ? 35 : 16, chars = is_ppc ? 16 : 17;
  uint8_t bytes[44];

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, is_ppc ? 44 : 17 + n_chars))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  for (unsigned i = 0; i < 4; i++)
    {
      pink_tape_field (self->tape, words[i].name);
      pink_decoder_flags (self, words[i].table, pink_decoder_integer (self, bytes + 4 * i, 4));
    }
  if (self->input->abbreviated)
    pink_tape_plain (self->tape, PINK_TAPE_MORE);
  else
    {
      show_characters (self, bytes[line], bytes + chars, n_chars);
      for (unsigned i = 0; is_ppc && i < 2; i++)
        pink_special_member (self, i == 0 ? "c_ispeed" : "c_ospeed",
                             pink_decoder_integer (self, bytes + 36 + 4 * i, 4), PINK_FORM_UNSIGNED);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}
