/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Signals on their way to a tracee: seen, changed, kept away; and stops by
 * signals, which stay what they are.
 */
#include "tree-util.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  guint n;
  int   number;
  int   code;
  int   sender;
  int   value;
  char  name[32];
  int   replacement; /* 0: suppress; -1: deliver */
} Seen;

static void
on_signal (PinkTracer      *tracer,
           PinkSignalEvent *event,
           gpointer         data)
{
  Seen *seen = data;
  GError *error = NULL;
  gboolean result = TRUE;

  seen->n++;
  seen->number = pink_signal_event_get_number (event);
  seen->code = pink_signal_event_get_code (event);
  seen->sender = pink_signal_event_get_sender (event);
  seen->value = pink_signal_event_get_value (event);
  g_strlcpy (seen->name, pink_signal_event_get_name (event), sizeof seen->name);
  if (seen->replacement == 0)
    result = pink_signal_event_suppress (event, &error);
  else if (seen->replacement > 0)
    result = pink_signal_event_replace (event, seen->replacement, &error);
  g_assert_no_error (error);
  g_assert_true (result);
}

static int
trace_raise (const char *signal,
             const char *number,
             Seen       *seen)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracee) tracee = NULL;

  if (signal != NULL)
    g_signal_connect (tracer, signal, G_CALLBACK (on_signal), seen);
  tracee = g_object_ref (tree_spawn (tracer, shared, "raise", number, NULL));
  tree_run (tracer, shared);
  if (seen != NULL && seen->n > 0 && seen->code == SI_TKILL)
    g_assert_cmpint (seen->sender, ==, pink_tracee_get_pid (tracee));
  return pink_tracee_get_wait_status (tracee);
}

static void
test_untouched (void)
{
  g_assert_cmpint (trace_raise (NULL, "15", NULL), ==, SIGTERM);
  g_assert_cmpint (trace_raise (NULL, "10", NULL), ==, SIGUSR1);
  g_assert_cmpint (trace_raise (NULL, "5", NULL), ==, SIGTRAP);
  g_assert_cmpint (trace_raise (NULL, "17", NULL), ==, 0);
}

static void
test_seen (void)
{
  Seen seen = { .replacement = -1 };

  g_assert_cmpint (trace_raise ("signal-delivery", "15", &seen), ==, SIGTERM);
  g_assert_cmpuint (seen.n, ==, 1);
  g_assert_cmpint (seen.number, ==, SIGTERM);
  g_assert_cmpstr (seen.name, ==, "SIGTERM");
  g_assert_cmpint (seen.code, ==, SI_TKILL);
}

static void
test_detail (void)
{
  Seen seen = { .replacement = -1 };

  g_assert_cmpint (trace_raise ("signal-delivery::SIGUSR1", "15", &seen), ==, SIGTERM);
  g_assert_cmpuint (seen.n, ==, 0);
  g_assert_cmpint (trace_raise ("signal-delivery::SIGUSR1", "10", &seen), ==, SIGUSR1);
  g_assert_cmpuint (seen.n, ==, 1);
}

/* A SIGTRAP that is sent is a signal like any other. */
static void
test_sigtrap (void)
{
  Seen seen = { .replacement = -1 };

  g_assert_cmpint (trace_raise ("signal-delivery", "5", &seen), ==, SIGTRAP);
  g_assert_cmpuint (seen.n, ==, 1);
  seen.replacement = 0;
  g_assert_cmpint (trace_raise ("signal-delivery::SIGTRAP", "5", &seen), ==, 0);
}

static void
test_suppress (void)
{
  Seen seen = { .replacement = 0 };

  g_assert_cmpint (trace_raise ("signal-delivery", "15", &seen), ==, 0);
  g_assert_cmpuint (seen.n, ==, 1);
}

static void
test_replace (void)
{
  Seen seen = { .replacement = SIGINT };

  g_assert_cmpint (trace_raise ("signal-delivery::SIGTERM", "15", &seen), ==, SIGINT);
  g_assert_cmpuint (seen.n, ==, 1);
}

/* SIGKILL cannot be kept away, and is not seen. */
static void
test_sigkill (void)
{
  Seen seen = { .replacement = 0 };

  g_assert_cmpint (trace_raise ("signal-delivery", "9", &seen), ==, SIGKILL);
  g_assert_cmpuint (seen.n, ==, 0);
}

static void
test_fault (void)
{
  Seen seen = { .replacement = -1 };

  g_assert_cmpint (trace_raise ("signal-delivery::SIGSEGV", "11", &seen) & 0x7f, ==, SIGSEGV);
  g_assert_cmpuint (seen.n, ==, 1);
}

