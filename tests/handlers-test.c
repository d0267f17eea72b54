/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Handlers that come and go in the middle of a trace.
 */
#include "pink-test-util.h"

#include <fcntl.h>
#include <unistd.h>

typedef struct
{
  const char *path;
  const char *signal;
} ConnectCase;

static const ConnectCase connect_cases[] = {
  { "/handlers/enter", "syscall-enter" },
  { "/handlers/enter-detail", "syscall-enter::getppid" },
  { "/handlers/exit", "syscall-exit" },
  { "/handlers/exit-detail", "syscall-exit::getppid" },
};

typedef struct
{
  PinkTracer *tracer;
  const char *signal;
  guint       n;
  gulong      id;
} Connect;

static gboolean
connect_now (gpointer data)
{
  Connect *connect = data;

  connect->id = g_signal_connect (connect->tracer, connect->signal, G_CALLBACK (test_on_call), &connect->n);
  return G_SOURCE_REMOVE;
}

static gboolean
disconnect_now (gpointer data)
{
  Connect *connect = data;

  g_clear_signal_handler (&connect->id, connect->tracer);
  connect->n = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
is_connected (gpointer data)
{
  return ((Connect *) data)->n > 20;
}

static gboolean
is_disconnected (gpointer data)
{
  return ((Connect *) data)->id == 0;
}

/* Nothing is left to do in the main loop: the tracee's calls do not come there. */
static gboolean
is_quiet (gpointer data)
{
  gint64 until = g_get_monotonic_time () + 50 * 1000;

  while (g_get_monotonic_time () < until)
    if (g_main_context_iteration (NULL, FALSE))
      return FALSE;
  return TRUE;
}

static void
await_quiet (void)
{
  gint64 until = g_get_monotonic_time () + (gint64) (test_seconds (TEST_BOUND_S) * G_USEC_PER_SEC);

  while (!is_quiet (NULL))
    if (g_get_monotonic_time () > until)
      g_error ("waited too long: calls without handlers to stay away");
}

/* From another source, while the tracee makes its calls. */
static void
test_connected (gconstpointer data)
{
  const ConnectCase *test = data;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  Connect connect = { .tracer = tracer, .signal = test->signal };

  test_spawn (tracer, "loop-forever", NULL);
  await_quiet ();
  for (guint i = 0; i < 5; i++)
    {
      g_idle_add (connect_now, &connect);
      test_wait_until (NULL, is_connected, &connect, "a handler that was just connected");
      g_idle_add (disconnect_now, &connect);
      test_wait_until (NULL, is_disconnected, &connect, "an idle source");
      await_quiet ();
      g_assert_cmpuint (connect.n, ==, 0);
    }
}

/* While it sleeps in a call, whose exit is now wanted. */
static gboolean
has_come (gpointer data)
{
  return ((Connect *) data)->n == 1;
}

static void
test_connected_while_it_sleeps (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  const char * const argv[] = { test_program (), "gate:7", "sleep-forever", NULL };
  Connect connect = { .tracer = tracer, .signal = "syscall-exit::read" };
  int gate[2];

  g_assert_cmpint (pipe2 (gate, O_CLOEXEC), ==, 0);
  pink_launcher_take_fd (launcher, gate[0], 7);
  pink_launcher_spawn (launcher, tracer, argv, NULL);
  await_quiet (); /* in its read() */
  g_idle_add (connect_now, &connect);
  await_quiet ();
  g_assert_cmpint (write (gate[1], "x", 1), ==, 1);
  test_wait_until (NULL, has_come, &connect, "the exit of a call that a handler now wants");
  close (gate[1]);
}

/* A handler that connects another, and takes itself away. */
static void
pass_on (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          data)
{
  guint *n = data;

  n[0]++;
  g_signal_handlers_disconnect_by_func (tracer, pass_on, data);
  g_signal_connect (tracer, "syscall-exit::getppid", G_CALLBACK (test_on_call), &n[1]);
}

static void
test_connected_in_handler (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  guint n[2] = { 0 };

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (pass_on), n);
  g_assert_cmpint (test_trace (tracer, "getppid:100", NULL), ==, 0);
  g_assert_cmpuint (n[0], ==, 1);
  g_assert_cmpuint (n[1], >=, 99);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (connect_cases); i++)
    test_add_data (connect_cases[i].path, &connect_cases[i], test_connected);
  test_add ("/handlers/while-it-sleeps", test_connected_while_it_sleeps);
  test_add ("/handlers/in-handler", test_connected_in_handler);
  return g_test_run ();
}
