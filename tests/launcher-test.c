/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How programs are started: with what, and what happens if they cannot be.
 */
#include "pink-test-util.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- environment and directory ---- */

static char *
variable_of (PinkLauncher *launcher,
             const char   *step)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();

  return test_trace_output (tracer, launcher, step, NULL);
}

#define ASSERT_VARIABLE(launcher, name, value) \
  G_STMT_START { \
    g_autofree char *its_value = variable_of (launcher, "say-env:" name); \
    g_assert_cmpstr (its_value, ==, value "\n"); \
  } G_STMT_END

static void
test_environment_inherited (void)
{
  g_setenv ("PINK_TEST_A", "1", TRUE);
  ASSERT_VARIABLE (NULL, "PINK_TEST_A", "1");
  g_setenv ("PINK_TEST_A", "2", TRUE);
  ASSERT_VARIABLE (NULL, "PINK_TEST_A", "2");
  g_unsetenv ("PINK_TEST_A");
  ASSERT_VARIABLE (NULL, "PINK_TEST_A", "(unset)");
}

static void
test_environ (void)
{
  const char * const environment[] = { "PINK_TEST_A=x=y", NULL };
  const char * const none[] = { NULL };
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();

  pink_launcher_set_environ (launcher, environment);
  ASSERT_VARIABLE (launcher, "PINK_TEST_A", "x=y");
  ASSERT_VARIABLE (launcher, "HOME", "(unset)");
  pink_launcher_set_environ (launcher, none);
  ASSERT_VARIABLE (launcher, "PINK_TEST_A", "(unset)");
  g_setenv ("PINK_TEST_A", "from outside", TRUE);
  pink_launcher_set_environ (launcher, NULL);
  ASSERT_VARIABLE (launcher, "PINK_TEST_A", "from outside");
  g_unsetenv ("PINK_TEST_A");
}

static void
test_setenv (void)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();

  g_setenv ("PINK_TEST_A", "1", TRUE);
  g_setenv ("PINK_TEST_B", "1", TRUE);
  pink_launcher_setenv (launcher, "PINK_TEST_A", "kept", FALSE);
  ASSERT_VARIABLE (launcher, "PINK_TEST_A", "1");
  pink_launcher_setenv (launcher, "PINK_TEST_A", "changed", TRUE);
  ASSERT_VARIABLE (launcher, "PINK_TEST_A", "changed");
  pink_launcher_setenv (launcher, "PINK_TEST_C", "", FALSE);
  ASSERT_VARIABLE (launcher, "PINK_TEST_C", "");
  ASSERT_VARIABLE (launcher, "PINK_TEST_B", "1");
  pink_launcher_unsetenv (launcher, "PINK_TEST_B");
  ASSERT_VARIABLE (launcher, "PINK_TEST_B", "(unset)");
  g_assert_cmpstr (g_getenv ("PINK_TEST_A"), ==, "1");
  g_assert_cmpstr (g_getenv ("PINK_TEST_B"), ==, "1");
  g_unsetenv ("PINK_TEST_A");
  g_unsetenv ("PINK_TEST_B");
}

static void
test_directory_of_programs (void)
{
  char *directory = test_directory ();
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autofree char *wanted = g_strconcat (directory, "\n", NULL);
  g_autofree char *there = NULL;
  g_autofree char *here = g_get_current_dir ();
  g_autofree char *still_here = NULL;

  g_assert_null (pink_launcher_get_working_directory (launcher));
  pink_launcher_set_working_directory (launcher, directory);
  g_assert_cmpstr (pink_launcher_get_working_directory (launcher), ==, directory);
  there = variable_of (launcher, "say-cwd");
  g_assert_cmpstr (there, ==, wanted);
  still_here = g_get_current_dir ();
  g_assert_cmpstr (still_here, ==, here);

  g_object_set (launcher, "working-directory", NULL, NULL);
  g_assert_null (pink_launcher_get_working_directory (launcher));
  test_directory_remove (directory);
}

