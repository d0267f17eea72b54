/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pink-variant-private.h"

#include "pink-text-private.h"

#include <string.h>

/* Deeper than any description goes; a tape comes from ours alone, but costs no trust. */
#define MAX_DEPTH 40
#define FDCWD (-100)

typedef struct
{
  const PinkTape *tape;
  const PinkArch *arch;
  size_t          offset;
  guint           depth;
  gboolean        has_event; /* looked at, and not taken yet */
  PinkTapeEvent   event;
} Reader;

static void read_value (Reader       *self,
                        GVariantDict *node);

static const PinkTapeEvent *
peek (Reader *self)
{
  if (!self->has_event)
    self->has_event = pink_tape_next (self->tape, &self->offset, &self->event);
  return self->has_event ? &self->event : NULL;
}

static void
take (Reader *self)
{
  self->has_event = FALSE;
}

static void
insert_text (GVariantDict        *node,
             const char          *key,
             const PinkTapeEvent *event)
{
  g_autofree char *text = _pink_text_escape (event->bytes, event->length);

  g_variant_dict_insert (node, key, "s", text);
}

/* ---- what has no parts ---- */

static gboolean
has_sign (unsigned form)
{
  return form == PINK_FORM_SIGNED || form == PINK_FORM_PID || form == PINK_FORM_SIGNAL;
}

static void
insert_number (GVariantDict *node,
               const char   *key,
               guint64       value,
               gboolean      is_signed)
{
  g_variant_dict_insert_value (node, key, is_signed ? g_variant_new_int64 ((gint64) value)
                                                    : g_variant_new_uint64 (value));
}

static void
read_number (Reader              *self,
             const PinkTapeEvent *event,
             GVariantDict        *node)
{
  const char *name;

  switch (event->form)
    {
    case PINK_FORM_FD:
    case PINK_FORM_DIRFD:
      insert_number (node, "descriptor", event->value, TRUE);
      if (event->form == PINK_FORM_DIRFD && (int) event->value == FDCWD)
        g_variant_dict_insert (node, "name", "s", "AT_FDCWD");
      break;
    case PINK_FORM_SIGNAL:
      insert_number (node, "enum", event->value, TRUE);
      name = self->arch != NULL ? pink_arch_signal_name (self->arch, (int) event->value) : NULL;
      if (name != NULL)
        g_variant_dict_insert (node, "name", "s", name);
      break;
    default:
      insert_number (node, "number", event->value, has_sign (event->form));
    }
}

static void
read_flags (Reader              *self,
            const PinkTapeEvent *begin,
            GVariantDict        *node)
{
  GVariantBuilder names = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);
  const PinkTapeEvent *event;

  insert_number (node, "flags", begin->value, FALSE);
  take (self);
  while ((event = peek (self)) != NULL && event->kind != PINK_TAPE_FLAGS_END)
    {
      if (event->kind == PINK_TAPE_NAME && event->value != 0)
        g_variant_builder_add_value (&names, g_variant_new_printf ("%u<<%s", (guint) event->value, event->name));
      else if (event->kind == PINK_TAPE_NAME)
        g_variant_builder_add (&names, "s", event->name);
      else if (event->kind == PINK_TAPE_REST)
        insert_number (node, "rest", event->value, FALSE);
      take (self);
    }
  g_variant_dict_insert_value (node, "names", g_variant_builder_end (&names));
}

static void
read_string (const PinkTapeEvent *event,
             GVariantDict        *node)
{
  gboolean is_abstract = (event->form & PINK_STRING_ABSTRACT) != 0;
  g_autofree char *text = _pink_text_escape (event->bytes, event->length);
  g_autofree char *marked = is_abstract ? g_strconcat ("@", text, NULL) : NULL;

  g_variant_dict_insert (node, "string", "s", is_abstract ? marked : text);
  g_variant_dict_insert_value (node, "bytes",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, event->bytes,
                                                          event->length, 1));
  g_variant_dict_insert (node, "truncated", "b", (event->form & PINK_STRING_CUT) != 0);
}

static void
read_descriptor (const PinkTapeEvent *event,
                 GVariantDict        *node)
{
  insert_number (node, "descriptor", event->value, TRUE);
  insert_text (node, "refers-to", event);
  if ((int) event->value == FDCWD)
    g_variant_dict_insert (node, "name", "s", "AT_FDCWD");
}

/* ---- what has parts ---- */

/* Up to the end of it, or of the tape. */
static gboolean
read_members (Reader          *self,
              GVariantBuilder *members)
{
  const PinkTapeEvent *event;
  gboolean more = FALSE;
  guint n_unnamed = 0;

  while ((event = peek (self)) != NULL && event->kind != PINK_TAPE_END)
    {
      g_autofree char *name = NULL;
      GVariantDict node;

      if (event->kind == PINK_TAPE_MORE)
        {
          more = TRUE;
          take (self);
          continue;
        }
      if (event->kind == PINK_TAPE_FIELD || event->kind == PINK_TAPE_KEY)
        {
          name = g_strdup (event->name);
          take (self);
        }
      else
        name = g_strdup_printf ("%u", n_unnamed++);
      g_variant_dict_init (&node, NULL);
      read_value (self, &node);
      g_variant_builder_add (members, "{sv}", name, g_variant_dict_end (&node));
    }
  return more;
}

