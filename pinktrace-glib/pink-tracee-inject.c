/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Calls that a stopped tracee makes for its tracer.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-text-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DATA (16 * 1024 * 1024)
#define ALIGNMENT 16

typedef struct
{
  PinkInjection         *injection; /* until it is begun */
  const PinkArch        *arch;
  int                    row;
  gsize                  offsets[PINK_ARCH_N_REGS]; /* of what is placed, by argument */
  gsize                  sizes[PINK_ARCH_N_REGS];   /* 0: nothing */
} Pending;

static void
pending_free (gpointer data)
{
  Pending *pending = data;

  free (pending->injection);
  g_free (pending);
}

/* ---- arguments ---- */

static gboolean
integer_of (GVariant *value,
            guint64  *number)
{
  switch (g_variant_classify (value))
    {
    case G_VARIANT_CLASS_BOOLEAN:
      *number = g_variant_get_boolean (value);
      return TRUE;
    case G_VARIANT_CLASS_BYTE:
      *number = g_variant_get_byte (value);
      return TRUE;
    case G_VARIANT_CLASS_INT16:
      *number = (guint64) (gint64) g_variant_get_int16 (value);
      return TRUE;
    case G_VARIANT_CLASS_UINT16:
      *number = g_variant_get_uint16 (value);
      return TRUE;
    case G_VARIANT_CLASS_INT32:
      *number = (guint64) (gint64) g_variant_get_int32 (value);
      return TRUE;
    case G_VARIANT_CLASS_UINT32:
      *number = g_variant_get_uint32 (value);
      return TRUE;
    case G_VARIANT_CLASS_INT64:
      *number = (guint64) g_variant_get_int64 (value);
      return TRUE;
    case G_VARIANT_CLASS_UINT64:
      *number = g_variant_get_uint64 (value);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
bytes_of (GVariant       *value,
          gconstpointer  *data,
          gsize          *size)
{
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      *data = g_variant_get_string (value, size);
      ++*size;
      return TRUE;
    }
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    {
      *data = g_variant_get_fixed_array (value, size, 1);
      return TRUE;
    }
  return FALSE;
}

static gsize
room_for (gsize size)
{
  return (size + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1);
}

/* How much all strings and buffers take; -1 with an error. */
static gssize
measure (GVariant  *arguments,
         GError   **error)
{
  gsize n = g_variant_n_children (arguments), total = 0;

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) value = g_variant_get_child_value (arguments, i);
      gconstpointer data;
      guint64 number;
      gsize size;

      if (bytes_of (value, &data, &size))
        total += room_for (size);
      else if (!integer_of (value, &number))
        {
          g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                       "Argument %u of the call is of type \"%s\": it can be an integer, a string (s) "
                       "or a buffer (ay)", (guint) i, g_variant_get_type_string (value));
          return -1;
        }
      if (total > MAX_DATA)
        {
          g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                               "A call's strings and buffers may have 16 MiB in all");
          return -1;
        }
    }
  return (gssize) total;
}

static gboolean
fill (Pending                *pending,
      const PinkArchSyscall  *call,
      GVariant               *arguments,
      GError                **error)
{
  PinkInjection *injection = pending->injection;
  gsize n = g_variant_n_children (arguments), offset = 0;

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) value = g_variant_get_child_value (arguments, i);
      guint64 number = 0;
      gconstpointer data;
      unsigned changed;
      gsize size;

      if (bytes_of (value, &data, &size))
        {
          memcpy ((char *) injection->data + offset, data, size);
          number = offset;
          pending->offsets[i] = offset;
          pending->sizes[i] = size;
          offset += room_for (size);
        }
      else
        integer_of (value, &number);
      changed = pink_arch_arg_set (pending->arch, call, (unsigned) i, number, injection->args);
      if (changed == 0)
        {
          g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                       "Argument %u of %s has no register", (guint) i, call->name);
          return FALSE;
        }
      if (pending->sizes[i] > 0)
        injection->placed |= (guint8) changed;
    }
  return TRUE;
}

/* What cannot be taken back. */
static gboolean
may_be_injected (const char *name)
{
  static const char * const not[] = { "clone", "clone2", "clone3", "execve", "execveat", "fork",
                                      "restart_syscall", "rt_sigreturn", "sigreturn", "vfork", NULL };

  return !g_strv_contains (not, name);
}

