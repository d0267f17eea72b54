/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How the texts of system calls are written.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-log-private.h"
#include "pink-tracer-private.h"

/**
 * pink_tracer_get_string_limit:
 * @self: a tracer
 *
 * Gets how many bytes of a string the texts of a system call show.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
guint
pink_tracer_get_string_limit (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), 0);

  return _pink_tracer_get_private (self)->string_limit;
}

/**
 * pink_tracer_set_string_limit:
 * @self: a tracer
 * @limit: bytes, up to 65536
 *
 * Sets how many bytes of a string the texts of a system call show, for programs
 * that are spawned afterwards.
 *
 * Since: 1.0
 */
void
pink_tracer_set_string_limit (PinkTracer *self,
                              guint       limit)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));
  g_return_if_fail (limit <= 65536);

  priv = _pink_tracer_get_private (self);
  if (priv->string_limit == limit)
    return;
  priv->string_limit = limit;
  if (priv->observe_only)
    _pink_tracer_set_recording (self);
  g_object_notify (G_OBJECT (self), "string-limit");
}

/**
 * pink_tracer_get_text_flags:
 * @self: a tracer
 *
 * Gets how the texts of a system call are written.
 *
 * Returns: flags
 *
 * Since: 1.0
 */
PinkTextFlags
pink_tracer_get_text_flags (PinkTracer *self)
{
  g_return_val_if_fail (PINK_IS_TRACER (self), PINK_TEXT_DEFAULT);

  return _pink_tracer_get_private (self)->text_flags;
}

/**
 * pink_tracer_set_text_flags:
 * @self: a tracer
 * @flags: flags
 *
 * Sets how the texts of system calls are written that are begun afterwards:
 * pink_syscall_event_to_string(), pink_syscall_event_get_argument_text() and the
 * like. With %PINK_TEXT_VERBOSE and the two for descriptors, what
 * pink_syscall_event_to_variant() gives has more in it, too; its data are the same with
 * the others, but for `texts`. For the rows of logs see #PinkSyscallLog:text-flags.
 *
 * pink_syscall_event_set_text_flags() does it for a single call.
 *
 * Since: 1.0
 */
void
pink_tracer_set_text_flags (PinkTracer    *self,
                            PinkTextFlags  flags)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));

  priv = _pink_tracer_get_private (self);
  if (priv->text_flags == flags)
    return;
  priv->text_flags = flags;
  g_object_notify (G_OBJECT (self), "text-flags");
}
