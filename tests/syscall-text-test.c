/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One system call as a line of text, and as a value; and calls of the other ABIs
 * of this kernel.
 */
#include "marked-call.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>

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
  { "/syscall-text/text/path", "open:/nonexistent", 0,
    "openat(AT_FDCWD, \"/nonexistent\", O_RDONLY) = -1 ENOENT (No such file or directory)" },
  { "/syscall-text/text/escapes", "open-hex:2f6e6f220a090d5c01ff37", 0,
    "openat(AT_FDCWD, \"/no\\\"\\n\\t\\r\\\\\\1\\3777\", O_RDONLY) = -1 ENOENT (No such file or directory)" },
  { "/syscall-text/text/digits", "write-hex:-1:00303138000a", 0,
    "write(-1, \"\\000018\\0\\n\", 6) = -1 EBADF (Bad file descriptor)" },
  { "/syscall-text/text/buffer", "write:-1:hello", 0,
    "write(-1, \"hello\", 5) = -1 EBADF (Bad file descriptor)" },
  { "/syscall-text/text/long-buffer", "write-many:-1:100", 0,
    "write(-1, \"abcdefghijklmnopqrstuvwxyzabcdef\"..., 100) = -1 EBADF (Bad file descriptor)" },
  { "/syscall-text/text/exactly-the-limit", "write-many:-1:32", 0,
    "write(-1, \"abcdefghijklmnopqrstuvwxyzabcdef\", 32) = -1 EBADF (Bad file descriptor)" },
  { "/syscall-text/text/mode", "mkdirat:/nonexistent/d", 0,
    "mkdirat(AT_FDCWD, \"/nonexistent/d\", 0750) = -1 ENOENT (No such file or directory)" },
  { "/syscall-text/text/signal", "raw:%d:1999999999:10", SYS_kill,
    "kill(1999999999, SIGUSR1) = -1 ESRCH (No such process)" },
  { "/syscall-text/text/signed", "raw:%d:-1:-5:0", SYS_lseek,
    "lseek(-1, -5, SEEK_SET) = -1 EBADF (Bad file descriptor)" },
  { "/syscall-text/text/null", "raw:%d:0", SYS_uname,
    "uname(NULL) = -1 EFAULT (Bad address)" },
  { "/syscall-text/text/pointer", "raw:%d:0x10", SYS_uname,
    "uname(0x10) = -1 EFAULT (Bad address)" },
  { "/syscall-text/text/nobody", "raw:%d:-100:@/nonexistent:-1:5:0", SYS_fchownat,
    "fchownat(AT_FDCWD, \"/nonexistent\", -1, 5, 0) = -1 ENOENT (No such file or directory)" },
  { "/syscall-text/text/bad-argv", "raw:%d:@/bin/sh:0x10:0", SYS_execve,
    "execve(\"/bin/sh\", 0x10, NULL) = -1 EFAULT (Bad address)" },
  { "/syscall-text/text/unknown", "raw:0x5678:1:0:3:4:5:0xff", 0,
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
  g_autoptr (PinkSyscallEvent) event = marked_call (step, NULL, ask_for_text, NULL);
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
    marked_call_after (tracer, "open:/proc/self/comm", "read:20", keep_entry_text, keep_exit_text, &texts);

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
  g_autofree char *wanted =
    g_strdup_printf ("openat(AT_FDCWD, \"%s/new\", O_WRONLY|O_CREAT|O_EXCL, 0640) = ", directory);
  Texts texts = { 0 };
  g_autoptr (PinkSyscallEvent) event = marked_call (step, keep_entry_text, keep_exit_text, &texts);

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
  MarkedLook look = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *result = NULL;

  marked_look (tracer, argv, &look);
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
  event = marked_call_after (tracer, NULL, "write:-1:hello", ask_for_text, NULL, NULL);
  text = pink_syscall_event_get_argument_text (event, 1);
  g_assert_cmpstr (text, ==, "\"hell\"...");
}

static void
test_variant (void)
{
  g_autoptr (PinkSyscallEvent) event = marked_call ("write:-1:hello", NULL, ask_for_text, NULL);
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
  g_autoptr (PinkSyscallEvent) event = marked_call ("open:/nonexistent", NULL, NULL, NULL);
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
  g_autoptr (PinkSyscallEvent) event = NULL;

  if (!test_runs_int80 ())
    {
      g_test_skip (TEST_NO_INT80);
      return;
    }
  event = marked_call ("int80:20", NULL, NULL, NULL);
  g_assert_cmpuint (pink_syscall_event_get_number (event), ==, 20);
  if (marked_without_info ())
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
  g_autoptr (PinkSyscallEvent) event = marked_call ("raw:0x40000027", NULL, NULL, NULL);

  g_assert_cmpint (pink_syscall_event_get_abi (event), ==, PINK_ABI_X32);
  g_assert_cmpuint (pink_syscall_event_get_number (event), ==, 39);
  g_assert_cmpstr (pink_syscall_event_get_name (event), ==, "getpid");
}

/* Two registers make one argument. */
static void
test_i386_pair (void)
{
  g_autoptr (PinkSyscallEvent) event = marked_call32 ("raw:194:-1:2:1", NULL, ask_for_text, NULL);
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
      g_test_skip (TEST_NO_32_BITS);
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

  test_add ("/syscall-text/launch", test_launch);
  test_add ("/syscall-text/exec", test_exec);
  for (guint i = 0; i < G_N_ELEMENTS (text_cases); i++)
    test_add_data (text_cases[i].path, &text_cases[i], test_text);
  test_add ("/syscall-text/text/filled-buffer", test_filled_buffer);
  test_add ("/syscall-text/text/created", test_created);
  test_add ("/syscall-text/text/no-result", test_exit_has_no_result);
  test_add ("/syscall-text/text/string-limit", test_string_limit);
  test_add ("/syscall-text/variant", test_variant);
  test_add ("/syscall-text/properties", test_properties);
  test_add ("/syscall-text/empty", test_empty);
#ifdef __x86_64__
  test_add ("/syscall-text/abi/int80", test_int80);
  test_add ("/syscall-text/abi/x32", test_x32);
  test_add ("/syscall-text/abi/i386-pair", test_i386_pair);
  test_add ("/syscall-text/abi/i386-launch", test_i386_launch);
#endif
  return g_test_run ();
}
