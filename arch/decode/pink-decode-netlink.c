/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Netlink: messages one behind the other, of which those about routes have a body and
 * attributes. Which attribute is what is said in structs/netlink.txt and unions.txt.
 */
#include "pink-decode-special.h"

#include <arpa/inet.h>
#include <string.h>

#define MAX_BUFFER 8192 /* a dump comes in pieces of this size, at most */

enum { HEADER = 16, ATTRIBUTE = 4 };
enum { PROTOCOL_ROUTE = 0 };
enum { TYPE_ERROR = 2, TYPE_DONE = 3, TYPE_FIRST = 16 };
/* Of a message about routes, by its type: what is done. */
enum { VERB_NEW, VERB_DELETE, VERB_GET };

/* What a message about routes is about. */
typedef struct
{
  unsigned body;      /* the structure that it begins with */
  unsigned attribute; /* and the one that each attribute is */
} Family;

static size_t
aligned (size_t size)
{
  return (size + 3) & ~(size_t) 3;
}

static bool
find_family (unsigned type, Family *family)
{
  static const Family families[] = {
    { PINK_STRUCT_IFINFOMSG, PINK_STRUCT_NLA_LINK },
    { PINK_STRUCT_IFADDRMSG, PINK_STRUCT_NLA_ADDRESS },
    { PINK_STRUCT_RTMSG, PINK_STRUCT_NLA_ROUTE },
    { PINK_STRUCT_NDMSG, PINK_STRUCT_NLA_NEIGHBOUR }
  };
  unsigned index = (type - TYPE_FIRST) / 4;

  if (type < TYPE_FIRST || index >= sizeof families / sizeof *families)
    return false;
  *family = families[index];
  return true;
}

static void
show_raw (PinkDecoder *self, const uint8_t *bytes, size_t size)
{
  size_t most = self->input->string_limit;

  pink_tape_string (self->tape, bytes, size < most ? size : most,
                    PINK_STRING_HEX | (size > most ? PINK_STRING_CUT : 0));
}

/* ---- what attributes hold ---- */

PINK_SPECIAL (nl_bytes)
{
  PINK_SPECIAL_UNUSED;
  show_raw (self, place->bytes, place->size);
  return PINK_SHOWN;
}

PINK_SPECIAL (nl_string)
{
  const uint8_t *end = memchr (place->bytes, '\0', place->size);
  size_t size = end != NULL ? (size_t) (end - place->bytes) : place->size;
  size_t most = self->input->string_limit;

  PINK_SPECIAL_UNUSED;
  pink_tape_string (self->tape, place->bytes, size < most ? size : most,
                    size > most ? PINK_STRING_CUT : 0);
  return PINK_SHOWN;
}

PINK_SPECIAL (nl_hardware)
{
  if (place->size == 0 || place->size > PINK_SPECIAL_MAX_HARDWARE)
    return pink_special_nl_bytes (self, type, place);
  pink_special_hardware (self, place->bytes, place->size);
  return PINK_SHOWN;
}

/* An address, whose family its size tells. */
PINK_SPECIAL (nl_inet)
{
  char text[INET6_ADDRSTRLEN];
  char words[sizeof text + 32];

  if (place->size == 4)
    pink_special_inet (self, place->bytes);
  else if (place->size == 16)
    {
      inet_ntop (AF_INET6, place->bytes, text, sizeof text);
      pink_decoder_print (self, words, sizeof words, "inet_pton(AF_INET6, \"%s\")", text);
      pink_tape_words (self->tape, PINK_TAPE_WORDS, 0, words);
    }
  else
    return pink_special_nl_bytes (self, type, place);
  return PINK_SHOWN;
}

/* A network interface by its name, where there is one of that number. */
void
pink_special_put_interface (PinkDecoder *self, uint64_t index)
{
  char name[64];
  char words[sizeof name + 32];

  if (index == 0 || self->input->name_interface == NULL ||
      !self->input->name_interface (self->input->data, (unsigned) index, name, sizeof name))
    {
      pink_tape_number (self->tape, index, PINK_FORM_SIGNED);
      return;
    }
  pink_decoder_print (self, words, sizeof words, "if_nametoindex(\"%s\")", name);
  pink_tape_words (self->tape, PINK_TAPE_WORDS, index, words);
}

PINK_SPECIAL (interface)
{
  pink_special_put_interface (self, pink_decoder_value (self, type, place));
  return PINK_SHOWN;
}

/* ---- attributes ---- */

/* The last member of the attribute's structure says what its value is; that may be
 * less than the structure or number needs. */
