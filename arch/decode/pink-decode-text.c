/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tape in strace's form.
 */
#include "pink-decode.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- text ---- */

void
pink_text_clear (PinkText *self)
{
  free (self->data);
  *self = (PinkText) { NULL, 0, 0 };
}

/* Without memory the rest of the text is left out. */
void
pink_text_append (PinkText *self, const char *text, size_t length)
{
  if (self->length + length + 1 > self->size)
    {
      size_t size = (self->length + length + 1) * 2 + 128;
      char *data = realloc (self->data, size);

      if (data == NULL)
        return;
      self->data = data;
      self->size = size;
    }
  memcpy (self->data + self->length, text, length);
  self->length += length;
  self->data[self->length] = '\0';
}

static void
put (PinkText *self, const char *text)
{
  pink_text_append (self, text, strlen (text));
}

void
pink_text_printf (PinkText *self, const char *format, ...)
{
  char text[512];
  va_list args;
  int n;

  va_start (args, format);
  n = vsnprintf (text, sizeof text, format, args);
  va_end (args);
  if (n > 0)
    pink_text_append (self, text, (size_t) n < sizeof text ? (size_t) n : sizeof text - 1);
}

void
pink_text_hex (PinkText *self, uint64_t value)
{
  char text[20];
  char *at = text + sizeof text;
  size_t n;

  if (value == 0)
    {
      pink_text_append (self, "0", 1);
      return;
    }
  for (; value != 0; value >>= 4)
    *--at = "0123456789abcdef"[value & 15];
  n = (size_t) (text + sizeof text - at);
  pink_text_append (self, "0x", 2);
  pink_text_append (self, at, n);
}

static void
put_decimal (PinkText *self, uint64_t value, bool has_sign)
{
  char text[24];
  char *at = text + sizeof text;
  bool negative = has_sign && (int64_t) value < 0;

  if (negative)
    value = -value;
  do
    *--at = (char) ('0' + value % 10);
  while ((value /= 10) != 0);
  if (negative)
    *--at = '-';
  pink_text_append (self, at, (size_t) (text + sizeof text - at));
}

static bool
is_unusual (const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if ((bytes[i] < ' ' && !(bytes[i] >= '\t' && bytes[i] <= '\r')) || bytes[i] >= 0x7f)
      return true;
  return false;
}

static void
quote_byte (PinkText *self, uint8_t byte, bool digit_follows)
{
  static const char named[] = "\t\n\v\f\r";
  const char *found = byte != 0 ? strchr (named, byte) : NULL;
  char text[4] = "\\";
  size_t n = 1;

  if (byte == '"' || byte == '\\')
    text[n++] = (char) byte;
  else if (found != NULL)
    text[n++] = "tnvfr"[found - named];
  else
    {
      /* All three where the next would be taken for one of these. */
      if (digit_follows || byte >= 0100)
        text[n++] = (char) ('0' + (byte >> 6));
      if (digit_follows || byte >= 010)
        text[n++] = (char) ('0' + (byte >> 3 & 7));
      text[n++] = (char) ('0' + (byte & 7));
    }
  pink_text_append (self, text, n);
}

void
pink_text_quote (PinkText *self, const void *data, size_t length, unsigned form,
                 const PinkTextStyle *style)
{
  const uint8_t *bytes = data;
  bool hex = (form & PINK_STRING_HEX) != 0 || style->hex_strings ||
             (style->hex_unusual && is_unusual (bytes, length));
  size_t plain = 0;

  if (form & PINK_STRING_ABSTRACT)
    put (self, "@");
  if ((form & PINK_STRING_BARE) == 0)
    put (self, "\"");
  for (size_t i = 0; i < length; i++)
    {
      if (!hex && bytes[i] >= ' ' && bytes[i] < 0x7f && bytes[i] != '"' && bytes[i] != '\\' &&
          ((form & PINK_STRING_ANGLED) == 0 || (bytes[i] != '<' && bytes[i] != '>')))
        continue;
      pink_text_append (self, (const char *) bytes + plain, i - plain);
      plain = i + 1;
      if (hex)
        {
          char text[5] = { '\\', 'x', "0123456789abcdef"[bytes[i] >> 4],
                           "0123456789abcdef"[bytes[i] & 15], '\0' };

          pink_text_append (self, text, 4);
        }
      else
        quote_byte (self, bytes[i], i + 1 < length && bytes[i + 1] >= '0' && bytes[i + 1] <= '7');
    }
  pink_text_append (self, (const char *) bytes + plain, length - plain);
  if ((form & PINK_STRING_BARE) == 0)
    put (self, "\"");
  if (form & PINK_STRING_CUT)
    put (self, "...");
}

/* ---- tapes ---- */

#define MAX_NESTED 40

