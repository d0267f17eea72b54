/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The trace as strace prints it.
 */
#include "dump.h"
#include "leader.h"
#include "report.h"
#include "siginfo.h"

#include <string.h>

/* A tracee, and the line it is in. Of all that write to one output only one has
 * a line begun there: when another comes between, the line is ended as
 * unfinished, and taken up again later. */
typedef struct
{
  PinkTracee       *tracee;
  int               pid;
  Output           *output;  /* NULL where its file could not be made */
  PinkAbi           abi;     /* of the last call */
  PinkSyscallEvent *open;    /* entered, and not returned yet */
  GString          *leader;  /* of its line, while that is kept back, see is_staged() */
  GString          *begun;   /* of its line, what will not change any more */
  guint             column;  /* that the line has reached; 0 if none is begun */
  gboolean          reprint; /* the begin of the line is in another file */
} Thread;

typedef struct
{
  Report         base;
  const Options *options;
  Output        *output;     /* NULL with -ff */
  GHashTable    *threads;    /* of Thread, by PinkTracee */
  Thread        *printing;   /* who has written last */
  Leader         leader;
  gboolean       always_pid; /* into a file: every line has it, or none */
} Lines;

/* ---- threads ---- */

static Output *
own_output (Lines *self,
            int    pid)
{
  g_autofree char *name = g_strdup_printf ("%s.%d", self->options->output, pid);
  GError *error = NULL;
  Output *output = output_new (name, &error);

  /* The program is not to suffer from it. */
  if (output == NULL)
    g_printerr ("pinktrace: %s\n", error->message);
  g_clear_error (&error);
  return output;
}

static Thread *
thread_new (Lines      *self,
            PinkTracee *tracee)
{
  Thread *thread = g_new0 (Thread, 1);
  PinkTracee *parent = pink_tracee_get_parent (tracee);
  Thread *origin = parent != NULL ? g_hash_table_lookup (self->threads, parent) : NULL;

  thread->tracee = g_object_ref (tracee);
  thread->pid = pink_tracee_get_pid (tracee);
  thread->abi = origin != NULL ? origin->abi : pink_abi_get_native ();
  thread->output = self->output != NULL ? self->output : own_output (self, thread->pid);
  thread->leader = g_string_new (NULL);
  thread->begun = g_string_new (NULL);
  g_hash_table_insert (self->threads, tracee, thread);
  if (g_hash_table_size (self->threads) > 1 && self->options->output != NULL)
    self->always_pid = TRUE;
  return thread;
}

static Thread *
thread_of (Lines      *self,
           PinkTracee *tracee)
{
  Thread *thread = g_hash_table_lookup (self->threads, tracee);

  return thread != NULL ? thread : thread_new (self, tracee);
}

static void
thread_free (gpointer data)
{
  Thread *thread = data;

  g_clear_object (&thread->open);
  g_object_unref (thread->tracee);
  g_string_free (thread->leader, TRUE);
  g_string_free (thread->begun, TRUE);
  g_free (thread);
}

static void
drop (Lines  *self,
      Thread *thread)
{
  if (self->printing == thread)
    self->printing = NULL;
  if (self->output == NULL && thread->output != NULL)
    output_close (thread->output);
  g_hash_table_remove (self->threads, thread->tracee);
}

/* ---- pieces of lines ---- */

static void
put (Thread     *thread,
     const char *text,
     gssize      length)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;

  if (thread->output != NULL)
    output_write (thread->output, text, (gssize) size);
  thread->column += (guint) size;
}

/* TEXT ends the line. */
static void
put_end (Thread     *thread,
         const char *text)
{
  put (thread, text, -1);
  thread->column = 0;
}

static void
flush (Thread *thread)
{
  if (thread->output != NULL)
    output_flush (thread->output);
}

static void
append_leader (Lines   *self,
               Thread  *thread,
               GString *text)
{
  gboolean several = g_hash_table_size (self->threads) > 1;
  gboolean shown = self->output != NULL && (self->always_pid || several);

  leader_append (&self->leader, text, shown ? thread->pid : 0, !self->always_pid);
}

