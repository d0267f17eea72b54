/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Handlers that only look on: nobody waits for them, nothing is missing, and the order
 * is that in which things have happened.
 */
#include "log-util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGER_THAN_A_LOG_WAITS 4.0 /* seconds */

static PinkTracer *
observer_new (void)
{
  PinkTracer *tracer = pink_tracer_new ();

  pink_tracer_set_observe_only (tracer, TRUE);
  g_assert_true (pink_tracer_get_observe_only (tracer));
  return tracer;
}

/* ---- the same as with handlers that are waited for ---- */

typedef struct
{
  GPtrArray *lines;
  guint      n_open;
} Story;

static void
tell (Story      *story,
      const char *what,
      const char *name)
{
  g_ptr_array_add (story->lines, g_strconcat (what, " ", name, NULL));
}

static void
on_enter (PinkTracer *tracer, PinkSyscallEvent *event, Story *story)
{
  g_assert_cmpint (pink_syscall_event_get_duration (event), ==, -1);
  story->n_open++;
  tell (story, "enter", pink_syscall_event_get_name (event));
}

static void
on_exit_of (PinkTracer *tracer, PinkSyscallEvent *event, Story *story)
{
  const char * const same_in_each_run[] = { "openat", "exit_group", NULL };
  const char *name = pink_syscall_event_get_name (event);
  g_autofree char *text = pink_syscall_event_to_string (event);

  tell (story, "exit", g_strv_contains (same_in_each_run, name) ? text : name);
}

static void
on_signal (PinkTracer *tracer, PinkSignalEvent *event, Story *story)
{
  tell (story, "signal", pink_signal_event_get_name (event));
}

static void
on_exec (PinkTracer *tracer, PinkTracee *tracee, int former, Story *story)
{
  g_autofree char *command = pink_tracee_get_command (tracee);

  tell (story, "exec", command);
}

static void
on_exited (PinkTracer *tracer, PinkTracee *tracee, int status, Story *story)
{
  g_autofree char *text = g_strdup_printf ("%d", status);

  tell (story, "exited", text);
}

static GPtrArray *
story_of (gboolean observe_only, const char *detail, const char * const *steps)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *enter = g_strconcat ("syscall-enter", detail, NULL);
  g_autofree char *leave = g_strconcat ("syscall-exit", detail, NULL);
  Story story = { .lines = g_ptr_array_new_with_free_func (g_free) };

  pink_tracer_set_observe_only (tracer, observe_only);
  g_signal_connect (tracer, enter, G_CALLBACK (on_enter), &story);
  g_signal_connect (tracer, leave, G_CALLBACK (on_exit_of), &story);
  g_signal_connect (tracer, "signal-delivery", G_CALLBACK (on_signal), &story);
  g_signal_connect (tracer, "exec", G_CALLBACK (on_exec), &story);
  g_signal_connect (tracer, "exited", G_CALLBACK (on_exited), &story);
  test_spawnv (tracer, steps);
  test_run (tracer);
  g_assert_cmpuint (story.n_open, >, 2);
  return story.lines;
}

static void
test_same_story (gconstpointer detail)
{
  const char *steps[] = { test_program (), "getppid:50", "open:/etc/passwd", "read:20", "handle:10", "raise:10",
                          "open:/nowhere/at-all", "exec", "getppid:5", "exit:7", NULL };
  g_autoptr (GPtrArray) held = story_of (FALSE, detail, steps);
  g_autoptr (GPtrArray) observed = story_of (TRUE, detail, steps);

  for (guint i = 0; i < MIN (held->len, observed->len); i++)
    g_assert_cmpstr (observed->pdata[i], ==, held->pdata[i]);
  g_assert_cmpuint (observed->len, ==, held->len);
}

/* ---- paths ---- */

static void
on_wait (PinkTracer *tracer, PinkSyscallEvent *event, gpointer end)
{
  int *fd = end;

  if (pink_syscall_event_get_argument (event, 0) != 0 || *fd < 0)
    return;
  /* It waits in the call: its descriptor could be looked up, and may be another by now. */
  g_assert_false (pink_syscall_event_has_path (event, "*"));
  close (*fd);
  *fd = -1;
}

