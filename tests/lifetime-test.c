/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How a trace ends when it is ended: by its tracer's going, or by that of the
 * application. Nothing may be left.
 */
#include "pink-test-util.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a program may be at when its trace ends. */
static const char * const pastimes[] = {
  "loop-forever", "sleep-forever", "spin-forever", "raise:19",
};

static gboolean
is_over (gpointer count)
{
  return *(guint *) count >= 300;
}

/* ---- two at once ---- */

typedef struct
{
  GThread *thread;
  guint    n_entries;
  guint    n_exits;
} Counts;

static void
count_in_thread (PinkTracer       *tracer,
                 PinkSyscallEvent *event,
                 gpointer          data)
{
  Counts *counts = data;

  g_assert_true (g_thread_self () == counts->thread);
  if (pink_syscall_event_get_state (event) == PINK_SYSCALL_ENTRY)
    counts->n_entries++;
  else
    counts->n_exits++;
  test_on_call (tracer, event, &(guint) { 0 });
}

static gpointer
trace_in_thread (gpointer data)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autofree char *step = g_strdup_printf ("getppid:%u", GPOINTER_TO_UINT (data));
  Counts *counts = g_new0 (Counts, 1);

  g_main_context_push_thread_default (context);
  {
    g_autoptr (PinkTracer) tracer = pink_tracer_new ();

    counts->thread = g_thread_self ();
    g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (count_in_thread), counts);
    g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (count_in_thread), counts);
    g_assert_cmpint (test_trace (tracer, step, NULL), ==, 0);
  }
  g_main_context_pop_thread_default (context);
  return counts;
}

static void
test_two_threads (void)
{
  TestState before = test_state_get ();
  guint n = test_count (10000);
  GThread *first = g_thread_new ("first", trace_in_thread, GUINT_TO_POINTER (n));
  GThread *second = g_thread_new ("second", trace_in_thread, GUINT_TO_POINTER (n + 1));
  g_autofree Counts *first_counts = g_thread_join (first);
  g_autofree Counts *second_counts = g_thread_join (second);

  g_assert_cmpuint (first_counts->n_entries, ==, n);
  g_assert_cmpuint (first_counts->n_exits, ==, n);
  g_assert_cmpuint (second_counts->n_entries, ==, n + 1);
  g_assert_cmpuint (second_counts->n_exits, ==, n + 1);
  test_state_await (&before);
}

/* The thread that spawned may end: the trace is the context's. */
static gpointer
spawn_in_thread (gpointer context)
{
  PinkTracer *tracer;

  g_main_context_push_thread_default (context);
  tracer = pink_tracer_new ();
  test_spawn (tracer, "getppid:500", NULL);
  g_main_context_pop_thread_default (context);
  return tracer;
}

static void
test_thread_that_ends (void)
{
  TestState before = test_state_get ();
  GMainContext *context = g_main_context_new ();
  PinkTracer *tracer = g_thread_join (g_thread_new ("short", spawn_in_thread, context));
  guint n = 0;

  g_main_context_push_thread_default (context);
  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n);
  test_run (tracer);
  g_assert_cmpuint (n, ==, 500);
  g_object_unref (tracer);
  g_main_context_pop_thread_default (context);
  g_main_context_unref (context);
  test_state_await (&before);
}

static void
test_two_in_one_context (void)
{
  g_autoptr (PinkTracer) first = pink_tracer_new ();
  g_autoptr (PinkTracer) second = pink_tracer_new ();
  guint n_first = 0, n_second = 0;

  g_signal_connect (first, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n_first);
  g_signal_connect (second, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n_second);
  test_spawn (first, "getppid:500", NULL);
  test_spawn (second, "getppid:600", NULL);
  test_run (first);
  test_run (second);
  g_assert_cmpuint (n_first, ==, 500);
  g_assert_cmpuint (n_second, ==, 600);
}

/* ---- the tracer goes ---- */

static void
test_finalized (void)
{
  TestState before = test_state_get ();
  g_autoptr (TestPids) pids = test_pids_new ();
  PinkTracer *tracer = pink_tracer_new ();
  guint n = 0;

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &n);
  for (guint i = 0; i < G_N_ELEMENTS (pastimes); i++)
    test_pids_add_traced (pids, test_spawn (tracer, pastimes[i], NULL));
  test_wait_until (NULL, is_over, &n, "calls to be traced");
  g_object_add_weak_pointer (G_OBJECT (tracer), (gpointer *) &tracer);
  g_object_unref (tracer);
  g_assert_null (tracer);

  test_pids_await_gone (pids);
  test_state_await (&before);
  n = 0;
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (n, ==, 0);
}

