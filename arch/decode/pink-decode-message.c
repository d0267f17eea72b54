/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Messages of sockets: their vectors, and the control messages beside them.
 */
#include "pink-decode-special.h"

#include <string.h>

typedef struct
{
  uint64_t name, namelen, iov, iovlen, control, controllen, flags;
} Message;

static bool
read_message (PinkDecoder *self, uint64_t address, Message *message)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  uint8_t bytes[56];

  if (!pink_decoder_read (self, address, bytes, 7 * word))
    return false;
  message->name = pink_decoder_integer (self, bytes, word);
  message->namelen = pink_decoder_integer (self, bytes + word, 4);
  message->iov = pink_decoder_integer (self, bytes + 2 * word, word);
  message->iovlen = pink_decoder_integer (self, bytes + 3 * word, word);
  message->control = pink_decoder_integer (self, bytes + 4 * word, word);
  message->controllen = pink_decoder_integer (self, bytes + 5 * word, word);
  message->flags = pink_decoder_integer (self, bytes + 6 * word, 4);
  return true;
}

static PinkShown
show_vectors (PinkDecoder *self, const Message *message, uint64_t left)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  uint64_t most = self->input->abbreviated ? self->input->string_limit : 1024;

  size_t mark = pink_tape_mark (self->tape);

  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (uint64_t i = 0; i < message->iovlen && !self->tape->full; i++)
    {
      uint8_t bytes[16];
      uint64_t base, length, shown;

      if (i >= most)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      if (!pink_decoder_read (self, message->iov + i * 2 * word, bytes, 2 * word))
        {
          if (i == 0)
            {
              pink_tape_rewind (self->tape, mark);
              return PINK_NOT_READ;
            }
          pink_decoder_more_at (self, message->iov + i * 2 * word);
          break;
        }
      base = pink_decoder_integer (self, bytes, word);
      length = pink_decoder_integer (self, bytes + word, word);
      shown = length < left ? length : left;
      left -= shown;
      pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
      pink_tape_field (self->tape, "iov_base");
      if (base == 0 ||
          (pink_decoder_netlink (self, (int) pink_decoder_arg (self, 0), base, shown) != PINK_SHOWN &&
           !pink_decoder_bytes (self, base, shown, self->input->string_limit, 0)))
        pink_decoder_address (self, base);
      pink_special_member (self, "iov_len", length, PINK_FORM_UNSIGNED);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* ---- control messages ---- */

#define MAX_CONTROL 4096
#define LEVEL_SOCKET 1
#define LEVEL_IP 0
#define MIPS_LEVEL_SOCKET 0xffff

static bool
is_socket_level (const PinkDecoder *self, unsigned level)
{
  return level == (pink_special_is_mips (self->input->arch) ? MIPS_LEVEL_SOCKET : LEVEL_SOCKET);
}

static void
show_packet_info (PinkDecoder *self, const uint8_t *bytes)
{
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "ipi_ifindex", pink_decoder_integer (self, bytes, 4), PINK_FORM_SIGNED);
  pink_tape_field (self->tape, "ipi_spec_dst");
  pink_special_inet (self, bytes + 4);
  pink_tape_field (self->tape, "ipi_addr");
  pink_special_inet (self, bytes + 8);
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

static void
show_descriptors (PinkDecoder *self, const uint8_t *bytes, size_t size)
{
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (size_t i = 0; i + 4 <= size; i += 4)
    pink_decoder_fd (self, (int) pink_decoder_integer (self, bytes + i, 4), PINK_FORM_FD);
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

/* Times that came with a message: of the kernel's old form, whose numbers are words, or of that
 * which has 64 bits everywhere. */
static const struct
{
  unsigned    kind;
  bool        is_new;
  unsigned    n;
  const char *part;
} stamps[] = {
  { 29, false, 1, "tv_usec" }, { 35, false, 1, "tv_nsec" }, { 37, false, 3, "tv_nsec" },
  { 63, true, 1, "tv_usec" }, { 64, true, 1, "tv_nsec" }, { 65, true, 3, "tv_nsec" },
};

static bool
show_stamps (PinkDecoder *self, unsigned kind, const uint8_t *bytes, size_t size)
{
  size_t which = 0;
  unsigned width;

  while (which < sizeof stamps / sizeof stamps[0] && stamps[which].kind != kind)
    which++;
  if (which == sizeof stamps / sizeof stamps[0])
    return false;
  width = stamps[which].is_new ? 8 : pink_decoder_width (self, PINK_WIDTH_LONG);
  if (size < stamps[which].n * 2 * width)
    return false;
  if (stamps[which].n > 1)
    pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (unsigned i = 0; i < stamps[which].n; i++, bytes += 2 * width)
    {
      uint64_t seconds = pink_decoder_integer (self, bytes, width);

      pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
      pink_special_member (self, "tv_sec", width == 4 ? (uint64_t) (int32_t) seconds : seconds, PINK_FORM_SIGNED);
      pink_special_member (self, stamps[which].part, pink_decoder_integer (self, bytes + width, width),
                           PINK_FORM_UNSIGNED);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
  if (stamps[which].n > 1)
    pink_tape_plain (self->tape, PINK_TAPE_END);
  return true;
}

static void
show_control_data (PinkDecoder *self, unsigned level, unsigned kind, const uint8_t *bytes, size_t size)
{
  bool is_socket = is_socket_level (self, level);

  pink_tape_field (self->tape, "cmsg_data");
  if (is_socket && show_stamps (self, kind, bytes, size))
    return;
  if (is_socket && kind == 1)
    show_descriptors (self, bytes, size);
  else if (is_socket && kind == 2 && size >= 12)
    pink_decoder_struct (self, PINK_STRUCT_UCRED, bytes, size, 0);
  else if (level == LEVEL_IP && kind == 8 && size >= 12)
    show_packet_info (self, bytes);
  else if (level == LEVEL_IP && (kind == 1 || kind == 2) && size >= (kind == 1 ? 1 : 4))
    {
      pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
      pink_tape_number (self->tape, kind == 1 ? bytes[0] : pink_decoder_integer (self, bytes, 4),
                        kind == 1 ? PINK_FORM_HEX : PINK_FORM_UNSIGNED);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
  else
    pink_tape_string (self->tape, bytes, size, PINK_STRING_HEX);
}

static void
show_control (PinkDecoder *self, const uint8_t *bytes, size_t size)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  uint64_t length = pink_decoder_integer (self, bytes, word);
  unsigned level = (unsigned) pink_decoder_integer (self, bytes + word, 4);
  unsigned kind = (unsigned) pink_decoder_integer (self, bytes + word + 4, 4);

  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "cmsg_len", length, PINK_FORM_UNSIGNED);
  pink_tape_field (self->tape, "cmsg_level");
  pink_decoder_enum (self, PINK_TABLE_SOCKOPT_LEVEL, level, PINK_FORM_HEX);
  pink_tape_field (self->tape, "cmsg_type");
  if (is_socket_level (self, level))
    pink_decoder_enum (self, PINK_TABLE_SCM_TYPE, kind, PINK_FORM_HEX);
  else if (level == LEVEL_IP)
    pink_decoder_enum (self, PINK_TABLE_IP_CMSG, kind, PINK_FORM_HEX);
  else
    pink_tape_number (self->tape, kind, PINK_FORM_HEX);
  if (length > word + 8 && length <= size)
    show_control_data (self, level, kind, bytes + word + 8, (size_t) length - word - 8);
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

static PinkShown
show_controls (PinkDecoder *self, uint64_t address, uint64_t length)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  uint8_t bytes[MAX_CONTROL];
  size_t size = length < sizeof bytes ? (size_t) length : sizeof bytes;
  size_t at = 0;

  if (size < word + 8 || !pink_decoder_read (self, address, bytes, size))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  while (at + word + 8 <= size && !self->tape->full)
    {
      uint64_t one = pink_decoder_integer (self, bytes + at, word);

      show_control (self, bytes + at, size - at);
      /* One that cannot be is the last. */
      if (one < word + 8 || one > size - at)
        break;
      at += (size_t) (one + word - 1) / word * word;
    }
  if (size < length)
    pink_tape_plain (self->tape, PINK_TAPE_MORE);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* ---- messages ---- */

/* What there was room for, where the call has changed it; in an array of messages that
 * is not known. */
static void
put_name_length (PinkDecoder *self, uint32_t length)
{
  unsigned bit = 1u << self->argument;
  uint64_t room = self->input->kept[self->argument];

  pink_tape_field (self->tape, "msg_namelen");
  if (self->depth <= 1 && (self->input->has_kept & bit) && room != length)
    {
      pink_tape_number (self->tape, room, PINK_FORM_UNSIGNED);
      pink_tape_plain (self->tape, PINK_TAPE_CHANGE);
    }
  pink_tape_number (self->tape, length, PINK_FORM_UNSIGNED);
}

static PinkShown
show_message (PinkDecoder *self, uint64_t address, uint64_t left)
{
  Message message;

  if (!read_message (self, address, &message))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "msg_name");
  if (message.name == 0 || pink_special_address (self, message.name, message.namelen) != PINK_SHOWN)
    pink_decoder_address (self, message.name);
  put_name_length (self, message.namelen);
  pink_tape_field (self->tape, "msg_iov");
  if (message.iov == 0 || show_vectors (self, &message, left) != PINK_SHOWN)
    pink_decoder_address (self, message.iov);
  pink_special_member (self, "msg_iovlen", message.iovlen, PINK_FORM_UNSIGNED);
  if (message.controllen != 0)
    {
      pink_tape_field (self->tape, "msg_control");
      if (message.control == 0 ||
          show_controls (self, message.control, message.controllen) != PINK_SHOWN)
        pink_decoder_address (self, message.control);
    }
  pink_special_member (self, "msg_controllen", message.controllen, PINK_FORM_UNSIGNED);
  pink_tape_field (self->tape, "msg_flags");
  pink_decoder_flags (self, PINK_TABLE_MSG_FLAGS, message.flags);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (msghdr_in)
{
  PINK_SPECIAL_UNUSED;
  return show_message (self, place->address, UINT64_MAX);
}

PINK_SPECIAL (msghdr_out)
{
  Message message;

  PINK_SPECIAL_UNUSED;
  if (!self->input->exited)
    {
      if (read_message (self, place->address, &message))
        {
          self->input->kept[self->argument] = message.namelen;
          self->input->has_kept |= (uint8_t) (1u << self->argument);
        }
      return PINK_NOT_READ;
    }
  if (self->input->failed)
    {
      if (!read_message (self, place->address, &message))
        return PINK_NOT_READ;
      pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
      pink_special_member (self, "msg_namelen", message.namelen, PINK_FORM_UNSIGNED);
      pink_tape_plain (self->tape, PINK_TAPE_END);
      return PINK_SHOWN;
    }
  return show_message (self, place->address,
                       self->input->result > 0 ? (uint64_t) self->input->result : 0);
}

/* ---- several ---- */

static PinkShown
show_messages (PinkDecoder *self, uint64_t address, uint64_t n, bool has_lengths, bool is_received)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  unsigned size = 8 * word;
  uint64_t most = self->input->abbreviated ? self->input->string_limit : 1024;
  size_t mark = pink_tape_mark (self->tape);

  self->depth++;
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (uint64_t i = 0; i < n && !self->tape->full; i++)
    {
      uint64_t length = 0;
      size_t before = pink_tape_mark (self->tape);
      PinkShown shown = PINK_NOT_READ;

      if (i >= most)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      if (pink_decoder_read_word (self, address + i * size + 7 * word, 4, &length))
        {
          pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
          pink_tape_field (self->tape, "msg_hdr");
          shown = show_message (self, address + i * size, is_received ? length : UINT64_MAX);
          if (shown == PINK_SHOWN && has_lengths)
            pink_special_member (self, "msg_len", length, PINK_FORM_UNSIGNED);
          pink_tape_plain (self->tape, PINK_TAPE_END);
        }
      if (shown == PINK_SHOWN)
        continue;
      if (i == 0)
        {
          pink_tape_rewind (self->tape, mark);
          self->depth--;
          return PINK_NOT_READ;
        }
      pink_tape_rewind (self->tape, before);
      pink_decoder_more_at (self, address + i * size);
      break;
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  self->depth--;
  return PINK_SHOWN;
}

/* All of them; how much was sent of those that were. */
PINK_SPECIAL (mmsghdr_in)
{
  bool done = pink_decoder_done (self) && self->input->result >= 0;
  uint64_t n = (uint32_t) special_ref (self, type, 0);

  return show_messages (self, place->address, done ? (uint64_t) self->input->result : n, done, false);
}

PINK_SPECIAL (mmsghdr_out)
{
  PINK_SPECIAL_UNUSED;
  if (!pink_decoder_done (self) || self->input->result < 0)
    return PINK_NOT_READ;
  return show_messages (self, place->address, (uint64_t) self->input->result, true, true);
}
