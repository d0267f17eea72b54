/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is counted in words, where these come to their end.
 */
#include <glib.h>

#include "pink-rules.h"

#define TURN ((guint64) PINK_COUNT_TURN)

static void
test_count_bits (void)
{
  PinkCount number = { 0, 0 };

  g_assert_cmpuint (pink_count_get (&number), ==, 0);
  pink_count_one (&number);
  g_assert_cmpuint (pink_count_get (&number), ==, 1);

  for (guint turns = 1; turns < 5; turns++)
    {
      /* Just before the end of a turn. */
      number.low = (turns & 1) * PINK_COUNT_TURN + PINK_COUNT_TURN - 1;
      number.turns = turns;
      g_assert_cmpuint (pink_count_get (&number), ==, turns * TURN + TURN - 1);
      pink_count_one (&number);
      g_assert_cmpuint (pink_count_get (&number), ==, turns * TURN + TURN);
      pink_count_one (&number);
      g_assert_cmpuint (pink_count_get (&number), ==, turns * TURN + TURN + 1);
    }
}

/* Who counts may be killed between the two words. */
static void
test_count_killed (void)
{
  PinkCount number = { PINK_COUNT_TURN - 1, 4 };

  number.low++;
  g_assert_cmpuint (pink_count_get (&number), ==, 5 * TURN);
  number.low += PINK_COUNT_TURN - 1;
  g_assert_cmpuint (pink_count_get (&number), ==, 6 * TURN - 1);
  pink_count_one (&number);
  g_assert_cmpuint (pink_count_get (&number), ==, 6 * TURN);
}

#define PER_THREAD 200000
#define N_THREADS  4

static gpointer
count (gpointer number)
{
  for (guint i = 0; i < PER_THREAD; i++)
    pink_count_one (number);
  return NULL;
}

static void
test_count_threads (void)
{
  PinkCount number = { PINK_COUNT_TURN - 2 * PER_THREAD, 6 };
  guint64 first = 7 * TURN - 2 * PER_THREAD;
  guint64 last = first + N_THREADS * PER_THREAD;
  guint64 before = first;
  GThread *threads[N_THREADS];

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("count", count, &number);
  for (guint i = 0; i < PER_THREAD; i++)
    {
      guint64 now = pink_count_get (&number);

      g_assert_cmpuint (now, >=, before);
      g_assert_cmpuint (now, <=, last);
      before = now;
    }
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (pink_count_get (&number), ==, last);
}

/* ---- whose turn it is ---- */

static void
test_turns (void)
{
  static const PinkRuleData rules[] = {
    { .first = 1, .step = 1 }, { .first = 3, .step = 1 }, { .first = 1, .step = 3 }, { .first = 5, .step = 7 },
    { .first = 1, .last = 1, .step = 1 }, { .first = 2, .last = 9, .step = 3 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      const PinkRuleData *rule = &rules[i];
      guint turn = 0;

      for (guint n = 1; n < 100; n++)
        {
          turn = pink_rule_turn_after (rule, turn);
          g_assert_cmpint (pink_rule_is_turn (rule, turn), ==,
                           n >= rule->first && (rule->last == 0 || n <= rule->last) &&
                             (n - rule->first) % rule->step == 0);
        }
    }
}

/* The first ones do not come again. */
static void
test_turns_end (void)
{
  static const PinkRuleData first_alone = { .first = 1, .last = 1, .step = 1 };
  static const PinkRuleData each = { .first = 1, .step = 1 };
  guint turn = G_MAXUINT - 2;

  for (guint n = 0; n < 5; n++)
    {
      turn = pink_rule_turn_after (&first_alone, turn);
      g_assert_false (pink_rule_is_turn (&first_alone, turn));
    }
  turn = 0;
  for (guint n = 0; n < 5; n++)
    turn = pink_rule_turn_after (&each, turn);
  g_assert_cmpuint (turn, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/counts/bits", test_count_bits);
  g_test_add_func ("/counts/killed", test_count_killed);
  g_test_add_func ("/counts/threads", test_count_threads);
  g_test_add_func ("/turns/each", test_turns);
  g_test_add_func ("/turns/end", test_turns_end);
  return g_test_run ();
}
