/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A call in strace's form.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"

#include <string.h>

static void
put (PinkText   *text,
     const char *words)
{
  pink_text_append (text, words, strlen (words));
}

/* As a string of the caller's. */
static char *
finish (PinkText *text)
{
  char *result = g_strndup (text->data != NULL ? text->data : "", text->length);

  pink_text_clear (text);
  return result;
}

/* The name, the line's arguments, and the parenthesis; or without that, and only those
 * before the first that can be told at the exit alone. */
static void
append_call (PinkSyscallEvent *self,
             gboolean          only_known,
             PinkText         *text)
{
  const char *name = pink_syscall_event_get_name (self);
  const char *label;
  int index;

  put (text, name != NULL ? name : "?");
  put (text, "(");
  for (guint i = 0; (index = _pink_syscall_event_line_argument (self, i, &label)) >= 0; i++)
    {
      if (i > 0)
        put (text, ", ");
      if (only_known && _pink_syscall_event_argument_waits (self, (guint) index))
        break;
      if (label != NULL)
        {
          put (text, label);
          put (text, "=");
        }
      _pink_syscall_event_append_argument (self, (guint) index, text);
    }
  if (!only_known)
    put (text, ")");
}

/**
 * pink_syscall_event_get_argument_text:
 * @self: a system call
 * @index: which argument, from 0
 *
 * Gets one argument in strace's form: flags by name, strings quoted and escaped,
 * structures by their members. What it points to is read the first time it is asked for, while
 * the tracee is stopped; later the same text comes back. Where it cannot be
 * read, the text is the address.
 *
 * Returns: (transfer full): the text, in ASCII; empty where the call has no
 *   such argument
 *
 * Since: 1.0
 */
char *
pink_syscall_event_get_argument_text (PinkSyscallEvent *self,
                                      guint             index)
{
  PinkText text = { NULL, 0, 0 };

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  if (index < pink_syscall_event_get_n_arguments (self))
    _pink_syscall_event_append_argument (self, index, &text);
  return finish (&text);
}

/**
 * pink_syscall_event_get_begun_text:
 * @self: a system call
 *
 * Gets as much of the line of pink_syscall_event_get_call_text() as is known at the
 * call's entry and will be the same at its exit, up to the first argument that the
 * call writes: `read(3, `, or `close(3` where there is none. Who shows calls while
 * they wait begins the line with it.
 *
 * Returns: (transfer full): the text, in ASCII, without a parenthesis at its end
 *
 * Since: 1.0
 */
char *
pink_syscall_event_get_begun_text (PinkSyscallEvent *self)
{
  PinkText text = { NULL, 0, 0 };

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  append_call (self, TRUE, &text);
  /* What the call reads before it writes it is gone at the exit: a length, an offset. */
  for (guint i = 0; !self->has_result && i < pink_syscall_event_get_n_arguments (self); i++)
    if (_pink_syscall_event_argument_waits (self, i))
      _pink_syscall_event_decode_argument (self, i);
  return finish (&text);
}

/**
 * pink_syscall_event_get_call_text:
 * @self: a system call
 *
 * Gets the call in strace's form, without its result:
 * `openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC)`. At the entry, a buffer that the
 * call is to fill is shown as its address.
 *
 * Returns: (transfer full): the text, in ASCII
 *
 * Since: 1.0
 */
char *
pink_syscall_event_get_call_text (PinkSyscallEvent *self)
{
  PinkText text = { NULL, 0, 0 };

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  append_call (self, FALSE, &text);
  return finish (&text);
}

static void
append_error (PinkSyscallEvent *self,
              PinkText         *text)
{
  int code = (int) self->stop.exit.value;
  const char *name = self->stop.arch != NULL ? pink_arch_errno_name (self->stop.arch, code) : NULL;
  const char *words = self->stop.arch != NULL ? pink_arch_errno_text (self->stop.arch, code) : NULL;

  if (name == NULL)
    {
      pink_text_printf (text, "-1 (errno %d)", code);
      return;
    }
  /* 512 and above never reach the program: the call is made again, or EINTR comes of it. */
  put (text, code >= 512 ? "? " : "-1 ");
  put (text, name);
  put (text, " (");
  put (text, words);
  put (text, ")");
}

static void
append_result (PinkSyscallEvent *self,
               PinkText         *text)
{
  if (!self->has_result)
    put (text, "?");
  else if (self->stop.exit.is_error)
    append_error (self, text);
  else
    _pink_syscall_event_append_result (self, text);
}

/**
 * pink_syscall_event_get_result_text:
 * @self: a system call
 *
 * Gets the call's result in strace's form: `3`, `0x7f3c12000000`,
 * `-1 ENOENT (No such file or directory)`, or `?` before its exit.
 *
 * Returns: (transfer full): the text, in ASCII
 *
 * Since: 1.0
 */
char *
pink_syscall_event_get_result_text (PinkSyscallEvent *self)
{
  PinkText text = { NULL, 0, 0 };

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  append_result (self, &text);
  return finish (&text);
}

/**
 * pink_syscall_event_to_string:
 * @self: a system call
 *
 * Gets the call in strace's form: `openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3`;
 * before its exit without the result. Flags, enumerations and the usual structures
 * are in words; what the call writes, from its exit on.
 *
 * Strings are shown up to #PinkTracer:string-limit bytes, paths whole.
 *
 * Returns: (transfer full): the text, in ASCII
 *
 * Since: 1.0
 */
char *
pink_syscall_event_to_string (PinkSyscallEvent *self)
{
  PinkText text = { NULL, 0, 0 };

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  append_call (self, FALSE, &text);
  if (self->has_result)
    {
      put (&text, " = ");
      append_result (self, &text);
    }
  return finish (&text);
}
