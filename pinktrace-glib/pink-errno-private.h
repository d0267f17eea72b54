/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

#include "pink-arch.h"

#define PINK_MAX_ERRNO 4095

/* FALSE, and a complaint that ends with "fails with EPERM", if it is no errno's number. */
gboolean _pink_errno_check    (gint64           number,
                               GError         **complaint);
/* An errno of that ABI by name, or as scripts give it: by name or number. Where there
 * is none, a number below 1 and such a complaint. */
int      _pink_errno_of_name  (const PinkArch  *arch,
                               const char      *name,
                               GError         **complaint);
int      _pink_errno_of_value (const PinkArch  *arch,
                               const GValue    *value,
                               GError         **complaint);
