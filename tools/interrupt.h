/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Ctrl-C and its like.
 */
#pragma once

#include "options.h"

/* To be called once the program exists: until then signals must be as we found
 * them, for it inherits that. PID: the program, 0 if there is none. The first
 * signal is passed on to it, and CALLBACK called in the main loop; the second
 * one ends us at once. */
void     interrupt_setup      (Interrupt   mode,
                               int         pid,
                               void      (*callback) (gpointer data),
                               gpointer    data);

/* The signal that has interrupted the trace; 0 if none did. */
int      interrupt_get_signal (void);

/* Ends this process by the signal, so that our parent sees what it would have
 * seen of the program. */
G_NORETURN
void     interrupt_die        (int         number);
