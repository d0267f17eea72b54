/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Calls that a tracee makes for its tracer, and what is put into its memory: its
 * own call, and its registers, are as if nothing had happened.
 */
#include "change-util.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

typedef struct
{
  const char  *name;
  const char  *arguments; /* GVariant text, or NULL */
  gint64       expected;  /* or -errno */
} Injected;

typedef struct
{
  const Injected   *calls;
  guint             n_calls, n_done, n_entries, n_exits;
  PinkSyscallEvent *event;
  GCancellable     *cancellable;
  PinkSyscallEvent *result;
  GError           *error;
  gboolean          done;
} Plan;

static void inject_next (Plan *plan);

static void
on_done (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Plan *plan = data;
  const Injected *call = &plan->calls[plan->n_done++];
  GError *error = NULL;
  g_autoptr (PinkSyscallEvent) done = pink_tracee_inject_syscall_finish (PINK_TRACEE (source), result, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (pink_syscall_event_get_name (done), ==, call->name);
  if (call->expected < 0)
    g_assert_cmpint (-pink_syscall_event_get_error_code (done), ==, call->expected);
  else if (g_str_equal (call->name, "getpid"))
    g_assert_cmpint (pink_syscall_event_get_return_value (done), ==,
                     pink_tracee_get_pid (PINK_TRACEE (source)));
  else
    g_assert_cmpint (pink_syscall_event_get_return_value (done), ==, call->expected);
  g_assert_cmpint (pink_syscall_event_get_state (done), ==, PINK_SYSCALL_FINISHED);
  inject_next (plan);
}

static void
inject_next (Plan *plan)
{
  const Injected *call = &plan->calls[plan->n_done];
  GError *error = NULL;

  if (plan->n_done == plan->n_calls)
    {
      g_assert_true (pink_syscall_event_release (plan->event, &error));
      g_assert_no_error (error);
      g_clear_object (&plan->event);
      return;
    }
  pink_tracee_inject_syscall_async (pink_syscall_event_get_tracee (plan->event), call->name,
                                    call->arguments != NULL
                                      ? g_variant_new_parsed (call->arguments) : NULL,
                                    NULL, on_done, plan);
}

static void
hold_and_inject (PinkTracer       *tracer,
                 PinkSyscallEvent *event,
                 gpointer          data)
{
  Plan *plan = data;

  plan->n_entries++;
  plan->event = g_object_ref (event);
  g_assert_true (pink_syscall_event_hold (event, NULL));
  inject_next (plan);
}

static void
count_exit (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  ((Plan *) data)->n_exits++;
}

static const Injected several[] = {
  { "getpid", NULL, 0 },
  { "write", "(1, 'injected ', 9)", 9 },
  { "write", "(1, b'bytes ', byte 0x06)", 6 },
  { "write", "(int64 -1, b'bytes', uint16 5)", -EBADF },
  { "chdir", "('/nonexistent',)", -ENOENT },
  { "getpid", "()", 0 },
};

static void
run_several (gconstpointer  way,
             const char    *signal)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Plan plan = { .calls = several, .n_calls = G_N_ELEMENTS (several) };
  g_autofree char *output = NULL;
  gboolean at_entry = g_str_has_prefix (signal, "syscall-enter");

  g_signal_connect (tracer, signal, G_CALLBACK (hold_and_inject), &plan);
  if (at_entry)
    g_signal_connect (tracer, "syscall-exit::write", G_CALLBACK (count_exit), &plan);
  output = change_run (tracer, way, change_call (way, "write", "1,@hello ,6"),
                       change_call (way, "dup", "999"), NULL);
  g_assert_cmpstr (output, ==, at_entry ? "injected bytes hello 6 kept\n-9 kept\n"
                                        : "hello injected bytes 6 kept\n-9 kept\n");
  g_assert_cmpuint (plan.n_entries, ==, 1);
  g_assert_cmpuint (plan.n_exits, ==, at_entry ? 1 : 0);
  g_assert_cmpuint (plan.n_done, ==, G_N_ELEMENTS (several));
}

