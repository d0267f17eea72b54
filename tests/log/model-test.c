/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A log as a GListModel: what it says of itself is so, and it keeps within its bounds.
 */
#include "log-util.h"

#include <string.h>

/* What somebody has who believes items-changed. */
typedef struct
{
  PinkSyscallLog *log;
  GPtrArray      *items;
  guint           n_changes;
  guint           n_notified; /* n-items */
  guint           last;       /* what it was then */
} Mirror;

static void
on_items_changed (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    data)
{
  Mirror *self = data;

  g_assert_cmpuint (position + removed, <=, self->items->len);
  if (removed > 0)
    g_ptr_array_remove_range (self->items, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (self->items, (int) (position + i), g_list_model_get_item (model, position + i));
  g_assert_cmpuint (self->items->len, ==, g_list_model_get_n_items (model));
  self->n_changes++;
}

static void
on_n_items (GObject    *object,
            GParamSpec *pspec,
            gpointer    data)
{
  Mirror *self = data;

  self->n_notified++;
  self->last = g_list_model_get_n_items (G_LIST_MODEL (object));
}

static void
mirror_begin (Mirror         *self,
              PinkSyscallLog *log)
{
  self->log = log;
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->n_changes = self->n_notified = self->last = 0;
  g_signal_connect (log, "items-changed", G_CALLBACK (on_items_changed), self);
  g_signal_connect (log, "notify::n-items", G_CALLBACK (on_n_items), self);
}

static void
mirror_end (Mirror *self)
{
  g_assert_cmpuint (self->items->len, ==, log_count (self->log));
  for (guint i = 0; i < self->items->len; i++)
    {
      g_autoptr (PinkSyscallEvent) row = log_get (self->log, i);

      g_assert_true (row == self->items->pdata[i]);
    }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (self->log), self->items->len));
  g_assert_cmpuint (self->last, ==, self->items->len);
  g_signal_handlers_disconnect_by_data (self->log, self);
  g_ptr_array_unref (self->items);
}

static void
test_mirror (gconstpointer data)
{
  const char *bounds = data;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  Mirror mirror;

  pink_syscall_log_set_update_interval (log, 1);
  if (strcmp (bounds, "rows") == 0)
    pink_syscall_log_set_max_rows (log, 300);
  else if (strcmp (bounds, "bytes") == 0)
    pink_syscall_log_set_max_bytes (log, 64 * 1024);
  else if (strcmp (bounds, "newest") == 0)
    {
      pink_syscall_log_set_max_rows (log, 300);
      pink_syscall_log_set_drop_newest (log, TRUE);
    }
  pink_tracer_add_log (tracer, log);
  mirror_begin (&mirror, log);
  log_trace (tracer, "threads:4:300", "forks:4:300", "opens:1000", NULL);
  g_assert_cmpuint (mirror.n_changes, >, 1);
  g_assert_cmpuint (mirror.n_notified, >, 0);
  g_assert_cmpuint (log_count (log), >, 100);
  mirror_end (&mirror);
}

static guint
count_opens (PinkSyscallLog *log)
{
  guint n = 0;

  for (guint i = 0; i < log_count (log); i++)
    {
      g_autofree char *line = log_line (log, i);

      n += strstr (line, "\"/nowhere/") != NULL;
    }
  return n;
}

static void
test_bounds (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) all = pink_syscall_log_new ();
  g_autoptr (PinkSyscallLog) oldest = pink_syscall_log_new ();
  g_autoptr (PinkSyscallLog) newest = pink_syscall_log_new ();
  g_autoptr (PinkSyscallLog) bytes = pink_syscall_log_new ();
  PinkSyscallLog *logs[] = { all, oldest, newest, bytes };

  pink_syscall_log_set_max_rows (oldest, 1000);
  pink_syscall_log_set_max_rows (newest, 1000);
  pink_syscall_log_set_drop_newest (newest, TRUE);
  pink_syscall_log_set_max_bytes (bytes, 100000);
  for (guint i = 0; i < G_N_ELEMENTS (logs); i++)
    pink_tracer_add_log (tracer, logs[i]);
  log_trace (tracer, "opens:5000", NULL);

  g_assert_cmpuint (pink_syscall_log_get_n_dropped (all), ==, 0);
  g_assert_cmpuint (count_opens (all), ==, 5000);
  for (guint i = 1; i < 3; i++)
    {
      g_assert_cmpuint (log_count (logs[i]), ==, 1000);
      g_assert_cmpuint (pink_syscall_log_get_n_dropped (logs[i]), ==, log_count (all) - 1000);
    }
  g_assert_cmpuint (pink_syscall_log_get_n_bytes (bytes), <=, 100000);
  g_assert_cmpuint (pink_syscall_log_get_n_bytes (bytes), >, 50000);
  g_assert_cmpuint (log_count (bytes) + pink_syscall_log_get_n_dropped (bytes), ==, log_count (all));
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *first = log_line (all, i);
      g_autofree char *last = log_line (all, log_count (all) - 1000 + i);
      g_autofree char *of_oldest = log_line (oldest, i);
      g_autofree char *of_newest = log_line (newest, i);

      g_assert_cmpstr (of_oldest, ==, last);
      g_assert_cmpstr (of_newest, ==, first);
    }
}

