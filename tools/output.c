/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define BUFFER_SIZE (64 * 1024)
#define FLUSH_DELAY_MS 200

/* A terminal or a pipe gets every piece at once: it may show the tracee's own
 * output as well, and the order tells what belongs together. A write for every
 * line is dear, though; a file (or /dev/null) gets a full buffer at a time, or what
 * there is when somebody who follows it has waited for FLUSH_DELAY_MS. */
struct _Output
{
  FILE    *file;
  char    *name;
  guint    flush_id; /* a timer runs if there is something in the buffer of a file */
  gboolean is_command;
  gboolean immediate;
  gboolean failed;
};

static gboolean
has_no_reader (FILE *file)
{
  struct stat st;

  return fstat (fileno (file), &st) == 0 &&
         (S_ISREG (st.st_mode) || (S_ISCHR (st.st_mode) && st.st_rdev == makedev (1, 3)));
}

Output *
output_new (const char  *target,
            GError     **error)
{
  g_autofree Output *self = g_new0 (Output, 1);

  if (target == NULL)
    self->file = stderr;
  else if (target[0] == '|' || target[0] == '!')
    {
      self->is_command = TRUE;
      self->file = popen (target + 1, "we");
    }
  else
    self->file = fopen (target, "we");

  if (self->file == NULL)
    {
      int saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
                   "cannot write to '%s': %s", target, g_strerror (saved));
      return NULL;
    }
  self->name = g_strdup (target != NULL ? target : "standard error");
  self->immediate = target == NULL || !has_no_reader (self->file);
  setvbuf (self->file, NULL, _IOFBF, BUFFER_SIZE);
  return g_steal_pointer (&self);
}

gboolean
output_is_immediate (Output *self)
{
  return self->immediate;
}

/* The program is not to suffer from a full disk: said once, then silence. */
static void
check (Output  *self,
       gboolean ok)
{
  if (ok || self->failed)
    return;
  self->failed = TRUE;
  if (self->file != stderr)
    g_printerr ("pinktrace: cannot write to '%s': %s\n", self->name, g_strerror (errno));
}

void
output_write (Output     *self,
              const char *text,
              gssize      length)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;

  if (!self->failed)
    check (self, fwrite (text, 1, size, self->file) == size);
}

static gboolean
flush_cb (gpointer data)
{
  Output *self = data;

  self->flush_id = 0;
  check (self, fflush (self->file) == 0);
  return G_SOURCE_REMOVE;
}

void
output_flush (Output *self)
{
  if (self->failed)
    return;
  if (self->immediate)
    check (self, fflush (self->file) == 0);
  else if (self->flush_id == 0)
    self->flush_id = g_timeout_add (FLUSH_DELAY_MS, flush_cb, self);
}

void
output_close (Output *self)
{
  if (self->flush_id != 0)
    g_source_remove (self->flush_id);
  if (!self->failed)
    check (self, fflush (self->file) == 0);
  /* The command may have something to say yet: its reader waits for us. */
  if (self->is_command)
    pclose (self->file);
  else if (self->file != stderr)
    check (self, fclose (self->file) == 0);
  g_free (self->name);
  g_free (self);
}