static void
on_opened (PinkTracer *tracer, PinkSyscallEvent *event, gpointer list)
{
  g_ptr_array_add (list, g_object_ref (event));
}

static void
test_has_path (void)
{
  g_autoptr (PinkTracer) tracer = observer_new ();
  g_autoptr (GPtrArray) opened = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_found = 0;
  int ends[2];

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  g_signal_connect (tracer, "syscall-enter::read", G_CALLBACK (on_wait), &ends[1]);
  g_signal_connect (tracer, "syscall-exit::openat", G_CALLBACK (on_opened), opened);
  log_spawn (tracer, ends[0], "wait");
  test_run (tracer);
  g_assert_cmpint (ends[1], ==, -1);

  log_trace (tracer, "opens:3", NULL);
  for (guint i = 0; i < opened->len; i++)
    n_found += pink_syscall_event_has_path (opened->pdata[i], "/nowhere/00000?");
  g_assert_cmpuint (n_found, ==, 3);
}

/* ---- the order among processes ---- */

typedef struct
{
  GHashTable *added, *ended;
  guint       n_waited;
  guint       n_calls;
} Order;

static gboolean
knows (GHashTable *pids, gint64 pid)
{
  return g_hash_table_contains (pids, GINT_TO_POINTER ((int) pid));
}

static void
note_added (PinkTracer *tracer, PinkTracee *tracee, Order *order)
{
  g_hash_table_add (order->added, GINT_TO_POINTER (pink_tracee_get_pid (tracee)));
}

static void
note_ended (PinkTracer *tracer, PinkTracee *tracee, int status, Order *order)
{
  g_hash_table_add (order->ended, GINT_TO_POINTER (pink_tracee_get_pid (tracee)));
}

static void
note_enter (PinkTracer *tracer, PinkSyscallEvent *event, Order *order)
{
  int pid = pink_tracee_get_pid (pink_syscall_event_get_tracee (event));

  g_assert_true (knows (order->added, pid));
  g_assert_false (knows (order->ended, pid));
}

static void
note_exit (PinkTracer *tracer, PinkSyscallEvent *event, Order *order)
{
  note_enter (tracer, event, order);
  if (g_str_equal (pink_syscall_event_get_name (event), "lseek"))
    order->n_calls++;
  if (!g_str_equal (pink_syscall_event_get_name (event), "wait4") ||
      pink_syscall_event_get_return_value (event) <= 0)
    return;
  g_assert_true (knows (order->ended, pink_syscall_event_get_return_value (event)));
  order->n_waited++;
}

static void
test_order (gconstpointer how)
{
  g_autoptr (PinkTracer) tracer = observer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  Order order = { .added = g_hash_table_new (NULL, NULL), .ended = g_hash_table_new (NULL, NULL) };
  guint n = test_count (500);
  g_autofree char *step = g_strdup_printf ("%s:8:%u", (const char *) how, n);

  g_signal_connect (tracer, "tracee-added", G_CALLBACK (note_added), &order);
  g_signal_connect (tracer, "exited", G_CALLBACK (note_ended), &order);
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (note_enter), &order);
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (note_exit), &order);
  pink_tracer_add_log (tracer, log);
  log_trace (tracer, step, NULL);
  g_assert_cmpuint (order.n_calls, >=, 8 * n);
  if (g_str_equal (how, "forks")) /* and a sanitizer's own */
    g_assert_cmpuint (order.n_waited, >=, 8);
  g_assert_cmpuint (log_count (log), >, 8 * n);
  g_hash_table_unref (order.added);
  g_hash_table_unref (order.ended);
}

/* Two programs, of which one never stops to make calls: the other has its turn. */
static void
count_of (PinkTracer *tracer, PinkSyscallEvent *event, guint *n)
{
  (*n)++;
}

static void
kill_busy (PinkTracer *tracer, PinkTracee *tracee, int status, gpointer busy)
{
  pink_tracee_send_signal (busy, SIGKILL, NULL);
}

