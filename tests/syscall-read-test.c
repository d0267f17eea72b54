/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a call's pointers point to: strings, bytes, and the files that paths mean.
 */
#include "marked-call.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

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
  g_autoptr (PinkSyscallEvent) event = marked_call ("open:/etc/no such file", check_string, check_string, NULL);
}

static void
test_too_late (void)
{
  g_autoptr (PinkSyscallEvent) event = marked_call ("open:/etc/passwd", NULL, NULL, NULL);

  EXPECT_ERROR (PINK_TRACER_ERROR_GONE, pink_syscall_event_read_string, event, 1);
  EXPECT_ERROR (PINK_TRACER_ERROR_GONE, pink_syscall_event_read_path, event, 1);
  EXPECT_ERROR (PINK_TRACER_ERROR_GONE, pink_syscall_event_read_bytes, event, 1, 4);
  EXPECT_ERROR (PINK_TRACER_ERROR_GONE, pink_syscall_event_read_string_array, event, 1);
}

typedef struct
{
  PinkSyscallEvent *event;
  gboolean          refused;
} Former;

static void
keep_event (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  g_set_object (&((Former *) data)->event, event);
}

/* The event of another call, which is over, while the tracee stands at a new one. */
static void
check_former (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          data)
{
  Former *former = data;

  if (former->event == NULL)
    return;
  g_assert_cmpint (pink_syscall_event_get_state (former->event), ==, PINK_SYSCALL_FINISHED);
  EXPECT_ERROR (PINK_TRACER_ERROR_WRONG_STATE, pink_syscall_event_read_string, former->event, 1);
  EXPECT_ERROR (PINK_TRACER_ERROR_WRONG_STATE, pink_syscall_event_read_path, former->event, 1);
  former->refused = TRUE;
}

static void
test_former_call (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Former former = { 0 };

  g_signal_connect (tracer, "syscall-exit::openat", G_CALLBACK (keep_event), &former);
  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (check_former), &former);
  g_assert_cmpint (test_trace (tracer, "open:/etc/passwd", "getppid", NULL), ==, 0);
  g_assert_true (former.refused);
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
  g_autoptr (PinkSyscallEvent) event = marked_call ("write-many:-1:30000", check_bytes, check_bytes, NULL);
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
  g_autoptr (PinkSyscallEvent) event = marked_call ("write-many:-1:30000", check_many_bytes, NULL, NULL);
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
  g_autoptr (PinkSyscallEvent) event = marked_call (step, check_errors, check_errors, NULL);
  g_autofree char *text = pink_syscall_event_to_string (event);

  g_assert_cmpstr (text, ==, "openat(0, 0x10, O_RDONLY) = -1 EFAULT (Bad address)");
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

/* In these, %D is a directory with a/b/file, link → a/b, an empty mnt, and here → / of it. */
typedef struct
{
  const char *path;
  const char *before;
  const char *step;
  const char *wanted;
} PathCase;

