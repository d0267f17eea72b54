/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Errnos as people give them.
 */
#include "pinktrace-glib.h"

#include "pink-errno-private.h"
#include "pink-text-private.h"

gboolean
_pink_errno_check (gint64   number,
                   GError **complaint)
{
  if (number >= 1 && number <= PINK_MAX_ERRNO)
    return TRUE;
  g_set_error (complaint, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
               "%" G_GINT64_FORMAT " is no errno: they are 1 to %d; the call fails with EPERM",
               number, PINK_MAX_ERRNO);
  return FALSE;
}

int
_pink_errno_of_name (const PinkArch  *arch,
                     const char      *name,
                     GError         **complaint)
{
  int number = arch != NULL ? pink_arch_errno_number (arch, name) : pink_errno_from_name (name);

  if (number <= 0)
    {
      g_autofree char *shown = _pink_text_escape_string (name);

      g_set_error (complaint, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "\"%s\" is not the name of an errno; the call fails with EPERM", shown);
    }
  return number;
}

int
_pink_errno_of_value (const PinkArch  *arch,
                      const GValue    *value,
                      GError         **complaint)
{
  g_auto (GValue) number = G_VALUE_INIT;
  const char *name;
  gint64 given;

  if (G_VALUE_HOLDS_STRING (value))
    {
      name = g_value_get_string (value);
      return _pink_errno_of_name (arch, name != NULL ? name : "", complaint);
    }
  g_value_init (&number, G_TYPE_INT64);
  if (g_value_transform (value, &number))
    {
      given = g_value_get_int64 (&number);
      return _pink_errno_check (given, complaint) ? (int) given : -1;
    }
  g_set_error (complaint, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
               "An errno is given by its name or its number, not as a %s; the call fails with EPERM",
               G_VALUE_TYPE_NAME (value));
  return -1;
}
