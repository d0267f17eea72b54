/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A call in strace's form, and as data.
 */
#include "pinktrace-glib.h"

#include "pink-path-private.h"
#include "pink-syscall-event-private.h"
#include "pink-text-private.h"

#include <string.h>

static void
append_pointer (GString *text,
                guint64  address)
{
  if (address == 0)
    g_string_append (text, "NULL");
  else
    g_string_append_printf (text, "0x%" G_GINT64_MODIFIER "x", address);
}

static void
append_hex (GString *text,
            guint64  value)
{
  g_string_append_printf (text, value == 0 ? "0" : "0x%" G_GINT64_MODIFIER "x", value);
}

/* FALSE, with nothing appended, where the memory cannot be read. */
static gboolean
append_string (GString          *text,
               const PinkMemory *memory,
               guint64           address,
               gsize             limit)
{
  gboolean truncated;
  gsize length;
  g_autofree char *string = NULL;

  /* One more than is shown tells whether there is more. */
  string = _pink_memory_read_string (memory, address, limit + 1, &length, &truncated, NULL);
  if (string == NULL)
    return FALSE;
  _pink_text_append_quoted (text, string, MIN (length, limit));
  if (length > limit)
    g_string_append (text, "...");
  return TRUE;
}

static gboolean
append_buffer (GString          *text,
               const PinkMemory *memory,
               guint64           address,
               guint64           length,
               gsize             limit)
{
  gsize want = (gsize) MIN (length, (guint64) limit);
  g_autofree char *buffer = g_malloc (want + 1);
  gsize have = 0;

  while (have < want)
    {
      gssize n = _pink_memory_read (memory, address + have, buffer + have, want - have, NULL);

      if (n < 0)
        return FALSE;
      have += (gsize) n;
    }
  _pink_text_append_quoted (text, buffer, want);
  if (length > limit)
    g_string_append (text, "...");
  return TRUE;
}

/* strace shows argv whole, but of an environment only how much there is of it. */
static gboolean
append_environment (GString          *text,
                    const PinkMemory *memory,
                    guint64           address)
{
  gboolean truncated;
  g_autoptr (GArray) pointers =
    _pink_memory_read_pointers (memory, address, PINK_MAX_STRINGS, &truncated, NULL);

  if (pointers == NULL)
    return FALSE;
  append_pointer (text, address);
  g_string_append_printf (text, " /* %u var%s%s */", pointers->len, pointers->len == 1 ? "" : "s",
                          truncated ? " and more" : "");
  return TRUE;
}

static gboolean
append_string_array (GString          *text,
                     const PinkMemory *memory,
                     guint64           address,
                     gsize             limit)
{
  gsize end = text->len + PINK_MAX_ARRAY;
  gboolean truncated;
  g_autoptr (GArray) pointers =
    _pink_memory_read_pointers (memory, address, limit + 1, &truncated, NULL);

  if (pointers == NULL)
    return FALSE;
  /* One more than is shown tells whether there is more. */
  g_array_set_size (pointers, (guint) MIN (pointers->len, limit));
  g_string_append_c (text, '[');
  for (guint i = 0; i < pointers->len; i++)
    {
      guint64 pointer = g_array_index (pointers, guint64, i);

      if (i > 0)
        g_string_append (text, ", ");
      if (text->len > end)
        {
          truncated = TRUE;
          break;
        }
      if (!append_string (text, memory, pointer, limit))
        append_pointer (text, pointer);
    }
  if (truncated)
    g_string_append (text, pointers->len == 0 || g_str_has_suffix (text->str, ", ") ? "..." : ", ...");
  g_string_append_c (text, ']');
  return TRUE;
}

static guint64
length_argument (PinkSyscallEvent *self,
                 guint             index)
{
  int aux = self->call->args[index].aux;

  return aux >= 0 ? pink_syscall_event_get_argument (self, (guint) aux) : 0;
}

/* Only once the call has filled it: up to as many bytes as it says, and never
 * more than there was room for, whatever it says. */
static gboolean
append_out_buffer (GString          *text,
                   PinkSyscallEvent *self,
                   const PinkMemory *memory,
                   guint             index,
                   guint64           address)
{
  guint64 room = length_argument (self, index);
  gint64 result = pink_syscall_event_get_return_value (self);

  if (!self->has_result || self->stop.exit.is_error || result < 0)
    return FALSE;
  /* A path, and as such whole; what it returns counts the byte that ends it. */
  if (g_str_equal (self->call->name, "getcwd"))
    return append_string (text, memory, address, PINK_MAX_PATH - 1);
  return append_buffer (text, memory, address, MIN ((guint64) result, room), self->string_limit);
}

/* What the argument points to; FALSE where that is not to be had. */
static gboolean
append_pointed_to (GString          *text,
                   PinkSyscallEvent *self,
                   guint             index,
                   guint64           address)
{
  PinkMemory memory;

  if (address == 0 || !_pink_syscall_event_get_memory (self, &memory, NULL))
    return FALSE;
  switch (_pink_syscall_event_kind (self, index))
    {
    case PINK_ARG_PATH:
      return append_string (text, &memory, address, PINK_MAX_PATH - 1);
    case PINK_ARG_STRING:
      return append_string (text, &memory, address, self->string_limit);
    case PINK_ARG_BUFFER:
      return append_buffer (text, &memory, address, length_argument (self, index),
                            self->string_limit);
    case PINK_ARG_OUT_BUFFER:
      return append_out_buffer (text, self, &memory, index, address);
    case PINK_ARG_STRING_ARRAY:
      if (g_str_equal (self->call->args[index].name, "envp"))
        return append_environment (text, &memory, address);
      return append_string_array (text, &memory, address, self->string_limit);
    default:
      return FALSE;
    }
}