/* Each is kept away, and the program goes on. */
static void
test_suppress_many (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracee) tracee = NULL;
  Seen seen = { .replacement = 0 };

  g_signal_connect (tracer, "signal-delivery::SIGTERM", G_CALLBACK (on_signal), &seen);
  tracee = g_object_ref (tree_spawn (tracer, shared, "raise-ignored", "15", "500", NULL));
  tree_run (tracer, shared);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, 0);
  g_assert_cmpuint (seen.n, ==, 500);
}

/* ---- what comes with it ---- */

typedef struct
{
  PinkTracer *tracer;
  TreeShared *shared;
  PinkTracee *tracee;
} Handling;

static void
begin (Handling   *handling,
       const char *deed,
       const char *first,
       const char *second)
{
  handling->tracer = pink_tracer_new ();
  handling->shared = tree_shared_new ();
  handling->tracee = g_object_ref (tree_spawn (handling->tracer, handling->shared, deed, first,
                                               second, NULL));
}

static void
end (Handling *handling)
{
  atomic_store (&handling->shared->stop, 1);
  tree_run (handling->tracer, handling->shared);
  g_assert_cmpint (pink_tracee_get_wait_status (handling->tracee), ==, 0);
  g_object_unref (handling->tracee);
  g_object_unref (handling->tracer);
  tree_shared_free (handling->shared);
}

static void
send_value (int pid,
            int number,
            int value)
{
  union sigval sigval = { .sival_int = value };

  g_assert_cmpint (sigqueue (pid, number, sigval), ==, 0);
}

static void
test_payload (void)
{
  Handling handling;
  Seen seen = { .replacement = -1 };

  begin (&handling, "handle", "10", NULL);
  g_signal_connect (handling.tracer, "signal-delivery", G_CALLBACK (on_signal), &seen);
  tree_wait_word (&handling.shared->ready, 1, "the handler");
  send_value (pink_tracee_get_pid (handling.tracee), SIGUSR1, 4711);
  tree_wait_word (&handling.shared->handled, 1, "the signal");
  g_assert_cmpint (seen.code, ==, SI_QUEUE);
  g_assert_cmpint (seen.sender, ==, getpid ());
  g_assert_cmpint (seen.value, ==, 4711);
  g_assert_cmpint (handling.shared->values[0], ==, 4711);
  end (&handling);
}

static void
change_value (PinkTracer      *tracer,
              PinkSignalEvent *event,
              gpointer         data)
{
  g_autoptr (GBytes) info = pink_signal_event_get_info (event);
  g_autoptr (GBytes) changed = NULL;
  GError *error = NULL;
  siginfo_t own;

  g_assert_cmpuint (g_bytes_get_size (info), ==, 128);
  memcpy (&own, g_bytes_get_data (info, NULL), sizeof own);
  g_assert_cmpint (own.si_value.sival_int, ==, 1);
  own.si_value.sival_int = 2;
  changed = g_bytes_new (&own, sizeof own);
  g_assert_true (pink_signal_event_set_info (event, changed, &error));
  g_assert_no_error (error);
}

static void
test_set_info (void)
{
  Handling handling;

  begin (&handling, "handle", "10", NULL);
  g_signal_connect (handling.tracer, "signal-delivery", G_CALLBACK (change_value), NULL);
  tree_wait_word (&handling.shared->ready, 1, "the handler");
  send_value (pink_tracee_get_pid (handling.tracee), SIGUSR1, 1);
  tree_wait_word (&handling.shared->handled, 1, "the signal");
  g_assert_cmpint (handling.shared->values[0], ==, 2);
  end (&handling);
}

static void
keep_event (PinkTracer      *tracer,
            PinkSignalEvent *event,
            gpointer         data)
{
  *(PinkSignalEvent **) data = g_object_ref (event);
}

