/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The interpreter of the descriptions.
 */
#include "pink-decode-special.h"

#include <string.h>

/* How many things of one argument are read at most: arrays in arrays of a stranger's. */
#define BUDGET 20000

/* ---- structures ---- */

const PinkLayout *
pink_decoder_layout (const PinkDecoder *self, unsigned index)
{
  const PinkStruct *one = &pink_structs[index];
  uint32_t bit = (uint32_t) 1 << pink_arch_id (self->input->arch);

  for (unsigned i = 0; i < one->n; i++)
    if (pink_layouts[one->first + i].abis & bit)
      return &pink_layouts[one->first + i];
  return NULL;
}

static bool
is_zero (const uint8_t *bytes, size_t size)
{
  for (size_t i = 0; i < size; i++)
    if (bytes[i] != 0)
      return false;
  return true;
}

static bool
field_is_zero (PinkDecoder *self, const PinkFieldInfo *field, const uint8_t *bytes)
{
  return field->bits != 0 ? pink_decoder_field (self, field, bytes) == 0
                          : is_zero (bytes + field->offset, field->size);
}

static void
show_field (PinkDecoder *self, const PinkFieldInfo *field, const PinkPlace *outer, bool is_argument)
{
  PinkPlace place = { 0, outer->bytes + field->offset, outer->size - field->offset,
                      outer->address + field->offset, false, outer->cut };
  size_t mark = pink_tape_mark (self->tape);

  if (field->bits != 0)
    {
      place.value = pink_decoder_field (self, field, outer->bytes);
      place.by_value = true;
    }
  if (is_argument)
    pink_tape_key (self->tape, pink_decode_name (field->name));
  else
    pink_tape_field (self->tape, pink_decode_name (field->name));
  if (pink_decoder_type (self, field->type, &place) != PINK_SHOWN)
    pink_tape_rewind (self->tape, mark);
}

static PinkShown
show_struct (PinkDecoder *self, unsigned index, const PinkPlace *place)
{
  const PinkLayout *layout = pink_decoder_layout (self, index);
  PinkFrame outer = self->frame;
  bool more = false;

  if (layout == NULL || place->size < layout->size || self->depth >= PINK_MAX_DEPTH)
    return PINK_NOT_READ;
  self->depth++;
  self->frame.layout = layout;
  self->frame.bytes = place->bytes;
  if (pink_structs[index].is_arguments)
    pink_tape_arguments (self->tape);
  else
    pink_tape_plain (self->tape, PINK_TAPE_STRUCT);
  for (unsigned i = 0; i < layout->n_shown; i++)
    {
      const PinkFieldInfo *field = pink_layout_field (layout, pink_orders[layout->order + i]);
      bool brief = self->input->abbreviated;

      if (field->mark == PINK_MARK_HIDDEN || (field->since != 0 && field->since + place->cut >= place->size))
        continue;
      if (field->mark == PINK_MARK_VERBOSE && brief)
        more = true;
      else if ((field->mark != PINK_MARK_NONZERO && (field->mark != PINK_MARK_TELLING || !brief)) ||
               !field_is_zero (self, field, place->bytes))
        show_field (self, field, place, pink_structs[index].is_arguments);
    }
  if (more)
    pink_tape_plain (self->tape, PINK_TAPE_MORE);
  pink_tape_plain (self->tape, PINK_TAPE_END);
  self->frame = outer;
  self->depth--;
  return PINK_SHOWN;
}

PinkShown
pink_decoder_struct (PinkDecoder *self, unsigned index, const uint8_t *bytes, size_t size,
                     uint64_t address)
{
  PinkPlace place = { 0, bytes, size, address, false, 0 };

  return show_struct (self, index, &place);
}

PinkShown
pink_decoder_read_struct (PinkDecoder *self, unsigned index, uint64_t address)
{
  const PinkLayout *layout = pink_decoder_layout (self, index);
  uint8_t bytes[PINK_MAX_STRUCT];

  if (layout == NULL || layout->size > sizeof bytes ||
      !pink_decoder_read (self, address, bytes, layout->size))
    return PINK_NOT_READ;
  return pink_decoder_struct (self, index, bytes, layout->size, address);
}

