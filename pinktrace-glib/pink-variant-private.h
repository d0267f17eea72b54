/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tape as data: the form is told with pink_syscall_event_to_variant().
 */
#pragma once

#include "pink-decode.h"

#include <glib.h>

/* NODE becomes what is on the tape; empty where there is nothing. ARCH may be NULL. */
void      _pink_variant_begin   (GVariantDict   *node,
                                 const PinkTape *tape,
                                 const PinkArch *arch);
/* What is on the tape outside of any structure, as a structure's members: a{sv}. */
GVariant *_pink_variant_members (const PinkTape *tape,
                                 const PinkArch *arch);
