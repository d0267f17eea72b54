/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Rules: when they apply, and what comes of it.
 */
#include "change-util.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define NATIVE (&change_ways ()[0])

static void
add (PinkTracer *tracer,
     PinkRule   *rule)
{
  GError *error = NULL;

  g_assert_true (pink_tracer_add_rule (tracer, rule, &error));
  g_assert_no_error (error);
}

static char *
run_ruled (const ChangeWay *way,
           PinkRule        *rule,
           const char      *name,
           const char      *args)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();

  add (tracer, rule);
  return change_run (tracer, way, change_call (way, name, args), NULL);
}

/* ---- what ---- */

static void
denies (gconstpointer way)
{
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  g_autofree char *output = NULL;

  pink_rule_deny (rule, ENOSPC);
  output = run_ruled (way, rule, "write", "1,@hello,5");
  change_assert_kept (output, -ENOSPC);
  g_assert_cmpuint (pink_rule_get_n_matches (rule), ==, 1);
}

static void
returns (gconstpointer way)
{
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  g_autofree char *output = NULL;

  pink_rule_set_return_value (rule, 4711);
  output = run_ruled (way, rule, "write", "1,@hello,5");
  change_assert_kept (output, 4711);
}

static void
changes (gconstpointer way)
{
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  g_autofree char *output = NULL;

  pink_rule_set_argument (rule, 2, 3);
  output = run_ruled (way, rule, "write", "1,@hello,5");
  g_assert_cmpstr (output, ==, "hel3 kept\n");
}

static void
replaces (gconstpointer way)
{
  g_autoptr (PinkRule) rule = pink_rule_new ("dup");
  g_autofree char *output = NULL;

  g_assert_true (pink_rule_set_name (rule, "umask", NULL));
  output = run_ruled (way, rule, "dup", "0");
  g_assert_cmpint (atoi (output), >=, 0);
  g_assert_cmpint (atoi (output), <=, 0777);
}

static void
kills (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  g_autoptr (PinkTracee) tracee = NULL;

  g_assert_true (pink_rule_set_signal (rule, SIGKILL, NULL));
  add (tracer, rule);
  tracee = g_object_ref (test_spawn (tracer, "write:2:killed too late", NULL));
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_term_signal (tracee), ==, SIGKILL);
}

static void
signals (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("getppid");
  g_autofree char *output = NULL;

  g_assert_true (pink_rule_set_signal (rule, SIGUSR1, NULL));
  add (tracer, rule);
  output = test_trace_output (tracer, NULL, "handle:" G_STRINGIFY (SIGUSR1), "getppid", "getppid", "say-handled", NULL);
  g_assert_cmpstr (output, ==, "handled 2\n");
  g_assert_false (pink_rule_set_signal (rule, 65, NULL));
}

static void
waits (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) enter = pink_rule_new ("write"), leave = pink_rule_new ("write");
  g_autofree char *output = NULL;
  gint64 begin = g_get_monotonic_time ();

  pink_rule_set_delay (enter, 100000, 0);
  pink_rule_set_delay (leave, 0, 150000);
  add (tracer, enter);
  add (tracer, leave);
  output = change_run (tracer, NATIVE, change_call (NATIVE, "write", "1,@a,1"),
                       change_call (NATIVE, "write", "1,@b,1"), NULL);
  g_assert_cmpstr (output, ==, "a1 kept\nb1 kept\n");
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 500000);
}

/* While one waits, another goes on; and what is ended, or let go, in between is not
 * missed. */
static void
waits_alone (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("getppid");
  g_autoptr (PinkTracee) killed = NULL, detached = NULL, other = NULL;
  gint64 begin = g_get_monotonic_time ();

  pink_rule_set_delay (rule, 20000000, 0);
  add (tracer, rule);
  killed = g_object_ref (test_spawn (tracer, "getppid", NULL));
  pink_rule_set_delay (rule, 200000, 0);
  other = g_object_ref (test_spawn (tracer, "exit:3", NULL));
  g_assert_true (pink_tracee_send_signal (killed, SIGKILL, NULL));
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_exit_code (other), ==, 3);
  g_assert_cmpint (pink_tracee_get_term_signal (killed), ==, SIGKILL);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 20000000);

  g_assert_true (pink_tracer_remove_rule (tracer, rule));
  g_assert_false (pink_tracer_remove_rule (tracer, rule));
  add (tracer, rule);
  detached = g_object_ref (test_spawn (tracer, "getppid", NULL));
  pink_tracer_detach_all (tracer);
  test_run (tracer);
  g_assert_cmpint (pink_tracee_get_state (detached), ==, PINK_TRACEE_DETACHED);
}