static void
test_turns (void)
{
  g_autoptr (PinkTracer) tracer = observer_new ();
  guint n_busy = 0, n_calls = 0;
  const char *busy[] = { test_program (), "loop-forever", NULL }, *other[] = { test_program (), "getppid:200", NULL };
  PinkTracee *first = test_spawnv (tracer, busy);

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (count_of), &n_busy);
  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (count_of), &n_calls);
  g_signal_connect (tracer, "exited", G_CALLBACK (kill_busy), first);
  test_spawnv (tracer, other);
  test_run (tracer);
  g_assert_cmpuint (n_calls, >=, 200);
}

/* ---- nobody waits ---- */

typedef struct
{
  int    pid;
  double seconds;
  guint  n;
  gboolean has_ended;
} Slow;

static void
be_slow (PinkTracer *tracer, PinkSyscallEvent *event, Slow *slow)
{
  if (slow->n++ == 0)
    slow->has_ended = test_process_await_end (slow->pid, slow->seconds);
}

static void
test_nobody_waits (void)
{
  g_autoptr (PinkTracer) tracer = observer_new ();
  const char *steps[] = { test_program (), "getppid:100", NULL };
  Slow slow = { .seconds = TEST_BOUND_S };

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (be_slow), &slow);
  slow.pid = pink_tracee_get_pid (test_spawnv (tracer, steps));
  test_run (tracer);
  g_assert_true (slow.has_ended);
  g_assert_cmpuint (slow.n, ==, 100);
}

/* But where what it has done would no longer fit, it does, and nothing is left out. */
static void
test_much (void)
{
  g_autoptr (PinkTracer) tracer = observer_new ();
  guint n = 50000;
  const char *steps[] = { test_program (), "getppid:50000", NULL };
  Slow slow = { .seconds = LONGER_THAN_A_LOG_WAITS };

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (be_slow), &slow);
  slow.pid = pink_tracee_get_pid (test_spawnv (tracer, steps));
  test_run (tracer);
  g_assert_false (slow.has_ended);
  g_assert_cmpuint (slow.n, ==, n);
}

/* ---- what handlers may do, and may not ---- */

/* Whoever is in a handler hears why that does not help. */
static void
assert_observed (GError **error)
{
  g_assert_error (*error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  g_assert_nonnull (strstr ((*error)->message, "observe-only"));
  g_clear_error (error);
}

static void
on_refused (GObject *tracee, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  g_assert_null (pink_tracee_inject_syscall_finish (PINK_TRACEE (tracee), result, &error));
  /* It may have been killed meanwhile. */
  if (!g_error_matches (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE))
    assert_observed (&error);
  g_clear_error (&error);
}

static void
try_to_decide (PinkTracer *tracer, PinkSyscallEvent *event, guint *n)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  g_autoptr (GError) error = NULL;

  (*n)++;
  g_assert_cmpint (pink_syscall_event_get_state (event), ==, PINK_SYSCALL_RUNNING);
  g_assert_false (pink_syscall_event_deny (event, EPERM, &error));
  assert_observed (&error);
  g_assert_false (pink_syscall_event_hold (event, &error));
  assert_observed (&error);
  g_assert_false (pink_tracee_hold (tracee, &error));
  assert_observed (&error);
  g_assert_null (pink_tracee_read_memory (tracee, 0x1000, 1, &error));
  assert_observed (&error);
  pink_tracee_inject_syscall_async (tracee, "getpid", NULL, NULL, on_refused, NULL);
}

static void
try_to_read (PinkTracer *tracer, PinkSyscallEvent *event, guint *n)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pink_syscall_event_read_string (event, 1, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE);
  if ((*n)++ == 0)
    g_assert_nonnull (strstr (error->message, "NULL"));
  else
    g_assert_nonnull (strstr (error->message, "with PinkTracer:observe-only"));
}

static void
test_reading (void)
{
  g_autoptr (PinkTracer) tracer = observer_new ();
  g_autofree char *none = g_strdup_printf ("raw:%d:-100:0:0", SYS_mkdirat);
  g_autofree char *bad = g_strdup_printf ("raw:%d:-100:1:0", SYS_mkdirat);
  guint n = 0;

  g_signal_connect (tracer, "syscall-enter::mkdirat", G_CALLBACK (try_to_read), &n);
  g_assert_cmpint (test_trace (tracer, none, bad, NULL), ==, 0);
  g_assert_cmpuint (n, ==, 2);
}

