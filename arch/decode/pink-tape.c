/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pink-tape.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An event is this, and `length` bytes. */
typedef struct
{
  uint8_t     kind;
  uint8_t     form;
  uint32_t    length;
  uint64_t    value;
  const char *name;
  const char *prefix;
} Head;

/* Ends are written even when it is full, so that a reader sees what was begun closed. */
#define RESERVE (64 * sizeof (Head))

void
pink_tape_clear (PinkTape *self)
{
  free (self->data);
  *self = (PinkTape) { 0 };
}

size_t
pink_tape_mark (const PinkTape *self)
{
  return self->length;
}

size_t
pink_tape_begin (PinkTape *self)
{
  self->begin = self->length;
  self->full = false;
  return self->begin;
}

void
pink_tape_rewind (PinkTape *self, size_t mark)
{
  if (mark < self->length)
    self->length = mark;
  /* There is room again, for what is to stand there instead. */
  if (self->full && mark <= self->full_at)
    self->full = false;
}

static bool
make_room (PinkTape *self, size_t n, bool is_end)
{
  size_t limit = self->begin + PINK_TAPE_MAX + (is_end ? RESERVE : 0);
  size_t size = self->size > 0 ? self->size : 256;
  uint8_t *data;

  if (n > limit || self->length > limit - n)
    return false;
  while (size < self->length + n)
    size *= 2;
  if (size == self->size)
    return true;
  data = realloc (self->data, size);
  if (data == NULL)
    return false;
  self->data = data;
  self->size = size;
  return true;
}

static void
put (PinkTape *self, PinkTapeKind kind, unsigned form, uint64_t value, const char *name,
     const char *prefix, const void *bytes, size_t length)
{
  bool is_end = kind == PINK_TAPE_END || kind == PINK_TAPE_FLAGS_END;
  Head head;

  if (self->blank || (self->full && !is_end))
    return;
  if (!make_room (self, sizeof head + length, is_end))
    {
      if (!self->full && make_room (self, sizeof head, true))
        {
          self->full_at = self->length;
          memset (&head, 0, sizeof head);
          head.kind = PINK_TAPE_MORE;
          memcpy (self->data + self->length, &head, sizeof head);
          self->length += sizeof head;
        }
      self->full = true;
      return;
    }

  memset (&head, 0, sizeof head);
  head.kind = (uint8_t) kind;
  head.form = (uint8_t) form;
  head.length = (uint32_t) length;
  head.value = value;
  head.name = name;
  head.prefix = prefix;
  memcpy (self->data + self->length, &head, sizeof head);
  if (length > 0)
    memcpy (self->data + self->length + sizeof head, bytes, length);
  self->length += sizeof head + length;
}

void
pink_tape_plain (PinkTape *self, PinkTapeKind kind)
{
  put (self, kind, 0, 0, NULL, NULL, NULL, 0);
}

void
pink_tape_field (PinkTape *self, const char *name)
{
  put (self, PINK_TAPE_FIELD, 0, 0, name, NULL, NULL, 0);
}

void
pink_tape_number (PinkTape *self, uint64_t value, PinkForm form)
{
  put (self, PINK_TAPE_NUMBER, form, value, NULL, NULL, NULL, 0);
}

void
pink_tape_enum (PinkTape *self, uint64_t value, PinkForm form, const char *name, const char *prefix)
{
  put (self, PINK_TAPE_ENUM, form, value, name, prefix, NULL, 0);
}

void
pink_tape_value (PinkTape *self, PinkTapeKind kind, uint64_t value)
{
  put (self, kind, 0, value, NULL, NULL, NULL, 0);
}

void
pink_tape_name (PinkTape *self, PinkTapeKind kind, const char *name)
{
  put (self, kind, 0, 0, name, NULL, NULL, 0);
}

void
pink_tape_shifted (PinkTape *self, unsigned value, const char *name)
{
  put (self, PINK_TAPE_NAME, 0, value, name, NULL, NULL, 0);
}

void
pink_tape_rest (PinkTape *self, uint64_t value, const char *prefix)
{
  put (self, PINK_TAPE_REST, 0, value, NULL, prefix, NULL, 0);
}

void
pink_tape_string (PinkTape *self, const void *bytes, size_t length, unsigned form)
{
  put (self, PINK_TAPE_STRING, form, 0, NULL, NULL, bytes, length);
}

void
pink_tape_words (PinkTape *self, PinkTapeKind kind, uint64_t value, const char *text)
{
  if (!self->blank)
    put (self, kind, 0, value, NULL, NULL, text, strlen (text));
}

void
pink_tape_reopen (PinkTape *self)
{
  if (!self->full && self->length >= sizeof (Head))
    self->length -= sizeof (Head);
}

void
pink_tape_more_inside (PinkTape *self)
{
  if (self->full || self->length < sizeof (Head))
    return;
  pink_tape_reopen (self);
  pink_tape_plain (self, PINK_TAPE_MORE);
  pink_tape_plain (self, PINK_TAPE_END);
}

void
pink_tape_arguments (PinkTape *self)
{
  put (self, PINK_TAPE_STRUCT, 1, 0, NULL, NULL, NULL, 0);
}

void
pink_tape_key (PinkTape *self, const char *name)
{
  put (self, PINK_TAPE_KEY, 0, 0, name, NULL, NULL, 0);
}

void
pink_tape_named_words (PinkTape *self, uint64_t value, PinkForm form, const char *text)
{
  put (self, PINK_TAPE_WORDS, form + 1u, value, NULL, NULL, text, strlen (text));
}

void
pink_tape_set (PinkTape *self, bool inverted)
{
  put (self, PINK_TAPE_SET, inverted, 0, NULL, NULL, NULL, 0);
}

void
pink_tape_index (PinkTape *self, uint64_t value, const char *name)
{
  put (self, PINK_TAPE_INDEX, 0, value, name, NULL, NULL, 0);
}

void
pink_tape_comment (PinkTape *self, const char *format, ...)
{
  char text[256];
  va_list args;

  if (self->blank)
    return;
  va_start (args, format);
  vsnprintf (text, sizeof text, format, args);
  va_end (args);
  pink_tape_words (self, PINK_TAPE_COMMENT, 0, text);
}

bool
pink_tape_next (const PinkTape *self, size_t *offset, PinkTapeEvent *event)
{
  Head head;

  if (*offset + sizeof head > self->length)
    return false;
  memcpy (&head, self->data + *offset, sizeof head);
  *offset += sizeof head;
  if (head.length > self->length - *offset)
    return false;
  event->kind = (PinkTapeKind) head.kind;
  event->form = head.form;
  event->value = head.value;
  event->name = head.name;
  event->prefix = head.prefix;
  event->bytes = self->data + *offset;
  event->length = head.length;
  *offset += head.length;
  return true;
}
