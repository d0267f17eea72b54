/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pink-test-util.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
keep_pid (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          pid)
{
  *(int *) pid = pink_tracee_get_pid (pink_syscall_event_get_tracee (event));
}

static void
test_pid (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *said = NULL;
  int pid = 0;

  g_signal_connect (tracer, "syscall-enter::getpid", G_CALLBACK (keep_pid), &pid);
  said = test_trace_output (tracer, NULL, "say-pid", NULL);
  g_assert_cmpint (pid, >, 0);
  g_assert_cmpint (pid, ==, atoi (said));
  g_assert_cmpint (pid, !=, getpid ());
}

/* Each program is a process of its own, not one of the application's children. */
static void
test_no_child (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  PinkTracee *tracee = test_spawn (tracer, "exit:0", NULL);
  TestProcess process, task;
  int status;

  g_assert_true (test_process_get (pink_tracee_get_pid (tracee), &process));
  g_assert_cmpint (process.ppid, !=, getpid ());
  g_assert_cmpint (process.ppid, ==, test_tracer_task_of (process.pid));
  g_assert_true (test_process_get (process.ppid, &task));
  g_assert_cmpstr (task.comm, ==, "pink-tracer");
  g_assert_cmpint (task.ppid, ==, getpid ());
  g_assert_cmpint (waitpid (-1, &status, WNOHANG), ==, -1);
  test_run (tracer);
}

/* ---- state ---- */

typedef struct
{
  PinkTracee *tracee;
  guint       n_stopped;
  guint       n_running;
} States;

static void
look_at_state (PinkTracer       *tracer,
               PinkSyscallEvent *event,
               gpointer          data)
{
  States *states = data;

  g_assert_true (pink_syscall_event_get_tracee (event) == states->tracee);
  if (pink_tracee_get_state (states->tracee) == PINK_TRACEE_STOPPED)
    states->n_stopped++;
  g_assert_cmpint (pink_tracee_get_wait_status (states->tracee), ==, -1);
  g_assert_cmpint (pink_tracee_get_exit_code (states->tracee), ==, -1);
  g_assert_cmpint (pink_tracee_get_term_signal (states->tracee), ==, 0);
}

static gboolean
look_in_between (gpointer data)
{
  States *states = data;

  if (pink_tracee_get_state (states->tracee) == PINK_TRACEE_RUNNING)
    states->n_running++;
  return states->n_running > 0;
}

static void
test_state (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  States states = { 0 };
  guint n = 0;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (look_at_state), &states);
  g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (look_at_state), &states);
  g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (test_on_call), &n);
  states.tracee = g_object_ref (test_spawn (tracer, "getppid:100", "exit:6", NULL));
  test_wait_until (NULL, look_in_between, &states, "a tracee that runs");
  test_run (tracer);
  g_assert_cmpuint (n, ==, 100);
  g_assert_cmpuint (states.n_stopped, ==, 200);
  g_assert_cmpint (pink_tracee_get_state (states.tracee), ==, PINK_TRACEE_EXITED);
  g_object_unref (states.tracee);
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    names)
{
  g_ptr_array_add (names, (gpointer) pspec->name);
  g_assert_cmpint (pink_tracee_get_state (PINK_TRACEE (object)), ==, PINK_TRACEE_EXITED);
}

static void
test_notified (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (test_spawn (tracer, "exit:3", NULL));

  g_signal_connect (tracee, "notify", G_CALLBACK (on_notify), names);
  test_run (tracer);
  g_assert_true (g_ptr_array_find_with_equal_func (names, "state", g_str_equal, NULL));
  g_assert_true (g_ptr_array_find_with_equal_func (names, "wait-status", g_str_equal, NULL));
  g_assert_true (g_ptr_array_find_with_equal_func (names, "exit-code", g_str_equal, NULL));
  g_assert_false (g_ptr_array_find_with_equal_func (names, "pid", g_str_equal, NULL));
}

