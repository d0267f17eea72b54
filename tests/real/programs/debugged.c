/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int
twice (int n)
{
  return 2 * n;
}

int
main (void)
{
  int sum = 0;

  for (int i = 0; i < 5; i++)
    sum += twice (i);
  if (fork () == 0)
    _exit (3);
  wait (NULL);
  printf ("%d\n", sum);
  return sum != 20;
}
