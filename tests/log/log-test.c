/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is in a log: every call, with what its arguments pointed to.
 */
#include "log-util.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static PinkSyscallLog *
log_of (PinkTracer *tracer)
{
  PinkSyscallLog *log = pink_syscall_log_new ();

  pink_tracer_add_log (tracer, log);
  return log;
}

static void
test_counts (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  guint n = test_count (100000);
  g_autofree char *step = g_strdup_printf ("opens:%u", n);

  log_trace (tracer, step, NULL);
  g_assert_cmpuint (pink_syscall_log_get_n_dropped (log), ==, 0);
  g_assert_cmpuint (log_count_opens (log, 0), ==, n);
  /* Beside the strings. */
  g_assert_cmpuint (pink_syscall_log_get_n_bytes (log) / log_count (log), <=, 200 + 40);
}

/* ---- the same as a handler sees ---- */

static void
on_enter (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          data)
{
  g_free (pink_syscall_event_get_begun_text (event));
  g_object_set_data (G_OBJECT (event), "place", GUINT_TO_POINTER (((GPtrArray *) data)->len + 1));
  g_ptr_array_add (data, pink_syscall_event_to_string (event));
}

static void
on_exit_of (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  guint place = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (event), "place"));
  GPtrArray *lines = data;

  g_free (lines->pdata[place - 1]);
  lines->pdata[place - 1] = pink_syscall_event_to_string (event);
}

static void
assert_same_text (PinkSyscallLog *log,
                  GPtrArray      *lines)
{
  g_assert_cmpuint (log_count (log), ==, lines->len);
  for (guint i = 0; i < lines->len; i++)
    {
      g_autofree char *line = log_line (log, i);

      g_assert_cmpstr (line, ==, lines->pdata[i]);
    }
}

static void
test_same_text (gconstpointer data)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) argv = g_strsplit (data, " ", -1);
  int status;

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (on_enter), lines);
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (on_exit_of), lines);
  g_free (test_trace_outputv (tracer, NULL, (const char * const *) argv, &status));
  g_assert_cmpint (status, ==, 0);
  assert_same_text (log, lines);
}

/* ---- many at once ---- */

static void
assert_each_in_order (PinkSyscallLog *log,
                      guint           n_threads,
                      guint           n_each)
{
  g_autofree guint *next = g_new0 (guint, n_threads);

  for (guint i = 0; i < log_count (log); i++)
    {
      g_autoptr (PinkSyscallEvent) event = log_get (log, i);
      gint64 which;

      if (g_strcmp0 (pink_syscall_event_get_name (event), "lseek") != 0)
        continue;
      which = -1000 - pink_syscall_event_get_argument_signed (event, 0);
      if (which < 0 || which >= n_threads)
        continue;
      g_assert_cmpint (pink_syscall_event_get_argument_signed (event, 1), ==, next[which]);
      g_assert_cmpstr (pink_syscall_event_get_error_name (event), ==, "EBADF");
      next[which]++;
    }
  for (guint i = 0; i < n_threads; i++)
    g_assert_cmpuint (next[i], ==, n_each);
}

static void
test_many (gconstpointer how)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  guint n = test_count (2000);
  g_autofree char *step = g_strdup_printf ("%s:8:%u", (const char *) how, n);

  log_trace (tracer, step, NULL);
  assert_each_in_order (log, 8, n);
  g_assert_cmpuint (pink_syscall_log_get_n_dropped (log), ==, 0);
}

static void
test_exec (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (PinkSyscallEvent) last = NULL;
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (test_trace (tracer, "getppid:3", "exec", "exit:3", NULL), ==, 3 << 8);
  last = log_last (log, "execve");
  words = pink_syscall_event_read_string_array (last, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (words), ==, 2);
  g_assert_cmpstr (words[1], ==, "exit:3");
  g_assert_cmpint (pink_syscall_event_get_return_value (last), ==, 0);
}

static void
test_chosen (void)
{
  static const char * const names[] = { "openat", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (GError) error = NULL;

  pink_tracer_set_syscalls (tracer, names, &error);
  g_assert_no_error (error);
  log_trace (tracer, "opens:100", "threads:1:100", NULL);
  g_assert_cmpuint (log_count_opens (log, 0), ==, 100);
  for (guint i = 0; i < log_count (log); i++)
    {
      g_autoptr (PinkSyscallEvent) event = log_get (log, i);

      g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "openat");
    }
}

static gboolean
has_rows (gpointer log)
{
  return log_count (log) >= 100;
}

