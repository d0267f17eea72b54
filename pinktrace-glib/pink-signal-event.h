/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-types.h>

G_BEGIN_DECLS

#define PINK_TYPE_SIGNAL_EVENT (pink_signal_event_get_type ())
PINK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PinkSignalEvent, pink_signal_event, PINK, SIGNAL_EVENT, GObject)

PINK_AVAILABLE_IN_1_0
PinkTracee *pink_signal_event_get_tracee (PinkSignalEvent  *self);
PINK_AVAILABLE_IN_1_0
int         pink_signal_event_get_number (PinkSignalEvent  *self);
PINK_AVAILABLE_IN_1_0
const char *pink_signal_event_get_name   (PinkSignalEvent  *self);
PINK_AVAILABLE_IN_1_0
int         pink_signal_event_get_code   (PinkSignalEvent  *self);
PINK_AVAILABLE_IN_1_0
int         pink_signal_event_get_sender (PinkSignalEvent  *self);
PINK_AVAILABLE_IN_1_0
int         pink_signal_event_get_value  (PinkSignalEvent  *self);
PINK_AVAILABLE_IN_1_0
GBytes     *pink_signal_event_get_info   (PinkSignalEvent  *self);
PINK_AVAILABLE_IN_1_0
gboolean    pink_signal_event_set_info   (PinkSignalEvent  *self,
                                          GBytes           *info,
                                          GError          **error);
PINK_AVAILABLE_IN_1_0
gboolean    pink_signal_event_suppress   (PinkSignalEvent  *self,
                                          GError          **error);
PINK_AVAILABLE_IN_1_0
gboolean    pink_signal_event_replace    (PinkSignalEvent  *self,
                                          int               number,
                                          GError          **error);

G_END_DECLS
