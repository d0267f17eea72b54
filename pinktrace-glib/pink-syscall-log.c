/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-syscall-log-private.h"

#include <string.h>

/**
 * SECTION:pink-syscall-log
 * @title: PinkSyscallLog
 * @short_description: system calls, recorded
 *
 * A #PinkSyscallLog holds the system calls of the tracers it was added to, by
 * pink_tracer_add_log(). No handler is called for them: the tracee goes on at once,
 * when its tracer task has written down the call's numbers, its times, and of what
 * its arguments point to what a line of pink_syscall_event_to_string() shows. A row
 * comes when a call begins, and is completed when it returns.
 *
 * It is a #GListModel. Each row is a #PinkSyscallEvent, the class that a handler gets:
 * made when it is asked for, and the same object as long as somebody has it. What only
 * reads works on it, later, too: names, arguments, result, pink_syscall_event_to_string(),
 * pink_syscall_event_read_string() of what was recorded. To change or to decide anything
 * is %PINK_TRACER_ERROR_WRONG_STATE.
 *
 * New rows are told of together, once in #PinkSyscallLog:update-interval, as one
 * `items-changed` at the end; if the log is full, after one at the beginning
 * for those that go. A row that was told of before its call had returned is told of
 * once more, as changed; where somebody has its object, that notifies
 * #PinkSyscallEvent:state and what comes with it.
 *
 * A log is bounded: see #PinkSyscallLog:max-rows, #PinkSyscallLog:max-bytes and
 * #PinkSyscallLog:n-dropped.
 *
 * A log may be added to several tracers, and a tracer may have several. All of them are
 * used in one thread.
 */

/**
 * PinkSyscallLog:
 *
 * System calls, recorded.
 *
 * Since: 1.0
 */

#define DEFAULT_MAX_ROWS (1000 * 1000)
#define DEFAULT_MAX_BYTES (G_GUINT64_CONSTANT (1) << 30)
#define DEFAULT_STRING_LIMIT 32
#define DEFAULT_INTERVAL 16
#define MOST_ROWS G_MAXINT32

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (PinkSyscallLog, pink_syscall_log, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum
{
  PROP_0,
  PROP_MAX_ROWS,
  PROP_MAX_BYTES,
  PROP_DROP_NEWEST,
  PROP_STRING_LIMIT,
  PROP_UPDATE_INTERVAL,
  PROP_TEXT_FLAGS,
  PROP_N_ITEMS,
  PROP_N_BYTES,
  PROP_N_DROPPED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

/* ---- the model ---- */

static GType
get_item_type (GListModel *model)
{
  return PINK_TYPE_SYSCALL_EVENT;
}

static guint
get_n_items (GListModel *model)
{
  PinkSyscallLog *self = PINK_SYSCALL_LOG (model);

  return (guint) (self->shown_end - self->shown_first);
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PinkSyscallLog *self = PINK_SYSCALL_LOG (model);
  guint64 id = self->shown_first + position;
  PinkSyscallEvent *event;
  PinkRow *row;

  if (position >= get_n_items (model))
    return NULL;
  event = g_hash_table_lookup (self->events, &id);
  if (event != NULL)
    return g_object_ref (event);
  row = _pink_log_store_get (&self->store, id);
  event = _pink_syscall_event_new_row (_pink_log_store_tracee (&self->store, row), row, self->text_flags);
  event->log = self;
  event->log_id = id;
  g_hash_table_insert (self->events, &event->log_id, event);
  return event;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

void
_pink_syscall_log_forget (PinkSyscallLog   *self,
                          PinkSyscallEvent *event)
{
  g_hash_table_remove (self->events, &event->log_id);
}

/**
 * pink_syscall_log_clear:
 * @self: a log
 *
 * Takes all rows out of the log, and forgets how many were dropped. Rows that somebody
 * has stay what they are.
 *
 * Since: 1.0
 */
void
pink_syscall_log_clear (PinkSyscallLog *self)
{
  g_return_if_fail (PINK_IS_SYSCALL_LOG (self));

  _pink_syscall_log_trim (self, TRUE);
  self->n_dropped = 0;
  self->dropped_more = TRUE;
  _pink_syscall_log_update_now (self);
}

/* ---- the object ---- */

static void
notify_property (PinkSyscallLog *self,
                 int             property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/**
 * pink_syscall_log_get_max_rows:
 * @self: a log
 *
 * Gets #PinkSyscallLog:max-rows.
 *
 * Returns: rows
 *
 * Since: 1.0
 */
guint
pink_syscall_log_get_max_rows (PinkSyscallLog *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), 0);

  return self->max_rows;
}

/**
 * pink_syscall_log_set_max_rows:
 * @self: a log
 * @max_rows: how many rows at most; 0: no such bound
 *
 * Sets #PinkSyscallLog:max-rows. Rows that are too many go at once.
 *
 * Since: 1.0
 */
void
pink_syscall_log_set_max_rows (PinkSyscallLog *self,
                               guint          max_rows)
{
  g_return_if_fail (PINK_IS_SYSCALL_LOG (self));
  g_return_if_fail (max_rows <= MOST_ROWS);

  if (self->max_rows == max_rows)
    return;
  self->max_rows = max_rows;
  notify_property (self, PROP_MAX_ROWS);
  _pink_syscall_log_trim (self, FALSE);
  _pink_syscall_log_update_now (self);
}

/**
 * pink_syscall_log_get_max_bytes:
 * @self: a log
 *
 * Gets #PinkSyscallLog:max-bytes.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
guint64
pink_syscall_log_get_max_bytes (PinkSyscallLog *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), 0);

  return self->max_bytes;
}

/**
 * pink_syscall_log_set_max_bytes:
 * @self: a log
 * @max_bytes: how many bytes at most; 0: no such bound
 *
 * Sets #PinkSyscallLog:max-bytes. Rows that are too many go at once.
 *
 * Since: 1.0
 */
void
pink_syscall_log_set_max_bytes (PinkSyscallLog *self,
                                guint64        max_bytes)
{
  g_return_if_fail (PINK_IS_SYSCALL_LOG (self));

  if (self->max_bytes == max_bytes)
    return;
  self->max_bytes = max_bytes;
  notify_property (self, PROP_MAX_BYTES);
  _pink_syscall_log_trim (self, FALSE);
  _pink_syscall_log_update_now (self);
}

/**
 * pink_syscall_log_get_drop_newest:
 * @self: a log
 *
 * Gets #PinkSyscallLog:drop-newest.
 *
 * Returns: %TRUE or %FALSE
 *
 * Since: 1.0
 */
gboolean
pink_syscall_log_get_drop_newest (PinkSyscallLog *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), FALSE);

  return self->drop_newest;
}