/* In pieces: a tracer task, which reads it too, has little room on its stack. */
static bool
is_anything_at (PinkDecoder *self, uint64_t address, size_t size)
{
  uint8_t bytes[256];

  for (size_t at = 0, n; at < size; at += n)
    {
      n = size - at < sizeof bytes ? size - at : sizeof bytes;
      if (!pink_decoder_read (self, address + at, bytes, n))
        return false;
      if (!is_zero (bytes, n))
        return true;
    }
  return false;
}

/* What is behind all that is known of a structure, where a newer one is longer. */
static void
show_behind (PinkDecoder *self, uint64_t address, size_t known, size_t length, bool tells_more)
{
  size_t size = length - known;

  if (self->tape->full || (!tells_more && !is_anything_at (self, address + known, size)))
    return;
  if (tells_more || self->input->abbreviated)
    {
      pink_tape_more_inside (self->tape);
      return;
    }
  pink_tape_reopen (self->tape);
  pink_tape_field (self->tape, "extra_data");
  if (!pink_decoder_bytes (self, address + known, size, size, PINK_STRING_HEX))
    pink_decoder_address (self, address + known);
  pink_tape_comment (self->tape, "bytes %zu..%zu", known, length - 1);
  pink_tape_plain (self->tape, PINK_TAPE_END);
}

/* Without the padding that an array of it would have. */
static size_t
end_of (const PinkLayout *layout)
{
  size_t end = 0;

  for (unsigned i = 0; i < layout->n_fields; i++)
    if (pink_layout_field (layout, i)->offset + pink_layout_field (layout, i)->size > (int) end)
      end = pink_layout_field (layout, i)->offset + pink_layout_field (layout, i)->size;
  return end;
}

PinkShown
pink_decoder_sized_struct (PinkDecoder *self, unsigned index, uint64_t address, uint64_t length,
                           bool tells_more)
{
  const PinkLayout *layout = pink_decoder_layout (self, index);
  uint8_t bytes[PINK_MAX_STRUCT] = { 0 };
  PinkPlace place = { 0, bytes, 0, address, false, 0 };

  /* The kernel refuses more than a page, and does not look at it. */
  if (layout == NULL || layout->size > sizeof bytes || length == 0 || length > 4096)
    return PINK_NOT_READ;
  place.size = layout->size;
  place.cut = length < layout->size ? layout->size - (size_t) length : 0;
  if (!pink_decoder_read (self, address, bytes, place.size - place.cut) ||
      show_struct (self, index, &place) != PINK_SHOWN)
    return PINK_NOT_READ;
  if (length > end_of (layout))
    show_behind (self, address, end_of (layout), (size_t) length, tells_more);
  return PINK_SHOWN;
}

/* ---- arrays ---- */

/* Bytes of one; 0 where that cannot be said. */
static size_t
size_of (PinkDecoder *self, const PinkType *type)
{
  const PinkLayout *layout;

  switch (type->op)
    {
    case PINK_OP_STRUCT:
      layout = pink_decoder_layout (self, type->index);
      return layout != NULL ? layout->size : 0;
    case PINK_OP_CHARS:
    case PINK_OP_BYTES:
      return type->refs[0].kind == PINK_REF_CONST ? type->refs[0].value : 0;
    case PINK_OP_ARRAY:
      return type->refs[0].kind == PINK_REF_CONST
             ? type->refs[0].value * size_of (self, &pink_types[type->sub]) : 0;
    case PINK_OP_NONE:
    case PINK_OP_HIDDEN:
    case PINK_OP_UNION:
      return 0;
    default:
      return pink_decoder_width (self, type->width);
    }
}

/* As many of N as fit in BYTES and can be read: one read is dearer than its bytes. */
static size_t
read_elements (PinkDecoder *self, uint64_t address, uint64_t n, size_t size, uint8_t bytes[PINK_MAX_STRUCT])
{
  size_t most = PINK_MAX_STRUCT / size;
  size_t want = (n < most ? (size_t) n : most) * size;
  size_t have = pink_decoder_read_some (self, address, bytes, want);

  if (have >= size)
    return have / size;
  return pink_decoder_read (self, address, bytes, size) ? 1 : 0;
}