static void
test_properties (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (test_spawn (tracer, "exit:3", NULL));
  g_autofree char *command = NULL;
  int pid, status, code, signal;
  PinkTraceeState state;
  gboolean dumped;

  test_run (tracer);
  g_object_get (tracee, "pid", &pid, "command", &command, "state", &state, "wait-status", &status,
                "exit-code", &code, "term-signal", &signal, "core-dumped", &dumped, NULL);
  g_assert_cmpint (pid, ==, pink_tracee_get_pid (tracee));
  g_assert_cmpstr (command, ==, "testprog");
  g_assert_cmpint (state, ==, PINK_TRACEE_EXITED);
  g_assert_cmpint (status, ==, 3 << 8);
  g_assert_cmpint (code, ==, 3);
  g_assert_cmpint (signal, ==, 0);
  g_assert_false (dumped);
}

static void
test_killed (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (test_spawn (tracer, "raise:6", NULL));
  int status;

  test_run (tracer);
  status = pink_tracee_get_wait_status (tracee);
  g_assert_cmpint (pink_tracee_get_term_signal (tracee), ==, SIGABRT);
  g_assert_cmpint (pink_tracee_get_exit_code (tracee), ==, -1);
  g_assert_cmpint (pink_tracee_get_core_dumped (tracee), ==, WCOREDUMP (status) != 0);
}

/* ---- command ---- */

static void
keep_command (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          command)
{
  g_free (*(char **) command);
  *(char **) command = pink_tracee_get_command (pink_syscall_event_get_tracee (event));
}

static char *
command_of (const char * const *argv)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) tracee = NULL;
  g_autofree char *last = NULL;
  char *command = NULL;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (keep_command), &command);
  tracee = g_object_ref (test_spawnv (tracer, argv));
  test_run (tracer);
  /* It stays when the program has ended. */
  last = pink_tracee_get_command (tracee);
  g_assert_cmpstr (last, ==, command);
  return command;
}

static void
test_command (void)
{
  const char * const argv[] = { test_program (), "getppid", NULL };
  g_autofree char *command = command_of (argv);

  g_assert_cmpstr (command, ==, "testprog");
}

/* Any bytes can be in a name; it comes as valid text, of at most 15 of them. */
static void
test_odd_command (void)
{
  char *directory = test_directory ();
  g_autofree char *path = g_build_filename (directory, "a\\b\377\303\274 ) x 0123456789", NULL);
  const char * const argv[] = { path, "getppid", NULL };
  g_autofree char *command = NULL;

  g_assert_cmpint (symlink (test_program (), path), ==, 0);
  command = command_of (argv);
  g_assert_true (g_utf8_validate (command, -1, NULL));
  g_assert_cmpstr (command, ==, "a\\\\b\\xff\303\274 ) x 0123");
  test_directory_remove (directory);
}

/* ---- as an object ---- */

static void
test_outlives_the_tracer (void)
{
  PinkTracer *tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (test_spawn (tracer, "sleep-forever", NULL));
  int pid = pink_tracee_get_pid (tracee);

  g_object_unref (tracer);
  g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_LOST);
  g_assert_cmpint (pink_tracee_get_pid (tracee), ==, pid);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, -1);
  g_assert_cmpint (pink_tracee_get_exit_code (tracee), ==, -1);
}

static void
test_empty (void)
{
  g_autoptr (PinkTracee) tracee = g_object_new (PINK_TYPE_TRACEE, NULL);
  g_autofree char *command = pink_tracee_get_command (tracee);

  g_assert_null (command);
  g_assert_cmpint (pink_tracee_get_pid (tracee), ==, 0);
  g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_RUNNING);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, -1);
  g_assert_cmpint (pink_tracee_get_exit_code (tracee), ==, -1);
  g_assert_cmpint (pink_tracee_get_term_signal (tracee), ==, 0);
  g_assert_false (pink_tracee_get_core_dumped (tracee));
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  test_add ("/tracee/pid", test_pid);
  test_add ("/tracee/no-child", test_no_child);
  test_add ("/tracee/state", test_state);
  test_add ("/tracee/notified", test_notified);
  test_add ("/tracee/properties", test_properties);
  test_add ("/tracee/killed", test_killed);
  test_add ("/tracee/command", test_command);
  test_add ("/tracee/odd-command", test_odd_command);
  test_add ("/tracee/outlives-the-tracer", test_outlives_the_tracer);
  test_add ("/tracee/empty", test_empty);
  return g_test_run ();
}