/* ---- when ---- */

static char *
ten_writes (PinkTracer *tracer)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  char *output, *text, *c;
  int status;

  g_ptr_array_add (argv, g_strdup (g_getenv ("PINK_CHANGEPROG")));
  for (guint i = 0; i < 10; i++)
    g_ptr_array_add (argv, change_call (NATIVE, "write", "99,@x,1"));
  g_ptr_array_add (argv, NULL);
  output = test_trace_outputv (tracer, NULL, (const char * const *) argv->pdata, &status);
  /* A letter each: made, or not. */
  text = g_strdup (output);
  c = text;
  for (char *line = output; *line != '\0'; line = strchr (line, '\n') + 1)
    *c++ = g_str_has_prefix (line, "-9 ") ? '.' : 'x';
  *c = '\0';
  g_free (output);
  return text;
}

static void
assert_occurrences (guint       first,
                    guint       last,
                    guint       step,
                    const char *expected)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  g_autofree char *seen = NULL;

  pink_rule_set_occurrences (rule, first, last, step);
  pink_rule_deny (rule, ENOSPC);
  add (tracer, rule);
  seen = ten_writes (tracer);
  g_assert_cmpstr (seen, ==, expected);
}

static void
occurrences (void)
{
  assert_occurrences (1, 0, 1, "xxxxxxxxxx");
  assert_occurrences (3, 3, 1, "..x.......");
  assert_occurrences (2, 0, 3, ".x..x..x..");
  assert_occurrences (2, 6, 2, ".x.x.x....");
  assert_occurrences (11, 0, 1, "..........");
}

static void
counted_by_thread (void)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PinkTracer) tracer = pink_tracer_new ();
      g_autoptr (PinkRule) rule = pink_rule_new ("getppid");

      pink_rule_set_occurrences (rule, 2, 2, 1);
      pink_rule_set_per_tracer (rule, i == 1);
      g_assert_true (pink_rule_get_per_tracer (rule) == (i == 1));
      add (tracer, rule);
      test_spawn (tracer, "getppid", "getppid", "getppid", NULL);
      test_spawn (tracer, "getppid", "getppid", "getppid", NULL);
      test_run (tracer);
      g_assert_cmpuint (pink_rule_get_n_matches (rule), ==, i == 1 ? 1 : 2);
    }
}

typedef struct
{
  guint          index;
  PinkComparison comparison;
  gint64         value;
  gboolean       matches;
} Comparison;

static const Comparison comparisons[] = {
  { 0, PINK_COMPARISON_EQUAL, -7, TRUE },
  { 0, PINK_COMPARISON_EQUAL, 7, FALSE },
  { 0, PINK_COMPARISON_NOT_EQUAL, -7, FALSE },
  { 0, PINK_COMPARISON_LESS, 0, TRUE },
  { 0, PINK_COMPARISON_LESS, -7, FALSE },
  { 0, PINK_COMPARISON_LESS_OR_EQUAL, -7, TRUE },
  { 0, PINK_COMPARISON_GREATER, -8, TRUE },
  { 0, PINK_COMPARISON_GREATER_OR_EQUAL, -6, FALSE },
  { 2, PINK_COMPARISON_EQUAL, 5, TRUE },
  { 2, PINK_COMPARISON_GREATER, 5, FALSE },
};