static PinkShown
show_array (PinkDecoder *self, const PinkType *type, const PinkPlace *place)
{
  const PinkType *sub = &pink_types[type->sub];
  size_t size = size_of (self, sub);
  uint64_t n = pink_decoder_ref (self, &type->refs[0]);
  size_t most = self->input->abbreviated ? self->input->string_limit : 4096;
  bool fixed = type->refs[0].kind == PINK_REF_CONST;
  size_t mark = pink_tape_mark (self->tape);
  uint8_t bytes[PINK_MAX_STRUCT];
  uint64_t first = 0;
  size_t n_read = 0;
  bool shown = false;

  if (size == 0 || size > PINK_MAX_STRUCT || self->depth >= PINK_MAX_DEPTH)
    return PINK_NOT_READ;
  if (n == 0 && !fixed)
    {
      pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
      pink_tape_plain (self->tape, PINK_TAPE_END);
      return PINK_SHOWN;
    }
  self->depth++;
  pink_tape_plain (self->tape, PINK_TAPE_ARRAY);
  for (uint64_t i = 0; i < n; i++)
    {
      PinkPlace element = { 0, bytes, size, place->address + i * size, false };

      if (i >= most && !fixed)
        {
          pink_tape_plain (self->tape, PINK_TAPE_MORE);
          break;
        }
      if (self->tape->full)
        break;
      if (place->bytes != NULL && (i + 1) * size <= place->size)
        element.bytes = place->bytes + i * size;
      else if (i < first + n_read)
        element.bytes = bytes + (i - first) * size;
      else if ((n_read = read_elements (self, element.address, n - i, size, bytes)) > 0)
        first = i;
      else
        {
          if (shown)
            pink_decoder_more_at (self, element.address);
          break;
        }
      shown = true;
      if (pink_decoder_type (self, type->sub, &element) == PINK_NOT_READ)
        pink_decoder_address (self, element.address);
    }
  pink_tape_plain (self->tape, PINK_TAPE_END);
  self->depth--;
  if (shown || n == 0)
    return PINK_SHOWN;
  pink_tape_rewind (self->tape, mark);
  return PINK_NOT_READ;
}

/* ---- types ---- */

static unsigned
union_case (PinkDecoder *self, const PinkType *type)
{
  const PinkUnion *one = &pink_unions[type->index];
  const PinkNamed *named = pink_table_find (self->input->arch, one->table,
                                            pink_decoder_ref (self, &type->refs[0]));
  const PinkCase *cases = &pink_cases[one->first];
  unsigned low = 0, high = one->n;

  while (named != NULL && low < high)
    {
      unsigned middle = (low + high) / 2;
      int order = strcmp (pink_named_name (named), pink_decode_name (cases[middle].name));

      if (order == 0)
        return cases[middle].type;
      if (order > 0)
        low = middle + 1;
      else
        high = middle;
    }
  return one->other;
}

static void
set_params (PinkDecoder *self, const PinkType *type, uint64_t outer[3])
{
  uint64_t inner[3] = { 0 };

  memcpy (outer, self->params, sizeof self->params);
  for (unsigned i = 0; i < 2; i++)
    inner[i] = pink_decoder_ref (self, &type->refs[i + 1]);
  memcpy (self->params, inner, sizeof inner);
}

static PinkShown
show_union (PinkDecoder *self, const PinkType *type, const PinkPlace *place)
{
  unsigned which = union_case (self, type);
  uint64_t outer[3];
  PinkShown shown;

  if (self->depth >= PINK_MAX_DEPTH)
    return PINK_NOT_READ;
  self->depth++;
  set_params (self, type, outer);
  shown = pink_decoder_type (self, which, place);
  memcpy (self->params, outer, sizeof outer);
  self->depth--;
  return shown;
}

