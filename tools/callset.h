/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What follows -e trace=: a set of system calls.
 */
#pragma once

#include <pinktrace-glib/pinktrace-glib.h>

typedef struct _CallSet CallSet;

CallSet *call_set_new_all (void);
CallSet *call_set_parse   (const char  *text,
                           GError     **error);
void     call_set_free    (CallSet     *self);

/* Whether a call of that name is in the set; NAME may be one that no table knows. */
gboolean call_set_contains (CallSet    *self,
                            const char *name);

/* The set as pink_syscall_expand() takes it. */
char   **call_set_get_words (CallSet *self);

/* Connects CALLBACK to SIGNAL of TRACER so that it is called for the calls of
 * the set, and perhaps for others: it has to ask call_set_contains() itself. */
void     call_set_connect  (CallSet    *self,
                            PinkTracer *tracer,
                            const char *signal,
                            GCallback   callback,
                            gpointer    data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CallSet, call_set_free)