static void
arguments (gconstpointer way)
{
  for (guint i = 0; i < G_N_ELEMENTS (comparisons); i++)
    {
      const Comparison *each = &comparisons[i];
      g_autoptr (PinkRule) rule = pink_rule_new ("write");
      g_autofree char *output = NULL;

      g_assert_true (pink_rule_match_argument (rule, each->index, each->comparison, each->value, NULL));
      pink_rule_deny (rule, ENOSPC);
      output = run_ruled (way, rule, "write", "-7,@hello,5");
      change_assert_kept (output, each->matches ? -ENOSPC : -EBADF);
    }
}

static void
bits (gconstpointer way)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (PinkRule) rule = pink_rule_new ("write");
      g_autofree char *output = NULL;

      g_assert_true (pink_rule_match_bits (rule, 2, 6, i == 0 ? 4 : 2, NULL));
      pink_rule_deny (rule, ENOSPC);
      output = run_ruled (way, rule, "write", "99,@hello,5");
      change_assert_kept (output, i == 0 ? -ENOSPC : -EBADF);
    }
}

typedef struct
{
  const char *pattern;
  const char *path;
  gboolean    matches;
} PathCase;

static const PathCase path_cases[] = {
  { "/no/such/*", "/no/such/file", TRUE },
  { "/no/such", "/no/such/file", FALSE },
  { "/no/such/file", "/no//./such/x/../file", TRUE },
  { "/no/such/fil?", "/no/such/file", TRUE },
  { "*/file", "/no/such/file", TRUE },
  { "*", "file", TRUE },
  { "/file", "../../../../../../../../../../../file", TRUE },
  { "/no*/x", "/no/such/file", FALSE },
  { "/", "/..", TRUE },
};

static void
paths (gconstpointer way)
{
  for (guint i = 0; i < G_N_ELEMENTS (path_cases); i++)
    {
      g_autoptr (PinkRule) rule = pink_rule_new ("unlinkat");
      g_autofree char *args = g_strdup_printf ("-100,@%s,0x200", path_cases[i].path), *output = NULL;

      pink_rule_match_path (rule, path_cases[i].pattern);
      pink_rule_deny (rule, EXDEV);
      output = run_ruled (way, rule, "unlinkat", args);
      if (path_cases[i].matches)
        change_assert_kept (output, -EXDEV);
      else
        g_assert_false (g_str_has_prefix (output, "-18 "));
    }
}

static void
paths_of_descriptors (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("read");
  g_autofree char *output = NULL;

  pink_rule_match_path (rule, "/dev/null");
  pink_rule_deny (rule, EXDEV);
  add (tracer, rule);
  output = change_run (tracer, NATIVE, change_call (NATIVE, "openat", "-100,@/dev/null,0"),
                       change_call (NATIVE, "openat", "-100,@/dev/zero,0"),
                       change_call (NATIVE, "read", "$0,@xxxx,2"),
                       change_call (NATIVE, "read", "$1,@xxxx,2"), NULL);
  g_assert_true (g_str_has_suffix (output, "\n-18 kept\n2 kept\n"));
}

static void
descriptors (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("%desc");
  g_autofree char *output = NULL;

  pink_rule_match_descriptor (rule, 98);
  pink_rule_deny (rule, EXDEV);
  add (tracer, rule);
  output = change_run (tracer, NATIVE, change_call (NATIVE, "write", "98,@x,1"),
                       change_call (NATIVE, "write", "99,@x,1"), NULL);
  g_assert_cmpstr (output, ==, "-18 kept\n-9 kept\n");
}

/* ---- several, and handlers ---- */

static void
first_decides (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) allow = pink_rule_new ("write"), deny = pink_rule_new ("write"),
                       count = pink_rule_new ("all");
  g_autofree char *output = NULL;

  g_assert_true (pink_rule_match_argument (allow, 0, PINK_COMPARISON_EQUAL, 99, NULL));
  pink_rule_allow (allow);
  g_assert_true (pink_rule_match_argument (deny, 0, PINK_COMPARISON_GREATER, 90, NULL));
  g_assert_true (pink_rule_deny_by_name (deny, "EXDEV", NULL));
  add (tracer, allow);
  add (tracer, deny);
  add (tracer, count);
  output = change_run (tracer, NATIVE, change_call (NATIVE, "write", "99,@x,1"),
                       change_call (NATIVE, "write", "98,@x,1"), NULL);
  g_assert_cmpstr (output, ==, "-9 kept\n-18 kept\n");
  g_assert_cmpuint (pink_rule_get_n_matches (allow), ==, 1);
  g_assert_cmpuint (pink_rule_get_n_matches (deny), ==, 2);
  g_assert_cmpuint (pink_rule_get_n_matches (count), >, 10);
}