/* At once, with no main loop having run. */
static void
test_finalized_unseen (void)
{
  TestState before = test_state_get ();

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (TestPids) pids = test_pids_new ();
      PinkTracer *tracer = pink_tracer_new ();

      test_pids_add_traced (pids, test_spawn (tracer, pastimes[i % G_N_ELEMENTS (pastimes)], NULL));
      g_object_unref (tracer);
      test_pids_await_gone (pids);
    }
  test_state_await (&before);
}

static gpointer
drop (gpointer tracer)
{
  g_object_unref (tracer);
  return NULL;
}

static void
test_finalized_elsewhere (void)
{
  TestState before = test_state_get ();
  g_autoptr (TestPids) pids = test_pids_new ();
  PinkTracer *tracer = pink_tracer_new ();
  guint n = 0;

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &n);
  test_pids_add_traced (pids, test_spawn (tracer, "loop-forever", NULL));
  test_wait_until (NULL, is_over, &n, "calls to be traced");
  g_thread_join (g_thread_new ("other", drop, tracer));
  test_pids_await_gone (pids);
  test_state_await (&before);
}

/* ---- in a handler ---- */

typedef enum { UNREF, DISPOSE } Way;

typedef struct
{
  const char *path;
  const char *signal;
  const char *step;
  guint       after; /* emissions */
  Way         way;
} DropCase;

static const DropCase drop_cases[] = {
  { "/lifetime/dropped-in/launch", "syscall-enter", "loop-forever", 1, UNREF },
  { "/lifetime/dropped-in/syscall-enter", "syscall-enter::getppid", "loop-forever", 5, UNREF },
  { "/lifetime/dropped-in/syscall-exit", "syscall-exit::getppid", "loop-forever", 5, UNREF },
  { "/lifetime/dropped-in/exited", "exited", "exit:0", 1, UNREF },
  { "/lifetime/dropped-in/finished", "finished", "exit:0", 1, UNREF },
  { "/lifetime/dropped-in/tracee-lost", "tracee-lost", "loop-forever", 1, UNREF },
  { "/lifetime/disposed-in/launch", "syscall-enter", "loop-forever", 1, DISPOSE },
  { "/lifetime/disposed-in/syscall-enter", "syscall-enter::getppid", "loop-forever", 5, DISPOSE },
  { "/lifetime/disposed-in/syscall-exit", "syscall-exit::getppid", "loop-forever", 5, DISPOSE },
  { "/lifetime/disposed-in/exited", "exited", "exit:0", 1, DISPOSE },
  { "/lifetime/disposed-in/finished", "finished", "exit:0", 1, DISPOSE },
  { "/lifetime/disposed-in/tracee-lost", "tracee-lost", "loop-forever", 1, DISPOSE },
};

typedef struct
{
  const DropCase *test;
  PinkTracer     *tracer;
  guint           n;
  gboolean        dropped;
} Drop;

/* Connected swapped: the data come first, and are all that the signals have in common. */
static void
drop_tracer (Drop *data)
{
  g_assert_false (data->dropped);
  if (++data->n < data->test->after)
    return;
  data->dropped = TRUE;
  if (data->test->way == DISPOSE)
    g_object_run_dispose (G_OBJECT (data->tracer));
  else
    g_clear_object (&data->tracer);
}

static gboolean
is_dropped (gpointer data)
{
  return ((Drop *) data)->dropped;
}

