/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Chosen calls: nothing else is told of, nothing slips by, and what can be done with
 * a call can be done with a filter, too.
 */
#include "change-util.h"

#if __has_include(<valgrind/valgrind.h>)
# include <valgrind/valgrind.h>
#else
# define RUNNING_ON_VALGRIND 0
#endif

#include <errno.h>
#include <string.h>

#define NATIVE (&change_ways ()[0])

static const char * const only_write[] = { "write", NULL };

static void
choose (PinkTracer         *tracer,
        const char * const *names)
{
  GError *error = NULL;

  g_assert_true (pink_tracer_set_syscalls (tracer, names, &error));
  g_assert_no_error (error);
}

typedef struct
{
  guint n_entries, n_exits, n_others;
} Seen;

static void
see_entry (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          data)
{
  Seen *seen = data;

  if (g_str_equal (pink_syscall_event_get_name (event), "write"))
    seen->n_entries++;
  else
    seen->n_others++;
}

static void
see_exit (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          data)
{
  Seen *seen = data;

  if (g_str_equal (pink_syscall_event_get_name (event), "write"))
    seen->n_exits++;
  else
    seen->n_others++;
}

static void
watch (PinkTracer *tracer,
       Seen       *seen)
{
  g_signal_connect (tracer, "syscall-enter", G_CALLBACK (see_entry), seen);
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (see_exit), seen);
}

static void
chosen (gconstpointer way)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  Seen seen = { 0 };

  choose (tracer, only_write);
  watch (tracer, &seen);
  output = change_run (tracer, way, change_call (way, "write", "1,@a,1"), change_call (way, "dup", "999"),
                       change_call (way, "write", "1,@b,1"), NULL);
  g_assert_cmpstr (output, ==, "a1 kept\n-9 kept\nb1 kept\n");
  g_assert_cmpuint (seen.n_entries, ==, 2);
  g_assert_cmpuint (seen.n_exits, ==, 2);
  g_assert_cmpuint (seen.n_others, ==, 0);
}

/* Where the entry can be told from the stop; valgrind itself would not live with one. */
static gboolean
can_filter (void)
{
  return g_strcmp0 (g_getenv ("PINKTRACE_FORCE"), "regset") != 0 && !RUNNING_ON_VALGRIND;
}

static gboolean
has_filter (PinkTracee *tracee)
{
  g_autofree char *mode = test_status_line (pink_tracee_get_pid (tracee), "Seccomp");

  return g_strcmp0 (mode, "2") == 0;
}

/* Only with both properties on. */
static void
where_possible (void)
{
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();
      PinkTracee *tracee;

      pink_tracer_set_follow_forks (tracer, (i & 1) != 0);
      pink_tracer_set_exit_kill (tracer, (i & 2) != 0);
      choose (tracer, only_write);
      tracee = test_spawn (tracer, "write:99:x", NULL);
      g_assert_cmpint (has_filter (tracee), ==, i == 3 && can_filter ());
      test_run (tracer);
    }
}

/* ---- what is done with a call ---- */

static void
deny (PinkTracer       *tracer,
      PinkSyscallEvent *event,
      gpointer          data)
{
  g_assert_true (pink_syscall_event_deny (event, ENOSPC, NULL));
}

static void
shorten (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          data)
{
  g_assert_true (pink_syscall_event_set_argument (event, 2, 2, NULL));
}

static void
make_umask (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  g_assert_true (pink_syscall_event_set_name (event, "dup", NULL));
  g_assert_true (pink_syscall_event_set_argument (event, 0, 998, NULL));
}

static void
lengthen (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          data)
{
  g_autoptr (GBytes) bytes = g_bytes_new ("longer than that", 16);

  g_assert_true (pink_syscall_event_set_argument_bytes (event, 1, bytes, NULL));
  g_assert_true (pink_syscall_event_set_argument (event, 2, 16, NULL));
}

static void
answer (PinkTracer       *tracer,
        PinkSyscallEvent *event,
        gpointer          data)
{
  g_assert_true (pink_syscall_event_set_return_value (event, 4711, NULL));
}

static void
on_injected (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (PinkSyscallEvent) done = pink_tracee_inject_syscall_finish (PINK_TRACEE (source), result, NULL);

  g_assert_nonnull (done);
  g_assert_cmpint (pink_syscall_event_get_return_value (done), ==, 4);
}

static void
inject (PinkTracer       *tracer,
        PinkSyscallEvent *event,
        gpointer          data)
{
  /* A chosen call, too: nobody is told of it. */
  pink_tracee_inject_syscall_async (pink_syscall_event_get_tracee (event), "write",
                                    g_variant_new_parsed ("(1, 'and ', 4)"), NULL, on_injected, NULL);
}

