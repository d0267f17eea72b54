/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "style.h"

typedef void (*DumpFunc) (const char *text,
                          gpointer    data);

/* Hands on what a call that has returned has read or written, in hexadecimal, if -e read=
 * or -e write= asks for it, a piece at a time. */
void dump_call (const Style      *style,
                PinkSyscallEvent *call,
                DumpFunc          func,
                gpointer          data);
