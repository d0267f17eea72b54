/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * filtered NAME PROGRAM [ARGUMENT]...: runs the program, untraced, with the filter that
 * it would have if just this call was chosen. What passes the filter costs as much as
 * in a tracee, without a tracer.
 */
#include "pinktrace-glib.h"

#include "pink-filter-private.h"

#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int
main (int    argc,
      char **argv)
{
  const char *chosen[] = { argc > 2 ? argv[1] : NULL, "clone", "clone3", "prctl", "seccomp", NULL };
  g_autofree guint8 *rows = g_malloc0 (pink_arch_n_syscalls () + 1);
  struct sock_fprog program;

  if (argc < 3)
    {
      fprintf (stderr, "Usage: filtered NAME PROGRAM [ARGUMENT]...\n");
      return 2;
    }
  for (unsigned row = 0; row < pink_arch_n_syscalls (); row++)
    rows[row] = g_strv_contains (chosen, pink_arch_syscall (row)->name);
  if (!_pink_filter_new (rows, &program) || prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
    {
      perror ("filtered");
      return 1;
    }
  execvp (argv[2], argv + 2);
  perror (argv[2]);
  return 1;
}