/* A special form that is a string in a line: no structure, which could be an address. */
static bool
is_plain_bytes (const PinkType *type)
{
  return type->op == PINK_OP_SPECIAL &&
         (pink_specials[type->index] == pink_special_random_bytes ||
          pink_specials[type->index] == pink_special_socket_buffer ||
          pink_specials[type->index] == pink_special_socket_buffer_out);
}

/* Some are of 64 bits in every ABI, and what is in the upper half there is told. */
static void
show_address (PinkDecoder *self, const PinkType *type, uint64_t address)
{
  if (type->width == PINK_WIDTH_8)
    pink_tape_value (self->tape, PINK_TAPE_ADDRESS, address);
  else
    pink_decoder_address (self, address);
}

static PinkShown
show_pointer (PinkDecoder *self, const PinkType *type, const PinkPlace *place)
{
  uint64_t address = pink_decoder_value (self, type, place);
  const PinkType *sub = &pink_types[type->sub];
  size_t mark = pink_tape_mark (self->tape);
  PinkPlace there = { 0, NULL, 0, address, false };
  PinkShown shown = PINK_NOT_READ;
  bool readable = address != 0 && self->depth < PINK_MAX_DEPTH;

  if (type->width != PINK_WIDTH_8 && pink_arch_word_size (self->input->arch) == 4)
    there.address = address = (uint32_t) address;
  if (type->form == PINK_DIR_OUT && !pink_decoder_done (self))
    readable = false;
  if (readable && self->input->addresses && !is_plain_bytes (sub))
    readable = false;
  if (readable)
    {
      self->depth++;
      if (sub->op == PINK_OP_SPECIAL || sub->op == PINK_OP_UNION || sub->op == PINK_OP_ARRAY ||
          sub->op == PINK_OP_SIZED)
        shown = pink_decoder_type (self, type->sub, &there);
      else if (sub->op == PINK_OP_STRUCT)
        shown = pink_decoder_read_struct (self, sub->index, address);
      else
        {
          uint8_t bytes[PINK_MAX_STRUCT];
          size_t size = size_of (self, sub);

          if (size > 0 && size <= sizeof bytes && pink_decoder_read (self, address, bytes, size))
            {
              there.bytes = bytes;
              there.size = size;
              shown = pink_decoder_type (self, type->sub, &there);
            }
        }
      self->depth--;
    }
  if (shown != PINK_NOT_READ)
    return shown;
  pink_tape_rewind (self->tape, mark);
  show_address (self, type, address);
  return PINK_SHOWN;
}

static void
show_number (PinkDecoder *self, const PinkType *type, const PinkPlace *place)
{
  uint64_t value = pink_decoder_value (self, type, place);

  if (type->form == PINK_FORM_FD || type->form == PINK_FORM_DIRFD)
    pink_decoder_fd (self, (int) value, (PinkForm) type->form);
  else
    pink_tape_number (self->tape, value, (PinkForm) type->form);
}

/* A name of -1 is one of all bits, of as many as there are; and a number that has none is
 * told without a sign. */
static void
show_enum (PinkDecoder *self, const PinkType *type, uint64_t value)
{
  unsigned unused = 64 - 8 * pink_decoder_width (self, type->width);
  uint64_t bits = value << unused >> unused;
  uint64_t with_sign = (uint64_t) ((int64_t) (value << unused) >> unused);
  const uint64_t values[] = { value, with_sign, bits };
  bool has_prefix = *pink_decode_name (pink_tables[type->index].prefix) != '\0';

  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
    if (pink_table_find (self->input->arch, type->index, values[i]) != NULL)
      {
        pink_decoder_enum (self, type->index, values[i], (PinkForm) type->form);
        return;
      }
  if (has_prefix)
    pink_decoder_enum (self, type->index, bits, PINK_FORM_HEX);
  else
    pink_decoder_enum (self, type->index, value, (PinkForm) type->form);
}

/* A buffer holds once the call has filled it, up to what its result says, and never
 * more than there was room for, whatever it says. */