static gboolean
is_stuck_in_read (gpointer log)
{
  g_autoptr (PinkSyscallEvent) last = log_count (log) > 0 ? log_get (log, log_count (log) - 1) : NULL;

  return last != NULL && g_strcmp0 (pink_syscall_event_get_name (last), "read") == 0 &&
         pink_syscall_event_get_argument (last, 0) == 0;
}

static void
test_attach (void)
{
  const char *argv[] = { test_program (), "loop-forever", NULL };
  g_autoptr (GSubprocess) child = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_NONE, NULL);
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (GError) error = NULL;

  pink_tracer_attach (tracer, atoi (g_subprocess_get_identifier (child)), &error);
  if (g_error_matches (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_NOT_PERMITTED))
    {
      g_subprocess_force_exit (child);
      g_test_skip ("attaching is not permitted here");
      return;
    }
  g_assert_no_error (error);
  test_wait_until (NULL, has_rows, log, "rows of what was attached to");
  pink_tracer_detach_all (tracer);
  test_run (tracer);
  g_subprocess_force_exit (child);
  g_subprocess_wait (child, NULL, NULL);
}

/* ---- calls without an end ---- */

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    count)
{
  (*(guint *) count)++;
}

static void
on_changed (GListModel *log,
            guint       position,
            guint       removed,
            guint       added,
            gpointer    count)
{
  if (removed == 1 && added == 1 && position == g_list_model_get_n_items (log) - 1)
    (*(guint *) count)++;
}

/* kill: by a signal; else its call returns. */
static void
test_unfinished (gconstpointer how)
{
  gboolean kills = g_str_equal (how, "kill");
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (PinkSyscallEvent) row = NULL;
  g_autofree char *line = NULL;
  guint notified = 0, changed = 0;
  int ends[2];
  PinkTracee *tracee;

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  tracee = log_spawn (tracer, ends[0], "wait");
  test_wait_until (NULL, is_stuck_in_read, log, "a call that waits");
  row = log_get (log, log_count (log) - 1);
  g_assert_cmpint (pink_syscall_event_get_state (row), ==, PINK_SYSCALL_RUNNING);
  g_assert_cmpint (pink_syscall_event_get_duration (row), ==, -1);
  g_signal_connect (row, "notify::state", G_CALLBACK (on_notify), &notified);
  g_signal_connect (log, "items-changed", G_CALLBACK (on_changed), &changed);

  if (kills)
    kill (pink_tracee_get_pid (tracee), SIGKILL);
  else
    g_assert_cmpint (write (ends[1], "!", 1), ==, 1);
  test_run (tracer);
  close (ends[1]);
  g_assert_cmpuint (notified, ==, 1);
  if (kills)
    g_assert_cmpuint (changed, ==, 1);
  g_assert_cmpint (pink_syscall_event_get_state (row), ==,
                   kills ? PINK_SYSCALL_GONE : PINK_SYSCALL_FINISHED);
  line = pink_syscall_event_to_string (row);
  if (!kills)
    g_assert_cmpstr (line, ==, "read(0, \"!\", 1) = 1");
  else
    g_assert_true (g_str_has_prefix (line, "read(0, 0x") && g_str_has_suffix (line, ", 1)"));
}

static void
test_without_tracer (void)
{
  PinkTracer *tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (PinkSyscallEvent) row = NULL;
  g_autofree char *line = NULL;
  int ends[2];

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  log_spawn (tracer, ends[0], "wait");
  test_wait_until (NULL, is_stuck_in_read, log, "a call that waits");
  g_assert_finalize_object (tracer);
  close (ends[1]);
  row = log_get (log, log_count (log) - 1);
  g_assert_cmpint (pink_syscall_event_get_state (row), ==, PINK_SYSCALL_GONE);
  line = log_line (log, 0);
  g_assert_true (g_str_has_prefix (line, "execve(\""));
}

static void
test_without_log (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  PinkSyscallLog *log = log_of (tracer);
  g_autoptr (PinkSyscallEvent) row = NULL;
  g_autofree char *line = NULL;

  log_trace (tracer, "opens:10", NULL);
  pink_tracer_remove_log (tracer, log);
  row = log_last (log, "openat");
  g_assert_finalize_object (log);
  line = pink_syscall_event_to_string (row);
  g_assert_cmpstr (line, ==, "openat(AT_FDCWD, \"/nowhere/000009\", O_RDONLY) = "
                             "-1 ENOENT (No such file or directory)");
  log_trace (tracer, "opens:10", NULL);
}

/* ---- rows can only be read ---- */

