/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which file a path of a tracee's means, seen from here.
 */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

#define PINK_PATH_CWD (-100) /* AT_FDCWD on every architecture */

/* Whose eyes a path is walked with. */
typedef struct
{
  pid_t pid;  /* of the thread that makes the call */
  int   root; /* its root directory, opened with O_PATH */
} PinkPathView;

/* What in /proc tells of a descriptor, or of PINK_PATH_CWD. */
char *_pink_path_proc_link (pid_t pid,
                            int   descriptor);

/* Absolute, its directories as the kernel would walk them (links and ".."
 * followed, the tracee's root taken into account, "self" in a /proc the tracee's),
 * the last component as it is. Where a directory on the way does not exist, joined but
 * not walked. */
char *_pink_path_resolve (pid_t        pid,
                          int          dirfd,
                          const char  *path,
                          GError     **error);

/* The directory that a path means, which begins at start: a descriptor opened with
 * O_PATH, or -1 with errno set. untold: it comes through a /proc in which the tracee may
 * get further than we do. */
int _pink_path_walk (const PinkPathView *view,
                     int                 start,
                     const char         *path,
                     gboolean           *untold);

/* ---- pink-path-proc.c ---- */

gboolean _pink_path_is_proc       (int fd);
gboolean _pink_path_is_proc_root  (int fd);
/* FALSE also where it cannot be told. */
gboolean _pink_path_is_same_mount (int a,
                                   int b);
/* What "self" or "thread-self" in a /proc, its root directory, is to this task: a
 * descriptor opened with O_PATH, or -1 with ESRCH. */
int      _pink_path_open_self     (int      proc,
                                   pid_t    pid,
                                   gboolean thread);
