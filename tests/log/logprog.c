/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is recorded: calls whose arguments tell which they are, and whose memory is
 * written over as soon as they have returned.
 *
 *   logprog opens:N        openat() of /nowhere/000000 and so on, which fail
 *   logprog threads:T:N    T threads, each N times lseek (-1000 - T, N, 0)
 *   logprog forks:T:N      the same by children
 *   logprog wait           a byte from standard input
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int n_each;

static void
opens (int n)
{
  char path[64];

  for (int i = 0; i < n; i++)
    {
      snprintf (path, sizeof path, "/nowhere/%06d", i);
      syscall (SYS_openat, AT_FDCWD, path, O_RDONLY);
      memset (path, 'x', sizeof path - 1);
    }
}

static void *
seek (void *data)
{
  long fd = -1000 - (long) data;

  for (long i = 0; i < n_each; i++)
    syscall (SYS_lseek, fd, i, 0);
  return NULL;
}

static void
threads (long n)
{
  pthread_t ids[64];

  for (long i = 0; i < n; i++)
    if (pthread_create (&ids[i], NULL, seek, (void *) i) != 0)
      exit (2);
  for (long i = 0; i < n; i++)
    pthread_join (ids[i], NULL);
}

static void
forks (long n)
{
  for (long i = 0; i < n; i++)
    if (fork () == 0)
      {
        seek ((void *) i);
        _exit (0);
      }
  while (wait (NULL) > 0)
    ;
}

int
main (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    {
      int n = 0;
      char byte;

      if (sscanf (argv[i], "opens:%d", &n) == 1)
        opens (n);
      else if (sscanf (argv[i], "threads:%d:%d", &n, &n_each) == 2)
        threads (n);
      else if (sscanf (argv[i], "forks:%d:%d", &n, &n_each) == 2)
        forks (n);
      else if (strcmp (argv[i], "wait") != 0)
        return 2;
      else if (read (0, &byte, 1) < 0)
        return 1;
    }
  return 0;
}
