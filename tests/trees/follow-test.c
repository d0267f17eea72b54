/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Following what a tracee makes: processes and threads, however they come and
 * go.
 */
#include "tree-util.h"

#include <signal.h>
#include <unistd.h>

/* ---- every way to make one ---- */

typedef struct
{
  const char      *path;
  const char      *deed;
  guint            n;
  const char      *argument; /* after the number */
  PinkTraceeBirth  birth;
  guint            execs;    /* of each */
  gboolean         calls;
} BirthCase;

static const BirthCase birth_cases[] = {
  { "/follow/birth/fork", "fork", 20, NULL, PINK_TRACEE_BIRTH_FORK, 0, FALSE },
  { "/follow/birth/vfork", "vfork", 20, NULL, PINK_TRACEE_BIRTH_VFORK, 0, FALSE },
  { "/follow/birth/vfork-exec", "vfork-exec", 20, NULL, PINK_TRACEE_BIRTH_VFORK, 1, FALSE },
  { "/follow/birth/clone", "clone", 20, NULL, PINK_TRACEE_BIRTH_FORK, 0, FALSE },
  { "/follow/birth/clone-other-signal", "clone", 20, "23", PINK_TRACEE_BIRTH_CLONE, 0, FALSE },
  { "/follow/birth/clone3", "clone3", 20, NULL, PINK_TRACEE_BIRTH_FORK, 0, FALSE },
  { "/follow/birth/escape", "escape-clone", 20, NULL, PINK_TRACEE_BIRTH_FORK, 0, FALSE },
  { "/follow/birth/thread", "threads", 20, "4", PINK_TRACEE_BIRTH_CLONE, 0, FALSE },
  { "/follow/birth/fork/calls", "fork", 20, NULL, PINK_TRACEE_BIRTH_FORK, 0, TRUE },
  { "/follow/birth/vfork/calls", "vfork", 20, NULL, PINK_TRACEE_BIRTH_VFORK, 0, TRUE },
  { "/follow/birth/vfork-exec/calls", "vfork-exec", 20, NULL, PINK_TRACEE_BIRTH_VFORK, 1, TRUE },
  { "/follow/birth/clone3/calls", "clone3", 20, NULL, PINK_TRACEE_BIRTH_FORK, 0, TRUE },
  { "/follow/birth/thread/calls", "threads", 20, "4", PINK_TRACEE_BIRTH_CLONE, 0, TRUE },
};

static void
test_birth (gconstpointer data)
{
  const BirthCase *test = data;
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autofree char *n = g_strdup_printf ("%u", test->n);
  g_autoptr (TreeWatch) watch = tree_trace (test->calls, shared, test->deed, n, test->argument, NULL);
  PinkTracee *first = g_ptr_array_index (watch->all, 0);
  gboolean threads = g_str_equal (test->deed, "threads");

  g_assert_cmpuint (watch->n_births[test->birth], ==, test->n);
  g_assert_cmpuint (watch->n_added, ==, test->n + 1);
  g_assert_cmpuint (watch->n_execs, ==, test->n * test->execs);
  if (test->calls)
    g_assert_cmpuint (watch->n_calls, >, test->n);
  for (guint i = 1; i < watch->all->len; i++)
    {
      PinkTracee *tracee = g_ptr_array_index (watch->all, i);

      g_assert_true (pink_tracee_get_parent (tracee) == first);
      g_assert_cmpint (pink_tracee_is_leader (tracee), ==, !threads);
      g_assert_cmpint (pink_tracee_get_tgid (tracee), ==,
                       pink_tracee_get_pid (threads ? first : tracee));
      g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_EXITED);
    }
}

/* What the parent is told is what we are. */
static void
test_exit_codes (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_trace (FALSE, shared, "fork", "40", NULL);

  for (guint i = 1; i < watch->all->len; i++)
    g_assert_cmpint (pink_tracee_get_exit_code (g_ptr_array_index (watch->all, i)), ==, (int) i - 1);
}