/**
 * pink_syscall_log_set_drop_newest:
 * @self: a log
 * @drop_newest: whether what comes is left out, and not what is oldest
 *
 * Sets #PinkSyscallLog:drop-newest.
 *
 * Since: 1.0
 */
void
pink_syscall_log_set_drop_newest (PinkSyscallLog *self,
                                  gboolean       drop_newest)
{
  g_return_if_fail (PINK_IS_SYSCALL_LOG (self));

  drop_newest = drop_newest != FALSE;
  if (self->drop_newest == drop_newest)
    return;
  self->drop_newest = drop_newest;
  notify_property (self, PROP_DROP_NEWEST);
}

/**
 * pink_syscall_log_get_string_limit:
 * @self: a log
 *
 * Gets #PinkSyscallLog:string-limit.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
guint
pink_syscall_log_get_string_limit (PinkSyscallLog *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), 0);

  return self->string_limit;
}

/**
 * pink_syscall_log_set_string_limit:
 * @self: a log
 * @limit: bytes, up to 16384
 *
 * Sets #PinkSyscallLog:string-limit.
 *
 * Since: 1.0
 */
void
pink_syscall_log_set_string_limit (PinkSyscallLog *self,
                                   guint          limit)
{
  g_return_if_fail (PINK_IS_SYSCALL_LOG (self));
  g_return_if_fail (limit <= PINK_LOG_MOST_STRING_LIMIT);

  if (self->string_limit == limit)
    return;
  self->string_limit = limit;
  notify_property (self, PROP_STRING_LIMIT);
}

/**
 * pink_syscall_log_get_update_interval:
 * @self: a log
 *
 * Gets #PinkSyscallLog:update-interval.
 *
 * Returns: milliseconds
 *
 * Since: 1.0
 */
guint
pink_syscall_log_get_update_interval (PinkSyscallLog *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), 0);

  return self->update_interval;
}

/**
 * pink_syscall_log_set_update_interval:
 * @self: a log
 * @milliseconds: how many milliseconds between two updates at least
 *
 * Sets #PinkSyscallLog:update-interval.
 *
 * Since: 1.0
 */
