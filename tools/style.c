/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "style.h"

#include <string.h>

typedef enum
{
  QUALIFIER_ABBREV,
  QUALIFIER_VERBOSE,
  QUALIFIER_RAW,
  QUALIFIER_READ,
  QUALIFIER_WRITE,
  QUALIFIER_DECODE_FDS
} Qualifier;

static const struct
{
  const char *name;
  Qualifier   which;
} qualifiers[] = {
  { "abbrev", QUALIFIER_ABBREV }, { "a", QUALIFIER_ABBREV },
  { "verbose", QUALIFIER_VERBOSE }, { "v", QUALIFIER_VERBOSE },
  { "raw", QUALIFIER_RAW }, { "x", QUALIFIER_RAW },
  { "read", QUALIFIER_READ }, { "reads", QUALIFIER_READ }, { "r", QUALIFIER_READ },
  { "write", QUALIFIER_WRITE }, { "writes", QUALIFIER_WRITE }, { "w", QUALIFIER_WRITE },
  { "decode-fds", QUALIFIER_DECODE_FDS }, { "decode-fd", QUALIFIER_DECODE_FDS }
};

static gboolean
fail (GError     **error,
      const char  *what,
      const char  *text)
{
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT, "invalid %s: '%s'", what,
               text);
  return FALSE;
}

static gboolean
parse_calls (CallSet     **set,
             const char   *text,
             GError      **error)
{
  CallSet *calls = call_set_parse (text, error);

  if (calls == NULL)
    return FALSE;
  g_clear_pointer (set, call_set_free);
  *set = calls;
  return TRUE;
}

/* "3,4", "!1", "all", "none" */
static gboolean
parse_descriptors (Descriptors  *self,
                   const char   *text,
                   GError      **error)
{
  gboolean inverted = text[0] == '!';
  g_auto (GStrv) words = g_strsplit (text + inverted, ",", -1);

  g_clear_pointer (&self->numbers, g_array_unref);
  self->numbers = g_array_new (FALSE, FALSE, sizeof (int));
  self->given = TRUE;
  self->inverted = inverted;
  if (g_str_equal (text + inverted, "all") || g_str_equal (text + inverted, "none"))
    {
      self->inverted = inverted == g_str_equal (text + inverted, "none");
      return TRUE;
    }
  if (words[0] == NULL)
    return fail (error, "descriptor", text);
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint64 number;
      int descriptor;

      if (!g_ascii_string_to_unsigned (words[i], 10, 0, G_MAXINT, &number, NULL))
        return fail (error, "descriptor", words[i]);
      descriptor = (int) number;
      g_array_append_val (self->numbers, descriptor);
    }
  return TRUE;
}

gboolean
descriptors_contain (const Descriptors *self,
                     int                number)
{
  for (guint i = 0; self->given && i < self->numbers->len; i++)
    if (g_array_index (self->numbers, int, i) == number)
      return !self->inverted;
  return self->given && self->inverted;
}

/* ---- the options ---- */

gboolean
style_has_qualifier (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (qualifiers); i++)
    if (g_str_equal (name, qualifiers[i].name))
      return TRUE;
  return FALSE;
}

gboolean
style_parse_constants (Style       *self,
                       const char  *text,
                       GError     **error)
{
  static const struct
  {
    const char    *name;
    PinkTextFlags  flags;
  } forms[] = {
    { "raw", PINK_TEXT_NUMBERS }, { "abbrev", PINK_TEXT_DEFAULT }, { "verbose", PINK_TEXT_BOTH }
  };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_str_equal (text, forms[i].name))
      {
        self->flags = (self->flags & ~(guint) (PINK_TEXT_NUMBERS | PINK_TEXT_BOTH)) | forms[i].flags;
        return TRUE;
      }
  return fail (error, "-X argument", text);
}

gboolean
style_parse_hex (Style       *self,
                 const char  *text,
                 GError     **error)
{
  if (text == NULL)
    self->flags |= self->flags & PINK_TEXT_HEX_UNUSUAL ? PINK_TEXT_HEX : PINK_TEXT_HEX_UNUSUAL;
  else if (g_str_equal (text, "all"))
    self->flags |= PINK_TEXT_HEX;
  else if (g_str_equal (text, "non-ascii"))
    self->flags |= PINK_TEXT_HEX_UNUSUAL;
  else if (g_str_equal (text, "none"))
    self->flags &= ~(guint) (PINK_TEXT_HEX | PINK_TEXT_HEX_UNUSUAL);
  else
    return fail (error, "--strings-in-hex argument", text);
  return TRUE;
}

gboolean
style_parse_descriptors (Style       *self,
                         const char  *text,
                         GError     **error)
{
  g_auto (GStrv) words = text != NULL ? g_strsplit (text, ",", -1) : NULL;

  if (text == NULL)
    self->flags |= self->flags & PINK_TEXT_DESCRIPTORS ? PINK_TEXT_DESCRIPTOR_DETAILS
                                                       : PINK_TEXT_DESCRIPTORS;
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    {
      if (g_str_equal (words[i], "none"))
        self->flags &= ~(guint) (PINK_TEXT_DESCRIPTORS | PINK_TEXT_DESCRIPTOR_DETAILS);
      else if (g_str_equal (words[i], "path"))
        self->flags |= PINK_TEXT_DESCRIPTORS;
      else if (g_str_equal (words[i], "all"))
        self->flags |= PINK_TEXT_DESCRIPTORS | PINK_TEXT_DESCRIPTOR_DETAILS;
      else
        return fail (error, "decode-fds", words[i]);
    }
  return TRUE;
}

gboolean
style_parse_qualifier (Style       *self,
                       const char  *name,
                       const char  *text,
                       GError     **error)
{
  guint i = 0;

  while (!g_str_equal (name, qualifiers[i].name))
    i++;
  switch (qualifiers[i].which)
    {
    case QUALIFIER_ABBREV:
      return parse_calls (&self->abbrev, text, error);
    case QUALIFIER_VERBOSE:
      return parse_calls (&self->verbose, text, error);
    case QUALIFIER_RAW:
      return parse_calls (&self->raw, text, error);
    case QUALIFIER_READ:
      return parse_descriptors (&self->read, text, error);
    case QUALIFIER_WRITE:
      return parse_descriptors (&self->write, text, error);
    case QUALIFIER_DECODE_FDS:
      return style_parse_descriptors (self, text, error);
    default:
      g_assert_not_reached ();
    }
}

void
style_clear (Style *self)
{
  g_clear_pointer (&self->abbrev, call_set_free);
  g_clear_pointer (&self->verbose, call_set_free);
  g_clear_pointer (&self->raw, call_set_free);
  g_clear_pointer (&self->read.numbers, g_array_unref);
  g_clear_pointer (&self->write.numbers, g_array_unref);
}

/* ---- what they mean for a call ---- */

gboolean
style_is_by_call (const Style *self)
{
  return self->abbrev != NULL || self->verbose != NULL || self->raw != NULL;
}

PinkTextFlags
style_flags_of (const Style *self,
                const char  *name)
{
  PinkTextFlags flags = self->flags;

  if (self->abbrev != NULL && !call_set_contains (self->abbrev, name))
    flags |= PINK_TEXT_VERBOSE;
  if (self->verbose != NULL && !call_set_contains (self->verbose, name))
    flags |= PINK_TEXT_ADDRESSES;
  if (self->raw != NULL && call_set_contains (self->raw, name))
    flags |= PINK_TEXT_RAW;
  return flags;
}