/* Whatever line is begun in this output is ended. */
static void
take_over (Lines  *self,
           Thread *thread)
{
  if (self->output == NULL)
    self->printing = thread;
  if (self->printing != NULL && self->printing->column != 0)
    put_end (self->printing, " <unfinished ...>\n");
  self->printing = thread;
}

static void
begin_line (Lines  *self,
            Thread *thread)
{
  g_autoptr (GString) leader = g_string_new (NULL);

  take_over (self, thread);
  append_leader (self, thread, leader);
  put (thread, leader->str, (gssize) leader->len);
}

G_GNUC_PRINTF (3, 4)
static void
put_line (Lines      *self,
          Thread     *thread,
          const char *format,
          ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  begin_line (self, thread);
  put_end (thread, text);
  flush (thread);
}

/* ---- calls ---- */

/* With -z, -Z and -e status= nothing of a call is written before it is known how
 * it ends. */
static gboolean
is_staged (Lines *self)
{
  return self->options->statuses != STATUS_ALL;
}

static void
put_personality (Lines            *self,
                 Thread           *thread,
                 PinkSyscallEvent *call)
{
  PinkAbi abi = pink_syscall_event_get_abi (call);

  if (abi == thread->abi)
    return;
  thread->abi = abi;
  if ((self->options->quiet & QUIET_PERSONALITY) == 0)
    put_line (self, thread, "[ Process PID=%d runs in %s mode. ]\n", thread->pid,
              report_abi_mode (abi));
}

/* "exit_group(0", "read(0, " */
static void
begin_call (GString          *begun,
            PinkSyscallEvent *call)
{
  g_autofree char *text = pink_syscall_event_get_begun_text (call);

  g_string_assign (begun, text);
}

/* Whether nothing is missing but the parenthesis. */
static gboolean
is_whole (Thread *thread)
{
  g_autofree char *text = pink_syscall_event_get_call_text (thread->open);

  return strlen (text) == thread->begun->len + 1;
}

/* REST is the rest of the call, up to its parenthesis. */
static void
put_result (Lines      *self,
            Thread     *thread,
            const char *rest,
            const char *result)
{
  g_autofree char *text = NULL;
  guint column;
  int padding;

  put (thread, rest, -1);
  column = thread->column + 1;
  padding = column < self->options->column ? (int) (self->options->column - column) : 0;
  text = g_strdup_printf (" %*s= %s\n", padding, "", result);
  put_end (thread, text);
  g_clear_object (&thread->open);
}

/* So that what is put next is the rest of the call that THREAD has open. */
static void
resume_call (Lines  *self,
             Thread *thread)
{
  if (is_staged (self))
    {
      take_over (self, thread);
      put (thread, thread->leader->str, (gssize) thread->leader->len);
      put (thread, thread->begun->str, (gssize) thread->begun->len);
    }
  else if ((self->output != NULL && self->printing != thread) || thread->reprint)
    {
      begin_line (self, thread);
      put (thread, "<... ", -1);
      put (thread, pink_syscall_event_get_name (thread->open), -1);
      put (thread, " resumed>", -1);
    }
  thread->reprint = FALSE;
  self->printing = thread;
}

/* The call did not return, and will not. */
static void
abandon_call (Lines  *self,
              Thread *thread)
{
  if (thread->open == NULL)
    return;
  if (self->options->statuses & STATUS_UNFINISHED)
    {
      gboolean whole = is_whole (thread);

      resume_call (self, thread);
      put_result (self, thread, whole ? ")" : " <unfinished ...>)", "?");
    }
  g_clear_object (&thread->open);
}

/* But where it is refused: here, or by a filter of the program's own. */
static gboolean
never_returns (PinkSyscallEvent *call)
{
  const char *name = pink_syscall_event_get_name (call);

  return g_str_equal (name, "exit") || g_str_equal (name, "exit_group");
}