void
pink_syscall_log_set_update_interval (PinkSyscallLog *self,
                                      guint          milliseconds)
{
  g_return_if_fail (PINK_IS_SYSCALL_LOG (self));
  g_return_if_fail (milliseconds <= G_MAXINT);

  if (self->update_interval == milliseconds)
    return;
  self->update_interval = milliseconds;
  notify_property (self, PROP_UPDATE_INTERVAL);
  _pink_syscall_log_rearm (self);
}

/**
 * pink_syscall_log_get_text_flags:
 * @self: a log
 *
 * Gets #PinkSyscallLog:text-flags.
 *
 * Returns: flags
 *
 * Since: 1.0
 */
PinkTextFlags
pink_syscall_log_get_text_flags (PinkSyscallLog *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), PINK_TEXT_DEFAULT);

  return self->text_flags;
}

/**
 * pink_syscall_log_set_text_flags:
 * @self: a log
 * @flags: flags
 *
 * Sets #PinkSyscallLog:text-flags.
 *
 * Since: 1.0
 */
void
pink_syscall_log_set_text_flags (PinkSyscallLog *self,
                                 PinkTextFlags   flags)
{
  g_return_if_fail (PINK_IS_SYSCALL_LOG (self));

  if (self->text_flags == flags)
    return;
  self->text_flags = flags;
  notify_property (self, PROP_TEXT_FLAGS);
}

/**
 * pink_syscall_log_get_n_bytes:
 * @self: a log
 *
 * Gets #PinkSyscallLog:n-bytes.
 *
 * Returns: bytes
 *
 * Since: 1.0
 */
guint64
pink_syscall_log_get_n_bytes (PinkSyscallLog *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), 0);

  return self->store.bytes;
}

/**
 * pink_syscall_log_get_n_dropped:
 * @self: a log
 *
 * Gets #PinkSyscallLog:n-dropped.
 *
 * Returns: calls
 *
 * Since: 1.0
 */
guint64
pink_syscall_log_get_n_dropped (PinkSyscallLog *self)
{
  g_return_val_if_fail (PINK_IS_SYSCALL_LOG (self), 0);

  return self->n_dropped;
}

