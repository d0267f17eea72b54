/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The library on any machine: signals from a GMainLoop about the marked calls of
 * marked.c, read and changed there. The program tells by its exit status what it saw.
 *
 * In the environment: PINK_MARKED, "ABI=PROGRAM ABI=PROGRAM…".
 */
#include "pink-test-util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "marked.h"

typedef struct
{
  const char *abi;
  const char *program;
  const char *which;
  gboolean    marked;
  guint       n_entries;
  guint       n_exits;
} Look;

static void
check_arguments (PinkSyscallEvent *event)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  guint64 mask = pink_abi_get_word_size (pink_syscall_event_get_abi (event)) == 4 ? G_MAXUINT32 : G_MAXUINT64;

  g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "openat");
  g_assert_cmpint (pink_syscall_event_get_argument_signed (event, 0), ==, -100);
  path = pink_syscall_event_read_string (event, 1, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, MARKED_PATH);
  g_assert_cmphex (pink_syscall_event_get_argument (event, 2), ==, MARKED_FLAGS);
  g_assert_cmphex (pink_syscall_event_get_argument (event, 3) & mask, ==, MARKED_MODE);
}

static void
on_enter (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          data)
{
  Look *look = data;
  g_autoptr (GError) error = NULL;

  if (!look->marked)
    {
      look->marked = g_strcmp0 (pink_syscall_event_get_name (event), "dup") == 0 &&
                     (int) pink_syscall_event_get_argument (event, 0) == MARK;
      look->n_entries = 0;
      return;
    }
  if (look->n_entries++ > 0)
    return;

  g_assert_cmpstr (pink_abi_get_name (pink_syscall_event_get_abi (event)), ==, look->abi);
  if (g_str_equal (look->which, "error"))
    check_arguments (event);
  else if (g_str_equal (look->which, "number"))
    g_assert_true (pink_syscall_event_set_name (event, "getpid", &error));
  else if (g_str_equal (look->which, "skip-error"))
    g_assert_true (pink_syscall_event_deny_by_name (event, "EXDEV", &error));
  else if (g_str_equal (look->which, "skip-result"))
    g_assert_true (pink_syscall_event_set_return_value (event, FORGED_RESULT, &error));
  else if (g_str_equal (look->which, "argument-0"))
    g_assert_true (pink_syscall_event_set_argument (event, 0, 0123, &error));
  else if (g_str_equal (look->which, "argument-1"))
    g_assert_true (pink_syscall_event_set_argument (event, 1, 57, &error));
  g_assert_no_error (error);
}

static void
on_leave (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          data)
{
  Look *look = data;
  g_autoptr (GError) error = NULL;

  if (!look->marked || look->n_entries == 0 || look->n_exits++ > 0)
    return;

  if (g_str_equal (look->which, "error"))
    {
      g_assert_cmpstr (pink_syscall_event_get_error_name (event), ==, "ENOENT");
      g_assert_cmpint (pink_syscall_event_get_return_value (event), ==, -1);
    }
  else if (g_str_equal (look->which, "result"))
    g_assert_cmpint (pink_syscall_event_get_return_value (event), ==, 022);
  else if (g_str_equal (look->which, "exit-result"))
    g_assert_true (pink_syscall_event_set_return_value (event, FORGED_RESULT, &error));
  else if (g_str_equal (look->which, "exit-error"))
    g_assert_true (pink_syscall_event_set_error_by_name (event, "EXDEV", &error));
  g_assert_no_error (error);
}

static void
test_case (gconstpointer data)
{
  Look look = *(const Look *) data;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  const char * const argv[] = { look.program, look.which, NULL };
  g_autoptr (PinkTracee) tracee = NULL;

  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (on_enter), &look);
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (on_leave), &look);
  tracee = g_object_ref (test_spawnv (tracer, argv));
  test_run (tracer);
  g_assert_true (look.marked);
  g_assert_cmpuint (look.n_entries, >, 0);
  g_assert_cmpuint (look.n_exits, >, 0);
  g_assert_cmpint (pink_tracee_get_exit_code (tracee), ==, 0);
}

static void
add_program (GPtrArray  *looks,
             const char *abi,
             const char *program)
{
  static const char *const cases[] = {
    "error", "result", "number", "skip-error", "skip-result", "argument-0", "argument-1", "exit-result",
    "exit-error",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Look *look = g_new0 (Look, 1);
      g_autofree char *path = g_strdup_printf ("/library/%s/%s", abi, cases[i]);

      look->abi = abi;
      look->program = program;
      look->which = cases[i];
      g_ptr_array_add (looks, look);
      test_add_data (path, look, test_case);
    }
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GPtrArray) looks = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) programs = NULL;

  test_init (&argc, &argv, NULL);

  programs = g_strsplit (g_getenv ("PINK_MARKED"), " ", -1);
  for (char **one = programs; *one != NULL; one++)
    {
      char *equals = strchr (*one, '=');

      g_assert_nonnull (equals);
      *equals = '\0';
      add_program (looks, *one, equals + 1);
    }
  return g_test_run ();
}