static bool
show_out_buffer (PinkDecoder *self, const PinkType *type, uint64_t address)
{
  uint64_t room = pink_decoder_ref (self, &type->refs[0]);
  uint64_t filled = (uint64_t) self->input->result;

  if (!pink_decoder_done (self) || self->input->result < 0)
    return false;
  /* What getcwd() returns counts the byte that ends the path. */
  if (strcmp (self->call->name, "getcwd") == 0)
    return pink_decoder_string (self, address, PINK_DECODE_PATH - 1, PINK_STRING_PATH);
  return pink_decoder_bytes (self, address, filled < room ? filled : room,
                             self->input->string_limit, 0);
}

static PinkShown
show_text (PinkDecoder *self, const PinkType *type, const PinkPlace *place)
{
  PinkType word = *type;
  uint64_t address;
  bool good = false;
  size_t mark = pink_tape_mark (self->tape);

  word.form = PINK_FORM_HEX;
  address = pink_decoder_value (self, &word, place);
  if (address != 0)
    switch (type->op)
      {
      case PINK_OP_PATH:
        good = pink_decoder_string (self, address, PINK_DECODE_PATH - 1, PINK_STRING_PATH);
        break;
      case PINK_OP_STRING:
        good = pink_decoder_string (self, address, self->input->string_limit, 0);
        break;
      case PINK_OP_STRINGS:
        good = pink_decoder_strings (self, address) == PINK_SHOWN;
        break;
      case PINK_OP_ENVIRONMENT:
        good = pink_decoder_environment (self, address) == PINK_SHOWN;
        break;
      case PINK_OP_BUFFER:
        good = pink_decoder_bytes (self, address, pink_decoder_ref (self, &type->refs[0]),
                                   self->input->string_limit, 0);
        break;
      default:
        good = show_out_buffer (self, type, address);
      }
  if (!good)
    {
      pink_tape_rewind (self->tape, mark);
      show_address (self, type, address);
    }
  return PINK_SHOWN;
}

static PinkShown
show_inline_bytes (PinkDecoder *self, const PinkType *type, const PinkPlace *place)
{
  uint64_t n = pink_decoder_ref (self, &type->refs[0]);
  const uint8_t *end;
  bool cut = false;

  if (place->bytes == NULL)
    return PINK_NOT_READ;
  if (n > place->size)
    n = place->size;
  if (type->op == PINK_OP_CHARS)
    {
      end = memchr (place->bytes, '\0', n);
      if (end != NULL)
        n = (uint64_t) (end - place->bytes);
      else if (n > 0)
        {
          n--;
          cut = true;
        }
    }
  pink_tape_string (self->tape, place->bytes, n, cut ? PINK_STRING_CUT : 0);
  return PINK_SHOWN;
}

bool
pink_decoder_fits (PinkDecoder *self, unsigned index, size_t size)
{
  const PinkType *type = &pink_types[index];

  if (type->op == PINK_OP_UNION)
    type = &pink_types[union_case (self, type)];
  /* These look for themselves. */
  return type->op == PINK_OP_SPECIAL || size_of (self, type) <= size;
}

static bool
is_there (PinkDecoder *self, const PinkType *type)
{
  uint64_t value = pink_decoder_ref (self, &type->refs[0]);
  uint32_t wanted = type->refs[1].value;

  switch (type->form)
    {
    case PINK_TEST_SOME:
      return (value & wanted) != 0;
    case PINK_TEST_NONE:
      return (value & wanted) == 0;
    case PINK_TEST_EQUAL:
      return value == wanted;
    default:
      return value != wanted;
    }
}

