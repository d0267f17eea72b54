/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a tracer emits, from programs and calls of every kind.
 */
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
  test_add ("/tracer/real-programs", test_real_programs);
  return g_test_run ();
}
