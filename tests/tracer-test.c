/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pink-test-util.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- what is emitted ---- */

/* One word an emission: "+getppid", "-getppid", "exited", "lost", "finished". */
static void
note (GPtrArray  *log,
      const char *mark,
      const char *name)
{
  g_ptr_array_add (log, g_strconcat (mark, name, NULL));
}

static void
note_enter (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          log)
{
  note (log, "+", pink_syscall_event_get_name (event));
}

static void
note_exit (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          log)
{
  note (log, "-", pink_syscall_event_get_name (event));
}

static void
note_exited (PinkTracer *tracer,
             PinkTracee *tracee,
             int         wait_status,
             gpointer    log)
{
  note (log, "exited", "");
}

static void
note_finished (PinkTracer *tracer,
               gpointer    log)
{
  note (log, "finished", "");
}

static GPtrArray *
note_all (PinkTracer *tracer)
{
  GPtrArray *log = g_ptr_array_new_with_free_func (g_free);

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (note_enter), log);
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (note_exit), log);
  g_signal_connect (tracer, "exited", G_CALLBACK (note_exited), log);
  g_signal_connect (tracer, "finished", G_CALLBACK (note_finished), log);
  return log;
}

static const char *
word (GPtrArray *log,
      int        index)
{
  guint i = (guint) (index < 0 ? (int) log->len + index : index);

  return i < log->len ? g_ptr_array_index (log, i) : NULL;
}

static guint
count_word (GPtrArray  *log,
            const char *wanted)
{
  guint n = 0;

  for (guint i = 0; i < log->len; i++)
    n += g_str_equal (word (log, (int) i), wanted);
  return n;
}

static void
test_order (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GPtrArray) log = note_all (tracer);

  g_assert_cmpint (test_trace (tracer, "getppid:10", "exit:0", NULL), ==, 0);

  g_assert_cmpstr (word (log, 0), ==, "+execve");
  g_assert_cmpstr (word (log, 1), ==, "-execve");
  g_assert_cmpstr (word (log, -3), ==, "+exit_group");
  g_assert_cmpstr (word (log, -2), ==, "exited");
  g_assert_cmpstr (word (log, -1), ==, "finished");
  /* Each entry but the last has its exit right behind it. */
  for (guint i = 0; i + 3 < log->len; i += 2)
    {
      g_assert_cmpint (word (log, (int) i)[0], ==, '+');
      g_assert_cmpint (word (log, (int) i + 1)[0], ==, '-');
      g_assert_cmpstr (word (log, (int) i) + 1, ==, word (log, (int) i + 1) + 1);
    }
  g_assert_cmpuint (count_word (log, "+execve"), ==, 1);
}

static void
test_every_call (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GPtrArray) log = note_all (tracer);

  g_assert_cmpint (test_trace (tracer, "getppid:1000", NULL), ==, 0);
  g_assert_cmpuint (count_word (log, "+getppid"), ==, 1000);
  g_assert_cmpuint (count_word (log, "-getppid"), ==, 1000);
}

static void
test_detail (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GPtrArray) log = g_ptr_array_new_with_free_func (g_free);

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (note_enter), log);
  g_signal_connect (tracer, "syscall-exit::openat", G_CALLBACK (note_exit), log);
  g_assert_cmpint (test_trace (tracer, "getppid:100", "open:/etc/passwd", "getppid:100", NULL), ==, 0);

  g_assert_cmpuint (count_word (log, "+getppid"), ==, 200);
  g_assert_cmpuint (count_word (log, "-openat"), >=, 1);
  g_assert_cmpuint (count_word (log, "+getppid") + count_word (log, "-openat"), ==, log->len);
}

static void
test_misspelt_detail (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n = 0;

  g_signal_connect (tracer, "syscall-enter::opennat", G_CALLBACK (test_on_call), &n);
  g_assert_cmpint (test_trace (tracer, "open:/etc/passwd", NULL), ==, 0);
  g_assert_cmpuint (n, ==, 0);
}

static void
test_detailed_and_not (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n_all = 0, n_some = 0;

  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (test_on_call), &n_all);
  g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (test_on_call), &n_some);
  g_assert_cmpint (test_trace (tracer, "getppid:50", NULL), ==, 0);
  g_assert_cmpuint (n_some, ==, 50);
  g_assert_cmpuint (n_all, >, 50);
}

/* A call that is in no table has no detail; a handler for everything sees it. */
static void
test_unknown_number (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GPtrArray) log = note_all (tracer);

  g_assert_cmpint (test_trace (tracer, "raw:0x5678", NULL), ==, 0);
  g_assert_cmpuint (count_word (log, "+syscall_0x5678"), ==, 1);
  g_assert_cmpuint (count_word (log, "-syscall_0x5678"), ==, 1);
}

static void
test_blocked_handler (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n = 0;
  gulong id = g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n);

  g_signal_handler_block (tracer, id);
  g_assert_cmpint (test_trace (tracer, "getppid:10", NULL), ==, 0);
  g_assert_cmpuint (n, ==, 0);
  g_signal_handler_unblock (tracer, id);
  g_assert_cmpint (test_trace (tracer, "getppid:10", NULL), ==, 0);
  g_assert_cmpuint (n, ==, 10);
}

