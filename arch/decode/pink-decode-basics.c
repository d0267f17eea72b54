/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the interpreter is made of: numbers of an ABI's width and byte order, a
 * tracee's memory, and names from the tables.
 */
#include "pink-decode-private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- numbers ---- */

unsigned
pink_decoder_width (const PinkDecoder *self, unsigned width)
{
  unsigned word = pink_arch_word_size (self->input->arch);

  switch (width)
    {
    case PINK_WIDTH_1:
      return 1;
    case PINK_WIDTH_2:
      return 2;
    case PINK_WIDTH_4:
      return 4;
    case PINK_WIDTH_8:
      return 8;
    case PINK_WIDTH_LONG:
      return pink_arch_id (self->input->arch) == PINK_ARCH_X32 ? 8 : word;
    default:
      return word;
    }
}

uint64_t
pink_decoder_integer (const PinkDecoder *self, const uint8_t *bytes, unsigned width)
{
  bool big = pink_arch_is_big_endian (self->input->arch);
  uint64_t value = 0;

  for (unsigned i = 0; i < width; i++)
    value = value << 8 | bytes[big ? i : width - 1 - i];
  return value;
}

static uint64_t
fit (uint64_t value, unsigned width, unsigned form)
{
  bool has_sign = form == PINK_FORM_SIGNED || form == PINK_FORM_FD || form == PINK_FORM_DIRFD ||
                  form == PINK_FORM_PID || form == PINK_FORM_SIGNAL;

  switch (width)
    {
    case 1:
      return has_sign ? (uint64_t) (int64_t) (int8_t) value : (uint8_t) value;
    case 2:
      return has_sign ? (uint64_t) (int64_t) (int16_t) value : (uint16_t) value;
    case 4:
      return has_sign ? (uint64_t) (int64_t) (int32_t) value : (uint32_t) value;
    default:
      return value;
    }
}

uint64_t
pink_decoder_value (PinkDecoder *self, const PinkType *type, const PinkPlace *place)
{
  unsigned width = pink_decoder_width (self, type->width);
  uint64_t value = place->value;

  if (!place->by_value)
    value = place->bytes != NULL && width <= place->size
            ? pink_decoder_integer (self, place->bytes, width) : 0;
  return fit (value, width, type->form);
}

uint64_t
pink_decoder_arg (PinkDecoder *self, unsigned index)
{
  return (uint64_t) pink_arch_arg_value (self->input->arch, self->call, index, self->input->regs);
}

uint64_t
pink_decoder_field (const PinkDecoder *self, const PinkFieldInfo *field, const uint8_t *bytes)
{
  const PinkType *type = &pink_types[field->type];
  bool has_sign = type->op == PINK_OP_NUMBER || type->op == PINK_OP_ENUM;
  uint64_t value;

  if (field->size == 0 || field->size > 8)
    return 0;
  value = pink_decoder_integer (self, bytes + field->offset, field->size);
  if (field->bits == 0)
    return fit (value, field->size, has_sign ? type->form : PINK_FORM_UNSIGNED);
  value >>= pink_arch_is_big_endian (self->input->arch) ? field->size * 8u - field->shift - field->bits
                                                        : field->shift;
  return value & (UINT64_MAX >> (64 - field->bits));
}

uint64_t
pink_decoder_member (PinkDecoder *self, const PinkLayout *layout, const uint8_t *bytes,
                     const char *name)
{
  for (unsigned i = 0; layout != NULL && i < layout->n_fields; i++)
    if (strcmp (pink_decode_name (pink_layout_field (layout, i)->name), name) == 0)
      return pink_decoder_field (self, pink_layout_field (layout, i), bytes);
  return 0;
}

uint64_t
pink_decoder_ref (PinkDecoder *self, const PinkRef *ref)
{
  uint64_t value = 0;

  switch (ref->kind)
    {
    case PINK_REF_CONST:
      return ref->value;
    case PINK_REF_ARG:
      return pink_decoder_arg (self, ref->value);
    case PINK_REF_DEREF:
      pink_decoder_read_word (self, pink_decoder_arg (self, ref->value), 4, &value);
      return value;
    case PINK_REF_FIELD:
      if (self->frame.layout != NULL && ref->value < self->frame.layout->n_fields)
        return pink_decoder_field (self, pink_layout_field (self->frame.layout, ref->value), self->frame.bytes);
      return 0;
    case PINK_REF_PARAM:
      return self->params[ref->value];
    case PINK_REF_RESULT:
      return pink_decoder_done (self) ? (uint64_t) self->input->result : 0;
    case PINK_REF_DONE:
      return pink_decoder_done (self);
    default:
      return 0;
    }
}

