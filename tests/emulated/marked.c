/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the small tracer traces: marked CASE makes one call that is known in advance,
 * after a mark, and tells by its exit status what it saw: 0 as it should be, 1 not.
 *
 * Built for every ABI, static. Nothing here may depend on which.
 */
#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "marked.h"

static void
mark (void)
{
  syscall (SYS_dup, MARK);
}

static int
with_error (long result, int error)
{
  return result == -1 && errno == error;
}

static int
go (const char *which)
{
  errno = 0;

  if (strcmp (which, "error") == 0)
    {
      mark ();
      return with_error (syscall (SYS_openat, -100, MARKED_PATH, MARKED_FLAGS, MARKED_MODE,
                                  (long) MARKED_FIFTH, (long) MARKED_SIXTH), ENOENT);
    }
  if (strcmp (which, "result") == 0)
    {
      syscall (SYS_umask, 022);
      mark ();
      return syscall (SYS_umask, 027) == 022;
    }
  if (strcmp (which, "number") == 0) /* the tracer makes getpid() of it */
    {
      mark ();
      return syscall (SYS_getppid) == getpid ();
    }
  if (strcmp (which, "skip-error") == 0)
    {
      mark ();
      return with_error (syscall (SYS_umask, 027), EXDEV);
    }
  if (strcmp (which, "skip-result") == 0)
    {
      mark ();
      return syscall (SYS_openat, -100, MARKED_PATH, 0, 0) == FORGED_RESULT;
    }
  if (strcmp (which, "argument-0") == 0) /* 0123 */
    {
      mark ();
      syscall (SYS_umask, 027);
      return syscall (SYS_umask, 022) == 0123;
    }
  if (strcmp (which, "argument-1") == 0) /* 57 */
    {
      mark ();
      return syscall (SYS_dup3, 1, 56, 0) == 57;
    }
  if (strcmp (which, "exit-result") == 0)
    {
      mark ();
      return syscall (SYS_openat, -100, MARKED_PATH, 0, 0) == FORGED_RESULT;
    }
  if (strcmp (which, "exit-error") == 0)
    {
      mark ();
      return with_error (syscall (SYS_umask, 027), EXDEV);
    }
  return 0;
}

int
main (int argc, char **argv)
{
  return argc == 2 && go (argv[1]) ? EXIT_SUCCESS : EXIT_FAILURE;
}