/* A relative path with a slash is looked up where the program starts. */
static void
test_relative_program (void)
{
  char *directory = test_directory ();
  g_autofree char *copy = test_program_copy (directory, 0755);
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  const char * const argv[] = { "./testprog", "say-cwd", NULL };
  g_autofree char *wanted = g_strconcat (directory, "\n", NULL);
  g_autofree char *said = NULL;
  int status;

  pink_launcher_set_working_directory (launcher, directory);
  said = test_trace_outputv (tracer, launcher, argv, &status);
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpstr (said, ==, wanted);
  test_directory_remove (directory);
}

static void
test_program_of_path (void)
{
  const char * const argv[] = { "true", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) tracee = g_object_ref (test_spawnv (tracer, argv));

  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_wait_status (tracee), ==, 0);
}

static void
test_arguments (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *wanted = g_strdup_printf ("[%s]\n[say-argv]\n[exit:0]\n[]\n[a b]\n[\377]\n", test_program ());
  g_autofree char *said =
    test_trace_output (tracer, NULL, "say-argv", "exit:0", "", "a b", "\377", NULL);

  g_assert_cmpstr (said, ==, wanted);
}

/* ---- descriptors ---- */

static int
text_file (const char *text)
{
  int fd = test_output_new ();

  g_assert_cmpint (write (fd, text, strlen (text)), ==, (gssize) strlen (text));
  g_assert_cmpint (lseek (fd, 0, SEEK_SET), ==, 0);
  return fd;
}

static void
test_take_fd (void)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *said = NULL;

  pink_launcher_take_fd (launcher, text_file ("standard input\n"), 0);
  pink_launcher_take_fd (launcher, text_file ("number 20\n"), 20);
  said = test_trace_output (tracer, launcher, "cat-fd:20", "cat-fd:0", NULL);
  g_assert_cmpstr (said, ==, "number 20\nstandard input\n");
}

/* Two that change places. */
static void
test_swapped_fds (void)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *said = NULL;
  int a = text_file ("a\n");
  int b = text_file ("b\n");
  g_autofree char *first = g_strdup_printf ("cat-fd:%d", a);
  g_autofree char *second = g_strdup_printf ("cat-fd:%d", b);

  pink_launcher_take_fd (launcher, a, b);
  pink_launcher_take_fd (launcher, b, a);
  said = test_trace_output (tracer, launcher, first, second, NULL);
  g_assert_cmpstr (said, ==, "b\na\n");
}

/* One in its own place has to lose its close-on-exec flag. */
static void
test_same_fd (void)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *said = NULL;
  int fd = text_file ("same\n");
  g_autofree char *step = g_strdup_printf ("cat-fd:%d", fd);

  pink_launcher_take_fd (launcher, fd, fd);
  said = test_trace_output (tracer, launcher, step, NULL);
  g_assert_cmpstr (said, ==, "same\n");
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, FD_CLOEXEC); /* ours is as it was */
}

static void
test_one_fd_twice (void)
{
  TestState before = test_state_get ();
  PinkTracer *tracer = pink_tracer_new ();
  PinkLauncher *launcher = pink_launcher_new ();
  g_autofree char *said = NULL;
  int fd = text_file ("twice\n");

  pink_launcher_take_fd (launcher, fd, 20);
  pink_launcher_take_fd (launcher, fd, 21);
  said = test_trace_output (tracer, launcher, "cat-fd:21", "say-fds", NULL);
  g_assert_true (g_str_has_prefix (said, "twice\nfds 0 1 2 "));
  g_assert_nonnull (strstr (said, " 20 21"));
  g_object_unref (launcher);
  g_object_unref (tracer);
  test_state_await (&before);
}

