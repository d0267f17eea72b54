/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a log tells of its rows, and when; and what it has no more room for.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-syscall-log-private.h"

/* With so many that have not been told of, it is time. */
#define MOST_UNTOLD 65536

gboolean
_pink_syscall_log_is_over (PinkSyscallLog *self,
                           guint64         rows,
                           guint64         bytes)
{
  return (self->max_rows > 0 && rows > self->max_rows) ||
         (self->max_bytes > 0 && bytes > self->max_bytes);
}

static guint64
n_stored (PinkSyscallLog *self)
{
  return self->store.end - self->store.first;
}

/* Its event goes on as a record of its own. */
static void
drop_first (PinkSyscallLog *self)
{
  guint64 id = self->store.first;
  PinkSyscallEvent *event = g_hash_table_lookup (self->events, &id);

  if (event != NULL)
    {
      g_hash_table_remove (self->events, &id);
      event->log = NULL;
    }
  _pink_log_store_drop_first (&self->store);
}

void
_pink_syscall_log_add_dropped (PinkSyscallLog *self,
                               guint64         n)
{
  self->n_dropped += n;
  self->dropped_more = self->dropped_more || n > 0;
}

static void
make_room (PinkSyscallLog *self)
{
  guint64 n = 0;

  while (n_stored (self) > 0 &&
         _pink_syscall_log_is_over (self, n_stored (self), self->store.bytes))
    {
      drop_first (self);
      n++;
    }
  _pink_syscall_log_add_dropped (self, n);
}

/* ---- updates ---- */

/* What a handler of items-changed does to the log in between is met by the next step. */
static void
tell_dropped (PinkSyscallLog *self)
{
  guint64 end = MIN (self->store.first, self->shown_end);
  guint64 n = end > self->shown_first ? end - self->shown_first : 0;

  if (self->store.first > self->shown_end)
    self->shown_end = self->store.first;
  self->shown_first = self->store.first;
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, (guint) n, 0);
}

static void
tell_added (PinkSyscallLog *self)
{
  guint64 n = self->store.end - self->shown_end, before = self->shown_end - self->shown_first;

  self->shown_end = self->store.end;
  if (n > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), (guint) before, 0, (guint) n);
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return left < right ? -1 : left > right;
}

static void
tell_completed (PinkSyscallLog *self,
                GArray         *ids)
{
  g_array_sort (ids, compare_ids);
  for (guint i = 0; i < ids->len;)
    {
      guint64 first = g_array_index (ids, guint64, i), last = first;

      for (i++; i < ids->len && g_array_index (ids, guint64, i) <= last + 1; i++)
        last = g_array_index (ids, guint64, i);
      first = MAX (first, self->shown_first);
      if (first <= last && last < self->shown_end)
        g_list_model_items_changed (G_LIST_MODEL (self), (guint) (first - self->shown_first),
                                    (guint) (last - first + 1), (guint) (last - first + 1));
    }
}

static void
tell_events (PinkSyscallLog *self,
             GArray         *ids)
{
  for (guint i = 0; i < ids->len; i++)
    {
      guint64 id = g_array_index (ids, guint64, i);
      PinkSyscallEvent *event = g_hash_table_lookup (self->events, &id);
      PinkRow *row = _pink_log_store_get (&self->store, id);

      if (event == NULL || row == NULL)
        continue;
      g_object_ref (event);
      _pink_syscall_event_update_row (event, row);
      g_object_unref (event);
    }
}

/* All of it, or what is too much. Also from a handler of items-changed. */
void
_pink_syscall_log_trim (PinkSyscallLog *self,
                        gboolean        all)
{
  if (all)
    while (n_stored (self) > 0)
      drop_first (self);
  else
    make_room (self);
  tell_dropped (self);
}

void
_pink_syscall_log_cancel_update (PinkSyscallLog *self)
{
  if (self->update != NULL)
    g_source_destroy (self->update);
  g_clear_pointer (&self->update, g_source_unref);
}

