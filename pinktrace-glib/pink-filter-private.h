/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <linux/filter.h>

#include "pink-arch.h"
#include "pink-host.h"

/* What the kernel says with a stop that is ours, if the tracee has no filter that
 * says the same. */
#define PINK_FILTER_COOKIE 0x7069

/* A byte a row, the last for calls in no table. FALSE where it would be too long; else
 * program->filter is to be freed with g_free(). */
gboolean _pink_filter_new (const guint8       *rows,
                           struct sock_fprog  *program);
