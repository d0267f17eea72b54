/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Whether a call is about a path: the same as a rule's condition, asked by a handler.
 */
#include "pinktrace-glib.h"

#include "engine/pink-rules.h"
#include "pink-path-private.h"
#include "pink-syscall-event-private.h"
#include "pink-tracee-private.h"

#include <string.h>

/* NULL for a call whose tracee has gone on: by now the descriptor may be another one. */
static char *
link_of (PinkSyscallEvent *self,
         int               descriptor)
{
  g_autofree char *link = NULL;
  PinkMemory memory;

  if (!_pink_syscall_event_get_memory (self, &memory, NULL) || memory.pid == 0)
    return NULL;
  link = _pink_path_proc_link (memory.pid, descriptor);
  return g_file_read_link (link, NULL);
}

/* As the program has written it, made absolute; NULL where that cannot be told. */
static char *
written_path (PinkSyscallEvent *self,
              guint             index)
{
  g_autofree char *path = pink_syscall_event_read_string (self, index, NULL);
  g_autofree char *base = NULL;
  char *whole;

  if (path == NULL)
    return NULL;
  if (path[0] != '/' && (base = link_of (self, _pink_syscall_event_dirfd (self, index))) == NULL)
    return NULL;
  if (base != NULL)
    whole = g_strconcat (base, path[0] != '\0' ? "/" : "", path, NULL);
  else
    whole = g_steal_pointer (&path);
  pink_rule_path_clean (whole);
  return whole;
}

/**
 * pink_syscall_event_has_path:
 * @self: a system call
 * @pattern: (type filename): an absolute path, in which `*` stands for any bytes and
 *   `?` for any one
 *
 * Tells whether one of the call's arguments is a path that fits, or a descriptor of a
 * file whose path does: the same as pink_rule_match_path() asks. A path is taken as the
 * program has written it, made absolute, with `.` and `..` taken out; links are not
 * followed. Of a row of a log, and wherever else the tracee has gone on, only an absolute
 * path can be told: what a descriptor or the directory was is not known any more.
 *
 * Returns: %TRUE if so; %FALSE also where it cannot be told
 *
 * Since: 1.0
 */
gboolean
pink_syscall_event_has_path (PinkSyscallEvent *self,
                             const char       *pattern)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), FALSE);
  g_return_val_if_fail (pattern != NULL, FALSE);

  if (self->call == NULL)
    return FALSE;
  for (guint i = 0; i < self->call->n_args; i++)
    {
      g_autofree char *path = NULL;
      gint64 descriptor = pink_syscall_event_get_argument_signed (self, i);

      if (_pink_syscall_event_kind (self, i) == PINK_ARG_PATH)
        path = written_path (self, i);
      else if (_pink_syscall_event_kind (self, i) == PINK_ARG_FD && descriptor >= 0)
        path = link_of (self, (int) descriptor);
      if (path != NULL && pink_rule_path_matches (pattern, path))
        return TRUE;
    }
  return FALSE;
}