static void
test_dropped (gconstpointer user_data)
{
  const DropCase *test = user_data;
  TestState before = test_state_get ();
  g_autoptr (TestPids) pids = test_pids_new ();
  Drop data = { .test = test, .tracer = pink_tracer_new () };
  PinkTracee *kept;

  g_signal_connect_swapped (data.tracer, test->signal, G_CALLBACK (drop_tracer), &data);
  kept = g_object_ref (test_spawn (data.tracer, test->step, NULL));
  test_pids_add_traced (pids, kept);
  /* A second one, with stops of its own on their way. */
  test_pids_add_traced (pids, test_spawn (data.tracer, test->step, NULL));
  if (g_str_equal (test->signal, "tracee-lost"))
    g_assert_cmpint (test_kill_task (pink_tracee_get_pid (kept)), >, 0);
  test_wait_until (NULL, is_dropped, &data, "the handler that drops the tracer");

  if (test->way == DISPOSE)
    {
      GError *error = NULL;

      g_assert_null (pink_tracer_spawn (data.tracer, (const char * const[]) { "true", NULL }, &error));
      g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED);
      g_clear_error (&error);
      g_assert_cmpuint (pink_tracer_get_n_tracees (data.tracer), ==, 0);
      g_clear_object (&data.tracer);
    }
  g_assert_cmpint (pink_tracee_get_state (kept), >=, PINK_TRACEE_EXITED);
  g_object_unref (kept);
  test_pids_await_gone (pids);
  test_state_await (&before);
}

static void
dispose_it (PinkTracer *tracer)
{
  g_object_run_dispose (G_OBJECT (tracer));
}

/* run() and run_async() come back when the tracer is disposed of under them. */
static void
on_run (GObject      *source,
        GAsyncResult *result,
        gpointer      count)
{
  pink_tracer_run_finish (PINK_TRACER (source), result, NULL);
  ++*(guint *) count;
}

static gboolean
has_ended (gpointer count)
{
  return *(guint *) count > 0;
}

static void
test_disposed_while_running (void)
{
  TestState before = test_state_get ();
  PinkTracer *tracer = pink_tracer_new ();
  guint n_ended = 0;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (dispose_it), NULL);
  test_spawn (tracer, "loop-forever", NULL);
  pink_tracer_run_async (tracer, NULL, on_run, &n_ended);
  test_run (tracer);
  test_wait_until (NULL, has_ended, &n_ended, "run_async() of a disposed tracer");
  g_object_unref (tracer);
  test_state_await (&before);
}

/* The caller's reference goes in a handler; run() has its own. */
static void
test_dropped_while_running (void)
{
  PinkTracer *tracer = pink_tracer_new ();
  guint n = 0;

  g_object_add_weak_pointer (G_OBJECT (tracer), (gpointer *) &tracer);
  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n);
  g_signal_connect (tracer, "syscall-enter::execve", G_CALLBACK (g_object_unref), NULL);
  test_spawn (tracer, "getppid:100", NULL);
  test_run (tracer);
  g_assert_cmpuint (n, ==, 100);
  g_assert_null (tracer);
}

/* ---- the application ends ---- */

/* A tracer that goes on for as long as its context runs. */
static PinkTracer *
begin_all_pastimes (GMainContext *context)
{
  PinkTracer *tracer = pink_tracer_new ();
  guint *n = g_new0 (guint, 1);

  g_object_set_data_full (G_OBJECT (tracer), "count", n, g_free);
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), n);
  for (guint i = 0; i < G_N_ELEMENTS (pastimes); i++)
    test_spawn (tracer, pastimes[i], NULL);
  test_wait_until (context, is_over, n, "calls to be traced");
  return tracer;
}

static gpointer
trace_for_ever (gpointer ready)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PinkTracer) tracer = NULL;

  g_main_context_push_thread_default (context);
  tracer = begin_all_pastimes (context);
  g_atomic_int_inc ((int *) ready);
  for (;;)
    g_main_context_iteration (context, TRUE);
  return NULL;
}

static void
end_it (const char *how)
{
  if (g_str_equal (how, "exit"))
    exit (0);
  if (g_str_equal (how, "_exit"))
    _exit (0);
  if (g_str_equal (how, "abort"))
    abort ();
  if (g_str_equal (how, "exec"))
    execl (test_program (), "testprog", "sleep-forever", NULL);
}

static gboolean
is_one (gpointer data)
{
  return g_atomic_int_get ((int *) data) == 1;
}

static int
helper_application (int    argc,
                    char **argv)
{
  g_autofree char *order = NULL;
  g_autoptr (PinkTracer) tracer = NULL;
  int ready = 0;

  /* Two tracers in two threads, each with programs at all their pastimes. */
  g_thread_new ("second", trace_for_ever, &ready);
  tracer = begin_all_pastimes (NULL);
  test_wait_until (NULL, is_one, &ready, "the other thread");
  test_helper_say ("ready");
  /* In the middle of it: this thread, too, traces on until it is told. */
  order = test_helper_hear ();
  end_it (order);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
  return 0;
}

