/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Running a trace: the main context, the source in it, and handlers that do things.
 */
#include "pink-test-util.h"

/* ---- running ---- */

static void
test_run_nothing (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();

  test_run (tracer);
}

static void
quit_run (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          data)
{
  pink_tracer_quit (tracer);
}

static void
test_quit (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n = 0;
  gulong id;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n);
  id = g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (quit_run), NULL);
  test_spawn (tracer, "getppid:100", NULL);
  test_run (tracer);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 1);

  g_signal_handler_disconnect (tracer, id);
  test_run (tracer);
  g_assert_cmpuint (n, ==, 100);
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 0);
}

static gpointer
run_elsewhere (gpointer tracer)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (pink_tracer_run (tracer, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  return NULL;
}

static void
test_run_in_the_wrong_thread (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PinkTracer) tracer = NULL;

  g_main_context_push_thread_default (context); /* and acquires it */
  tracer = pink_tracer_new ();
  test_spawn (tracer, "getppid", NULL);
  g_thread_join (g_thread_new ("other", run_elsewhere, tracer));
  test_run (tracer);
  g_main_context_pop_thread_default (context);
}

static void
test_main_loop (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  guint n_finished = 0, n = 0;

  g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (test_on_call), &n);
  g_signal_connect (tracer, "finished", G_CALLBACK (test_on_finished), &n_finished);
  g_signal_connect_swapped (tracer, "finished", G_CALLBACK (g_main_loop_quit), loop);
  test_spawn (tracer, "getppid:100", NULL);
  g_main_loop_run (loop);
  g_assert_cmpuint (n, ==, 100);
  g_assert_cmpuint (n_finished, ==, 1);
}

typedef struct
{
  guint    n;
  gboolean result;
  GError  *error;
} Answer;

static void
on_run (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  Answer *answer = data;

  answer->n++;
  g_clear_error (&answer->error);
  answer->result = pink_tracer_run_finish (PINK_TRACER (source), result, &answer->error);
}

static gboolean
has_answer (gpointer data)
{
  return ((Answer *) data)->n > 0;
}

static void
test_run_async (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Answer first = { 0 }, second = { 0 }, empty = { 0 };

  pink_tracer_run_async (tracer, NULL, on_run, &empty);
  g_assert_cmpuint (empty.n, ==, 0); /* never from within the call */
  test_wait_until (NULL, has_answer, &empty, "run_async() without a tracee");
  g_assert_true (empty.result);

  test_spawn (tracer, "getppid:100", NULL);
  pink_tracer_run_async (tracer, NULL, on_run, &first);
  pink_tracer_run_async (tracer, NULL, on_run, &second);
  test_wait_until (NULL, has_answer, &second, "run_async()");
  test_wait_until (NULL, has_answer, &first, "run_async()");
  g_assert_true (first.result && second.result);
  g_assert_cmpuint (first.n, ==, 1);
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 0);
}

static void
test_run_async_cancelled (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Answer answer = { 0 }, again = { 0 };

  test_spawn (tracer, "sleep-forever", NULL);
  pink_tracer_run_async (tracer, cancellable, on_run, &answer);
  g_cancellable_cancel (cancellable);
  test_wait_until (NULL, has_answer, &answer, "a cancelled run_async()");
  g_assert_false (answer.result);
  g_assert_error (answer.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 1);

  pink_tracer_run_async (tracer, cancellable, on_run, &again);
  test_wait_until (NULL, has_answer, &again, "a run_async() cancelled before");
  g_assert_error (again.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&answer.error);
  g_clear_error (&again.error);
}

static void
test_run_async_quit (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Answer answer = { 0 };

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (quit_run), NULL);
  test_spawn (tracer, "getppid:100", NULL);
  pink_tracer_run_async (tracer, NULL, on_run, &answer);
  test_wait_until (NULL, has_answer, &answer, "run_async() to be quit");
  g_assert_true (answer.result);
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 1);
}

/* ---- the source ---- */

static void
check_source (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          priority)
{
  GSource *source = g_main_current_source ();

  g_assert_nonnull (source);
  g_assert_cmpstr (g_source_get_name (source), ==, "PinkTracer");
  g_assert_cmpint (g_source_get_priority (source), ==, *(int *) priority);
  g_assert_true (g_source_get_context (source) == g_main_context_default ());
}

static void
test_source (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  int priority = PINK_PRIORITY_TRACER;

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (check_source), &priority);
  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);

  priority = G_PRIORITY_HIGH;
  pink_tracer_set_priority (tracer, G_PRIORITY_HIGH);
  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    count)
{
  ++*(guint *) count;
}