static void
lines_entered (Report           *report,
               PinkSyscallEvent *call)
{
  Lines *self = (Lines *) report;
  Thread *thread = thread_of (self, pink_syscall_event_get_tracee (call));

  abandon_call (self, thread);
  put_personality (self, thread, call);
  thread->open = g_object_ref (call);
  begin_call (thread->begun, call);
  if (is_staged (self))
    {
      append_leader (self, thread, g_string_truncate (thread->leader, 0));
      return;
    }

  /* A call may wait for long, and the program's own output may come before its
   * end: what is known is to be seen. */
  begin_line (self, thread);
  put (thread, thread->begun->str, (gssize) thread->begun->len);
  if (never_returns (call) && !pink_syscall_event_is_decided (call))
    abandon_call (self, thread);
  if (thread->output != NULL && output_is_immediate (thread->output))
    flush (thread);
}

/* Its line has been ended, and it returns after all. */
static void
reopen_call (Thread           *thread,
             PinkSyscallEvent *call)
{
  g_set_object (&thread->open, call);
  begin_call (thread->begun, call);
  thread->reprint = TRUE;
}

static void
put_piece (const char *text,
           gpointer    thread)
{
  put_end (thread, text);
}

static void
put_dump (Lines            *self,
          Thread           *thread,
          PinkSyscallEvent *call)
{
  const Style *style = &self->options->style;

  if (style->read.given || style->write.given)
    dump_call (style, call, put_piece, thread);
}

static void
lines_returned (Report           *report,
                PinkSyscallEvent *call)
{
  Lines *self = (Lines *) report;
  Thread *thread = thread_of (self, pink_syscall_event_get_tracee (call));
  g_autofree char *text = NULL;
  g_autofree char *result = NULL;
  const char *rest;

  if (thread->open != call && never_returns (call) && !is_staged (self))
    reopen_call (thread, call);
  else if (thread->open != call)
    lines_entered (report, call);
  if (!report_has_status (self->options, call))
    {
      g_clear_object (&thread->open);
      return;
    }
  text = pink_syscall_event_get_call_text (call);
  result = pink_syscall_event_get_result_text (call);
  if (pink_syscall_event_is_decided (call) || pink_syscall_event_is_delayed (call))
    {
      g_autofree char *plain = g_steal_pointer (&result);

      result = g_strconcat (plain, pink_syscall_event_is_decided (call) ? " (INJECTED)" : "",
                            pink_syscall_event_is_delayed (call) ? " (DELAYED)" : "", NULL);
    }
  if (self->options->call_times)
    {
      gint64 duration = pink_syscall_event_get_duration (call);
      g_autofree char *plain = g_steal_pointer (&result);

      duration = MAX (duration, 0);
      result = g_strdup_printf ("%s <%" G_GINT64_FORMAT ".%06d>", plain, duration / G_USEC_PER_SEC,
                                (int) (duration % G_USEC_PER_SEC));
    }
  rest = g_str_has_prefix (text, thread->begun->str) ? text + thread->begun->len : ")";
  resume_call (self, thread);
  put_result (self, thread, rest, result);
  put_dump (self, thread, call);
  flush (thread);
}

/* ---- what else happens ---- */

static void
lines_added (Report     *report,
             PinkTracee *tracee)
{
  thread_of ((Lines *) report, tracee);
}

static void
lines_signalled (Report          *report,
                 PinkSignalEvent *event)
{
  Lines *self = (Lines *) report;
  g_autofree char *info = siginfo_to_string (event);
  const char *name = pink_signal_event_get_name (event);

  put_line (self, thread_of (self, pink_signal_event_get_tracee (event)), "--- %s %s ---\n", name,
            info);
}

static void
lines_group_stopped (Report     *report,
                     PinkTracee *tracee,
                     int         number)
{
  Lines *self = (Lines *) report;

  put_line (self, thread_of (self, tracee), "--- stopped by %s ---\n",
            pink_signal_name (number));
}

