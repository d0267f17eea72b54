/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A call as data.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-variant-private.h"

static void
add_text (PinkSyscallEvent *self,
          guint             index,
          GVariantBuilder  *texts)
{
  PinkText text = { NULL, 0, 0 };

  _pink_syscall_event_append_argument (self, index, &text);
  g_variant_builder_add (texts, "s", text.data != NULL ? text.data : "");
  pink_text_clear (&text);
}

static GVariant *
argument_details (PinkSyscallEvent *self,
                  guint             index)
{
  PinkTape tape = _pink_syscall_event_argument_tape (self, index);
  GVariantDict node;
  const char *name = self->call != NULL ? self->call->args[index].name : NULL;

  _pink_variant_begin (&node, &tape, self->stop.arch);
  if (tape.length == 0)
    g_variant_dict_insert (&node, "number", "t", pink_syscall_event_get_argument (self, index));
  g_variant_dict_insert (&node, "argument", "s", name != NULL ? name : "");
  return g_variant_dict_end (&node);
}

static void
insert_result_details (PinkSyscallEvent *self,
                       GVariantDict     *dict)
{
  PinkTape tape = { 0 };
  PinkTape aux = { 0 };
  GVariantDict node;

  _pink_syscall_event_decode_result (self, &tape, &aux);
  if (tape.length > 0)
    {
      _pink_variant_begin (&node, &tape, self->stop.arch);
      g_variant_dict_insert_value (dict, "result-details", g_variant_dict_end (&node));
    }
  if (aux.length > 0)
    g_variant_dict_insert_value (dict, "result-extra", _pink_variant_members (&aux, self->stop.arch));
  pink_tape_clear (&tape);
  pink_tape_clear (&aux);
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
 * `details` (aa{sv}) has the arguments in data, a dictionary each, with its name as
 * `argument` (s), and one of these, which tells its kind:
 *
 * - `number` (x, or t where it has no sign); for some with `words` (s), as it would be
 *   written in a program: `makedev(0x1, 0x3)`
 * - `enum` (x or t) and, where it is known, `name` (s)
 * - `flags` (t), `names` (as; a number among them as `21<<MAP_HUGE_SHIFT`), and `rest` (t),
 *   the bits that have no name
 * - `string` (s: bytes that are not UTF-8 as `\\xff`, a backslash as `\\\\`), `bytes` (ay)
 *   and `truncated` (b), %TRUE where there is more than #PinkTracer:string-limit
 * - `address` (t), of something that is not, or cannot be, read; 0: `NULL`
 * - `descriptor` (x), with `refers-to` (s) where #PinkTextFlags ask for it, and `name`
 *   (s) for `AT_FDCWD`
 * - `struct` (a{sv}): its members, each such a dictionary
 * - `array` (aa{sv}): its elements; where it is sparse, with `index` (t)
 * - `set` (as): names, as of signals, or numbers as text; with `numbers` (ax), and
 *   `inverted` (b): all but these
 *
 * Where `more` (b) is %TRUE there is more than is shown: %PINK_TEXT_VERBOSE shows
 * it, if it can be read. `comment` (s) is what a line says beside it; `after` (a{sv}) is what it is after the
 * call, where both are shown.
 *
 * Of the result the same is `result-details` (a{sv}), from the exit on, where the call
 * has succeeded; `result-extra` (a{sv}) is a structure of what was found out with it,
 * as the descriptors that poll() returned for.
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
  GVariantBuilder details = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));
  GVariantDict dict = G_VARIANT_DICT_INIT (NULL);
  const char *name, *abi;
  guint n;

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);

  n = pink_syscall_event_get_n_arguments (self);
  for (guint i = 0; i < n; i++)
    {
      g_variant_builder_add (&values, "t", pink_syscall_event_get_argument (self, i));
      add_text (self, i, &texts);
      g_variant_builder_add_value (&details, argument_details (self, i));
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
  g_variant_dict_insert_value (&dict, "details", g_variant_builder_end (&details));
  g_variant_dict_insert (&dict, "time", "x", self->stop.real_us);
  if (self->has_result)
    {
      const char *error_name = pink_syscall_event_get_error_name (self);
      gint64 cpu_us = pink_syscall_event_get_cpu_time (self);

      g_variant_dict_insert (&dict, "result", "x", pink_syscall_event_get_return_value (self));
      g_variant_dict_insert (&dict, "error", "i", pink_syscall_event_get_error_code (self));
      if (error_name != NULL)
        g_variant_dict_insert (&dict, "error-name", "s", error_name);
      if (!self->stop.exit.is_error)
        insert_result_details (self, &dict);
      g_variant_dict_insert (&dict, "duration", "x", pink_syscall_event_get_duration (self));
      if (cpu_us >= 0)
        g_variant_dict_insert (&dict, "cpu-time", "x", cpu_us);
    }
  return g_variant_dict_end (&dict);
}