static void
test_identity (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  PinkSyscallEvent *row, *again, *gone;

  pink_tracer_add_log (tracer, log);
  log_trace (tracer, "opens:10", NULL);
  row = log_get (log, 5);
  again = log_get (log, 5);
  g_assert_true (row == again);
  g_object_unref (again);
  gone = row;
  g_object_add_weak_pointer (G_OBJECT (row), (gpointer *) &gone);
  g_object_unref (row);
  g_assert_null (gone);
  row = log_get (log, 5);
  g_assert_cmpint (g_list_model_get_item_type (G_LIST_MODEL (log)), ==, PINK_TYPE_SYSCALL_EVENT);
  g_object_unref (row);
}

/* Whoever has a row keeps it when the log does not. */
static void
test_clear (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  g_autoptr (PinkSyscallEvent) row = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  Mirror mirror;

  pink_tracer_add_log (tracer, log);
  mirror_begin (&mirror, log);
  log_trace (tracer, "opens:10", NULL);
  row = log_get (log, 5);
  before = pink_syscall_event_to_string (row);
  pink_syscall_log_clear (log);
  g_assert_cmpuint (log_count (log), ==, 0);
  g_assert_cmpuint (pink_syscall_log_get_n_bytes (log), ==, 0);
  after = pink_syscall_event_to_string (row);
  g_assert_cmpstr (before, ==, after);
  log_trace (tracer, "opens:10", NULL);
  g_assert_cmpuint (log_count_opens (log, 0), ==, 10);
  mirror_end (&mirror);
}

static void
on_changed_clear (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    count)
{
  guint *left = count;

  if (added == 0 || *left == 0)
    return;
  (*left)--;
  pink_syscall_log_clear (PINK_SYSCALL_LOG (model));
}

/* A handler of items-changed that changes the log. */
static void
test_clear_within (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  Mirror mirror;
  guint left = 3;

  pink_syscall_log_set_update_interval (log, 1);
  pink_tracer_add_log (tracer, log);
  mirror_begin (&mirror, log);
  g_signal_connect (log, "items-changed", G_CALLBACK (on_changed_clear), &left);
  log_trace (tracer, "opens:3000", NULL);
  g_assert_cmpuint (left, ==, 0);
  mirror_end (&mirror);
}

typedef struct
{
  PinkTracer *tracer;
  GFile      *file;
  gboolean    done;
} Within;

static void
on_changed_remove (GListModel *model,
                   guint       position,
                   guint       removed,
                   guint       added,
                   gpointer    data)
{
  Within *within = data;

  if (within->done || g_list_model_get_n_items (model) < 50)
    return;
  within->done = TRUE;
  pink_tracer_remove_log (within->tracer, PINK_SYSCALL_LOG (model));
}

/* What has been recorded up to there is in it. */
static void
test_remove_within (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  Within within = { .tracer = tracer };
  Mirror mirror;
  guint64 bytes;

  pink_syscall_log_set_update_interval (log, 1);
  pink_tracer_add_log (tracer, log);
  mirror_begin (&mirror, log);
  g_signal_connect (log, "items-changed", G_CALLBACK (on_changed_remove), &within);
  log_trace (tracer, "opens:20000", NULL);
  g_assert_true (within.done);
  /* Not one that is stored is left out: without it nothing is stored. */
  pink_syscall_log_set_max_rows (log, log_count (log));
  bytes = pink_syscall_log_get_n_bytes (log);
  g_assert_cmpuint (bytes, >, 0);
  g_assert_cmpuint (pink_syscall_log_get_n_dropped (log), ==, 0);
  mirror_end (&mirror);
}

static void
on_changed_iterate (GListModel *model,
                    guint       position,
                    guint       removed,
                    guint       added,
                    gpointer    data)
{
  Within *within = data;

  if (within->done || g_list_model_get_n_items (model) < 50)
    return;
  within->done = TRUE;
  for (guint i = 0; i < 200; i++)
    g_main_context_iteration (NULL, FALSE);
}

