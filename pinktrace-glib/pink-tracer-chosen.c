/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which calls a tracer is for at all, and the filter that comes of it.
 */
#include "pinktrace-glib.h"

#include "engine/pink-engine.h"
#include "pink-filter-private.h"
#include "pink-syscall-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <stdlib.h>
#include <string.h>

static gsize
n_marks (void)
{
  return pink_arch_n_syscalls () + 1;
}

gboolean
_pink_tracer_has_chosen (PinkTracer *self,
                         guint       row)
{
  const guint8 *chosen = _pink_tracer_get_private (self)->chosen;

  return chosen == NULL || chosen[row];
}

/* What a filter must not leave out: what was chosen, what rules are for, and what
 * the engine has to see. */
static guint8 *
needed_rows (PinkTracer *self)
{
  static const char * const always[] = { "clone", "clone2", "clone3", "prctl", "seccomp", NULL };
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  guint8 *rows = g_malloc0 (n_marks ());

  for (gsize row = 0; row < n_marks (); row++)
    {
      const PinkArchSyscall *call = pink_arch_syscall ((unsigned) row);

      rows[row] = _pink_tracer_has_chosen (self, (guint) row) ||
                  (priv->rule_rows != NULL && priv->rule_rows[row]) ||
                  (call != NULL && g_strv_contains (always, call->name));
    }
  return rows;
}

/* NULL where none is wanted, or none is possible. */
struct sock_fprog *
_pink_tracer_make_filter (PinkTracer  *self,
                          GBytes     **filtered)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  g_autofree guint8 *rows = NULL;
  struct sock_fprog *program;

  *filtered = NULL;
  if (priv->chosen == NULL || !priv->follow_forks || !priv->exit_kill ||
      !pink_engine_may_filter (priv->engine))
    return NULL;
  rows = needed_rows (self);
  program = g_new0 (struct sock_fprog, 1);
  if (!_pink_filter_new (rows, program))
    {
      g_free (program);
      return NULL;
    }
  *filtered = g_bytes_new_take (g_steal_pointer (&rows), n_marks ());
  return program;
}

/* Filters are for good: whose leaves something out is stopped at every call. */
void
_pink_tracer_widen (PinkTracer *self)
{
  GListModel *tracees = pink_tracer_get_tracees (self);
  g_autofree guint8 *needed = needed_rows (self);

  for (guint i = 0; i < g_list_model_get_n_items (tracees); i++)
    {
      g_autoptr (PinkTracee) tracee = g_list_model_get_item (tracees, i);
      const guint8 *has = tracee->filtered != NULL ? g_bytes_get_data (tracee->filtered, NULL) : NULL;
      gboolean enough = TRUE;

      for (gsize row = 0; has != NULL && row < n_marks (); row++)
        enough &= has[row] || !needed[row];
      if (!enough && tracee->slot != NULL)
        pink_slot_request (tracee->slot, PINK_REQUEST_EVERY_CALL, 0, NULL, NULL);
    }
}

/**
 * pink_tracer_set_syscalls:
 * @self: a tracer
 * @names: (array zero-terminated=1) (nullable): names of calls, of classes of them
 *   (`%file`) and exclusions (`!stat`), as pink_syscall_expand() takes them; %NULL for
 *   all calls, which is what a new tracer has
 * @error: return location for an error
 *
 * Chooses which calls the tracer is for. Handlers of #PinkTracer::syscall-enter and
 * #PinkTracer::syscall-exit are called for these alone, whatever they are connected
 * with; rules work as ever.
 *
 * Programs that are spawned afterwards get a filter (see seccomp(2)) by which they
 * stop at the chosen calls alone, by whatever ABI they make them, and run at native
 * speed otherwise. There is none where #PinkTracer:follow-forks or
 * #PinkTracer:exit-kill is off, because with nobody tracing them the chosen calls would
 * fail: for the same reason such a program cannot be let go. What is attached to stops at
 * every call.
 *
 * A filter cannot be taken back. Where the choice is changed later to one with more
 * calls, what runs with a filter is stopped at every call from then on.
 *
 * A program that is not root's cannot get new rights by an exec then (see
 * PR_SET_NO_NEW_PRIVS in prctl(2)), which as a tracee it could not anyway. One that
 * installs a filter of its own is stopped at every call from there on, with all that it
 * makes; what its own filter refuses or kills is not seen.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_UNKNOWN_SYSCALL,
 *   %PINK_TRACER_ERROR_FORKED
 *
 * Since: 1.0
 */
gboolean
pink_tracer_set_syscalls (PinkTracer          *self,
                          const char * const  *names,
                          GError             **error)
{
  g_autofree guint8 *marks = NULL;
  PinkTracerPrivate *priv;

  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!_pink_tracer_check (self, error))
    return FALSE;
  if (names != NULL)
    {
      marks = g_malloc0 (n_marks ());
      if (!_pink_syscall_mark (names, marks, error))
        return FALSE;
    }
  priv = _pink_tracer_get_private (self);
  g_free (priv->chosen);
  priv->chosen = g_steal_pointer (&marks);
  _pink_handled_refresh (self);
  _pink_tracer_widen (self);
  return TRUE;
}