static const PathCase path_cases[] = {
  { "/syscall-read/path/absolute", NULL, "open:/etc/passwd", "/etc/passwd" },
  { "/syscall-read/path/relative", "chdir:%D/a", "open:b/file", "%D/a/b/file" },
  { "/syscall-read/path/bare", "chdir:%D/a/b", "open:file", "%D/a/b/file" },
  { "/syscall-read/path/dot", "chdir:%D/a/b", "open:./file", "%D/a/b/file" },
  { "/syscall-read/path/dots", NULL, "open:%D/a/../a/./b//file", "%D/a/b/file" },
  { "/syscall-read/path/dots-at-the-end", NULL, "open:%D/a/b/..", "%D/a" },
  { "/syscall-read/path/slash-at-the-end", NULL, "open:%D/a/b/", "%D/a/b" },
  { "/syscall-read/path/root", NULL, "open:/", "/" },
  { "/syscall-read/path/above-the-root", NULL, "open:/../../etc/passwd", "/etc/passwd" },
  { "/syscall-read/path/link-on-the-way", NULL, "open:%D/link/file", "%D/a/b/file" },
  { "/syscall-read/path/dots-behind-a-link", NULL, "open:%D/link/../b/file", "%D/a/b/file" },
  { "/syscall-read/path/link-at-the-end", NULL, "open:%D/link", "%D/link" },
  { "/syscall-read/path/missing", NULL, "open:%D/a/missing", "%D/a/missing" },
  { "/syscall-read/path/missing-on-the-way", NULL, "open:%D/missing/../file", "%D/missing/../file" },
  { "/syscall-read/path/file-on-the-way", NULL, "open:%D/a/b/file/x", "%D/a/b/file/x" },
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
  g_autofree char *loop = g_build_filename (directory, "loop", NULL);
  g_autofree char *mnt = g_build_filename (directory, "mnt", NULL);

  g_assert_cmpint (g_mkdir_with_parents (b, 0755), ==, 0);
  g_assert_cmpint (g_mkdir (mnt, 0755), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", 1, NULL));
  g_assert_cmpint (symlink ("a/b", link), ==, 0);
  g_assert_cmpint (symlink ("/a", absolute), ==, 0);
  g_assert_cmpint (symlink ("loop", loop), ==, 0);
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
    marked_call_after (tracer, before, step, check_path, check_path, &check);

  test_directory_remove (directory);
}

/* By the last call of this name, whatever comes before it in the same step. */
typedef struct
{
  const char *name;
  const char *begin; /* of the raw string, in argument 1 */
  MarkedCheck check;
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
  g_autoptr (PinkSyscallEvent) first = marked_call (absolute, check_path, check_path, &check);
  g_autoptr (PinkSyscallEvent) second = marked_call (relative, check_path, check_path, &error_check);
}

/* In a root of its own: as the tracee walks, told as we see it. */
static gboolean
look_in_a_root (void)
{
  static const char * const ways[][2] = {
    { "open:/a/b/file", "%D/a/b/file" },
    { "open:/../../../a/b/file", "%D/a/b/file" },
    { "open:/absolute/b/file", "%D/a/b/file" },
    { "open:a/b/file", "%D/a/b/file" },
    { "open:../a/b/../b/file", "%D/a/b/file" },
    { "open:/link/../b/file", "%D/a/b/file" },
    { "open:/loop/file", "%D/loop/file" },
    { "open:/missing/../file", "%D/missing/../file" },
    { "open:/a/b/file/x", "%D/a/b/file/x" },
  };
  gboolean possible = TRUE;
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
          possible = FALSE;
          break;
        }
      g_assert_cmpuint (named.n, ==, 1);
    }
  test_directory_remove (directory);
  return possible;
}

static void
test_path_in_a_root (void)
{
  if (!look_in_a_root ())
    g_test_skip ("chroot() needs root or user namespaces");
}

/* Before Linux 5.6, or under a container's filter, there is no openat2(). */
static int
look_without_openat2 (int    argc,
                      char **argv)
{
  int error = atoi (argv[1]);

  test_refuse_call (SYS_openat2, error);
  g_assert_cmpint (syscall (SYS_openat2, -1, "", NULL, 0), ==, -1);
  g_assert_cmpint (errno, ==, error);
  look_in_a_root ();
  return 0;
}

static void
test_path_without_openat2 (void)
{
  static const int errors[] = { ENOSYS, EPERM };

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    {
      g_autofree char *error = g_strdup_printf ("%d", errors[i]);

      test_helper_run ("without-openat2", error, NULL);
    }
}

/* ---- paths through /proc, where "self" is whoever asks ---- */

/* As above; and %P is the tracee's number, %T that of the thread that makes the call. */
typedef struct
{
  const char *path;
  const char *steps[6]; /* the last one opens what is looked for */
  const char *wanted;   /* NULL: an error */
  gboolean    mounts;
} SelfCase;

