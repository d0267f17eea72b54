/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who waits for whom: for when something hangs. What is said comes from the main
 * context's own side and from /proc; the tracer tasks are not asked, for one of
 * them may be what hangs.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <string.h>

/* The state's letter, and the field after "TracerPid:" of proc_pid_status(5). */
static char
state_of (PinkTracee *tracee,
          int        *tracer_pid)
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/task/%d/status", tracee->tgid, tracee->pid);
  g_autofree char *text = NULL;
  const char *at;

  *tracer_pid = 0;
  if (!g_file_get_contents (file, &text, NULL, NULL))
    return 'X';
  at = strstr (text, "\nTracerPid:");
  if (at != NULL)
    *tracer_pid = (int) g_ascii_strtoll (at + strlen ("\nTracerPid:"), NULL, 10);
  at = strstr (text, "\nState:\t");
  return at != NULL ? at[strlen ("\nState:\t")] : 'X';
}

static const char *
waits_for (PinkTracee *tracee,
           char        state)
{
  if (tracee->stopped && tracee->in_handler)
    return "is stopped, and waits for its handlers to return";
  if (tracee->stopped)
    return "is held, and waits to be resumed";
  if (tracee->slot != NULL && pink_slot_in_group_stop (tracee->slot))
    return "is stopped by a signal, and waits for SIGCONT";
  switch (state)
    {
    case 't':
      return "is stopped, and waits for the main context to hear of it, or for its tracer task";
    case 'Z':
    case 'X':
      return "has ended, and the main context has not heard of it";
    case 'R':
      return "runs";
    case 'D':
      return "waits in the kernel, uninterruptibly";
    default:
      return "waits in the kernel";
    }
}

static void
dump_tracee (GString    *text,
             PinkTracee *tracee)
{
  g_autofree char *command = pink_tracee_get_command (tracee);
  int tracer_pid;
  char state = state_of (tracee, &tracer_pid);

  g_string_append_printf (text, "%d (%s)", tracee->pid, command != NULL ? command : "?");
  if (tracee->pid != tracee->tgid)
    g_string_append_printf (text, " of process %d", tracee->tgid);
  g_string_append_printf (text, " %s", waits_for (tracee, state));
  if (tracee->event != NULL)
    {
      PinkSyscallState call = tracee->event->state;

      g_string_append_printf (text, "; %s %s",
                              call == PINK_SYSCALL_ENTRY ? "at the entry of"
                              : call == PINK_SYSCALL_EXIT ? "at the exit of" : "last seen in",
                              pink_syscall_event_get_name (tracee->event));
    }
  if (tracee->detaching)
    g_string_append (text, "; is let go when it stops next");
  if (!g_queue_is_empty (&tracee->interrupts))
    g_string_append (text, "; has been asked to stop");
  if (tracer_pid == 0 && state != 'X' && state != 'Z')
    g_string_append (text, "; has no tracer any more");
  else if (tracer_pid != 0)
    g_string_append_printf (text, "; tracer task %d", tracer_pid);
  g_string_append_c (text, '\n');
}

/**
 * pink_tracer_dump_state:
 * @self: a tracer
 *
 * Describes what each tracee is doing, and what it waits for, a line each, for
 * people who look for what hangs. The form of the text may change from version to
 * version. It does not wait for anything; what it says of a tracee that runs may
 * be past when it is read.
 *
 * With the word "engine" in the environment variable PINKTRACE_DEBUG when a tracer
 * is made, its tasks write a line to the standard error for each stop, message and
 * verdict.
 *
 * Returns: (transfer full): the text, in UTF-8, with a line end after each line
 *
 * Since: 1.0
 */
char *
pink_tracer_dump_state (PinkTracer *self)
{
  PinkTracerPrivate *priv;
  GString *text;
  guint n;

  g_return_val_if_fail (PINK_IS_TRACER (self), NULL);

  priv = _pink_tracer_get_private (self);
  text = g_string_new (NULL);
  n = g_list_model_get_n_items (G_LIST_MODEL (priv->tracees));
  g_string_append_printf (text, "%u tracees, %u processes being attached to, %u being let go%s%s\n",
                          n, priv->n_attaching, priv->detaches->len,
                          priv->engine == NULL ? "; the tracer is closed" : "",
                          priv->pending != NULL ||
                              (priv->engine != NULL && pink_engine_has_messages (priv->engine))
                            ? "; messages wait for the main context" : "");
  if (priv->engine != NULL && !pink_engine_is_ours (priv->engine))
    {
      g_string_append (text, "this tracer belongs to the process that this one was forked from\n");
      return g_string_free (text, FALSE);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (PinkTracee) tracee = g_list_model_get_item (G_LIST_MODEL (priv->tracees), i);

      dump_tracee (text, tracee);
    }
  return g_string_free (text, FALSE);
}
