/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A thousand tracees at once: what a stop costs, what a tracee takes of our
 * memory, and that none waits for ever where one SIGCHLD stands for many stops.
 */
#include "tree-util.h"

#include <linux/futex.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MANY 1000

typedef struct
{
  PinkTracer *tracer;
  TreeShared *shared;
  PinkTracee *first;
} Herd;

/* They sleep, and so need more than the word. */
static void
set_word (atomic_int *word)
{
  atomic_store (word, 1);
  syscall (SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static Herd
herd_new (PinkTracer *tracer,
          guint       n,
          guint       active,
          guint       calls)
{
  Herd herd = { .tracer = tracer, .shared = tree_shared_new () };
  g_autofree char *texts[] = {
    g_strdup_printf ("%u", n), g_strdup_printf ("%u", active), g_strdup_printf ("%u", calls)
  };
  const char *argv[] = { g_getenv ("PINK_HERD"), texts[0], texts[1], texts[2], NULL };

  g_assert_nonnull (argv[0]);
  herd.first = g_object_ref (tree_spawnv (tracer, herd.shared, -1, argv));
  tree_wait_word (&herd.shared->budget, 1, "the herd");
  for (guint i = 1; i < G_N_ELEMENTS (texts); i++)
    g_free (texts[i]);
  return herd;
}

static void
herd_end (Herd *herd)
{
  set_word (&herd->shared->stop);
  tree_run (herd->tracer, herd->shared);
  g_assert_cmpint (pink_tracee_get_wait_status (herd->first), ==, 0);
  g_object_unref (herd->first);
  tree_shared_free (herd->shared);
}

typedef struct
{
  double ns;      /* on the clock */
  double cpu_ns;  /* of all CPUs: ours, the tracer task's and the tracees' */
} Cost;

/* This process and the tracer task. */
static gint64
cpu_of_tracer (int task)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/schedstat", task);
  g_autofree char *text = NULL;
  struct timespec own;

  g_assert_no_errno (clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &own));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return g_ascii_strtoll (text, NULL, 10) + own.tv_sec * G_GINT64_CONSTANT (1000000000) +
         own.tv_nsec;
}

static Cost
measure (guint    n,
         guint    active,
         guint    calls,
         gboolean handler)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n_calls = 0;
  gint64 cpu;
  int task;
  Cost cost;
  Herd herd;

  if (handler)
    g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n_calls);
  herd = herd_new (tracer, n, active, calls / active);
  task = test_tracer_task_of (pink_tracee_get_pid (herd.first));
  cpu = cpu_of_tracer (task);
  set_word (&herd.shared->go);
  tree_wait_word (&herd.shared->budget, 2, "all calls");
  cpu = cpu_of_tracer (task) - cpu + (gint64) atomic_load (&herd.shared->counters[1]);
  cost.ns = (double) atomic_load (&herd.shared->counters[0]) / (calls / active * active);
  cost.cpu_ns = (double) cpu / (calls / active * active);
  herd_end (&herd);
  if (handler)
    g_assert_cmpuint (n_calls, ==, calls / active * active);
  return cost;
}

typedef struct
{
  const char *path;
  guint       active;
  gboolean    handler;
} CostCase;

static const CostCase cost_cases[] = {
  { "/many/cost/all-call", MANY, FALSE },
  { "/many/cost/all-call/handler", MANY, TRUE },
  { "/many/cost/others-sleep", 1, FALSE },
  { "/many/cost/others-sleep/handler", 1, TRUE },
};

/* The best of some runs, by the clock or by the time that CPUs were at it: what else
 * the machine does only adds, and adds to the first what others have of the CPUs. In
 * the usual passes it is enough that the cost does not grow with their number. Where the
 * machine had no good moment for one of them there are more runs. */
static void
test_cost (gconstpointer data)
{
  const CostCase *test = data;
  guint n = test_count (MANY), calls = tree_count (10000, 100000), rounds = tree_count (2, 7);
  const double most = g_getenv ("PINK_TEST_LONG") != NULL ? 1.3 : 3;
  Cost one = { G_MAXDOUBLE, G_MAXDOUBLE }, many = one;
  double ratio = G_MAXDOUBLE;

  for (guint i = 0; i < rounds || (i < 3 * rounds && ratio >= most); i++)
    {
      Cost now = measure (1, 1, calls, test->handler);

      one = (Cost) { MIN (one.ns, now.ns), MIN (one.cpu_ns, now.cpu_ns) };
      now = measure (n, MIN (test->active, n), calls, test->handler);
      many = (Cost) { MIN (many.ns, now.ns), MIN (many.cpu_ns, now.cpu_ns) };
      ratio = MIN (many.cpu_ns / one.cpu_ns, many.ns / one.ns);
    }
  g_test_message ("a call costs %.0f ns of CPU with one tracee, %.0f ns with %u: %.2f times; on the "
                  "clock %.0f and %.0f ns: %.2f times",
                  one.cpu_ns, many.cpu_ns, n, many.cpu_ns / one.cpu_ns, one.ns, many.ns, many.ns / one.ns);
  g_assert_cmpfloat (ratio, <, most);
}

/* Of this process alone. */
static gint64
resident (void)
{
  g_autofree char *text = test_status_line (getpid (), "RssAnon");

  return g_ascii_strtoll (text, NULL, 10) * 1024;
}

static void
test_memory (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkTracer) warm_up = pink_tracer_new ();
  guint n = test_count (MANY), n_calls = 0;
  Herd herd = herd_new (warm_up, 10, 10, 1);
  gint64 before;

  set_word (&herd.shared->go);
  herd_end (&herd);
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (test_on_call), &n_calls);
  before = resident ();
  herd = herd_new (tracer, n, n, 10);
  set_word (&herd.shared->go);
  tree_wait_word (&herd.shared->budget, 2, "all calls");
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, n + 1);
  g_test_message ("%" G_GINT64_FORMAT " bytes a tracee", (resident () - before) / n);
  /* A sanitizer's and valgrind's own come to that. */
  if (!test_is_slow ())
    g_assert_cmpint ((resident () - before) / n, <=, 4096);
  herd_end (&herd);
}

typedef struct
{
  PinkTracer *tracer;
  guint       n;
} Stopped;

static gboolean
are_all_in_stop (gpointer data)
{
  Stopped *stopped = data;
  GListModel *model = pink_tracer_get_tracees (stopped->tracer);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PinkTracee) tracee = g_list_model_get_item (model, i);

      n += tree_state (pink_tracee_get_pid (tracee)) == 't';
    }
  return n >= stopped->n;
}

/* While the tracer task itself is stopped, all stop at a call: one SIGCHLD is all
 * that it finds of them. */
static void
test_merged (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n = test_count (200), rounds = tree_count (3, 50);
  int task;

  for (guint i = 0; i < rounds; i++)
    {
      Herd herd = herd_new (tracer, n, n, 3);

      task = test_tracer_task_of (pink_tracee_get_pid (herd.first));
      g_assert_cmpint (task, >, 0);
      g_assert_no_errno (kill (task, SIGSTOP));
      tree_wait_state (task, "T");
      set_word (&herd.shared->go);
      test_wait_until (NULL, are_all_in_stop, &(Stopped) { tracer, n }, "all to stop");
      g_assert_no_errno (kill (task, SIGCONT));
      tree_wait_word (&herd.shared->budget, 2, "all to go on");
      herd_end (&herd);
    }
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cost_cases); i++)
    test_add_data (cost_cases[i].path, &cost_cases[i], test_cost);
  test_add ("/many/memory", test_memory);
  test_add ("/many/merged", test_merged);

  return g_test_run ();
}
