/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Numbers, arguments and results, changed at entry and exit: what the program
 * then sees.
 */
#include "change-util.h"

#include <errno.h>

typedef gboolean (*Act) (PinkSyscallEvent *event, GError **error);

static void
on_call (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          act)
{
  GError *error = NULL;

  g_assert_true (((Act) act) (event, &error));
  g_assert_no_error (error);
}

static char *
run_with (const ChangeWay *way,
          const char      *signal,
          Act              act,
          const char      *name,
          const char      *args)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();

  g_signal_connect (tracer, signal, G_CALLBACK (on_call), (gpointer) act);
  return change_run (tracer, way, change_call (way, name, args), NULL);
}

/* ---- the number ---- */

static gboolean
make_it_umask (PinkSyscallEvent *event,
               GError          **error)
{
  g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "dup");
  if (!pink_syscall_event_set_name (event, "umask", error))
    return FALSE;
  g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "umask");
  g_assert_cmpint (pink_syscall_event_get_number (event), ==,
                   pink_syscall_from_name (pink_syscall_event_get_abi (event), "umask"));
  return TRUE;
}

static void
number_by_name (gconstpointer data)
{
  const ChangeWay *way = data;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;

  /* As it is asked for, umask(027) and then umask(0) is "dup fails, and the mask before". */
  g_signal_connect (tracer, "syscall-enter::dup", G_CALLBACK (on_call), (gpointer) make_it_umask);
  output = change_run (tracer, way, change_call (way, "umask", "1"), change_call (way, "dup", "023"),
                       change_call (way, "umask", "0"), NULL);
  g_assert_true (g_str_has_suffix (output, "\n1 kept\n19 kept\n"));
}

static gboolean
make_it_number (PinkSyscallEvent *event,
                GError          **error)
{
  gint64 number = pink_syscall_from_name (pink_syscall_event_get_abi (event), "umask");

  return pink_syscall_event_set_number (event, (guint64) number, error);
}

static void
number_by_number (gconstpointer data)
{
  g_autofree char *output = run_with (data, "syscall-enter::dup", make_it_number, "dup", "0");

  g_assert_true (g_str_has_suffix (output, " kept\n"));
  g_assert_cmpint (atoi (output), <=, 0777);
  g_assert_cmpint (atoi (output), >=, 0);
}