typedef enum
{
  OUTSIDE,
  IN_STRUCT,
  IN_ARRAY,
  IN_SET,
  IN_ARGUMENTS
} Nest;

typedef struct
{
  PinkText            *text;
  const PinkArch      *arch;
  const PinkTextStyle *style;
  uint8_t              nests[MAX_NESTED];
  unsigned             depth;
  bool                 is_first; /* in the structure or array */
  bool                 is_bound; /* to what stands before it: "name=" */
  /* flags */
  uint64_t             flags;
  unsigned             n_names;
  bool                 in_flags;
  bool                 after_change;
} Renderer;

static void
put_number (PinkText *text, const PinkArch *arch, const PinkTextStyle *style, uint64_t value,
            unsigned form)
{
  const char *name;

  switch ((PinkForm) form)
    {
    case PINK_FORM_UNSIGNED:
      put_decimal (text, value, false);
      break;
    case PINK_FORM_HEX:
      pink_text_hex (text, value);
      break;
    case PINK_FORM_HEX8:
      pink_text_printf (text, "%#08" PRIx64, value);
      break;
    case PINK_FORM_OCT:
      pink_text_printf (text, "%#" PRIo64, value);
      break;
    case PINK_FORM_MODE:
      pink_text_printf (text, "%#03" PRIo64, value);
      break;
    case PINK_FORM_DIRFD:
      if ((int32_t) value != -100 || style->raw_names)
        put_decimal (text, value, true);
      else
        put (text, style->both_names ? "-100 /* AT_FDCWD */" : "AT_FDCWD");
      break;
    case PINK_FORM_UID:
      if ((uint32_t) value == UINT32_MAX)
        put (text, "-1");
      else
        put_decimal (text, value, false);
      break;
    case PINK_FORM_SIGNAL:
      name = style->raw_names ? NULL : pink_arch_signal_name (arch, (int) value);
      if (name == NULL || style->both_names)
        put_decimal (text, value, true);
      if (name != NULL && style->both_names)
        pink_text_printf (text, " /* %s */", name);
      else if (name != NULL)
        put (text, name);
      break;
    default:
      put_decimal (text, value, true);
    }
}

static void
put_unknown (PinkText *text, uint64_t value, const char *prefix)
{
  pink_text_hex (text, value);
  if (prefix != NULL && prefix[0] != '\0')
    pink_text_printf (text, strchr (prefix, '?') == NULL ? " /* %s??? */" : " /* %s */", prefix);
}

static void
put_enum (PinkText *text, const PinkArch *arch, const PinkTextStyle *style, const PinkTapeEvent *event)
{
  bool has_prefix = event->prefix != NULL && event->prefix[0] != '\0';

  if (event->name != NULL && !style->raw_names && !style->both_names)
    {
      put (text, event->name);
      return;
    }
  if (event->name == NULL && has_prefix && !style->raw_names)
    {
      put_unknown (text, event->value, event->prefix);
      return;
    }
  put_number (text, arch, style, event->value, event->form);
  if (event->name != NULL && style->both_names)
    pink_text_printf (text, " /* %s */", event->name);
}

static void
put_words (Renderer *self, const PinkTapeEvent *event)
{
  bool raw = event->form != 0 && self->style->raw_names;
  bool both = event->form != 0 && self->style->both_names;

  if (raw || both)
    put_number (self->text, self->arch, self->style, event->value, event->form - 1);
  if (both)
    put (self->text, " /* ");
  if (!raw)
    pink_text_append (self->text, event->bytes, event->length);
  if (both)
    put (self->text, " */");
}

static void
separate (Renderer *self)
{
  Nest nest = self->depth > 0 && self->depth <= MAX_NESTED ? (Nest) self->nests[self->depth - 1]
                                                           : OUTSIDE;

  if (!self->is_bound && !self->is_first && nest != OUTSIDE)
    put (self->text, nest == IN_SET ? " " : ", ");
  self->is_bound = false;
  self->is_first = false;
}

static void
nest (Renderer *self, Nest what, const char *opening)
{
  separate (self);
  put (self->text, opening);
  if (self->depth < MAX_NESTED)
    self->nests[self->depth] = (uint8_t) what;
  self->depth++;
  self->is_first = true;
}

static void
put_flag (Renderer *self, const PinkTapeEvent *event)
{
  if (self->style->raw_names)
    return;
  if (self->n_names++ > 0)
    put (self->text, "|");
  else if (self->style->both_names)
    {
      pink_text_hex (self->text, self->flags);
      put (self->text, " /* ");
    }
  if (event->value != 0)
    pink_text_printf (self->text, "%u<<", (unsigned) event->value);
  put (self->text, event->name);
}