static const SelfCase self_cases[] = {
  { "/syscall-read/self/cwd", { "chdir:%D/a", "open:/proc/self/cwd/b/file" }, "%D/a/b/file" },
  { "/syscall-read/self/thread-cwd",
    { "chdir:%D/a", "open:/proc/thread-self/cwd/b/file" }, "%D/a/b/file" },
  { "/syscall-read/self/by-number",
    { "chdir:%D/a", "open:/proc/self/../self/cwd/b/file" }, "%D/a/b/file" },
  { "/syscall-read/self/dots-behind",
    { "chdir:%D/a", "open:/proc/self/cwd/../link/file" }, "%D/a/b/file" },
  { "/syscall-read/self/relative", { "chdir:/proc", "open:self/root/etc/passwd" }, "/etc/passwd" },
  { "/syscall-read/self/from-itself",
    { "chdir:/proc/self", "open:root/etc/passwd" }, "/etc/passwd" },
  { "/syscall-read/self/root", { "open:/proc/self/root/etc/passwd" }, "/etc/passwd" },
  { "/syscall-read/self/root-dots", { "open:/proc/self/root/../../etc/passwd" }, "/etc/passwd" },
  { "/syscall-read/self/descriptor",
    { "fd-at:9:%D/a", "open:/proc/self/fd/9/b/file" }, "%D/a/b/file" },
  { "/syscall-read/self/dev-fd", { "fd-at:9:%D/a", "open:/dev/fd/9/b/file" }, "%D/a/b/file" },
  { "/syscall-read/self/stdin", { "fd-at:0:%D/a", "open:/dev/stdin/b/file" }, "%D/a/b/file" },
  { "/syscall-read/self/of-root",
    { "fd-at:9:/", "open:/proc/self/fd/9/etc/passwd" }, "/etc/passwd" },
  { "/syscall-read/self/renamed",
    { "fd-at:9:%D/a", "raw:%R:-100:@%D/a:-100:@%D/z:0", "open:/dev/fd/9/b/file" }, "%D/z/b/file" },
  /* The last name is a link like any other there. */
  { "/syscall-read/self/last", { "fd-at:9:%D/a", "open:/proc/self/fd/9" }, "/proc/%P/fd/9" },
  { "/syscall-read/self/last-dev-fd", { "fd-at:9:%D/a", "open:/dev/fd/9" }, "/proc/%P/fd/9" },
  { "/syscall-read/self/last-dots", { "fd-at:9:%D/a/b", "open:/proc/self/fd/9/.." }, "%D/a" },
  { "/syscall-read/self/not-open", { "open:/proc/self/fd/9/file" }, "/proc/self/fd/9/file" },
  { "/syscall-read/self/no-directory",
    { "fd-at:9:/dev/null", "open:/proc/self/fd/9/x" }, "/proc/self/fd/9/x" },
  { "/syscall-read/self/file", { "open:/proc/self/status" }, "/proc/%P/status" },
  { "/syscall-read/self/thread-file",
    { "open:/proc/thread-self/status" }, "/proc/%P/task/%T/status" },
  { "/syscall-read/self/net", { "open:/proc/net/dev" }, "/proc/%P/net/dev" },
  { "/syscall-read/self/by-a-link",
    { "chdir:%D/a", "raw:%S:@/proc/self/cwd:-100:@%D/trap", "open:%D/trap/b/file" }, "%D/a/b/file" },
  { "/syscall-read/self/by-links",
    { "chdir:%D", "raw:%S:@/proc/thread-self:-100:@%D/me", "raw:%S:@me/cwd/a:-100:@%D/trap",
      "open:%D/trap/b/file" }, "%D/a/b/file" },
  { "/syscall-read/self/loop",
    { "chdir:%D", "open:/proc/self/cwd/loop/file" }, "/proc/self/cwd/loop/file" },
  { "/syscall-read/self/other-thread",
    { "chdir:%D/a", "own-thread:%D/a/b:open:/proc/self/cwd/b/file" }, "%D/a/b/file" },
  { "/syscall-read/self/other-thread-own",
    { "chdir:%D", "own-thread:%D/a:open:/proc/thread-self/cwd/b/file" }, "%D/a/b/file" },
  { "/syscall-read/self/other-thread-last",
    { "own-thread:/:open:/proc/self/comm" }, "/proc/%P/comm" },
  { "/syscall-read/self/other-thread-own-last",
    { "own-thread:/:open:/proc/thread-self/comm" }, "/proc/%P/task/%T/comm" },
  { "/syscall-read/self/bound",
    { "bind:/proc:%D/mnt", "chdir:%D/a", "open:%D/mnt/self/cwd/b/file" }, "%D/a/b/file", TRUE },
  { "/syscall-read/self/bound-last",
    { "bind:/proc:%D/mnt", "open:%D/mnt/self/status" }, "%D/mnt/%P/status", TRUE },
  { "/syscall-read/self/in-a-root",
    { "bind:/proc:%D/mnt", "chroot:%D", "chdir:/a",
      "open:/mnt/self/root/a/../mnt/self/cwd/b/file" }, "%D/a/b/file", TRUE },
  { "/syscall-read/self/within",
    { "proc-within:%D/mnt", "chdir:%D/a", "open:%D/mnt/self/cwd/b/file" }, "%D/a/b/file", TRUE },
  { "/syscall-read/self/within-last",
    { "proc-within:%D/mnt", "open:%D/mnt/thread-self/status" }, "%D/mnt/1/task/1/status", TRUE },
  { "/syscall-read/self/within-ours",
    { "proc-within:%D/mnt", "open:/proc/self/status" }, "/proc/%T/status", TRUE },
  { "/syscall-read/self/between",
    { "proc-within:%D/mnt", "proc-within:%D/a", "open:%D/mnt/self/status" }, "%D/mnt/2/status", TRUE },
  { "/syscall-read/self/innermost",
    { "proc-within:%D/mnt", "proc-within:%D/a", "open:%D/a/self/status" }, "%D/a/1/status", TRUE },
  { "/syscall-read/self/of-others",
    { "proc-of-others:%D/mnt", "open:%D/mnt/self/cwd/file" }, NULL, TRUE },
  { "/syscall-read/self/mounted-over",
    { "proc-within:%D/mnt", "raw:%M:-100:@%D/pipe:010644:0", "bind:%D/pipe:%D/mnt/1/task/1/status",
      "open:%D/mnt/self/cwd/file" }, NULL, TRUE },
  { "/syscall-read/path/bound-above-itself",
    { "bind:/:%D/mnt", "open:%D/mnt/../link/file" }, "%D/a/b/file", TRUE },
};

