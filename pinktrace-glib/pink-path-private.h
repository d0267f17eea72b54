/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which file a path of a tracee's means, seen from here.
 */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

#define PINK_PATH_CWD (-100) /* AT_FDCWD on every architecture */

/* What in /proc tells of a descriptor, or of PINK_PATH_CWD. */
char *_pink_path_proc_link (pid_t pid,
                            int   descriptor);

/* Absolute, its directories as the kernel would walk them (links and ".."
 * followed, the tracee's root taken into account), the last component as it is.
 * Where a directory on the way does not exist, joined but not walked. */
char *_pink_path_resolve (pid_t        pid,
                          int          dirfd,
                          const char  *path,
                          GError     **error);

/* What openat2() with RESOLVE_IN_ROOT does, of a directory: a descriptor opened
 * with O_PATH, or -1 with errno set. */
int _pink_path_walk (int         root,
                     const char *path);