static Thread *
find_pid (Lines *self,
          int    pid)
{
  GHashTableIter iter;
  gpointer thread;

  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &thread))
    if (((Thread *) thread)->pid == pid)
      return thread;
  return NULL;
}

/* Another thread of its process has made an execve(), and takes its id, and with
 * -ff its file. */
static void
put_superseded (Lines  *self,
                Thread *thread,
                int     superseder)
{
  Thread *other = find_pid (self, superseder);

  /* It does not count any more. */
  g_hash_table_steal (self->threads, thread->tracee);
  if (other != NULL)
    {
      if (other->column != 0)
        {
          g_autofree char *text = g_strdup_printf (" <pid changed to %d ...>\n", thread->pid);

          put_end (other, text);
        }
      other->reprint = other->open != NULL;
    }
  if ((self->options->quiet & QUIET_SUPERSEDED) == 0)
    put_line (self, thread, "+++ superseded by execve in pid %d +++\n", superseder);
  if (other != NULL)
    {
      Output *output = other->output;

      other->output = thread->output;
      other->pid = thread->pid;
      thread->output = output;
    }
  g_hash_table_insert (self->threads, thread->tracee, thread);
}

static void
lines_execed (Report     *report,
              PinkTracee *tracee,
              int         former_pid)
{
  thread_of ((Lines *) report, tracee)->pid = pink_tracee_get_pid (tracee);
}

static void
lines_detached (Report     *report,
                PinkTracee *tracee)
{
  Lines *self = (Lines *) report;
  Thread *thread = thread_of (self, tracee);

  if (thread->column != 0 && (self->output == NULL || self->printing == thread))
    put_end (thread, " <detached ...>\n");
  else if (is_staged (self) && thread->open != NULL && (self->options->statuses & STATUS_DETACHED))
    {
      resume_call (self, thread);
      put_end (thread, " <detached ...>\n");
    }
  flush (thread);
  drop (self, thread);
}

static void
lines_ended (Report     *report,
             PinkTracee *tracee)
{
  Lines *self = (Lines *) report;
  Thread *thread = thread_of (self, tracee);
  int number = pink_tracee_get_term_signal (tracee);
  int superseder = pink_tracee_get_superseder (tracee);

  abandon_call (self, thread);
  if (superseder != 0)
    put_superseded (self, thread, superseder);
  else if (number != 0)
    put_line (self, thread, "+++ killed by %s%s +++\n", pink_signal_name (number),
              pink_tracee_get_core_dumped (tracee) ? " (core dumped)" : "");
  else if ((self->options->quiet & QUIET_EXIT) == 0)
    put_line (self, thread, "+++ exited with %d +++\n", pink_tracee_get_exit_code (tracee));
  drop (self, thread);
}

static void
lines_finish (Report *report)
{
  Lines *self = (Lines *) report;
  GHashTableIter iter;
  gpointer data;

  /* Only where the trace was broken off. */
  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &data))
    {
      Thread *thread = data;

      abandon_call (self, thread);
      if (self->output == NULL && thread->output != NULL)
        output_close (thread->output);
    }
  g_hash_table_unref (self->threads);
  g_free (self);
}

Report *
lines_new (const Options *options,
           Output        *output)
{
  Lines *self = g_new0 (Lines, 1);

  self->base.added = lines_added;
  self->base.entered = lines_entered;
  self->base.returned = lines_returned;
  self->base.signalled = lines_signalled;
  self->base.group_stopped = lines_group_stopped;
  self->base.execed = lines_execed;
  self->base.detached = lines_detached;
  self->base.ended = lines_ended;
  self->base.finish = lines_finish;
  self->options = options;
  self->output = output;
  self->always_pid = options->output != NULL &&
                     (options->follow || options->pids->len + (options->argv[0] != NULL) > 1);
  self->leader.absolute = options->absolute;
  self->leader.relative = options->relative;
  self->threads = g_hash_table_new_full (NULL, NULL, NULL, thread_free);
  return &self->base;
}