static void
show_value (PinkDecoder *self, const PinkLayout *layout, const uint8_t *bytes, size_t size)
{
  const PinkFieldInfo *value = pink_layout_field (layout, layout->n_fields - 1);
  PinkPlace place = { 0, bytes + ATTRIBUTE, size - ATTRIBUTE, 0, false };
  PinkFrame outer = self->frame;
  size_t mark = pink_tape_mark (self->tape);
  PinkShown shown;

  self->frame.layout = layout;
  self->frame.bytes = bytes;
  shown = pink_decoder_fits (self, value->type, place.size)
          ? pink_decoder_type (self, value->type, &place) : PINK_NOT_READ;
  self->frame = outer;
  if (shown == PINK_SHOWN)
    return;
  pink_tape_rewind (self->tape, mark);
  show_raw (self, place.bytes, place.size);
}

static void
show_attribute (PinkDecoder *self, unsigned kind, const uint8_t *bytes, size_t size)
{
  const PinkLayout *layout = pink_decoder_layout (self, kind);

  if (layout == NULL)
    return;
  if (size > ATTRIBUTE)
    pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  pink_decoder_struct (self, kind, bytes, ATTRIBUTE, 0);
  if (size > ATTRIBUTE)
    {
      show_value (self, layout, bytes, size);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
}

/* How much the attribute at BYTES takes of SIZE; 0: none that could be. */
static size_t
attribute_size (PinkDecoder *self, const uint8_t *bytes, size_t size)
{
  size_t length = size >= ATTRIBUTE ? (size_t) pink_decoder_integer (self, bytes, 2) : 0;

  return length >= ATTRIBUTE && length <= size ? length : 0;
}

static void
show_attributes (PinkDecoder *self, unsigned kind, const uint8_t *bytes, size_t size)
{
  size_t most = self->input->abbreviated ? self->input->string_limit : SIZE_MAX;
  size_t first = attribute_size (self, bytes, size);
  bool several = first != 0 && aligned (first) < size;

  if (several)
    pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (size_t i = 0; size > 0 && !self->tape->full; i++)
    {
      size_t length = attribute_size (self, bytes, size);
      size_t step = length != 0 && aligned (length) < size ? aligned (length) : size;

      if (i >= most)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      if (length == 0)
        show_raw (self, bytes, size);
      else
        show_attribute (self, kind, bytes, length);
      bytes += step;
      size -= step;
    }
  if (several)
    pink_tape_plain (self->tape, PINK_TAPE_END);
}

/* ---- messages ---- */

static void
show_type (PinkDecoder *self, unsigned type, int protocol)
{
  pink_tape_field (self->tape, "nlmsg_type");
  if (protocol == PROTOCOL_ROUTE && type >= TYPE_FIRST)
    pink_decoder_enum (self, PINK_TABLE_RTM_TYPE, type, PINK_FORM_HEX);
  else
    pink_decoder_enum (self, PINK_TABLE_NLMSG_TYPE, type, PINK_FORM_HEX);
}

static void
show_header (PinkDecoder *self, const uint8_t *bytes, int protocol)
{
  unsigned type = (unsigned) pink_decoder_integer (self, bytes + 4, 2);
  unsigned table = PINK_TABLE_NLM_FLAGS;

  if (protocol == PROTOCOL_ROUTE && type >= TYPE_FIRST && type % 4 == VERB_GET)
    table = PINK_TABLE_NLM_GET_FLAGS;
  else if (protocol == PROTOCOL_ROUTE && type >= TYPE_FIRST && type % 4 == VERB_NEW)
    table = PINK_TABLE_NLM_NEW_FLAGS;
  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_special_member (self, "nlmsg_len", pink_decoder_integer (self, bytes, 4), PINK_FORM_UNSIGNED);
  show_type (self, type, protocol);
  pink_tape_field (self->tape, "nlmsg_flags");
  pink_decoder_flags (self, table, pink_decoder_integer (self, bytes + 6, 2));
  pink_special_member (self, "nlmsg_seq", pink_decoder_integer (self, bytes + 8, 4), PINK_FORM_UNSIGNED);
  pink_special_member (self, "nlmsg_pid",
                       (uint64_t) (int64_t) (int32_t) pink_decoder_integer (self, bytes + 12, 4),
                       PINK_FORM_SIGNED);
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

static void show_message (PinkDecoder *self, const uint8_t *bytes, size_t size, int protocol);

/* An errno, negative, and the message that it answers. */
static void
show_error (PinkDecoder *self, const uint8_t *bytes, size_t size, int protocol)
{
  int32_t error = (int32_t) pink_decoder_integer (self, bytes, 4);
  const char *name = error < 0 && error > -4096 ? pink_arch_errno_name (self->input->arch, -error) : NULL;
  char words[64];

  pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  pink_tape_field (self->tape, "error");
  if (name != NULL)
    {
      pink_decoder_print (self, words, sizeof words, "-%s", name);
      pink_tape_words (self->tape, PINK_TAPE_WORDS, (uint64_t) (int64_t) error, words);
    }
  else
    pink_tape_number (self->tape, (uint64_t) (int64_t) error, PINK_FORM_SIGNED);
  if (size >= 4 + HEADER && self->depth < PINK_MAX_DEPTH)
    {
      self->depth++;
      pink_tape_field (self->tape, "msg");
      show_message (self, bytes + 4, size - 4, protocol);
      self->depth--;
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

static void
show_payload (PinkDecoder *self, unsigned type, const uint8_t *bytes, size_t size, int protocol)
{
  Family family;
  const PinkLayout *layout;

  if (type == TYPE_DONE && size >= 4)
    pink_tape_number (self->tape, (uint64_t) (int64_t) (int32_t) pink_decoder_integer (self, bytes, 4),
                      PINK_FORM_SIGNED);
  else if (type == TYPE_ERROR && size >= 4)
    show_error (self, bytes, size, protocol);
  else if (protocol == PROTOCOL_ROUTE && find_family (type, &family) &&
           (layout = pink_decoder_layout (self, family.body)) != NULL && size >= layout->size)
    {
      size_t body = aligned (layout->size);

      pink_decoder_struct (self, family.body, bytes, layout->size, 0);
      if (size > body)
        show_attributes (self, family.attribute, bytes + body, size - body);
    }
  else
    show_raw (self, bytes, size);
}

/* SIZE is what there is of it, the header at least. */
static void
show_message (PinkDecoder *self, const uint8_t *bytes, size_t size, int protocol)
{
  uint64_t length = pink_decoder_integer (self, bytes, 4);
  size_t end = length < size ? (size_t) length : size;

  if (end > HEADER)
    pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  show_header (self, bytes, protocol);
  if (end > HEADER)
    {
      show_payload (self, (unsigned) pink_decoder_integer (self, bytes + 4, 2), bytes + HEADER,
                    end - HEADER, protocol);
      pink_tape_plain (self->tape, PINK_TAPE_END);
    }
}

/* Where the message behind the one at BYTES begins; 0: there is none. */
static size_t
next_message (PinkDecoder *self, const uint8_t *bytes, size_t size)
{
  uint64_t length = size >= HEADER ? pink_decoder_integer (self, bytes, 4) : 0;

  return length >= HEADER && length < size && aligned ((size_t) length) < size ? aligned ((size_t) length)
                                                                               : 0;
}

static void
show_messages (PinkDecoder *self, const uint8_t *bytes, size_t size, int protocol, bool cut)
{
  size_t most = self->input->abbreviated ? self->input->string_limit : SIZE_MAX;
  bool several = next_message (self, bytes, size) != 0;

  if (several)
    pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (size_t i = 0, step = 1; step != 0 && !self->tape->full; i++)
    {
      step = next_message (self, bytes, size);
      /* Of the last one there may be less than it says. */
      if (i >= most || (cut && i > 0 && step == 0))
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      if (size >= HEADER)
        show_message (self, bytes, size, protocol);
      else
        show_raw (self, bytes, size);
      bytes += step;
      size -= step;
    }
  if (several)
    pink_tape_plain (self->tape, PINK_TAPE_END);
}

PinkShown
pink_decoder_netlink (PinkDecoder *self, int fd, uint64_t address, uint64_t length)
{
  uint8_t bytes[MAX_BUFFER];
  size_t size = length < sizeof bytes ? (size_t) length : sizeof bytes;
  int protocol;
  uint64_t first;

  /* Whose first word cannot be a message's length is not looked up. */
  if (self->input->netlink_protocol == NULL || self->input->addresses || size < HEADER ||
      !pink_decoder_read_word (self, address, 4, &first) || first < HEADER || first > length)
    return PINK_NOT_READ;
  protocol = self->input->netlink_protocol (self->input->data, fd);
  if (protocol < 0 || !pink_decoder_read (self, address, bytes, size))
    return PINK_NOT_READ;
  show_messages (self, bytes, size, protocol, size < length);
  return PINK_SHOWN;
}