bool
pink_decoder_done (const PinkDecoder *self)
{
  return self->input->exited && !self->input->failed;
}

int
pink_decoder_print (const PinkDecoder *self, char *buffer, size_t size, const char *format, ...)
{
  va_list args;
  int n;

  buffer[0] = '\0';
  if (self->tape->blank)
    return 0;
  va_start (args, format);
  n = vsnprintf (buffer, size, format, args);
  va_end (args);
  return n;
}

/* ---- memory ---- */

/* As many bytes as there are in one go; 0: none. */
size_t
pink_decoder_read_some (PinkDecoder *self, uint64_t address, void *buffer, size_t size)
{
  size_t n;

  if (self->input->read == NULL || address == 0 || self->budget == 0)
    return 0;
  self->budget--;
  n = self->input->read (self->input->data, address, buffer, size);
  return n <= size ? n : 0;
}

bool
pink_decoder_read (PinkDecoder *self, uint64_t address, void *buffer, size_t size)
{
  size_t have = 0;

  while (have < size)
    {
      size_t n = pink_decoder_read_some (self, address + have, (char *) buffer + have, size - have);

      if (n == 0)
        return false;
      have += n;
    }
  return true;
}

bool
pink_decoder_read_word (PinkDecoder *self, uint64_t address, unsigned width, uint64_t *value)
{
  uint8_t bytes[8];

  if (!pink_decoder_read (self, address, bytes, width))
    return false;
  *value = pink_decoder_integer (self, bytes, width);
  return true;
}

void
pink_decoder_address (PinkDecoder *self, uint64_t address)
{
  if (pink_arch_word_size (self->input->arch) == 4)
    address = (uint32_t) address;
  pink_tape_value (self->tape, PINK_TAPE_ADDRESS, address);
}

void
pink_decoder_more_at (PinkDecoder *self, uint64_t address)
{
  /* It may well be readable. */
  if (self->budget == 0)
    {
      pink_tape_plain (self->tape, PINK_TAPE_MORE);
      return;
    }
  if (pink_arch_word_size (self->input->arch) == 4)
    address = (uint32_t) address;
  pink_tape_value (self->tape, PINK_TAPE_MORE, address);
}

/* Never across a page border in one go: the next page may not be there. */
size_t
pink_decoder_up_to_page_end (uint64_t address, size_t length)
{
  size_t left = 4096 - (size_t) (address & 4095);

  return length < left ? length : left;
}

static void
trim (PinkDecoder *self, size_t size)
{
  if (self->input->trim != NULL)
    self->input->trim (self->input->data, size);
}

bool
pink_decoder_string (PinkDecoder *self, uint64_t address, size_t limit, unsigned form)
{
  char text[PINK_DECODE_PATH + 1];
  size_t have = 0, most;
  const char *end = NULL;

  if (limit > PINK_DECODE_PATH)
    return pink_decoder_bytes (self, address, limit, limit, form | 0x100);
  /* One more than is shown tells whether there is more. */
  most = limit + 1;
  while (have < most && end == NULL)
    {
      size_t want = pink_decoder_up_to_page_end (address + have, most - have < 256 ? most - have : 256);

      want = pink_decoder_read_some (self, address + have, text + have, want);
      if (want == 0)
        return false;
      end = memchr (text + have, '\0', want);
      if (end != NULL)
        trim (self, (size_t) (end + 1 - text) - have);
      have += want;
    }
  if (end != NULL)
    pink_tape_string (self->tape, text, (size_t) (end - text), form);
  else
    pink_tape_string (self->tape, text, limit, form | PINK_STRING_CUT);
  return true;
}