static void
test_close (void)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  guint n_before = test_count_fds ();
  g_autofree char *said = NULL;

  pink_launcher_take_fd (launcher, text_file ("x"), 20);
  g_assert_cmpuint (test_count_fds (), ==, n_before + 1);
  pink_launcher_close (launcher);
  g_assert_cmpuint (test_count_fds (), ==, n_before);
  said = variable_of (launcher, "say-fds");
  g_assert_null (strstr (said, " 20"));
}

/* As over an exec: those without close-on-exec, and not one of ours. */
static void
test_inherited_fds (void)
{
  int kept = dup (0); /* without close-on-exec */
  int not_kept = text_file ("x");
  g_autofree char *kept_word = g_strdup_printf ("%d", kept);
  g_autofree char *said = NULL;
  g_auto (GStrv) words = NULL;

  said = variable_of (NULL, "say-fds");
  words = g_strsplit (g_strstrip (said), " ", -1);
  for (guint i = 1; words[i] != NULL; i++)
    {
      int fd = (int) g_ascii_strtoll (words[i], NULL, 10);

      if (fd == 1)
        continue; /* given to it */
      g_assert_cmpint (fd, !=, not_kept);
      g_assert_cmpint (fcntl (fd, F_GETFD), ==, 0);
    }
  g_assert_true (g_strv_contains ((const char * const *) words, kept_word));
  close (kept);
  close (not_kept);
}

/* ---- what a program has from its caller ---- */

static char *
own_status_line (const char *key)
{
  g_autofree char *line = test_status_line (getpid (), key);

  g_assert_nonnull (line);
  return g_strchomp (g_strdup_printf ("%s: %s", key, line));
}

#define ASSERT_SAME_STATUS(key) \
  G_STMT_START { \
    g_autofree char *its = variable_of (NULL, "say-status:" key); \
    g_autofree char *ours = own_status_line (key); \
    g_strdelimit (g_strstrip (its), "\t", ' '); \
    g_assert_cmpstr (its, ==, ours); \
  } G_STMT_END

static void
test_inherited_signals (void)
{
  struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
  sigset_t some, old;

  sigemptyset (&some);
  sigaddset (&some, SIGUSR2);
  sigaddset (&some, SIGRTMIN + 3);
  pthread_sigmask (SIG_BLOCK, &some, &old);
  sigaction (SIGHUP, &ignore, &before);
  ASSERT_SAME_STATUS ("SigBlk");
  {
    g_autofree char *ignored = variable_of (NULL, "say-status:SigIgn");

    /* SIGHUP is the first. */
    g_assert_cmpint (g_ascii_strtoull (strchr (ignored, '\t') + 1, NULL, 16) & 1, ==, 1);
  }
  sigaction (SIGHUP, &before, NULL);
  pthread_sigmask (SIG_SETMASK, &old, NULL);
  ASSERT_SAME_STATUS ("SigBlk");
}

static void
test_inherited_rest (void)
{
  mode_t mask = umask (0027);

  ASSERT_SAME_STATUS ("Umask");
  umask (mask);
  ASSERT_SAME_STATUS ("Uid");
  ASSERT_SAME_STATUS ("Gid");
  ASSERT_SAME_STATUS ("Groups");
  ASSERT_SAME_STATUS ("CapInh");
  ASSERT_SAME_STATUS ("CapBnd");
  ASSERT_SAME_STATUS ("CapEff");
  ASSERT_SAME_STATUS ("NoNewPrivs");
  ASSERT_SAME_STATUS ("Seccomp");
  ASSERT_SAME_STATUS ("Cpus_allowed");
}

static void
test_inherited_affinity (void)
{
  cpu_set_t before, one;
  int cpu = sched_getcpu ();

  g_assert_cmpint (sched_getaffinity (0, sizeof before, &before), ==, 0);
  CPU_ZERO (&one);
  CPU_SET (cpu, &one);
  g_assert_cmpint (sched_setaffinity (0, sizeof one, &one), ==, 0);
  ASSERT_SAME_STATUS ("Cpus_allowed_list");
  g_assert_cmpint (sched_setaffinity (0, sizeof before, &before), ==, 0);
  ASSERT_SAME_STATUS ("Cpus_allowed_list");
}

