/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whose directory "self" is, for a tracee, in any /proc that its path may come through:
 * ours, one that is mounted elsewhere, or one of a PID namespace of its own, in which
 * it has another number.
 *
 * Whoever mounts can put a pipe or a device in the place of a file of /proc's: nothing
 * is opened for reading before it is known to lie on the same mount.
 */
#include "pink-path-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PROC_ROOT_INODE 1
#define MAX_LEVELS      33 /* of PID namespaces in one another, the first included */

/* A task's numbers, from the namespace of the /proc that was asked to its own. */
typedef struct
{
  gint64 tgid[MAX_LEVELS], tid[MAX_LEVELS];
  guint  n;
} Numbers;

gboolean
_pink_path_is_proc (int fd)
{
  struct statfs fs;

  return fstatfs (fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

gboolean
_pink_path_is_proc_root (int fd)
{
  struct stat st;

  return _pink_path_is_proc (fd) && fstat (fd, &st) == 0 && st.st_ino == PROC_ROOT_INODE;
}

/* -1: not known */
static int
mount_of (int fd)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fdinfo/%d", fd);
  g_autofree char *info = NULL;
  const char *line;

  if (!g_file_get_contents (path, &info, NULL, NULL))
    return -1;
  line = strstr (info, "mnt_id:");
  return line != NULL ? atoi (line + strlen ("mnt_id:")) : -1;
}

gboolean
_pink_path_is_same_mount (int a,
                          int b)
{
  int mount = mount_of (a);

  return mount >= 0 && mount == mount_of (b);
}

static guint
numbers_of (const char *status,
            const char *key,
            gint64     *numbers)
{
  const char *line = strstr (status, key);
  guint n = 0;

  if (line == NULL)
    return 0;
  line += strlen (key);
  while (*line == '\t' && n < MAX_LEVELS)
    numbers[n++] = g_ascii_strtoll (line + 1, (char **) &line, 10);
  return n;
}

static gboolean
read_numbers (const char *file,
              Numbers    *numbers)
{
  g_autofree char *status = NULL;

  if (!g_file_get_contents (file, &status, NULL, NULL))
    return FALSE;
  numbers->n = numbers_of (status, "\nNSpid:", numbers->tid);
  return numbers->n > 0 && numbers_of (status, "\nNStgid:", numbers->tgid) == numbers->n;
}

/* Opens what lies there by itself, and was not mounted. */
static int
open_unmounted (int         proc,
                const char *path)
{
  int fd = openat (proc, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

  if (fd >= 0 && !_pink_path_is_same_mount (fd, proc))
    {
      close (fd);
      return -1;
    }
  return fd;
}

static char *
directory_of (const Numbers *numbers,
              guint          level,
              gboolean       thread)
{
  int tgid = (int) numbers->tgid[level];

  return thread ? g_strdup_printf ("%d/task/%d", tgid, (int) numbers->tid[level])
                : g_strdup_printf ("%d", tgid);
}

/* Whether the task of this directory has as many numbers as there are from that level on. */
static gboolean
has_numbers (int            proc,
             const char    *directory,
             const Numbers *numbers,
             guint          level)
{
  g_autofree char *path = g_build_filename (directory, "status", NULL);
  g_autofree char *opened = NULL;
  Numbers theirs = { .n = 0 };
  int fd = open_unmounted (proc, path);
  gboolean has;

  if (fd < 0)
    return FALSE;
  opened = g_strdup_printf ("/proc/self/fd/%d", fd);
  has = read_numbers (opened, &theirs) && theirs.n == numbers->n - level;
  close (fd);
  return has;
}

/* Whether the task of this directory lives in this PID namespace. */
static gboolean
has_namespace (int         proc,
               const char *directory,
               const char *namespace)
{
  g_autofree char *path = g_build_filename (directory, "ns", "pid", NULL);
  char theirs[64];
  int fd = open_unmounted (proc, path);
  gssize length;

  if (fd < 0)
    return FALSE;
  length = readlinkat (fd, "", theirs, sizeof theirs - 1);
  close (fd);
  theirs[MAX (length, 0)] = '\0';
  return length > 0 && g_str_equal (theirs, namespace);
}

static gboolean
is_our_proc (int proc)
{
  struct stat ours, theirs;

  return stat ("/proc", &ours) == 0 && fstat (proc, &theirs) == 0 && ours.st_dev == theirs.st_dev;
}

/* Which of the numbers a /proc goes by. If under one of them it has a task that lives in
 * the tracee's own namespace and, as seen there, is as many levels down as the tracee is
 * from that number's level, then its namespace is the one of that level: there is but one
 * so far above the tracee. Any other would have been a guess. */
static gboolean
find_level (int            proc,
            pid_t          pid,
            const Numbers *numbers,
            guint         *level)
{
  g_autofree char *link = g_strdup_printf ("/proc/%d/ns/pid", (int) pid);
  g_autofree char *namespace = NULL;

  *level = 0;
  if (is_our_proc (proc))
    return TRUE;
  namespace = g_file_read_link (link, NULL);
  for (; namespace != NULL && *level < numbers->n; ++*level)
    {
      g_autofree char *directory = directory_of (numbers, *level, TRUE);

      if (has_numbers (proc, directory, numbers, *level) &&
          has_namespace (proc, directory, namespace))
        return TRUE;
    }
  return FALSE;
}

int
_pink_path_open_self (int      proc,
                      pid_t    pid,
                      gboolean thread)
{
  g_autofree char *status = g_strdup_printf ("/proc/%d/status", (int) pid);
  g_autofree char *directory = NULL;
  Numbers numbers = { .n = 0 };
  guint level;
  int fd = -1;

  if (read_numbers (status, &numbers) && find_level (proc, pid, &numbers, &level))
    {
      directory = directory_of (&numbers, level, thread);
      fd = openat (proc, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
  /* Not ENOENT: a /proc may hide from us what it shows the tracee. */
  if (fd < 0)
    errno = ESRCH;
  return fd;
}
