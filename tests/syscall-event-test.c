/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One system call, as handlers see it: testprog makes a marked one, and a check
 * looks at its event.
 */
#include "pink-test-util.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- the marked call ---- */

typedef void (*Check) (PinkSyscallEvent *event,
                       gpointer          data);

/* Marks: a script makes the call of this number, which there is not, before what
 * is to be looked at, and again behind it. The C library makes many calls. */
#define MARK "raw:0x4d4b"
#define MARK_NAME "syscall_0x4d4b"

typedef struct
{
  Check             at_entry;
  Check             at_exit;
  gpointer          data;
  gboolean          marked;
  guint             n_entries;
  guint             n_exits;
  PinkSyscallEvent *event; /* the last one that was marked */
} Look;

static void
look_at_entry (PinkTracer       *tracer,
               PinkSyscallEvent *event,
               gpointer          data)
{
  Look *look = data;

  if (g_str_equal (pink_syscall_event_get_name (event), MARK_NAME))
    return;
  if (!look->marked)
    return;
  look->n_entries++;
  g_set_object (&look->event, event);
  if (look->at_entry != NULL)
    look->at_entry (event, look->data);
}

static void
look_at_exit (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          data)
{
  Look *look = data;

  if (g_str_equal (pink_syscall_event_get_name (event), MARK_NAME))
    {
      look->marked = !look->marked;
      return;
    }
  if (!look->marked)
    return;
  look->n_exits++;
  g_assert_true (event == look->event);
  if (look->at_exit != NULL)
    look->at_exit (event, look->data);
}

static void
look_at (PinkTracer         *tracer,
         const char * const *argv,
         Look               *look)
{
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (look_at_entry), look);
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (look_at_exit), look);
  test_spawnv (tracer, argv);
  test_run (tracer);
  g_assert_cmpuint (look->n_entries, ==, 1);
}

/* The one call of this step. The event lives as long as the caller likes. */
static PinkSyscallEvent *
call_after (PinkTracer *tracer,
            const char *before,
            const char *step,
            Check       at_entry,
            Check       at_exit,
            gpointer    data)
{
  const char * const argv[] = { test_program (), before != NULL ? before : "getppid", MARK, step, MARK, NULL };
  Look look = { .at_entry = at_entry, .at_exit = at_exit, .data = data };

  look_at (tracer, argv, &look);
  g_assert_cmpuint (look.n_exits, ==, 1);
  return look.event;
}

static PinkSyscallEvent *
call (const char *step,
      Check       at_entry,
      Check       at_exit,
      gpointer    data)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();

  return call_after (tracer, NULL, step, at_entry, at_exit, data);
}

static G_GNUC_UNUSED gboolean
without_syscall_info (void)
{
  const char *forced = g_getenv ("PINKTRACE_FORCE");

  return forced != NULL && strstr (forced, "regset") != NULL;
}

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
  g_autoptr (PinkSyscallEvent) event = call (step, check_not_yet, check_failed, NULL);

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
    call ("raw:0x5678:0x1000000000:0x2000000001:0x4000000002:0x8000000003:0x10000000004:0x20000000005",
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
  g_autoptr (PinkSyscallEvent) event = call ("getppid", NULL, check_return, NULL);
}

/* A descriptor of an int's width is negative, though the register is not. */
static void
test_width (void)
{
  g_autofree char *step = g_strdup_printf ("raw:%d:0xffffff9c:@/nonexistent:0", SYS_openat);
  g_autoptr (PinkSyscallEvent) event = call (step, NULL, NULL, NULL);
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
  g_autoptr (PinkSyscallEvent) event = call ("getppid", check_pointers, check_pointers, NULL);
}

static void
test_time (void)
{
  gint64 before = g_get_real_time ();
  g_autoptr (PinkSyscallEvent) event = call ("getppid", NULL, NULL, NULL);

  g_assert_cmpint (pink_syscall_event_get_time (event), >=, before);
  g_assert_cmpint (pink_syscall_event_get_time (event), <=, g_get_real_time ());
  g_assert_cmpint (pink_syscall_event_get_cpu_time (event), ==, -1);
}

static gboolean
open_gate (gpointer fd)
{
  g_assert_cmpint (write (GPOINTER_TO_INT (fd), "x", 1), ==, 1);
  return G_SOURCE_REMOVE;
}

/* The gate is opened so long after the call has begun. */
static void
open_gate_later (PinkTracer       *tracer,
                 PinkSyscallEvent *event,
                 gpointer          fd)
{
  if (pink_syscall_event_get_argument (event, 0) == 7)
    g_timeout_add (200, open_gate, fd);
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
  int gate[2];

  g_assert_cmpint (pipe2 (gate, O_CLOEXEC), ==, 0);
  pink_launcher_take_fd (launcher, gate[0], 7);
  g_signal_connect (tracer, "syscall-enter::read", G_CALLBACK (open_gate_later),
                    GINT_TO_POINTER (gate[1]));
  g_signal_connect (tracer, "syscall-exit::read", G_CALLBACK (keep_gate_duration), &duration);
  said = test_trace_output (tracer, launcher, "gate:7", NULL);
  g_assert_cmpint (duration, >=, 190 * 1000);
  g_assert_cmpint (duration, <=, g_get_monotonic_time () - before);
  close (gate[1]);
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
  g_autoptr (PinkSyscallEvent) event = call ("getppid", be_slow, be_slow, NULL);

  g_assert_cmpint (pink_syscall_event_get_duration (event), <, 400 * 1000);
}