/* ---- how a program ends ---- */

typedef struct
{
  const char *path;
  const char *step;
  int         code;
  int         signal;
} EndCase;

static const EndCase end_cases[] = {
  { "/tracer/end/exit-0", "exit:0", 0, 0 },
  { "/tracer/end/exit-3", "exit:3", 3, 0 },
  { "/tracer/end/exit-255", "exit:255", 255, 0 },
  { "/tracer/end/sigkill", "raise:9", -1, SIGKILL },
  { "/tracer/end/sigterm", "raise:15", -1, SIGTERM },
  { "/tracer/end/sigsegv", "raise:11", -1, SIGSEGV },
  { "/tracer/end/sigtrap", "raise:5", -1, SIGTRAP },
  { "/tracer/end/real-time-signal", "raise:40", -1, 40 },
};

static void
keep_status (PinkTracer *tracer,
             PinkTracee *tracee,
             int         wait_status,
             gpointer    data)
{
  *(int *) data = wait_status;
  g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_EXITED);
}

static void
test_end (gconstpointer data)
{
  const EndCase *end = data;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) tracee = NULL;
  int status = -1;
  guint n = 0;

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &n);
  g_signal_connect (tracer, "exited", G_CALLBACK (keep_status), &status);
  tracee = g_object_ref (test_spawn (tracer, end->step, NULL));
  test_run (tracer);

  g_assert_cmpint (status, ==, pink_tracee_get_wait_status (tracee));
  g_assert_cmpint (pink_tracee_get_exit_code (tracee), ==, end->code);
  g_assert_cmpint (pink_tracee_get_term_signal (tracee), ==, end->signal);
  if (end->signal == 0)
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == end->code);
  else
    g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == end->signal);
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 0);
}

/* ---- signals of the tracee's ---- */

static void
test_signal_delivered (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *said = NULL;
  guint n = 0;

  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (test_on_call), &n);
  said = test_trace_output (tracer, NULL, "handle:10", "raise:10", "raise:10", "handle:5", "raise:5",
                            "say-handled", NULL);
  g_assert_cmpstr (said, ==, "handled 3\n");
}

/* A tracee that stops itself: how often it was seen standing. */
typedef struct
{
  int   pid;
  guint n_seen;
} Standing;

static gboolean
is_standing (gpointer data)
{
  Standing *standing = data;
  TestProcess process;

  if (test_process_get (standing->pid, &process) && strchr ("tT", process.state) != NULL)
    standing->n_seen++;
  else
    standing->n_seen = 0;
  return standing->n_seen > 50;
}

static void
test_group_stop (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  PinkTracee *tracee = test_spawn (tracer, "handle:18", "raise:19", "exit:4", NULL);
  Standing standing = { .pid = pink_tracee_get_pid (tracee) };
  int status = -1;

  g_signal_connect (tracer, "exited", G_CALLBACK (keep_status), &status);
  test_wait_until (NULL, is_standing, &standing, "a stopped program to stand");
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 1);
  kill (standing.pid, SIGCONT);
  test_run (tracer);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 4);
}

static void
kill_tracee (PinkTracer       *tracer,
             PinkSyscallEvent *event,
             gpointer          data)
{
  kill (pink_tracee_get_pid (pink_syscall_event_get_tracee (event)), SIGKILL);
}

/* Killed where it waits for a handler. */
static void
test_killed_while_stopped (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) tracee = NULL;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (kill_tracee), NULL);
  tracee = g_object_ref (test_spawn (tracer, "getppid:1000", NULL));
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_term_signal (tracee), ==, SIGKILL);
}

/* ---- what is not followed runs free ---- */

static void
test_children_run_free (void)
{
  static const char * const steps[] = { "fork-wait", "vfork-wait", "thread" };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();
      g_autoptr (GPtrArray) log = note_all (tracer);

      pink_tracer_set_follow_forks (tracer, FALSE);
      g_assert_cmpint (test_trace (tracer, "raw:0xffff", steps[i], "raw:0xfffe", NULL), ==, 0);
      g_assert_cmpuint (count_word (log, "+getpgid"), ==, 0);
      g_assert_cmpuint (count_word (log, "-syscall_0xffff"), ==, 1);
      g_assert_cmpuint (count_word (log, "-syscall_0xfffe"), ==, 1);
    }
}

/* Its own execve is followed, of course. */
static void
test_exec (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GPtrArray) log = note_all (tracer);

  g_assert_cmpint (test_trace (tracer, "getppid:3", "exec", "getppid:4", NULL), ==, 0);
  g_assert_cmpuint (count_word (log, "+execve"), ==, 2);
  g_assert_cmpuint (count_word (log, "-execve"), ==, 2);
  g_assert_cmpuint (count_word (log, "-getppid"), ==, 7);
}

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

