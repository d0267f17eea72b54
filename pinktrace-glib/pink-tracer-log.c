/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the tracer tasks have written down, brought to the tracer's logs: when a task
 * announces something, but not more often than the logs tell of it; at once where a
 * ring fills or a tracee ends.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-log-private.h"
#include "pink-tracee-private.h"
#include "pink-tracer-private.h"

#include <string.h>

/* After this long other sources have their turn. */
#define SLICE_US 3000
/* Handlers that look on are told of calls so often. */
#define OBSERVE_MS 10
#define RECORDS_BETWEEN_LOOKS 128

typedef struct
{
  PinkTracer *tracer;
  gint64      until_us; /* 0: as long as it takes */
  guint       n;
} Drain;

gboolean
_pink_tracer_has_logs (PinkTracer *self)
{
  return _pink_tracer_get_private (self)->logs->len > 0;
}

void
_pink_tracer_log_record (PinkTracer       *self,
                         PinkTracee       *tracee,
                         const PinkRecord *record)
{
  GPtrArray *logs = _pink_tracer_get_private (self)->logs;

  for (guint i = 0; i < logs->len; i++)
    if (record->kind == PINK_RECORD_ENTRY)
      _pink_syscall_log_add_entry (logs->pdata[i], tracee, (const PinkEntryRecord *) record);
    else
      _pink_syscall_log_add_exit (logs->pdata[i], tracee, (const PinkExitRecord *) record);
}

static bool
take (const PinkRecord *record,
      void             *data)
{
  Drain *drain = data;
  const PinkEntryRecord *entry = (const PinkEntryRecord *) record;
  const PinkExitRecord *leave = (const PinkExitRecord *) record;
  gboolean is_entry = record->kind == PINK_RECORD_ENTRY;
  PinkTracee *tracee = pink_slot_get_user (is_entry ? entry->slot : leave->slot);

  /* That it has been born is still to be served. */
  if (tracee == NULL)
    return false;
  if (drain->until_us > 0 && ++drain->n % RECORDS_BETWEEN_LOOKS == 0 &&
      g_get_monotonic_time () > drain->until_us)
    return false;
  _pink_tracer_log_record (drain->tracer, tracee, record);
  return true;
}

static void
count_dropped (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  guint64 n = pink_engine_count_dropped (priv->engine);

  for (guint i = 0; i < priv->logs->len; i++)
    _pink_syscall_log_add_dropped (priv->logs->pdata[i], n - priv->n_dropped);
  priv->n_dropped = n;
}

static guint
shortest_interval (PinkTracerPrivate *priv)
{
  guint interval = G_MAXUINT;

  for (guint i = 0; i < priv->logs->len; i++)
    interval = MIN (interval, pink_syscall_log_get_update_interval (priv->logs->pdata[i]));
  if (priv->observe_only)
    interval = MIN (interval, OBSERVE_MS);
  return interval != G_MAXUINT ? interval : 0;
}

/* Handlers may add and remove logs, and drop the tracer. */
static void
update_all (PinkTracer *self,
            gboolean    now)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  g_autoptr (GMainContext) context = g_main_context_ref (priv->context);
  g_autoptr (GPtrArray) logs = g_ptr_array_copy (priv->logs, (GCopyFunc) (gpointer) g_object_ref, NULL);

  g_ptr_array_set_free_func (logs, g_object_unref);
  for (guint i = 0; i < logs->len; i++)
    if (now)
      _pink_syscall_log_update_now (logs->pdata[i]);
    else
      _pink_syscall_log_update (logs->pdata[i], context);
}

static void schedule (PinkTracer *self, guint milliseconds);

static void
drain_slice (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  Drain drain = { .tracer = self };
  bool all;

  if (priv->drain != NULL)
    g_source_destroy (priv->drain);
  g_clear_pointer (&priv->drain, g_source_unref);
  priv->drained_us = g_get_monotonic_time ();
  if (priv->observe_only)
    {
      /* The tracer's source does it, one by one. */
      priv->records_due = TRUE;
      return;
    }
  drain.until_us = priv->drained_us + SLICE_US;
  all = pink_engine_drain (priv->engine, take, &drain);
  count_dropped (self);
  if (!all)
    schedule (self, 1);
  update_all (self, FALSE);
}

