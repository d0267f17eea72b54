/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What suites have in common: cases, bounds, the programs that are traced.
 */
#include "pink-test-util.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#if __has_include(<valgrind/valgrind.h>)
# include <valgrind/valgrind.h>
#else
# define RUNNING_ON_VALGRIND 0
#endif

#define CASE_BOUND_S 240

/* ---- running ---- */

static const char *case_path = "";
static char *own_program;

static double
slowdown (void)
{
  const char *text = g_getenv ("PINK_TEST_SLOWDOWN");
  double factor = text != NULL ? g_ascii_strtod (text, NULL) : 1;

  return factor >= 1 ? factor : 1;
}

double
test_seconds (double seconds)
{
  /* Ten times as much to do takes longer, in the stage "real". */
  return seconds * slowdown () * (g_getenv ("PINK_TEST_LONG") != NULL ? 10 : 1);
}

guint
test_count (guint n)
{
  return MAX (1, (guint) (n / slowdown ()));
}

gboolean
test_is_slow (void)
{
  return slowdown () > 1;
}

gboolean
test_on_valgrind (void)
{
  return RUNNING_ON_VALGRIND != 0;
}

/* A test that hangs outside a main loop must end too. */
static void
on_alarm (int signal)
{
  static const char words[] = "Bail out! hung: ";

  if (write (1, words, sizeof words - 1) < 0 || write (1, case_path, strlen (case_path)) < 0 ||
      write (1, "\n", 1) < 0)
    _exit (125);
  _exit (124);
}

static void
begin_case (const char *path)
{
  case_path = path;
  signal (SIGALRM, on_alarm);
  alarm ((unsigned) test_seconds (CASE_BOUND_S));
}

static void
end_case (void)
{
  alarm (0);
  signal (SIGALRM, SIG_DFL);
}

typedef struct
{
  char          *path;
  void         (*func) (void);
  void         (*data_func) (gconstpointer data);
  gconstpointer  data;
  const char    *not_on_valgrind; /* the reason, or NULL */
} Case;

static void
run_case (gconstpointer data)
{
  const Case *test = data;

  if (test->not_on_valgrind != NULL && test_on_valgrind ())
    {
      g_test_skip (test->not_on_valgrind);
      return;
    }
  begin_case (test->path);
  if (test->func != NULL)
    test->func ();
  else
    test->data_func (test->data);
  end_case ();
}

static void
free_case (gpointer data)
{
  Case *test = data;

  g_free (test->path);
  g_free (test);
}

static void
add_case (const char *path,
          Case        test)
{
  static GSList *kept;
  Case *copy;

  test.path = g_strdup (path);
  copy = g_memdup2 (&test, sizeof test);
  /* A case that is a process of its own runs just that, and GLib frees no other:
   * a leak checker shall not find them. */
  if (g_test_subprocess ())
    kept = g_slist_prepend (kept, copy);
  g_test_add_data_func_full (path, copy, run_case, free_case);
}

void
test_add (const char *path,
          void      (*func) (void))
{
  add_case (path, (Case) { .func = func });
}

void
test_add_data (const char    *path,
               gconstpointer  data,
               void         (*func) (gconstpointer data))
{
  add_case (path, (Case) { .data_func = func, .data = data });
}

void
test_add_native (const char *reason,
                 const char *path,
                 void      (*func) (void))
{
  add_case (path, (Case) { .func = func, .not_on_valgrind = reason });
}

void
test_add_data_native (const char    *reason,
                      const char    *path,
                      gconstpointer  data,
                      void         (*func) (gconstpointer data))
{
  add_case (path, (Case) { .data_func = func, .data = data, .not_on_valgrind = reason });
}

static void
no_core_dumps (void)
{
  const struct rlimit none = { 0, 0 };

  setrlimit (RLIMIT_CORE, &none);
}

static void G_GNUC_NORETURN
run_helper (const TestHelperDef *helpers,
            int                  argc,
            char               **argv)
{
  for (; helpers != NULL && helpers->name != NULL; helpers++)
    if (g_str_equal (helpers->name, argv[2]))
      {
        /* What hangs here must not outlive the test by much. */
        alarm ((unsigned) test_seconds (CASE_BOUND_S));
        exit (helpers->func (argc - 2, argv + 2));
      }
  g_error ("there is no helper %s", argv[2]);
}

