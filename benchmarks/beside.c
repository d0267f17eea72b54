/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A busy loop to run beside what is measured. It must not outlive that, whatever
 * becomes of the script that has started it: it dies with its parent, and of age.
 */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int
main (int    argc,
      char **argv)
{
  cpu_set_t cpus;

  if (argc != 3)
    {
      fprintf (stderr, "Usage: beside CPU SECONDS\n");
      return 2;
    }

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  alarm (strtoul (argv[2], NULL, 10));

  /* One on each CPU: left free, loops could share one and leave another idle. */
  CPU_ZERO (&cpus);
  CPU_SET (strtoul (argv[1], NULL, 10), &cpus);
  if (sched_setaffinity (0, sizeof cpus, &cpus) < 0)
    {
      perror ("beside: sched_setaffinity");
      return 1;
    }

  puts ("ready");
  fclose (stdout);
  for (;;)
    __asm__ volatile ("");
}
