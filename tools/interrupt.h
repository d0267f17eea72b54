/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Ctrl-C and its like.
 */
#pragma once

#include "options.h"

/* To be called once the tracee exists: until then signals must be as we found
 * them, for it inherits that. */
void     interrupt_setup      (Interrupt   mode,
                               int         pid,
                               PinkTracer *tracer);

/* The signal that ended the trace before its tracee ended; 0 if none did. */
int      interrupt_get_signal (void);

/* Ends this process by the signal, so that our parent sees what it would have
 * seen of the program. */
G_NORETURN
void     interrupt_die        (int         number);