/* What GLib and the library make once a process (wake-up descriptors, tables,
 * GLib's own threads) is there before anything is counted. */
static void
warm_up (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GTask) task = g_task_new (NULL, NULL, NULL, NULL);
  TestState before = test_state_get ();

  test_trace (tracer, "getppid", NULL);
  g_clear_object (&tracer);
  before.fds = test_count_fds ();
  test_state_await (&before);
}

static gpointer
first_thread (gpointer data)
{
  return data;
}

void
test_init (int                 *argc,
           char              ***argv,
           const TestHelperDef *helpers)
{
  own_program = g_file_read_link ("/proc/self/exe", NULL);
  g_assert_nonnull (own_program);
  no_core_dumps ();
  if (*argc > 2 && g_str_equal ((*argv)[1], "--helper"))
    run_helper (helpers, *argc, *argv);

  g_test_init (argc, argv, NULL);
  /* With the first thread ThreadSanitizer makes one of its own, which stays. */
  g_thread_join (g_thread_new ("first", first_thread, NULL));
  begin_case ("before the first case");
  warm_up ();
  end_case ();
}

const char *
test_own_program (void)
{
  return own_program;
}

/* ---- programs ---- */

static const char *
built_program (const char *variable,
               const char *name)
{
  const char *path = g_getenv (variable);
  g_autofree char *directory = NULL;
  g_autofree char *beside = NULL;

  if (path != NULL)
    return path[0] != '\0' ? path : NULL;
  directory = g_path_get_dirname (own_program);
  beside = g_build_filename (directory, name, NULL);
  if (!g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return NULL;
  g_setenv (variable, beside, TRUE);
  return g_getenv (variable);
}

const char *
test_program (void)
{
  const char *path = built_program ("PINK_TESTPROG", "testprog");

  if (path == NULL)
    g_error ("testprog is not beside this program: set PINK_TESTPROG");
  return path;
}

const char *
test_program32 (void)
{
  return built_program ("PINK_TESTPROG32", "testprog32");
}

gboolean
test_runs_int80 (void)
{
  return g_strcmp0 (g_getenv ("PINK_RUNS_INT80"), "0") != 0;
}

char *
test_directory (void)
{
  GError *error = NULL;
  g_autofree char *made = g_dir_make_tmp ("pinktrace-test-XXXXXX", &error);
  char *directory;

  g_assert_no_error (error);
  /* Without the links that may be in TMPDIR: what a tracee opens has none. */
  directory = realpath (made, NULL);
  g_assert_nonnull (directory);
  g_assert_cmpint (chmod (directory, 0755), ==, 0);
  return directory;
}

/* A link goes, and what it leads to stays: it may be anywhere. */
static void
remove_tree (GFile *file)
{
  g_autoptr (GFileEnumerator) children = NULL;
  GFile *child;

  if (g_file_query_file_type (file, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL) == G_FILE_TYPE_DIRECTORY)
    children = g_file_enumerate_children (file, G_FILE_ATTRIBUTE_STANDARD_NAME,
                                          G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL, NULL);
  while (children != NULL && g_file_enumerator_iterate (children, NULL, &child, NULL, NULL) && child != NULL)
    remove_tree (child);
  g_file_delete (file, NULL, NULL);
}

void
test_directory_remove (char *directory)
{
  g_autoptr (GFile) file = g_file_new_for_path (directory);

  remove_tree (file);
  free (directory);
}

char *
test_program_copy (const char *directory,
                   guint       mode)
{
  char *path = g_build_filename (directory, "testprog", NULL);
  g_autofree char *contents = NULL;
  GError *error = NULL;
  gsize length;

  g_file_get_contents (test_program (), &contents, &length, &error);
  g_assert_no_error (error);
  g_file_set_contents (path, contents, (gssize) length, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chmod (path, mode), ==, 0);
  return path;
}
