/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <gio/gio.h>

#include <pinktrace-glib/pink-version-macros.h>

G_BEGIN_DECLS

typedef struct _PinkLauncher     PinkLauncher;
typedef struct _PinkRule         PinkRule;
typedef struct _PinkSignalEvent  PinkSignalEvent;
typedef struct _PinkSyscallEvent PinkSyscallEvent;
typedef struct _PinkSyscallLog   PinkSyscallLog;
typedef struct _PinkTracee       PinkTracee;
typedef struct _PinkTracer       PinkTracer;

G_END_DECLS
