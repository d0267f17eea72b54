/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Trees of processes and threads that are hit at random while they are traced.
 * Nobody is lost, nobody is left, and the trace ends.
 */
#include "tree-util.h"

#include <signal.h>
#include <unistd.h>

#define ROOTS 2

typedef struct
{
  PinkTracer *tracer;
  TestPids   *roots;
  guint       n_kills;
  guint       n_interrupted;
  guint       n_refused;
} Torture;

static PinkTracee *
anybody (Torture *torture)
{
  GListModel *model = pink_tracer_get_tracees (torture->tracer);
  guint n = g_list_model_get_n_items (model);

  return n > 0 ? g_list_model_get_item (model, (guint) g_test_rand_int_range (0, (gint) n)) : NULL;
}

static void
keep_alive (Torture *torture)
{
  guint n = 0;
  GListModel *model = pink_tracer_get_tracees (torture->tracer);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PinkTracee) tracee = g_list_model_get_item (model, i);

      n += pink_tracee_get_birth (tracee) == PINK_TRACEE_BIRTH_SPAWN;
    }
  for (; n < ROOTS; n++)
    test_pids_add (torture->roots, pink_tracee_get_pid (tree_spawn (torture->tracer, NULL, "family",
                                                                    "3", NULL)));
}

/* By the number: what is hit may have ended, and it is the test's to be sure that
 * the number is still a tracee's. */
static void
kill_one (Torture *torture)
{
  g_autoptr (PinkTracee) tracee = anybody (torture);

  if (tracee != NULL && pink_tracee_send_signal (tracee, SIGKILL, NULL))
    torture->n_kills++;
}

static void
on_interrupted (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  Torture *torture = data;
  PinkTracee *tracee = PINK_TRACEE (source);
  static const PinkResumeMode modes[] = {
    PINK_RESUME_SYSCALL, PINK_RESUME_CONTINUE, PINK_RESUME_SYSCALL, PINK_RESUME_SINGLE_STEP
  };
  g_autoptr (GError) error = NULL;

  if (!pink_tracee_interrupt_finish (tracee, result, &error))
    {
      g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
      torture->n_refused++;
      return;
    }
  torture->n_interrupted++;
  /* Another one who has asked may have let it go. */
  if (!pink_tracee_resume (tracee, modes[g_test_rand_int_range (0, 4)], &error))
    g_assert_true (g_error_matches (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE) ||
                   g_error_matches (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE));
}

static void
vex_one (Torture *torture)
{
  g_autoptr (PinkTracee) tracee = anybody (torture);

  if (tracee == NULL)
    return;
  switch (g_test_rand_int_range (0, 5))
    {
    case 0:
      pink_tracee_send_signal (tracee, SIGSTOP, NULL);
      break;
    case 1:
    case 2:
      pink_tracee_send_signal (tracee, SIGCONT, NULL);
      break;
    default:
      pink_tracee_interrupt_async (tracee, NULL, on_interrupted, torture);
      break;
    }
}

/* Whoever has been stopped goes on some day. */
static gboolean
wake_all (gpointer data)
{
  GListModel *model = pink_tracer_get_tracees (((Torture *) data)->tracer);

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PinkTracee) tracee = g_list_model_get_item (model, i);

      pink_tracee_send_signal (tracee, SIGCONT, NULL);
    }
  return G_SOURCE_CONTINUE;
}

/* A handler that holds some for a while. */
static gboolean
let_go (gpointer tracee)
{
  pink_tracee_resume (tracee, PINK_RESUME_SYSCALL, NULL);
  return G_SOURCE_REMOVE;
}

static void
hold_some (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          data)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  if (g_test_rand_int_range (0, 50) == 0 && pink_tracee_hold (tracee, NULL))
    g_timeout_add_full (G_PRIORITY_DEFAULT, 3, let_go, g_object_ref (tracee), g_object_unref);
}

static gboolean
is_over (gpointer data)
{
  return pink_tracer_get_n_tracees (((Torture *) data)->tracer) == 0;
}

