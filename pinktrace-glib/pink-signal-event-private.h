/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pinktrace-glib.h"

#include "engine/pink-engine.h"

PinkSignalEvent *_pink_signal_event_new (PinkTracee *tracee,
                                         int         number,
                                         const void *info);
/* The handlers have returned: what is to be delivered, 0 for nothing; a changed
 * siginfo is put into the slot (NULL if the tracee has ended). */
int              _pink_signal_event_decide (PinkSignalEvent *self,
                                            PinkSlot        *slot,
                                            gboolean        *changed);