static void
test_cpu_time (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallEvent) event = NULL;

  pink_tracer_set_measure_cpu (tracer, TRUE);
  event = call_after (tracer, NULL, "getppid", NULL, NULL, NULL);
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
  g_autoptr (PinkSyscallEvent) event = call ("getppid", attach_data, find_data, &mine);

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

/* ---- memory ---- */

static void
check_string (PinkSyscallEvent *event,
              gpointer          data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *string = pink_syscall_event_read_string (event, 1, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (string, ==, "/etc/no such file");
}

static void
test_read_string (void)
{
  g_autoptr (PinkSyscallEvent) event = call ("open:/etc/no such file", check_string, check_string, NULL);
}

#define EXPECT_ERROR(error_code, function, ...) \
  G_STMT_START { \
    g_autoptr (GError) expected_error = NULL; \
    g_assert_null (function (__VA_ARGS__, &expected_error)); \
    g_assert_error (expected_error, PINK_TRACER_ERROR, error_code); \
  } G_STMT_END

static void
test_too_late (void)
{
  g_autoptr (PinkSyscallEvent) event = call ("open:/etc/passwd", NULL, NULL, NULL);

  EXPECT_ERROR (PINK_TRACER_ERROR_GONE, pink_syscall_event_read_string, event, 1);
  EXPECT_ERROR (PINK_TRACER_ERROR_GONE, pink_syscall_event_read_path, event, 1);
  EXPECT_ERROR (PINK_TRACER_ERROR_GONE, pink_syscall_event_read_bytes, event, 1, 4);
  EXPECT_ERROR (PINK_TRACER_ERROR_GONE, pink_syscall_event_read_string_array, event, 1);
}

/* The event of another call, which is over, while the tracee stands at a new one. */
static void
check_former (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          data)
{
  Running *former = data;

  if (former->event == NULL)
    return;
  g_assert_cmpint (pink_syscall_event_get_state (former->event), ==, PINK_SYSCALL_FINISHED);
  EXPECT_ERROR (PINK_TRACER_ERROR_WRONG_STATE, pink_syscall_event_read_string, former->event, 1);
  EXPECT_ERROR (PINK_TRACER_ERROR_WRONG_STATE, pink_syscall_event_read_path, former->event, 1);
  former->was_running = TRUE;
}

static void
test_former_call (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Running former = { 0 };

  g_signal_connect (tracer, "syscall-exit::openat", G_CALLBACK (keep_event), &former);
  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (check_former), &former);
  g_assert_cmpint (test_trace (tracer, "open:/etc/passwd", "getppid", NULL), ==, 0);
  g_assert_true (former.was_running);
  g_clear_object (&former.event);
}

static void
check_unterminated (PinkSyscallEvent *event,
                    gpointer          data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  EXPECT_ERROR (PINK_TRACER_ERROR_UNREADABLE, pink_syscall_event_read_string, event, 1);
  EXPECT_ERROR (PINK_TRACER_ERROR_UNREADABLE, pink_syscall_event_read_path, event, 1);
  EXPECT_ERROR (PINK_TRACER_ERROR_UNREADABLE, pink_syscall_event_read_string_array, event, 1);

  bytes = pink_syscall_event_read_bytes (event, 1, 100, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "xxxxxxxx", 8);
}

static void
check_bytes (PinkSyscallEvent *event,
             gpointer          data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = pink_syscall_event_read_bytes (event, 1, 10, &error);
  g_autoptr (GBytes) none = NULL;

  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), "abcdefghij", 10);
  none = pink_syscall_event_read_bytes (event, 1, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (none), ==, 0);
}

static void
test_read_bytes (void)
{
  g_autoptr (PinkSyscallEvent) event = call ("write-many:-1:30000", check_bytes, check_bytes, NULL);
}

static void
check_many_bytes (PinkSyscallEvent *event,
                  gpointer          data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = pink_syscall_event_read_bytes (event, 1, 30000, &error);
  const char *text;

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 30000);
  text = g_bytes_get_data (bytes, NULL);
  for (guint i = 0; i < 30000; i++)
    g_assert_cmpint (text[i], ==, 'a' + (int) (i % 26));
}

static void
test_read_many_bytes (void)
{
  g_autoptr (PinkSyscallEvent) event = call ("write-many:-1:30000", check_many_bytes, NULL, NULL);
}

static void
check_errors (PinkSyscallEvent *event,
              gpointer          data)
{
  EXPECT_ERROR (PINK_TRACER_ERROR_UNREADABLE, pink_syscall_event_read_string, event, 0);
  EXPECT_ERROR (PINK_TRACER_ERROR_UNREADABLE, pink_syscall_event_read_bytes, event, 1, 4);
  EXPECT_ERROR (PINK_TRACER_ERROR_UNREADABLE, pink_syscall_event_read_file, event, 1);
  EXPECT_ERROR (PINK_TRACER_ERROR_INVALID_ARGUMENT, pink_syscall_event_read_string, event, 4);
  EXPECT_ERROR (PINK_TRACER_ERROR_INVALID_ARGUMENT, pink_syscall_event_read_bytes, event, 99, 4);
  EXPECT_ERROR (PINK_TRACER_ERROR_INVALID_ARGUMENT, pink_syscall_event_read_bytes, event, 1, 17 * 1024 * 1024);
}