static void
put_rest (Renderer *self, const PinkTapeEvent *event)
{
  if (self->style->raw_names)
    return;
  if (self->n_names++ > 0)
    {
      put (self->text, "|");
      pink_text_hex (self->text, event->value);
      return;
    }
  put_unknown (self->text, event->value, event->prefix);
  self->n_names = 0;
  self->flags = 0;
  self->in_flags = false;
}

static void
end_flags (Renderer *self)
{
  if (self->in_flags && self->n_names == 0)
    pink_text_hex (self->text, self->flags);
  else if (self->in_flags && self->style->both_names)
    put (self->text, " */");
  self->in_flags = false;
}

static void
put_end (Renderer *self)
{
  Nest what;

  if (self->depth == 0)
    return;
  self->depth--;
  what = self->depth < MAX_NESTED ? (Nest) self->nests[self->depth] : IN_ARRAY;
  if (what != IN_ARGUMENTS)
    put (self->text, what == IN_STRUCT ? "}" : "]");
  self->is_first = false;
  self->is_bound = false;
}

static void
put_field (Renderer *self, const char *name)
{
  if (!self->is_first)
    put (self->text, ", ");
  put (self->text, name);
  /* Outside of a structure it is what strace says of a result: "left {...}". */
  put (self->text, self->depth > 0 ? "=" : " ");
  self->is_first = false;
  self->is_bound = true;
}

static void
put_event (Renderer *self, const PinkTapeEvent *event)
{
  switch (event->kind)
    {
    case PINK_TAPE_STRUCT:
      nest (self, event->form ? IN_ARGUMENTS : IN_STRUCT, event->form ? "" : "{");
      break;
    case PINK_TAPE_ARRAY:
      nest (self, IN_ARRAY, "[");
      break;
    case PINK_TAPE_SET:
      nest (self, IN_SET, event->form ? "~[" : "[");
      break;
    case PINK_TAPE_END:
      put_end (self);
      break;
    case PINK_TAPE_FIELD:
      put_field (self, event->name);
      break;
    case PINK_TAPE_KEY:
      break;
    case PINK_TAPE_INDEX:
      separate (self);
      put (self->text, "[");
      if (event->name != NULL && !self->style->raw_names)
        put (self->text, event->name);
      else
        put_decimal (self->text, event->value, false);
      put (self->text, "]=");
      self->is_bound = true;
      break;
    case PINK_TAPE_MORE:
      /* There was no room for the rest of the names. */
      end_flags (self);
      separate (self);
      put (self->text, "...");
      if (event->value != 0)
        pink_text_printf (self->text, " /* %#" PRIx64 " */", event->value);
      break;
    case PINK_TAPE_NUMBER:
      separate (self);
      put_number (self->text, self->arch, self->style, event->value, event->form);
      break;
    case PINK_TAPE_ENUM:
      separate (self);
      put_enum (self->text, self->arch, self->style, event);
      break;
    case PINK_TAPE_FLAGS:
      separate (self);
      self->flags = event->value;
      self->n_names = 0;
      self->in_flags = true;
      break;
    case PINK_TAPE_NAME:
      if (self->in_flags)
        put_flag (self, event);
      else
        {
          separate (self);
          put (self->text, event->name);
        }
      break;
    case PINK_TAPE_REST:
      put_rest (self, event);
      break;
    case PINK_TAPE_FLAGS_END:
      end_flags (self);
      break;
    case PINK_TAPE_STRING:
      separate (self);
      pink_text_quote (self->text, event->bytes, event->length, event->form, self->style);
      break;
    case PINK_TAPE_ADDRESS:
      separate (self);
      if (event->value == 0)
        put (self->text, "NULL");
      else
        pink_text_hex (self->text, event->value);
      break;
    case PINK_TAPE_WORDS:
      separate (self);
      put_words (self, event);
      break;
    case PINK_TAPE_FD:
      separate (self);
      if ((int32_t) event->value == -100)
        put_number (self->text, self->arch, self->style, event->value, PINK_FORM_DIRFD);
      else
        put_decimal (self->text, event->value, true);
      pink_text_append (self->text, event->bytes, event->length);
      break;
    case PINK_TAPE_COMMENT:
      put (self->text, " /* ");
      pink_text_append (self->text, event->bytes, event->length);
      put (self->text, " */");
      break;
    case PINK_TAPE_CHANGE:
      put (self->text, " => ");
      self->is_bound = true;
      break;
    }
}

void
pink_text_tape (PinkText *text, const PinkTape *tape, const PinkArch *arch,
                const PinkTextStyle *style)
{
  Renderer self = { .text = text, .arch = arch, .style = style, .is_first = true };
  PinkTapeEvent event;
  size_t offset = 0;

  while (pink_tape_next (tape, &offset, &event))
    put_event (&self, &event);
}
