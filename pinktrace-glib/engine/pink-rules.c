/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Evaluating rules, at the entry of a call. Runs in the tracer task: no
 * allocation, no lock, a bounded amount read of the tracee.
 */
#include "pink-engine-private.h"

#include <fcntl.h>
#include <string.h>

#define PATH_SIZE 4096

/* ---- paths ---- */

bool
pink_rule_path_matches (const char *pattern, const char *path)
{
  const char *star = NULL, *again = NULL;

  while (*path != '\0')
    {
      if (*pattern == '*')
        {
          star = pattern++;
          again = path;
        }
      else if (*pattern == '?' || *pattern == *path)
        {
          pattern++;
          path++;
        }
      else if (star != NULL)
        {
          pattern = star + 1;
          path = ++again;
        }
      else
        return false;
    }
  while (*pattern == '*')
    pattern++;
  return *pattern == '\0';
}

void
pink_rule_path_clean (char *path)
{
  char *in = path, *out = path;

  /* "pipe:[4711]": no path, and there would be no room for a slash. */
  if (*path != '/')
    return;
  while (*in != '\0')
    {
      size_t length;

      while (*in == '/')
        in++;
      length = strcspn (in, "/");
      if (length == 2 && in[0] == '.' && in[1] == '.')
        {
          while (out > path && *--out != '/')
            ;
        }
      else if (length > 0 && !(length == 1 && in[0] == '.'))
        {
          *out++ = '/';
          memmove (out, in, length);
          out += length;
        }
      in += length;
    }
  if (out == path)
    *out++ = '/';
  *out = '\0';
}

/* Bytes of the string, or -1 where it cannot be read or has no end. */
static long
read_path (PinkTask *task, PinkSlot *slot, uint64_t address, char *path, size_t room)
{
  size_t have = 0;

  while (have < room)
    {
      size_t part = 256 - ((address + have) & 255); /* never across a page's border */
      char *end;
      long n;

      if (part > room - have)
        part = room - have;
      n = pink_reach_read (task, slot, address + have, path + have, part);
      if (n <= 0)
        return -1;
      end = memchr (path + have, '\0', (size_t) n);
      if (end != NULL)
        return end - path;
      have += (size_t) n;
    }
  return -1;
}

static void
put_number (char *text, unsigned value)
{
  char digits[12];
  unsigned n = 0;

  do
    digits[n++] = (char) ('0' + value % 10);
  while ((value /= 10) > 0);
  while (n > 0)
    *text++ = digits[--n];
  *text = '\0';
}

/* What /proc says of a descriptor, or (-100) of the working directory. */
static long
read_link (PinkSlot *slot, int descriptor, char *path)
{
  char link[48];
  long n;

  if (descriptor == AT_FDCWD)
    pink_status_path (slot->tid, "/cwd", link);
  else
    {
      pink_status_path (slot->tid, "/fd/", link);
      put_number (link + strlen (link), (unsigned) descriptor);
    }
  n = PINK_SYS4 (SYS_readlinkat, AT_FDCWD, link, path, PATH_SIZE - 1);
  if (n < 0)
    return -1;
  path[n] = '\0';
  return n;
}

static int
descriptor_of (PinkSlot *slot, const PinkArchSyscall *call, unsigned arg)
{
  return (int) pink_arch_arg_value (slot->stop.arch, call, arg, slot->stop.entry.args);
}

/* As the program has written it, made absolute: links are not followed. */
static bool
path_argument_matches (PinkTask *task, PinkSlot *slot, const PinkArchSyscall *call, unsigned arg,
                       const char *pattern)
{
  char path[2 * PATH_SIZE];
  int reg = pink_arch_arg_register (slot->stop.arch, call, arg);
  int directory = AT_FDCWD;
  long n, base = 0;

  if (reg < 0)
    return false;
  n = read_path (task, slot, slot->stop.entry.args[reg], path + PATH_SIZE, PATH_SIZE);
  if (n < 0)
    return false;
  if (path[PATH_SIZE] == '/')
    {
      pink_rule_path_clean (path + PATH_SIZE);
      return pink_rule_path_matches (pattern, path + PATH_SIZE);
    }
  for (unsigned i = arg; i-- > 0;)
    if (call->args[i].kind == PINK_ARG_DIRFD)
      {
        directory = descriptor_of (slot, call, i);
        break;
      }
  base = read_link (slot, directory, path);
  if (base < 0)
    return false;
  if (n > 0)
    path[base++] = '/';
  memmove (path + base, path + PATH_SIZE, (size_t) n + 1);
  pink_rule_path_clean (path);
  return pink_rule_path_matches (pattern, path);
}