static void
pink_syscall_log_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  PinkSyscallLog *self = PINK_SYSCALL_LOG (object);

  switch (prop_id)
    {
    case PROP_MAX_ROWS:
      g_value_set_uint (value, pink_syscall_log_get_max_rows (self));
      break;
    case PROP_MAX_BYTES:
      g_value_set_uint64 (value, pink_syscall_log_get_max_bytes (self));
      break;
    case PROP_DROP_NEWEST:
      g_value_set_boolean (value, pink_syscall_log_get_drop_newest (self));
      break;
    case PROP_STRING_LIMIT:
      g_value_set_uint (value, pink_syscall_log_get_string_limit (self));
      break;
    case PROP_TEXT_FLAGS:
      g_value_set_flags (value, pink_syscall_log_get_text_flags (self));
      break;
    case PROP_UPDATE_INTERVAL:
      g_value_set_uint (value, pink_syscall_log_get_update_interval (self));
      break;
    case PROP_N_BYTES:
      g_value_set_uint64 (value, pink_syscall_log_get_n_bytes (self));
      break;
    case PROP_N_DROPPED:
      g_value_set_uint64 (value, pink_syscall_log_get_n_dropped (self));
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, get_n_items (G_LIST_MODEL (self)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pink_syscall_log_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  PinkSyscallLog *self = PINK_SYSCALL_LOG (object);

  switch (prop_id)
    {
    case PROP_MAX_ROWS:
      pink_syscall_log_set_max_rows (self, g_value_get_uint (value));
      break;
    case PROP_MAX_BYTES:
      pink_syscall_log_set_max_bytes (self, g_value_get_uint64 (value));
      break;
    case PROP_DROP_NEWEST:
      pink_syscall_log_set_drop_newest (self, g_value_get_boolean (value));
      break;
    case PROP_STRING_LIMIT:
      pink_syscall_log_set_string_limit (self, g_value_get_uint (value));
      break;
    case PROP_TEXT_FLAGS:
      pink_syscall_log_set_text_flags (self, (PinkTextFlags) g_value_get_flags (value));
      break;
    case PROP_UPDATE_INTERVAL:
      pink_syscall_log_set_update_interval (self, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

/* Events that somebody has stay without it. */
static void
pink_syscall_log_finalize (GObject *object)
{
  PinkSyscallLog *self = PINK_SYSCALL_LOG (object);
  GHashTableIter iter;
  gpointer event;

  _pink_syscall_log_cancel_update (self);
  g_hash_table_iter_init (&iter, self->events);
  while (g_hash_table_iter_next (&iter, NULL, &event))
    PINK_SYSCALL_EVENT (event)->log = NULL;
  g_hash_table_unref (self->events);
  g_array_unref (self->completed);
  _pink_log_store_clear (&self->store);
  G_OBJECT_CLASS (pink_syscall_log_parent_class)->finalize (object);
}

static void
pink_syscall_log_class_init (PinkSyscallLogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = pink_syscall_log_finalize;
  object_class->get_property = pink_syscall_log_get_property;
  object_class->set_property = pink_syscall_log_set_property;

  /**
   * PinkSyscallLog:max-rows:
   *
   * How many rows there are at most; 0 for no such bound, up to 2^31 - 1.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_ROWS] = g_param_spec_uint ("max-rows", NULL, NULL, 0, MOST_ROWS, DEFAULT_MAX_ROWS, flags);
  /**
   * PinkSyscallLog:max-bytes:
   *
   * How many bytes of memory the rows take at most, with what was recorded of what
   * their arguments point to; 0 for no such bound.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_BYTES] = g_param_spec_uint64 ("max-bytes", NULL, NULL, 0, G_MAXUINT64, DEFAULT_MAX_BYTES, flags);
  /**
   * PinkSyscallLog:drop-newest:
   *
   * What is left out when the log is full: the oldest rows, or with %TRUE those that
   * come.
   *
   * Since: 1.0
   */
  properties[PROP_DROP_NEWEST] = g_param_spec_boolean ("drop-newest", NULL, NULL, FALSE, flags);
  /**
   * PinkSyscallLog:string-limit:
   *
   * How many bytes of a string or of a buffer are recorded, and shown, up to 16384; paths
   * are recorded whole. In force for calls that come after it was set; the rows of a file
   * have the one that they were recorded with.
   *
   * Since: 1.0
   */
  properties[PROP_STRING_LIMIT] = g_param_spec_uint ("string-limit", NULL, NULL, 0, PINK_LOG_MOST_STRING_LIMIT, DEFAULT_STRING_LIMIT, flags);
  /**
   * PinkSyscallLog:update-interval:
   *
   * How often new rows are told of at most, in milliseconds.
   *
   * Since: 1.0
   */
  properties[PROP_UPDATE_INTERVAL] = g_param_spec_uint ("update-interval", NULL, NULL, 0, G_MAXINT, DEFAULT_INTERVAL, flags);
  /**
   * PinkSyscallLog:text-flags:
   *
   * How the texts of rows are written whose objects are made afterwards. With
   * %PINK_TEXT_VERBOSE there is no more than was recorded, which is what is shown
   * without; what descriptors refer to is not recorded.
   *
   * Since: 1.0
   */
  properties[PROP_TEXT_FLAGS] = g_param_spec_flags ("text-flags", NULL, NULL, PINK_TYPE_TEXT_FLAGS, PINK_TEXT_DEFAULT, flags);
  /**
   * PinkSyscallLog:n-bytes:
   *
   * How many bytes of memory the rows take.
   *
   * Since: 1.0
   */
  properties[PROP_N_BYTES] = g_param_spec_uint64 ("n-bytes", NULL, NULL, 0, G_MAXUINT64, 0, readable);
  /**
   * PinkSyscallLog:n-dropped:
   *
   * How many calls are not among the rows, because the log was full, or because the
   * program did not come to take them and the tracer task had no more room.
   *
   * Since: 1.0
   */
  properties[PROP_N_DROPPED] = g_param_spec_uint64 ("n-dropped", NULL, NULL, 0, G_MAXUINT64, 0, readable);
  /**
   * PinkSyscallLog:n-items:
   *
   * How many rows there are, as the list model has it; to be notified of.
   *
   * Since: 1.0
   */
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, readable);

  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pink_syscall_log_init (PinkSyscallLog *self)
{
  self->max_rows = DEFAULT_MAX_ROWS;
  self->max_bytes = DEFAULT_MAX_BYTES;
  self->string_limit = DEFAULT_STRING_LIMIT;
  self->update_interval = DEFAULT_INTERVAL;
  self->completed = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->events = g_hash_table_new (g_int64_hash, g_int64_equal);
  _pink_log_store_init (&self->store);
}

/**
 * pink_syscall_log_new:
 *
 * Makes an empty log.
 *
 * Returns: (transfer full): a new log
 *
 * Since: 1.0
 */
PinkSyscallLog *
pink_syscall_log_new (void)
{
  return g_object_new (PINK_TYPE_SYSCALL_LOG, NULL);
}