/* When the handlers have returned it is too late. */
static void
test_too_late (void)
{
  Handling handling;
  g_autoptr (PinkSignalEvent) event = NULL;
  g_autoptr (GError) error = NULL;

  begin (&handling, "handle", "10", NULL);
  g_signal_connect (handling.tracer, "signal-delivery", G_CALLBACK (keep_event), &event);
  tree_wait_word (&handling.shared->ready, 1, "the handler");
  send_value (pink_tracee_get_pid (handling.tracee), SIGUSR1, 1);
  tree_wait_word (&handling.shared->handled, 1, "the signal");
  g_assert_false (pink_signal_event_suppress (event, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  end (&handling);
}

/* ---- many, queued ---- */

static void
on_queued (PinkTracer      *tracer,
           PinkSignalEvent *event,
           gpointer         next)
{
  g_assert_cmpint (pink_signal_event_get_value (event), ==, *(int *) next);
  ++*(int *) next;
}

static void
trace_queue (gboolean calls,
             gboolean seen)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracee) tracee = NULL;
  guint n = tree_count (10000, 100000), n_calls = 0;
  g_autofree char *text = g_strdup_printf ("%u", n);
  int next = 0;

  if (seen)
    g_signal_connect (tracer, "signal-delivery", G_CALLBACK (on_queued), &next);
  if (calls)
    g_signal_connect (tracer, "syscall-exit", G_CALLBACK (test_on_call), &n_calls);
  tracee = g_object_ref (tree_spawn (tracer, shared, "queue", text, "40", NULL));
  tree_run (tracer, shared);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, 0);
  g_assert_cmpint (atomic_load (&shared->handled), ==, (int) n);
  if (seen)
    g_assert_cmpint (next, ==, (int) n);
}

static void
test_queue (void)
{
  trace_queue (FALSE, TRUE);
}

static void
test_queue_unseen (void)
{
  trace_queue (FALSE, FALSE);
}

static void
test_queue_calls (void)
{
  trace_queue (TRUE, TRUE);
}

/* ---- at every moment ---- */

