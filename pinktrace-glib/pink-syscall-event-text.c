/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A call in strace's form, and as data.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"

/* The name, the line's arguments, and the parenthesis; or without that, and only those
 * before the first that can be told at the exit alone. */
static char *
call_text (PinkSyscallEvent *self,
           gboolean          only_known)
{
  const char *name = pink_syscall_event_get_name (self);
  GString *text = g_string_new (name != NULL ? name : "?");
  const char *label;
  int index;

  g_string_append_c (text, '(');
  for (guint i = 0; (index = _pink_syscall_event_line_argument (self, i, &label)) >= 0; i++)
    {
      if (i > 0)
        g_string_append (text, ", ");
      if (only_known && _pink_syscall_event_argument_waits (self, (guint) index))
        break;
      if (label != NULL)
        g_string_append_printf (text, "%s=", label);
      g_string_append (text, _pink_syscall_event_argument_text (self, (guint) index));
    }
  if (!only_known)
    g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
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
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  if (index >= pink_syscall_event_get_n_arguments (self))
    return g_strdup ("");
  return g_strdup (_pink_syscall_event_argument_text (self, index));
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
  char *text;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  text = call_text (self, TRUE);
  /* What the call reads before it writes it is gone at the exit: a length, an offset. */
  for (guint i = 0; !self->has_result && i < pink_syscall_event_get_n_arguments (self); i++)
    if (_pink_syscall_event_argument_waits (self, i))
      _pink_syscall_event_argument_text (self, i);
  return text;
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
  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  return call_text (self, FALSE);
}

static void
append_error (GString          *text,
              PinkSyscallEvent *self)
{
  int code = (int) self->stop.exit.value;
  const char *name = self->stop.arch != NULL ? pink_arch_errno_name (self->stop.arch, code) : NULL;
  const char *words = self->stop.arch != NULL ? pink_arch_errno_text (self->stop.arch, code) : NULL;

  /* 512 and above never reach the program: the call is made again, or EINTR comes of it. */
  if (name != NULL && code >= 512)
    g_string_append_printf (text, "? %s (%s)", name, words);
  else if (name != NULL)
    g_string_append_printf (text, "-1 %s (%s)", name, words);
  else
    g_string_append_printf (text, "-1 (errno %d)", code);
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
  GString *text;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  if (!self->has_result)
    return g_strdup ("?");

  text = g_string_new (NULL);
  if (self->stop.exit.is_error)
    append_error (text, self);
  else
    _pink_syscall_event_append_result (self, text);
  return g_string_free (text, FALSE);
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
  g_autofree char *call = NULL;
  g_autofree char *result = NULL;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  call = pink_syscall_event_get_call_text (self);
  if (!self->has_result)
    return g_steal_pointer (&call);
  result = pink_syscall_event_get_result_text (self);
  return g_strconcat (call, " = ", result, NULL);
}

/**
 * pink_syscall_event_to_variant:
 * @self: a system call
 *
 * Gets the call as data: a dictionary of type `a{sv}` with the keys `pid` (i),
 * `abi` (s), `name` (s), `number` (t), `arguments` (at: the values, as
 * pink_syscall_event_get_argument() gives them), `texts` (as: the same in
 * strace's form), `time` (x: microseconds since 1970) and, from the exit on,
 * `result` (x), `error` (i), `error-name` (s, where there is one), `duration`
 * (x: microseconds) and, where it was measured, `cpu-time` (x: microseconds).
 *
 * Returns: (transfer floating): the dictionary
 *
 * Since: 1.0
 */
GVariant *
pink_syscall_event_to_variant (PinkSyscallEvent *self)
{
  GVariantBuilder values = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("at"));
  GVariantBuilder texts = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("as"));
  GVariantDict dict = G_VARIANT_DICT_INIT (NULL);
  const char *name, *abi;
  guint n;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  n = pink_syscall_event_get_n_arguments (self);
  for (guint i = 0; i < n; i++)
    {
      g_variant_builder_add (&values, "t", pink_syscall_event_get_argument (self, i));
      g_variant_builder_add (&texts, "s", _pink_syscall_event_argument_text (self, i));
    }
  name = pink_syscall_event_get_name (self);
  abi = pink_abi_get_name (pink_syscall_event_get_abi (self));

  g_variant_dict_insert (&dict, "pid", "i", self->tracee != NULL ? pink_tracee_get_pid (self->tracee)
                                                                 : 0);
  g_variant_dict_insert (&dict, "abi", "s", abi != NULL ? abi : "unknown");
  g_variant_dict_insert (&dict, "name", "s", name != NULL ? name : "");
  g_variant_dict_insert (&dict, "number", "t", pink_syscall_event_get_number (self));
  g_variant_dict_insert_value (&dict, "arguments", g_variant_builder_end (&values));
  g_variant_dict_insert_value (&dict, "texts", g_variant_builder_end (&texts));
  g_variant_dict_insert (&dict, "time", "x", self->stop.real_us);
  if (self->has_result)
    {
      const char *error_name = pink_syscall_event_get_error_name (self);
      gint64 cpu_us = pink_syscall_event_get_cpu_time (self);

      g_variant_dict_insert (&dict, "result", "x", pink_syscall_event_get_return_value (self));
      g_variant_dict_insert (&dict, "error", "i", pink_syscall_event_get_error_code (self));
      if (error_name != NULL)
        g_variant_dict_insert (&dict, "error-name", "s", error_name);
      g_variant_dict_insert (&dict, "duration", "x", pink_syscall_event_get_duration (self));
      if (cpu_us >= 0)
        g_variant_dict_insert (&dict, "cpu-time", "x", cpu_us);
    }
  return g_variant_dict_end (&dict);
}