typedef struct
{
  guint n_entries, n_exits;
} Told;

static void
told_at_entry (PinkTracer       *tracer,
               PinkSyscallEvent *event,
               gpointer          data)
{
  ((Told *) data)->n_entries++;
  g_assert_true (pink_syscall_event_is_decided (event));
  /* Too late for these; but what the program asks for can still be changed. */
  g_assert_true (pink_syscall_event_allow (event, NULL));
  g_assert_true (pink_syscall_event_deny (event, EIO, NULL));
  g_assert_true (pink_syscall_event_set_argument (event, 2, 1, NULL));
}

static void
told_at_exit (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          data)
{
  ((Told *) data)->n_exits++;
  g_assert_cmpint (pink_syscall_event_get_error_code (event), ==, ENOSPC);
}

static void
before_handlers (gconstpointer way)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  g_autofree char *output = NULL;
  Told told = { 0 };

  pink_rule_deny (rule, ENOSPC);
  add (tracer, rule);
  g_signal_connect (tracer, "syscall-enter::write", G_CALLBACK (told_at_entry), &told);
  g_signal_connect (tracer, "syscall-exit::write", G_CALLBACK (told_at_exit), &told);
  output = change_run (tracer, way, change_call (way, "write", "1,@hello,5"), NULL);
  change_assert_kept (output, -ENOSPC);
  g_assert_cmpuint (told.n_entries, ==, 1);
  g_assert_cmpuint (told.n_exits, ==, 1);
}

static void
on_third (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          rule)
{
  static guint n;

  if (++n == 3)
    g_assert_true (pink_tracer_remove_rule (tracer, rule));
}

static void
removed (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  g_autofree char *seen = NULL;

  pink_rule_deny (rule, ENOSPC);
  add (tracer, rule);
  g_signal_connect (tracer, "syscall-exit::write", G_CALLBACK (on_third), rule);
  seen = ten_writes (tracer);
  g_assert_cmpstr (seen, ==, "xxx.......");
}

/* What C gives for a name is quoted, and may be no text. */
static void
not_utf8 (void)
{
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  const char * const names[] = { "\377", NULL };
  g_autoptr (GError) call = NULL;
  g_autoptr (GError) other = NULL;
  g_autoptr (GError) number = NULL;

  g_assert_false (pink_rule_set_syscalls (rule, names, &call));
  g_assert_nonnull (strstr (call->message, "'\\xff'"));
  g_assert_false (pink_rule_set_name (rule, "\377", &other));
  g_assert_nonnull (strstr (other->message, "\"\\xff\""));
  g_assert_false (pink_rule_deny_by_name (rule, "\377", &number));
  g_assert_nonnull (strstr (number->message, "\"\\xff\""));
}