static void
at_entry (gconstpointer way)
{
  run_several (way, "syscall-enter::write");
}

static void
at_exit (gconstpointer way)
{
  run_several (way, "syscall-exit::write");
}

/* ---- what they fill ---- */

static void
on_uname (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Plan *plan = data;
  GError *error = NULL;
  g_autoptr (PinkSyscallEvent) done = pink_tracee_inject_syscall_finish (PINK_TRACEE (source), result, &error);
  g_autoptr (GBytes) bytes = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (pink_syscall_event_get_return_value (done), ==, 0);
  bytes = pink_syscall_event_read_bytes (done, 0, 390, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 390);
  g_assert_cmpstr (g_bytes_get_data (bytes, NULL), ==, "Linux");
  plan->done = TRUE;
  /* The tracee has not been held: it goes on when this has returned. */
}

static void
inject_uname (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          data)
{
  g_autofree guint8 *zeros = g_malloc0 (390);

  pink_tracee_inject_syscall_async (pink_syscall_event_get_tracee (event), "uname",
                                    g_variant_new ("(@ay)", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, zeros, 390, 1)),
                                    NULL, on_uname, data);
}

static void
fills (gconstpointer way)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  Plan plan = { 0 };

  g_signal_connect (tracer, "syscall-enter::write", G_CALLBACK (inject_uname), &plan);
  output = change_run (tracer, way, change_call (way, "write", "1,@hello ,6"), NULL);
  g_assert_cmpstr (output, ==, "hello 6 kept\n");
  g_assert_true (plan.done);
}

/* ---- decided meanwhile ---- */

static void
deny_too (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          data)
{
  inject_uname (tracer, event, data);
  g_assert_true (pink_syscall_event_deny (event, ENOSPC, NULL));
}

static void
denied (gconstpointer way)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  Plan plan = { 0 };

  g_signal_connect (tracer, "syscall-enter::write", G_CALLBACK (deny_too), &plan);
  output = change_run (tracer, way, change_call (way, "write", "1,@hello ,6"), NULL);
  change_assert_kept (output, -ENOSPC);
  g_assert_true (plan.done);
}

/* By a rule, before anything was injected: the call is not made afterwards, either. */
static void
denied_before (gconstpointer way)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  g_autofree char *output = NULL;
  Plan plan = { 0 };

  pink_rule_deny (rule, ENOSPC);
  pink_rule_set_occurrences (rule, 1, 1, 1);
  g_assert_true (pink_tracer_add_rule (tracer, rule, NULL));
  g_signal_connect (tracer, "syscall-enter::write", G_CALLBACK (inject_uname), &plan);
  output = change_run (tracer, way, change_call (way, "write", "1,@hello ,6"), NULL);
  change_assert_kept (output, -ENOSPC);
  g_assert_true (plan.done);
}

/* ---- what cannot be ---- */

static void
on_refused (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  Plan *plan = data;

  plan->result = pink_tracee_inject_syscall_finish (PINK_TRACEE (source), result, &plan->error);
  plan->done = TRUE;
}

static gboolean
is_done (gpointer data)
{
  return ((Plan *) data)->done;
}

static void
assert_refused (PinkTracee *tracee,
                const char *name,
                const char *arguments,
                int         code)
{
  Plan plan = { 0 };

  pink_tracee_inject_syscall_async (tracee, name,
                                    arguments != NULL ? g_variant_new_parsed (arguments) : NULL,
                                    NULL, on_refused, &plan);
  test_wait_until (NULL, is_done, &plan, "the refusal");
  g_assert_error (plan.error, PINK_TRACER_ERROR, code);
  g_assert_true (g_utf8_validate (plan.error->message, -1, NULL));
  g_clear_error (&plan.error);
}

