/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Logs as files: what comes back is what was written, and what is damaged is told.
 */
#include "log-util.h"

#include <string.h>

typedef struct
{
  PinkSyscallLog *log;
  char           *folder;
  GFile          *file;
} Fixture;

static void
set_up (Fixture *self)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *path = NULL;

  self->folder = test_directory ();
  path = g_build_filename (self->folder, "log", NULL);
  self->file = g_file_new_for_path (path);
  self->log = pink_syscall_log_new ();
  pink_tracer_add_log (tracer, self->log);
  log_trace (tracer, "opens:20", "forks:2:10", NULL);
}

static void
tear_down (Fixture *self)
{
  g_object_unref (self->log);
  g_object_unref (self->file);
  test_directory_remove (self->folder);
}

static void
assert_same (PinkSyscallLog *one,
             PinkSyscallLog *other)
{
  g_assert_cmpuint (log_count (one), ==, log_count (other));
  for (guint i = 0; i < log_count (one); i++)
    {
      g_autoptr (PinkSyscallEvent) left = log_get (one, i);
      g_autoptr (PinkSyscallEvent) right = log_get (other, i);
      g_autofree char *left_line = log_line (one, i);
      g_autofree char *right_line = log_line (other, i);
      g_autoptr (GVariant) left_data = g_variant_ref_sink (pink_syscall_event_to_variant (left));
      g_autoptr (GVariant) right_data = g_variant_ref_sink (pink_syscall_event_to_variant (right));
      PinkTracee *left_tracee = pink_syscall_event_get_tracee (left);
      PinkTracee *right_tracee = pink_syscall_event_get_tracee (right);
      g_autofree char *left_command = pink_tracee_get_command (left_tracee);
      g_autofree char *right_command = pink_tracee_get_command (right_tracee);

      g_assert_cmpstr (left_line, ==, right_line);
      g_assert_true (g_variant_equal (left_data, right_data));
      g_assert_cmpint (pink_syscall_event_get_state (left), ==, pink_syscall_event_get_state (right));
      g_assert_cmpuint (pink_syscall_event_get_stack_pointer (left), ==,
                        pink_syscall_event_get_stack_pointer (right));
      g_assert_cmpint (pink_tracee_get_tgid (left_tracee), ==, pink_tracee_get_tgid (right_tracee));
      g_assert_cmpint (pink_tracee_get_exit_code (left_tracee), ==,
                       pink_tracee_get_exit_code (right_tracee));
      g_assert_cmpstr (left_command, ==, right_command);
    }
}

static void
test_back (void)
{
  Fixture self;
  g_autoptr (PinkSyscallLog) back = pink_syscall_log_new ();
  g_autoptr (GError) error = NULL;

  set_up (&self);
  g_assert_true (pink_syscall_log_save (self.log, self.file, NULL, &error));
  g_assert_no_error (error);
  /* Twice: the first rows go. */
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (pink_syscall_log_load (back, self.file, NULL, &error));
      g_assert_no_error (error);
      assert_same (self.log, back);
    }
  g_assert_cmpuint (log_count_opens (back, 0), ==, 20);
  tear_down (&self);
}

static void
test_bounds (void)
{
  Fixture self;
  g_autoptr (PinkSyscallLog) oldest = g_object_new (PINK_TYPE_SYSCALL_LOG, "max-rows", 10, NULL);
  g_autoptr (PinkSyscallLog) newest = g_object_new (PINK_TYPE_SYSCALL_LOG, "max-rows", 10,
                                                    "drop-newest", TRUE, NULL);
  g_autofree char *first = NULL;
  g_autofree char *last = NULL;
  g_autofree char *wanted_first = NULL;
  g_autofree char *wanted_last = NULL;

  set_up (&self);
  g_assert_true (pink_syscall_log_save (self.log, self.file, NULL, NULL));
  g_assert_true (pink_syscall_log_load (oldest, self.file, NULL, NULL));
  g_assert_true (pink_syscall_log_load (newest, self.file, NULL, NULL));
  g_assert_cmpuint (log_count (oldest), ==, 10);
  g_assert_cmpuint (log_count (newest), ==, 10);
  g_assert_cmpuint (pink_syscall_log_get_n_dropped (oldest), ==, log_count (self.log) - 10);
  g_assert_cmpuint (pink_syscall_log_get_n_dropped (newest), ==, log_count (self.log) - 10);
  first = log_line (newest, 0);
  last = log_line (oldest, 9);
  wanted_first = log_line (self.log, 0);
  wanted_last = log_line (self.log, log_count (self.log) - 1);
  g_assert_cmpstr (first, ==, wanted_first);
  g_assert_cmpstr (last, ==, wanted_last);
  tear_down (&self);
}

