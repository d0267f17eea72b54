/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What openat2() with RESOLVE_IN_ROOT does, for where there is none (before
 * Linux 5.6; under valgrind): from name to name, in user space. A tracee that
 * renames directories meanwhile may lead it out of its root, which the kernel's
 * own walk would notice: only the name that is shown is wrong then.
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
  int   root;
  int   here;
  char *rest; /* of the path, from here on */
  guint n_links;
} Walk;

static gboolean
is_at_root (Walk *walk)
{
  struct stat root, here;

  return fstat (walk->root, &root) == 0 && fstat (walk->here, &here) == 0 &&
         root.st_dev == here.st_dev && root.st_ino == here.st_ino;
}

static int
open_name (int         directory,
           const char *name)
{
  return openat (directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
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

/* Takes over what fd is a link to, and has the rest of the path follow it. */
static gboolean
follow_link (Walk *walk,
             int   fd)
{
  char target[4096];
  gssize length = readlinkat (fd, "", target, sizeof target - 1);
  char *rest;

  close (fd);
  if (length < 0)
    return FALSE;
  if (length == 0 || ++walk->n_links > MAX_LINKS)
    {
      errno = length == 0 ? ENOENT : ELOOP;
      return FALSE;
    }
  target[length] = '\0';
  rest = g_strconcat (target, "/", walk->rest, NULL);
  g_free (walk->rest);
  walk->rest = rest;
  return target[0] != '/' || move_to (walk, open_name (walk->root, "."));
}

static gboolean
step (Walk       *walk,
      const char *name)
{
  struct stat st;
  int fd;

  if (g_str_equal (name, ".") || (g_str_equal (name, "..") && is_at_root (walk)))
    return TRUE;
  fd = open_name (walk->here, name);
  if (fd >= 0 && fstat (fd, &st) == 0 && S_ISLNK (st.st_mode))
    return follow_link (walk, fd);
  return move_to (walk, fd);
}

/* The next name of the path, or NULL; the slashes before and behind it are taken, too. */
static char *
take_name (Walk *walk)
{
  const char *begin = walk->rest + strspn (walk->rest, "/");
  gsize length = strcspn (begin, "/");
  char *name = length > 0 ? g_strndup (begin, length) : NULL;
  char *rest = g_strdup (begin + length);

  g_free (walk->rest);
  walk->rest = rest;
  return name;
}

int
_pink_path_walk (int         root,
                 const char *path)
{
  Walk walk = { .root = root, .here = open_name (root, "."), .rest = g_strdup (path) };
  gboolean good = walk.here >= 0;

  while (good)
    {
      g_autofree char *name = take_name (&walk);

      if (name == NULL)
        break;
      good = step (&walk, name);
    }
  /* Also what the path ends in has to be a directory. */
  good = good && move_to (&walk, openat (walk.here, ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
  g_free (walk.rest);
  if (!good && walk.here >= 0)
    {
      int error = errno;

      close (walk.here);
      errno = error;
    }
  return good ? walk.here : -1;
}
