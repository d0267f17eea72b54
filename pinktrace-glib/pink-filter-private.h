/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <linux/filter.h>

#include "pink-arch.h"
#include "pink-host.h"

/* A byte a row, the last for calls in no table. FALSE where it would be too long; else
 * program->filter is to be freed with g_free(). */
gboolean _pink_filter_new (const guint8       *rows,
                           struct sock_fprog  *program);
