/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the kernel tells of a signal, in strace's form.
 */
#pragma once

#include <pinktrace-glib/pinktrace-glib.h>

/* "{si_signo=SIGUSR1, si_code=SI_USER, si_pid=1, si_uid=0}" */
char *siginfo_to_string (PinkSignalEvent *event);