static char *
replaced (const char *text,
          const char *mark,
          gint64      number)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT, number);
  g_auto (GStrv) parts = g_strsplit (text, mark, -1);

  return g_strjoinv (digits, parts);
}

static char *
step_of (const char *text,
         const char *directory)
{
  g_autofree char *rename_done = replaced (text, "%R", SYS_renameat2);
  g_autofree char *symlink_done = replaced (rename_done, "%S", SYS_symlinkat);
  g_autofree char *done = replaced (symlink_done, "%M", SYS_mknodat);

  return in_directory (done, directory);
}

static char *
numbered (const char *text,
          PinkTracee *tracee)
{
  g_autofree char *half = NULL;

  if (text == NULL)
    return NULL;
  half = replaced (text, "%P", pink_tracee_get_tgid (tracee));
  return replaced (half, "%T", pink_tracee_get_pid (tracee));
}

static void
check_self (PinkSyscallEvent *event,
            gpointer          data)
{
  g_autofree char *wanted = numbered (data, pink_syscall_event_get_tracee (event));
  PathCheck check = { .wanted = wanted, .index = 1 };
  guint n_fds = test_count_fds ();

  check_path (event, &check);
  g_assert_cmpuint (test_count_fds (), ==, n_fds);
}

/* What the kernel has opened is what it was said to be, but where the last name was a link. */
static void
check_opened (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          data)
{
  Named *named = data;
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  g_autofree char *string = pink_syscall_event_read_string (event, 1, NULL);
  g_autofree char *wanted = numbered (named->data, tracee);
  gint64 fd = pink_syscall_event_get_return_value (event);
  g_autofree char *opened = NULL;

  if (g_strcmp0 (string, named->begin) != 0 || fd < 0)
    return;
  g_assert_nonnull (wanted);
  opened = pink_tracee_read_descriptor (tracee, (int) fd, NULL);
  if (!g_str_has_suffix (wanted, "/fd/9"))
    g_assert_cmpstr (opened, ==, wanted);
}

static void
test_self (gconstpointer data)
{
  const SelfCase *test = data;
  char *directory = directory_with_files ();
  g_autofree char *wanted = in_directory (test->wanted, directory);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  Named named = { .name = "openat", .check = check_self, .data = wanted };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkTracee) leader = NULL;

  g_ptr_array_add (argv, g_strdup (test_program ()));
  for (guint i = 0; test->steps[i] != NULL; i++)
    {
      char *step = step_of (test->steps[i], directory);
      const char *open = strstr (step, "open:");

      named.begin = open != NULL ? open + strlen ("open:") : NULL;
      g_ptr_array_add (argv, step);
    }
  g_ptr_array_add (argv, NULL);
  g_signal_connect (tracer, "syscall-enter::openat", G_CALLBACK (look_at_named), &named);
  g_signal_connect (tracer, "syscall-exit::openat", G_CALLBACK (check_opened), &named);
  leader = g_object_ref (test_spawnv (tracer, (const char * const *) argv->pdata));
  test_run (tracer);
  if (test->mounts && pink_tracee_get_exit_code (leader) == 111)
    g_test_skip ("mounts of its own need root or user namespaces");
  else
    g_assert_cmpuint (named.n, ==, 1);
  test_directory_remove (directory);
}