static void
application_ends (const char *how,
                  int         by_signal)
{
  g_autoptr (TestPids) pids = test_pids_new ();
  TestHelper *helper = test_helper_start ("application", NULL);
  int status;

  test_helper_expect (helper, "ready");
  test_pids_add_all_of (pids, test_helper_pid (helper));
  g_assert_cmpuint (test_pids_count (pids), >=, 4 * G_N_ELEMENTS (pastimes));
  test_helper_send (helper, how);
  if (by_signal != 0)
    kill (test_helper_pid (helper), by_signal);
  if (g_str_equal (how, "exec"))
    {
      /* It lives on, as another program, which knows nothing of our tasks and
       * does not reap them; but they must end, and their tracees with them. */
      test_pids_await_ended (pids);
      kill (test_helper_pid (helper), SIGKILL);
    }
  status = test_helper_wait (helper);
  if (by_signal != 0)
    g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == by_signal);
  test_pids_await_gone (pids);
}

static void
test_application_killed (void)
{
  application_ends ("go on", SIGKILL);
}

static void
test_application_terminated (void)
{
  application_ends ("go on", SIGTERM);
}

static void
test_application_exits (void)
{
  application_ends ("exit", 0);
  application_ends ("_exit", 0);
}

static void
test_application_aborts (void)
{
  application_ends ("abort", 0);
}

static void
test_application_execs (void)
{
  application_ends ("exec", 0);
}

/* ---- at any moment ---- */

static void G_GNUC_NORETURN
spawn_without_end (void)
{
  PinkTracer *tracer = pink_tracer_new ();
  guint n = 0;

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &n);
  for (;;)
    {
      pink_tracer_spawn (tracer, (const char * const[]) { test_program (), "loop-forever", NULL }, NULL);
      for (guint i = 0; i < 5; i++)
        g_main_context_iteration (NULL, FALSE);
    }
}

static gboolean
all_are_reaped (gpointer data)
{
  while (waitpid (-1, NULL, __WALL | WNOHANG) > 0)
    ;
  return waitpid (-1, NULL, __WALL | WNOHANG) < 0;
}

/* What an application leaves behind comes to this process, so that nothing can hide. */
static int
helper_kill_at_random (int    argc,
                       char **argv)
{
  guint n = (guint) atoi (argv[1]);
  GRand *random = g_rand_new_with_seed ((guint32) getpid ());

  g_assert_cmpint (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), ==, 0);
  for (guint i = 0; i < n; i++)
    {
      int pid = fork ();

      if (pid == 0)
        spawn_without_end ();
      g_usleep ((gulong) g_rand_int_range (random, 0, 15000)); /* a moment, not a wait */
      kill (pid, SIGKILL);
      g_assert_cmpint (waitpid (pid, NULL, 0), ==, pid);
      if (!test_wait_for (NULL, all_are_reaped, NULL, TEST_GONE_S))
        g_error ("%u: an application was killed, and some of its processes are there after %d s",
                 i, TEST_GONE_S);
    }
  g_rand_free (random);
  return 0;
}

static void
test_application_killed_at_random (void)
{
  test_helper_run ("kill-at-random", "100", NULL);
}

/* ---- again and again ---- */

static guint
count_maps (void)
{
  g_autofree char *maps = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  for (const char *c = maps; *c != '\0'; c++)
    n += *c == '\n';
  return n;
}

