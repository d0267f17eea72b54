/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One system call, as handlers see it: testprog makes a marked one, and a check
 * looks at its event.
 */
#include "marked-call.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- numbers ---- */

static void
check_numbers (PinkSyscallEvent *event,
               gpointer          data)
{
  g_autofree char *hex = NULL;

  g_assert_cmpuint (pink_syscall_event_get_number (event), ==, SYS_lseek);
  g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "lseek");
  g_assert_cmpint (pink_syscall_event_get_abi (event), ==, pink_abi_get_native ());
  g_assert_cmpuint (pink_syscall_event_get_n_arguments (event), ==, 3);
  g_assert_cmpint ((int) pink_syscall_event_get_argument (event, 0), ==, -1);
  g_assert_cmpint (pink_syscall_event_get_argument_signed (event, 0), ==, -1);
  g_assert_cmpint (pink_syscall_event_get_argument_signed (event, 1), ==, -5);
  g_assert_cmpuint (pink_syscall_event_get_argument (event, 1), ==, (gulong) -5);
  g_assert_cmpuint (pink_syscall_event_get_argument (event, 2), ==, 2);
  hex = pink_syscall_event_get_argument_hex (event, 1);
  g_assert_cmpstr (hex, ==, sizeof (long) == 8 ? "0xfffffffffffffffb" : "0xfffffffb");
}

static void
check_not_yet (PinkSyscallEvent *event,
               gpointer          data)
{
  check_numbers (event, data);
  g_assert_cmpint (pink_syscall_event_get_return_value (event), ==, 0);
  g_assert_cmpint (pink_syscall_event_get_error_code (event), ==, 0);
  g_assert_null (pink_syscall_event_get_error_name (event));
  g_assert_cmpint (pink_syscall_event_get_duration (event), ==, -1);
}

static void
check_failed (PinkSyscallEvent *event,
              gpointer          data)
{
  check_numbers (event, data);
  g_assert_cmpint (pink_syscall_event_get_return_value (event), ==, -1);
  g_assert_cmpint (pink_syscall_event_get_error_code (event), ==, EBADF);
  g_assert_cmpstr (pink_syscall_event_get_error_name (event), ==, "EBADF");
  g_assert_cmpint (pink_syscall_event_get_duration (event), >=, 0);
}

static void
test_numbers (void)
{
  g_autofree char *step = g_strdup_printf ("raw:%d:-1:-5:2", SYS_lseek);
  g_autoptr (PinkSyscallEvent) event = marked_call (step, check_not_yet, check_failed, NULL);

  check_failed (event, NULL); /* for as long as there is the event */
}

static void
check_six (PinkSyscallEvent *event,
           gpointer          data)
{
  g_assert_cmpuint (pink_syscall_event_get_n_arguments (event), ==, 6);
  for (guint i = 0; i < 6; i++)
    g_assert_cmpuint (pink_syscall_event_get_argument (event, i), ==,
                      (gulong) (G_GUINT64_CONSTANT (0x1000000000) << i) + i);
}

static void
test_six_arguments (void)
{
  g_autoptr (PinkSyscallEvent) event =
    marked_call ("raw:0x5678:0x1000000000:0x2000000001:0x4000000002:0x8000000003:0x10000000004:0x20000000005",
                 check_six, check_six, NULL);

  g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "syscall_0x5678");
  g_assert_cmpuint (pink_syscall_event_get_number (event), ==, 0x5678);
  g_assert_cmpint (pink_syscall_event_get_error_code (event), ==, ENOSYS);
}

static void
check_return (PinkSyscallEvent *event,
              gpointer          data)
{
  TestProcess process;
  int pid = pink_tracee_get_pid (pink_syscall_event_get_tracee (event));

  g_assert_true (test_process_get (pid, &process));
  g_assert_cmpint (pink_syscall_event_get_return_value (event), ==, process.ppid);
  g_assert_cmpint (pink_syscall_event_get_error_code (event), ==, 0);
}

static void
test_return_value (void)
{
  g_autoptr (PinkSyscallEvent) event = marked_call ("getppid", NULL, check_return, NULL);
}

/* A descriptor of an int's width is negative, though the register is not. */
static void
test_width (void)
{
  g_autofree char *step = g_strdup_printf ("raw:%d:0xffffff9c:@/nonexistent:0", SYS_openat);
  g_autoptr (PinkSyscallEvent) event = marked_call (step, NULL, NULL, NULL);
  g_autofree char *text = pink_syscall_event_get_argument_text (event, 0);

  g_assert_cmpuint (pink_syscall_event_get_argument (event, 0), ==, 0xffffff9c);
  g_assert_cmpint (pink_syscall_event_get_argument_signed (event, 0), ==, AT_FDCWD);
  g_assert_cmpstr (text, ==, "AT_FDCWD");
}