static void
refused (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) unknown = pink_rule_new ("opennat"), rule = pink_rule_new ("write");
  const char * const names[] = { "%file", "!opennat", NULL };
  GError *error = NULL;

  g_assert_false (pink_tracer_add_rule (tracer, unknown, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL);
  g_clear_error (&error);
  g_assert_false (pink_rule_set_syscalls (rule, names, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL);
  g_clear_error (&error);
  g_assert_false (pink_rule_set_name (rule, "opennat", &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL);
  g_clear_error (&error);
  g_assert_false (pink_rule_deny_by_name (rule, "EACESS", &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (pink_rule_match_argument (rule, 6, PINK_COMPARISON_EQUAL, 0, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
}

/* 64 at a time, however many there have been. */
static void
limited (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GPtrArray) rules = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (PinkRule) further = pink_rule_new ("write");
  g_autofree char *seen = NULL;
  GError *error = NULL;

  for (guint i = 0; i < 64; i++)
    {
      g_ptr_array_add (rules, pink_rule_new ("write"));
      for (guint j = 0; j < 3; j++)
        {
          add (tracer, rules->pdata[i]);
          g_assert_true (pink_tracer_remove_rule (tracer, rules->pdata[i]));
        }
      add (tracer, rules->pdata[i]);
    }
  g_assert_false (pink_tracer_add_rule (tracer, further, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  add (tracer, rules->pdata[63]); /* which it has */
  g_assert_true (pink_tracer_remove_rule (tracer, rules->pdata[0]));
  pink_rule_deny (further, ENOSPC);
  add (tracer, further);
  seen = ten_writes (tracer);
  g_assert_cmpstr (seen, ==, "xxxxxxxxxx");
  g_assert_cmpuint (pink_rule_get_n_matches (rules->pdata[63]), ==, 10);
  g_assert_cmpuint (pink_rule_get_n_matches (rules->pdata[0]), ==, 0);
}

/* It is the same rule after it has been changed. */
static void
changed (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("write"), later = pink_rule_new ("write");
  g_autofree char *denied = NULL, *second = NULL, *none = NULL;

  pink_rule_set_return_value (rule, 1);
  add (tracer, rule);
  pink_rule_deny (later, EIO);
  add (tracer, later);
  pink_rule_deny (rule, ENOSPC);
  pink_rule_set_occurrences (rule, 2, 3, 1);
  g_assert_cmpuint (pink_rule_get_n_matches (rule), ==, 0);
  add (tracer, rule);
  g_assert_true (pink_tracer_remove_rule (tracer, later));
  denied = ten_writes (tracer);
  g_assert_cmpstr (denied, ==, ".xx.......");

  pink_rule_set_occurrences (rule, 1, 1, 1);
  g_assert_cmpuint (pink_rule_get_n_matches (rule), ==, 2);
  add (tracer, rule);
  g_assert_cmpuint (pink_rule_get_n_matches (rule), ==, 0);
  second = ten_writes (tracer);
  g_assert_cmpstr (second, ==, "x.........");

  pink_rule_set_delay (rule, 1, 0);
  g_assert_true (pink_tracer_remove_rule (tracer, rule));
  none = ten_writes (tracer);
  g_assert_cmpstr (none, ==, "..........");
}

/* In the midst of what is counted for a tracee. */
static void
on_fourth (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          rule)
{
  static guint n;

  if (++n == 4)
    add (tracer, rule);
}

static void
counted_anew (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("write");
  g_autofree char *seen = NULL;

  pink_rule_deny (rule, ENOSPC);
  pink_rule_set_occurrences (rule, 2, 2, 1);
  add (tracer, rule);
  g_signal_connect (tracer, "syscall-exit::write", G_CALLBACK (on_fourth), rule);
  seen = ten_writes (tracer);
  g_assert_cmpstr (seen, ==, ".x...x....");
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  change_add ("/rule/denies", denies);
  change_add ("/rule/returns", returns);
  change_add ("/rule/changes", changes);
  change_add ("/rule/replaces", replaces);
  test_add ("/rule/kills", kills);
  test_add ("/rule/signals", signals);
  test_add ("/rule/waits", waits);
  test_add ("/rule/waits-alone", waits_alone);
  test_add ("/rule/occurrences", occurrences);
  test_add ("/rule/counted-by-thread", counted_by_thread);
  change_add ("/rule/arguments", arguments);
  change_add ("/rule/bits", bits);
  change_add ("/rule/paths", paths);
  test_add ("/rule/paths-of-descriptors", paths_of_descriptors);
  test_add ("/rule/descriptors", descriptors);
  test_add ("/rule/refused/not-utf8", not_utf8);
  test_add ("/rule/first-decides", first_decides);
  change_add ("/rule/before-handlers", before_handlers);
  test_add ("/rule/removed", removed);
  test_add ("/rule/refused", refused);
  test_add ("/rule/limited", limited);
  test_add ("/rule/changed", changed);
  test_add ("/rule/counted-anew", counted_anew);
  return g_test_run ();
}
