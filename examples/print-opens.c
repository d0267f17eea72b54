/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pinktrace-glib/pinktrace-glib.h>

static void on_openat (PinkTracer *tracer, PinkSyscallEvent *call) {
  g_autofree char *text = pink_syscall_event_to_string (call);
  g_print ("%d %s\n", pink_tracee_get_pid (pink_syscall_event_get_tracee (call)), text);
}

int main (int argc, char **argv) {
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (GError) error = NULL;
  g_signal_connect (tracer, "syscall-exit::openat", G_CALLBACK (on_openat), NULL);
  if (!pink_tracer_spawn (tracer, (const char * const *) argv + 1, &error) || !pink_tracer_run (tracer, &error))
    g_printerr ("%s\n", error->message);
  return error != NULL;
}