/* The same as below, where nobody writes it down. */
static bool
look_at_bytes (PinkDecoder *self, uint64_t address, size_t want, bool ends)
{
  uint8_t bytes[512];
  size_t have = 0;

  while (have < want)
    {
      size_t n = want - have < sizeof bytes ? want - have : sizeof bytes;
      const uint8_t *end;

      n = pink_decoder_read_some (self, address + have, bytes,
                                  ends ? pink_decoder_up_to_page_end (address + have, n) : n);
      if (n == 0)
        return false;
      end = ends ? memchr (bytes, '\0', n) : NULL;
      if (end != NULL)
        {
          trim (self, (size_t) (end + 1 - bytes));
          return true;
        }
      have += n;
    }
  return true;
}

/* Of a long string only where it ends has to be found: FORM has 0x100 for that. */
bool
pink_decoder_bytes (PinkDecoder *self, uint64_t address, uint64_t length, size_t limit, unsigned form)
{
  static const size_t most = 64 * 1024;
  bool ends = (form & 0x100) != 0;
  uint8_t few[512];
  uint8_t *bytes = few;
  size_t want = length < limit ? (size_t) length : limit;
  size_t have = 0;
  bool cut = length > want;
  bool good = true;
  PinkTape buffer = { 0 };

  form &= 0xff;
  if (want > most)
    {
      want = most;
      cut = true;
    }
  if (self->tape->blank)
    return look_at_bytes (self, address, want, ends);
  if (want > sizeof few)
    {
      /* The tape's own way to memory, which is bounded. */
      static const uint8_t zeroes[512];

      while (buffer.size < want + 512)
        {
          size_t before = buffer.length;

          pink_tape_string (&buffer, zeroes, sizeof zeroes, 0);
          if (buffer.length == before)
            break;
        }
      if (buffer.size < want)
        {
          pink_tape_clear (&buffer);
          return false;
        }
      bytes = buffer.data;
    }
  while (have < want && good)
    {
      size_t n = ends ? pink_decoder_up_to_page_end (address + have, want - have) : want - have;
      const uint8_t *end;

      n = pink_decoder_read_some (self, address + have, bytes + have, n);
      good = n > 0;
      end = good && ends ? memchr (bytes + have, '\0', n) : NULL;
      have += n;
      if (end != NULL)
        {
          want = (size_t) (end - bytes);
          cut = false;
          ends = false;
          break;
        }
    }
  if (good)
    pink_tape_string (self->tape, bytes, want, form | (cut || ends ? PINK_STRING_CUT : 0));
  pink_tape_clear (&buffer);
  return good;
}

/* ---- vectors of strings ---- */

PinkShown
pink_decoder_strings (PinkDecoder *self, uint64_t address)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  size_t most = self->input->abbreviated ? self->input->string_limit : 4096;
  uint64_t pointer = 0;

  if (self->input->addresses || !pink_decoder_read_word (self, address, word, &pointer))
    return PINK_NOT_READ;
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (size_t i = 0; pointer != 0; i++)
    {
      if (i >= most || self->tape->full)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      if (!pink_decoder_string (self, pointer, self->input->string_limit, 0))
        pink_decoder_address (self, pointer);
      if (!pink_decoder_read_word (self, address + (i + 1) * word, word, &pointer))
        {
          pink_decoder_more_at (self, address + (i + 1) * word);
          break;
        }
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  return PINK_SHOWN;
}

/* Of an environment a line says how much there is of it. */
PinkShown
pink_decoder_environment (PinkDecoder *self, uint64_t address)
{
  unsigned word = pink_arch_word_size (self->input->arch);
  size_t n = 0;
  uint8_t bytes[512];
  bool ends = false, good = false, unreadable = false;

  if (!self->input->abbreviated || self->input->addresses)
    return pink_decoder_strings (self, address);
  while (!ends && n < 65536)
    {
      size_t want = pink_decoder_up_to_page_end (address + n * word, sizeof bytes) / word * word;

      if (want == 0)
        want = word;
      want = pink_decoder_read_some (self, address + n * word, bytes, want) / word * word;
      unreadable = want == 0;
      if (unreadable)
        break;
      good = true;
      for (size_t i = 0; i < want && !ends; i += word)
        {
          ends = pink_decoder_integer (self, bytes + i, word) == 0;
          n += !ends;
        }
    }
  if (!good)
    return PINK_NOT_READ;
  pink_decoder_address (self, address);
  pink_tape_comment (self->tape, "%zu var%s%s", n, n == 1 ? "" : "s",
                     unreadable ? ", unterminated" : ends ? "" : " and more");
  return PINK_SHOWN;
}

