/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * -e inject= and -e fault=.
 */
#pragma once

#include <pinktrace-glib/pinktrace-glib.h>

/* SET[:error=ERRNO|:retval=VALUE][:signal=SIG][:syscall=NAME][:delay_enter=DELAY]
 * [:delay_exit=DELAY][:when=EXPR]; of a fault only error and when. */
PinkRule *inject_parse (const char  *text,
                        gboolean     fault,
                        GError     **error);