static void
assert_good (PinkTracer *tracer, PinkSyscallEvent *event, guint *n)
{
  g_assert_cmpint (pink_syscall_event_get_state (event), ==, PINK_SYSCALL_FINISHED);
  g_assert_cmpint (pink_syscall_event_get_error_code (event), ==, 0);
  if (*n == 3)
    kill (pink_tracee_get_pid (pink_syscall_event_get_tracee (event)), SIGKILL);
}

static void
test_deciding (void)
{
  g_autoptr (PinkTracer) tracer = observer_new ();
  guint n = 0;

  pink_tracer_set_default_verdict (tracer, PINK_VERDICT_DENY);
  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (try_to_decide), &n);
  g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (assert_good), &n);
  /* It is there until its last call was told of: of one that has ended the errors are others. */
  g_assert_cmpint (test_trace (tracer, "getppid:3", "sleep-forever", NULL), ==, SIGKILL);
  g_assert_cmpuint (n, ==, 3);
}

static void
test_too_late (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  const char *steps[] = { test_program (), "exit:0", NULL };

  pink_tracer_set_observe_only (tracer, TRUE);
  test_spawnv (tracer, steps);
  g_test_expect_message ("PinkTrace", G_LOG_LEVEL_CRITICAL, "*is_idle*");
  pink_tracer_set_observe_only (tracer, FALSE);
  g_test_assert_expected_messages ();
  g_assert_true (pink_tracer_get_observe_only (tracer));
  test_run (tracer);
  pink_tracer_set_observe_only (tracer, FALSE);
  g_assert_false (pink_tracer_get_observe_only (tracer));
}

/* In the midst of the calls of several tracees: each is told of once, entry and exit. */
typedef struct
{
  GHashTable *open;
  guint       switch_at, n_entered, n_left, n_observed;
} Switch;

static void
switch_over (PinkTracer *tracer, PinkSyscallEvent *event, Switch *state)
{
  if (++state->n_entered == state->switch_at)
    pink_tracer_set_observe_only (tracer, TRUE);
  state->n_observed += pink_syscall_event_get_state (event) == PINK_SYSCALL_RUNNING;
  g_assert_true (g_hash_table_add (state->open, g_object_ref (event)));
}

static void
leave_over (PinkTracer *tracer, PinkSyscallEvent *event, Switch *state)
{
  state->n_left++;
  g_assert_true (g_hash_table_remove (state->open, event));
}

static void
test_switch (gconstpointer how)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  Switch state = { .open = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL) };
  guint n = state.switch_at = test_count (300), n_rows = 0;
  g_autofree char *step = g_strdup_printf ("threads:8:%u", n);

  g_signal_connect (tracer, "syscall-enter::lseek", G_CALLBACK (switch_over), &state);
  g_signal_connect (tracer, "syscall-exit::lseek", G_CALLBACK (leave_over), &state);
  if (g_str_equal (how, "with-log"))
    pink_tracer_add_log (tracer, log);
  log_trace (tracer, step, NULL);
  g_assert_cmpuint (state.n_left, ==, state.n_entered);
  g_assert_cmpuint (state.n_entered, >=, 8 * n);
  g_assert_cmpuint (state.n_observed, >, 4 * n);
  g_assert_cmpuint (g_hash_table_size (state.open), ==, 0);
  for (guint i = 0; i < log_count (log); i++)
    {
      g_autoptr (PinkSyscallEvent) event = log_get (log, i);

      n_rows += g_strcmp0 (pink_syscall_event_get_name (event), "lseek") == 0;
    }
  g_assert_cmpuint (n_rows, ==, g_str_equal (how, "with-log") ? state.n_entered : 0);
  g_hash_table_unref (state.open);
}

static void
quit (PinkTracer *tracer, PinkSyscallEvent *event, guint *n)
{
  (*n)++;
  pink_tracer_quit (tracer);
}