static void
test_properties (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n_tracees, limit, n = 0;
  gboolean measure;
  int priority;

  g_signal_connect (tracer, "notify", G_CALLBACK (on_notify), &n);
  g_object_get (tracer, "n-tracees", &n_tracees, "priority", &priority, "string-limit", &limit,
                "measure-cpu", &measure, NULL);
  g_assert_cmpuint (n_tracees, ==, 0);
  g_assert_cmpint (priority, ==, 130);
  g_assert_cmpuint (limit, ==, 32);
  g_assert_false (measure);

  g_object_set (tracer, "priority", 5, "string-limit", 7, "measure-cpu", TRUE, NULL);
  g_assert_cmpint (pink_tracer_get_priority (tracer), ==, 5);
  g_assert_cmpuint (pink_tracer_get_string_limit (tracer), ==, 7);
  g_assert_true (pink_tracer_get_measure_cpu (tracer));
  g_assert_cmpuint (n, ==, 3);
  g_object_set (tracer, "priority", 5, "string-limit", 7, "measure-cpu", TRUE, NULL);
  g_assert_cmpuint (n, ==, 3);
}

/* A timer of a higher priority comes in between, however busy the tracer is. */
static gboolean
count_tick (gpointer count)
{
  ++*(guint *) count;
  return G_SOURCE_CONTINUE;
}

static void
test_other_sources (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n_calls = 0, n_ticks = 0;
  guint id = g_idle_add_full (G_PRIORITY_DEFAULT, count_tick, &n_ticks, NULL);

  g_source_remove (id);
  id = g_timeout_add (1, count_tick, &n_ticks);
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &n_calls);
  g_assert_cmpint (test_trace (tracer, "getppid:3000", NULL), ==, 0);
  g_source_remove (id);
  g_assert_cmpuint (n_ticks, >, 5);
}

/* ---- handlers that do things ---- */

static void
spawn_another (PinkTracer       *tracer,
               PinkSyscallEvent *event,
               gpointer          data)
{
  guint *left = data;

  if (*left == 0)
    return;
  --*left;
  test_spawn (tracer, "getppid", NULL);
}

static void
test_spawn_in_handler (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint left = 20, n = 0, n_finished = 0;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n);
  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (spawn_another), &left);
  g_signal_connect (tracer, "finished", G_CALLBACK (test_on_finished), &n_finished);
  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
  test_run (tracer);
  g_assert_cmpuint (n, ==, 21);
  g_assert_cmpuint (left, ==, 0);
  g_assert_cmpuint (n_finished, ==, 1);
}

static void
spawn_when_exited (PinkTracer *tracer,
                   PinkTracee *tracee,
                   int         wait_status,
                   gpointer    left)
{
  spawn_another (tracer, NULL, left);
}

static void
spawn_when_finished (PinkTracer *tracer,
                     gpointer    left)
{
  spawn_another (tracer, NULL, left);
}

/* run() goes on with what a last handler has begun. */
static void
test_spawn_at_the_end (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint left_at_exit = 3, left_at_finish = 3, n = 0, n_finished = 0;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n);
  g_signal_connect (tracer, "exited", G_CALLBACK (spawn_when_exited), &left_at_exit);
  g_signal_connect (tracer, "finished", G_CALLBACK (test_on_finished), &n_finished);
  g_signal_connect (tracer, "finished", G_CALLBACK (spawn_when_finished), &left_at_finish);
  test_spawn (tracer, "getppid", NULL);
  test_run (tracer);
  g_assert_cmpuint (n, ==, 7);
  g_assert_cmpuint (n_finished, ==, 4);
}

/* A handler may run a loop of its own: its tracee waits, the others go on. */
typedef struct
{
  PinkTracee *outer;
  guint       n_inner;
  guint       depth;
} Nested;

static gboolean
inner_is_done (gpointer data)
{
  return ((Nested *) data)->n_inner == 50;
}

static void
run_nested (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  Nested *nested = data;

  if (pink_syscall_event_get_tracee (event) != nested->outer)
    {
      nested->n_inner++;
      return;
    }
  if (nested->n_inner == 50)
    return;
  g_assert_cmpuint (nested->depth++, ==, 0);
  test_wait_until (NULL, inner_is_done, nested, "the other tracee, in a nested loop");
  g_assert_cmpint (pink_tracee_get_state (nested->outer), ==, PINK_TRACEE_STOPPED);
  g_assert_cmpint (pink_syscall_event_get_state (event), ==, PINK_SYSCALL_ENTRY);
  nested->depth--;
}

static void
test_nested_loop (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Nested nested = { 0 };

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (run_nested), &nested);
  nested.outer = g_object_ref (test_spawn (tracer, "getppid:3", NULL));
  test_spawn (tracer, "getppid:50", NULL);
  test_run (tracer);
  g_assert_cmpuint (nested.n_inner, ==, 50);
  g_object_unref (nested.outer);
}

/* ---- many at once ---- */

#define N_MANY 50

#define N_SLOW_CALLS 20

typedef struct
{
  PinkTracee *slow;
  PinkSyscallEvent *last; /* the slow one's, held until the others have ended */
  guint       n_slow_calls;
  guint       n_fast_exited;
  guint       n_fast_before_slow;
  gboolean    slow_exited;
} Many;

static void
be_slow (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          data)
{
  Many *many = data;
  gint64 until = g_get_monotonic_time () + 100 * 1000;

  if (pink_syscall_event_get_tracee (event) != many->slow)
    return;
  if (++many->n_slow_calls == N_SLOW_CALLS && many->n_fast_exited < N_MANY - 1)
    {
      many->last = g_object_ref (event);
      g_assert_true (pink_syscall_event_hold (event, NULL));
    }
  while (g_get_monotonic_time () < until)
    ;
}

