/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a line begins with: whose it is, and the time.
 */
#pragma once

#include "options.h"

typedef struct
{
  guint    absolute; /* -t, -tt, -ttt */
  gboolean relative;
  gint64   last;     /* µs, of the line before; 0 if there was none */
} Leader;

/* PID: 0 if it is not to be shown; BRACKETS: "[pid 5] " and not "5 ". */
void leader_append (Leader   *self,
                    GString  *text,
                    int       pid,
                    gboolean  brackets);