static bool
path_matches (PinkTask *task, PinkSlot *slot, const PinkArchSyscall *call, const char *pattern)
{
  char path[PATH_SIZE];

  for (unsigned i = 0; call != NULL && i < call->n_args; i++)
    switch (call->args[i].kind)
      {
      case PINK_ARG_PATH:
        if (path_argument_matches (task, slot, call, i, pattern))
          return true;
        break;
      case PINK_ARG_FD:
        if (descriptor_of (slot, call, i) >= 0 && read_link (slot, descriptor_of (slot, call, i), path) >= 0 &&
            pink_rule_path_matches (pattern, path))
          return true;
        break;
      default:
        break;
      }
  return false;
}

/* ---- conditions ---- */

static bool
compares (const PinkRuleCondition *condition, int64_t value)
{
  int64_t wanted = (int64_t) condition->value;

  value &= (int64_t) condition->mask;
  switch ((PinkRuleComparison) condition->comparison)
    {
    case PINK_RULE_EQUAL:
      return value == wanted;
    case PINK_RULE_NOT_EQUAL:
      return value != wanted;
    case PINK_RULE_LESS:
      return value < wanted;
    case PINK_RULE_LESS_OR_EQUAL:
      return value <= wanted;
    case PINK_RULE_GREATER:
      return value > wanted;
    case PINK_RULE_GREATER_OR_EQUAL:
      return value >= wanted;
    default:
      return false;
    }
}

static bool
descriptor_matches (PinkSlot *slot, const PinkArchSyscall *call, int descriptor)
{
  for (unsigned i = 0; call != NULL && i < call->n_args; i++)
    if ((call->args[i].kind == PINK_ARG_FD || call->args[i].kind == PINK_ARG_DIRFD) &&
        descriptor_of (slot, call, i) == descriptor)
      return true;
  return false;
}

static int64_t
value_of (PinkSlot *slot, const PinkArchSyscall *call, unsigned arg)
{
  return call != NULL ? pink_arch_arg_value (slot->stop.arch, call, arg, slot->stop.entry.args)
                      : (int64_t) slot->stop.entry.args[arg];
}

static bool
applies (PinkTask *task, PinkSlot *slot, const PinkArchSyscall *call, const PinkRuleData *rule)
{
  unsigned row = slot->stop.row >= 0 ? (unsigned) slot->stop.row : task->engine->n_rows;

  if (!rule->rows[row])
    return false;
  for (unsigned i = 0; i < rule->n_conditions; i++)
    if (!compares (&rule->conditions[i], value_of (slot, call, rule->conditions[i].index)))
      return false;
  return (rule->descriptor < 0 || descriptor_matches (slot, call, rule->descriptor)) &&
         (rule->path == NULL || path_matches (task, slot, call, rule->path));
}

static unsigned
take_turn (PinkSlot *slot, const PinkSetRule *rule)
{
  atomic_uint *of_all = &rule->of_all->turn;
  unsigned *own = &slot->rule_turns[rule->id];
  unsigned turn, next;

  if (!rule->data->per_tracer)
    return *own = pink_rule_turn_after (rule->data, *own);
  turn = atomic_load_explicit (of_all, memory_order_relaxed);
  do
    next = pink_rule_turn_after (rule->data, turn);
  while (!atomic_compare_exchange_weak_explicit (of_all, &turn, next, memory_order_relaxed,
                                                 memory_order_relaxed));
  return next;
}

static bool
is_its_turn (PinkSlot *slot, const PinkSetRule *rule)
{
  return pink_rule_is_turn (rule->data, take_turn (slot, rule));
}

/* What was counted for a rule that is no more is not a later one's. */
static void
count_anew (PinkSlot *slot, const PinkRuleSet *set)
{
  if (slot->rules_generation == set->generation)
    return;
  for (unsigned i = 0; i < set->n; i++)
    if (set->rules[i].since > slot->rules_generation)
      slot->rule_turns[set->rules[i].id] = 0;
  slot->rules_generation = set->generation;
}

/* ---- what comes of it ---- */

typedef struct
{
  PinkChanges changes;
  bool        decided;
  int         signals[8];
  unsigned    n_signals;
  int64_t     delay_enter_ns;
  int64_t     delay_exit_ns;
} Outcome;

static int64_t
errno_of (const PinkArch *arch, const PinkRuleData *rule)
{
  int number = rule->error_name != NULL ? pink_arch_errno_number (arch, rule->error_name) : -1;

  return number > 0 ? number : rule->result;
}