/* What has not been told of when somebody quits is told of when it runs again. */
static void
test_quit (void)
{
  g_autoptr (PinkTracer) tracer = observer_new ();
  const char *steps[] = { test_program (), "getppid:20", NULL };
  guint n = 0, n_runs = 0;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (quit), &n);
  pink_tracer_set_exit_kill (tracer, FALSE);
  test_spawnv (tracer, steps);
  while (g_list_model_get_n_items (pink_tracer_get_tracees (tracer)) > 0 && n_runs < 1000)
    {
      guint before = n;

      test_run (tracer);
      n_runs++;
      g_assert_cmpuint (n, <=, before + 1);
    }
  g_assert_cmpuint (n, ==, 20);
}

typedef struct
{
  guint n;
} Nested;

static gboolean
has_more (gpointer data)
{
  return ((Nested *) data)->n > 1;
}

static void
nest (PinkTracer *tracer, PinkSyscallEvent *event, Nested *nested)
{
  gint64 time = pink_syscall_event_get_time (event);

  if (++nested->n == 1)
    test_wait_until (NULL, has_more, nested, "the next call, told of in a main loop of a handler's own");
  g_assert_cmpint (pink_syscall_event_get_time (event), ==, time);
}

static void
test_nested (void)
{
  g_autoptr (PinkTracer) tracer = observer_new ();
  Nested nested = { .n = 0 };

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (nest), &nested);
  g_assert_cmpint (test_trace (tracer, "getppid:100", NULL), ==, 0);
  g_assert_cmpuint (nested.n, ==, 100);
}

static void
drop (PinkTracer *tracer, PinkSyscallEvent *event, PinkTracer **owned)
{
  g_clear_object (owned);
}

static gboolean
is_dropped (gpointer data)
{
  return *(PinkTracer **) data == NULL;
}

static void
test_dropped (void)
{
  TestState before = test_state_get ();
  PinkTracer *tracer = observer_new ();
  const char *steps[] = { test_program (), "loop-forever", NULL };

  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (drop), &tracer);
  test_spawnv (tracer, steps);
  test_wait_until (NULL, is_dropped, &tracer, "the handler that drops the tracer");
  test_state_await (&before);
}

/* ---- the task dies ---- */

static void
on_lost (PinkTracer *tracer, PinkTracee *tracee, GError *error, guint *n)
{
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
  (*n)++;
}

static void
kill_task (PinkTracer *tracer, PinkSyscallEvent *event, guint *n)
{
  if ((*n)++ == 100)
    test_kill_task (pink_tracee_get_pid (pink_syscall_event_get_tracee (event)));
}

static void
test_task_dies (void)
{
  g_autoptr (PinkTracer) tracer = observer_new ();
  g_autoptr (GError) error = NULL;
  const char *steps[] = { test_program (), "loop-forever", NULL };
  guint n = 0, n_lost = 0;

  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (kill_task), &n);
  g_signal_connect (tracer, "tracee-lost", G_CALLBACK (on_lost), &n_lost);
  test_spawnv (tracer, steps);
  g_assert_false (test_run_full (tracer, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_TASK_DIED);
  g_assert_cmpuint (n_lost, ==, 1);
  g_assert_cmpuint (n, >, 100);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add_data ("/observe/same-story", "", test_same_story);
  test_add_data ("/observe/same-story/detail", "::openat", test_same_story);
  test_add_data ("/observe/order/forks", "forks", test_order);
  test_add_data ("/observe/order/threads", "threads", test_order);
  test_add ("/observe/turns", test_turns);
  test_add ("/observe/nobody-waits", test_nobody_waits);
  test_add ("/observe/much", test_much);
  test_add ("/observe/deciding", test_deciding);
  test_add ("/observe/reading", test_reading);
  test_add ("/observe/too-late", test_too_late);
  test_add_data ("/observe/switch", "alone", test_switch);
  test_add_data ("/observe/switch/log", "with-log", test_switch);
  test_add ("/observe/has-path", test_has_path);
  test_add ("/observe/quit", test_quit);
  test_add ("/observe/nested", test_nested);
  test_add ("/observe/dropped", test_dropped);
  test_add_native (TEST_KILLS_TASK, "/observe/task-dies", test_task_dies);
  return g_test_run ();
}