PinkShown
pink_decoder_type (PinkDecoder *self, unsigned index, const PinkPlace *place)
{
  const PinkType *type = &pink_types[index];

  switch ((PinkOp) type->op)
    {
    case PINK_OP_NUMBER:
      show_number (self, type, place);
      return PINK_SHOWN;
    case PINK_OP_ENUM:
      show_enum (self, type, pink_decoder_value (self, type, place));
      return PINK_SHOWN;
    case PINK_OP_FLAGS:
      pink_decoder_flags (self, type->index, pink_decoder_value (self, type, place));
      return PINK_SHOWN;
    case PINK_OP_ADDRESS:
      show_address (self, type, pink_decoder_value (self, type, place));
      return PINK_SHOWN;
    case PINK_OP_POINTER:
      return show_pointer (self, type, place);
    case PINK_OP_ARRAY:
      return show_array (self, type, place);
    case PINK_OP_STRUCT:
      if (place->bytes == NULL)
        return pink_decoder_read_struct (self, type->index, place->address);
      return show_struct (self, type->index, place);
    case PINK_OP_SIZED:
      if (pink_decoder_ref (self, &type->refs[0]) < type->refs[1].value)
        return PINK_NOT_READ;
      return pink_decoder_sized_struct (self, type->index, place->address,
                                        pink_decoder_ref (self, &type->refs[0]), false);
    case PINK_OP_UNION:
      return show_union (self, type, place);
    case PINK_OP_WHEN:
      if (!is_there (self, type))
        return PINK_NOT_SHOWN;
      return pink_decoder_type (self, type->sub, place);
    case PINK_OP_PATH:
    case PINK_OP_STRING:
    case PINK_OP_STRINGS:
    case PINK_OP_ENVIRONMENT:
    case PINK_OP_BUFFER:
    case PINK_OP_OUT_BUFFER:
      return show_text (self, type, place);
    case PINK_OP_CHARS:
    case PINK_OP_BYTES:
      return show_inline_bytes (self, type, place);
    case PINK_OP_NONE:
      return PINK_LAST;
    case PINK_OP_HIDDEN:
      return PINK_NOT_SHOWN;
    case PINK_OP_SPECIAL:
      return pink_specials[type->index] (self, type, place);
    }
  return PINK_NOT_READ;
}

/* ---- calls ---- */

static void
begin (PinkDecoder *self, PinkDecodeInput *input, PinkTape *tape, unsigned argument)
{
  memset (self, 0, sizeof *self);
  self->input = input;
  self->tape = tape;
  self->argument = argument;
  self->call = input->row >= 0 ? pink_arch_syscall ((unsigned) input->row) : NULL;
  self->budget = input->budget != 0 ? input->budget : BUDGET;
}

unsigned
pink_decode_n_arguments (int row)
{
  return row >= 0 ? pink_calls[row].n_types : PINK_ARCH_N_REGS;
}

PinkShown
pink_decode_argument (PinkDecodeInput *input, unsigned index, PinkTape *tape)
{
  PinkDecoder self;
  PinkPlace place = { 0, NULL, 0, 0, true };
  size_t mark = pink_tape_begin (tape);
  PinkShown shown;

  begin (&self, input, tape, index);
  if (self.call == NULL)
    {
      pink_tape_number (tape, index < PINK_ARCH_N_REGS ? input->regs[index] : 0, PINK_FORM_HEX);
      return PINK_SHOWN;
    }
  if (index >= pink_decode_n_arguments (input->row) || (index >= self.call->n_args && input->sp == 0))
    return PINK_LAST;
  place.value = index < self.call->n_args ? pink_decoder_arg (&self, index) : input->sp;
  shown = pink_decoder_type (&self, pink_calls[input->row].types[index], &place);
  if (shown == PINK_NOT_READ)
    {
      pink_tape_rewind (tape, mark);
      pink_decoder_address (&self, place.value);
      shown = PINK_SHOWN;
    }
  return shown;
}

static bool
type_waits (PinkDecoder *self, unsigned index)
{
  const PinkType *type = &pink_types[index];
  uint64_t outer[3];
  bool waits;

  switch (type->op)
    {
    case PINK_OP_POINTER:
      return type->form != PINK_DIR_IN;
    case PINK_OP_OUT_BUFFER:
      return true;
    case PINK_OP_WHEN:
      return type_waits (self, type->sub);
    case PINK_OP_UNION:
      set_params (self, type, outer);
      waits = type_waits (self, union_case (self, type));
      memcpy (self->params, outer, sizeof outer);
      return waits;
    default:
      return false;
    }
}