static const struct
{
  const char *signal;
  void      (*func) (PinkTracer *tracer, PinkSyscallEvent *event, gpointer data);
  const char *expected;
} deeds[] = {
  { "syscall-enter::write", deny, "-28 kept\n" },
  { "syscall-enter::write", shorten, "he2 kept\n" },
  { "syscall-enter::write", make_umask, "-9 kept\n" },
  { "syscall-enter::write", lengthen, "longer than that16 kept\n" },
  { "syscall-enter::write", answer, "4711 kept\n" },
  { "syscall-exit::write", answer, "hello4711 kept\n" },
  { "syscall-enter::write", inject, "and hello5 kept\n" },
  { "syscall-exit::write", inject, "helloand 5 kept\n" },
};

static void
done (gconstpointer way)
{
  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();
      g_autofree char *output = NULL;
      Seen seen = { 0 };

      choose (tracer, only_write);
      g_signal_connect (tracer, "syscall-enter", G_CALLBACK (see_entry), &seen);
      g_signal_connect (tracer, deeds[i].signal, G_CALLBACK (deeds[i].func), NULL);
      output = change_run (tracer, way, change_call (way, "write", "1,@hello,5"), NULL);
      g_assert_cmpstr (output, ==, deeds[i].expected);
      g_assert_cmpuint (seen.n_entries, ==, 1);
      g_assert_cmpuint (seen.n_others, ==, 0);
    }
}

static void
ruled (gconstpointer way)
{
  const char * const none[] = { "getppid", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  g_autofree char *output = NULL;

  choose (tracer, none);
  pink_rule_deny (rule, ENOSPC);
  g_assert_true (pink_tracer_add_rule (tracer, rule, NULL));
  output = change_run (tracer, way, change_call (way, "write", "1,@hello,5"), NULL);
  change_assert_kept (output, -ENOSPC);
}

/* ---- trees ---- */

static void
trees (void)
{
  const char * const argv[] = { "/bin/sh", "-c",
    "for i in 1 2 3; do (echo x 2>/dev/null >&-; /bin/echo $i > /dev/null) & done; wait; exec /bin/echo end >/dev/null", NULL };
  Seen seen[2] = { { 0 } };

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();

      if (i == 0)
        choose (tracer, only_write);
      watch (tracer, &seen[i]);
      test_spawnv (tracer, argv);
      test_run (tracer);
    }
  g_assert_cmpuint (seen[0].n_entries, ==, seen[1].n_entries);
  g_assert_cmpuint (seen[0].n_exits, ==, seen[1].n_exits);
  g_assert_cmpuint (seen[0].n_entries, >=, 4);
  g_assert_cmpuint (seen[0].n_others, ==, 0);
}

/* ---- changed on the way ---- */

static void
choose_all (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  choose (tracer, NULL);
}

static void
widened (gconstpointer way)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  Seen seen = { 0 };

  choose (tracer, only_write);
  watch (tracer, &seen);
  g_signal_connect (tracer, "syscall-exit::write", G_CALLBACK (choose_all), NULL);
  output = change_run (tracer, way, change_call (way, "dup", "999"), change_call (way, "write", "1,@a,1"),
                       change_call (way, "dup", "999"), change_call (way, "write", "1,@b,1"), NULL);
  g_assert_cmpstr (output, ==, "-9 kept\na1 kept\n-9 kept\nb1 kept\n");
  g_assert_cmpuint (seen.n_entries, ==, 2);
  g_assert_cmpuint (seen.n_exits, ==, 2);
  g_assert_cmpuint (seen.n_others, >=, 4); /* dup and writev, both ways */
}

static void
on_detached (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  pink_tracee_detach_finish (PINK_TRACEE (source), result, data);
}

static void
detached (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  GError *error = NULL;
  PinkTracee *tracee;

  choose (tracer, only_write);
  tracee = test_spawn (tracer, "write:99:x", NULL);
  pink_tracee_detach_async (tracee, FALSE, NULL, on_detached, &error);
  pink_tracer_detach_all (tracer);
  test_run (tracer);
  if (can_filter ())
    g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FILTERED);
  g_clear_error (&error);
}

