/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A GLib program as ours are: a GMainLoop, and a C handler on every entry and
 * exit. With --timer also a 10 ms timer in the same loop, and beside the loop a
 * thread that does nothing but sleep 10 ms at a time: as late as that one is,
 * the machine makes everybody; with --frames after it, 16 ms, as a display has it.
 * With --memory how much this process has of its own, once it has settled and at the
 * end. With --log there is no handler, but a log of a million rows.
 */
#include <pinktrace-glib/pinktrace-glib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define INTERVAL_MS 10
#define FRAME_MS    16
#define SETTLED_AFTER 100000 /* stops */

typedef struct
{
  gint64  begin;
  gint64  last;
  gint64  worst; /* µs over the interval between two ticks */
  guint64 n;
  GArray *late;  /* of gint64: the same of all */
} Ticks;

static guint interval_ms = INTERVAL_MS;

typedef struct
{
  GMainLoop *loop;
  guint64    n_stops;
  gboolean   ended;
  int        status;
  long       settled_kib;

  Ticks      timer;
  Ticks      control;
  gboolean   control_ends; /* atomic */
} Trace;

/* ---- ticks ---- */

static void
ticks_begin (Ticks *ticks)
{
  ticks->begin = ticks->last = g_get_monotonic_time ();
  ticks->late = g_array_new (FALSE, FALSE, sizeof (gint64));
}

static void
ticks_look (Ticks *ticks)
{
  gint64 now = g_get_monotonic_time ();
  gint64 late = now - ticks->last - interval_ms * 1000;

  ticks->worst = MAX (ticks->worst, late);
  g_array_append_val (ticks->late, late);
  ticks->last = now;
}

static gboolean
timer_cb (gpointer data)
{
  Trace *trace = data;

  ticks_look (&trace->timer);
  trace->timer.n++;
  return G_SOURCE_CONTINUE;
}

static gpointer
control_thread (gpointer data)
{
  Trace *trace = data;

  ticks_begin (&trace->control);
  while (!g_atomic_int_get (&trace->control_ends))
    {
      g_usleep (interval_ms * 1000);
      ticks_look (&trace->control);
      trace->control.n++;
    }
  return NULL;
}

static int
compare_late (gconstpointer a,
              gconstpointer b)
{
  const gint64 *one = a, *other = b;

  return (*one > *other) - (*one < *other);
}

/* The worst, how many, how long in all, and what 99 of 100 are not later than. */
static void
ticks_print (const Ticks *ticks,
             const char  *name)
{
  g_array_sort (ticks->late, compare_late);
  g_print ("%s %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
           name, ticks->worst, ticks->n, ticks->last - ticks->begin,
           g_array_index (ticks->late, gint64, (ticks->late->len - 1) * 99 / 100));
}

/* ---- memory ---- */

static long
own_kib (void)
{
  FILE *file = fopen ("/proc/self/status", "re");
  char line[200];
  long kib = 0;

  while (file != NULL && fgets (line, sizeof line, file) != NULL)
    if (sscanf (line, "RssAnon: %ld", &kib) == 1)
      break;
  if (file != NULL)
    fclose (file);
  return kib;
}

/* ---- trace ---- */

static void
stop_cb (PinkTracer       *tracer,
         PinkSyscallEvent *call,
         Trace            *trace)
{
  if (trace->n_stops++ == SETTLED_AFTER)
    trace->settled_kib = own_kib ();
}

static void
exited_cb (PinkTracer *tracer,
           PinkTracee *tracee,
           int         status,
           Trace      *trace)
{
  trace->ended = TRUE;
  trace->status = status;
}

static void
lost_cb (PinkTracer *tracer,
         PinkTracee *tracee,
         GError     *error,
         Trace      *trace)
{
  g_printerr ("ours: %s\n", error->message);
}

static void
finished_cb (PinkTracer *tracer,
             Trace      *trace)
{
  g_main_loop_quit (trace->loop);
}

static void
run_with_timer (Trace *trace)
{
  GThread *control = g_thread_new ("control", control_thread, trace);
  guint timer;

  ticks_begin (&trace->timer);
  timer = g_timeout_add (interval_ms, timer_cb, trace);
  g_main_loop_run (trace->loop);
  /* A timer that never ticked would otherwise have been on time. */
  ticks_look (&trace->timer);
  g_source_remove (timer);
  g_atomic_int_set (&trace->control_ends, TRUE);
  g_thread_join (control);
}

/* What comes before the program. */
static gboolean
take_option (int         *argc,
             char      ***argv,
             const char  *option)
{
  if (*argc < 2 || strcmp ((*argv)[1], option) != 0)
    return FALSE;
  (*argc)--;
  (*argv)++;
  return TRUE;
}

static void
log_print (PinkSyscallLog *log)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (log));

  g_print ("stops %u\n", 2 * n);
  g_print ("row %" G_GUINT64_FORMAT "\n", pink_syscall_log_get_n_bytes (log) / MAX (n, 1));
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (PinkTracer) tracer = NULL;
  g_autoptr (GError) error = NULL;
  Trace trace = { 0 };
  g_autoptr (PinkSyscallLog) log = NULL;
  gboolean with_log = take_option (&argc, &argv, "--log");
  gboolean with_timer = take_option (&argc, &argv, "--timer");
  gboolean with_frames = take_option (&argc, &argv, "--frames");
  gboolean with_memory = take_option (&argc, &argv, "--memory");
  const char * const *command = (const char * const *) argv + 1;

  if (argc < 2)
    {
      g_printerr ("Usage: ours [--log] [--timer [--frames]] [--memory] PROGRAM [ARGUMENT]...\n");
      return 2;
    }

  if (with_frames)
    interval_ms = FRAME_MS;
  trace.loop = g_main_loop_new (NULL, FALSE);
  tracer = pink_tracer_new ();
  if (with_log)
    {
      log = pink_syscall_log_new ();
      pink_tracer_add_log (tracer, log);
    }
  else
    {
      g_signal_connect (tracer, "syscall-enter", G_CALLBACK (stop_cb), &trace);
      g_signal_connect (tracer, "syscall-exit", G_CALLBACK (stop_cb), &trace);
    }
  g_signal_connect (tracer, "exited", G_CALLBACK (exited_cb), &trace);
  g_signal_connect (tracer, "tracee-lost", G_CALLBACK (lost_cb), &trace);
  g_signal_connect (tracer, "finished", G_CALLBACK (finished_cb), &trace);
  if (pink_tracer_spawn (tracer, command, &error) == NULL)
    {
      g_printerr ("ours: %s\n", error->message);
      return 1;
    }

  if (with_timer)
    run_with_timer (&trace);
  else
    g_main_loop_run (trace.loop);
  g_main_loop_unref (trace.loop);

  if (with_log)
    log_print (log);
  else
    g_print ("stops %" G_GUINT64_FORMAT "\n", trace.n_stops);
  if (with_memory)
    g_print ("memory %ld %ld\n", trace.settled_kib, own_kib ());
  if (with_timer)
    {
      ticks_print (&trace.timer, "timer");
      ticks_print (&trace.control, "control");
    }
  return trace.ended && WIFEXITED (trace.status) ? WEXITSTATUS (trace.status) : 1;
}