static Pending *
pending_new (PinkTracee  *self,
             const char  *name,
             GVariant    *arguments,
             GError     **error)
{
  const PinkArch *arch = pink_slot_get_stop (self->slot)->arch;
  gint64 number = arch != NULL ? pink_arch_syscall_number (arch, name) : -1;
  g_autoptr (GVariant) none = NULL;
  const PinkArchSyscall *call;
  Pending *pending;
  gssize size;

  if (number < 0)
    {
      g_autofree char *shown = _pink_text_escape_string (name);

      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL,
                   "There is no system call named \"%s\" for this tracee", shown);
      return NULL;
    }
  if (!may_be_injected (name))
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "%s cannot be made from outside: afterwards the tracee would not be where it was", name);
      return NULL;
    }
  if (arguments == NULL)
    arguments = none = g_variant_ref_sink (g_variant_new_tuple (NULL, 0));
  call = pink_arch_syscall ((unsigned) pink_arch_syscall_index (arch, (guint64) number));
  if (!g_variant_is_of_type (arguments, G_VARIANT_TYPE_TUPLE) ||
      g_variant_n_children (arguments) > call->n_args)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "The arguments are a tuple of at most %u, which is what %s takes", call->n_args, name);
      return NULL;
    }
  size = measure (arguments, error);
  if (size < 0)
    return NULL;
  pending = g_new0 (Pending, 1);
  pending->arch = arch;
  pending->row = pink_arch_syscall_index (arch, (guint64) number);
  /* By malloc(): the engine frees it where we cannot. */
  pending->injection = calloc (1, sizeof *pending->injection + (gsize) size);
  if (pending->injection == NULL)
    g_error ("Out of memory");
  pending->injection->number = (guint64) number;
  pending->injection->size = (gsize) size;
  if (fill (pending, call, arguments, error))
    return pending;
  pending_free (pending);
  return NULL;
}

/* ---- one after the other ---- */

static void
set_begin_error (PinkTracee  *self,
                 long         result,
                 GError     **error)
{
  if (result == -ESRCH)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE, "Process %d has ended", self->pid);
  else if (result == -ENXIO)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                 "Process %d cannot make a call from here: that can be done where it is stopped at a "
                 "system call's entry or exit, or was interrupted after one (but not on "
                 "IA-64)", self->pid);
  else
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED,
                 "Process %d cannot make a call: %s", self->pid, g_strerror ((int) -result));
}

static void
begin_next (PinkTracee *self)
{
  GTask *task;

  while (!self->injecting && (task = g_queue_peek_head (&self->injections)) != NULL)
    {
      Pending *pending = g_task_get_task_data (task);
      GError *error = NULL;
      long result = pink_slot_inject (self->slot, g_steal_pointer (&pending->injection));

      if (result == 0)
        {
          self->injecting = TRUE;
          return;
        }
      g_queue_pop_head (&self->injections);
      set_begin_error (self, result, &error);
      g_task_return_error (task, error);
      g_object_unref (task);
    }
}

static PinkSyscallEvent *
result_new (PinkTracee    *self,
            Pending       *pending,
            PinkInjection *injection)
{
  PinkSyscallEvent *event;
  PinkStop stop = { .kind = PINK_STOP_EXIT, .row = pending->row, .arch = pending->arch, .cpu_us = -1,
                    .exit = injection->result, .real_us = g_get_real_time () };

  stop.entry.number = injection->number;
  memcpy (stop.entry.args, injection->args, sizeof stop.entry.args);
  event = _pink_syscall_event_new (self, &stop);
  event->has_result = TRUE;
  event->snapshot = _pink_snapshot_new ();
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    if (pending->sizes[i] > 0)
      _pink_snapshot_add (event->snapshot, injection->address + pending->offsets[i],
                          (char *) injection->data + pending->offsets[i], pending->sizes[i]);
  return event;
}

void
_pink_tracee_injected (PinkTracee *self)
{
  g_autoptr (PinkTracee) alive = g_object_ref (self); /* whatever the callback lets go */
  PinkInjection *injection = pink_slot_take_injection (self->slot);
  GTask *task = g_queue_pop_head (&self->injections);
  Pending *pending = g_task_get_task_data (task);

  self->injecting = FALSE;
  if (injection->error != 0)
    g_task_return_new_error (task, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED,
                             "Process %d cannot make the call: %s", self->pid,
                             injection->error == EFAULT
                               ? "its code, or the memory for the arguments, is not there any more"
                               : g_strerror (injection->error));
  else if (!g_task_return_error_if_cancelled (task))
    g_task_return_pointer (task, result_new (self, pending, injection), g_object_unref);
  free (injection);
  g_object_unref (task);
  begin_next (self);
  if (!self->injecting && self->go_pending)
    _pink_tracee_go (self);
}

void
_pink_tracee_end_injections (PinkTracee *self)
{
  GTask *task;

  self->injecting = FALSE;
  self->go_pending = FALSE;
  while ((task = g_queue_pop_head (&self->injections)) != NULL)
    {
      g_task_return_new_error (task, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE,
                               "Process %d has ended, or was let go, before it had made the call",
                               self->pid);
      g_object_unref (task);
    }
}