static void
test_unreadable (void)
{
  g_autofree char *step = g_strdup_printf ("raw:%d:0:0x10:0", SYS_openat);
  g_autoptr (PinkSyscallEvent) event = call (step, check_errors, check_errors, NULL);
  g_autofree char *text = pink_syscall_event_to_string (event);

  g_assert_cmpstr (text, ==, "openat(0, 0x10, 0) = -1 EFAULT (Bad address)");
}

/* ---- paths ---- */

typedef struct
{
  const char *wanted; /* NULL: an error */
  guint       index;
} PathCheck;

static void
check_path (PinkSyscallEvent *event,
            gpointer          data)
{
  const PathCheck *check = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = pink_syscall_event_read_path (event, check->index, &error);
  g_autofree char *escaped = NULL;
  g_autoptr (GFile) file = NULL;
  g_autofree char *file_path = NULL;

  if (check->wanted == NULL)
    {
      g_assert_null (path);
      g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE);
      return;
    }
  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, check->wanted);
  escaped = pink_syscall_event_read_path_escaped (event, check->index, &error);
  g_assert_no_error (error);
  g_assert_true (g_utf8_validate (escaped, -1, NULL));
  file = pink_syscall_event_read_file (event, check->index, &error);
  g_assert_no_error (error);
  file_path = g_file_get_path (file);
  /* A GFile has no "..": where the path was not walked, they are gone all the same. */
  if (strstr (check->wanted, "..") == NULL)
    g_assert_cmpstr (file_path, ==, check->wanted);
}

/* In these, %D is a directory with a/b/file, link → a/b, and here → / of it. */
typedef struct
{
  const char *path;
  const char *before;
  const char *step;
  const char *wanted;
} PathCase;

static const PathCase path_cases[] = {
  { "/syscall-event/path/absolute", NULL, "open:/etc/passwd", "/etc/passwd" },
  { "/syscall-event/path/relative", "chdir:%D/a", "open:b/file", "%D/a/b/file" },
  { "/syscall-event/path/bare", "chdir:%D/a/b", "open:file", "%D/a/b/file" },
  { "/syscall-event/path/dot", "chdir:%D/a/b", "open:./file", "%D/a/b/file" },
  { "/syscall-event/path/dots", NULL, "open:%D/a/../a/./b//file", "%D/a/b/file" },
  { "/syscall-event/path/dots-at-the-end", NULL, "open:%D/a/b/..", "%D/a" },
  { "/syscall-event/path/slash-at-the-end", NULL, "open:%D/a/b/", "%D/a/b" },
  { "/syscall-event/path/root", NULL, "open:/", "/" },
  { "/syscall-event/path/above-the-root", NULL, "open:/../../etc/passwd", "/etc/passwd" },
  { "/syscall-event/path/link-on-the-way", NULL, "open:%D/link/file", "%D/a/b/file" },
  { "/syscall-event/path/dots-behind-a-link", NULL, "open:%D/link/../b/file", "%D/a/b/file" },
  { "/syscall-event/path/link-at-the-end", NULL, "open:%D/link", "%D/link" },
  { "/syscall-event/path/missing", NULL, "open:%D/a/missing", "%D/a/missing" },
  { "/syscall-event/path/missing-on-the-way", NULL, "open:%D/missing/../file", "%D/missing/../file" },
  { "/syscall-event/path/file-on-the-way", NULL, "open:%D/a/b/file/x", "%D/a/b/file/x" },
};

static char *
in_directory (const char *text,
              const char *directory)
{
  g_auto (GStrv) parts = text != NULL ? g_strsplit (text, "%D", -1) : NULL;

  return text != NULL ? g_strjoinv (directory, parts) : NULL;
}