static void
append_signal (GString          *text,
               PinkSyscallEvent *self,
               int               number)
{
  const char *name = pink_arch_signal_name (self->stop.arch, number);

  if (name != NULL)
    g_string_append (text, name);
  else
    g_string_append_printf (text, "%d", number);
}

static void
append_argument (GString          *text,
                 PinkSyscallEvent *self,
                 guint             index)
{
  guint64 bits = pink_syscall_event_get_argument (self, index);
  gint64 value = pink_syscall_event_get_argument_signed (self, index);

  switch (_pink_syscall_event_kind (self, index))
    {
    case PINK_ARG_NONE:
      break;
    case PINK_ARG_INT:
    case PINK_ARG_LONG:
    case PINK_ARG_LLONG:
    case PINK_ARG_FD:
    case PINK_ARG_PID:
      g_string_append_printf (text, "%" G_GINT64_FORMAT, value);
      break;
    case PINK_ARG_UINT:
    case PINK_ARG_ULONG:
    case PINK_ARG_ULLONG:
      g_string_append_printf (text, "%" G_GUINT64_FORMAT, (guint64) value);
      break;
    case PINK_ARG_HEX:
    case PINK_ARG_HEX32:
      append_hex (text, (guint64) value);
      break;
    case PINK_ARG_OCT:
      g_string_append_printf (text, "%#03o", (guint) value);
      break;
    case PINK_ARG_DIRFD:
      if (value == PINK_PATH_CWD)
        g_string_append (text, "AT_FDCWD");
      else
        g_string_append_printf (text, "%" G_GINT64_FORMAT, value);
      break;
    case PINK_ARG_UID:
      g_string_append_printf (text, (guint32) value == G_MAXUINT32 ? "-1" : "%u", (guint32) value);
      break;
    case PINK_ARG_SIGNAL:
      append_signal (text, self, (int) value);
      break;
    case PINK_ARG_POINTER:
      append_pointer (text, bits);
      break;
    case PINK_ARG_PATH:
    case PINK_ARG_STRING:
    case PINK_ARG_BUFFER:
    case PINK_ARG_OUT_BUFFER:
    case PINK_ARG_STRING_ARRAY:
      if (!append_pointed_to (text, self, index, bits))
        append_pointer (text, bits);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* What the program gave is shown as it was when it gave it: kept from the first
 * look, which may be at the entry, when the exit comes. */
static const char *
argument_text (PinkSyscallEvent *self,
               guint             index)
{
  if (self->argument_texts[index] == NULL)
    {
      GString *text = g_string_new (NULL);

      append_argument (text, self, index);
      self->argument_texts[index] = g_string_free (text, FALSE);
    }
  return self->argument_texts[index];
}

/* The mode of open() is there only where a file is to be made. */
static guint
n_shown (PinkSyscallEvent *self)
{
  guint n = pink_syscall_event_get_n_arguments (self);

  if (self->call != NULL && n >= 3 && self->call->args[n - 1].kind == PINK_ARG_OCT &&
      (g_str_equal (self->call->name, "open") || g_str_equal (self->call->name, "openat")) &&
      !pink_arch_open_takes_mode (self->stop.arch, pink_syscall_event_get_argument (self, n - 2)))
    n--;
  return n;
}

/**
 * pink_syscall_event_get_argument_text:
 * @self: a system call
 * @index: which argument, from 0
 *
 * Gets one argument in strace's form: strings quoted and escaped, pointers in
 * hexadecimal. What it points to is read the first time it is asked for, while
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
  return g_strdup (argument_text (self, index));
}

/**
 * pink_syscall_event_get_call_text:
 * @self: a system call
 *
 * Gets the call in strace's form, without its result:
 * `openat(AT_FDCWD, "/etc/passwd", 0x80000)`. At the entry, a buffer that the
 * call is to fill is shown as its address.
 *
 * Returns: (transfer full): the text, in ASCII
 *
 * Since: 1.0
 */
char *
pink_syscall_event_get_call_text (PinkSyscallEvent *self)
{
  GString *text;
  const char *name;
  guint n;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  name = pink_syscall_event_get_name (self);
  text = g_string_new (name != NULL ? name : "?");
  n = n_shown (self);
  g_string_append_c (text, '(');
  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (text, ", ");
      g_string_append (text, argument_text (self, i));
    }
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
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
  gint64 value;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  if (!self->has_result)
    return g_strdup ("?");

  text = g_string_new (NULL);
  value = self->stop.exit.value;
  if (self->stop.exit.is_error)
    append_error (text, self);
  else
    switch (self->call != NULL ? self->call->result : PINK_ARG_LONG)
      {
      case PINK_ARG_NONE:
        g_string_append_c (text, '?');
        break;
      case PINK_ARG_POINTER:
      case PINK_ARG_HEX:
      case PINK_ARG_HEX32:
        if (self->stop.arch != NULL && pink_arch_word_size (self->stop.arch) == 4)
          value = (guint32) value;
        append_hex (text, (guint64) value);
        break;
      case PINK_ARG_OCT:
        g_string_append_printf (text, "%#03o", (guint) value);
        break;
      default:
        g_string_append_printf (text, "%" G_GINT64_FORMAT, value);
      }
  return g_string_free (text, FALSE);
}

/**
 * pink_syscall_event_to_string:
 * @self: a system call
 *
 * Gets the call in strace's form: `openat(AT_FDCWD, "/etc/passwd", 0x80000) = 3`;
 * before its exit without the result. Flags and structures are numbers and
 * addresses in this version.
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
      g_variant_builder_add (&texts, "s", argument_text (self, i));
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
