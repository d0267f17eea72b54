/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From name to name through a path of a tracee's, in user space. The kernel would walk
 * it faster, and as ourselves: what /proc/self means, and all that hangs on it (/dev/fd,
 * /dev/stdin, /proc/mounts), it takes from whoever asks. It also has no openat2() before
 * Linux 5.6, nor under valgrind, and without that no root but ours.
 *
 * A tracee that renames directories meanwhile may lead this out of its root, which the
 * kernel's own walk would notice: only the name that is shown is wrong then.
 */
#include "pink-path-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINKS 40 /* as in the kernel */

typedef struct
{
  const PinkPathView *view;
  int                 here;
  char               *path;
  const char         *rest; /* of path, from here on */
  guint               n_links;
  gboolean            through_proc;
} Walk;

/* The same directory, and by the same mount: one that is mounted a second time
 * somewhere below has something above it there. */
static gboolean
is_at_root (Walk *walk)
{
  struct stat root, here;

  return fstat (walk->view->root, &root) == 0 && fstat (walk->here, &here) == 0 &&
         root.st_dev == here.st_dev && root.st_ino == here.st_ino &&
         _pink_path_is_same_mount (walk->view->root, walk->here);
}

static gboolean
move_to (Walk *walk,
         int   fd)
{
  if (fd < 0)
    return FALSE;
  close (walk->here);
  walk->here = fd;
  return TRUE;
}

/* The rest of the path is what the link says, and what came behind it. */
static gboolean
follow_words (Walk *walk,
              int   link)
{
  char target[4096];
  gssize length = readlinkat (link, "", target, sizeof target - 1);
  char *path;

  if (length == 0)
    errno = ENOENT;
  if (length <= 0)
    return FALSE;
  target[length] = '\0';
  path = g_strconcat (target, "/", walk->rest, NULL);
  g_free (walk->path);
  walk->rest = walk->path = path;
  return target[0] != '/' || move_to (walk, fcntl (walk->view->root, F_DUPFD_CLOEXEC, 0));
}

/* What such a link says is not where it leads: "self" says who reads it, and those of a
 * process (cwd, root, fd/5) lead to the thing itself, whatever it is called by now. */
static gboolean
follow_in_proc (Walk       *walk,
                const char *name,
                int         link)
{
  walk->through_proc = TRUE;
  /* One that was mounted upon another is nothing that we could tell by its name. */
  if (!_pink_path_is_same_mount (walk->here, link))
    {
      errno = ESRCH;
      return FALSE;
    }
  if (!_pink_path_is_proc_root (walk->here))
    return move_to (walk, openat (walk->here, name, O_PATH | O_CLOEXEC));
  if (g_str_equal (name, "self"))
    return move_to (walk, _pink_path_open_self (walk->here, walk->view->pid, FALSE));
  if (g_str_equal (name, "thread-self"))
    return move_to (walk, _pink_path_open_self (walk->here, walk->view->pid, TRUE));
  return follow_words (walk, link);
}

static gboolean
follow_link (Walk       *walk,
             const char *name,
             int         link)
{
  gboolean good = FALSE;
  int error;

  if (++walk->n_links > MAX_LINKS)
    errno = ELOOP;
  else if (_pink_path_is_proc (link))
    good = follow_in_proc (walk, name, link);
  else
    good = follow_words (walk, link);
  error = errno;
  close (link);
  errno = error;
  return good;
}

static gboolean
step (Walk       *walk,
      const char *name)
{
  struct stat st;
  int fd;

  if (g_str_equal (name, ".") || (g_str_equal (name, "..") && is_at_root (walk)))
    return TRUE;
  fd = openat (walk->here, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0 && fstat (fd, &st) == 0 && S_ISLNK (st.st_mode))
    return follow_link (walk, name, fd);
  return move_to (walk, fd);
}

/* The next name of the path, or NULL; the slashes before it are taken, too. */
static char *
take_name (Walk *walk)
{
  const char *begin = walk->rest + strspn (walk->rest, "/");
  gsize length = strcspn (begin, "/");

  walk->rest = begin + length;
  return length > 0 ? g_strndup (begin, length) : NULL;
}

/* Also what the path ends in has to be a directory. */
static gboolean
ends_in_directory (Walk *walk)
{
  struct stat st;

  if (fstat (walk->here, &st) != 0)
    return FALSE;
  errno = ENOTDIR;
  return S_ISDIR (st.st_mode);
}

/* In a /proc the tracee may be allowed more than we are, of itself to begin with. What it
 * will not be spared either is told: the call fails, wherever the path leads. */
static gboolean
is_untold (Walk *walk,
           int   error)
{
  if (error == ENOENT || error == ENOTDIR || error == ELOOP || error == ENAMETOOLONG)
    return FALSE;
  return walk->through_proc || _pink_path_is_proc (walk->here);
}

int
_pink_path_walk (const PinkPathView *view,
                 int                 start,
                 const char         *path,
                 gboolean           *untold)
{
  Walk walk = { .view = view, .here = fcntl (start, F_DUPFD_CLOEXEC, 0), .path = g_strdup (path) };
  gboolean good = walk.here >= 0;
  int error;

  walk.rest = walk.path;
  while (good)
    {
      g_autofree char *name = take_name (&walk);

      if (name == NULL)
        break;
      good = step (&walk, name);
    }
  good = good && ends_in_directory (&walk);
  error = errno;
  *untold = !good && walk.here >= 0 && is_untold (&walk, error);
  g_free (walk.path);
  if (!good && walk.here >= 0)
    close (walk.here);
  errno = error;
  return good ? walk.here : -1;
}
