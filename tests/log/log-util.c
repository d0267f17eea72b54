/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "log-util.h"

#include <stdlib.h>
#include <unistd.h>

PinkTracee *
log_spawn (PinkTracer *tracer,
           int         input,
           const char *step)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  const char *argv[] = { g_getenv ("PINK_LOGPROG"), step, NULL };
  g_autoptr (GError) error = NULL;
  PinkTracee *tracee;

  if (input >= 0)
    pink_launcher_take_fd (launcher, input, 0);
  tracee = pink_launcher_spawn (launcher, tracer, argv, &error);
  g_assert_no_error (error);
  return tracee;
}

void
log_trace (PinkTracer *tracer,
           const char *step,
           ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  va_list args;

  g_ptr_array_add (argv, (gpointer) g_getenv ("PINK_LOGPROG"));
  va_start (args, step);
  for (; step != NULL; step = va_arg (args, const char *))
    g_ptr_array_add (argv, (gpointer) step);
  va_end (args);
  g_ptr_array_add (argv, NULL);
  pink_tracer_spawn (tracer, (const char * const *) argv->pdata, &error);
  g_assert_no_error (error);
  test_run (tracer);
}

guint
log_count (PinkSyscallLog *log)
{
  return g_list_model_get_n_items (G_LIST_MODEL (log));
}

PinkSyscallEvent *
log_get (PinkSyscallLog *log,
         guint           position)
{
  PinkSyscallEvent *event = g_list_model_get_item (G_LIST_MODEL (log), position);

  g_assert_true (PINK_IS_SYSCALL_EVENT (event));
  return event;
}

char *
log_line (PinkSyscallLog *log,
          guint           position)
{
  g_autoptr (PinkSyscallEvent) event = log_get (log, position);

  return pink_syscall_event_to_string (event);
}

PinkSyscallEvent *
log_last (PinkSyscallLog *log,
          const char     *name)
{
  for (guint i = log_count (log); i-- > 0;)
    {
      g_autoptr (PinkSyscallEvent) event = log_get (log, i);

      if (g_strcmp0 (pink_syscall_event_get_name (event), name) == 0)
        return g_steal_pointer (&event);
    }
  return NULL;
}

guint
log_count_opens (PinkSyscallLog *log,
                 guint           first)
{
  return log_count_opens_in (log, first, log_count (log));
}

guint
log_count_opens_in (PinkSyscallLog *log,
                    guint           first,
                    guint           n_rows)
{
  guint n = 0;

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (PinkSyscallEvent) event = log_get (log, i);
      g_autofree char *wanted = NULL;
      g_autofree char *path = NULL;
      g_autoptr (GError) error = NULL;

      if (g_strcmp0 (pink_syscall_event_get_name (event), "openat") != 0)
        continue;
      path = pink_syscall_event_read_string (event, 1, &error);
      g_assert_no_error (error);
      if (!g_str_has_prefix (path, "/nowhere/"))
        continue;
      wanted = g_strdup_printf ("/nowhere/%06u", first + n);
      g_assert_cmpstr (path, ==, wanted);
      g_assert_cmpstr (pink_syscall_event_get_error_name (event), ==, "ENOENT");
      g_assert_cmpint (pink_syscall_event_get_state (event), ==, PINK_SYSCALL_FINISHED);
      g_assert_cmpint (pink_syscall_event_get_duration (event), >=, 0);
      n++;
    }
  return n;
}
