/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * pinktrace: strace's lines, by this library.
 */
#include "interrupt.h"
#include "trace.h"

#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  Options  options;
  Output  *output; /* NULL with -ff, where each process has its own */
  Trace    trace;
} Tool;

static gboolean
open_output (Tool    *self,
             GError **error)
{
  if (self->options.separate)
    return TRUE;
  self->output = output_new (self->options.output, error);
  return self->output != NULL;
}

static void
add_reports (Tool *self)
{
  guint n = 0;

  if (self->options.json)
    self->trace.reports[n++] = json_new (&self->options, self->output);
  else if (self->options.summary != SUMMARY_ONLY)
    self->trace.reports[n++] = lines_new (&self->options, self->output);
  if (self->options.summary != SUMMARY_NONE)
    self->trace.reports[n++] = summary_new (&self->options, self->output);
}

/* Also where the run failed: what was seen until then is worth having. */
static void
finish (Tool *self)
{
  for (guint i = 0; self->trace.reports[i] != NULL; i++)
    self->trace.reports[i]->finish (self->trace.reports[i]);
  if (self->output != NULL)
    output_close (self->output);
  options_clear (&self->options);
}

/* An ERROR without words has been told of. */
static int
fail (Tool   *self,
      GError *error)
{
  finish (self);
  if (error->message[0] != '\0')
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
  Tool tool = { .output = NULL };
  GError *error = NULL;

  open_standard_descriptors ();

  /* Not LC_NUMERIC: the table is for programs, too. */
  setlocale (LC_CTYPE, "");
  setlocale (LC_MESSAGES, "");

  switch (options_parse (&tool.options, argc, argv, &error))
    {
    case OPTIONS_DONE:
      finish (&tool);
      return EXIT_SUCCESS;
    case OPTIONS_ERROR:
      return fail (&tool, error);
    case OPTIONS_RUN:
      break;
    }
  if (!open_output (&tool, &error))
    return fail (&tool, error);
  tool.trace.options = &tool.options;
  tool.trace.live = tool.output != NULL && output_is_immediate (tool.output);
  add_reports (&tool);
  if (!trace_run (&tool.trace, &error))
    return fail (&tool, error);
  finish (&tool);

  if (interrupt_get_signal () != 0)
    interrupt_die (interrupt_get_signal ());
  /* Nothing was started, or it was let go. */
  if (!tool.trace.ended)
    return EXIT_SUCCESS;
  if (WIFSIGNALED (tool.trace.status))
    interrupt_die (WTERMSIG (tool.trace.status));
  return WEXITSTATUS (tool.trace.status);
}
