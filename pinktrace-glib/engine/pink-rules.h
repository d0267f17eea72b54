/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Rules as plain data, which the tracer tasks evaluate by themselves: what may be
 * done with a call is said beforehand, and no main loop is troubled.
 */
#pragma once

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "pink-arch.h"
#include "pink-count.h"

#define PINK_MAX_RULES 64 /* of a tracer, at a time */
#define PINK_MAX_RULE_CONDITIONS 8

/* The same values as the public PinkComparison. */
typedef enum
{
  PINK_RULE_EQUAL,
  PINK_RULE_NOT_EQUAL,
  PINK_RULE_LESS,
  PINK_RULE_LESS_OR_EQUAL,
  PINK_RULE_GREATER,
  PINK_RULE_GREATER_OR_EQUAL
} PinkRuleComparison;

typedef enum
{
  PINK_RULE_UNDECIDED,
  PINK_RULE_ALLOW,
  PINK_RULE_RESULT
} PinkRuleDecision;

typedef struct
{
  uint8_t  index; /* argument */
  uint8_t  comparison;
  uint64_t mask;
  uint64_t value;
} PinkRuleCondition;

/* By malloc(). Not changed any more once an engine has it, but for the counters. */
typedef struct
{
  atomic_uint refs;
  unsigned    origin; /* the same for what was copied of it */
  /* When */
  uint8_t           *rows;  /* n_rows + 1, the last for calls that are in no table */
  unsigned           first; /* from 1 */
  unsigned           last;  /* 0: no end */
  unsigned           step;
  bool               per_tracer; /* else counted by thread */
  unsigned           n_conditions;
  PinkRuleCondition  conditions[PINK_MAX_RULE_CONDITIONS];
  char              *path;       /* a pattern, or NULL */
  int                descriptor; /* -1: any */
  /* What */
  uint8_t            decision;
  bool               is_error;
  int64_t            result;
  const char        *error_name; /* where the number differs by ABI */
  char              *other_call; /* NULL: the same */
  uint8_t            args;       /* a bit an argument */
  uint64_t           values[PINK_ARCH_N_REGS];
  int                signal;
  int64_t            delay_enter_ns;
  int64_t            delay_exit_ns;

  PinkCount          n_matches;
} PinkRuleData;

PinkRuleData *pink_rule_data_new   (void);
PinkRuleData *pink_rule_data_copy  (const PinkRuleData *data); /* with counters at 0 */
PinkRuleData *pink_rule_data_ref   (PinkRuleData *data);
void          pink_rule_data_unref (PinkRuleData *data);

/* One further, but never back to 0, where the first ones would come again: behind the
 * last one it stands still in the end, and where there is none it goes round. */
static inline unsigned
pink_rule_turn_after (const PinkRuleData *rule, unsigned turn)
{
  if (rule->last == 0 && turn >= rule->first && turn - rule->first == rule->step - 1)
    return rule->first;
  return turn < UINT_MAX ? turn + 1 : turn;
}

static inline bool
pink_rule_is_turn (const PinkRuleData *rule, unsigned turn)
{
  return turn >= rule->first && (rule->last == 0 || turn <= rule->last) &&
         (turn - rule->first) % rule->step == 0;
}

/* Whether a path fits a pattern, in which `*` is any run of bytes and `?` any one. */
bool pink_rule_path_matches (const char *pattern, const char *path);
/* Takes "//", "/./" and "/../" out of an absolute path, in place; others stay. */
void pink_rule_path_clean   (char *path);