static void
test_inherited_limits (void)
{
  g_autofree char *step = g_strdup_printf ("say-limit:%d", RLIMIT_MEMLOCK);
  struct rlimit before, lower;
  g_autofree char *wanted = NULL;
  g_autofree char *said = NULL;

  g_assert_cmpint (getrlimit (RLIMIT_MEMLOCK, &before), ==, 0);
  lower = (struct rlimit) { .rlim_cur = 12345, .rlim_max = before.rlim_max };
  g_assert_cmpint (setrlimit (RLIMIT_MEMLOCK, &lower), ==, 0);
  said = variable_of (NULL, step);
  wanted = g_strdup_printf ("limit 12345 %lu\n", (unsigned long) before.rlim_max);
  g_assert_cmpint (setrlimit (RLIMIT_MEMLOCK, &before), ==, 0);
  g_assert_cmpstr (said, ==, wanted);
}

/* ---- what cannot be started ---- */

typedef struct
{
  PinkLauncher *launcher;
  GQuark        domain;
  int           code;
  const char   *in_message;
} Failure;

static void
check_failure (const Failure      *failure,
               const char * const *argv)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkLauncher) launcher = failure->launcher != NULL ? g_object_ref (failure->launcher)
                                                                : pink_launcher_new ();
  g_autoptr (GError) error = NULL;
  TestState before = test_state_get ();
  guint n_finished = 0;

  g_signal_connect (tracer, "finished", G_CALLBACK (test_on_finished), &n_finished);
  g_assert_null (pink_launcher_spawn (launcher, tracer, argv, &error));
  g_assert_error (error, failure->domain, failure->code);
  if (failure->in_message != NULL && strstr (error->message, failure->in_message) == NULL)
    g_error ("\"%s\" is not in \"%s\"", failure->in_message, error->message);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 0);
  test_run (tracer);
  test_state_await (&before);
  g_assert_cmpuint (n_finished, ==, 0);

  /* The tracer is as good as before. */
  g_assert_cmpint (test_trace (tracer, "getppid", NULL), ==, 0);
}

static void
test_no_such_program (void)
{
  const char * const by_path[] = { "/nonexistent/program", NULL };
  const char * const by_name[] = { "no-such-program-anywhere", "x", NULL };
  const char * const empty[] = { "", NULL };
  const char * const string[] = { "l", "s", " ", "-", "l", NULL };
  Failure failure = { .domain = G_IO_ERROR, .code = G_IO_ERROR_NOT_FOUND };

  failure.in_message = "/nonexistent/program";
  check_failure (&failure, by_path);
  failure.in_message = "no-such-program-anywhere";
  check_failure (&failure, by_name);
  failure.in_message = "PATH";
  check_failure (&failure, empty);
  failure.in_message = "single letter";
  check_failure (&failure, string);
}

static void
test_no_interpreter (void)
{
  char *directory = test_directory ();
  g_autofree char *script = g_build_filename (directory, "script", NULL);
  const char * const argv[] = { script, NULL };
  Failure failure = { .domain = G_IO_ERROR, .code = G_IO_ERROR_NOT_FOUND, .in_message = "interpreter" };

  g_assert_true (g_file_set_contents (script, "#!/nonexistent/sh\n", -1, NULL));
  g_assert_cmpint (chmod (script, 0755), ==, 0);
  check_failure (&failure, argv);

  /* That there is a directory to start in has nothing to do with it. */
  failure.launcher = pink_launcher_new ();
  failure.in_message = "not its interpreter \"/nonexistent/sh\"";
  pink_launcher_set_working_directory (failure.launcher, "/");
  check_failure (&failure, argv);
  pink_launcher_set_working_directory (failure.launcher, directory);
  check_failure (&failure, (const char * const []) { "./script", NULL });
  failure.in_message = "carriage return";
  g_assert_true (g_file_set_contents (script, "#!/bin/sh\r\n", -1, NULL));
  g_assert_cmpint (chmod (script, 0755), ==, 0);
  check_failure (&failure, argv);
  g_object_unref (failure.launcher);
  test_directory_remove (directory);
}