static void
torture (gboolean calls,
         gboolean hold,
         gboolean vex)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, calls);
  g_autoptr (TestPids) roots = test_pids_new ();
  Torture torture = { .tracer = tracer, .roots = roots };
  guint n = tree_count (200, 1000), n_added = 0, wake = g_timeout_add (20, wake_all, &torture);
  gint64 until = g_get_monotonic_time () + (gint64) (test_seconds (TEST_BOUND_S) * G_USEC_PER_SEC);

  if (hold)
    g_signal_connect (tracer, "syscall-enter", G_CALLBACK (hold_some), NULL);
  keep_alive (&torture);
  while (torture.n_kills < n)
    {
      g_main_context_iteration (NULL, TRUE);
      if (pink_tracer_get_n_tracees (tracer) == 0)
        keep_alive (&torture);
      /* The births are the clock: some happen between two hits. */
      if (watch->n_added >= n_added)
        {
          kill_one (&torture);
          keep_alive (&torture);
          n_added = watch->n_added + (guint) g_test_rand_int_range (1, 6);
          until = g_get_monotonic_time () + (gint64) (test_seconds (TEST_BOUND_S) * G_USEC_PER_SEC);
        }
      else if (vex)
        vex_one (&torture);
      if (g_get_monotonic_time () > until)
        g_error ("waited too long: somebody to be born");
    }
  while (pink_tracer_get_n_tracees (tracer) > 0 && g_get_monotonic_time () < until)
    {
      GListModel *model = pink_tracer_get_tracees (tracer);

      for (guint i = 0; i < g_list_model_get_n_items (model); i++)
        {
          g_autoptr (PinkTracee) tracee = g_list_model_get_item (model, i);

          pink_tracee_send_signal (tracee, SIGKILL, NULL);
        }
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (wake);
  test_wait_until (NULL, is_over, &torture, "the end of the trees");
  test_pids_await_ended (roots);
  g_test_message ("%u added, %u interrupted, %u not", watch->n_added, torture.n_interrupted,
                  torture.n_refused);
}

static void
test_kill (void)
{
  torture (FALSE, FALSE, FALSE);
}

static void
test_kill_calls (void)
{
  torture (TRUE, FALSE, FALSE);
}

static void
test_kill_held (void)
{
  torture (FALSE, TRUE, FALSE);
}

static void
test_vex (void)
{
  torture (FALSE, FALSE, TRUE);
}

static void
test_vex_calls (void)
{
  torture (TRUE, FALSE, TRUE);
}

static void
test_vex_held (void)
{
  torture (TRUE, TRUE, TRUE);
}

/* The tracer goes while the tree is at its busiest. */
static void
test_finalised (void)
{
  guint n = tree_count (20, 200);

  for (guint i = 0; i < n; i++)
    {
      PinkTracer *tracer = pink_tracer_new ();
      g_autoptr (TestPids) pids = test_pids_new ();
      g_autoptr (PinkTracee) first = NULL;
      guint count = 0;

      if (i % 2)
        g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &count);
      test_pids_add (pids, pink_tracee_get_pid (tree_spawn (tracer, NULL, "family", "3", NULL)));
      for (guint j = 0; j < 10 * i; j++)
        g_main_context_iteration (NULL, TRUE);
      first = g_list_model_get_item (pink_tracer_get_tracees (tracer), 0);
      test_pids_add_all_of (pids, test_tracer_task_of (pink_tracee_get_pid (first)));
      g_object_unref (tracer);
      test_pids_await_ended (pids);
    }
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  test_add ("/torture/kill", test_kill);
  test_add ("/torture/kill/calls", test_kill_calls);
  test_add ("/torture/kill/held", test_kill_held);
  test_add ("/torture/vex", test_vex);
  test_add ("/torture/vex/calls", test_vex_calls);
  test_add ("/torture/vex/held", test_vex_held);
  test_add ("/torture/finalised", test_finalised);

  return g_test_run ();
}
