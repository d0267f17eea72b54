/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-path-private.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *
read_link (const char *link)
{
  return g_file_read_link (link, NULL);
}

/* Opening with O_PATH walks the path and opens nothing. The tracee may live in
 * a root of its own: absolute links must then stay in there. Where openat2() is
 * not, or a container's filter forbids what it does not know, we walk ourselves. */
static int
open_directory (int         root,
                int         base,
                const char *path)
{
  struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };

  int fd;

  if (root < 0)
    return openat (base, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  fd = (int) syscall (SYS_openat2, root, path, &how, sizeof how);
  return fd < 0 && (errno == ENOSYS || errno == EPERM) ? _pink_path_walk (root, path) : fd;
}

static char *
path_of_fd (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);

  return read_link (link);
}

/* Where the path ends in a name of its own, that name stays: it may be a link
 * the call does not follow, or not exist yet. */
static char *
split_last (const char  *path,
            char       **directory)
{
  gsize length = strlen (path);
  const char *slash;

  while (length > 1 && path[length - 1] == '/')
    length--;
  slash = g_strrstr_len (path, (gssize) length, "/");
  if (slash == NULL)
    *directory = g_strdup (".");
  else
    *directory = g_strndup (path, MAX (slash - path, 1));

  slash = slash != NULL ? slash + 1 : path;
  length -= (gsize) (slash - path);
  if (length == 0 || (length == 1 && slash[0] == '.') || (length == 2 && strncmp (slash, "..", 2) == 0))
    {
      g_free (*directory);
      *directory = g_strdup (path);
      return NULL;
    }
  return g_strndup (slash, length);
}

static char *
join (const char *directory,
      const char *name)
{
  if (name == NULL)
    return g_strdup (directory);
  return g_strconcat (directory, g_str_has_suffix (directory, "/") ? "" : "/", name, NULL);
}

char *
_pink_path_proc_link (pid_t pid,
                      int   descriptor)
{
  return descriptor == PINK_PATH_CWD ? g_strdup_printf ("/proc/%d/cwd", (int) pid)
                                     : g_strdup_printf ("/proc/%d/fd/%d", (int) pid, descriptor);
}

static char *
base_of (pid_t    pid,
         int      dirfd,
         GError **error)
{
  g_autofree char *link = _pink_path_proc_link (pid, dirfd);
  char *base = read_link (link);

  if (base == NULL)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                 "Cannot tell the directory that the path begins in (%s): %s",
                 link, g_strerror (errno));
  return base;
}

char *
_pink_path_resolve (pid_t        pid,
                    int          dirfd,
                    const char  *path,
                    GError     **error)
{
  g_autofree char *root_link = g_strdup_printf ("/proc/%d/root", (int) pid);
  g_autofree char *root = read_link (root_link);
  g_autofree char *base = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *name = NULL;
  g_autofree char *walked = NULL;
  g_autofree char *joined = NULL;
  gboolean own_root = root != NULL && !g_str_equal (root, "/");
  int root_fd = -1, fd;

  if (path[0] != '/')
    {
      base = base_of (pid, dirfd, error);
      if (base == NULL)
        return NULL;
    }
  else if (own_root)
    base = g_strdup (root);

  /* An empty path is the directory itself (AT_EMPTY_PATH), or an error of the call's. */
  if (path[0] == '\0')
    return g_steal_pointer (&base);

  name = split_last (path, &directory);
  if (path[0] != '/')
    joined = g_str_equal (directory, ".") ? g_strdup (base) : join (base, directory);
  else
    joined = base != NULL ? g_strconcat (base, directory, NULL) : g_strdup (directory);

  if (own_root)
    root_fd = open (root_link, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root_fd >= 0 && g_str_has_prefix (joined, root) && strchr ("/", joined[strlen (root)]) != NULL)
    fd = open_directory (root_fd, -1, joined + strlen (root));
  else
    fd = open_directory (-1, AT_FDCWD, joined);
  if (root_fd >= 0)
    close (root_fd);
  if (fd >= 0)
    {
      walked = path_of_fd (fd);
      close (fd);
    }
  return join (walked != NULL ? walked : joined, name);
}
