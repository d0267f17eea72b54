/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <glib.h>

#include <pinktrace-glib/pink-version.h>

#ifndef _PINK_EXTERN
# define _PINK_EXTERN extern
#endif

/* One a stable release. */

/**
 * PINK_VERSION_1_0:
 *
 * The version 1.0, as a value for %PINK_VERSION_MAX_ALLOWED.
 *
 * Since: 1.0
 */
#define PINK_VERSION_1_0 (G_ENCODE_VERSION (1, 0))

#if PINK_MINOR_VERSION % 2
# define PINK_VERSION_CUR_STABLE (G_ENCODE_VERSION (PINK_MAJOR_VERSION, PINK_MINOR_VERSION + 1))
#else
# define PINK_VERSION_CUR_STABLE (G_ENCODE_VERSION (PINK_MAJOR_VERSION, PINK_MINOR_VERSION))
#endif

/**
 * PINK_VERSION_MAX_ALLOWED:
 *
 * The newest version whose symbols a program means to use: %PINK_VERSION_1_0,
 * for example. A program that is to be built also where the library is older
 * defines this before it includes the header, and the compiler then warns of
 * every symbol that came later. Undefined, it is the version of the headers.
 *
 * Since: 1.0
 */
#ifndef PINK_VERSION_MAX_ALLOWED
# define PINK_VERSION_MAX_ALLOWED PINK_VERSION_CUR_STABLE
#endif

#if PINK_VERSION_MAX_ALLOWED < PINK_VERSION_1_0
# define PINK_AVAILABLE_IN_1_0 G_UNAVAILABLE (1, 0) _PINK_EXTERN
#else
# define PINK_AVAILABLE_IN_1_0 _PINK_EXTERN
#endif

G_BEGIN_DECLS

PINK_AVAILABLE_IN_1_0
const char *pink_get_version   (void);
PINK_AVAILABLE_IN_1_0
gboolean    pink_check_version (guint major,
                                guint minor,
                                guint micro);

G_END_DECLS
