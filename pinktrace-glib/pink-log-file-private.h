/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pinktrace-glib.h"

typedef gboolean (*PinkLogWriteFunc) (PinkSyscallLog  *self,
                                      GOutputStream   *stream,
                                      GCancellable    *cancellable,
                                      GError         **error);

/* The old file stays until all has been written. */
gboolean _pink_log_replace_file (PinkSyscallLog    *self,
                                 GFile             *file,
                                 PinkLogWriteFunc   write,
                                 GCancellable      *cancellable,
                                 GError           **error);
