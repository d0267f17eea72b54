/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach-util.h"

typedef struct
{
  guint *value;
  guint  wanted;
} Reaches;

static gboolean
has_reached (gpointer data)
{
  Reaches *reaches = data;

  return *reaches->value >= reaches->wanted;
}

void
tree_wait_value (guint      *value,
                 guint       wanted,
                 const char *what)
{
  Reaches reaches = { value, wanted };

  test_wait_until (NULL, has_reached, &reaches, what);
}

static gboolean
is_untraced (gpointer data)
{
  return tree_count_traced (GPOINTER_TO_INT (data)) == 0;
}

void
busy_wait_untraced (int pid)
{
  test_wait_until (NULL, is_untraced, GINT_TO_POINTER (pid), "all threads to be let go");
}

gboolean
busy_is_all_traced (gpointer data)
{
  int pid = GPOINTER_TO_INT (data);

  return tree_count_traced (pid) == tree_count_threads (pid, NULL);
}

gboolean
busy_are_all_stopped (gpointer data)
{
  return tree_count_threads (GPOINTER_TO_INT (data), "T") == THREADS;
}

int
busy_start (TreeShared *shared,
            const char *churn)
{
  int pid = tree_start (shared, -1, "busy", G_STRINGIFY (THREADS), churn, NULL);

  tree_wait_word (&shared->ready, THREADS, "20 busy threads");
  return pid;
}

/* It ends as if nothing had been. */
void
busy_end_well (TreeShared *shared,
               int         pid)
{
  atomic_store (&shared->stop, 1);
  g_assert_cmpint (tree_await (pid), ==, 0);
  g_assert_cmpint (atomic_load (&shared->errors), ==, 0);
}

void
busy_detach (PinkTracer *tracer,
             int         pid,
             gboolean    leave_stopped)
{
  g_autoptr (PinkTracee) leader = g_object_ref (tree_find (tracer, pid));

  tree_detach (leader, leave_stopped);
  g_assert_cmpint (pink_tracee_get_state (leader), ==, PINK_TRACEE_DETACHED);
  g_assert_cmpuint (pink_tracer_get_n_tracees (tracer), ==, 0);
}