/* ---- where and when ---- */

static gboolean
is_mapped (int         pid,
           guint64     address,
           const char *wanted) /* in the line: rights or name */
{
  g_autofree char *file = g_strdup_printf ("/proc/%d/maps", pid);
  g_autofree char *maps = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (file, &maps, NULL, NULL))
    return FALSE;
  lines = g_strsplit (maps, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *rest;
      guint64 begin = g_ascii_strtoull (lines[i], &rest, 16);
      guint64 end = *rest == '-' ? g_ascii_strtoull (rest + 1, NULL, 16) : 0;

      if (address >= begin && address < end)
        return strstr (lines[i], wanted) != NULL;
    }
  return FALSE;
}

static void
check_pointers (PinkSyscallEvent *event,
                gpointer          data)
{
  int pid = pink_tracee_get_pid (pink_syscall_event_get_tracee (event));

  g_assert_true (is_mapped (pid, pink_syscall_event_get_instruction_pointer (event), " r-xp "));
  g_assert_true (is_mapped (pid, pink_syscall_event_get_stack_pointer (event), "[stack]"));
}

static void
test_pointers (void)
{
  g_autoptr (PinkSyscallEvent) event = marked_call ("getppid", check_pointers, check_pointers, NULL);
}

static void
test_time (void)
{
  gint64 before = g_get_real_time ();
  g_autoptr (PinkSyscallEvent) event = marked_call ("getppid", NULL, NULL, NULL);

  g_assert_cmpint (pink_syscall_event_get_time (event), >=, before);
  g_assert_cmpint (pink_syscall_event_get_time (event), <=, g_get_real_time ());
  g_assert_cmpint (pink_syscall_event_get_cpu_time (event), ==, -1);
}

typedef struct
{
  int    fd;
  int    pid;
  gint64 asleep_since;
} Gate;

/* So long after the call has begun, which is later than its handler's return. */
static gboolean
open_gate (gpointer data)
{
  Gate *gate = data;
  gint64 now = g_get_monotonic_time ();
  TestProcess process;

  if (gate->asleep_since == 0 && test_process_get (gate->pid, &process) && process.state == 'S')
    gate->asleep_since = now;
  if (gate->asleep_since == 0 || now - gate->asleep_since < 200 * 1000)
    return G_SOURCE_CONTINUE;
  g_assert_cmpint (write (gate->fd, "x", 1), ==, 1);
  return G_SOURCE_REMOVE;
}

static void
open_gate_later (PinkTracer       *tracer,
                 PinkSyscallEvent *event,
                 gpointer          data)
{
  Gate *gate = data;

  if (pink_syscall_event_get_argument (event, 0) != 7)
    return;
  gate->pid = pink_tracee_get_pid (pink_syscall_event_get_tracee (event));
  g_timeout_add (5, open_gate, gate);
}

static void
keep_gate_duration (PinkTracer       *tracer,
                    PinkSyscallEvent *event,
                    gpointer          duration)
{
  if (pink_syscall_event_get_argument (event, 0) == 7)
    *(gint64 *) duration = pink_syscall_event_get_duration (event);
}

static void
test_duration (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autofree char *said = NULL;
  gint64 duration = -1;
  gint64 before = g_get_monotonic_time ();
  int fds[2];
  Gate gate = { 0 };

  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  pink_launcher_take_fd (launcher, fds[0], 7);
  gate.fd = fds[1];
  g_signal_connect (tracer, "syscall-enter::read", G_CALLBACK (open_gate_later), &gate);
  g_signal_connect (tracer, "syscall-exit::read", G_CALLBACK (keep_gate_duration), &duration);
  said = test_trace_output (tracer, launcher, "gate:7", NULL);
  g_assert_cmpint (duration, >=, 200 * 1000);
  g_assert_cmpint (duration, <=, g_get_monotonic_time () - before);
  close (fds[1]);
}

static void
be_slow (PinkSyscallEvent *event,
         gpointer          data)
{
  gint64 until = g_get_monotonic_time () + 500 * 1000;

  while (g_get_monotonic_time () < until)
    ;
}

/* What handlers take is no part of it. */
static void
test_duration_without_handlers (void)
{
  g_autoptr (PinkSyscallEvent) event = marked_call ("getppid", be_slow, be_slow, NULL);

  g_assert_cmpint (pink_syscall_event_get_duration (event), <, 400 * 1000);
}

