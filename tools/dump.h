/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "style.h"

/* What a call that has returned has read or written, in hexadecimal, if -e read= or
 * -e write= asks for it; NULL where there is nothing. */
char *dump_call (const Style      *style,
                 PinkSyscallEvent *call);