static gboolean
is_held (gpointer data)
{
  return ((Plan *) data)->event != NULL;
}

static void
just_hold (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          data)
{
  Plan *plan = data;

  g_assert_true (pink_syscall_event_hold (event, NULL));
  g_set_object (&plan->event, event);
}

static PinkTracee *
hold_write (PinkTracer *tracer,
            Plan       *plan)
{
  PinkTracee *tracee;

  g_signal_connect (tracer, "syscall-enter::write", G_CALLBACK (just_hold), plan);
  tracee = g_object_ref (test_spawn (tracer, "write:99:x", "exit:7", NULL));
  test_wait_until (NULL, is_held, plan, "the call to be held");
  return tracee;
}

static gboolean
waits (gpointer tracee)
{
  TestProcess process;

  /* Not stopped, which is t. */
  return test_process_get (pink_tracee_get_pid (tracee), &process) && process.state == 'S';
}

static void
refused (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Plan plan = { 0 };
  g_autoptr (PinkTracee) tracee = hold_write (tracer, &plan), asleep = NULL;

  assert_refused (tracee, "no_such_call\377", NULL, PINK_TRACER_ERROR_UNKNOWN_SYSCALL);
  assert_refused (tracee, "clone", NULL, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  assert_refused (tracee, "execve", "('/bin/true',)", PINK_TRACER_ERROR_INVALID_ARGUMENT);
  assert_refused (tracee, "getpid", "(1,)", PINK_TRACER_ERROR_INVALID_ARGUMENT);
  assert_refused (tracee, "write", "(1.5, 'x', 1)", PINK_TRACER_ERROR_INVALID_ARGUMENT);
  assert_refused (tracee, "write", "'x'", PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_assert_true (pink_syscall_event_release (plan.event, NULL));
  asleep = g_object_ref (test_spawn (tracer, "sleep-forever", NULL));
  test_wait_until (NULL, waits, asleep, "it to sleep");
  assert_refused (asleep, "getpid", NULL, PINK_TRACER_ERROR_WRONG_STATE);
  g_assert_true (pink_tracee_send_signal (asleep, SIGKILL, NULL));
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_exit_code (tracee), ==, 7);
  assert_refused (tracee, "getpid", NULL, PINK_TRACER_ERROR_GONE);
  g_clear_object (&plan.event);
}

/* ---- calls that wait ---- */

/* Machines of the newer kind have no pause(). */
static void
inject_a_wait (PinkTracee *tracee,
               Plan       *plan)
{
  gboolean has_pause = pink_syscall_from_name (pink_abi_get_native (), "pause") >= 0;

  pink_tracee_inject_syscall_async (tracee, has_pause ? "pause" : "ppoll",
                                    has_pause ? NULL : g_variant_new_parsed ("(0, 0, 0, 0, 8)"),
                                    plan->cancellable, on_refused, plan);
}

static PinkTracee *
make_it_wait (PinkTracer *tracer,
              Plan       *plan)
{
  PinkTracee *tracee = hold_write (tracer, plan);

  plan->cancellable = g_cancellable_new ();
  inject_a_wait (tracee, plan);
  test_wait_until (NULL, waits, tracee, "the injected call to wait");
  return tracee;
}

static void
cancelled (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Plan plan = { 0 };
  g_autoptr (PinkTracee) tracee = make_it_wait (tracer, &plan);

  g_cancellable_cancel (plan.cancellable);
  test_wait_until (NULL, is_done, &plan, "the call to be broken off");
  g_assert_error (plan.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (pink_syscall_event_release (plan.event, NULL));
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_exit_code (tracee), ==, 7);
  g_clear_error (&plan.error);
  g_clear_object (&plan.event);
  g_clear_object (&plan.cancellable);
}

static void
released (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Plan plan = { 0 };
  g_autoptr (PinkTracee) tracee = make_it_wait (tracer, &plan);

  /* It goes on when the call has been made, and that is when it is broken off. */
  g_assert_true (pink_syscall_event_release (plan.event, NULL));
  g_cancellable_cancel (plan.cancellable);
  test_run (tracer);
  test_wait_until (NULL, is_done, &plan, "the answer");
  g_assert_cmpint (pink_tracee_get_exit_code (tracee), ==, 7);
  g_assert_error (plan.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&plan.error);
  g_clear_object (&plan.event);
  g_clear_object (&plan.cancellable);
}

static void
killed (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Plan plan = { 0 };
  g_autoptr (PinkTracee) tracee = make_it_wait (tracer, &plan);

  g_assert_true (pink_tracee_send_signal (tracee, SIGKILL, NULL));
  test_run (tracer);
  test_wait_until (NULL, is_done, &plan, "the answer");
  g_assert_error (plan.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
  g_clear_error (&plan.error);
  g_clear_object (&plan.event);
  g_clear_object (&plan.cancellable);
}

static void
let_go (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Plan plan = { 0 };
  g_autoptr (PinkTracee) tracee = make_it_wait (tracer, &plan);

  pink_tracer_detach_all (tracer);
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_DETACHED);
  g_assert_true (test_process_await_end (pink_tracee_get_pid (tracee), test_seconds (TEST_BOUND_S)));
  test_wait_until (NULL, is_done, &plan, "the answer");
  /* Broken off: ERESTARTNOHAND. */
  g_assert_cmpint (pink_syscall_event_get_error_code (plan.result), ==, 514);
  g_clear_object (&plan.result);
  g_clear_object (&plan.event);
  g_clear_object (&plan.cancellable);
}

static void
tracer_gone (void)
{
  PinkTracer *tracer = pink_tracer_new ();
  Plan plan = { 0 };
  g_autoptr (PinkTracee) tracee = make_it_wait (tracer, &plan);

  g_object_unref (tracer);
  test_wait_until (NULL, is_done, &plan, "the call to be given up");
  g_assert_error (plan.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
  g_assert_true (test_process_await_end (pink_tracee_get_pid (tracee), test_seconds (TEST_BOUND_S)));
  g_clear_error (&plan.error);
  g_clear_object (&plan.event);
  g_clear_object (&plan.cancellable);
}

/* ---- from an interrupt ---- */

static void
on_quick (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  Plan *plan = data;

  g_assert_null (plan->result);
  plan->result = pink_tracee_inject_syscall_finish (PINK_TRACEE (source), result, &plan->error);
  g_assert_no_error (plan->error);
  plan->done = TRUE;
}

static void
on_interrupted (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  g_assert_true (pink_tracee_interrupt_finish (PINK_TRACEE (source), result, NULL));
  pink_tracee_inject_syscall_async (PINK_TRACEE (source), "getpid", NULL, NULL, on_quick, data);
}

/* A sleep that is interrupted goes on, and ends as long as it was to take. */
static void
interrupted (gconstpointer data)
{
  const ChangeWay *way = data;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autofree char *call = change_call (way, "nanosleep", "[0;300000000,0"), *text = NULL;
  const char *argv[] = { g_getenv (way->bits32 ? "PINK_CHANGEPROG32" : "PINK_CHANGEPROG"), call, NULL };
  g_autoptr (PinkTracee) tracee = NULL;
  gint64 begin = g_get_monotonic_time ();
  int output = test_output_new ();
  Plan plan = { 0 };

  pink_launcher_take_fd (launcher, dup (output), 1);
  tracee = g_object_ref (pink_launcher_spawn (launcher, tracer, argv, NULL));
  test_wait_until (NULL, waits, tracee, "it to sleep");
  pink_tracee_interrupt_async (tracee, NULL, on_interrupted, &plan);
  test_wait_until (NULL, is_done, &plan, "the call");
  g_assert_cmpint (pink_syscall_event_get_return_value (plan.result), ==, pink_tracee_get_pid (tracee));
  g_clear_object (&plan.result);
  g_assert_true (pink_tracee_resume (tracee, PINK_RESUME_SYSCALL, NULL));
  test_run (tracer);
  text = test_output_take (output);
  g_assert_cmpint (pink_tracee_get_term_signal (tracee), ==, 0);
  change_assert_kept (text, 0);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 300000);
}

/* ---- signals meanwhile ---- */

static void
on_signal (PinkTracer      *tracer,
           PinkSignalEvent *event,
           gpointer         count)
{
  ++*(guint *) count;
}

static gboolean
send_and_cancel (gpointer data)
{
  Plan *plan = data;
  PinkTracee *tracee = pink_syscall_event_get_tracee (plan->event);

  g_assert_true (pink_tracee_send_signal (tracee, SIGUSR1, NULL));
  g_assert_true (pink_tracee_send_signal (tracee, SIGSTOP, NULL));
  return G_SOURCE_REMOVE;
}

static gboolean
go_on (gpointer data)
{
  PinkTracee *tracee = data;

  kill (pink_tracee_get_pid (tracee), SIGCONT);
  return G_SOURCE_CONTINUE;
}

/* One delivery each, after the call. */
static void
signals (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n_usr1 = 0, n_stops = 0, source;
  Plan plan = { 0 };
  PinkTracee *tracee;

  g_signal_connect (tracer, "syscall-enter::write", G_CALLBACK (just_hold), &plan);
  g_signal_connect (tracer, "signal-delivery::SIGUSR1", G_CALLBACK (on_signal), &n_usr1);
  g_signal_connect (tracer, "signal-delivery::SIGSTOP", G_CALLBACK (on_signal), &n_stops);
  tracee = g_object_ref (test_spawn (tracer, "handle:" G_STRINGIFY (SIGUSR1), "write:99:x", "exit:7", NULL));
  test_wait_until (NULL, is_held, &plan, "the call to be held");
  plan.cancellable = g_cancellable_new ();
  inject_a_wait (tracee, &plan);
  test_wait_until (NULL, waits, tracee, "the injected call to wait");
  g_idle_add (send_and_cancel, &plan);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_cancellable_cancel (plan.cancellable);
  test_wait_until (NULL, is_done, &plan, "the call to be broken off");
  g_assert_cmpuint (n_usr1, ==, 0);
  g_assert_true (pink_syscall_event_release (plan.event, NULL));
  source = g_timeout_add (50, go_on, tracee);
  test_run (tracer);
  g_source_remove (source);
  g_assert_cmpint (pink_tracee_get_exit_code (tracee), ==, 7);
  g_assert_cmpuint (n_usr1, ==, 1);
  g_assert_cmpuint (n_stops, ==, 1);
  /* The signal may have broken it off first. */
  g_clear_object (&plan.result);
  g_clear_error (&plan.error);
  g_clear_object (&plan.result); /* where a signal was faster than the cancellable */
  g_clear_object (&plan.event);
  g_clear_object (&plan.cancellable);
  g_object_unref (tracee);
}

/* ---- other strings ---- */

static char *long_path;

static void
other_path (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  g_autofree char *seen = NULL;
  GError *error = NULL;

  g_assert_true (pink_syscall_event_set_argument_string (event, 0, long_path, &error));
  g_assert_no_error (error);
  seen = pink_syscall_event_read_string (event, 0, &error);
  g_assert_cmpstr (seen, ==, long_path);
}

static void
look_at_other (PinkTracer       *tracer,
               PinkSyscallEvent *event,
               gpointer          data)
{
  g_autofree char *seen = pink_syscall_event_read_string (event, 0, NULL);

  g_assert_cmpstr (seen, ==, long_path);
  ++*(guint *) data;
}

static void
strings (gconstpointer data)
{
  const ChangeWay *way = data;
  char *directory = test_directory ();
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  guint n = 0;

  long_path = g_strdup_printf ("%s%0*d", directory, 3000, 0);
  memset (long_path + strlen (directory), '/', 3000);
  g_signal_connect (tracer, "syscall-enter::chdir", G_CALLBACK (other_path), NULL);
  g_signal_connect (tracer, "syscall-exit::chdir", G_CALLBACK (look_at_other), &n);
  output = change_run (tracer, way, change_call (way, "chdir", "@/nonexistent"),
                       change_call (way, "unlinkat", "-100,@.,0x200"), change_call (way, "dup", "999"), NULL);
  /* To remove "." is refused as such: but only where "." is. */
  g_assert_cmpstr (output, ==, "0 kept\n-22 kept\n-9 kept\n");
  g_assert_cmpuint (n, ==, 1);
  g_clear_pointer (&long_path, g_free);
  test_directory_remove (directory);
}

static void
other_bytes (PinkTracer       *tracer,
             PinkSyscallEvent *event,
             gpointer          data)
{
  g_autoptr (GBytes) bytes = g_bytes_new ("much longer than it was\n", 24);

  g_assert_true (pink_syscall_event_set_argument_bytes (event, 1, bytes, NULL));
  g_assert_true (pink_syscall_event_set_argument (event, 2, 24, NULL));
}

static void
buffers (gconstpointer way)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();
      g_autofree char *output = NULL;
      Plan plan = { 0 };

      g_signal_connect (tracer, "syscall-enter::write", G_CALLBACK (other_bytes), NULL);
      if (i == 1) /* a call that is made by injection, too */
        g_signal_connect (tracer, "syscall-enter::write", G_CALLBACK (inject_uname), &plan);
      output = change_run (tracer, way, change_call (way, "write", "1,=short,5"),
                           change_call (way, "write", "99,=short,5"), NULL);
      g_assert_cmpstr (output, ==, "much longer than it was\n24 kept\n-9 kept\n");
    }
}

