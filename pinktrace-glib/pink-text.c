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

char **
_pink_text_escape_all (char **strings)
{
  guint n = g_strv_length (strings);
  char **escaped = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    escaped[i] = _pink_text_escape (strings[i], strlen (strings[i]));
  return escaped;
}

static void
append_octal (GString *text,
              guchar   byte,
              gboolean digit_follows)
{
  /* As few digits as can be, unless the next character would be taken for one. */
  g_string_append_printf (text, digit_follows ? "\\%03o" : "\\%o", byte);
}

void
_pink_text_append_quoted (GString    *text,
                          const char *bytes,
                          gsize       length)
{
  g_string_append_c (text, '"');
  for (gsize i = 0; i < length; i++)
    {
      guchar byte = (guchar) bytes[i];

      switch (byte)
        {
        case '"':
        case '\\':
          g_string_append_c (text, '\\');
          g_string_append_c (text, (char) byte);
          break;
        case '\f': g_string_append (text, "\\f"); break;
        case '\n': g_string_append (text, "\\n"); break;
        case '\r': g_string_append (text, "\\r"); break;
        case '\t': g_string_append (text, "\\t"); break;
        case '\v': g_string_append (text, "\\v"); break;
        default:
          if (g_ascii_isprint (byte))
            g_string_append_c (text, (char) byte);
          else
            append_octal (text, byte, i + 1 < length && bytes[i + 1] >= '0' && bytes[i + 1] <= '7');
        }
    }
  g_string_append_c (text, '"');
}