static gboolean
abort_in_context (gpointer data)
{
  GTask *task = data;
  PinkTracee *self = g_task_get_source_object (task);

  if (self->slot != NULL && self->injecting && g_queue_peek_head (&self->injections) == task)
    pink_slot_request (self->slot, PINK_REQUEST_ABORT, 0, NULL, NULL);
  g_object_unref (task);
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      data)
{
  GTask *task = data;
  GSource *source = g_idle_source_new ();

  /* Any thread may cancel, and hold a lock meanwhile. */
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, abort_in_context, g_object_ref (task), NULL);
  g_source_attach (source, ((PinkTracee *) g_task_get_source_object (task))->context);
  g_source_unref (source);
}

static gboolean
check_stopped (PinkTracee  *self,
               GError     **error)
{
  if (self->slot == NULL || pink_slot_has_ended (self->slot) || self->detaching)
    g_propagate_error (error, _pink_tracee_gone_error (self));
  else if (!self->stopped || self->go_pending)
    _pink_tracee_set_running (self, "it can make a call for you", error);
  else
    return self->tracer == NULL || _pink_tracer_check (self->tracer, error);
  return FALSE;
}

/**
 * pink_tracee_inject_syscall_async:
 * @self: a stopped tracee
 * @name: the name of a system call
 * @arguments: (nullable): a tuple of its arguments: integers of any type, strings
 *   (s) and buffers (ay); those that are not given are 0
 * @cancellable: (nullable): to break off a call that waits
 * @callback: (scope async): called when the call has been made
 * @user_data: (closure): for @callback
 *
 * Has the tracee make a system call of the caller's choice, with its ids, its
 * descriptors and its memory: to ask what only it can see, or to do what only it
 * can do. It can be done where the tracee is stopped at the entry or the exit of
 * a call, or has been interrupted after one, and as often as wanted: calls that
 * are asked for meanwhile are made one after the other. No handler is called for
 * them. Afterwards the tracee's registers are what they were, and its own call,
 * if it is at its entry, is still to be made.
 *
 * A handler that waits for the result holds the call first, with
 * pink_syscall_event_hold(): deciding comes too late otherwise.
 *
 * Strings and buffers are put into memory that the tracee maps for the time of the
 * call. Its signals are blocked meanwhile. A call that waits keeps the tracee from
 * all else; letting it go, and @cancellable, break such a call off.
 *
 * What the tracee's own seccomp filter does not let it do, it does not do for you
 * either: it may be killed. Calls after which it would not be where it was (execve,
 * clone and fork, sigreturn) are refused. If the application ends while a call is
 * under way, a tracee that was attached is let go in the middle of it.
 *
 * Since: 1.0
 */
void
pink_tracee_inject_syscall_async (PinkTracee          *self,
                                  const char          *name,
                                  GVariant            *arguments,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_autoptr (GVariant) own = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  Pending *pending;

  g_return_if_fail (PINK_IS_TRACEE (self));
  g_return_if_fail (name != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, pink_tracee_inject_syscall_async);
  if (g_task_return_error_if_cancelled (task))
    return;
  pending = check_stopped (self, &error) ? pending_new (self, name, own, &error) : NULL;
  if (pending == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, pending, pending_free);
  g_queue_push_tail (&self->injections, g_object_ref (task));
  begin_next (self);
  if (cancellable != NULL)
    g_signal_connect_object (cancellable, "cancelled", G_CALLBACK (on_cancelled), task, 0);
}

/**
 * pink_tracee_inject_syscall_finish:
 * @self: a tracee
 * @result: what the callback was given
 * @error: return location for an error
 *
 * Ends pink_tracee_inject_syscall_async(). A call that was made and has failed is
 * no error here: see #PinkSyscallEvent:error-name.
 *
 * Returns: (transfer full): the call, with its result; what its strings and buffers
 *   hold now can be read for as long as it is there. Or %NULL with
 *   %PINK_TRACER_ERROR_UNKNOWN_SYSCALL, %PINK_TRACER_ERROR_INVALID_ARGUMENT,
 *   %PINK_TRACER_ERROR_WRONG_STATE if the tracee is not stopped, or not where it could
 *   make a call, %PINK_TRACER_ERROR_GONE, %PINK_TRACER_ERROR_FORKED,
 *   %PINK_TRACER_ERROR_FAILED, %G_IO_ERROR_CANCELLED
 *
 * Since: 1.0
 */
PinkSyscallEvent *
pink_tracee_inject_syscall_finish (PinkTracee    *self,
                                   GAsyncResult  *result,
                                   GError       **error)
{
  g_return_val_if_fail (PINK_IS_TRACEE (self), NULL);
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