static void
read_struct (Reader       *self,
             GVariantDict *node)
{
  GVariantBuilder members = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  gboolean more;

  take (self);
  more = read_members (self, &members);
  g_variant_dict_insert_value (node, "struct", g_variant_builder_end (&members));
  if (more)
    g_variant_dict_insert (node, "more", "b", TRUE);
}

static void
read_array (Reader       *self,
            GVariantDict *node)
{
  GVariantBuilder elements = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  const PinkTapeEvent *event;

  take (self);
  while ((event = peek (self)) != NULL && event->kind != PINK_TAPE_END)
    {
      GVariantDict element;

      if (event->kind == PINK_TAPE_MORE)
        {
          g_variant_dict_insert (node, "more", "b", TRUE);
          take (self);
          continue;
        }
      g_variant_dict_init (&element, NULL);
      if (event->kind == PINK_TAPE_INDEX)
        {
          insert_number (&element, "index", event->value, FALSE);
          take (self);
        }
      read_value (self, &element);
      g_variant_builder_add_value (&elements, g_variant_dict_end (&element));
    }
  g_variant_dict_insert_value (node, "array", g_variant_builder_end (&elements));
}

static void
read_set (Reader       *self,
          gboolean      inverted,
          GVariantDict *node)
{
  GVariantBuilder names = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_STRING_ARRAY);
  GVariantBuilder numbers = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("ax"));
  const PinkTapeEvent *event;

  take (self);
  while ((event = peek (self)) != NULL && event->kind != PINK_TAPE_END)
    {
      /* A line has the names without what all of them begin with. */
      g_autofree char *name = event->name != NULL
                              ? g_strconcat (event->prefix != NULL ? event->prefix : "", event->name, NULL)
                              : g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) event->value);

      g_variant_builder_add (&names, "s", name);
      g_variant_builder_add (&numbers, "x", (gint64) event->value);
      take (self);
    }
  g_variant_dict_insert_value (node, "numbers", g_variant_builder_end (&numbers));
  g_variant_dict_insert_value (node, "set", g_variant_builder_end (&names));
  g_variant_dict_insert (node, "inverted", "b", inverted);
}

static void
read_suffixes (Reader       *self,
               GVariantDict *node)
{
  const PinkTapeEvent *event;

  while ((event = peek (self)) != NULL)
    {
      if (event->kind == PINK_TAPE_COMMENT)
        {
          insert_text (node, "comment", event);
          take (self);
        }
      else if (event->kind == PINK_TAPE_CHANGE)
        {
          GVariantDict after;

          take (self);
          g_variant_dict_init (&after, NULL);
          read_value (self, &after);
          g_variant_dict_insert_value (node, "after", g_variant_dict_end (&after));
        }
      else
        return;
    }
}

/* Takes one event at least. */
static void
read_value (Reader       *self,
            GVariantDict *node)
{
  const PinkTapeEvent *event = peek (self);

  if (event == NULL)
    return;
  if (++self->depth <= MAX_DEPTH)
    switch (event->kind)
      {
      case PINK_TAPE_STRUCT:
        read_struct (self, node);
        break;
      case PINK_TAPE_ARRAY:
        read_array (self, node);
        break;
      case PINK_TAPE_SET:
        read_set (self, event->form != 0, node);
        break;
      case PINK_TAPE_NUMBER:
        read_number (self, event, node);
        break;
      case PINK_TAPE_ENUM:
        insert_number (node, "enum", event->value, has_sign (event->form));
        if (event->name != NULL)
          g_variant_dict_insert (node, "name", "s", event->name);
        break;
      case PINK_TAPE_FLAGS:
        read_flags (self, event, node);
        break;
      case PINK_TAPE_NAME:
        g_variant_dict_insert (node, "words", "s", event->name);
        break;
      case PINK_TAPE_STRING:
        read_string (event, node);
        break;
      case PINK_TAPE_ADDRESS:
        insert_number (node, "address", event->value, FALSE);
        break;
      case PINK_TAPE_WORDS:
        insert_number (node, "number", event->value, FALSE);
        insert_text (node, "words", event);
        break;
      case PINK_TAPE_FD:
        read_descriptor (event, node);
        break;
      default:
        break;
      }
  take (self);
  self->depth--;
  read_suffixes (self, node);
}

void
_pink_variant_begin (GVariantDict   *node,
                     const PinkTape *tape,
                     const PinkArch *arch)
{
  Reader self = { .tape = tape, .arch = arch };

  g_variant_dict_init (node, NULL);
  read_value (&self, node);
}

GVariant *
_pink_variant_members (const PinkTape *tape,
                       const PinkArch *arch)
{
  GVariantBuilder members = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  Reader self = { .tape = tape, .arch = arch };

  while (peek (&self) != NULL)
    {
      read_members (&self, &members);
      take (&self);
    }
  return g_variant_builder_end (&members);
}
