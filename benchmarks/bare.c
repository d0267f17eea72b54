/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The least a tracer can do: wait for a stop, let the tracee go on. What ptrace
 * itself costs on this machine, without anything of ours.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int
fail (const char *what)
{
  fprintf (stderr, "bare: %s: %s\n", what, strerror (errno));
  return 1;
}

static int
run_child (char **argv)
{
  if (ptrace (PTRACE_TRACEME, 0, NULL, NULL) < 0)
    return fail ("PTRACE_TRACEME");
  /* The parent sets its options here, before the program's first call. */
  raise (SIGSTOP);
  execv (argv[0], argv);
  return fail (argv[0]);
}

/* The signal that the tracee is to get with its next step. */
static int
signal_to_deliver (int            status,
                   unsigned long *n_stops)
{
  int number = WSTOPSIG (status);

  if (number == (SIGTRAP | 0x80))
    {
      ++*n_stops;
      return 0;
    }
  /* The trap after an exec, and the stop it began with. */
  return number == SIGTRAP || number == SIGSTOP ? 0 : number;
}

int
main (int    argc,
      char **argv)
{
  unsigned long n_stops = 0;
  int status;
  pid_t pid;

  if (argc < 2)
    {
      fprintf (stderr, "Usage: bare PROGRAM [ARGUMENT]...\n");
      return 2;
    }

  pid = fork ();
  if (pid < 0)
    return fail ("fork");
  if (pid == 0)
    _exit (run_child (argv + 1));

  if (wait4 (pid, &status, __WALL, NULL) != pid)
    return fail ("wait4");
  if (!WIFSTOPPED (status))
    return 1; /* it has said why */
  if (ptrace (PTRACE_SETOPTIONS, pid, NULL,
              (void *) (PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) < 0)
    return fail ("PTRACE_SETOPTIONS");

  while (WIFSTOPPED (status))
    {
      long number = signal_to_deliver (status, &n_stops);

      if (ptrace (PTRACE_SYSCALL, pid, NULL, (void *) number) < 0)
        return fail ("PTRACE_SYSCALL");
      if (wait4 (pid, &status, __WALL, NULL) != pid)
        return fail ("wait4");
    }

  printf ("stops %lu\n", n_stops);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 1;
}