/* An interpreter that may not be executed, or a relative path: the cause is another. */
static void
test_what_is_refused (void)
{
  char *directory = test_directory ();
  g_autofree char *script = g_build_filename (directory, "script", NULL);
  g_autofree char *link = g_build_filename (directory, "link", NULL);
  const char * const argv[] = { script, NULL };
  const char * const relative[] = { "./script", NULL };
  Failure failure = { .domain = G_IO_ERROR, .code = G_IO_ERROR_PERMISSION_DENIED };

  g_assert_true (g_file_set_contents (script, "#! /etc/passwd\n", -1, NULL));
  g_assert_cmpint (chmod (script, 0755), ==, 0);
  failure.in_message = "its interpreter \"/etc/passwd\" may not be executed";
  check_failure (&failure, argv);
  failure.launcher = pink_launcher_new ();
  pink_launcher_set_working_directory (failure.launcher, directory);
  check_failure (&failure, relative);
  g_assert_cmpint (chmod (script, 0644), ==, 0);
  failure.in_message = "chmod +x";
  check_failure (&failure, relative);
  failure.in_message = "it is a directory";
  check_failure (&failure, (const char * const []) { "./.", NULL });
  failure.in_message = "no regular file";
  check_failure (&failure, (const char * const []) { "/dev/null", NULL });

  failure.code = G_IO_ERROR_NOT_FOUND;
  failure.in_message = "looked up in the directory it starts in";
  check_failure (&failure, (const char * const []) { "./none", NULL });
  failure.in_message = "a link to something that is not there";
  g_assert_cmpint (symlink ("none", link), ==, 0);
  check_failure (&failure, (const char * const []) { "./link", NULL });
  g_object_unref (failure.launcher);
  test_directory_remove (directory);
}

/* As an ordinary user, whom a directory keeps out. */
static int
run_in_closed (int    argc,
               char **argv)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *file = g_build_filename (argv[1], "file", NULL);
  const char * const program[] = { file, NULL };
  g_autoptr (GError) error = NULL;

  test_become_nobody ();
  g_assert_null (pink_tracer_spawn (tracer, program, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  test_helper_say ("%s", error->message);
  return 0;
}

/* Root, who starts it, may enter, and sees that there is no such file. */
static void
check_refused_to_user (const char *closed)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autofree char *file = g_build_filename (closed, "file", NULL);
  Failure failure = { .launcher = launcher, .domain = G_IO_ERROR, .code = G_IO_ERROR_PERMISSION_DENIED,
                      .in_message = "that user may not" };

  g_assert_true (pink_launcher_set_user (launcher, "nobody", NULL));
  check_failure (&failure, (const char * const []) { file, NULL });
}

static void
test_closed_directory (void)
{
  char *directory = test_directory ();
  g_autofree char *closed = g_build_filename (directory, "closed", NULL);
  g_autofree char *wanted = g_strdup_printf ("the directory \"%s\" may not be entered", closed);
  g_autofree char *said = NULL;
  TestHelper *helper;

  g_assert_cmpint (mkdir (closed, 0), ==, 0);
  helper = test_helper_start ("run-in-closed", closed, NULL);
  said = test_helper_read_line (helper);
  if (strstr (said, wanted) == NULL)
    g_error ("\"%s\" is not in \"%s\"", wanted, said);
  test_helper_succeed (helper);
  if (geteuid () == 0)
    check_refused_to_user (closed);
  test_directory_remove (directory);
}

