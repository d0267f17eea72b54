/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Special forms of sockets: addresses, options, messages.
 */
#include "pink-decode-special.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* struct sockaddr_storage: the kernel takes no more. */
#define MAX_ADDRESS 128

/* The same on all architectures. */
enum
{
  FAMILY_UNIX = 1,
  FAMILY_INET = 2,
  FAMILY_INET6 = 10,
  FAMILY_NETLINK = 16,
  FAMILY_PACKET = 17,
  FAMILY_VSOCK = 40
};

/* ---- addresses ---- */

/* In the network's byte order, whatever the tracee's is. */
static unsigned
network_16 (const uint8_t *bytes)
{
  return (unsigned) bytes[0] << 8 | bytes[1];
}

/* NAME, if any, and what a program would write to get this VALUE. */
__attribute__ ((format (printf, 4, 5)))
static void
put_words (PinkDecoder *self, const char *name, uint64_t value, const char *format, ...)
{
  char text[128];
  va_list args;

  if (self->tape->blank)
    return;
  va_start (args, format);
  vsnprintf (text, sizeof text, format, args);
  va_end (args);
  if (name != NULL)
    pink_tape_field (self->tape, name);
  pink_tape_words (self->tape, PINK_TAPE_WORDS, value, text);
}

void
pink_special_inet (PinkDecoder *self, const uint8_t bytes[4])
{
  put_words (self, NULL, (uint64_t) network_16 (bytes) << 16 | network_16 (bytes + 2),
             "inet_addr(\"%u.%u.%u.%u\")", bytes[0], bytes[1], bytes[2], bytes[3]);
}

void
pink_special_hardware (PinkDecoder *self, const uint8_t *bytes, size_t size)
{
  char text[3 * PINK_SPECIAL_MAX_HARDWARE] = "";

  for (size_t i = 0; i < size && i < PINK_SPECIAL_MAX_HARDWARE; i++)
    pink_decoder_print (self, text + 3 * i, 4, i + 1 < size ? "%02x:" : "%02x", bytes[i]);
  pink_tape_words (self->tape, PINK_TAPE_WORDS, 0, text);
}

static void
show_unix (PinkDecoder *self, const uint8_t *path, size_t length)
{
  const uint8_t *end;

  if (length == 0)
    return;
  pink_tape_field (self->tape, "sun_path");
  if (path[0] == '\0' && length > 1)
    {
      pink_tape_string (self->tape, path + 1, length - 1, PINK_STRING_ABSTRACT);
      return;
    }
  end = memchr (path, '\0', length);
  pink_tape_string (self->tape, path, end != NULL ? (size_t) (end - path) : length, 0);
}

static void
show_inet (PinkDecoder *self, const uint8_t *bytes)
{
  unsigned port = network_16 (bytes + 2);

  put_words (self, "sin_port", port, "htons(%u)", port);
  pink_tape_field (self->tape, "sin_addr");
  pink_special_inet (self, bytes + 4);
}

/* An address, which a program would have put in its place by a call. */
static void
put_inet6 (PinkDecoder *self, const char *member, const uint8_t bytes[16])
{
  char text[INET6_ADDRSTRLEN];

  inet_ntop (AF_INET6, bytes, text, sizeof text);
  pink_tape_key (self->tape, member);
  put_words (self, NULL, 0, "inet_pton(AF_INET6, \"%s\", &%s)", text, member);
}

/* fe80::/10, and what is for many on one: only with the interface it says where that is. */
static bool
is_of_a_link (const uint8_t bytes[16])
{
  return (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80) || (bytes[0] == 0xff && (bytes[1] & 15) == 2);
}

static void
show_inet6 (PinkDecoder *self, const uint8_t *bytes, size_t size)
{
  uint64_t scope;
  unsigned port = network_16 (bytes + 2);
  unsigned flow = network_16 (bytes + 4) << 16 | network_16 (bytes + 6);

  put_words (self, "sin6_port", port, "htons(%u)", port);
  put_words (self, "sin6_flowinfo", flow, "htonl(%u)", flow);
  put_inet6 (self, "sin6_addr", bytes + 8);
  if (size < 28)
    return;
  scope = pink_decoder_integer (self, bytes + 24, 4);
  pink_tape_field (self->tape, "sin6_scope_id");
  if (is_of_a_link (bytes + 8))
    pink_special_put_interface (self, scope);
  else
    pink_tape_number (self->tape, scope, PINK_FORM_UNSIGNED);
}