static void
hold_signal (PinkTracer      *tracer,
             PinkSignalEvent *event,
             gpointer         data)
{
  *(PinkTracee **) data = pink_signal_event_get_tracee (event);
  g_assert_true (pink_tracee_hold (pink_signal_event_get_tracee (event), NULL));
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

/* Held before a signal is delivered: the next ones wait, and come in their turn. */
static void
test_held (void)
{
  Handling handling;
  PinkTracee *held = NULL;
  gulong id;
  int pid;

  begin (&handling, "handle", "40", NULL);
  pid = pink_tracee_get_pid (handling.tracee);
  id = g_signal_connect (handling.tracer, "signal-delivery", G_CALLBACK (hold_signal), &held);
  tree_wait_word (&handling.shared->ready, 1, "the handler");
  send_value (pid, 40, 1);
  test_wait_until (NULL, is_set, &held, "a held signal");
  g_signal_handler_disconnect (handling.tracer, id);
  send_value (pid, 40, 2);
  send_value (pid, 40, 3);
  g_assert_cmpint (atomic_load (&handling.shared->handled), ==, 0);
  g_assert_true (pink_tracee_resume (held, PINK_RESUME_SYSCALL, NULL));
  tree_wait_word (&handling.shared->handled, 3, "the signals");
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (handling.shared->values[i], ==, i + 1);
  end (&handling);
}

static void
send_in_call (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          n)
{
  if (*(int *) n >= 100)
    return;
  send_value (pink_tracee_get_pid (pink_syscall_event_get_tracee (event)), 40, ++*(int *) n);
}

/* Sent while it stands at the entry and at the exit of a call, in a handler. */
static void
send_at (const char *signal)
{
  Handling handling;
  int n = 0;

  begin (&handling, "handle", "40", NULL);
  tree_wait_word (&handling.shared->ready, 1, "the handler");
  g_signal_connect (handling.tracer, signal, G_CALLBACK (send_in_call), &n);
  tree_wait_word (&handling.shared->handled, 100, "100 signals");
  for (int i = 0; i < 100; i++)
    g_assert_cmpint (handling.shared->values[i], ==, i + 1);
  end (&handling);
}

static void
test_at_entry (void)
{
  send_at ("syscall-enter");
}

static void
test_at_exit (void)
{
  send_at ("syscall-exit");
}

static void
test_nested (void)
{
  Handling handling;
  int pid;

  begin (&handling, "nested", NULL, NULL);
  pid = pink_tracee_get_pid (handling.tracee);
  tree_wait_word (&handling.shared->ready, 1, "the handlers");
  kill (pid, SIGUSR1);
  tree_wait_word (&handling.shared->ready, 2, "the outer handler");
  kill (pid, SIGUSR2);
  end (&handling);
}

/* ---- group-stops ---- */

typedef struct
{
  guint n;
  int   number;
  int   pid; /* is woken up by the handler, if it is set */
} Stops;

static void
on_group_stop (PinkTracer *tracer,
               PinkTracee *tracee,
               int         number,
               gpointer    data)
{
  Stops *stops = data;

  stops->n++;
  stops->number = number;
  if (stops->pid > 0)
    kill (stops->pid, SIGCONT);
}

typedef struct
{
  const char *path;
  int         number;
  gboolean    heard;
} StopCase;

static const StopCase stop_cases[] = {
  { "/signal/group-stop/sigstop", SIGSTOP, TRUE },
  { "/signal/group-stop/sigtstp", SIGTSTP, TRUE },
  { "/signal/group-stop/sigttin", SIGTTIN, TRUE },
  { "/signal/group-stop/sigstop/unheard", SIGSTOP, FALSE },
  { "/signal/group-stop/sigtstp/unheard", SIGTSTP, FALSE },
};

static gboolean
is_counted (gpointer data)
{
  return ((Stops *) data)->n > 0;
}

static gboolean
are_counted (gpointer data)
{
  return ((Stops *) data)->n >= 3;
}

static void
assert_stands (TreeShared *shared,
               int         pid,
               guint       n)
{
  gulong count;

  tree_wait_state (pid, "tT");
  g_assert_cmpuint (tree_count_threads (pid, "tT"), ==, n);
  count = atomic_load (&shared->counters[0]);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (atomic_load (&shared->counters[0]), ==, count);
  g_assert_cmpuint (tree_count_threads (pid, "tT"), ==, n);
}

typedef struct
{
  TreeShared *shared;
  int         pid;
  gulong      last;
  guint       n_same;
} Still;

/* A thread is in state t at each of its calls, too: so also nothing is counted,
 * each time that is looked at. */
static gboolean
is_still (gpointer data)
{
  Still *still = data;
  gulong now = 0;

  for (guint i = 0; i < 3; i++)
    now += atomic_load (&still->shared->counters[i]);
  if (tree_count_threads (still->pid, "tT") == 3 && now == still->last)
    still->n_same++;
  else
    still->n_same = 0;
  still->last = now;
  return still->n_same >= 10;
}

static void
wait_still (TreeShared *shared,
            int         pid)
{
  Still still = { .shared = shared, .pid = pid };

  test_wait_until (NULL, is_still, &still, "3 stopped threads");
}

/* It stands, with all its threads, and goes on at SIGCONT; twice. */
static void
test_group_stop (gconstpointer data)
{
  const StopCase *test = data;
  Handling handling;
  Stops stops = { 0 };
  int pid;

  begin (&handling, "busy", "3", NULL);
  pid = pink_tracee_get_pid (handling.tracee);
  if (test->heard)
    g_signal_connect (handling.tracer, "group-stop", G_CALLBACK (on_group_stop), &stops);
  tree_wait_word (&handling.shared->ready, 3, "3 busy threads");
  for (guint i = 0; i < 2; i++)
    {
      stops.n = 0;
      kill (pid, test->number);
      if (test->heard)
        test_wait_until (NULL, are_counted, &stops, "group-stop of 3 threads");
      wait_still (handling.shared, pid);
      assert_stands (handling.shared, pid, 3);
      if (test->heard)
        {
          g_assert_cmpint (stops.number, ==, test->number);
          g_assert_cmpuint (stops.n, ==, 3);
        }
      kill (pid, SIGCONT);
      tree_wait_counters (handling.shared, 3, 3);
    }
  end (&handling);
}

/* SIGCONT while the group-stop's handler still runs. */
static void
test_cont_in_handler (void)
{
  Handling handling;
  Stops stops = { 0 };
  int pid;

  begin (&handling, "busy", "1", NULL);
  pid = pink_tracee_get_pid (handling.tracee);
  g_signal_connect (handling.tracer, "group-stop", G_CALLBACK (on_group_stop), &stops);
  tree_wait_word (&handling.shared->ready, 1, "a busy thread");
  stops.pid = pid;
  for (guint i = 0; i < 50; i++)
    {
      stops.n = 0;
      kill (pid, SIGSTOP);
      test_wait_until (NULL, is_counted, &stops, "group-stop");
      tree_wait_counters (handling.shared, 1, 2);
    }
  end (&handling);
}

/* Killed where it stands. */
static void
test_killed_in_stop (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (tree_spawn (tracer, shared, "busy", "3", NULL));
  int pid = pink_tracee_get_pid (tracee);

  tree_wait_word (&shared->ready, 3, "3 busy threads");
  kill (pid, SIGSTOP);
  wait_still (shared, pid);
  kill (pid, SIGKILL);
  tree_run (tracer, shared);
  g_assert_cmpint (pink_tracee_get_term_signal (tracee), ==, SIGKILL);
}

/* The parent's waitpid(WUNTRACED) sees the stop; job control needs it. */
static void
job_control (gboolean    calls,
             const char *number)
{
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = NULL;

  watch = tree_trace (calls, shared, "job", number, "50", NULL);
  g_assert_cmpuint (watch->n_added, ==, 51);
}

static void
test_job_control (void)
{
  job_control (FALSE, "19");
}

static void
test_job_control_calls (void)
{
  job_control (TRUE, "20");
}

/* ---- calls that a signal comes into ---- */

static void
on_exit_error (PinkTracer       *tracer,
               PinkSyscallEvent *event,
               gpointer          name)
{
  if (pink_syscall_event_get_error_name (event) != NULL)
    g_strlcpy (name, pink_syscall_event_get_error_name (event), 32);
}

static gboolean
is_named (gpointer data)
{
  return ((char *) data)[0] != '\0';
}

static void
trace_read (const char *how,
            gboolean    calls)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (PinkTracee) tracee = NULL;
  const char *argv[] = { tree_program (), "read-handled", how, NULL };
  char name[32] = "";
  int ends[2], pid;

  g_assert_cmpint (pipe (ends), ==, 0);
  if (calls)
    g_signal_connect (tracer, "syscall-exit::read", G_CALLBACK (on_exit_error), name);
  tracee = g_object_ref (tree_spawnv (tracer, shared, ends[0], argv));
  pid = pink_tracee_get_pid (tracee);
  tree_wait_word (&shared->ready, 1, "the read");
  tree_wait_state (pid, "S");
  kill (pid, SIGUSR1);
  tree_wait_word (&shared->handled, 1, "the signal");
  if (calls)
    {
      test_wait_until (NULL, is_named, name, "the interrupted call");
      g_assert_cmpstr (name, ==, "ERESTARTSYS");
    }
  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  tree_run (tracer, shared);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, 0);
  close (ends[0]);
  close (ends[1]);
}