/* A sibling by CLONE_PARENT has a maker all the same. */
static void
test_clone_parent (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_trace (FALSE, shared, "clone-parent", NULL);

  g_assert_cmpuint (watch->n_added, ==, 3);
  g_assert_true (pink_tracee_get_parent (g_ptr_array_index (watch->all, 2)) ==
                 g_ptr_array_index (watch->all, 1));
}

static void
test_thread_exit_group (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  g_autoptr (PinkTracee) tracee = g_object_ref (tree_spawn (tracer, shared, "thread-exit-group",
                                                            "10", NULL));

  tree_run (tracer, shared);
  g_assert_cmpint (pink_tracee_get_exit_code (tracee), ==, 11);
  g_assert_cmpuint (watch->n_added, ==, 12);
}

/* ---- not following ---- */

static void
trace_unfollowed (const char *deed)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = NULL;
  g_autoptr (PinkTracee) tracee = NULL;

  pink_tracer_set_follow_forks (tracer, FALSE);
  watch = tree_watch_new (tracer, TRUE);
  tracee = g_object_ref (tree_spawn (tracer, shared, deed, NULL));
  tree_run (tracer, shared);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, 0);
  g_assert_cmpuint (watch->n_added, ==, 1);
}

/* CLONE_UNTRACED in memory, where it cannot be taken out. */
static void
test_escape_clone3 (gconstpointer hidden)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_trace (FALSE, shared, "escape-clone3", hidden, NULL);

  g_assert_cmpuint (watch->n_added, ==, 1);
}

static void
test_off (void)
{
  trace_unfollowed ("untraced");
}

static void
test_off_thread (void)
{
  trace_unfollowed ("untraced-thread");
}

/* ---- those who die early ---- */

static void
test_killed_by_parent (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  guint n = tree_count (300, 3000);
  g_autofree char *text = g_strdup_printf ("%u", n);
  g_autoptr (TreeWatch) watch = tree_trace (FALSE, shared, "kill-child", text, NULL);

  g_assert_cmpuint (watch->n_births[PINK_TRACEE_BIRTH_FORK], ==, n);
  for (guint i = 1; i < watch->all->len; i++)
    g_assert_cmpint (pink_tracee_get_term_signal (g_ptr_array_index (watch->all, i)), ==, SIGKILL);
}

/* A sniper that is not traced shoots as soon as the kernel has made the child. */
static TreeWatch *
trace_under_fire (TreeShared *shared,
                  const char *deed,
                  const char *target,
                  guint       n)
{
  g_autofree char *text = g_strdup_printf ("%u", n);
  int sniper = tree_start (shared, -1, "sniper", target, NULL);
  TreeWatch *watch;

  tree_wait_word (&shared->ready, 1, "the sniper to lie down");
  watch = tree_trace (FALSE, shared, deed, text, NULL);
  atomic_store (&shared->stop, 1);
  g_assert_cmpint (tree_await (sniper), ==, 0);
  return watch;
}

static void
test_child_shot (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  guint n = tree_count (300, 3000);
  g_autoptr (TreeWatch) watch = trace_under_fire (shared, "child-shot", "child", n);

  g_assert_cmpuint (watch->n_births[PINK_TRACEE_BIRTH_FORK], ==, n);
}

/* The report of a birth may be lost with the parent: how it was born is then not
 * known, but nobody is lost. */
static void
test_parent_shot (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  guint n = tree_count (200, 2000);
  g_autoptr (TreeWatch) watch = trace_under_fire (shared, "parent-shot", "parent", n);

  g_assert_cmpuint (watch->n_added, ==, 2 * n + 1);
}

/* ---- many ---- */