/* Bindings make text of a message, and fail where it is none. */
static void
test_not_utf8 (void)
{
  Failure failure = { .domain = G_IO_ERROR, .code = G_IO_ERROR_NOT_FOUND };
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autoptr (GError) error = NULL;

  failure.in_message = "\"/tmp/\\xff\"";
  check_failure (&failure, (const char * const []) { "/tmp/\377", NULL });
  failure.in_message = "\"\\xff\"";
  check_failure (&failure, (const char * const []) { "\377", NULL });
  failure.in_message = "\"l\"";
  check_failure (&failure, (const char * const []) { "l", "\377", "\342", NULL });
  failure.launcher = launcher;
  failure.in_message = "\"/nonexist\\xff\"";
  pink_launcher_set_working_directory (launcher, "/nonexist\377");
  check_failure (&failure, (const char * const []) { "/bin/true", NULL });

  g_assert_false (pink_launcher_set_user (launcher, "\377", &error));
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
test_not_executable (void)
{
  char *directory = test_directory ();
  g_autofree char *file = g_build_filename (directory, "file", NULL);
  g_autofree char *path = g_strdup (g_getenv ("PATH"));
  g_autofree char *other_path = g_strconcat (directory, ":", path, NULL);
  const char * const argv[] = { file, NULL };
  const char * const by_name[] = { "file", NULL };
  const char * const a_directory[] = { directory, NULL };
  Failure failure = { .domain = G_IO_ERROR, .code = G_IO_ERROR_PERMISSION_DENIED, .in_message = file };

  g_assert_true (g_file_set_contents (file, "#!/bin/sh\n", -1, NULL));
  g_assert_cmpint (chmod (file, 0644), ==, 0);
  check_failure (&failure, argv);
  failure.in_message = "directory";
  check_failure (&failure, a_directory);
  failure.in_message = "chmod +x";
  g_setenv ("PATH", directory, TRUE);
  check_failure (&failure, by_name);
  g_setenv ("PATH", path, TRUE);
  test_directory_remove (directory);
}

static void
test_no_format (void)
{
  char *directory = test_directory ();
  g_autofree char *file = g_build_filename (directory, "file", NULL);
  const char * const argv[] = { file, NULL };
  Failure failure = { .domain = G_IO_ERROR, .code = G_IO_ERROR_FAILED, .in_message = "#!" };

  g_assert_true (g_file_set_contents (file, "no program\n", -1, NULL));
  g_assert_cmpint (chmod (file, 0755), ==, 0);
  check_failure (&failure, argv);
  test_directory_remove (directory);
}

static void
test_empty_argv (void)
{
  const char * const argv[] = { NULL };
  Failure failure = { .domain = PINK_TRACER_ERROR, .code = PINK_TRACER_ERROR_INVALID_ARGUMENT,
                      .in_message = "empty" };

  check_failure (&failure, argv);
  check_failure (&failure, NULL);
}

static void
test_bad_directory (void)
{
  const char * const argv[] = { test_program (), "exit:0", NULL };
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  Failure failure = { .launcher = launcher, .domain = G_IO_ERROR };

  pink_launcher_set_working_directory (launcher, "/nonexistent/directory");
  failure.code = G_IO_ERROR_NOT_FOUND;
  failure.in_message = "/nonexistent/directory";
  check_failure (&failure, argv);
  pink_launcher_set_working_directory (launcher, "/etc/passwd");
  failure.code = G_IO_ERROR_NOT_DIRECTORY;
  failure.in_message = "/etc/passwd";
  check_failure (&failure, argv);
}

static void
test_bad_descriptor (void)
{
  const char * const argv[] = { test_program (), "exit:0", NULL };
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autoptr (PinkLauncher) second = pink_launcher_new ();
  g_autoptr (PinkLauncher) third = pink_launcher_new ();
  Failure failure = { .launcher = launcher, .domain = G_IO_ERROR, .code = G_IO_ERROR_FAILED,
                      .in_message = "987654" };
  int fd = text_file ("x");

  pink_launcher_take_fd (launcher, 987654, 5);
  check_failure (&failure, argv);
  pink_launcher_take_fd (second, text_file ("x"), 5);
  pink_launcher_take_fd (second, -1, 6);
  failure.launcher = second;
  failure.in_message = "-1";
  check_failure (&failure, argv);
  /* It is taken over all the same. */
  pink_launcher_take_fd (third, fd, -3);
  failure = (Failure) { .launcher = third, .domain = PINK_TRACER_ERROR,
                        .code = PINK_TRACER_ERROR_INVALID_ARGUMENT, .in_message = "-3" };
  check_failure (&failure, argv);
  pink_launcher_close (third);
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1);
}