#define VSOCK_SIZE 16

static void
show_vsock (PinkDecoder *self, const uint8_t *bytes)
{
  if (pink_decoder_integer (self, bytes + 2, 2) != 0)
    pink_special_member (self, "svm_reserved1", pink_decoder_integer (self, bytes + 2, 2), PINK_FORM_HEX);
  pink_tape_field (self->tape, "svm_cid");
  pink_decoder_enum (self, PINK_TABLE_VSOCK_CID, pink_decoder_integer (self, bytes + 8, 4), PINK_FORM_HEX);
  pink_tape_field (self->tape, "svm_port");
  pink_decoder_enum (self, PINK_TABLE_VSOCK_PORT, pink_decoder_integer (self, bytes + 4, 4), PINK_FORM_HEX);
  pink_tape_field (self->tape, "svm_flags");
  pink_decoder_flags (self, PINK_TABLE_VSOCK_FLAGS, bytes[12]);
  if (bytes[13] != 0 || bytes[14] != 0 || bytes[15] != 0)
    {
      pink_tape_field (self->tape, "svm_zero");
      pink_tape_string (self->tape, bytes + 13, VSOCK_SIZE - 13, PINK_STRING_HEX);
    }
}

#define PACKET_SIZE 20 /* with a card's address of 8 bytes, which may be longer */
#define PACKET_HEAD 12