static void
assert_invalid (gboolean  done,
                GError  **error)
{
  g_assert_false (done);
  g_assert_error (*error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (error);
}

static gboolean
make_it_nothing (PinkSyscallEvent *event,
                 GError          **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  GError *own = NULL;

  for (guint index = 5; index < 200; index += 95)
    {
      assert_invalid (pink_syscall_event_set_argument (event, index, 0, &own), &own);
      assert_invalid (pink_syscall_event_set_argument_signed (event, index, 0, &own), &own);
      assert_invalid (pink_syscall_event_set_argument_hex (event, index, "0", &own), &own);
      assert_invalid (pink_syscall_event_set_argument_string (event, index, "x", &own), &own);
      assert_invalid (pink_syscall_event_set_argument_bytes (event, index, bytes, &own), &own);
    }

  g_assert_false (pink_syscall_event_set_name (event, "no_such_call\377", &own));
  g_assert_error (own, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL);
  g_assert_true (g_utf8_validate (own->message, -1, NULL));
  g_clear_error (&own);
  g_assert_false (pink_syscall_event_set_number (event, G_MAXUINT64, &own));
  g_assert_error (own, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (&own);
  return TRUE;
}

static void
number_refused (gconstpointer data)
{
  g_autofree char *output = run_with (data, "syscall-enter::dup", make_it_nothing, "dup", "999");

  change_assert_kept (output, -EBADF);
}

/* ---- arguments ---- */

static gboolean
write_less (PinkSyscallEvent *event,
            GError          **error)
{
  /* The C library's own lines go out by writev. */
  return pink_syscall_event_set_argument (event, 2, 2, error);
}

static void
argument (gconstpointer data)
{
  g_autofree char *output = run_with (data, "syscall-enter::write", write_less, "write", "1,@hello,5");

  g_assert_cmpstr (output, ==, "he2 kept\n");
}

static gboolean
signed_argument (PinkSyscallEvent *event,
                 GError          **error)
{
  g_assert_true (pink_syscall_event_set_argument_signed (event, 0, -100, error));
  g_assert_cmpint (pink_syscall_event_get_argument_signed (event, 0), ==, -100);
  return pink_syscall_event_set_argument_hex (event, 1, "0x0", error);
}

static void
argument_signed (gconstpointer data)
{
  /* mkdirat (AT_FDCWD, NULL): EFAULT comes before what the descriptor would say. */
  g_autofree char *output = run_with (data, "syscall-enter::mkdirat", signed_argument, "mkdirat", "999,@x,0");

  change_assert_kept (output, -EFAULT);
}

static gboolean
wide_argument (PinkSyscallEvent *event,
               GError          **error)
{
  GError *own = NULL;

  g_assert_false (pink_syscall_event_set_argument (event, 2, 1, &own));
  g_assert_error (own, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (&own);
  g_assert_false (pink_syscall_event_set_argument_hex (event, 1, "0x\377", &own));
  g_assert_error (own, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_assert_true (g_utf8_validate (own->message, -1, NULL));
  g_clear_error (&own);
  g_assert_true (pink_syscall_event_set_argument_hex (event, 1, "123456789abcdef0", error));
  g_assert_cmphex (pink_syscall_event_get_argument (event, 1), ==, G_GUINT64_CONSTANT (0x123456789abcdef0));
  return pink_syscall_event_set_argument_signed (event, 1, -1, error);
}

static void
argument_wide (gconstpointer data)
{
  const ChangeWay *way = data;
  gboolean narrow = pink_abi_get_word_size (way->abi) == 4;
  g_autofree char *output = NULL;

  /* A negative length is looked at before the descriptor; in two registers it
   * is negative by the second. */
  output = run_with (way, narrow ? "syscall-enter::ftruncate64" : "syscall-enter::ftruncate",
                     wide_argument, narrow ? "ftruncate64" : "ftruncate", "999,0,0");
  change_assert_kept (output, -EINVAL);
}

/* ---- results ---- */

static gboolean
return_a_lot (PinkSyscallEvent *event,
              GError          **error)
{
  return pink_syscall_event_set_return_value (event, G_GINT64_CONSTANT (0x123456789abcdef0), error);
}

static void
result_at_entry (gconstpointer data)
{
  const ChangeWay *way = data;
  g_autofree char *output = run_with (way, "syscall-enter::write", return_a_lot, "write", "1,@hello,5");

  /* Nothing was written. */
  change_assert_kept (output, pink_abi_get_word_size (way->abi) == 4 && !way->int80
                                ? (long) (int) 0x9abcdef0 : (long) G_GINT64_CONSTANT (0x123456789abcdef0));
}

static gboolean
return_seven (PinkSyscallEvent *event,
              GError          **error)
{
  g_assert_true (pink_syscall_event_set_return_value (event, -7000, error));
  g_assert_cmpint (pink_syscall_event_get_return_value (event), ==, -7000);
  return TRUE;
}

static void
result_at_exit (gconstpointer data)
{
  g_autofree char *output = run_with (data, "syscall-exit::write", return_seven, "write", "1,@hello,5");

  g_assert_cmpstr (output, ==, "hello-7000 kept\n");
}

static gboolean
fail_at_exit (PinkSyscallEvent *event,
              GError          **error)
{
  g_assert_true (pink_syscall_event_set_error (event, ENOSPC, error));
  g_assert_cmpstr (pink_syscall_event_get_error_name (event), ==, "ENOSPC");
  return pink_syscall_event_set_error_by_name (event, "EIO", error);
}

static void
error_at_exit (gconstpointer data)
{
  g_autofree char *output = run_with (data, "syscall-exit::write", fail_at_exit, "write", "1,@hello,5");

  g_assert_cmpstr (output, ==, "hello-5 kept\n");
}

static gboolean
succeed_at_exit (PinkSyscallEvent *event,
                 GError          **error)
{
  return pink_syscall_event_set_return_value (event, 5, error);
}

static void
success_at_exit (gconstpointer data)
{
  g_autofree char *output = run_with (data, "syscall-exit::write", succeed_at_exit, "write", "999,@hello,5");

  g_assert_cmpstr (output, ==, "5 kept\n");
}

/* ---- both at once, seen from the same event ---- */

typedef struct
{
  PinkSyscallEvent *event;
  guint             n_exits;
} Both;

static void
assert_text (PinkSyscallEvent *event,
             const char       *expected)
{
  g_autofree char *text = pink_syscall_event_to_string (event);

  g_assert_cmpstr (text, ==, expected);
}

static void
both_at_entry (PinkTracer       *tracer,
               PinkSyscallEvent *event,
               gpointer          data)
{
  Both *both = data;

  g_set_object (&both->event, event);
  g_assert_true (pink_syscall_event_set_name (event, "umask", NULL));
  g_assert_true (pink_syscall_event_set_argument (event, 0, 0, NULL));
  assert_text (event, "umask(000)");
}

static void
both_at_exit (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          data)
{
  Both *both = data;

  g_assert_true (event == both->event);
  both->n_exits++;
  g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "umask");
  g_assert_cmpint (pink_syscall_event_get_argument (event, 0), ==, 0);
  g_assert_cmpint (pink_syscall_event_get_return_value (event), ==, 077);
  assert_text (event, "umask(000) = 077");
  g_assert_true (pink_syscall_event_set_return_value (event, 4711, NULL));
}

static void
same_event (gconstpointer data)
{
  const ChangeWay *way = data;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  Both both = { 0 };

  /* The detail stays that of the call that the program has asked for. */
  g_signal_connect (tracer, "syscall-enter::dup", G_CALLBACK (both_at_entry), &both);
  g_signal_connect (tracer, "syscall-exit::dup", G_CALLBACK (both_at_exit), &both);
  output = change_run (tracer, way, change_call (way, "umask", "077"), change_call (way, "dup", "5"),
                       change_call (way, "umask", "1"), NULL);
  g_assert_true (g_str_has_suffix (output, "\n4711 kept\n0 kept\n"));
  g_assert_cmpuint (both.n_exits, ==, 1);
  g_clear_object (&both.event);
}

/* ---- the wrong moment ---- */

typedef struct
{
  guint n;
  PinkSyscallEvent *last;
} Moments;

static void
assert_too_late (PinkSyscallEvent *event)
{
  GError *error = NULL;

  g_assert_false (pink_syscall_event_set_argument (event, 0, 1, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  g_clear_error (&error);
  g_assert_false (pink_syscall_event_set_name (event, "getpid", &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  g_clear_error (&error);
  g_assert_false (pink_syscall_event_deny (event, EPERM, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  g_clear_error (&error);
  g_assert_false (pink_syscall_event_allow (event, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  g_clear_error (&error);
}

static void
moment_exit (PinkTracer       *tracer,
             PinkSyscallEvent *event,
             gpointer          data)
{
  Moments *moments = data;

  moments->n++;
  g_set_object (&moments->last, event);
  assert_too_late (event);
}

static void
moment_enter_launch (PinkTracer       *tracer,
                     PinkSyscallEvent *event,
                     gpointer          data)
{
  Moments *moments = data;
  GError *error = NULL;

  moments->n++;
  assert_too_late (event);
  g_assert_false (pink_syscall_event_set_return_value (event, 0, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  g_clear_error (&error);
}

static void
wrong_moment (gconstpointer data)
{
  const ChangeWay *way = data;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallEvent) nobody = g_object_new (PINK_TYPE_SYSCALL_EVENT, NULL);
  g_autofree char *output = NULL;
  Moments moments = { 0 };
  GError *error = NULL;

  g_signal_connect (tracer, "syscall-exit::dup", G_CALLBACK (moment_exit), &moments);
  g_signal_connect (tracer, "syscall-enter::execve", G_CALLBACK (moment_enter_launch), &moments);
  output = change_run (tracer, way, change_call (way, "dup", "999"), NULL);
  change_assert_kept (output, -EBADF);
  g_assert_cmpuint (moments.n, ==, 2);
  assert_too_late (moments.last);
  g_assert_false (pink_syscall_event_set_error (moments.last, EIO, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE);
  g_clear_error (&error);
  g_clear_object (&moments.last);
  assert_too_late (nobody);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  change_add ("/change/number/by-name", number_by_name);
  change_add ("/change/number/by-number", number_by_number);
  change_add ("/change/number/refused", number_refused);
  change_add ("/change/argument/unsigned", argument);
  change_add ("/change/argument/signed", argument_signed);
  change_add ("/change/argument/wide", argument_wide);
  change_add ("/change/result/at-entry", result_at_entry);
  change_add ("/change/result/at-exit", result_at_exit);
  change_add ("/change/result/error-at-exit", error_at_exit);
  change_add ("/change/result/success-at-exit", success_at_exit);
  change_add ("/change/same-event", same_event);
  change_add ("/change/wrong-moment", wrong_moment);
  return g_test_run ();
}
