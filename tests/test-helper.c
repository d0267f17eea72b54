/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What suites have in common: a program of its own beside the test.
 */
#include "pink-test-util.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct _TestHelper
{
  int      pid;
  int      in;  /* its standard input */
  int      out; /* its standard output */
  GString *heard;
};

static TestHelper *
start_helper (const char *name,
              va_list     args)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  TestHelper *helper = g_new0 (TestHelper, 1);
  int to[2], from[2];
  const char *arg;

  g_ptr_array_add (argv, (gpointer) test_own_program ());
  g_ptr_array_add (argv, (gpointer) "--helper");
  g_ptr_array_add (argv, (gpointer) name);
  while ((arg = va_arg (args, const char *)) != NULL)
    g_ptr_array_add (argv, (gpointer) arg);
  g_ptr_array_add (argv, NULL);

  g_assert_cmpint (pipe2 (to, O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (from, O_CLOEXEC), ==, 0);
  helper->pid = fork ();
  g_assert_cmpint (helper->pid, >=, 0);
  if (helper->pid == 0)
    {
      dup2 (to[0], 0);
      dup2 (from[1], 1);
      execv (test_own_program (), (char **) argv->pdata);
      _exit (127);
    }
  close (to[0]);
  close (from[1]);
  helper->in = to[1];
  helper->out = from[0];
  helper->heard = g_string_new (NULL);
  return helper;
}

TestHelper *
test_helper_start (const char *name,
                   ...)
{
  TestHelper *helper;
  va_list args;

  va_start (args, name);
  helper = start_helper (name, args);
  va_end (args);
  return helper;
}

int
test_helper_pid (TestHelper *helper)
{
  return helper->pid;
}

void
test_helper_send (TestHelper *helper,
                  const char *line)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);

  g_assert_cmpint (write (helper->in, text, strlen (text)), ==, (gssize) strlen (text));
}

static char *
take_line (GString  *heard,
           gboolean  at_end)
{
  const char *end = strchr (heard->str, '\n');
  char *line;

  if (end == NULL && (!at_end || heard->len == 0))
    return NULL;
  line = end != NULL ? g_strndup (heard->str, (gsize) (end - heard->str)) : g_strdup (heard->str);
  g_string_erase (heard, 0, end != NULL ? end - heard->str + 1 : (gssize) heard->len);
  return line;
}

char *
test_helper_read_line (TestHelper *helper)
{
  gint64 until = test_deadline (2 * TEST_BOUND_S);
  char *line;

  while ((line = take_line (helper->heard, FALSE)) == NULL)
    {
      struct pollfd poll_fd = { .fd = helper->out, .events = POLLIN };
      gint64 left = (until - g_get_monotonic_time ()) / 1000;
      char chunk[512];
      gssize n;

      if (poll (&poll_fd, 1, (int) MAX (left, 0)) == 0)
        {
          kill (helper->pid, SIGKILL);
          g_error ("waited too long: a line of the helper's");
        }
      n = read (helper->out, chunk, sizeof chunk);
      if (n <= 0)
        return take_line (helper->heard, TRUE);
      g_string_append_len (helper->heard, chunk, n);
    }
  return line;
}

void
test_helper_expect (TestHelper *helper,
                    const char *line)
{
  g_autofree char *heard = test_helper_read_line (helper);

  g_assert_cmpstr (heard, ==, line);
}

int
test_helper_wait (TestHelper *helper)
{
  int status;

  close (helper->in);
  if (!test_process_await_end (helper->pid, 2 * TEST_BOUND_S))
    {
      kill (helper->pid, SIGKILL);
      g_error ("waited too long: the helper to end");
    }
  g_assert_cmpint (waitpid (helper->pid, &status, 0), ==, helper->pid);
  close (helper->out);
  g_string_free (helper->heard, TRUE);
  g_free (helper);
  return status;
}

void
test_helper_succeed (TestHelper *helper)
{
  char *line;

  while ((line = test_helper_read_line (helper)) != NULL)
    {
      g_test_message ("%s", line);
      g_free (line);
    }
  g_assert_cmpint (test_helper_wait (helper), ==, 0);
}

void
test_helper_run (const char *name,
                 ...)
{
  TestHelper *helper;
  va_list args;

  va_start (args, name);
  helper = start_helper (name, args);
  va_end (args);
  test_helper_succeed (helper);
}

void
test_helper_say (const char *format,
                 ...)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  line = g_strconcat (text, "\n", NULL);
  g_assert_cmpint (write (1, line, strlen (line)), ==, (gssize) strlen (line));
}

char *
test_helper_hear (void)
{
  GString *line = g_string_new (NULL);
  char byte;
  gssize n;

  while ((n = read (0, &byte, 1)) == 1 && byte != '\n')
    g_string_append_c (line, byte);
  return g_string_free (line, n != 1 && line->len == 0);
}

void
test_become_nobody (void)
{
  if (geteuid () != 0)
    return;
  g_assert_cmpint (setgroups (0, NULL), ==, 0);
  g_assert_cmpint (setresgid (TEST_NOBODY, TEST_NOBODY, TEST_NOBODY), ==, 0);
  g_assert_cmpint (setresuid (TEST_NOBODY, TEST_NOBODY, TEST_NOBODY), ==, 0);
}

void
test_refuse_call (int number,
                  int error)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (unsigned) number, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned) error),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (code), code };

  g_assert_cmpint (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), ==, 0);
  g_assert_cmpint (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), ==, 0);
}
