/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * first LIBRARY: what it takes a program that has GIO already to load this one and to
 * make a tracer: nanoseconds, and KiB of memory that nobody else has.
 */
#include <gio/gio.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long
private_kib (void)
{
  FILE *file = fopen ("/proc/self/smaps_rollup", "re");
  char line[200];
  long sum = 0, value;

  while (file != NULL && fgets (line, sizeof line, file) != NULL)
    if (sscanf (line, "Private_Dirty: %ld", &value) == 1)
      sum += value;
  if (file != NULL)
    fclose (file);
  return sum;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GCancellable) warm = g_cancellable_new (); /* types and signals of GLib's own */
  gint64 begin;
  long memory;
  void *library, *tracer;
  void *(*new_tracer) (void);

  if (argc != 2)
    {
      fprintf (stderr, "Usage: first LIBRARY\n");
      return 2;
    }
  g_main_context_default ();
  memory = private_kib ();
  begin = g_get_monotonic_time ();
  library = dlopen (argv[1], RTLD_NOW);
  if (library == NULL)
    {
      fprintf (stderr, "%s\n", dlerror ());
      return 1;
    }
  *(void **) &new_tracer = dlsym (library, "pink_tracer_new");
  tracer = new_tracer ();
  begin = g_get_monotonic_time () - begin;
  printf ("first %lld %ld\n", (long long) begin * 1000, private_kib () - memory);
  g_object_unref (tracer);
  return 0;
}
