/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Where the trace is written to.
 */
#pragma once

#include <gio/gio.h>

typedef struct _Output Output;

Output  *output_new          (const char  *target,
                              GError     **error);
void     output_close        (Output      *self);

/* Whether someone may be looking on, so that half a line is worth writing. */
gboolean output_is_immediate (Output      *self);

void     output_write        (Output      *self,
                              const char  *text,
                              gssize       length);
/* To be called where the tracee is about to go on: what was written is seen
 * before what the tracee does next, if somebody looks on, and soon otherwise. */
void     output_flush        (Output      *self);
