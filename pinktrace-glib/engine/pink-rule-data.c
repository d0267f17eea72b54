/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Rules as data: made and published by the main context, read by the tasks.
 */
#include "pink-engine-private.h"

#include <stdlib.h>
#include <string.h>

static void *
checked (void *memory)
{
  /* As GLib does it. */
  if (memory == NULL)
    abort ();
  return memory;
}

PinkRuleData *
pink_rule_data_new (void)
{
  PinkRuleData *data = checked (calloc (1, sizeof *data));

  atomic_init (&data->refs, 1);
  data->rows = checked (calloc (1, pink_arch_n_syscalls () + 1));
  data->first = 1;
  data->step = 1;
  data->descriptor = -1;
  return data;
}

PinkRuleData *
pink_rule_data_copy (const PinkRuleData *data)
{
  PinkRuleData *copy = pink_rule_data_new ();
  uint8_t *rows = copy->rows;

  *copy = (PinkRuleData) {
    .rows = rows, .first = data->first, .last = data->last, .step = data->step,
    .per_tracer = data->per_tracer, .n_conditions = data->n_conditions,
    .descriptor = data->descriptor, .decision = data->decision, .is_error = data->is_error,
    .result = data->result, .error_name = data->error_name, .args = data->args,
    .signal = data->signal, .delay_enter_ns = data->delay_enter_ns,
    .delay_exit_ns = data->delay_exit_ns,
  };
  atomic_init (&copy->refs, 1);
  memcpy (rows, data->rows, pink_arch_n_syscalls () + 1);
  memcpy (copy->conditions, data->conditions, sizeof copy->conditions);
  memcpy (copy->values, data->values, sizeof copy->values);
  copy->path = data->path != NULL ? checked (strdup (data->path)) : NULL;
  copy->other_call = data->other_call != NULL ? checked (strdup (data->other_call)) : NULL;
  return copy;
}

PinkRuleData *
pink_rule_data_ref (PinkRuleData *data)
{
  atomic_fetch_add_explicit (&data->refs, 1, memory_order_relaxed);
  return data;
}

void
pink_rule_data_unref (PinkRuleData *data)
{
  if (atomic_fetch_sub_explicit (&data->refs, 1, memory_order_acq_rel) != 1)
    return;
  free (data->rows);
  free (data->path);
  free (data->other_call);
  free (data);
}

/* ---- an engine's ---- */

static void
mark_rows (PinkEngine *engine, const PinkRuleSet *set)
{
  for (unsigned row = 0; row <= engine->n_rows; row++)
    {
      uint8_t others = pink_engine_get_handled (engine, row) & (uint8_t) ~PINK_HAS_RULES;
      bool any = false;

      for (unsigned i = 0; set != NULL && i < set->n; i++)
        any = any || set->rules[i].data->rows[row];
      atomic_store_explicit (&engine->handled[row], others | (any ? PINK_HAS_RULES : 0), memory_order_relaxed);
    }
}

/* What was published stays until the engine goes: a task may be reading it. */
static void
publish (PinkEngine *engine, PinkRuleSet *set)
{
  set->older = atomic_load_explicit (&engine->rules, memory_order_relaxed);
  atomic_store_explicit (&engine->rules, set, memory_order_release);
  mark_rows (engine, set);
}

static PinkRuleSet *
set_new (unsigned n)
{
  PinkRuleSet *set = checked (calloc (1, sizeof *set + n * sizeof set->rules[0]));

  set->n = n;
  return set;
}

bool
pink_engine_add_rule (PinkEngine *engine, PinkRuleData *data)
{
  const PinkRuleSet *old = atomic_load_explicit (&engine->rules, memory_order_relaxed);
  unsigned n = old != NULL ? old->n : 0;
  PinkRuleSet *set;

  if (engine->n_rules_ever == PINK_MAX_RULES)
    return false;
  set = set_new (n + 1);
  for (unsigned i = 0; i < n; i++)
    set->rules[i] = (PinkSetRule) { pink_rule_data_ref (old->rules[i].data), old->rules[i].id };
  set->rules[n] = (PinkSetRule) { pink_rule_data_ref (data), engine->n_rules_ever++ };
  publish (engine, set);
  return true;
}

bool
pink_engine_remove_rule (PinkEngine *engine, PinkRuleData *data)
{
  const PinkRuleSet *old = atomic_load_explicit (&engine->rules, memory_order_relaxed);
  unsigned n = old != NULL ? old->n : 0, kept = 0;
  PinkRuleSet *set = set_new (n);

  for (unsigned i = 0; i < n; i++)
    if (old->rules[i].data != data)
      set->rules[kept++] = (PinkSetRule) { pink_rule_data_ref (old->rules[i].data), old->rules[i].id };
  set->n = kept;
  if (kept == n)
    {
      pink_rules_free (set);
      return false;
    }
  publish (engine, set);
  return true;
}

void
pink_rules_free (PinkRuleSet *set)
{
  while (set != NULL)
    {
      PinkRuleSet *older = set->older;

      for (unsigned i = 0; i < set->n; i++)
        pink_rule_data_unref (set->rules[i].data);
      free (set);
      set = older;
    }
}