static void
test_restart (void)
{
  trace_read ("restart", FALSE);
}

static void
test_restart_calls (void)
{
  trace_read ("restart", TRUE);
}

static void
test_eintr (void)
{
  trace_read ("interrupted", FALSE);
}

static void
test_eintr_calls (void)
{
  trace_read ("interrupted", TRUE);
}

/* SIGSTOP and SIGCONT in a nanosleep: it is begun again, and is neither shorter
 * nor ends with EINTR. */
static void
test_nanosleep (void)
{
  Handling handling;
  int pid;
  guint n = 0;

  begin (&handling, "nanosleep", "300", NULL);
  g_signal_connect (handling.tracer, "syscall-exit", G_CALLBACK (test_on_call), &n);
  pid = pink_tracee_get_pid (handling.tracee);
  tree_wait_word (&handling.shared->ready, 1, "nanosleep");
  tree_wait_state (pid, "S");
  for (guint i = 0; i < 3; i++)
    {
      kill (pid, SIGSTOP);
      tree_wait_state (pid, "tT");
      kill (pid, SIGCONT);
      tree_wait_state (pid, "S");
    }
  end (&handling);
}

int
main (int    argc,
      char **argv)
{
  tree_own_group ();
  test_init (&argc, &argv, NULL);

  test_add ("/signal/untouched", test_untouched);
  test_add ("/signal/seen", test_seen);
  test_add ("/signal/detail", test_detail);
  test_add ("/signal/sigtrap", test_sigtrap);
  test_add ("/signal/suppress", test_suppress);
  test_add ("/signal/suppress-many", test_suppress_many);
  test_add ("/signal/replace", test_replace);
  test_add ("/signal/sigkill", test_sigkill);
  test_add ("/signal/sigsegv", test_fault);
  test_add ("/signal/payload", test_payload);
  test_add ("/signal/set-info", test_set_info);
  test_add ("/signal/too-late", test_too_late);
  test_add ("/signal/queue", test_queue);
  test_add ("/signal/queue/unseen", test_queue_unseen);
  test_add ("/signal/queue/calls", test_queue_calls);
  test_add ("/signal/held", test_held);
  test_add ("/signal/at-entry", test_at_entry);
  test_add ("/signal/at-exit", test_at_exit);
  test_add ("/signal/nested", test_nested);
  for (guint i = 0; i < G_N_ELEMENTS (stop_cases); i++)
    test_add_data (stop_cases[i].path, &stop_cases[i], test_group_stop);
  test_add ("/signal/group-stop/cont-in-handler", test_cont_in_handler);
  test_add ("/signal/group-stop/killed", test_killed_in_stop);
  test_add ("/signal/group-stop/job-control", test_job_control);
  test_add ("/signal/group-stop/job-control/calls", test_job_control_calls);
  test_add ("/signal/call/restart", test_restart);
  test_add ("/signal/call/restart/calls", test_restart_calls);
  test_add ("/signal/call/eintr", test_eintr);
  test_add ("/signal/call/eintr/calls", test_eintr_calls);
  test_add ("/signal/call/nanosleep", test_nanosleep);

  return g_test_run ();
}
