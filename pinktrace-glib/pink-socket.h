/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <glib.h>

#include <pinktrace-glib/pink-version-macros.h>

G_BEGIN_DECLS

PINK_AVAILABLE_IN_1_0
const char *pink_socket_family_name       (int         family);
PINK_AVAILABLE_IN_1_0
int         pink_socket_family_from_name  (const char *name);
PINK_AVAILABLE_IN_1_0
const char *pink_socket_subcall_name      (int         subcall);
PINK_AVAILABLE_IN_1_0
int         pink_socket_subcall_from_name (const char *name);

G_END_DECLS
