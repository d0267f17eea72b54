/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The trace as strace prints it.
 */
#include "report.h"

#include <string.h>

typedef struct
{
  Report            base;
  Output           *output;
  guint             column;
  Quiet             quiet;
  PinkAbi           abi;     /* of the last call */
  PinkSyscallEvent *open;    /* entered, and not returned yet */
  GString          *begun;   /* of its line, what will not change any more */
  gsize             written; /* and as much of that is written */
} Lines;

static void
write_personality (Lines            *self,
                   PinkSyscallEvent *call)
{
  PinkAbi abi = pink_syscall_event_get_abi (call);
  g_autofree char *text = NULL;

  if (abi == self->abi)
    return;
  self->abi = abi;
  if (self->quiet & QUIET_PERSONALITY)
    return;
  text = g_strdup_printf ("[ Process PID=%d runs in %s mode. ]\n",
                          pink_tracee_get_pid (pink_syscall_event_get_tracee (call)),
                          report_abi_mode (abi));
  output_write (self->output, text, -1);
}

/* Of these the argument, counted from 0, is a buffer that the call fills: its text
 * is known at the exit. */
static const struct { const char *name; guint argument; } fillers[] = {
  { "fgetxattr", 2 }, { "flistxattr", 1 }, { "getcwd", 0 },
  { "getrandom", 0 }, { "getxattr", 2 }, { "lgetxattr", 2 },
  { "listxattr", 1 }, { "listxattrat", 3 }, { "llistxattr", 1 }, { "lookup_dcookie", 1 },
  { "mq_timedreceive", 1 }, { "mq_timedreceive_time64", 1 }, { "pread64", 1 }, { "read", 1 },
  { "readlink", 1 }, { "readlinkat", 2 }, { "recv", 1 }, { "recvfrom", 1 }, { "syslog", 1 },
};

static guint
n_known_arguments (PinkSyscallEvent *call)
{
  const char *name = pink_syscall_event_get_name (call);

  for (gsize i = 0; i < G_N_ELEMENTS (fillers); i++)
    if (g_str_equal (name, fillers[i].name))
      return fillers[i].argument;
  return G_MAXUINT;
}

/* "exit_group(0)", "read(0, " */
static void
begin (Lines            *self,
       PinkSyscallEvent *call)
{
  guint n = pink_syscall_event_get_n_arguments (call);
  guint n_known = n_known_arguments (call);

  if (n_known >= n)
    {
      g_autofree char *text = pink_syscall_event_get_call_text (call);

      g_string_assign (self->begun, text);
      return;
    }
  g_string_printf (self->begun, "%s(", pink_syscall_event_get_name (call));
  for (guint i = 0; i < n_known; i++)
    {
      g_autofree char *text = pink_syscall_event_get_argument_text (call, i);

      g_string_append (self->begun, text);
      g_string_append (self->begun, ", ");
    }
}

/* CALL is the whole of the call, perhaps written in part, RESULT what it returned. */
static void
write_line (Lines      *self,
            const char *call,
            const char *result)
{
  gsize length = strlen (call);
  g_autofree char *rest = NULL;

  /* A text that is not what it was at the entry gets a line of its own. */
  if (strncmp (call, self->begun->str, self->written) != 0)
    {
      output_write (self->output, " <unfinished ...>\n", -1);
      self->written = 0;
    }
  rest = g_strdup_printf ("%s %*s= %s\n", call + self->written,
                          length + 1 < self->column ? (int) (self->column - length - 1) : 0, "",
                          result);
  output_write (self->output, rest, -1);
  g_clear_object (&self->open);
  self->written = 0;
}

/* The call did not return, and will not. */
static void
write_open (Lines *self)
{
  if (self->open == NULL)
    return;
  if (self->begun->str[self->begun->len - 1] != ')')
    g_string_append (self->begun, " <unfinished ...>)");
  write_line (self, self->begun->str, "?");
}

static void
lines_entered (Report           *report,
               PinkSyscallEvent *call)
{
  Lines *self = (Lines *) report;

  write_open (self);
  write_personality (self, call);
  self->open = g_object_ref (call);
  begin (self, call);
  if (!output_is_immediate (self->output))
    return;

  /* A call may wait for long, and the program's own output may come before its
   * end: what is known is to be seen. */
  self->written = self->begun->len;
  if (self->begun->str[self->written - 1] == ')')
    self->written--;
  output_write (self->output, self->begun->str, (gssize) self->written);
  output_flush (self->output);
}

static void
lines_returned (Report           *report,
                PinkSyscallEvent *call)
{
  Lines *self = (Lines *) report;
  g_autofree char *text = pink_syscall_event_get_call_text (call);
  g_autofree char *result = pink_syscall_event_get_result_text (call);

  if (self->open != call)
    write_open (self);
  write_line (self, text, result);
  output_flush (self->output);
}

static void
lines_ended (Report     *report,
             PinkTracee *tracee)
{
  Lines *self = (Lines *) report;
  int number = pink_tracee_get_term_signal (tracee);
  g_autofree char *text = NULL;

  write_open (self);
  if (self->quiet & QUIET_EXIT)
    return;
  if (number != 0)
    text = g_strdup_printf ("+++ killed by %s%s +++\n", pink_signal_name (number),
                            pink_tracee_get_core_dumped (tracee) ? " (core dumped)" : "");
  else
    text = g_strdup_printf ("+++ exited with %d +++\n", pink_tracee_get_exit_code (tracee));
  output_write (self->output, text, -1);
  output_flush (self->output);
}

static void
lines_finish (Report *report)
{
  Lines *self = (Lines *) report;

  write_open (self);
  g_string_free (self->begun, TRUE);
  g_free (self);
}

Report *
lines_new (const Options *options,
           Output        *output)
{
  Lines *self = g_new0 (Lines, 1);

  self->base.entered = lines_entered;
  self->base.returned = lines_returned;
  self->base.ended = lines_ended;
  self->base.finish = lines_finish;
  self->output = output;
  self->column = options->column;
  self->quiet = options->quiet;
  self->abi = pink_abi_get_native ();
  self->begun = g_string_new (NULL);
  return &self->base;
}