static int
look_at_self_without_openat2 (int    argc,
                              char **argv)
{
  test_refuse_call (SYS_openat2, atoi (argv[1]));
  for (guint i = 0; i < G_N_ELEMENTS (self_cases); i++)
    if (!self_cases[i].mounts)
      test_self (&self_cases[i]);
  return 0;
}

static void
test_self_without_openat2 (void)
{
  g_autofree char *error = g_strdup_printf ("%d", ENOSYS);

  test_helper_run ("self-without-openat2", error, NULL);
}

/* A program that may not be looked into, by an ordinary user: what its own /proc would
 * lead to is not told, by whichever name. */
static void
test_self_unreadable (void)
{
  static const char * const ways[] = {
    "/proc/self/cwd/passwd", "/proc/thread-self/fd/0/x", "/proc/self/fd/../cwd/passwd",
  };

  if (getuid () == 0)
    {
      g_test_skip ("root may look into every program");
      return;
    }
  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *step = g_strconcat ("open:", ways[i], NULL);
      PathCheck check = { .wanted = NULL, .index = 1 };
      Named named = { .name = "openat", .begin = ways[i], .check = check_path, .data = &check };

      check_named (&named, "dumpable:0", step);
    }
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
  g_autoptr (PinkSyscallEvent) event = marked_call ("open-hex:2fff5c6ec3bc", check_odd_path, check_odd_path, NULL);
}

#ifdef __x86_64__

static void
test_i386_path (void)
{
  PathCheck check = { .wanted = "/etc/no such file", .index = 1 };
  g_autoptr (PinkSyscallEvent) event = marked_call32 ("open:/etc/no such file", check_path, check_path, &check);
  g_autofree char *text = NULL;

  if (event == NULL)
    return;
  g_assert_cmpuint (pink_syscall_event_get_number (event), ==, 295);
  g_assert_cmpint (pink_syscall_event_get_argument_signed (event, 0), ==, AT_FDCWD);
  g_assert_cmpint (pink_syscall_event_get_return_value (event), ==, -1);
  g_assert_cmpint (pink_syscall_event_get_error_code (event), ==, ENOENT);
}

#endif

static const TestHelperDef helpers[] = {
  { "without-openat2", look_without_openat2 },
  { "self-without-openat2", look_at_self_without_openat2 },
  { NULL },
};

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, helpers);

  test_add ("/syscall-read/read-string", test_read_string);
  test_add ("/syscall-read/too-late", test_too_late);
  test_add ("/syscall-read/former-call", test_former_call);
  test_add ("/syscall-read/read-bytes", test_read_bytes);
  test_add ("/syscall-read/read-many-bytes", test_read_many_bytes);
  test_add ("/syscall-read/unreadable", test_unreadable);
  test_add ("/syscall-read/string-across", test_string_across);
  test_add ("/syscall-read/unterminated-string", test_unterminated_string);
  for (guint i = 0; i < G_N_ELEMENTS (path_cases); i++)
    test_add_data (path_cases[i].path, &path_cases[i], test_path);
  test_add ("/syscall-read/path/of-a-directory", test_path_of_directory);
  test_add ("/syscall-read/path/of-a-bad-directory", test_path_of_bad_directory);
  test_add ("/syscall-read/path/in-a-root", test_path_in_a_root);
  test_add ("/syscall-read/path/without-openat2", test_path_without_openat2);
  for (guint i = 0; i < G_N_ELEMENTS (self_cases); i++)
    test_add_data (self_cases[i].path, &self_cases[i], test_self);
  test_add ("/syscall-read/self/without-openat2", test_self_without_openat2);
  test_add ("/syscall-read/self/unreadable", test_self_unreadable);
  test_add ("/syscall-read/odd-bytes", test_odd_bytes);
#ifdef __x86_64__
  test_add ("/syscall-read/abi/i386-path", test_i386_path);
#endif
  return g_test_run ();
}
