/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A program of many busy threads, attached to and let go.
 */
#pragma once

#include "tree-util.h"

#define THREADS 20

void tree_wait_value (guint *value, guint wanted, const char *what);
void busy_wait_untraced (int pid);
gboolean busy_is_all_traced (gpointer data);
gboolean busy_are_all_stopped (gpointer data);
int busy_start (TreeShared *shared, const char *churn);
void busy_end_well (TreeShared *shared, int pid);
void busy_detach (PinkTracer *tracer, int pid, gboolean leave_stopped);