static void
decide (PinkSlot *slot, const PinkRuleData *rule, Outcome *outcome)
{
  if (outcome->decided || rule->decision == PINK_RULE_UNDECIDED)
    return;
  outcome->decided = true;
  if (rule->decision != PINK_RULE_RESULT)
    return;
  outcome->changes.what |= PINK_CHANGE_RESULT;
  outcome->changes.is_error = rule->is_error;
  outcome->changes.result = rule->is_error ? errno_of (slot->stop.arch, rule) : rule->result;
}

static void
change (PinkSlot *slot, const PinkArchSyscall *call, const PinkRuleData *rule, Outcome *outcome)
{
  int64_t number = rule->other_call != NULL
                     ? pink_arch_syscall_number (slot->stop.arch, rule->other_call) : -1;

  if (number >= 0)
    {
      outcome->changes.what |= PINK_CHANGE_NUMBER;
      outcome->changes.number = (uint64_t) number;
    }
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    if (rule->args & (1U << i))
      {
        unsigned changed = 1U << i;

        if (call != NULL)
          changed = pink_arch_arg_set (slot->stop.arch, call, i, rule->values[i], outcome->changes.values);
        else
          outcome->changes.values[i] = rule->values[i];
        outcome->changes.args |= (uint8_t) changed;
      }
}

static void
collect (PinkTask *task, PinkSlot *slot, const PinkRuleSet *set, Outcome *outcome)
{
  const PinkArchSyscall *call = slot->stop.row >= 0 ? pink_arch_syscall ((unsigned) slot->stop.row) : NULL;

  for (unsigned i = 0; i < set->n; i++)
    {
      PinkRuleData *rule = set->rules[i].data;

      if (!applies (task, slot, call, rule) || !is_its_turn (slot, &set->rules[i]))
        continue;
      pink_count_one (&rule->n_matches);
      decide (slot, rule, outcome);
      change (slot, call, rule, outcome);
      if (rule->signal > 0 && outcome->n_signals < sizeof outcome->signals / sizeof outcome->signals[0])
        outcome->signals[outcome->n_signals++] = rule->signal;
      outcome->delay_enter_ns += rule->delay_enter_ns;
      outcome->delay_exit_ns += rule->delay_exit_ns;
    }
}

/* Returns for how long the call is to wait before it is made. */
int64_t
pink_rules_apply (PinkTask *task, PinkSlot *slot)
{
  const PinkRuleSet *set;
  Outcome outcome = { .decided = false };

  if (slot->stop.arch == NULL)
    return 0;
  set = pink_rules_begin (task->engine);
  if (set != NULL)
    {
      count_anew (slot, set);
      collect (task, slot, set, &outcome);
    }
  pink_rules_end (task->engine);
  if (set == NULL)
    return 0;
  pink_change_entry (task, slot, &outcome.changes);
  slot->stop.decided = outcome.decided;
  slot->stop.delayed = outcome.delay_enter_ns > 0 || outcome.delay_exit_ns > 0;
  slot->delay_exit_ns = outcome.delay_exit_ns;
  for (unsigned i = 0; i < outcome.n_signals; i++)
    PINK_SYS3 (SYS_tgkill, slot->tgid, slot->tid, outcome.signals[i]);
  return outcome.delay_enter_ns;
}

/* ---- waiting ---- */

void
pink_delay (PinkTask *task, PinkSlot *slot, int64_t ns, void (*then) (PinkTask *task, PinkSlot *slot))
{
  slot->delayed_until_ns = pink_now_ns (CLOCK_MONOTONIC) + ns;
  slot->after_delay = then;
  if (task->n_delayed++ == 0 || slot->delayed_until_ns < task->next_delay_ns)
    task->next_delay_ns = slot->delayed_until_ns;
}

void
pink_delay_forget (PinkTask *task, PinkSlot *slot)
{
  if (slot->after_delay != NULL)
    task->n_delayed--;
  slot->after_delay = NULL;
}

static void
wake (PinkTask *task, PinkSlot *slot)
{
  void (*then) (PinkTask *task, PinkSlot *slot) = slot->after_delay;

  if (then == NULL)
    return;
  if (slot->delayed_until_ns > pink_now_ns (CLOCK_MONOTONIC))
    {
      if (slot->delayed_until_ns < task->next_delay_ns)
        task->next_delay_ns = slot->delayed_until_ns;
      return;
    }
  pink_delay_forget (task, slot);
  then (task, slot);
}

void
pink_delay_wake (PinkTask *task)
{
  if (task->n_delayed == 0 || pink_now_ns (CLOCK_MONOTONIC) < task->next_delay_ns)
    return;
  task->next_delay_ns = INT64_MAX;
  pink_slots_for_each_alive (task, wake);
}