static gboolean
drain_due (gpointer data)
{
  GWeakRef *weak = data;
  g_autoptr (PinkTracer) self = g_weak_ref_get (weak);
  PinkTracerPrivate *priv = self != NULL ? _pink_tracer_get_private (self) : NULL;

  if (priv != NULL && priv->engine != NULL && pink_engine_is_ours (priv->engine))
    drain_slice (self);
  return G_SOURCE_REMOVE;
}

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static void
schedule (PinkTracer *self,
          guint       milliseconds)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  GWeakRef *weak;

  if (priv->drain != NULL)
    return;
  weak = g_new (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  priv->drain = g_timeout_source_new (milliseconds);
  g_source_set_static_name (priv->drain, "PinkTracer records");
  g_source_set_priority (priv->drain, priv->priority);
  g_source_set_can_recurse (priv->drain, TRUE);
  g_source_set_callback (priv->drain, drain_due, weak, free_weak);
  g_source_attach (priv->drain, priv->context);
}

void
_pink_tracer_records_announced (PinkTracer *self,
                                PinkTask   *task,
                                gboolean    hurry)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  gint64 due = priv->drained_us + shortest_interval (priv) * G_GINT64_CONSTANT (1000);
  gint64 now = g_get_monotonic_time ();

  pink_task_take_announcement (task, hurry);
  if (hurry || now >= due)
    drain_slice (self);
  else
    schedule (self, (guint) ((due - now) / 1000 + 1));
}

void
_pink_tracer_drain_task (PinkTracer *self,
                         PinkTask   *task)
{
  Drain drain = { .tracer = self };

  /* Where it observes, what was before this message has been told of. */
  if (!_pink_tracer_get_private (self)->observe_only)
    pink_task_drain (task, take, &drain);
}

void
_pink_tracer_records_told (PinkTracer *self)
{
  _pink_tracer_get_private (self)->drained_us = g_get_monotonic_time ();
  count_dropped (self);
  update_all (self, FALSE);
}

void
_pink_tracer_records_end (PinkTracer *self,
                          PinkTracee *tracee)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  for (guint i = 0; i < priv->logs->len; i++)
    _pink_syscall_log_end (priv->logs->pdata[i], tracee);
  if (priv->logs->len > 0)
    schedule (self, shortest_interval (priv));
}

void
_pink_tracer_record_launch (PinkTracer     *self,
                            PinkTracee     *tracee,
                            const PinkStop *stop,
                            PinkSnapshot   *snapshot)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  PinkStop launch = *stop;

  if (!_pink_tracer_has_chosen (self, stop->row >= 0 ? (guint) stop->row : pink_arch_n_syscalls ()))
    return;
  memcpy (launch.entry.args, tracee->launch_arguments, sizeof tracee->launch_arguments);
  for (guint i = 0; i < priv->logs->len; i++)
    _pink_syscall_log_add_launch (priv->logs->pdata[i], tracee, &launch, snapshot);
}

void
_pink_tracer_update_logs (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);
  Drain drain = { .tracer = self };

  /* A log has no more than handlers have been told of. */
  if (!priv->observe_only)
    pink_engine_drain (priv->engine, take, &drain);
  count_dropped (self);
  update_all (self, TRUE);
}

/* At the end of the tracer. In a fork()ed copy nothing more is to be had. */
void
_pink_tracer_drop_logs (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  if (priv->drain != NULL)
    g_source_destroy (priv->drain);
  g_clear_pointer (&priv->drain, g_source_unref);
  if (priv->engine == NULL || priv->logs->len == 0)
    return;
  if (pink_engine_is_ours (priv->engine))
    {
      GListModel *tracees = G_LIST_MODEL (priv->tracees);
      Drain drain = { .tracer = self };

      pink_engine_drain (priv->engine, take, &drain);
      count_dropped (self);
      for (guint i = 0; i < g_list_model_get_n_items (tracees); i++)
        {
          g_autoptr (PinkTracee) tracee = g_list_model_get_item (tracees, i);

          for (guint j = 0; j < priv->logs->len; j++)
            _pink_syscall_log_end (priv->logs->pdata[j], tracee);
        }
      update_all (self, TRUE);
    }
  g_ptr_array_set_size (priv->logs, 0);
}