static char *
directory_with_files (void)
{
  char *directory = test_directory ();
  g_autofree char *b = g_build_filename (directory, "a", "b", NULL);
  g_autofree char *file = g_build_filename (b, "file", NULL);
  g_autofree char *link = g_build_filename (directory, "link", NULL);
  g_autofree char *absolute = g_build_filename (directory, "absolute", NULL);

  g_assert_cmpint (g_mkdir_with_parents (b, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_cmpint (symlink ("a/b", link), ==, 0);
  g_assert_cmpint (symlink ("/a", absolute), ==, 0);
  return directory;
}

static void
test_path (gconstpointer data)
{
  const PathCase *test = data;
  char *directory = directory_with_files ();
  g_autofree char *before = in_directory (test->before, directory);
  g_autofree char *step = in_directory (test->step, directory);
  g_autofree char *wanted = in_directory (test->wanted, directory);
  PathCheck check = { .wanted = wanted, .index = 1 };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallEvent) event =
    call_after (tracer, before, step, check_path, check_path, &check);

  test_directory_remove (directory);
}

/* By the last call of this name, whatever comes before it in the same step. */
typedef struct
{
  const char *name;
  const char *begin; /* of the raw string, in argument 1 */
  Check       check;
  gpointer    data;
  guint       n;
} Named;

static void
look_at_named (PinkTracer       *tracer,
               PinkSyscallEvent *event,
               gpointer          data)
{
  Named *named = data;
  g_autofree char *string = pink_syscall_event_read_string (event, 1, NULL);

  if (named->begin != NULL && g_strcmp0 (string, named->begin) != 0)
    return;
  if (named->begin == NULL && string != NULL)
    return; /* looking for what cannot be read */
  named->n++;
  named->check (event, named->data);
}

static void
check_named (Named      *named,
             const char *before,
             const char *step)
{
  const char * const argv[] = { test_program (), before != NULL ? before : "getppid", step, NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *detail = g_strconcat ("syscall-enter::", named->name, NULL);

  g_signal_connect (tracer, detail, G_CALLBACK (look_at_named), named);
  test_spawnv (tracer, argv);
  test_run (tracer);
  g_assert_cmpuint (named->n, ==, 1);
}

/* One that lies across the border of two pages. */
static void
test_string_across (void)
{
  Named named = { .name = "openat", .begin = "/etc/no such file", .check = check_string };

  check_named (&named, NULL, "open-across:/etc/no such file");
}

static void
test_unterminated_string (void)
{
  Named named = { .name = "openat", .check = check_unterminated };

  check_named (&named, NULL, "open-unterminated");
}

static void
test_path_of_directory (void)
{
  char *directory = directory_with_files ();
  g_autofree char *step = in_directory ("openat:%D/a:b/file", directory);
  g_autofree char *wanted = in_directory ("%D/a/b/file", directory);
  PathCheck check = { .wanted = wanted, .index = 1 };
  Named named = { .name = "openat", .begin = "b/file", .check = check_path, .data = &check };

  check_named (&named, NULL, step);
  test_directory_remove (directory);
}

/* The directory does not matter to an absolute path, and must be one for others. */
static void
test_path_of_bad_directory (void)
{
  g_autofree char *absolute = g_strdup_printf ("raw:%d:12345:@/etc/passwd:0", SYS_openat);
  g_autofree char *relative = g_strdup_printf ("raw:%d:12345:@passwd:0", SYS_openat);
  PathCheck check = { .wanted = "/etc/passwd", .index = 1 };
  PathCheck error_check = { .wanted = NULL, .index = 1 };
  g_autoptr (PinkSyscallEvent) first = call (absolute, check_path, check_path, &check);
  g_autoptr (PinkSyscallEvent) second = call (relative, check_path, check_path, &error_check);
}

/* In a root of its own: as the tracee walks, told as we see it. */
static void
test_path_in_a_root (void)
{
  static const char * const ways[][2] = {
    { "open:/a/b/file", "%D/a/b/file" },
    { "open:/../../../a/b/file", "%D/a/b/file" },
    { "open:/absolute/b/file", "%D/a/b/file" },
    { "open:a/b/file", "%D/a/b/file" },
    { "open:../a/b/../b/file", "%D/a/b/file" },
  };
  char *directory = directory_with_files ();
  g_autofree char *enter = in_directory ("chroot:%D", directory);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *wanted = in_directory (ways[i][1], directory);
      PathCheck check = { .wanted = wanted, .index = 1 };
      const char * const argv[] = { test_program (), enter, "chdir:/", ways[i][0], NULL };
      Named named = { .name = "openat", .begin = ways[i][0] + strlen ("open:"),
                      .check = check_path, .data = &check };
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();
      g_autoptr (PinkTracee) tracee = NULL;

      g_signal_connect (tracer, "syscall-enter::openat", G_CALLBACK (look_at_named), &named);
      tracee = g_object_ref (test_spawnv (tracer, argv));
      test_run (tracer);
      if (pink_tracee_get_exit_code (tracee) == 111)
        {
          g_test_skip ("chroot() needs root or user namespaces");
          break;
        }
      g_assert_cmpuint (named.n, ==, 1);
    }
  test_directory_remove (directory);
}

/* ---- bytes that are no text ---- */

static void
check_odd_path (PinkSyscallEvent *event,
                gpointer          data)
{
  g_autofree char *string = pink_syscall_event_read_string (event, 1, NULL);
  g_autofree char *escaped = pink_syscall_event_read_string_escaped (event, 1, NULL);
  g_autofree char *path = pink_syscall_event_read_path (event, 1, NULL);
  g_autofree char *escaped_path = pink_syscall_event_read_path_escaped (event, 1, NULL);
  g_autofree char *text = pink_syscall_event_get_argument_text (event, 1);

  g_assert_cmpstr (string, ==, "/\377\\n\303\274");
  g_assert_cmpstr (escaped, ==, "/\\xff\\\\n\303\274");
  g_assert_cmpstr (path, ==, string);
  g_assert_cmpstr (escaped_path, ==, escaped);
  g_assert_cmpstr (text, ==, "\"/\\377\\\\n\\303\\274\"");
}

static void
test_odd_bytes (void)
{
  g_autoptr (PinkSyscallEvent) event = call ("open-hex:2fff5c6ec3bc", check_odd_path, check_odd_path, NULL);
}

/* ---- execve ---- */

static const char * const launched_steps[] = { "say-argv", "exit:0", "a \"b\"", "", "\377", NULL };

static void
check_launch (PinkSyscallEvent *event)
{
  g_auto (GStrv) argv = pink_syscall_event_read_string_array (event, 1, NULL);
  g_auto (GStrv) escaped = pink_syscall_event_read_string_array_escaped (event, 1, NULL);
  g_auto (GStrv) envp = pink_syscall_event_read_string_array (event, 2, NULL);
  g_autofree char *program = pink_syscall_event_read_string (event, 0, NULL);

  g_assert_cmpstr (program, ==, test_program ());
  g_assert_true (g_strv_equal ((const char * const *) argv + 1, launched_steps));
  g_assert_cmpstr (escaped[5], ==, "\\xff");
  g_assert_cmpuint (g_strv_length (envp), ==, 2);
  g_assert_cmpstr (envp[0], ==, "A=b");
  g_assert_cmpstr (envp[1], ==, "C=");
}

static void
on_launch (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          data)
{
  check_launch (event);
  g_set_object ((PinkSyscallEvent **) data, event);
}

static void
test_launch (void)
{
  const char * const environment[] = { "A=b", "C=", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autoptr (PinkSyscallEvent) event = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;
  g_autofree char *wanted = NULL;
  GError *error = NULL;

  g_signal_connect (tracer, "syscall-enter::execve", G_CALLBACK (on_launch), &event);
  g_signal_connect (tracer, "syscall-exit::execve", G_CALLBACK (on_launch), &event);
  g_ptr_array_add (argv, g_strdup (test_program ()));
  for (guint i = 0; i < G_N_ELEMENTS (launched_steps); i++)
    g_ptr_array_add (argv, g_strdup (launched_steps[i]));
  pink_launcher_set_environ (launcher, environment);
  pink_launcher_take_fd (launcher, test_output_new (), 1);
  pink_tracer_set_string_limit (tracer, 4096); /* the program's name may be long */
  pink_launcher_spawn (launcher, tracer, (const char * const *) argv->pdata, &error);
  g_assert_no_error (error);
  /* What the caller had is the caller's: it may go at once. */
  g_ptr_array_set_size (argv, 0);
  pink_launcher_set_environ (launcher, NULL);
  test_run (tracer);

  g_assert_nonnull (event);
  check_launch (event); /* kept with the event */
  text = pink_syscall_event_to_string (event);
  wanted = g_strdup_printf ("execve(\"%s\", [\"%s\", \"say-argv\", \"exit:0\", \"a \\\"b\\\"\", \"\", "
                            "\"\\377\"], 0x", test_program (), test_program ());
  g_assert_true (g_str_has_prefix (text, wanted));
  g_assert_true (g_str_has_suffix (text, " /* 2 vars */) = 0"));
}

static void
check_exec (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  g_auto (GStrv) argv = NULL;
  g_autofree char *path = pink_syscall_event_read_string (event, 0, NULL);

  if (g_strcmp0 (path, "/proc/self/exe") != 0)
    return;
  argv = pink_syscall_event_read_string_array (event, 1, NULL);
  g_assert_cmpuint (g_strv_length (argv), ==, 3);
  g_assert_cmpstr (argv[1], ==, "getppid");
  g_assert_cmpstr (argv[2], ==, "exit:4");
  ++*(guint *) data;
}

/* At its exit too, when that memory is gone, and if only the exit is asked for. */
static void
test_exec (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n = 0;

  g_signal_connect (tracer, "syscall-exit::execve", G_CALLBACK (check_exec), &n);
  test_trace (tracer, "exec", "getppid", "exit:4", NULL);
  g_assert_cmpuint (n, ==, 1);
}

/* ---- as text ---- */

typedef struct
{
  const char *path;
  const char *step; /* with the numbers of this machine */
  int         number;
  const char *wanted;
} TextCase;

static const TextCase text_cases[] = {
  { "/syscall-event/text/path", "open:/nonexistent", 0,
    "openat(AT_FDCWD, \"/nonexistent\", 0) = -1 ENOENT (No such file or directory)" },
  { "/syscall-event/text/escapes", "open-hex:2f6e6f220a090d5c01ff37", 0,
    "openat(AT_FDCWD, \"/no\\\"\\n\\t\\r\\\\\\1\\3777\", 0) = -1 ENOENT (No such file or directory)" },
  { "/syscall-event/text/digits", "write-hex:-1:00303138000a", 0,
    "write(-1, \"\\000018\\0\\n\", 6) = -1 EBADF (Bad file descriptor)" },
  { "/syscall-event/text/buffer", "write:-1:hello", 0,
    "write(-1, \"hello\", 5) = -1 EBADF (Bad file descriptor)" },
  { "/syscall-event/text/long-buffer", "write-many:-1:100", 0,
    "write(-1, \"abcdefghijklmnopqrstuvwxyzabcdef\"..., 100) = -1 EBADF (Bad file descriptor)" },
  { "/syscall-event/text/exactly-the-limit", "write-many:-1:32", 0,
    "write(-1, \"abcdefghijklmnopqrstuvwxyzabcdef\", 32) = -1 EBADF (Bad file descriptor)" },
  { "/syscall-event/text/mode", "mkdirat:/nonexistent/d", 0,
    "mkdirat(AT_FDCWD, \"/nonexistent/d\", 0750) = -1 ENOENT (No such file or directory)" },
  { "/syscall-event/text/signal", "raw:%d:1999999999:10", SYS_kill,
    "kill(1999999999, SIGUSR1) = -1 ESRCH (No such process)" },
  { "/syscall-event/text/signed", "raw:%d:-1:-5:0", SYS_lseek,
    "lseek(-1, -5, 0) = -1 EBADF (Bad file descriptor)" },
  { "/syscall-event/text/null", "raw:%d:0", SYS_uname,
    "uname(NULL) = -1 EFAULT (Bad address)" },
  { "/syscall-event/text/pointer", "raw:%d:0x10", SYS_uname,
    "uname(0x10) = -1 EFAULT (Bad address)" },
  { "/syscall-event/text/nobody", "raw:%d:-100:@/nonexistent:-1:5:0", SYS_fchownat,
    "fchownat(AT_FDCWD, \"/nonexistent\", -1, 5, 0) = -1 ENOENT (No such file or directory)" },
  { "/syscall-event/text/bad-argv", "raw:%d:@/bin/sh:0x10:0", SYS_execve,
    "execve(\"/bin/sh\", 0x10, NULL) = -1 EFAULT (Bad address)" },
  { "/syscall-event/text/unknown", "raw:0x5678:1:0:3:4:5:0xff", 0,
    "syscall_0x5678(0x1, 0, 0x3, 0x4, 0x5, 0xff) = -1 ENOSYS (Function not implemented)" },
};

static void
ask_for_text (PinkSyscallEvent *event,
              gpointer          data)
{
  g_free (pink_syscall_event_to_string (event));
}

static void
test_text (gconstpointer data)
{
  const TextCase *test = data;
  g_autofree char *step = test->number != 0 ? g_strdup_printf (test->step, test->number)
                                            : g_strdup (test->step);
  g_autoptr (PinkSyscallEvent) event = call (step, NULL, ask_for_text, NULL);
  g_autofree char *text = pink_syscall_event_to_string (event);
  g_autofree char *call_text = pink_syscall_event_get_call_text (event);
  g_autofree char *result_text = pink_syscall_event_get_result_text (event);
  g_autofree char *both = g_strconcat (call_text, " = ", result_text, NULL);

  g_assert_cmpstr (text, ==, test->wanted);
  g_assert_cmpstr (both, ==, text);
}

typedef struct
{
  char *at_entry;
  char *at_exit;
} Texts;

static void
keep_entry_text (PinkSyscallEvent *event,
                 gpointer          data)
{
  ((Texts *) data)->at_entry = pink_syscall_event_to_string (event);
}

static void
keep_exit_text (PinkSyscallEvent *event,
                gpointer          data)
{
  ((Texts *) data)->at_exit = pink_syscall_event_to_string (event);
}

/* A buffer that the call fills is an address before, and bytes behind. */
static void
test_filled_buffer (void)
{
  Texts texts = { 0 };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallEvent) event =
    call_after (tracer, "open:/proc/self/comm", "read:20", keep_entry_text, keep_exit_text, &texts);

  g_assert_true (g_regex_match_simple ("^read\\([0-9]+, 0x[0-9a-f]+, 20\\)$", texts.at_entry, 0, 0));
  g_assert_true (g_regex_match_simple ("^read\\([0-9]+, \"testprog\\\\n\", 20\\) = 9$", texts.at_exit, 0, 0));
  g_free (texts.at_entry);
  g_free (texts.at_exit);
}

static void
test_created (void)
{
  char *directory = test_directory ();
  g_autofree char *step = g_strdup_printf ("create:%s/new", directory);
  g_autofree char *wanted = g_strdup_printf ("openat(AT_FDCWD, \"%s/new\", 0x%x, 0640) = ", directory,
                                             O_WRONLY | O_CREAT | O_EXCL);
  Texts texts = { 0 };
  g_autoptr (PinkSyscallEvent) event = call (step, keep_entry_text, keep_exit_text, &texts);

  g_assert_true (g_str_has_prefix (texts.at_exit, wanted));
  g_assert_true (g_str_has_prefix (texts.at_exit, texts.at_entry));
  g_free (texts.at_entry);
  g_free (texts.at_exit);
  test_directory_remove (directory);
}

static void
test_exit_has_no_result (void)
{
  const char * const argv[] = { test_program (), MARK, "exit:3", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Look look = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *result = NULL;

  look_at (tracer, argv, &look);
  text = pink_syscall_event_to_string (look.event);
  result = pink_syscall_event_get_result_text (look.event);
  g_assert_cmpstr (text, ==, "exit_group(3)");
  g_assert_cmpstr (result, ==, "?");
  g_assert_cmpint (pink_syscall_event_get_state (look.event), ==, PINK_SYSCALL_GONE);
  g_object_unref (look.event);
}

static void
test_string_limit (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallEvent) event = NULL;
  g_autofree char *text = NULL;

  pink_tracer_set_string_limit (tracer, 4);
  event = call_after (tracer, NULL, "write:-1:hello", ask_for_text, NULL, NULL);
  text = pink_syscall_event_get_argument_text (event, 1);
  g_assert_cmpstr (text, ==, "\"hell\"...");
}

static void
test_variant (void)
{
  g_autoptr (PinkSyscallEvent) event = call ("write:-1:hello", NULL, ask_for_text, NULL);
  g_autoptr (GVariant) variant = g_variant_ref_sink (pink_syscall_event_to_variant (event));
  const guint64 *arguments;
  g_autofree const char **texts = NULL;
  g_autoptr (GVariant) array = NULL, strings = NULL;
  const char *name, *error_name, *abi;
  gint64 result, duration, time;
  guint64 number;
  int pid, error;
  gsize n;

  g_assert_true (g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT));
  g_assert_true (g_variant_lookup (variant, "pid", "i", &pid));
  g_assert_true (g_variant_lookup (variant, "abi", "&s", &abi));
  g_assert_true (g_variant_lookup (variant, "name", "&s", &name));
  g_assert_true (g_variant_lookup (variant, "number", "t", &number));
  g_assert_true (g_variant_lookup (variant, "time", "x", &time));
  g_assert_true (g_variant_lookup (variant, "result", "x", &result));
  g_assert_true (g_variant_lookup (variant, "error", "i", &error));
  g_assert_true (g_variant_lookup (variant, "error-name", "&s", &error_name));
  g_assert_true (g_variant_lookup (variant, "duration", "x", &duration));
  g_assert_cmpint (pid, ==, pink_tracee_get_pid (pink_syscall_event_get_tracee (event)));
  g_assert_cmpstr (abi, ==, pink_abi_get_name (pink_abi_get_native ()));
  g_assert_cmpstr (name, ==, "write");
  g_assert_cmpuint (number, ==, SYS_write);
  g_assert_cmpint (time, ==, pink_syscall_event_get_time (event));
  g_assert_cmpint (result, ==, -1);
  g_assert_cmpint (error, ==, EBADF);
  g_assert_cmpstr (error_name, ==, "EBADF");
  g_assert_cmpint (duration, ==, pink_syscall_event_get_duration (event));

  array = g_variant_lookup_value (variant, "arguments", G_VARIANT_TYPE ("at"));
  arguments = g_variant_get_fixed_array (array, &n, sizeof (guint64));
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpuint (arguments[2], ==, 5);
  strings = g_variant_lookup_value (variant, "texts", G_VARIANT_TYPE ("as"));
  texts = g_variant_get_strv (strings, &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpstr (texts[1], ==, "\"hello\"");
}

static void
test_properties (void)
{
  g_autoptr (PinkSyscallEvent) event = call ("open:/nonexistent", NULL, NULL, NULL);
  g_autoptr (PinkTracee) tracee = NULL;
  g_autofree char *name = NULL;
  g_autofree char *error_name = NULL;
  PinkSyscallState state;
  guint64 number, ip, sp;
  gint64 result, time, duration, cpu;
  PinkAbi abi;
  guint n;
  int error;

  g_object_get (event, "tracee", &tracee, "state", &state, "abi", &abi, "number", &number,
                "name", &name, "n-arguments", &n, "return-value", &result, "error-code", &error,
                "error-name", &error_name, "time", &time, "duration", &duration,
                "cpu-time", &cpu, "instruction-pointer", &ip, "stack-pointer", &sp, NULL);
  g_assert_true (tracee == pink_syscall_event_get_tracee (event));
  g_assert_cmpint (state, ==, PINK_SYSCALL_FINISHED);
  g_assert_cmpint (abi, ==, pink_abi_get_native ());
  g_assert_cmpuint (number, ==, SYS_openat);
  g_assert_cmpstr (name, ==, "openat");
  g_assert_cmpuint (n, ==, 4);
  g_assert_cmpint (result, ==, -1);
  g_assert_cmpint (error, ==, ENOENT);
  g_assert_cmpstr (error_name, ==, "ENOENT");
  g_assert_cmpint (time, ==, pink_syscall_event_get_time (event));
  g_assert_cmpint (duration, ==, pink_syscall_event_get_duration (event));
  g_assert_cmpint (cpu, ==, -1);
  g_assert_cmpuint (ip, ==, pink_syscall_event_get_instruction_pointer (event));
  g_assert_cmpuint (sp, ==, pink_syscall_event_get_stack_pointer (event));
}

/* A script can make one that no tracer knows of. */
static void
test_empty (void)
{
  g_autoptr (PinkSyscallEvent) event = g_object_new (PINK_TYPE_SYSCALL_EVENT, NULL);
  g_autofree char *text = pink_syscall_event_to_string (event);
  g_autofree char *result = pink_syscall_event_get_result_text (event);
  g_autofree char *argument = pink_syscall_event_get_argument_text (event, 0);
  g_autofree char *hex = pink_syscall_event_get_argument_hex (event, 5);
  g_autoptr (GVariant) variant = g_variant_ref_sink (pink_syscall_event_to_variant (event));

  g_assert_nonnull (text);
  g_assert_nonnull (result);
  g_assert_nonnull (argument);
  g_assert_nonnull (hex);
  g_assert_null (pink_syscall_event_get_tracee (event));
  g_assert_null (pink_syscall_event_get_name (event));
  g_assert_null (pink_syscall_event_get_error_name (event));
  g_assert_cmpint (pink_syscall_event_get_abi (event), ==, PINK_ABI_UNKNOWN);
  g_assert_cmpint (pink_syscall_event_get_state (event), ==, PINK_SYSCALL_FINISHED);
  g_assert_cmpuint (pink_syscall_event_get_n_arguments (event), ==, 0);
  g_assert_cmpint (pink_syscall_event_get_duration (event), ==, -1);
  g_assert_cmpint (pink_syscall_event_get_cpu_time (event), ==, -1);
  EXPECT_ERROR (PINK_TRACER_ERROR_INVALID_ARGUMENT, pink_syscall_event_read_string, event, 0);
  EXPECT_ERROR (PINK_TRACER_ERROR_INVALID_ARGUMENT, pink_syscall_event_read_path, event, 0);
  EXPECT_ERROR (PINK_TRACER_ERROR_INVALID_ARGUMENT, pink_syscall_event_read_file, event, 0);
  EXPECT_ERROR (PINK_TRACER_ERROR_INVALID_ARGUMENT, pink_syscall_event_read_bytes, event, 0, 1);
  EXPECT_ERROR (PINK_TRACER_ERROR_INVALID_ARGUMENT, pink_syscall_event_read_string_array, event, 0);
}

/* ---- other ABIs of this kernel ---- */

#ifdef __x86_64__

static void
test_int80 (void)
{
  g_autoptr (PinkSyscallEvent) event = call ("int80:20", NULL, NULL, NULL);

  g_assert_cmpuint (pink_syscall_event_get_number (event), ==, 20);
  if (without_syscall_info ())
    {
      /* The registers do not tell how a 64-bit program made its call. */
      g_assert_cmpint (pink_syscall_event_get_abi (event), ==, PINK_ABI_X86_64);
      return;
    }
  g_assert_cmpint (pink_syscall_event_get_abi (event), ==, PINK_ABI_I386);
  g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "getpid");
  g_assert_cmpint (pink_syscall_event_get_return_value (event), ==,
                   pink_tracee_get_pid (pink_syscall_event_get_tracee (event)));
}