static void
test_threads (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  guint n = test_count (2000);
  g_autofree char *text = g_strdup_printf ("%u", n / 20 * 20);
  g_autoptr (TreeWatch) watch = tree_trace (FALSE, shared, "threads", text, "20", NULL);

  g_assert_cmpuint (watch->n_births[PINK_TRACEE_BIRTH_CLONE], ==, n / 20 * 20);
}

static void
test_bomb (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  guint n = test_count (500);
  g_autofree char *text = g_strdup_printf ("%u", n);
  g_autoptr (TreeWatch) watch = tree_trace (FALSE, shared, "bomb", text, NULL);

  g_assert_cmpuint (watch->n_births[PINK_TRACEE_BIRTH_FORK], ==, n);
  g_assert_cmpint (atomic_load (&shared->ready), ==, (int) n + 1);
}

static void
test_bomb_calls (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  guint n = test_count (200);
  g_autofree char *text = g_strdup_printf ("%u", n);
  g_autoptr (TreeWatch) watch = tree_trace (TRUE, shared, "bomb", text, NULL);

  g_assert_cmpuint (watch->n_births[PINK_TRACEE_BIRTH_FORK], ==, n);
}

static void
test_vfork_exec_loop (void)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  guint n = tree_count (200, 2000);
  g_autofree char *text = g_strdup_printf ("%u", n);
  g_autoptr (TreeWatch) watch = tree_trace (FALSE, shared, "vfork-exec", text, NULL);

  g_assert_cmpuint (watch->n_execs, ==, n);
}

static gboolean
are_101 (gpointer tracer)
{
  return pink_tracer_get_n_tracees (tracer) == 101;
}

/* 100 that are alive at once. */
static void
test_at_once (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  g_autoptr (PinkTracee) tracee = g_object_ref (tree_spawn (tracer, shared, "many", "100", NULL));

  tree_wait_word (&shared->ready, 100, "100 children");
  test_wait_until (NULL, are_101, tracer, "all of them to be known");
  g_assert_cmpuint (g_list_model_get_n_items (pink_tracer_get_tracees (tracer)), ==, 101);
  g_assert_cmpuint (g_list_model_get_n_items (pink_tracee_get_children (tracee)), ==, 100);
  atomic_store (&shared->go, 1);
  tree_run (tracer, shared);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, 0);
  g_assert_cmpuint (watch->max_alive, ==, 101);
  g_assert_cmpuint (g_list_model_get_n_items (pink_tracee_get_children (tracee)), ==, 0);
}

/* Nothing of ours is left, and no process of theirs. */
static void
test_nothing_left (void)
{
  TestState before = test_state_get ();
  g_autoptr (TreeShared) shared = tree_shared_new ();

  {
    g_autoptr (TreeWatch) watch = tree_trace (FALSE, shared, "bomb", "50", NULL);
  }
  before.fds++; /* the shared one */
  test_state_await (&before);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (birth_cases); i++)
    test_add_data (birth_cases[i].path, &birth_cases[i], test_birth);
  test_add ("/follow/exit-codes", test_exit_codes);
  test_add ("/follow/clone-parent", test_clone_parent);
  test_add ("/follow/thread-exit-group", test_thread_exit_group);
  test_add_data ("/follow/escape-clone3", NULL, test_escape_clone3);
  test_add_data ("/follow/escape-clone3/hidden", "hidden", test_escape_clone3);
  test_add ("/follow/off", test_off);
  test_add ("/follow/off/thread", test_off_thread);
  test_add ("/follow/killed-by-parent", test_killed_by_parent);
  test_add ("/follow/child-shot", test_child_shot);
  test_add ("/follow/parent-shot", test_parent_shot);
  test_add ("/follow/threads", test_threads);
  test_add ("/follow/bomb", test_bomb);
  test_add ("/follow/bomb/calls", test_bomb_calls);
  test_add ("/follow/vfork-exec-loop", test_vfork_exec_loop);
  test_add ("/follow/at-once", test_at_once);
  test_add ("/follow/nothing-left", test_nothing_left);

  return g_test_run ();
}
