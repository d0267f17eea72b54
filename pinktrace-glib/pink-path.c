/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-path-private.h"
#include "pink-text-private.h"

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

/* Opening with O_PATH walks the path and opens nothing. Most paths come by no link, and
 * then the kernel can walk them in one call. Where there is a link it may be the tracee's
 * alone; openat2() may not be there, or be forbidden by a container's filter; and ".."
 * may lead above where it begins: then we walk ourselves. */
static int
open_directory (const PinkPathView *view,
                int                 start,
                const char         *path,
                gboolean           *untold)
{
  struct open_how how = {
    .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
    .resolve = RESOLVE_NO_SYMLINKS | (start == view->root ? RESOLVE_IN_ROOT : RESOLVE_BENEATH),
  };
  int fd = (int) syscall (SYS_openat2, start, path, &how, sizeof how);

  *untold = FALSE;
  if (fd >= 0 || errno == ENOENT || errno == ENOTDIR)
    return fd;
  return _pink_path_walk (view, start, path, untold);
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
base_of (const char  *link,
         GError     **error)
{
  char *base = read_link (link);

  if (base == NULL)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                 "Cannot tell the directory that the path begins in (%s): %s",
                 link, g_strerror (errno));
  return base;
}

/* A directory that was not walked, behind the one it begins in: NULL is our root. */
static char *
join_base (const char *base,
           const char *directory)
{
  if (base == NULL || (directory[0] == '/' && g_str_equal (base, "/")))
    return g_strdup (directory);
  if (directory[0] == '/')
    return g_strconcat (base, directory, NULL);
  return g_str_equal (directory, ".") ? g_strdup (base) : join (base, directory);
}

/* What has to do with us, and says nothing of the path. */
static gboolean
is_ours (int error)
{
  return error == EMFILE || error == ENFILE || error == ENOMEM;
}

static char *
walk_from (const PinkPathView  *view,
           int                  start,
           const char          *directory,
           GError             **error)
{
  gboolean untold = FALSE;
  int fd = view->root >= 0 && start >= 0 ? open_directory (view, start, directory, &untold) : -1;
  char *walked = fd >= 0 ? path_of_fd (fd) : NULL;
  int reason = errno;

  if (fd >= 0)
    close (fd);
  if (walked == NULL && (untold || fd >= 0 || is_ours (reason)))
    {
      g_autofree char *text = _pink_text_escape (directory, strlen (directory));

      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                   "Cannot tell which directory %s is to process %d: %s",
                   text, (int) view->pid, g_strerror (reason));
    }
  return walked;
}

/* Walks a directory, from the tracee's root or from what link names. NULL without an
 * error: there is no such directory, or it may not be entered. */
static char *
walk (pid_t        pid,
      const char  *root_link,
      const char  *link,
      const char  *directory,
      GError     **error)
{
  PinkPathView view = { .pid = pid, .root = open (root_link, O_PATH | O_DIRECTORY | O_CLOEXEC) };
  char *walked;
  int start;

  if (view.root < 0) /* of a program that may not be looked into */
    view.root = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  start = link != NULL ? open (link, O_PATH | O_DIRECTORY | O_CLOEXEC) : view.root;
  walked = walk_from (&view, start, directory, error);
  if (link != NULL && start >= 0)
    close (start);
  if (view.root >= 0)
    close (view.root);
  return walked;
}

char *
_pink_path_resolve (pid_t        pid,
                    int          dirfd,
                    const char  *path,
                    GError     **error)
{
  g_autofree char *root_link = g_strdup_printf ("/proc/%d/root", (int) pid);
  g_autofree char *link = path[0] != '/' ? _pink_path_proc_link (pid, dirfd) : NULL;
  g_autofree char *base = NULL;
  g_autofree char *directory = NULL;
  g_autofree char *name = NULL;
  g_autofree char *walked = NULL;
  GError *untold = NULL;

  if (link != NULL)
    base = base_of (link, error);
  else
    base = read_link (root_link);
  if (link != NULL && base == NULL)
    return NULL;

  /* An empty path is the directory itself (AT_EMPTY_PATH), or an error of the call's. */
  if (path[0] == '\0')
    return g_steal_pointer (&base);

  name = split_last (path, &directory);
  walked = walk (pid, root_link, link, directory, &untold);
  if (untold != NULL)
    {
      g_propagate_error (error, untold);
      return NULL;
    }
  if (walked == NULL)
    walked = join_base (base, directory);
  return join (walked, name);
}
