/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Tracees whose other threads work against whoever reads: nothing crashes, nothing
 * hangs, and what is replaced is what is used.
 */
#include "change-util.h"

#include <errno.h>
#include <string.h>

#define NATIVE (&change_ways ()[0])
#define N      "2000"

typedef struct
{
  guint n, n_read, n_allowed;
  gboolean replace;
} Policy;

/* /dev/null is forbidden; what can be read now may be another path soon. */
static void
forbid (PinkTracer       *tracer,
        PinkSyscallEvent *event,
        gpointer          data)
{
  Policy *policy = data;
  g_autofree char *path = pink_syscall_event_read_string (event, 0, NULL);

  policy->n++;
  if (path == NULL || !g_str_equal (path, "/dev/nulx"))
    {
      g_assert_true (pink_syscall_event_deny (event, EACCES, NULL));
      return;
    }
  policy->n_allowed++;
  if (policy->replace)
    g_assert_true (pink_syscall_event_set_argument_string (event, 0, path, NULL));
}

static guint
flip (Policy *policy)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;

  g_signal_connect (tracer, "syscall-enter::access", G_CALLBACK (forbid), policy);
  output = change_run (tracer, NATIVE, g_strdup ("flip:" N), NULL);
  g_assert_cmpuint (policy->n, >=, 2000);
  g_assert_true (g_str_has_suffix (output, "\n"));
  return (guint) atoi (output);
}

/* By reading alone it gets through, as the manual says: sometimes, so only that it
 * works is asserted. */
static void
read_alone (void)
{
  Policy policy = { 0 };
  guint n = flip (&policy);

  g_test_message ("%u of %u that were allowed went to what is forbidden", n, policy.n_allowed);
  g_assert_cmpuint (n, <=, policy.n_allowed);
}

static void
replaced (void)
{
  Policy policy = { .replace = TRUE };

  g_assert_cmpuint (flip (&policy), ==, 0);
  g_assert_cmpuint (policy.n_allowed, >, 0);
}

/* A rule reads it, too, and by reading alone. */
static void
ruled (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("access");
  g_autofree char *output = NULL;

  pink_rule_match_path (rule, "/dev/null");
  pink_rule_deny (rule, EACCES);
  g_assert_true (pink_tracer_add_rule (tracer, rule, NULL));
  output = change_run (tracer, NATIVE, g_strdup ("flip:" N), NULL);
}

static void
read_all (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          data)
{
  Policy *policy = data;
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  guint64 address = pink_syscall_event_get_argument (event, 0);
  g_autofree char *string = pink_syscall_event_read_string (event, 0, NULL);
  g_autofree char *path = pink_syscall_event_read_path (event, 0, NULL);
  g_auto (GStrv) strings = pink_syscall_event_read_string_array (event, 0, NULL);
  g_autoptr (GBytes) bytes = pink_tracee_read_memory (tracee, address, 100000, NULL);
  g_autoptr (GBytes) byte = g_bytes_new ("/", 1);
  g_autofree char *text = pink_syscall_event_to_string (event);

  policy->n++;
  if (string != NULL)
    policy->n_read++;
  g_assert_true (bytes == NULL || g_bytes_get_size (bytes) <= 100000);
  pink_tracee_write_memory (tracee, address, byte, NULL);
}

static void
unmapped (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autofree char *output = NULL;
  Policy policy = { 0 };

  g_signal_connect (tracer, "syscall-enter::access", G_CALLBACK (read_all), &policy);
  output = change_run (tracer, NATIVE, g_strdup ("unmap:" N), NULL);
  g_assert_cmpuint (policy.n, >=, 2000);
  g_test_message ("%u of %u strings could be read", policy.n_read, policy.n);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add ("/hostile/flip/read-alone", read_alone);
  test_add ("/hostile/flip/replaced", replaced);
  test_add ("/hostile/flip/ruled", ruled);
  test_add ("/hostile/unmapped", unmapped);
  return g_test_run ();
}
