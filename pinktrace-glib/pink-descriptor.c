/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pink-descriptor-private.h"

#include "pink-path-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DELETED " (deleted)"

static void
append_device (PinkText   *text,
               const char *link)
{
  struct statx st;

  /* What is known of it: whoever serves its file system may be a tracee that waits for us. */
  if (statx (AT_FDCWD, link, AT_STATX_DONT_SYNC, STATX_TYPE, &st) != 0 ||
      (!S_ISCHR (st.stx_mode) && !S_ISBLK (st.stx_mode)))
    return;
  pink_text_printf (text, "<%s %u:%u>", S_ISCHR (st.stx_mode) ? "char" : "block", st.stx_rdev_major,
                    st.stx_rdev_minor);
}

gboolean
_pink_descriptor_describe (pid_t                pid,
                           int                  descriptor,
                           gboolean             details,
                           const PinkTextStyle *style,
                           PinkText            *text)
{
  char link[64];
  char target[4096];
  gssize length;
  gsize end;
  gboolean deleted = FALSE;
  guint64 inode;

  if (descriptor == PINK_PATH_CWD)
    g_snprintf (link, sizeof link, "/proc/%d/cwd", (int) pid);
  else
    g_snprintf (link, sizeof link, "/proc/%d/fd/%d", (int) pid, descriptor);
  length = readlink (link, target, sizeof target - 1);
  if (length <= 0)
    return FALSE;
  target[length] = '\0';
  end = (gsize) length;

  pink_text_append (text, "<", 1);
  if (details && _pink_descriptor_is_socket (target, &inode))
    _pink_descriptor_socket (pid, link, inode, style, text);
  else
    {
      if (target[0] == '/' && g_str_has_suffix (target, DELETED))
        {
          deleted = TRUE;
          end -= strlen (DELETED);
        }
      pink_text_quote (text, target, end, PINK_STRING_BARE | PINK_STRING_ANGLED, style);
      if (details && target[0] == '/')
        append_device (text, link);
    }
  pink_text_append (text, ">", 1);
  if (deleted)
    pink_text_append (text, "(deleted)", 9);
  return TRUE;
}