static void
assert_unreadable (GError **error)
{
  g_assert_error (*error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE);
  g_clear_error (error);
}

static void
test_reading (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (PinkSyscallEvent) row = NULL;
  g_autoptr (PinkSyscallEvent) relative = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GVariant) data = NULL;

  g_assert_cmpint (test_trace (tracer, "open:/etc/passwd", "mkdirat:no/where", NULL), ==, 0);
  row = log_last (log, "openat");
  path = pink_syscall_event_read_path (row, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, "/etc/passwd");
  data = g_variant_ref_sink (pink_syscall_event_to_variant (row));
  g_assert_true (g_variant_is_of_type (data, G_VARIANT_TYPE_VARDICT));
  g_assert_false (pink_syscall_event_deny (row, 1, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  g_clear_error (&error);
  g_assert_false (pink_syscall_event_hold (row, &error));
  g_clear_error (&error);

  relative = log_last (log, "mkdirat");
  g_assert_null (pink_syscall_event_read_path (relative, 1, &error));
  assert_unreadable (&error);
}

/* What is longer than the limit is cut in an array, as a line shows it, and an error
 * where a string is asked for. */
static void
test_cut (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (PinkSyscallEvent) row = NULL;
  g_autoptr (PinkSyscallEvent) write_row = NULL;
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  pink_syscall_log_set_string_limit (log, 4);
  g_assert_cmpint (test_trace (tracer, "exec", "write:2:abcdefgh\n", "exit:0", NULL), ==, 0);
  row = log_last (log, "execve");
  words = pink_syscall_event_read_string_array (row, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (words[1], ==, "write");
  write_row = log_last (log, "write");
  g_assert_null (pink_syscall_event_read_string (write_row, 1, &error));
  assert_unreadable (&error);
}

static void
test_bytes (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (PinkSyscallEvent) row = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) more = NULL;
  g_autoptr (GError) error = NULL;
  int fd = test_output_new ();
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  const char *argv[] = { test_program (), "write-many:1:1000", "close:77", NULL };

  pink_syscall_log_set_string_limit (log, 100);
  pink_launcher_take_fd (launcher, fd, 1);
  pink_launcher_spawn (launcher, tracer, argv, &error);
  g_assert_no_error (error);
  test_run (tracer);

  row = log_last (log, "write");
  bytes = pink_syscall_event_read_bytes (row, 1, 26, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                   "abcdefghijklmnopqrstuvwxyz", 26);
  more = pink_syscall_event_read_bytes (row, 1, 1000, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (more), ==, 100);
  g_clear_object (&row);

  row = log_last (log, "close");
  g_clear_pointer (&bytes, g_bytes_unref);
  bytes = pink_syscall_event_read_bytes (row, 0, 4, &error);
  g_assert_null (bytes);
  assert_unreadable (&error);
}

/* ---- beside handlers and rules ---- */

static void
on_open (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          count)
{
  g_autofree char *path = pink_syscall_event_read_string (event, 1, NULL);

  (*(guint *) count)++;
  if (g_strcmp0 (path, "/nowhere/000003") == 0)
    pink_syscall_event_deny (event, 13, NULL);
  else if (g_strcmp0 (path, "/nowhere/000004") == 0)
    pink_syscall_event_set_return_value (event, 77, NULL);
  else if (g_strcmp0 (path, "/nowhere/000005") == 0)
    pink_syscall_event_set_name (event, "getppid", NULL);
  else if (g_strcmp0 (path, "/nowhere/000007") == 0)
    pink_syscall_event_set_argument_string (event, 1, "/elsewhere/long", NULL);
  else if (g_strcmp0 (path, "/nowhere/000001") == 0)
    {
      pink_syscall_event_set_name (event, "statfs", NULL);
      pink_syscall_event_set_argument_string (event, 0, "/elsewhere/other", NULL);
    }
}

static void
on_open_left (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          data)
{
  g_autofree char *path = pink_syscall_event_read_string (event, 1, NULL);

  if (g_strcmp0 (path, "/nowhere/000006") == 0)
    pink_syscall_event_set_return_value (event, 66, NULL);
}

static void
assert_result (PinkSyscallLog *log,
               const char     *path,
               const char     *result)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", path);

  for (guint i = 0; i < log_count (log); i++)
    {
      g_autofree char *line = log_line (log, i);

      if (strstr (line, quoted) == NULL)
        continue;
      g_assert_true (g_str_has_suffix (line, result));
      return;
    }
  g_assert_not_reached ();
}