/* Whether or not the kernel can do it, this is how it is asked. */
static void
test_x32 (void)
{
  g_autoptr (PinkSyscallEvent) event = call ("raw:0x40000027", NULL, NULL, NULL);

  g_assert_cmpint (pink_syscall_event_get_abi (event), ==, PINK_ABI_X32);
  g_assert_cmpuint (pink_syscall_event_get_number (event), ==, 39);
  g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "getpid");
}

static PinkSyscallEvent *
call32 (const char *step,
        Check       at_entry,
        Check       at_exit,
        gpointer    data)
{
  const char * const argv[] = { test_program32 (), MARK, step, MARK, NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Look look = { .at_entry = at_entry, .at_exit = at_exit, .data = data };

  if (argv[0] == NULL)
    {
      g_test_skip ("the compiler makes no 32-bit programs");
      return NULL;
    }
  look_at (tracer, argv, &look);
  g_assert_cmpuint (look.n_exits, ==, 1);
  g_assert_cmpint (pink_syscall_event_get_abi (look.event), ==, PINK_ABI_I386);
  return look.event;
}

static void
test_i386_path (void)
{
  PathCheck check = { .wanted = "/etc/no such file", .index = 1 };
  g_autoptr (PinkSyscallEvent) event = call32 ("open:/etc/no such file", check_path, check_path, &check);
  g_autofree char *text = NULL;

  if (event == NULL)
    return;
  g_assert_cmpuint (pink_syscall_event_get_number (event), ==, 295);
  g_assert_cmpint (pink_syscall_event_get_argument_signed (event, 0), ==, AT_FDCWD);
  g_assert_cmpint (pink_syscall_event_get_return_value (event), ==, -1);
  g_assert_cmpint (pink_syscall_event_get_error_code (event), ==, ENOENT);
}

/* Two registers make one argument. */
static void
test_i386_pair (void)
{
  g_autoptr (PinkSyscallEvent) event = call32 ("raw:194:-1:2:1", NULL, ask_for_text, NULL);
  g_autofree char *text = NULL;

  if (event == NULL)
    return;
  g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "ftruncate64");
  g_assert_cmpuint (pink_syscall_event_get_n_arguments (event), ==, 2);
  g_assert_cmpuint (pink_syscall_event_get_argument (event, 1), ==, G_GUINT64_CONSTANT (0x100000002));
  text = pink_syscall_event_to_string (event);
  g_assert_true (g_str_has_prefix (text, "ftruncate64(-1, 4294967298) = -1 E"));
}