static void
refused (void)
{
  const char * const names[] = { "%file", "opennat", NULL };
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  GError *error = NULL;

  g_assert_false (pink_tracer_set_syscalls (tracer, names, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL);
  g_clear_error (&error);
}

/* ---- filters of its own ---- */

#ifdef __x86_64__
/* ld nr; jeq NUMBER, 0, 1; ret ACTION; ret ALLOW */
static char *
own_filter (guint number,
            guint action)
{
  return g_strdup_printf ("317,1,0,[4;%%2000000000000000" "15000001%02x%02x0000" "06000000%02x%02x%02x%02x"
                          "060000000000ff7f", number & 255, number >> 8, action & 255, (action >> 8) & 255,
                          (action >> 16) & 255, action >> 24);
}

static const struct
{
  guint       action;
  const char *getppid; /* NULL: not told */
  const char *write;
} confined[] = {
  { 0x00050001, "-1 kept\n", "a1 kept\n" },  /* RET_ERRNO, EPERM: of getppid */
  { 0x7ff00001, "-38 kept\n", "a1 kept\n" }, /* RET_TRACE: without a tracer of its own, ENOSYS */
  { 0x7fff0000, NULL, "a1 kept\n" },
};

static void
confines_itself (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (confined); i++)
    {
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();
      g_autofree char *output = NULL, *expected = NULL;
      Seen seen = { 0 };

      choose (tracer, only_write);
      watch (tracer, &seen);
      output = change_run (tracer, NATIVE, change_call (NATIVE, "write", "99,@x,1"),
                           change_call (NATIVE, "prctl", "38,1,0,0,0"), own_filter (110, confined[i].action),
                           change_call (NATIVE, "getppid", NULL), change_call (NATIVE, "write", "1,@a,1"), NULL);
      expected = g_strdup_printf ("-9 kept\n0 kept\n0 kept\n%s%s",
                                  confined[i].getppid != NULL ? confined[i].getppid : "", confined[i].write);
      if (confined[i].getppid != NULL)
        g_assert_cmpstr (output, ==, expected);
      g_assert_cmpuint (seen.n_entries, ==, 2);
      g_assert_cmpuint (seen.n_exits, ==, 2);
    }
}

/* Asks its tracer for the very call that was chosen, by the word that is ours or not. */
static void
same_call (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  Seen seen = { 0 };

  choose (tracer, only_write);
  watch (tracer, &seen);
  output = change_run (tracer, NATIVE, change_call (NATIVE, "prctl", "38,1,0,0,0"), own_filter (1, 0x7ff00001),
                       change_call (NATIVE, "write", "1,@a,1"), NULL);
  g_assert_cmpstr (output, ==, "0 kept\n0 kept\n-38 kept\n");
  g_assert_cmpuint (seen.n_entries, ==, 1);
}

static void
on_own_filter (PinkTracer     *tracer,
               PinkTracee     *tracee,
               PinkStopReason  reason,
               gpointer        count)
{
  g_assert_cmpint (reason, ==, PINK_STOP_REASON_SECCOMP);
  g_assert_cmpint (pink_tracee_get_seccomp_data (tracee), ==, 0x1234);
  ++*(guint *) count;
}

static void
go_free (PinkTracer       *tracer,
         PinkSyscallEvent *event)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  g_assert_cmpint (pink_tracee_get_seccomp_data (tracee), ==, -1);
  g_assert_true (pink_tracee_hold (tracee, NULL));
  g_assert_true (pink_tracee_resume (tracee, PINK_RESUME_CONTINUE, NULL));
}

/* That its filter asks is told, and the call fails as untraced: where it stops at each
 * call, where ours chooses, and where it runs free. */
static void
asks_its_tracer (gconstpointer how)
{
  gboolean chosen = g_str_equal (how, "chosen"), free = g_str_equal (how, "free");
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  guint n = 0;

  if (chosen)
    choose (tracer, only_write);
  if (free)
    g_signal_connect (tracer, "syscall-exit::seccomp", G_CALLBACK (go_free), NULL);
  g_signal_connect (tracer, "stopped::seccomp", G_CALLBACK (on_own_filter), &n);
  output = change_run (tracer, NATIVE, change_call (NATIVE, "prctl", "38,1,0,0,0"), own_filter (110, 0x7ff01234),
                       change_call (NATIVE, "getppid", NULL), change_call (NATIVE, "write", "1,@a,1"),
                       change_call (NATIVE, "getppid", NULL), NULL);
  g_assert_cmpstr (output, ==, "0 kept\n0 kept\n-38 kept\na1 kept\n-38 kept\n");
  g_assert_cmpuint (n, ==, 2);
}
#endif

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  change_add ("/filter/chosen", chosen);
  test_add ("/filter/where-possible", where_possible);
  change_add ("/filter/done", done);
  change_add ("/filter/ruled", ruled);
  test_add ("/filter/trees", trees);
  change_add ("/filter/widened", widened);
  test_add ("/filter/detached", detached);
  test_add ("/filter/refused", refused);
#ifdef __x86_64__
  test_add ("/filter/own/confines-itself", confines_itself);
  test_add ("/filter/own/same-call", same_call);
  g_test_add_data_func ("/filter/own/asks/every-call", "every-call", asks_its_tracer);
  g_test_add_data_func ("/filter/own/asks/chosen", "chosen", asks_its_tracer);
  g_test_add_data_func ("/filter/own/asks/free", "free", asks_its_tracer);
#endif
  return g_test_run ();
}
