/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * spawn N MIB: from a process of that size, how long it takes until a program runs:
 * by posix_spawn(), and traced by pink_tracer_spawn(), in turns. Prints each one's
 * N times, in nanoseconds.
 */
#include <pinktrace-glib/pinktrace-glib.h>

#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static const char * const argv_true[] = { "/bin/true", NULL };

static gint64
by_posix_spawn (void)
{
  gint64 begin = g_get_monotonic_time ();
  pid_t pid;

  if (posix_spawn (&pid, argv_true[0], NULL, NULL, (char **) argv_true, NULL) != 0)
    exit (1);
  begin = g_get_monotonic_time () - begin;
  waitpid (pid, NULL, 0);
  return begin;
}

static gint64
by_tracer (PinkTracer *tracer)
{
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  if (pink_tracer_spawn (tracer, argv_true, &error) == NULL)
    g_error ("%s", error->message);
  begin = g_get_monotonic_time () - begin;
  pink_tracer_run (tracer, NULL);
  return begin;
}

int
main (int    argc,
      char **argv)
{
  int n = argc == 3 ? atoi (argv[1]) : 0;
  gsize size = n > 0 ? (gsize) atol (argv[2]) << 20 : 0;
  g_autoptr (PinkTracer) tracer = NULL;
  char *memory;

  if (n <= 0)
    {
      g_printerr ("Usage: spawn N MIB\n");
      return 2;
    }
  memory = malloc (size + 1);
  if (memory == NULL)
    return 1;
  memset (memory, 1, size + 1);
  tracer = pink_tracer_new ();
  by_tracer (tracer);
  by_posix_spawn ();
  for (int i = 0; i < n; i++)
    {
      g_print ("posix_spawn %" G_GINT64_FORMAT "\n", by_posix_spawn () * 1000);
      g_print ("ours %" G_GINT64_FORMAT "\n", by_tracer (tracer) * 1000);
    }
  free (memory);
  return 0;
}
