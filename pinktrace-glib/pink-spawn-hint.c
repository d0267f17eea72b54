/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Why a program cannot be run. The kernel says it by a number that has many causes, of
 * which only some have to do with the file that was named: they are looked for here, with
 * the rights of the caller.
 */
#include "pinktrace-glib.h"

#include "pink-spawn-private.h"
#include "pink-text-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MAX_FIRST_LINE 255 /* the kernel reads 256 bytes of a file, BINPRM_BUF_SIZE */
#define REFUSED_TO_USER "that user may not execute it, or not enter a directory on the way to it"

/* The program looks from the directory that it starts in, and we from ours. */
static char *
seen_from_here (const PinkLaunch *launch,
                const char       *path)
{
  if (launch->directory == NULL || g_path_is_absolute (path))
    return g_strdup (path);
  return g_build_filename (launch->directory, path, NULL);
}

/* For a directory: whether it may be entered. */
static gboolean
may_execute (const char *path)
{
  return faccessat (AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

static char *
with_name (const char *before,
           const char *name,
           const char *after)
{
  g_autofree char *shown = _pink_text_escape_string (name);

  return g_strconcat (before, " \"", shown, "\"", after, NULL);
}

/* The first on the way that may not be entered. */
static char *
closed_directory (const char *path)
{
  for (const char *slash = strchr (path + 1, '/'); slash != NULL; slash = strchr (slash + 1, '/'))
    {
      g_autofree char *directory = g_strndup (path, (gsize) (slash - path));

      if (!may_execute (directory))
        return errno == EACCES ? g_steal_pointer (&directory) : NULL;
    }
  return NULL;
}

/* What a script's first line names; NULL where there is none, or we cannot tell. */
static char *
interpreter_of (const char *path)
{
  char line[MAX_FIRST_LINE + 1];
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gssize n = fd >= 0 ? read (fd, line, MAX_FIRST_LINE) : -1;
  const char *name;

  if (fd >= 0)
    close (fd);
  if (n < 2 || line[0] != '#' || line[1] != '!')
    return NULL;
  line[n] = '\0';
  name = line + 2 + strspn (line + 2, " \t");
  return g_strndup (name, strcspn (name, " \t\n"));
}

/* ---- permission denied ---- */

/* The file itself may be executed: it is what the file needs. */
static char *
who_else_is_refused (const PinkLaunch *launch,
                     const char       *path)
{
  g_autofree char *interpreter = interpreter_of (path);
  g_autofree char *there = interpreter != NULL ? seen_from_here (launch, interpreter) : NULL;

  if (there != NULL && (!may_execute (there) || !g_file_test (there, G_FILE_TEST_IS_REGULAR)))
    return with_name ("its interpreter", interpreter, " may not be executed");
  if (launch->as_user)
    return g_strdup (REFUSED_TO_USER);
  return g_strdup ("the file itself may be executed, but not the interpreter that it needs, or a "
                   "security module forbids it");
}

static char *
why_refused (const PinkLaunch *launch,
             const char       *path)
{
  g_autofree char *closed = closed_directory (path);
  struct statvfs system;
  struct stat st;

  if (closed != NULL)
    return with_name ("the directory", closed, " may not be entered");
  /* The other user has not even come to where we see that there is nothing. */
  if (stat (path, &st) != 0)
    return g_strdup (launch->as_user ? REFUSED_TO_USER
                     : "it is a link that leads through a directory that may not be entered");
  if (S_ISDIR (st.st_mode))
    return g_strdup ("it is a directory");
  if (!S_ISREG (st.st_mode))
    return g_strdup ("it is no regular file");
  if (may_execute (path))
    return who_else_is_refused (launch, path);
  if (statvfs (path, &system) == 0 && (system.f_flag & ST_NOEXEC) != 0)
    return g_strdup ("it lies in a file system that is mounted noexec");
  if ((st.st_mode & 0111) == 0)
    return g_strdup ("it has no permission to be executed; chmod +x gives it");
  return g_strdup_printf ("it has no permission to be executed by this user: its mode is %04o, its "
                          "owner user number %u", (guint) st.st_mode & 07777, (guint) st.st_uid);
}

/* ---- not found ---- */

static char *
why_not_found (const PinkLaunch *launch,
               const char       *path)
{
  g_autofree char *interpreter = NULL;
  g_autofree char *there = NULL;
  struct stat st;

  if (stat (path, &st) != 0)
    {
      if (lstat (path, &st) == 0)
        return g_strdup ("it is a link to something that is not there");
      if (launch->directory != NULL && !g_path_is_absolute (launch->path))
        return g_strdup ("the path is looked up in the directory it starts in");
      return NULL;
    }
  interpreter = interpreter_of (path);
  there = interpreter != NULL ? seen_from_here (launch, interpreter) : NULL;
  if (there == NULL || g_file_test (there, G_FILE_TEST_EXISTS))
    return g_strdup ("the file is there, but not the interpreter it names");
  if (g_str_has_suffix (interpreter, "\r"))
    return g_strdup ("the file is there, but its first line, which names its interpreter, ends in a "
                     "carriage return");
  return with_name ("the file is there, but not its interpreter", interpreter, "");
}

char *
_pink_spawn_hint (const PinkLaunch *launch,
                  int               errsv)
{
  g_autofree char *path = seen_from_here (launch, launch->path);
  g_autofree char *cause = errsv == EACCES ? why_refused (launch, path)
                           : errsv == ENOENT ? why_not_found (launch, path)
                           : errsv == ENOEXEC ? g_strdup ("a script begins with #! and its interpreter")
                                              : NULL;

  return cause != NULL ? g_strdup_printf (" (%s)", cause) : g_strdup ("");
}