static void
show_packet (PinkDecoder *self, const uint8_t *bytes, size_t size)
{
  unsigned protocol = network_16 (bytes + 2);
  const PinkNamed *named = pink_table_find (self->input->arch, PINK_TABLE_ETHER_PROTO, protocol);
  unsigned n = bytes[11];

  if (named != NULL)
    put_words (self, "sll_protocol", protocol, "htons(%s)", pink_named_name (named));
  else
    put_words (self, "sll_protocol", protocol, "htons(%#x /* ETH_P_??? */)", protocol);
  pink_tape_field (self->tape, "sll_ifindex");
  pink_special_put_interface (self, pink_decoder_integer (self, bytes + 4, 4));
  pink_tape_field (self->tape, "sll_hatype");
  pink_decoder_enum (self, PINK_TABLE_ARP_HW, pink_decoder_integer (self, bytes + 8, 2), PINK_FORM_HEX);
  pink_tape_field (self->tape, "sll_pkttype");
  pink_decoder_enum (self, PINK_TABLE_PACKET_TYPE, bytes[10], PINK_FORM_HEX);
  pink_special_member (self, "sll_halen", n, PINK_FORM_UNSIGNED);
  if (n == 0)
    return;
  pink_tape_field (self->tape, "sll_addr");
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (unsigned i = 0; i < n && PACKET_HEAD + i < size; i++)
    put_words (self, NULL, bytes[PACKET_HEAD + i], "%#02x", bytes[PACKET_HEAD + i]);
  if (PACKET_HEAD + n > size)
    pink_tape_plain (self->tape, PINK_TAPE_MORE);
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

void
pink_special_sockaddr_bytes (PinkDecoder *self, const uint8_t *bytes, size_t size)
{
  unsigned family = (unsigned) pink_decoder_integer (self, bytes, 2);

  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "sa_family");
  pink_decoder_enum (self, PINK_TABLE_ADDRESS_FAMILY, family, PINK_FORM_HEX);
  if (family == FAMILY_UNIX)
    show_unix (self, bytes + 2, size - 2);
  else if (family == FAMILY_INET && size >= 8)
    show_inet (self, bytes);
  else if (family == FAMILY_INET6 && size >= 24)
    show_inet6 (self, bytes, size);
  else if (family == FAMILY_NETLINK && size >= 12)
    {
      if (pink_decoder_integer (self, bytes + 2, 2) != 0)
        pink_special_member (self, "nl_pad", pink_decoder_integer (self, bytes + 2, 2), PINK_FORM_HEX);
      pink_special_member (self, "nl_pid", pink_decoder_integer (self, bytes + 4, 4),
                           PINK_FORM_SIGNED);
      put_words (self, "nl_groups", 0, "%#08x", (unsigned) pink_decoder_integer (self, bytes + 8, 4));
    }
  else if (family == FAMILY_VSOCK && size >= VSOCK_SIZE)
    show_vsock (self, bytes);
  else if (family == FAMILY_PACKET && size >= PACKET_SIZE)
    show_packet (self, bytes, size);
  else if (size > 2)
    {
      pink_tape_field (self->tape, "sa_data");
      pink_tape_string (self->tape, bytes + 2, size - 2, 0);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

PinkShown
pink_special_address (PinkDecoder *self, uint64_t address, uint64_t size)
{
  uint8_t bytes[MAX_ADDRESS];

  if (size > sizeof bytes)
    size = sizeof bytes;
  if (size < 2 || !pink_decoder_read (self, address, bytes, (size_t) size))
    return PINK_NOT_READ;
  pink_special_sockaddr_bytes (self, bytes, (size_t) size);
  return PINK_SHOWN;
}

PINK_SPECIAL (sockaddr)
{
  uint64_t size = (uint32_t) special_ref (self, type, 0);

  return size > MAX_ADDRESS ? PINK_NOT_READ : pink_special_address (self, place->address, size);
}

/* In a structure: as much as struct sockaddr has room for. */
PINK_SPECIAL (sockaddr_here)
{
  uint8_t bytes[16];

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  pink_special_sockaddr_bytes (self, bytes, sizeof bytes);
  return PINK_SHOWN;
}

#define HARDWARE_ETHER 1
#define HARDWARE_LOOPBACK 772

/* And the address of a card, which is as long as its kind says. */
PINK_SPECIAL (hardware_here)
{
  uint8_t bytes[16];
  uint64_t kind;

  PINK_SPECIAL_UNUSED;
  if (!pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  kind = pink_decoder_integer (self, bytes, 2);
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "sa_family");
  pink_decoder_enum (self, PINK_TABLE_ARP_HW, kind, PINK_FORM_HEX);
  pink_tape_field (self->tape, "sa_data");
  pink_special_hardware (self, bytes + 2, kind == HARDWARE_ETHER || kind == HARDWARE_LOOPBACK ? 6 : sizeof bytes - 2);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* What the length says at the exit is how long the address is, not how much of it
 * there was room for. */
PINK_SPECIAL (sockaddr_out)
{
  unsigned index = type->refs[0].value;
  uint64_t size = 0, room;

  if (type->refs[0].kind != PINK_REF_ARG || index >= PINK_ARCH_N_REGS ||
      !pink_decoder_read_word (self, pink_decoder_arg (self, index), 4, &size))
    return PINK_NOT_READ;
  room = self->input->has_kept & (1u << index) ? self->input->kept[index] : size;
  return pink_special_address (self, place->address, size < room ? size : room);
}

/* "[128 => 16]": what the program gave, and what it got. */
PINK_SPECIAL (length_inout)
{
  PinkDecodeInput *input = self->input;
  unsigned n = self->argument;
  uint64_t length;

  PINK_SPECIAL_UNUSED;
  if (n >= PINK_ARCH_N_REGS || !pink_decoder_read_word (self, place->address, 4, &length))
    return PINK_NOT_READ;
  if (!input->exited)
    {
      input->kept[n] = length;
      input->has_kept |= (uint8_t) (1u << n);
    }
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  if ((input->has_kept & (1u << n)) && input->kept[n] != length)
    {
      pink_tape_number (self->tape, (uint64_t) (int64_t) (int32_t) input->kept[n], PINK_FORM_SIGNED);
      pink_tape_plain (self->tape, PINK_TAPE_CHANGE);
    }
  pink_tape_number (self->tape, (uint64_t) (int64_t) (int32_t) length, PINK_FORM_SIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* ---- interfaces ---- */

static void
put_list_length (PinkDecoder *self, int32_t length, int32_t one)
{
  pink_tape_number (self->tape, (uint64_t) (int64_t) length, PINK_FORM_SIGNED);
  if (length > 0 && length % one == 0)
    pink_tape_comment (self->tape, "%d * sizeof(struct ifreq)", (int) (length / one));
}

static bool
show_list_entry (PinkDecoder *self, uint64_t address)
{
  uint8_t bytes[32];
  const uint8_t *end;

  if (!pink_decoder_read (self, address, bytes, sizeof bytes))
    return false;
  end = memchr (bytes, '\0', 16);
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "ifr_name");
  pink_tape_string (self->tape, bytes, end != NULL ? (size_t) (end - bytes) : 15, end != NULL ? 0 : PINK_STRING_CUT);
  pink_tape_field (self->tape, "ifr_addr");
  pink_special_sockaddr_bytes (self, bytes + 16, 16);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return true;
}

static bool
show_list (PinkDecoder *self, uint64_t address, uint32_t n, uint32_t one)
{
  size_t most = self->input->abbreviated ? self->input->string_limit : 4096;

  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (uint32_t i = 0; i < n && !self->tape->full; i++)
    {
      if (i >= most)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      if (!show_list_entry (self, address + (uint64_t) i * one))
        {
          if (i == 0)
            return false;
          pink_decoder_more_at (self, address + (uint64_t) i * one);
          break;
        }
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return true;
}

/* struct ifconf: how much room there is, and once the call has returned how much it has filled, of
 * nothing how much it would need. */
PINK_SPECIAL (interface_list)
{
  PinkDecodeInput *input = self->input;
  unsigned word = pink_arch_word_size (input->arch), n = self->argument;
  int32_t one = word == 8 ? 40 : 32, length, room;
  uint8_t bytes[16];
  uint64_t address;
  size_t mark;

  PINK_SPECIAL_UNUSED;
  if (n >= PINK_ARCH_N_REGS || !pink_special_bytes (self, place, bytes, 2 * word))
    return PINK_NOT_READ;
  length = (int32_t) pink_decoder_integer (self, bytes, 4);
  address = pink_decoder_integer (self, bytes + word, word);
  if (!input->exited)
    {
      input->kept[n] = (uint32_t) length;
      input->has_kept |= (uint8_t) (1u << n);
    }
  room = input->has_kept & (1u << n) ? (int32_t) input->kept[n] : length;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "ifc_len");
  if (room != length && address != 0)
    {
      put_list_length (self, room, one);
      pink_tape_plain (self->tape, PINK_TAPE_CHANGE);
    }
  put_list_length (self, length, one);
  pink_tape_field (self->tape, "ifc_buf");
  mark = pink_tape_mark (self->tape);
  if (address == 0 || !pink_decoder_done (self) ||
      !show_list (self, address, length > 0 ? (uint32_t) (length / one) : 0, (uint32_t) one))
    {
      pink_tape_rewind (self->tape, mark);
      pink_decoder_address (self, address);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* ---- kinds ---- */

/* SOCK_NONBLOCK and SOCK_CLOEXEC alone, of accept4(). */
PINK_SPECIAL (socket_type_flags)
{
  uint64_t value = (uint32_t) pink_decoder_value (self, type, place);
  const PinkTableVariant *variant = pink_table_variant (self->input->arch, PINK_TABLE_SOCKET_TYPE);
  uint64_t rest = value;
  bool any = false;

  pink_tape_value (self->tape, PINK_TAPE_FLAGS, value);
  for (unsigned i = 0; i < variant->n; i++)
    {
      const PinkNamed *one = pink_table_entry (variant, i);

      if (one->mask != one->value || one->value < 0x10 || (rest & one->value) != one->value)
        continue;
      pink_tape_name (self->tape, PINK_TAPE_NAME, pink_named_name (one));
      rest &= ~one->value;
      any = true;
    }
  if (rest != 0)
    pink_tape_rest (self->tape, rest, any ? NULL : "SOCK_");
  pink_tape_plain (self->tape, PINK_TAPE_FLAGS_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (ether_proto_be)
{
  uint32_t value = (uint32_t) pink_decoder_value (self, type, place);
  unsigned protocol = (value & 0xff) << 8 | (value >> 8 & 0xff);
  const PinkNamed *named = pink_table_find (self->input->arch, PINK_TABLE_ETHER_PROTO, protocol);

  if (pink_arch_is_big_endian (self->input->arch))
    named = pink_table_find (self->input->arch, PINK_TABLE_ETHER_PROTO, protocol = value);
  if (named != NULL)
    put_words (self, NULL, value, "htons(%s)", pink_named_name (named));
  else
    put_words (self, NULL, value, "htons(%#x)", protocol);
  return PINK_SHOWN;
}

/* ---- buffers ---- */

PINK_SPECIAL (socket_buffer)
{
  uint64_t address = pink_decoder_value (self, type, place);
  uint64_t length = special_ref (self, type, 1);

  if (address == 0 ||
      (pink_decoder_netlink (self, (int) special_ref (self, type, 0), address, length) != PINK_SHOWN &&
       !pink_decoder_bytes (self, address, length, self->input->string_limit, 0)))
    pink_decoder_address (self, address);
  return PINK_SHOWN;
}

PINK_SPECIAL (socket_buffer_out)
{
  uint64_t filled = (uint64_t) self->input->result;
  uint64_t room = special_ref (self, type, 1);

  if (!pink_decoder_done (self) || self->input->result < 0)
    return PINK_NOT_READ;
  if (filled > room)
    filled = room;
  if (pink_decoder_netlink (self, (int) special_ref (self, type, 0), place->address, filled) != PINK_SHOWN &&
      !pink_decoder_bytes (self, place->address, filled, self->input->string_limit, 0))
    return PINK_NOT_READ;
  return PINK_SHOWN;
}

/* ---- options ---- */

#define INT 4

/* How many bytes the program says there are, or gets. */
static int32_t
option_size (PinkDecoder *self, const PinkType *type)
{
  return (int32_t) special_ref (self, type, 0);
}

static PinkShown
option_bytes (PinkDecoder *self, const PinkType *type, const PinkPlace *place, unsigned form)
{
  uint64_t size = (uint32_t) option_size (self, type);

  return pink_decoder_bytes (self, place->address, size, self->input->string_limit, form) ? PINK_SHOWN
                                                                                           : PINK_NOT_READ;
}

static bool
option_int (PinkDecoder *self, const PinkPlace *place, int32_t *value)
{
  uint8_t bytes[INT];

  if (!pink_special_bytes (self, place, bytes, sizeof bytes))
    return false;
  *value = (int32_t) pink_decoder_integer (self, bytes, sizeof bytes);
  return true;
}

static PinkShown
show_int (PinkDecoder *self, const PinkPlace *place, unsigned table)
{
  int32_t value;

  if (!option_int (self, place, &value))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  if (table != PINK_N_TABLES)
    pink_decoder_enum (self, table, (uint64_t) (int64_t) value, PINK_FORM_SIGNED);
  else
    pink_tape_number (self->tape, (uint64_t) (int64_t) value, PINK_FORM_SIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (sockopt_bytes)
{
  return option_bytes (self, type, place, 0);
}

/* The kernel reads an int, however much there is behind it. */
PINK_SPECIAL (sockopt_int)
{
  return option_size (self, type) < INT ? PINK_NOT_READ : show_int (self, place, PINK_N_TABLES);
}

/* What nobody has described is an int if it is as long as one. */
PINK_SPECIAL (sockopt_just_int)
{
  return option_size (self, type) == INT ? show_int (self, place, PINK_N_TABLES) : option_bytes (self, type, place, 0);
}

PINK_SPECIAL (sockopt_got_just_int)
{
  return option_size (self, type) == 0 ? PINK_NOT_READ : pink_special_sockopt_just_int (self, type, place);
}

/* Of an int the program may have wanted a part. */
static bool
is_part (PinkDecoder *self, const PinkType *type, const PinkPlace *place, PinkShown *shown)
{
  int32_t size = option_size (self, type);

  if (size >= INT)
    return false;
  *shown = size <= 0 ? PINK_NOT_READ : option_bytes (self, type, place, PINK_STRING_HEX);
  return true;
}

static PinkShown
option_enum (PinkDecoder *self, const PinkType *type, const PinkPlace *place, unsigned table)
{
  PinkShown shown;

  return is_part (self, type, place, &shown) ? shown : show_int (self, place, table);
}

PINK_SPECIAL (sockopt_got_int)
{
  return option_enum (self, type, place, PINK_N_TABLES);
}

PINK_SPECIAL (sockopt_errno)
{
  int32_t value;
  const char *name;
  PinkShown shown;

  if (is_part (self, type, place, &shown))
    return shown;
  if (!option_int (self, place, &value))
    return PINK_NOT_READ;
  name = pink_arch_errno_name (self->input->arch, value);
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  pink_tape_enum (self->tape, (uint64_t) (int64_t) value, PINK_FORM_SIGNED, name, NULL);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (sockopt_type)
{
  int32_t value;
  PinkShown shown;

  if (is_part (self, type, place, &shown))
    return shown;
  if (!option_int (self, place, &value))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  pink_decoder_flags (self, PINK_TABLE_SOCKET_TYPE, (uint32_t) value);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (sockopt_protocol)
{
  return option_enum (self, type, place, PINK_TABLE_IP_PROTO);
}

PINK_SPECIAL (sockopt_domain)
{
  return option_enum (self, type, place, PINK_TABLE_ADDRESS_FAMILY);
}

/* As much of a structure as there is; less than LEAST is none. */
static PinkShown
option_struct (PinkDecoder *self, const PinkType *type, const PinkPlace *place, unsigned index, size_t least)
{
  const PinkLayout *layout = pink_decoder_layout (self, index);
  int32_t size = option_size (self, type);

  if (layout == NULL || size <= 0 || (size_t) size < least)
    return PINK_NOT_READ;
  return pink_decoder_sized_struct (self, index, place->address,
                                    (size_t) size < layout->size ? (size_t) size : layout->size, false);
}

static PinkShown
option_whole_struct (PinkDecoder *self, const PinkType *type, const PinkPlace *place, unsigned index)
{
  const PinkLayout *layout = pink_decoder_layout (self, index);

  return layout == NULL ? PINK_NOT_READ : option_struct (self, type, place, index, layout->size);
}

PINK_SPECIAL (sockopt_linger)
{
  return option_whole_struct (self, type, place, PINK_STRUCT_LINGER);
}

PINK_SPECIAL (sockopt_got_linger)
{
  return option_struct (self, type, place, PINK_STRUCT_LINGER, INT);
}

PINK_SPECIAL (sockopt_got_ucred)
{
  return option_struct (self, type, place, PINK_STRUCT_UCRED, INT);
}

PINK_SPECIAL (sockopt_filter)
{
  return option_whole_struct (self, type, place, PINK_STRUCT_SOCK_FPROG);
}

PINK_SPECIAL (sockopt_timeval)
{
  PinkShown shown = option_whole_struct (self, type, place, PINK_STRUCT_TIMEVAL);

  if (shown == PINK_SHOWN || option_size (self, type) <= 0)
    return shown;
  return pink_special_sockopt_just_int (self, type, place);
}

PINK_SPECIAL (sockopt_ip_group)
{
  uint8_t bytes[8];

  if (option_size (self, type) < (int32_t) sizeof bytes || !pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "imr_multiaddr");
  pink_special_inet (self, bytes);
  pink_tape_field (self->tape, "imr_interface");
  pink_special_inet (self, bytes + 4);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

PINK_SPECIAL (sockopt_ipv6_group)
{
  uint8_t bytes[20];

  if (option_size (self, type) < (int32_t) sizeof bytes || !pink_special_bytes (self, place, bytes, sizeof bytes))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  put_inet6 (self, "ipv6mr_multiaddr", bytes);
  pink_tape_field (self->tape, "ipv6mr_interface");
  pink_special_put_interface (self, pink_decoder_integer (self, bytes + 16, 4));
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}
