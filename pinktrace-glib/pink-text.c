/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pink-text-private.h"

#include <string.h>

char *
_pink_text_escape (const char *bytes,
                   gsize       length)
{
  GString *text = g_string_sized_new (length + 1);
  const char *end = bytes + length;

  while (bytes < end)
    {
      const char *valid_end = NULL;

      g_utf8_validate_len (bytes, (gsize) (end - bytes), &valid_end);
      for (; bytes < valid_end; bytes++)
        if (*bytes == '\\')
          g_string_append (text, "\\\\");
        else
          g_string_append_c (text, *bytes);
      if (bytes < end)
        g_string_append_printf (text, "\\x%02x", (guchar) *bytes++);
    }
  return g_string_free (text, FALSE);
}

char *
_pink_text_escape_string (const char *string)
{
  return _pink_text_escape (string, strlen (string));
}

char **
_pink_text_escape_all (char **strings)
{
  guint n = g_strv_length (strings);
  char **escaped = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    escaped[i] = _pink_text_escape_string (strings[i]);
  return escaped;
}