/* ---- public ---- */

static gsize
longest_strings (PinkTracerPrivate *priv)
{
  gsize limit = 0;

  if (priv->observe_only)
    limit = MIN (priv->string_limit, PINK_LOG_MOST_STRING_LIMIT);
  for (guint i = 0; i < priv->logs->len; i++)
    limit = MAX (limit, pink_syscall_log_get_string_limit (priv->logs->pdata[i]));
  return limit;
}

void
_pink_tracer_set_recording (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  if (priv->engine == NULL || !pink_engine_is_ours (priv->engine))
    return;
  if ((priv->logs->len > 0 || priv->observe_only) &&
      !pink_engine_record (priv->engine, longest_strings (priv), priv->observe_only))
    g_error ("Out of memory for recording system calls");
  _pink_handled_refresh (self);
}

static void
on_string_limit (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  if (priv->engine != NULL && pink_engine_is_ours (priv->engine))
    _pink_tracer_set_recording (self);
}

static void
on_update_interval (PinkTracer *self)
{
  PinkTracerPrivate *priv = _pink_tracer_get_private (self);

  if (priv->drain == NULL || priv->engine == NULL || !pink_engine_is_ours (priv->engine))
    return;
  g_source_destroy (priv->drain);
  g_clear_pointer (&priv->drain, g_source_unref);
  schedule (self, shortest_interval (priv));
}

/**
 * pink_tracer_add_log:
 * @self: a tracer
 * @log: a log
 *
 * Has all calls recorded in a log from now on, of all tracees, or those that
 * pink_tracer_set_syscalls() has chosen. Handlers are called as ever; where there are
 * none for a call, its tracee does not wait for anybody.
 *
 * A tracer's task writes into two mebibytes that the main context empties. When they
 * are full, since that does not come to it, tracees wait, two seconds at most; then calls
 * are left out, and counted in #PinkSyscallLog:n-dropped, until it comes.
 *
 * The tracer holds a reference on the log, until it is disposed of or
 * pink_tracer_remove_log() is called. The log needs no tracer.
 *
 * A log that the tracer has already is not added once more.
 *
 * Since: 1.0
 */
void
pink_tracer_add_log (PinkTracer     *self,
                     PinkSyscallLog *log)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));
  g_return_if_fail (PINK_IS_SYSCALL_LOG (log));

  priv = _pink_tracer_get_private (self);
  if (priv->engine == NULL || g_ptr_array_find (priv->logs, log, NULL))
    return;
  /* What was before is the others' alone. */
  if (priv->logs->len > 0 && pink_engine_is_ours (priv->engine))
    drain_slice (self);
  priv->n_dropped = pink_engine_count_dropped (priv->engine);
  g_ptr_array_add (priv->logs, g_object_ref (log));
  g_signal_connect_object (log, "notify::string-limit", G_CALLBACK (on_string_limit), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (log, "notify::update-interval", G_CALLBACK (on_update_interval), self,
                           G_CONNECT_SWAPPED);
  _pink_tracer_set_recording (self);
}

/**
 * pink_tracer_remove_log:
 * @self: a tracer
 * @log: a log
 *
 * Records no more in a log. What has been recorded up to here is in it afterwards.
 *
 * Since: 1.0
 */
void
pink_tracer_remove_log (PinkTracer     *self,
                        PinkSyscallLog *log)
{
  PinkTracerPrivate *priv;

  g_return_if_fail (PINK_IS_TRACER (self));
  g_return_if_fail (PINK_IS_SYSCALL_LOG (log));

  priv = _pink_tracer_get_private (self);
  if (!g_ptr_array_find (priv->logs, log, NULL))
    return;
  if (priv->engine != NULL && pink_engine_is_ours (priv->engine))
    _pink_tracer_update_logs (self);
  g_signal_handlers_disconnect_by_func (log, on_string_limit, self);
  g_signal_handlers_disconnect_by_func (log, on_update_interval, self);
  g_ptr_array_remove (priv->logs, log);
  if (priv->engine != NULL)
    _pink_tracer_set_recording (self);
}