/* As a dialog does. */
static void
test_iterate_within (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  Within within = { .tracer = tracer };
  Mirror mirror;

  pink_syscall_log_set_update_interval (log, 1);
  pink_tracer_add_log (tracer, log);
  mirror_begin (&mirror, log);
  g_signal_connect (log, "items-changed", G_CALLBACK (on_changed_iterate), &within);
  log_trace (tracer, "opens:3000", NULL);
  g_assert_true (within.done);
  g_assert_cmpuint (log_count_opens (log, 0), ==, 3000);
  mirror_end (&mirror);
}

static void
load_once (PinkSyscallLog *log,
           Within         *within)
{
  g_autoptr (GError) error = NULL;

  if (within->done)
    return;
  within->done = TRUE;
  g_assert_true (pink_syscall_log_load (log, within->file, NULL, &error));
  g_assert_no_error (error);
}

static void
on_bytes_load (GObject    *object,
               GParamSpec *pspec,
               gpointer    data)
{
  load_once (PINK_SYSCALL_LOG (object), data);
}

static void
on_changed_load (GListModel *model,
                 guint       position,
                 guint       removed,
                 guint       added,
                 gpointer    data)
{
  load_once (PINK_SYSCALL_LOG (model), data);
}

/* A handler that has a file read, and one more by the change that this makes. */
static void
test_load_within (void)
{
  char *directory = test_directory ();
  g_autoptr (GFile) file = g_file_new_build_filename (directory, "log", NULL);
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  guint n;

  pink_tracer_add_log (tracer, log);
  log_trace (tracer, "opens:100", NULL);
  n = log_count (log);
  g_assert_true (pink_syscall_log_save (log, file, NULL, NULL));
  for (guint i = 0; i < 2; i++)
    {
      Within within = { .file = file };
      Mirror mirror;

      pink_syscall_log_clear (log);
      mirror_begin (&mirror, log);
      if (i == 0)
        g_signal_connect (log, "notify::n-bytes", G_CALLBACK (on_bytes_load), &within);
      else
        g_signal_connect (log, "items-changed", G_CALLBACK (on_changed_load), &within);
      log_trace (tracer, "opens:10", NULL);
      g_assert_true (within.done);
      g_assert_cmpuint (log_count (log), >=, n);
      /* What the program still does is behind what was read. */
      g_assert_cmpuint (log_count_opens_in (log, 0, n), ==, 100);
      mirror_end (&mirror);
      g_signal_handlers_disconnect_by_data (log, &within);
    }
  test_directory_remove (directory);
}

static void
test_remove (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallLog) log = pink_syscall_log_new ();
  guint n;

  pink_tracer_add_log (tracer, log);
  pink_tracer_add_log (tracer, log);
  log_trace (tracer, "opens:10", NULL);
  n = log_count (log);
  g_assert_cmpuint (log_count_opens (log, 0), ==, 10);
  pink_tracer_remove_log (tracer, log);
  pink_tracer_remove_log (tracer, log);
  log_trace (tracer, "opens:10", NULL);
  g_assert_cmpuint (log_count (log), ==, n);
}

static void
test_empty (void)
{
  g_autoptr (PinkSyscallLog) log = g_object_new (PINK_TYPE_SYSCALL_LOG, "max-rows", 7, NULL);
  guint n_items = 1;

  g_object_get (log, "n-items", &n_items, NULL);
  g_assert_cmpuint (n_items, ==, 0);
  g_assert_cmpuint (pink_syscall_log_get_max_rows (log), ==, 7);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (log), 0));
  pink_syscall_log_clear (log);
}

int
main (int argc, char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add ("/log-model/empty", test_empty);
  test_add_data ("/log-model/mirror/all", "all", test_mirror);
  test_add_data ("/log-model/mirror/rows", "rows", test_mirror);
  test_add_data ("/log-model/mirror/bytes", "bytes", test_mirror);
  test_add_data ("/log-model/mirror/newest", "newest", test_mirror);
  test_add ("/log-model/bounds", test_bounds);
  test_add ("/log-model/identity", test_identity);
  test_add ("/log-model/clear", test_clear);
  test_add ("/log-model/clear-within", test_clear_within);
  test_add ("/log-model/remove-within", test_remove_within);
  test_add ("/log-model/iterate-within", test_iterate_within);
  test_add ("/log-model/load-within", test_load_within);
  test_add ("/log-model/remove", test_remove);
  return g_test_run ();
}