bool
pink_decode_waits (PinkDecodeInput *input, unsigned index)
{
  PinkDecoder self;

  begin (&self, input, NULL, index);
  if (self.call == NULL || index >= pink_decode_n_arguments (input->row))
    return false;
  return type_waits (&self, pink_calls[input->row].types[index]);
}

/* At the exit what the call writes, and what a function of its own may tell in another
 * way then. */
static bool
is_worth_a_look (PinkDecoder *self, unsigned index)
{
  const PinkType *type = &pink_types[index];

  switch (type->op)
    {
    case PINK_OP_NUMBER:
    case PINK_OP_ENUM:
    case PINK_OP_FLAGS:
    case PINK_OP_ADDRESS:
    case PINK_OP_NONE:
    case PINK_OP_HIDDEN:
      return false;
    case PINK_OP_WHEN:
      return is_worth_a_look (self, type->sub);
    case PINK_OP_SPECIAL:
      return true;
    default:
      return !self->input->exited || type_waits (self, index);
    }
}

bool
pink_decode_told_at_exit (PinkDecodeInput *input, unsigned index)
{
  PinkDecodeInput at_exit = *input;
  PinkDecoder self;

  at_exit.exited = true;
  begin (&self, &at_exit, NULL, index);
  return self.call != NULL && index < pink_decode_n_arguments (input->row) &&
         is_worth_a_look (&self, pink_calls[input->row].types[index]);
}

void
pink_decode_capture (PinkDecodeInput *input, unsigned index)
{
  PinkTape blank = { .blank = true };
  PinkDecoder self;

  begin (&self, input, &blank, index);
  if (self.call != NULL && index < pink_decode_n_arguments (input->row) &&
      is_worth_a_look (&self, pink_calls[input->row].types[index]))
    pink_decode_argument (input, index, &blank);
}

int
pink_decode_order (int row, unsigned n, const char **label)
{
  const PinkCall *call;

  *label = NULL;
  if (row < 0)
    return n < PINK_ARCH_N_REGS ? (int) n : -1;
  call = &pink_calls[row];
  if (n >= call->n_order)
    return -1;
  if (call->labels[n] != 0)
    *label = pink_decode_name (call->labels[n]);
  return call->order[n];
}

void
pink_decode_result (PinkDecodeInput *input, PinkTape *tape, PinkTape *aux)
{
  PinkDecoder self;
  PinkPlace place = { (uint64_t) input->result, NULL, 0, 0, true };
  uint64_t value = (uint64_t) input->result;
  PinkArgKind kind;

  begin (&self, input, tape, PINK_ARCH_N_REGS);
  kind = self.call != NULL ? (PinkArgKind) self.call->result : PINK_ARG_LONG;
  if (pink_arch_word_size (input->arch) == 4 &&
      (kind == PINK_ARG_POINTER || kind == PINK_ARG_HEX || kind == PINK_ARG_HEX32))
    value = (uint32_t) value;
  if (kind == PINK_ARG_NONE)
    return;
  self.tape = aux;
  if (self.call != NULL && pink_calls[input->row].result >= 0 &&
      pink_decoder_type (&self, (unsigned) pink_calls[input->row].result, &place) != PINK_SHOWN)
    pink_tape_rewind (aux, 0);
  self.tape = tape;
  if ((kind == PINK_ARG_FD && !self.plain_result) || self.fd_result)
    pink_decoder_fd (&self, (int) value, PINK_FORM_FD);
  else if (self.hex_result || kind == PINK_ARG_POINTER || kind == PINK_ARG_HEX || kind == PINK_ARG_HEX32)
    pink_tape_number (tape, value, PINK_FORM_HEX);
  else
    pink_tape_number (tape, value, kind == PINK_ARG_OCT ? PINK_FORM_MODE : PINK_FORM_SIGNED);
}

void
pink_decode_capture_result (PinkDecodeInput *input)
{
  PinkTape blank = { .blank = true }, aux = { .blank = true };

  if (input->row >= 0 && pink_calls[input->row].result >= 0 && !input->failed)
    pink_decode_result (input, &blank, &aux);
}
