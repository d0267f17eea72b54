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
  static atomic_uint n_ever;
  PinkRuleData *data = checked (calloc (1, sizeof *data));

  atomic_init (&data->refs, 1);
  data->origin = atomic_fetch_add_explicit (&n_ever, 1, memory_order_relaxed);
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
    .rows = rows, .origin = data->origin, .first = data->first, .last = data->last, .step = data->step,
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

static PinkTurns *
turns_new (void)
{
  PinkTurns *turns = checked (calloc (1, sizeof *turns));

  atomic_init (&turns->refs, 1);
  return turns;
}

static void
turns_unref (PinkTurns *turns)
{
  if (atomic_fetch_sub_explicit (&turns->refs, 1, memory_order_acq_rel) == 1)
    free (turns);
}

static void
unref_rules (PinkRuleSet *set)
{
  for (unsigned i = 0; i < set->n; i++)
    {
      pink_rule_data_unref (set->rules[i].data);
      turns_unref (set->rules[i].of_all);
    }
  free (set);
}

void
pink_rules_free (PinkRuleSet *set)
{
  while (set != NULL)
    {
      PinkRuleSet *older = set->older;

      unref_rules (set);
      set = older;
    }
}

/* What a task has found here stays until it says that it is done. */
const PinkRuleSet *
pink_rules_begin (PinkEngine *engine)
{
  atomic_fetch_add (&engine->rule_readers, 1);
  return atomic_load (&engine->rules);
}

void
pink_rules_end (PinkEngine *engine)
{
  atomic_fetch_sub_explicit (&engine->rule_readers, 1, memory_order_release);
}

/* Who is counted as a reader only after the new set is in place, reads that: if there is
 * nobody, the older ones go. A task that is killed while it reads keeps those that come
 * after, too, until the engine goes; and where one always reads, they wait for the next
 * time. */
static void
publish (PinkEngine *engine, PinkRuleSet *set)
{
  PinkRuleSet *old = atomic_load_explicit (&engine->rules, memory_order_relaxed);

  set->older = old;
  atomic_store (&engine->rules, set);
  if (atomic_load (&engine->rule_readers) == 0)
    {
      set->older = NULL;
      pink_rules_free (old);
    }
  mark_rows (engine, set);
}

static PinkRuleSet *
set_new (const PinkRuleSet *old, unsigned n)
{
  PinkRuleSet *set = checked (calloc (1, sizeof *set + n * sizeof set->rules[0]));

  set->generation = old != NULL ? old->generation + 1 : 1;
  return set;
}

static void
keep (PinkRuleSet *set, const PinkSetRule *rule)
{
  set->rules[set->n] = *rule;
  pink_rule_data_ref (rule->data);
  atomic_fetch_add_explicit (&rule->of_all->refs, 1, memory_order_relaxed);
  set->n++;
}

/* Where the rule is that this one was made of, or the number of rules. */
static unsigned
place_of (const PinkRuleSet *set, const PinkRuleData *data)
{
  unsigned place = 0;

  while (set != NULL && place < set->n && set->rules[place].data->origin != data->origin)
    place++;
  return place;
}

static unsigned
free_id (const PinkRuleSet *set)
{
  uint64_t taken = 0;
  unsigned id = 0;

  for (unsigned i = 0; set != NULL && i < set->n; i++)
    taken |= UINT64_C (1) << set->rules[i].id;
  while (taken & UINT64_C (1) << id)
    id++;
  return id;
}

/* In the place of what it was before, if the engine has that, or as the last. */
bool
pink_engine_add_rule (PinkEngine *engine, PinkRuleData *data)
{
  const PinkRuleSet *old = atomic_load_explicit (&engine->rules, memory_order_relaxed);
  unsigned n = old != NULL ? old->n : 0, place = place_of (old, data);
  PinkSetRule rule = { .data = data, .of_all = NULL };
  PinkRuleSet *set;

  if (place == PINK_MAX_RULES)
    return false;
  rule.id = place < n ? old->rules[place].id : free_id (old);
  set = set_new (old, n + 1);
  rule.since = set->generation;
  rule.of_all = turns_new ();
  for (unsigned i = 0; i < n; i++)
    keep (set, i == place ? &rule : &old->rules[i]);
  if (place == n)
    keep (set, &rule);
  turns_unref (rule.of_all);
  publish (engine, set);
  return true;
}

bool
pink_engine_remove_rule (PinkEngine *engine, const PinkRuleData *data)
{
  const PinkRuleSet *old = atomic_load_explicit (&engine->rules, memory_order_relaxed);
  unsigned n = old != NULL ? old->n : 0, place = place_of (old, data);
  PinkRuleSet *set;

  if (place == n)
    return false;
  set = set_new (old, n);
  for (unsigned i = 0; i < n; i++)
    if (i != place)
      keep (set, &old->rules[i]);
  publish (engine, set);
  return true;
}