static gboolean
has_name (PinkSyscallLog *log,
          const char     *name)
{
  g_autoptr (PinkSyscallEvent) last = log_last (log, name);

  return last != NULL;
}

static void
test_handlers (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  guint n = 0;

  g_signal_connect (tracer, "syscall-enter::openat", G_CALLBACK (on_open), &n);
  g_signal_connect (tracer, "syscall-exit::openat", G_CALLBACK (on_open_left), NULL);
  log_trace (tracer, "opens:8", NULL);
  g_assert_cmpuint (n, >=, 8);
  assert_result (log, "/nowhere/000002", "-1 ENOENT (No such file or directory)");
  assert_result (log, "/nowhere/000003", "-1 EACCES (Permission denied)");
  assert_result (log, "/nowhere/000004", "= 77");
  assert_result (log, "/nowhere/000006", "= 66");
  assert_result (log, "/elsewhere/long", "-1 ENOENT (No such file or directory)");
  assert_result (log, "/elsewhere/other", "-1 ENOENT (No such file or directory)");
  g_assert_true (has_name (log, "getppid"));
  g_assert_true (has_name (log, "statfs"));
}

static void
test_rule (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (PinkRule) rule = pink_rule_new ("openat");
  g_autoptr (GError) error = NULL;

  pink_rule_match_path (rule, "/nowhere/000002");
  pink_rule_deny (rule, 5);
  pink_tracer_add_rule (tracer, rule, &error);
  g_assert_no_error (error);
  log_trace (tracer, "opens:4", NULL);
  assert_result (log, "/nowhere/000001", "-1 ENOENT (No such file or directory)");
  assert_result (log, "/nowhere/000002", "-1 EIO (Input/output error)");
}

static void
on_added (PinkTracer *tracer,
          PinkTracee *tracee,
          gpointer    reached)
{
  *(gboolean *) reached = TRUE;
}

static gboolean
is_reached (gpointer reached)
{
  return *(gboolean *) reached;
}

/* Nobody takes anything out while it makes more calls than fit into a ring: it waits a
 * little and then goes on, and what was left out is counted. */
static void
test_full (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = log_of (tracer);
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  const char *argv[] = { g_getenv ("PINK_LOGPROG"), "opens:30000", NULL };
  g_autoptr (GError) error = NULL;
  gboolean reached = FALSE;
  int ends[2];
  char byte;
  guint n = 0;

  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  pink_launcher_take_fd (launcher, ends[1], 1);
  g_signal_connect (tracer, "tracee-added", G_CALLBACK (on_added), &reached);
  pink_launcher_spawn (launcher, tracer, argv, &error);
  g_assert_no_error (error);
  pink_launcher_close (launcher);
  test_wait_until (NULL, is_reached, &reached, "the program");
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 0); /* its end */
  close (ends[0]);
  test_run (tracer);
  g_assert_cmpuint (pink_syscall_log_get_n_dropped (log), >, 0);
  for (guint i = 0; i < log_count (log); i++)
    {
      g_autofree char *line = log_line (log, i);

      n += strstr (line, "\"/nowhere/") != NULL;
    }
  g_assert_cmpuint (n, <, 30000);
  /* exit_group, and what the dynamic linker does, may be among what was left out. */
  g_assert_cmpuint (n + pink_syscall_log_get_n_dropped (log), >=, 30000);
  g_assert_cmpuint (n + pink_syscall_log_get_n_dropped (log), <, 30100);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add ("/log/counts", test_counts);
  test_add_data ("/log/same-text/true", "/bin/true", test_same_text);
  test_add_data ("/log/same-text/ls", "/bin/ls -l /", test_same_text);
  test_add_data ("/log/same-text/cat", "/bin/cat /etc/passwd", test_same_text);
  test_add_data ("/log/threads", "threads", test_many);
  test_add_data ("/log/forks", "forks", test_many);
  test_add ("/log/exec", test_exec);
  test_add ("/log/chosen", test_chosen);
  test_add ("/log/attach", test_attach);
  test_add_data ("/log/unfinished/killed", "kill", test_unfinished);
  test_add_data ("/log/unfinished/returns", "return", test_unfinished);
  test_add ("/log/without-tracer", test_without_tracer);
  test_add ("/log/without-log", test_without_log);
  test_add ("/log/reading", test_reading);
  test_add ("/log/cut", test_cut);
  test_add ("/log/bytes", test_bytes);
  test_add ("/log/handlers", test_handlers);
  test_add ("/log/rule", test_rule);
  test_add_native ("valgrind has one processor for all threads", "/log/full", test_full);
  return g_test_run ();
}
