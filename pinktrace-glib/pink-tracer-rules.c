/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a tracer's tasks decide by themselves.
 */
#include "pinktrace-glib.h"

#include "pink-rule-private.h"
#include "pink-tracer-private.h"

static void
note_rows (PinkTracer         *self,
           const PinkRuleData *data)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  unsigned n = pink_arch_n_syscalls () + 1;

  if (priv->rule_rows == NULL)
    priv->rule_rows = g_malloc0 (n);
  for (unsigned row = 0; row < n; row++)
    priv->rule_rows[row] |= data->rows[row];
  _pink_tracer_widen (self);
}

/**
 * pink_tracer_add_rule:
 * @self: a tracer
 * @rule: a rule
 * @error: return location for an error
 *
 * Has a rule evaluated at every call of every tracee, from now on, behind those that
 * were added before. It is taken as it is: what is changed about it afterwards has
 * no effect until it is added once more. Then it is replaced, in its place, and its
 * occurrences are counted anew.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_UNKNOWN_SYSCALL if it is for a
 *   call that does not exist, %PINK_TRACER_ERROR_INVALID_ARGUMENT if this tracer has
 *   64 others, %PINK_TRACER_ERROR_FORKED
 *
 * Since: 1.0
 */
gboolean
pink_tracer_add_rule (PinkTracer  *self,
                      PinkRule    *rule,
                      GError     **error)
{
  PinkRuleData *data;

  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);
  g_return_val_if_fail (PINK_IS_RULE (rule), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!_pink_tracer_check (self, error))
    return FALSE;
  data = _pink_rule_get_data (rule, error);
  if (data == NULL)
    return FALSE;
  if (pink_engine_add_rule (_pink_tracer_get_private (self)->engine, data))
    {
      _pink_rule_set_added (rule);
      note_rows (self, data);
      return TRUE;
    }
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
               "A tracer takes at most %d rules; pink_tracer_remove_rule() makes room, and one "
               "rule can be for several calls (pink_rule_set_syscalls())", PINK_MAX_RULES);
  return FALSE;
}

/**
 * pink_tracer_remove_rule:
 * @self: a tracer
 * @rule: a rule
 *
 * Takes a rule away, also if it has been changed since it was added: from the next call
 * on it has no effect.
 *
 * Returns: %TRUE, or %FALSE if the tracer does not have it
 *
 * Since: 1.0
 */
gboolean
pink_tracer_remove_rule (PinkTracer *self,
                         PinkRule   *rule)
{
  PinkTracerPrivate *priv;
  PinkRuleData *data;

  g_return_val_if_fail (PINK_IS_TRACER (self), FALSE);
  g_return_val_if_fail (PINK_IS_RULE (rule), FALSE);

  priv = _pink_tracer_get_private (self);
  data = priv->engine != NULL ? _pink_rule_get_data (rule, NULL) : NULL;
  return data != NULL && pink_engine_remove_rule (priv->engine, data);
}
