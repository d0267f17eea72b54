/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "marked-call.h"

#include <string.h>

static void
look_at_entry (PinkTracer       *tracer,
               PinkSyscallEvent *event,
               gpointer          data)
{
  MarkedLook *look = data;

  if (g_str_equal (pink_syscall_event_get_name (event), MARK_NAME))
    return;
  if (!look->marked)
    return;
  look->n_entries++;
  g_set_object (&look->event, event);
  if (look->at_entry != NULL)
    look->at_entry (event, look->data);
}

static void
look_at_exit (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          data)
{
  MarkedLook *look = data;

  if (g_str_equal (pink_syscall_event_get_name (event), MARK_NAME))
    {
      look->marked = !look->marked;
      return;
    }
  if (!look->marked)
    return;
  look->n_exits++;
  g_assert_true (event == look->event);
  if (look->at_exit != NULL)
    look->at_exit (event, look->data);
}

void
marked_look (PinkTracer         *tracer,
             const char * const *argv,
             MarkedLook         *look)
{
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (look_at_entry), look);
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (look_at_exit), look);
  test_spawnv (tracer, argv);
  test_run (tracer);
  g_assert_cmpuint (look->n_entries, ==, 1);
}

PinkSyscallEvent *
marked_call_after (PinkTracer  *tracer,
                   const char  *before,
                   const char  *step,
                   MarkedCheck  at_entry,
                   MarkedCheck  at_exit,
                   gpointer     data)
{
  const char * const argv[] = { test_program (), before != NULL ? before : "getppid", MARK, step, MARK, NULL };
  MarkedLook look = { .at_entry = at_entry, .at_exit = at_exit, .data = data };

  marked_look (tracer, argv, &look);
  g_assert_cmpuint (look.n_exits, ==, 1);
  return look.event;
}

PinkSyscallEvent *
marked_call (const char  *step,
             MarkedCheck  at_entry,
             MarkedCheck  at_exit,
             gpointer     data)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();

  return marked_call_after (tracer, NULL, step, at_entry, at_exit, data);
}

gboolean
marked_without_info (void)
{
  const char *forced = g_getenv ("PINKTRACE_FORCE");

  return forced != NULL && strstr (forced, "regset") != NULL;
}

PinkSyscallEvent *
marked_call32 (const char  *step,
               MarkedCheck  at_entry,
               MarkedCheck  at_exit,
               gpointer     data)
{
  const char * const argv[] = { test_program32 (), MARK, step, MARK, NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  MarkedLook look = { .at_entry = at_entry, .at_exit = at_exit, .data = data };

  if (argv[0] == NULL)
    {
      g_test_skip (TEST_NO_32_BITS);
      return NULL;
    }
  marked_look (tracer, argv, &look);
  g_assert_cmpuint (look.n_exits, ==, 1);
  g_assert_cmpint (pink_syscall_event_get_abi (look.event), ==, PINK_ABI_I386);
  return look.event;
}