/* One launcher, many programs, also of different tracers. */
static void
test_many (void)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  g_autoptr (PinkTracer) first = pink_tracer_new ();
  g_autoptr (PinkTracer) second = pink_tracer_new ();
  int fd = test_output_new ();
  g_autofree char *said = NULL;
  GError *error = NULL;
  guint n = 0;

  g_signal_connect (first, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n);
  g_signal_connect (second, "syscall-enter::getppid", G_CALLBACK (test_on_call), &n);
  pink_launcher_take_fd (launcher, fcntl (fd, F_DUPFD_CLOEXEC, 3), 1);
  for (guint i = 0; i < 10; i++)
    {
      const char * const argv[] = { test_program (), "getppid:5", "write:1:x", NULL };

      g_assert_nonnull (pink_launcher_spawn (launcher, i % 2 == 0 ? first : second, argv, &error));
      g_assert_no_error (error);
    }
  test_run (first);
  test_run (second);
  g_assert_cmpuint (n, ==, 50);
  said = test_output_take (fd);
  g_assert_cmpstr (said, ==, "xxxxxxxxxx");
}

int
main (int    argc,
      char **argv)
{
  static const TestHelperDef helpers[] = {
    { "run-in-closed", run_in_closed },
    { NULL, NULL }
  };

  test_init (&argc, &argv, helpers);

  test_add ("/launcher/environment/inherited", test_environment_inherited);
  test_add ("/launcher/environment/set-environ", test_environ);
  test_add ("/launcher/environment/setenv", test_setenv);
  test_add ("/launcher/directory", test_directory_of_programs);
  test_add ("/launcher/relative-program", test_relative_program);
  test_add ("/launcher/program-of-path", test_program_of_path);
  test_add ("/launcher/arguments", test_arguments);
  test_add ("/launcher/fds/take", test_take_fd);
  test_add ("/launcher/fds/swapped", test_swapped_fds);
  test_add ("/launcher/fds/same", test_same_fd);
  test_add ("/launcher/fds/twice", test_one_fd_twice);
  test_add ("/launcher/fds/close", test_close);
  test_add ("/launcher/fds/inherited", test_inherited_fds);
  test_add ("/launcher/inherited/signals", test_inherited_signals);
  test_add ("/launcher/inherited/status", test_inherited_rest);
  test_add ("/launcher/inherited/affinity", test_inherited_affinity);
  test_add ("/launcher/inherited/limits", test_inherited_limits);
  test_add ("/launcher/bad/no-such-program", test_no_such_program);
  test_add_native (TEST_EXEC_FAILS, "/launcher/bad/no-interpreter", test_no_interpreter);
  test_add ("/launcher/bad/not-executable", test_not_executable);
  test_add_native (TEST_EXEC_FAILS, "/launcher/bad/what-is-refused", test_what_is_refused);
  test_add ("/launcher/bad/closed-directory", test_closed_directory);
  test_add ("/launcher/bad/not-utf8", test_not_utf8);
  test_add_native (TEST_EXEC_FAILS, "/launcher/bad/no-format", test_no_format);
  test_add ("/launcher/bad/empty-argv", test_empty_argv);
  test_add ("/launcher/bad/directory", test_bad_directory);
  test_add ("/launcher/bad/descriptor", test_bad_descriptor);
  test_add ("/launcher/many", test_many);
  return g_test_run ();
}