/* What was mapped is gone: a program's memory map is as it was. */
static void
nothing_left (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  const char * const argv[] = { "/usr/bin/python3", "-S", "-c",
    "import os\n"
    "def maps(): return [l.split()[0] for l in open('/proc/self/maps')]\n"
    "a = maps(); a = maps()\n"
    "for i in range(20):\n"
    "    try: os.chdir('/nonexistent')\n"
    "    except OSError: pass\n"
    "b = maps()\n"
    "print(len(a), a == b)\n", NULL };
  g_autofree char *output = NULL;
  int status = -1;
  guint n = 0;

  if (!change_has_python ())
    return;
  long_path = g_strdup ("/");
  g_signal_connect (tracer, "syscall-enter::chdir", G_CALLBACK (other_path), NULL);
  g_signal_connect (tracer, "syscall-exit::chdir", G_CALLBACK (look_at_other), &n);
  output = test_trace_outputv (tracer, NULL, argv, &status);
  g_clear_pointer (&long_path, g_free);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpuint (n, ==, 20);
  g_assert_true (g_str_has_suffix (output, " True\n"));
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  change_add ("/inject/at-entry", at_entry);
  change_add ("/inject/at-exit", at_exit);
  change_add ("/inject/fills", fills);
  change_add ("/inject/denied", denied);
  change_add ("/inject/denied-before", denied_before);
  change_add ("/inject/interrupted", interrupted);
  test_add ("/inject/refused", refused);
  test_add ("/inject/waits/cancelled", cancelled);
  test_add ("/inject/waits/released", released);
  test_add ("/inject/waits/killed", killed);
  test_add ("/inject/waits/let-go", let_go);
  test_add ("/inject/waits/tracer-gone", tracer_gone);
  test_add ("/inject/waits/signals", signals);
  change_add ("/place/strings", strings);
  change_add ("/place/buffers", buffers);
  test_add ("/place/nothing-left", nothing_left);
  return g_test_run ();
}