/* From 64 bits to 32: the launcher is one, the program the other. */
static void
test_i386_launch (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n = 0;
  const char * const argv[] = { test_program32 (), "exec", "getppid", "exit:4", NULL };

  if (argv[0] == NULL)
    {
      g_test_skip ("the compiler makes no 32-bit programs");
      return;
    }
  g_signal_connect (tracer, "syscall-exit::execve", G_CALLBACK (check_exec), &n);
  test_spawnv (tracer, argv);
  test_run (tracer);
  g_assert_cmpuint (n, ==, 1);
}

#endif

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
  test_add ("/syscall-event/read-string", test_read_string);
  test_add ("/syscall-event/string-across", test_string_across);
  test_add ("/syscall-event/unterminated-string", test_unterminated_string);
  test_add ("/syscall-event/too-late", test_too_late);
  test_add ("/syscall-event/former-call", test_former_call);
  test_add ("/syscall-event/read-bytes", test_read_bytes);
  test_add ("/syscall-event/read-many-bytes", test_read_many_bytes);
  test_add ("/syscall-event/unreadable", test_unreadable);
  for (guint i = 0; i < G_N_ELEMENTS (path_cases); i++)
    test_add_data (path_cases[i].path, &path_cases[i], test_path);
  test_add ("/syscall-event/path/of-a-directory", test_path_of_directory);
  test_add ("/syscall-event/path/of-a-bad-directory", test_path_of_bad_directory);
  test_add_native ("valgrind has no openat2()", "/syscall-event/path/in-a-root", test_path_in_a_root);
  test_add ("/syscall-event/odd-bytes", test_odd_bytes);
  test_add ("/syscall-event/launch", test_launch);
  test_add ("/syscall-event/exec", test_exec);
  for (guint i = 0; i < G_N_ELEMENTS (text_cases); i++)
    test_add_data (text_cases[i].path, &text_cases[i], test_text);
  test_add ("/syscall-event/text/filled-buffer", test_filled_buffer);
  test_add ("/syscall-event/text/created", test_created);
  test_add ("/syscall-event/text/no-result", test_exit_has_no_result);
  test_add ("/syscall-event/text/string-limit", test_string_limit);
  test_add ("/syscall-event/variant", test_variant);
  test_add ("/syscall-event/properties", test_properties);
  test_add ("/syscall-event/empty", test_empty);
#ifdef __x86_64__
  test_add ("/syscall-event/abi/int80", test_int80);
  test_add ("/syscall-event/abi/x32", test_x32);
  test_add ("/syscall-event/abi/i386-path", test_i386_path);
  test_add ("/syscall-event/abi/i386-pair", test_i386_pair);
  test_add ("/syscall-event/abi/i386-launch", test_i386_launch);
#endif
  return g_test_run ();
}
