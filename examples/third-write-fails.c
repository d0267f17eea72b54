// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <pinktrace-glib/pinktrace-glib.h>

int main (int argc, char **argv) {
  g_autoptr (GError) error = NULL;
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (PinkRule) rule = pink_rule_new ("write");

  pink_rule_set_occurrences (rule, 3, 3, 1);              /* from the 3rd to the 3rd, every one */
  pink_rule_deny (rule, ENOSPC);
  if (!pink_tracer_add_rule (tracer, rule, &error) ||     /* works in the tracer task: no handler is called */
      pink_tracer_spawn (tracer, (const char * const *) argv + 1, &error) == NULL ||
      !pink_tracer_run (tracer, &error))
    g_printerr ("%s\n", error->message);
  return error != NULL;
}