/* ---- names ---- */

const PinkTableVariant *
pink_table_variant (const PinkArch *arch, unsigned table)
{
  const PinkTable *self = &pink_tables[table];
  uint32_t bit = (uint32_t) 1 << pink_arch_id (arch);

  for (unsigned i = 0; i < self->n; i++)
    if (pink_table_variants[self->first + i].abis & bit)
      return &pink_table_variants[self->first + i];
  return &pink_table_variants[self->first];
}

const PinkNamed *
pink_table_find (const PinkArch *arch, unsigned table, uint64_t value)
{
  const PinkTableVariant *variant = pink_table_variant (arch, table);
  unsigned low = 0, high = variant->n;

  if (!variant->sorted)
    {
      for (unsigned i = 0; i < variant->n; i++)
        if (pink_table_entry (variant, i)->value == value)
          return pink_table_entry (variant, i);
      return NULL;
    }
  while (low < high)
    {
      unsigned middle = (low + high) / 2;

      if (pink_table_entry (variant, middle)->value == value)
        return pink_table_entry (variant, middle);
      if (pink_table_entry (variant, middle)->value < value)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

void
pink_decoder_flags (PinkDecoder *self, unsigned table, uint64_t value)
{
  const PinkTableVariant *variant = pink_table_variant (self->input->arch, table);
  uint64_t rest = value, flags;
  unsigned number;
  bool any = false;

  (void) pink_table_number (&pink_tables[table], value, &flags);
  pink_tape_value (self->tape, PINK_TAPE_FLAGS, value);
  for (unsigned i = 0; i < variant->n; i++)
    {
      const PinkNamed *one = pink_table_entry (variant, i);

      /* A flag of several bits takes those that are left; a value of a field,
       * with its mask, counts also where it is 0. */
      if (one->mask == one->value ? (one->value != 0 && (rest & one->value) == one->value)
                                  : (value & one->mask) == one->value)
        {
          pink_tape_name (self->tape, PINK_TAPE_NAME, pink_named_name (one));
          rest &= ~one->mask;
          any = true;
        }
      else if (one->value == 0 && one->mask == 0 && flags == 0)
        {
          pink_tape_name (self->tape, PINK_TAPE_NAME, pink_named_name (one));
          any = true;
        }
    }
  /* One of the names may have been this number, too. */
  number = pink_table_number (&pink_tables[table], rest, &rest);
  if (any && rest != 0)
    pink_tape_rest (self->tape, rest, NULL);
  if (number != 0)
    pink_tape_shifted (self->tape, number, pink_decode_name (pink_tables[table].shift_name));
  if (!any && number != 0 && rest != 0)
    pink_tape_rest (self->tape, rest, NULL);
  else if (!any && rest != 0)
    pink_tape_rest (self->tape, rest, pink_decode_name (pink_tables[table].prefix));
  pink_tape_plain (self->tape, PINK_TAPE_FLAGS_END);
}

void
pink_decoder_enum (PinkDecoder *self, unsigned table, uint64_t value, PinkForm form)
{
  const PinkNamed *named = pink_table_find (self->input->arch, table, value);

  pink_tape_enum (self->tape, value, form, named != NULL ? pink_named_name (named) : NULL,
                  pink_decode_name (pink_tables[table].prefix));
}

void
pink_decoder_fd (PinkDecoder *self, int fd, PinkForm form)
{
  char text[PINK_DECODE_PATH];
  bool is_cwd = form == PINK_FORM_DIRFD && fd == -100;

  if (self->input->describe_fd == NULL || (fd < 0 && !is_cwd) ||
      !self->input->describe_fd (self->input->data, fd, text, sizeof text))
    {
      pink_tape_number (self->tape, (uint64_t) (int64_t) fd, form);
      return;
    }
  pink_tape_words (self->tape, PINK_TAPE_FD, (uint64_t) (int64_t) fd, text);
}
