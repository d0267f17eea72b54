/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * For the program that gtkdoc-scangobj makes, to see the types as they are when
 * they run. Properties are described in doc comments and have no blurb, which
 * it would take for undocumented.
 */
#include <glib-object.h>

#define g_param_spec_get_blurb(pspec) ""