static void
notify_changes (PinkSyscallLog *self)
{
  guint64 n = self->shown_end - self->shown_first;

  if (n != self->n_notified)
    {
      self->n_notified = n;
      g_object_notify (G_OBJECT (self), "n-items");
    }
  if (self->dropped_more)
    {
      self->dropped_more = FALSE;
      g_object_notify (G_OBJECT (self), "n-dropped");
    }
  if (self->store.bytes != self->bytes_notified)
    {
      self->bytes_notified = self->store.bytes;
      g_object_notify (G_OBJECT (self), "n-bytes");
    }
}

static void
tell (PinkSyscallLog *self)
{
  g_autoptr (GArray) completed = g_steal_pointer (&self->completed);

  self->completed = g_array_new (FALSE, FALSE, sizeof (guint64));

  /* Where the newest are left out, they have not come so far. */
  if (!self->drop_newest)
    make_room (self);
  tell_dropped (self);
  tell_added (self);
  tell_events (self, completed);
  tell_completed (self, completed);
  notify_changes (self);
}

void
_pink_syscall_log_update_now (PinkSyscallLog *self)
{
  g_autoptr (PinkSyscallLog) keep = g_object_ref (self);

  /* From a handler of the update itself: it has its turn when that has returned, so that
   * all who listen hear of one change after the other. */
  self->again = TRUE;
  if (self->updating)
    return;
  _pink_syscall_log_cancel_update (self);
  self->updating = TRUE;
  while (self->again)
    {
      self->again = FALSE;
      self->updated_us = g_get_monotonic_time ();
      tell (self);
    }
  self->updating = FALSE;
}

static gboolean
update_due (gpointer data)
{
  GWeakRef *weak = data;
  g_autoptr (PinkSyscallLog) self = g_weak_ref_get (weak);

  if (self != NULL)
    {
      /* A handler may run the loop, and the next be due. */
      g_clear_pointer (&self->update, g_source_unref);
      _pink_syscall_log_update_now (self);
    }
  return G_SOURCE_REMOVE;
}

static void
free_weak (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

void
_pink_syscall_log_update (PinkSyscallLog *self,
                          GMainContext   *context)
{
  gint64 due = self->updated_us + self->update_interval * G_GINT64_CONSTANT (1000);
  gint64 now = g_get_monotonic_time ();
  GWeakRef *weak;

  if (self->store.end == self->shown_end && self->completed->len == 0 && !self->dropped_more)
    return;
  if (now >= due || self->store.end - self->shown_end >= MOST_UNTOLD)
    {
      _pink_syscall_log_update_now (self);
      return;
    }
  if (self->update != NULL)
    return;
  weak = g_new (GWeakRef, 1);
  g_weak_ref_init (weak, self);
  self->update = g_timeout_source_new ((guint) ((due - now) / 1000 + 1));
  g_source_set_static_name (self->update, "PinkSyscallLog");
  g_source_set_priority (self->update, PINK_PRIORITY_TRACER);
  g_source_set_callback (self->update, update_due, weak, free_weak);
  g_source_attach (self->update, context);
}

void
_pink_syscall_log_rearm (PinkSyscallLog *self)
{
  g_autoptr (GMainContext) context = NULL;

  if (self->update == NULL)
    return;
  context = g_main_context_ref (g_source_get_context (self->update));
  _pink_syscall_log_cancel_update (self);
  _pink_syscall_log_update (self, context);
}

/* The new rows' ids begin where the old ones end: a row's id is never another's. What
 * a handler has added while the old ones were taken away goes, too. */
void
_pink_syscall_log_take_rows (PinkSyscallLog *self,
                             PinkLogStore   *store,
                             guint64         n_dropped)
{
  PinkLogStore old;

  do
    _pink_syscall_log_trim (self, TRUE);
  while (n_stored (self) > 0);
  _pink_log_store_rebase (store, self->store.end);
  old = self->store;
  self->store = *store;
  *store = old;
  self->n_dropped = n_dropped;
  self->dropped_more = TRUE;
  g_array_set_size (self->completed, 0);
  _pink_syscall_log_update_now (self);
}
