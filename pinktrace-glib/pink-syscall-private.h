/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A byte a row of the table of system calls: in the set that the names describe, see
 * pink_syscall_expand(), or not. The last is for calls that are in no table, which
 * only a set that begins with all has. */
gboolean _pink_syscall_mark (const char * const  *names,
                             guint8              *marks,
                             GError             **error);
