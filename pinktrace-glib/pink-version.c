/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

/**
 * SECTION:pink-version
 * @title: Version information
 * @short_description: which version of the library this is
 *
 * The macros tell the version of the headers a program was compiled with, the
 * functions that of the library it runs with.
 */

/**
 * pink_get_version:
 *
 * The version of the library that is running. Callable from any thread.
 *
 * Returns: "1.0.0", for example
 *
 * Since: 1.0
 */
const char *
pink_get_version (void)
{
  return PINK_VERSION_S;
}

/**
 * pink_check_version:
 * @major: the major version to ask for
 * @minor: the minor version to ask for
 * @micro: the micro version to ask for
 *
 * Whether the library that is running is of this version or a later one.
 * PINK_CHECK_VERSION() asks the same of the headers. Callable from any thread.
 *
 * Returns: %TRUE if so
 *
 * Since: 1.0
 */
gboolean
pink_check_version (guint major,
                    guint minor,
                    guint micro)
{
  const guint is[3] = { PINK_MAJOR_VERSION, PINK_MINOR_VERSION, PINK_MICRO_VERSION };
  const guint want[3] = { major, minor, micro };

  for (guint i = 0; i < G_N_ELEMENTS (is); i++)
    if (is[i] != want[i])
      return is[i] > want[i];
  return TRUE;
}
