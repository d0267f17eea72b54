/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Loaded into an example with a list: scrolls through it while it grows, says on standard
 * error what it shows at its end, and closes its window. What drive.py does for Python.
 */
#include <gtk/gtk.h>

#include <stdlib.h>

typedef struct
{
  guint  rows;  /* that there are to be at the end */
  guint  steps; /* since they are there */
  guint  n_steps;
  guint  while_growing;
  gint64 last_us;
  gint64 longest_us;
} Drive;

static GtkWidget *
find (GtkWidget *widget,
      GType      type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static void
say_labels (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget))
    g_printerr ("shown: %s\n", gtk_label_get_label (GTK_LABEL (widget)));
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    say_labels (child);
}

static gboolean
shows_end (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_mapped (widget) &&
      g_str_has_prefix (gtk_label_get_label (GTK_LABEL (widget)), "exit_group"))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (shows_end (child))
      return TRUE;
  return FALSE;
}

static gboolean
step (gpointer data)
{
  Drive *self = data;
  gint64 now = g_get_monotonic_time ();
  GListModel *windows;
  g_autoptr (GtkWidget) window = NULL;
  GtkAdjustment *adjustment;
  double lowest;

  self->longest_us = MAX (self->longest_us, now - self->last_us);
  self->last_us = now;
  if (!gtk_is_initialized ())
    return G_SOURCE_CONTINUE;
  windows = gtk_window_get_toplevels ();
  window = g_list_model_get_item (windows, 0);
  if (window == NULL || !gtk_widget_get_mapped (window))
    return G_SOURCE_CONTINUE;
  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (find (window, GTK_TYPE_SCROLLED_WINDOW)));
  lowest = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
  if (g_list_model_get_n_items (G_LIST_MODEL (gtk_column_view_get_model (
        GTK_COLUMN_VIEW (find (window, GTK_TYPE_COLUMN_VIEW))))) < self->rows && self->n_steps++ < 5000)
    {
      gtk_adjustment_set_value (adjustment, g_random_double () * lowest);
      self->while_growing++;
      self->steps = 0;
      return G_SOURCE_CONTINUE;
    }
  /* The end, which is drawn when the display comes to it. GTK 4.8 now and then shows an
   * empty list until one scrolls once more. */
  gtk_adjustment_set_value (adjustment, lowest - (self->steps % 50 == 49 ? 200 : 0));
  if (self->steps++ < 10 || (!shows_end (window) && self->steps < 5000))
    return G_SOURCE_CONTINUE;
  g_printerr ("scrolled %u times while it grew; longest pause %d ms\n", self->while_growing,
              (int) (self->longest_us / 1000));
  say_labels (window);
  gtk_window_close (GTK_WINDOW (window));
  return G_SOURCE_REMOVE;
}

static void __attribute__ ((constructor))
begin (void)
{
  static Drive drive;
  const char *rows = g_getenv ("ROWS");

  if (rows == NULL)
    return;
  g_unsetenv ("LD_PRELOAD"); /* what it traces is another program */
  drive.rows = (guint) strtoul (rows, NULL, 10);
  drive.last_us = g_get_monotonic_time ();
  /* Not before what is to be drawn, nor before the calls that are to come. */
  g_timeout_add_full (G_PRIORITY_LOW, 10, step, &drive, NULL);
}