typedef struct
{
  PinkTracee *slow;
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
  many->n_slow_calls++;
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
      PinkTracee *tracee = test_spawn (tracer, i == 0 ? "getppid:20" : "getppid:8", NULL);

      if (i == 0)
        many.slow = g_object_ref (tracee);
    }
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, N_MANY);
  test_run (tracer);

  g_assert_cmpuint (n, ==, 20 + 8 * (N_MANY - 1));
  g_assert_cmpuint (many.n_slow_calls, ==, 20);
  g_assert_cmpuint (many.n_fast_exited, ==, N_MANY - 1);
  g_assert_true (many.slow_exited);
  /* While the slow one was at its few calls, all others came to their end. */
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

/* ---- real programs ---- */

static const char * const real_programs[][6] = {
  { "/bin/ls", "-l", "/usr", NULL },
  { "/bin/cat", "/etc/passwd", NULL },
  { "/bin/sh", "-c", "ls /usr/lib | sort -r | head -n 20 | wc -c; echo done", NULL },
  { "/bin/sh", "-c", "for i in 1 2 3; do (echo $i; exit $i) & wait $!; echo $?; done; exit 5", NULL },
  { "/bin/sh", "-c", "kill -TERM $$", NULL },
  { "/usr/bin/sort", "-r", "/etc/passwd", NULL },
  { "/usr/bin/find", "/etc", "-maxdepth", "1", NULL },
  { "/usr/bin/python3", "-c",
    "import subprocess, threading\n"
    "t = threading.Thread(target=lambda: print('thread')); t.start(); t.join()\n"
    "print(subprocess.run(['/bin/echo', 'x'], stdout=subprocess.PIPE).stdout)\n"
    "raise SystemExit(7)", NULL },
};

/* As they are without us, by the plain way. */
static char *
run_untraced (const char * const *argv,
              int                *wait_status)
{
  int fd = test_output_new ();
  int pid = fork ();

  if (pid == 0)
    {
      dup2 (fd, 1);
      execv (argv[0], (char **) argv);
      _exit (127);
    }
  g_assert_cmpint (waitpid (pid, wait_status, 0), ==, pid);
  return test_output_take (fd);
}

static void
test_real_programs (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (real_programs); i++)
    {
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();
      g_autofree char *without = NULL;
      g_autofree char *with = NULL;
      int status_without = -1, status_with = -1;
      guint n = 0;

      if (!g_file_test (real_programs[i][0], G_FILE_TEST_IS_EXECUTABLE))
        continue; /* which of them a system has is no question of ours */
      g_signal_connect (tracer, "syscall-enter", G_CALLBACK (test_on_call), &n);
      g_signal_connect (tracer, "syscall-exit", G_CALLBACK (test_on_call), &n);
      without = run_untraced (real_programs[i], &status_without);
      with = test_trace_outputv (tracer, NULL, real_programs[i], &status_with);
      g_assert_cmpstr (with, ==, without);
      g_assert_cmpint (status_with, ==, status_without);
      g_assert_cmpuint (n, >, 20);
    }
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  test_add ("/tracer/order", test_order);
  test_add ("/tracer/every-call", test_every_call);
  test_add ("/tracer/detail", test_detail);
  test_add ("/tracer/misspelt-detail", test_misspelt_detail);
  test_add ("/tracer/detailed-and-not", test_detailed_and_not);
  test_add ("/tracer/unknown-number", test_unknown_number);
  test_add ("/tracer/blocked-handler", test_blocked_handler);
  for (guint i = 0; i < G_N_ELEMENTS (end_cases); i++)
    test_add_data (end_cases[i].path, &end_cases[i], test_end);
  test_add ("/tracer/signal-delivered", test_signal_delivered);
  test_add ("/tracer/group-stop", test_group_stop);
  test_add ("/tracer/killed-while-stopped", test_killed_while_stopped);
  test_add ("/tracer/children-run-free", test_children_run_free);
  test_add ("/tracer/exec", test_exec);
  test_add ("/tracer/run/nothing", test_run_nothing);
  test_add ("/tracer/run/quit", test_quit);
  test_add ("/tracer/run/wrong-thread", test_run_in_the_wrong_thread);
  test_add ("/tracer/run/main-loop", test_main_loop);
  test_add ("/tracer/run-async", test_run_async);
  test_add ("/tracer/run-async/cancelled", test_run_async_cancelled);
  test_add ("/tracer/run-async/quit", test_run_async_quit);
  test_add ("/tracer/source", test_source);
  test_add ("/tracer/properties", test_properties);
  test_add ("/tracer/other-sources", test_other_sources);
  test_add ("/tracer/spawn-in-handler", test_spawn_in_handler);
  test_add ("/tracer/spawn-at-the-end", test_spawn_at_the_end);
  test_add ("/tracer/nested-loop", test_nested_loop);
  test_add ("/tracer/fifty", test_fifty);
  test_add ("/tracer/one-held-up", test_one_held_up);
  test_add ("/tracer/real-programs", test_real_programs);
  return g_test_run ();
}
