/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How the texts of a call are written.
 */
#include "pink-test-util.h"

#include "marked-call.h"

static void
ask_for_text (PinkSyscallEvent *event,
              gpointer          data)
{
  g_autofree char *text = pink_syscall_event_to_string (event);

  g_assert_cmpstr (text, !=, "");
}

static char *
text_with (PinkTextFlags flags,
           const char   *step)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallEvent) event = NULL;

  pink_tracer_set_text_flags (tracer, flags);
  event = marked_call_after (tracer, NULL, step, ask_for_text, NULL, NULL);
  g_assert_cmpuint (pink_syscall_event_get_text_flags (event), ==, flags);
  return pink_syscall_event_to_string (event);
}

static void
check (PinkTextFlags flags,
       const char   *step,
       const char   *pattern)
{
  g_autofree char *text = text_with (flags, step);

  if (!g_regex_match_simple (pattern, text, 0, 0))
    g_error ("%s is not %s", text, pattern);
}

static void
test_forms (void)
{
  check (PINK_TEXT_DEFAULT, "write:-1:hello", "^write\\(-1, \"hello\", 5\\) = -1 EBADF");
  check (PINK_TEXT_HEX, "write:-1:hello", "^write\\(-1, \"\\\\x68\\\\x65\\\\x6c\\\\x6c\\\\x6f\", 5\\)");
  check (PINK_TEXT_HEX_UNUSUAL, "write:-1:hello", "^write\\(-1, \"hello\", 5\\)");
  check (PINK_TEXT_RAW, "write:-1:hello", "^write\\(0xffffffff, 0x[0-9a-f]+, 0x5\\) = -1 EBADF");
  check (PINK_TEXT_NUMBERS, "open:/nope", "^openat\\(-100, \"/nope\", (0|0x[0-9a-f]+)\\)");
  check (PINK_TEXT_BOTH, "open:/nope", "^openat\\(-100 /\\* AT_FDCWD \\*/, \"/nope\", (0|0x[0-9a-f]+) /\\* O_");
  check (PINK_TEXT_DESCRIPTORS, "open:/nope", "^openat\\(AT_FDCWD</.*>, \"/nope\"");
}

static void
on_call (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          data)
{
  char **texts = data;

  pink_syscall_event_set_text_flags (event, PINK_TEXT_NUMBERS);
  g_free (texts[0]);
  texts[0] = pink_syscall_event_to_string (event);
}

/* One call's own. */
static void
test_one_call (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  char *texts[1] = { NULL };
  const char * const argv[] = { test_program (), "open:/nope", NULL };
  g_autoptr (GError) error = NULL;

  g_signal_connect (tracer, "syscall-enter::openat", G_CALLBACK (on_call), texts);
  g_assert_nonnull (pink_tracer_spawn (tracer, argv, &error));
  g_assert_no_error (error);
  g_assert_true (pink_tracer_run (tracer, &error));
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (texts[0], "openat(-100, \"/nope\", "));
  g_free (texts[0]);
}

/* The same as data. */
static void
test_details (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkSyscallEvent) event = NULL;
  g_autoptr (GVariant) variant = NULL, details = NULL, descriptor = NULL, buffer = NULL, bytes = NULL;
  const char *name, *string;
  gint64 number;
  gboolean truncated;

  pink_tracer_set_string_limit (tracer, 4);
  event = marked_call_after (tracer, NULL, "write:-1:h\377llo", ask_for_text, NULL, NULL);
  variant = g_variant_ref_sink (pink_syscall_event_to_variant (event));
  details = g_variant_lookup_value (variant, "details", G_VARIANT_TYPE ("aa{sv}"));
  g_assert_cmpuint (g_variant_n_children (details), ==, 3);
  descriptor = g_variant_get_child_value (details, 0);
  g_assert_true (g_variant_lookup (descriptor, "argument", "&s", &name));
  g_assert_cmpstr (name, ==, "fd");
  g_assert_true (g_variant_lookup (descriptor, "descriptor", "x", &number));
  g_assert_cmpint (number, ==, -1);
  buffer = g_variant_get_child_value (details, 1);
  g_assert_true (g_variant_lookup (buffer, "string", "&s", &string));
  g_assert_cmpstr (string, ==, "h\\xffll");
  g_assert_true (g_variant_lookup (buffer, "truncated", "b", &truncated));
  g_assert_true (truncated);
  bytes = g_variant_lookup_value (buffer, "bytes", G_VARIANT_TYPE_BYTESTRING);
  g_assert_cmpuint (g_variant_n_children (bytes), ==, 4);
}

static void
on_notify (GObject    *object,
           GParamSpec *pspec,
           gpointer    data)
{
  ++*(guint *) data;
}

static void
test_property (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  PinkTextFlags flags = PINK_TEXT_HEX;
  guint n = 0;

  g_signal_connect (tracer, "notify::text-flags", G_CALLBACK (on_notify), &n);
  g_object_get (tracer, "text-flags", &flags, NULL);
  g_assert_cmpuint (flags, ==, PINK_TEXT_DEFAULT);
  g_object_set (tracer, "text-flags", PINK_TEXT_VERBOSE | PINK_TEXT_BOTH, NULL);
  g_assert_cmpuint (pink_tracer_get_text_flags (tracer), ==, PINK_TEXT_VERBOSE | PINK_TEXT_BOTH);
  pink_tracer_set_text_flags (tracer, PINK_TEXT_VERBOSE | PINK_TEXT_BOTH);
  g_assert_cmpuint (n, ==, 1);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
  test_add ("/text-flags/forms", test_forms);
  test_add ("/text-flags/one-call", test_one_call);
  test_add ("/text-flags/details", test_details);
  test_add ("/text-flags/property", test_property);
  return g_test_run ();
}