static void
trace_again_and_again (PinkTracer *tracer,
                       guint       n)
{
  TestState before = test_state_get ();

  for (guint i = 0; i < n; i++)
    {
      PinkTracer *other = pink_tracer_new ();

      g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
      test_spawn (other, "loop-forever", NULL);
      g_object_unref (other);
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
  before.fds++; /* what the last one of the first tracer's may still hold */
  test_state_await (&before);
}

static void
test_many_times (void)
{
  guint n_maps, n = MAX (test_count (200), 50);
  PinkTracer *tracer = pink_tracer_new ();

  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
  /* malloc(), and ThreadSanitizer more so, first keep some memory of threads that
   * have ended, to use it again. */
  trace_again_and_again (tracer, 50);
  n_maps = count_maps ();
  trace_again_and_again (tracer, n);
  g_test_message ("%u mappings, then %u", n_maps, count_maps ());
  /* Each task has some memory of its own: twice so many of them would show. */
  g_assert_cmpuint (count_maps (), <=, n_maps + 50);
  g_object_unref (tracer);
}

/* ---- without the means ---- */

static int
helper_no_descriptors (int    argc,
                       char **argv)
{
  const char * const program[] = { test_program (), "getppid", NULL };
  PinkTracer *tracer = pink_tracer_new (), *late;
  struct rlimit before, limit;
  TestState state;
  GError *error = NULL;

  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
  g_object_unref (tracer);
  tracer = pink_tracer_new ();
  state = test_state_get ();
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);

  /* From none to enough, one by one: it works, or it says what is missing. */
  for (rlim_t n = 0; n < 40; n++)
    {
      limit = (struct rlimit) { .rlim_cur = n, .rlim_max = before.rlim_max };
      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
      late = pink_tracer_new ();
      if (pink_tracer_spawn (late, program, &error) == NULL)
        {
          g_assert_true (g_error_matches (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED));
          g_clear_error (&error);
        }
      else if (n < 4)
        g_error ("spawned with %u descriptors allowed", (guint) n);
      g_object_unref (late);
      g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
      test_state_await (&state);
    }
  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
  return 0;
}

static void
test_no_descriptors (void)
{
  test_helper_run ("no-descriptors", NULL);
}

/* The limit is the user's, so it says nothing to root. */
static int
helper_no_processes (int    argc,
                     char **argv)
{
  const struct rlimit none = { 0, 0 };
  char *directory = test_directory ();
  g_autofree char *copy = test_program_copy (directory, 0755);
  const char * const program[] = { copy, "getppid", NULL };
  PinkTracer *tracer = pink_tracer_new ();
  GError *error = NULL;
  TestState state;

  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
  state = test_state_get ();
  if (geteuid () == 0)
    g_assert_cmpint (chown (directory, TEST_NOBODY, TEST_NOBODY), ==, 0);
  test_become_nobody ();
  g_assert_cmpint (setrlimit (RLIMIT_NPROC, &none), ==, 0);
  g_assert_null (pink_tracer_spawn (tracer, program, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "ulimit -u"));
  g_clear_error (&error);
  test_state_await (&state);
  test_directory_remove (directory);
  _exit (0); /* a leak checker would need a process more */
}

static void
test_no_processes (void)
{
  test_helper_run ("no-processes", NULL);
}

static const TestHelperDef helpers[] = {
  { "application", helper_application },
  { "kill-at-random", helper_kill_at_random },
  { "no-descriptors", helper_no_descriptors },
  { "no-processes", helper_no_processes },
  { NULL }
};

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, helpers);
  test_add ("/lifetime/two-threads", test_two_threads);
  test_add ("/lifetime/two-in-one-context", test_two_in_one_context);
  test_add ("/lifetime/thread-that-ends", test_thread_that_ends);
  test_add ("/lifetime/finalized", test_finalized);
  test_add ("/lifetime/finalized/unseen", test_finalized_unseen);
  test_add ("/lifetime/finalized/elsewhere", test_finalized_elsewhere);
  for (guint i = 0; i < G_N_ELEMENTS (drop_cases); i++)
    if (g_str_equal (drop_cases[i].signal, "tracee-lost"))
      test_add_data_native (TEST_KILLS_TASK, drop_cases[i].path, &drop_cases[i], test_dropped);
    else
      test_add_data (drop_cases[i].path, &drop_cases[i], test_dropped);
  test_add ("/lifetime/disposed-while-running", test_disposed_while_running);
  test_add ("/lifetime/dropped-while-running", test_dropped_while_running);
  test_add ("/lifetime/application/killed", test_application_killed);
  test_add ("/lifetime/application/terminated", test_application_terminated);
  test_add ("/lifetime/application/exits", test_application_exits);
  test_add ("/lifetime/application/aborts", test_application_aborts);
  test_add ("/lifetime/application/execs", test_application_execs);
  test_add ("/lifetime/application/killed-at-random", test_application_killed_at_random);
  test_add ("/lifetime/many-times", test_many_times);
  test_add ("/lifetime/without/descriptors", test_no_descriptors);
  test_add ("/lifetime/without/processes", test_no_processes);
  return g_test_run ();
}
