/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * pinktrace: strace's lines, by this library.
 */
#include "interrupt.h"
#include "report.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The library's. A larger one is no mistake: it says "all of it". */
#define MAX_STRING_LIMIT 65536

typedef struct
{
  Options  options;
  Output  *output;
  Report  *report;
  GError  *lost;   /* why the end of the program was not seen */
  gboolean ended;
  int      status; /* of the program, as wait() gives it */
} Trace;

static void
syscall_enter_cb (PinkTracer       *tracer,
                  PinkSyscallEvent *call,
                  Trace            *trace)
{
  if (call_set_contains (trace->options.calls, pink_syscall_event_get_name (call)))
    trace->report->entered (trace->report, call);
}

static void
syscall_exit_cb (PinkTracer       *tracer,
                 PinkSyscallEvent *call,
                 Trace            *trace)
{
  if (call_set_contains (trace->options.calls, pink_syscall_event_get_name (call)))
    trace->report->returned (trace->report, call);
}

static void
exited_cb (PinkTracer *tracer,
           PinkTracee *tracee,
           int         status,
           Trace      *trace)
{
  trace->ended = TRUE;
  trace->status = status;
  if (trace->report->ended != NULL)
    trace->report->ended (trace->report, tracee);
}

static void
tracee_lost_cb (PinkTracer *tracer,
                PinkTracee *tracee,
                GError     *error,
                Trace      *trace)
{
  if (trace->lost == NULL)
    trace->lost = g_error_copy (error);
}

static void
connect_all (Trace      *trace,
             PinkTracer *tracer)
{
  if (trace->report->entered != NULL)
    call_set_connect (trace->options.calls, tracer, "syscall-enter",
                      G_CALLBACK (syscall_enter_cb), trace);
  call_set_connect (trace->options.calls, tracer, "syscall-exit",
                    G_CALLBACK (syscall_exit_cb), trace);
  g_signal_connect (tracer, "exited", G_CALLBACK (exited_cb), trace);
  g_signal_connect (tracer, "tracee-lost", G_CALLBACK (tracee_lost_cb), trace);
}

static Report *
report_new (Trace *trace)
{
  if (trace->options.summary)
    return summary_new (&trace->options, trace->output);
  if (trace->options.json)
    return json_new (&trace->options, trace->output);
  return lines_new (&trace->options, trace->output);
}

static PinkTracee *
spawn (const Options  *options,
       PinkTracer     *tracer,
       GError        **error)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();

  for (guint i = 0; i < options->environment->len; i++)
    {
      const char *variable = g_ptr_array_index (options->environment, i);
      const char *equals = strchr (variable, '=');

      if (equals != NULL)
        {
          g_autofree char *name = g_strndup (variable, (gsize) (equals - variable));

          pink_launcher_setenv (launcher, name, equals + 1, TRUE);
        }
      else
        pink_launcher_unsetenv (launcher, variable);
    }
  return pink_launcher_spawn (launcher, tracer, options->argv, error);
}

static gboolean
run (Trace   *trace,
     GError **error)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  const Options *options = &trace->options;
  PinkTracee *tracee;

  pink_tracer_set_string_limit (tracer, MIN (options->string_limit, MAX_STRING_LIMIT));
  pink_tracer_set_measure_cpu (tracer, options->summary && !options->wall_clock);
  connect_all (trace, tracer);

  tracee = spawn (options, tracer, error);
  if (tracee == NULL)
    return FALSE;
  interrupt_setup (options->interrupt, pink_tracee_get_pid (tracee), tracer);
  if (!pink_tracer_run (tracer, error))
    return FALSE;
  if (trace->lost != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&trace->lost));
      return FALSE;
    }
  return TRUE;
}

/* Also where the run failed: what was seen until then is worth having. */
static void
finish (Trace *trace)
{
  if (trace->report != NULL)
    trace->report->finish (trace->report);
  if (trace->output != NULL)
    output_close (trace->output);
  options_clear (&trace->options);
  g_clear_error (&trace->lost);
}

static int
fail (Trace  *trace,
      GError *error)
{
  finish (trace);
  g_printerr ("pinktrace: %s\n", error->message);
  g_error_free (error);
  return EXIT_FAILURE;
}

/* Else the library's own descriptors would get these numbers, and what is printed.
 * The program finds closed what was closed. */
static void
open_standard_descriptors (void)
{
  int fd;

  do
    fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0)
    close (fd);
}

int
main (int    argc,
      char **argv)
{
  Trace trace = { .output = NULL };
  GError *error = NULL;

  open_standard_descriptors ();

  /* Not LC_NUMERIC: the table is for programs, too. */
  setlocale (LC_CTYPE, "");
  setlocale (LC_MESSAGES, "");

  switch (options_parse (&trace.options, argc, argv, &error))
    {
    case OPTIONS_DONE:
      finish (&trace);
      return EXIT_SUCCESS;
    case OPTIONS_ERROR:
      return fail (&trace, error);
    case OPTIONS_RUN:
      break;
    }
  trace.output = output_new (trace.options.output, &error);
  if (trace.output == NULL)
    return fail (&trace, error);
  trace.report = report_new (&trace);
  if (!run (&trace, &error))
    return fail (&trace, error);
  finish (&trace);

  if (!trace.ended)
    {
      if (interrupt_get_signal () == 0)
        return EXIT_FAILURE;
      interrupt_die (interrupt_get_signal ());
    }
  if (WIFSIGNALED (trace.status))
    interrupt_die (WTERMSIG (trace.status));
  return WEXITSTATUS (trace.status);
}
