/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Logs that machines of other architectures have saved, in made/, read here: each line
 * is what it was there. On an emulated machine ("./dev emulate") this test is who saves
 * them, and reads those of the others.
 */
#include "log-util.h"

#include <string.h>

static PinkSyscallLog *
load (GFile *file)
{
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  g_autoptr (GError) error = NULL;

  pink_syscall_log_load (log, file, NULL, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&log);
}

static char *
lines_of (PinkSyscallLog *log)
{
  GString *lines = g_string_new (NULL);

  for (guint i = 0; i < log_count (log); i++)
    {
      g_autofree char *line = log_line (log, i);

      g_string_append_printf (lines, "%s\n", line);
    }
  return g_string_free (lines, FALSE);
}

/* For record-log.py, where that asks for it. */
static void
show (GFile      *file,
      const char *lines)
{
  g_autofree char *contents = NULL;
  g_autofree char *base64 = NULL;
  gsize length;

  if (g_getenv ("PINK_SHOW_LOG") == NULL)
    return;
  g_assert_true (g_file_load_contents (file, NULL, &contents, &length, NULL, NULL));
  base64 = g_base64_encode ((const guchar *) contents, length);
  for (gsize at = 0; at < strlen (base64); at += 76)
    g_print ("# log %.76s\n", base64 + at);
  for (const char *line = lines; *line != '\0'; line = strchr (line, '\n') + 1)
    g_print ("# line %.*s\n", (int) (strchr (line, '\n') - line), line);
}

static void
test_saved (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  g_autoptr (PinkSyscallLog) back = NULL;
  g_autofree char *folder = test_directory ();
  g_autofree char *path = g_build_filename (folder, "log", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *lines = NULL;
  g_autofree char *lines_back = NULL;
  g_autoptr (GError) error = NULL;

  pink_tracer_add_log (tracer, log);
  g_assert_cmpint (test_trace (tracer, "getppid:2", "mkdirat:/nowhere/at/all", "openat:/:nowhere", "exit:3",
                               NULL), ==, 3 << 8);
  g_assert_true (pink_syscall_log_save (log, file, NULL, &error));
  g_assert_no_error (error);
  back = load (file);
  lines = lines_of (log);
  lines_back = lines_of (back);
  g_assert_cmpstr (lines, ==, lines_back);
  g_assert_nonnull (strstr (lines, "mkdirat("));
  show (file, lines);
  test_directory_remove (g_steal_pointer (&folder));
}

static const struct
{
  const char *name;
  PinkAbi     abi;
} foreign[] = {
  { "aarch64", PINK_ABI_AARCH64 },
  { "arm", PINK_ABI_ARM },
  { "powerpc64", PINK_ABI_POWERPC64 },
  { "x86_64", PINK_ABI_X86_64 },
};

static GFile *
file_made_on (guint       which,
              const char *suffix)
{
  g_autofree char *name = g_strconcat (foreign[which].name, suffix, NULL);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "log", "made", name, NULL);

  return g_file_new_for_path (path);
}

static void
test_foreign (gconstpointer which)
{
  guint i = GPOINTER_TO_UINT (which);
  g_autoptr (GFile) log_file = file_made_on (i, ".log");
  g_autoptr (GFile) text_file = file_made_on (i, ".txt");
  g_autoptr (PinkSyscallLog) log = load (log_file);
  g_autofree char *lines = lines_of (log);
  g_autofree char *wanted = NULL;
  g_autoptr (GError) error = NULL;

  g_file_load_contents (text_file, NULL, &wanted, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (lines, ==, wanted);
  for (guint row = 0; row < log_count (log); row++)
    {
      g_autoptr (PinkSyscallEvent) event = log_get (log, row);

      g_assert_cmpint (pink_syscall_event_get_abi (event), ==, foreign[i].abi);
    }
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add ("/foreign/saved", test_saved);
  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      g_autofree char *path = g_strconcat ("/foreign/", foreign[i].name, NULL);

      test_add_data (path, GUINT_TO_POINTER (i), test_foreign);
    }
  return g_test_run ();
}