static void
test_errors (void)
{
  Fixture self;
  g_autoptr (GFile) nowhere = g_file_new_for_path ("/nowhere/at/all");
  g_autoptr (GError) error = NULL;
  guint n;

  set_up (&self);
  n = log_count (self.log);
  g_assert_false (pink_syscall_log_save (self.log, nowhere, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (pink_syscall_log_load (self.log, nowhere, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (g_file_replace_contents (self.file, "something else", 14, NULL, FALSE, 0, NULL, NULL,
                                          NULL));
  g_assert_false (pink_syscall_log_load (self.log, self.file, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_clear_error (&error);
  g_assert_true (g_file_replace_contents (self.file, "pinklog\n\2\0\0\0", 12, NULL, FALSE, 0, NULL,
                                          NULL, NULL));
  g_assert_false (pink_syscall_log_load (self.log, self.file, NULL, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (log_count (self.log), ==, n);
  tear_down (&self);
}

/* All that can be asked of it. */
static void
look_at (PinkSyscallLog *log)
{
  for (guint i = 0; i < log_count (log); i++)
    {
      g_autoptr (PinkSyscallEvent) event = log_get (log, i);
      g_autoptr (GVariant) data = g_variant_ref_sink (pink_syscall_event_to_variant (event));
      g_autofree char *line = pink_syscall_event_to_string (event);
      g_autofree char *command = pink_tracee_get_command (pink_syscall_event_get_tracee (event));

      g_assert_true (g_str_is_ascii (line));
      for (guint j = 0; j < pink_syscall_event_get_n_arguments (event); j++)
        {
          g_autoptr (GBytes) bytes = pink_syscall_event_read_bytes (event, j, 4096, NULL);
          g_autofree char *path = pink_syscall_event_read_path (event, j, NULL);
          g_auto (GStrv) strings = pink_syscall_event_read_string_array (event, j, NULL);
          g_autoptr (GSocketAddress) address = pink_syscall_event_read_socket_address (event, NULL);
        }
    }
}

static void
test_damaged (void)
{
  Fixture self;
  g_autofree char *contents = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (20260101);
  gsize length;
  guint n_loaded = 0, n = test_count (1500);

  set_up (&self);
  g_assert_true (pink_syscall_log_save (self.log, self.file, NULL, NULL));
  g_assert_true (g_file_load_contents (self.file, NULL, &contents, &length, NULL, NULL));
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *damaged = g_memdup2 (contents, length);
      g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
      g_autoptr (GError) error = NULL;
      gsize size = i % 3 == 0 ? (gsize) g_rand_int_range (random, 0, (gint32) length) : length;
      guint n_flips = i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : 30;

      for (guint j = 0; j < n_flips; j++)
        {
          gint32 limit = i % 2 == 0 ? (gint32) length : (gint32) MIN (length, 1000);

          damaged[g_rand_int_range (random, 0, limit)] ^= (char) (1 << g_rand_int_range (random, 0, 8));
        }
      g_assert_true (g_file_replace_contents (self.file, damaged, size, NULL, FALSE, 0, NULL, NULL, NULL));
      if (pink_syscall_log_load (log, self.file, NULL, &error))
        {
          g_assert_cmpuint (size, ==, length);
          look_at (log);
          n_loaded++;
        }
      else
        g_assert_true (error != NULL && error->domain == G_IO_ERROR);
    }
  g_assert_cmpuint (n_loaded, <, n);
  tear_down (&self);
}

static void
test_json (void)
{
  Fixture self;
  g_autofree char *contents = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;

  set_up (&self);
  g_assert_true (pink_syscall_log_export_json (self.log, self.file, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_load_contents (self.file, NULL, &contents, NULL, NULL, NULL));
  lines = g_strsplit (contents, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, log_count (self.log) + 1);
  for (guint i = 0; i < log_count (self.log); i++)
    {
      g_assert_true (g_str_has_prefix (lines[i], "{\"type\":\"syscall\",\"pid\":"));
      g_assert_true (g_str_has_suffix (lines[i], "}"));
    }
  g_assert_nonnull (strstr (contents, "\"text\":\"openat(AT_FDCWD, \\\"/nowhere/000007\\\", O_RDONLY) = "
                                      "-1 ENOENT (No such file or directory)\",\"details\":["));
  g_assert_nonnull (strstr (contents, "\"result\":-1,\"error\":2,\"error_name\":\"ENOENT\",\"time\":"));
  tear_down (&self);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add ("/log-file/back", test_back);
  test_add ("/log-file/bounds", test_bounds);
  test_add ("/log-file/errors", test_errors);
  test_add ("/log-file/damaged", test_damaged);
  test_add ("/log-file/json", test_json);
  return g_test_run ();
}
