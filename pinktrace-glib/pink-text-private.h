/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Bytes of a tracee as text, and what the caller has given where an error quotes it:
 * a file's name, or what C calls a name. They may be anything: nothing leaves the
 * library as UTF-8 without having been through here.
 */
#pragma once

#include <glib.h>

/* Reversible and always valid UTF-8: "\xff" for a byte that is not, "\\" for a backslash. */
char  *_pink_text_escape        (const char *bytes,
                                 gsize       length);
char  *_pink_text_escape_string (const char *string);
char **_pink_text_escape_all    (char **strings);