static void
test_cpu_time (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallEvent) event = NULL;

  pink_tracer_set_measure_cpu (tracer, TRUE);
  event = marked_call_after (tracer, NULL, "getppid", NULL, NULL, NULL);
  g_assert_cmpint (pink_syscall_event_get_cpu_time (event), >=, 0);
  g_assert_cmpint (pink_syscall_event_get_cpu_time (event), <, 10 * G_USEC_PER_SEC);
}

/* ---- one object ---- */

static void
attach_data (PinkSyscallEvent *event,
             gpointer          data)
{
  g_object_set_data (G_OBJECT (event), "mine", data);
  g_assert_cmpint (pink_syscall_event_get_state (event), ==, PINK_SYSCALL_ENTRY);
}

static void
find_data (PinkSyscallEvent *event,
           gpointer          data)
{
  g_assert_true (g_object_get_data (G_OBJECT (event), "mine") == data);
  g_assert_cmpint (pink_syscall_event_get_state (event), ==, PINK_SYSCALL_EXIT);
}

static void
test_same_object (void)
{
  int mine;
  g_autoptr (PinkSyscallEvent) event = marked_call ("getppid", attach_data, find_data, &mine);

  g_assert_cmpint (pink_syscall_event_get_state (event), ==, PINK_SYSCALL_FINISHED);
}

/* Between the handlers of entry and exit the call runs. */
typedef struct
{
  PinkSyscallEvent *event;
  gboolean          was_running;
} Running;

static void
keep_event (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  g_set_object (&((Running *) data)->event, event);
}

static gboolean
is_running (gpointer data)
{
  Running *running = data;

  return running->event != NULL &&
         pink_syscall_event_get_state (running->event) == PINK_SYSCALL_RUNNING;
}

static void
test_gone (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GError) error = NULL;
  Running running = { 0 };
  PinkTracee *tracee;

  g_signal_connect (tracer, "syscall-enter::pause", G_CALLBACK (keep_event), &running);
  tracee = test_spawn (tracer, "sleep-forever", NULL);
  test_wait_until (NULL, is_running, &running, "a call to run");
  g_assert_null (pink_syscall_event_read_bytes (running.event, 0, 1, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT); /* pause() has none */
  g_clear_error (&error);

  kill (pink_tracee_get_pid (tracee), SIGKILL);
  test_run (tracer);
  g_assert_cmpint (pink_syscall_event_get_state (running.event), ==, PINK_SYSCALL_GONE);
  g_assert_cmpint (pink_syscall_event_get_return_value (running.event), ==, 0);
  g_assert_cmpint (pink_syscall_event_get_duration (running.event), ==, -1);
  g_object_unref (running.event);
}

static void
raise_it (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          data)
{
  kill (pink_tracee_get_pid (pink_syscall_event_get_tracee (event)), SIGUSR1);
}

/* What a signal interrupts fails with the kernel's own errno, as strace shows it. */
static void
test_restart (void)
{
  g_autofree char *step = g_strdup_printf ("raw:%d", (int) pink_syscall_from_name (pink_abi_get_native (), "pause"));
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *text = NULL;
  Running kept = { 0 };

  g_signal_connect (tracer, "syscall-enter::pause", G_CALLBACK (raise_it), NULL);
  g_signal_connect (tracer, "syscall-exit::pause", G_CALLBACK (keep_event), &kept);
  g_assert_cmpint (test_trace (tracer, "handle:10", step, NULL), ==, 0);
  g_assert_cmpint (pink_syscall_event_get_error_code (kept.event), ==, 514);
  text = pink_syscall_event_to_string (kept.event);
  g_assert_cmpstr (text, ==, "pause() = ? ERESTARTNOHAND (To be restarted if no handler)");
  g_object_unref (kept.event);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  test_add ("/syscall-event/numbers", test_numbers);
  test_add ("/syscall-event/six-arguments", test_six_arguments);
  test_add ("/syscall-event/return-value", test_return_value);
  test_add ("/syscall-event/width", test_width);
  test_add ("/syscall-event/pointers", test_pointers);
  test_add ("/syscall-event/time", test_time);
  test_add ("/syscall-event/duration", test_duration);
  test_add ("/syscall-event/duration-without-handlers", test_duration_without_handlers);
  test_add ("/syscall-event/cpu-time", test_cpu_time);
  test_add ("/syscall-event/same-object", test_same_object);
  test_add ("/syscall-event/gone", test_gone);
  test_add ("/syscall-event/restart", test_restart);
  return g_test_run ();
}