static void
count_exited (PinkTracer *tracer,
              PinkTracee *tracee,
              int         wait_status,
              gpointer    data)
{
  Many *many = data;

  g_assert_cmpint (wait_status, ==, 0);
  if (tracee == many->slow)
    many->slow_exited = TRUE;
  else if (many->slow_exited)
    many->n_fast_exited++;
  else
    {
      many->n_fast_exited++;
      many->n_fast_before_slow++;
    }
  if (many->last != NULL && many->n_fast_exited == N_MANY - 1)
    {
      g_assert_true (pink_syscall_event_release (many->last, NULL));
      g_clear_object (&many->last);
    }
}

static void
test_fifty (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Many many = { 0 };
  guint n = 0;

  g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (test_on_call), &n);
  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (be_slow), &many);
  g_signal_connect (tracer, "exited", G_CALLBACK (count_exited), &many);
  for (guint i = 0; i < N_MANY; i++)
    {
      const char *calls = i == 0 ? "getppid:" G_STRINGIFY (N_SLOW_CALLS) : "getppid:8";
      PinkTracee *tracee = test_spawn (tracer, calls, NULL);

      if (i == 0)
        many.slow = g_object_ref (tracee);
    }
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, N_MANY);
  test_run (tracer);

  g_assert_cmpuint (n, ==, N_SLOW_CALLS + 8 * (N_MANY - 1));
  g_assert_cmpuint (many.n_slow_calls, ==, N_SLOW_CALLS);
  g_assert_cmpuint (many.n_fast_exited, ==, N_MANY - 1);
  g_assert_true (many.slow_exited);
  /* While the slow one was at its few calls, all others came to their end. On a
   * machine with much else to do the last of these calls takes as long as they do. */
  g_assert_cmpuint (many.n_fast_before_slow, ==, N_MANY - 1);
  g_object_unref (many.slow);
}

/* One waits in a handler for as long as it takes: with a loop of its own. */
static gboolean
others_have_ended (gpointer data)
{
  return ((Many *) data)->n_fast_exited == N_MANY - 1;
}

static void
hold_up (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          data)
{
  Many *many = data;

  if (pink_syscall_event_get_tracee (event) == many->slow && many->n_slow_calls++ == 0)
    test_wait_until (NULL, others_have_ended, many, "49 tracees while one is held up");
}

static void
test_one_held_up (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Many many = { 0 };

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (hold_up), &many);
  g_signal_connect (tracer, "exited", G_CALLBACK (count_exited), &many);
  many.slow = g_object_ref (test_spawn (tracer, "getppid:20", NULL));
  for (guint i = 1; i < N_MANY; i++)
    test_spawn (tracer, "getppid:20", NULL);
  test_run (tracer);
  g_assert_cmpuint (many.n_fast_before_slow, ==, N_MANY - 1);
  g_assert_true (many.slow_exited);
  g_object_unref (many.slow);
}

/* Its tracee waits for the handler, which would wait for its end. */
static void
run_in_handler (PinkTracer       *tracer,
                PinkSyscallEvent *event,
                gpointer          n)
{
  g_autoptr (GError) error = NULL;

  if (++*(guint *) n == 2)
    g_assert_true (pink_syscall_event_hold (event, NULL));
  g_assert_false (pink_tracer_run (tracer, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  g_assert_nonnull (strstr (error->message, "handler"));
}

/* Nobody waits for this one. */
static void
run_at_the_end (PinkTracer *tracer,
                PinkTracee *tracee,
                int         wait_status,
                gpointer    n)
{
  g_assert_true (pink_tracer_run (tracer, NULL));
  ++*(guint *) n;
}

static void
test_run_in_handler (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n = 0, n_exited = 0;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (run_in_handler), &n);
  g_signal_connect (tracer, "exited", G_CALLBACK (run_at_the_end), &n_exited);
  test_spawn (tracer, "getppid:3", NULL);
  test_spawn (tracer, "exit:0", NULL);
  test_run (tracer);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (n_exited, ==, 2);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add ("/run/nothing", test_run_nothing);
  test_add ("/run/quit", test_quit);
  test_add ("/run/wrong-thread", test_run_in_the_wrong_thread);
  test_add ("/run/main-loop", test_main_loop);
  test_add ("/run/async", test_run_async);
  test_add ("/run/async/cancelled", test_run_async_cancelled);
  test_add ("/run/async/quit", test_run_async_quit);
  test_add ("/run/source", test_source);
  test_add ("/run/properties", test_properties);
  test_add ("/run/other-sources", test_other_sources);
  test_add ("/run/spawn-in-handler", test_spawn_in_handler);
  test_add ("/run/spawn-at-the-end", test_spawn_at_the_end);
  test_add ("/run/nested-loop", test_nested_loop);
  test_add ("/run/in-handler", test_run_in_handler);
  test_add ("/run/fifty", test_fifty);
  test_add ("/run/one-held-up", test_one_held_up);
  return g_test_run ();
}
