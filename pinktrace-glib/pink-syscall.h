/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-abi.h>

G_BEGIN_DECLS

PINK_AVAILABLE_IN_1_0
const char  *pink_syscall_name      (PinkAbi              abi,
                                     guint64              number);
PINK_AVAILABLE_IN_1_0
gint64       pink_syscall_from_name (PinkAbi              abi,
                                     const char          *name);
PINK_AVAILABLE_IN_1_0
char       **pink_syscall_expand    (const char * const  *names,
                                     GError             **error);
PINK_AVAILABLE_IN_1_0
const char  *pink_errno_name        (int                  number);
PINK_AVAILABLE_IN_1_0
int          pink_errno_from_name   (const char          *name);
PINK_AVAILABLE_IN_1_0
const char  *pink_signal_name       (int                  number);
PINK_AVAILABLE_IN_1_0
int          pink_signal_from_name  (const char          *name);

G_END_DECLS
