// SPDX-License-Identifier: LGPL-2.1-or-later
#include <stdlib.h>
#include <pinktrace-glib/pinktrace-glib.h>

static void on_exit_of (PinkTracer *tracer, PinkSyscallEvent *call) {
  g_autofree char *text = pink_syscall_event_to_string (call);
  g_print ("%d %s\n", pink_tracee_get_pid (pink_syscall_event_get_tracee (call)), text);
}

static void on_attached (GObject *tracer, GAsyncResult *result, gpointer data) {
  g_autoptr (GError) error = NULL;
  if (!pink_tracer_attach_finish (PINK_TRACER (tracer), result, &error))
    g_printerr ("%s\n", error->message);  /* what to do about it stands in it */
}

int main (int argc, char **argv) {
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_signal_connect (tracer, "syscall-exit", G_CALLBACK (on_exit_of), NULL);
  pink_tracer_set_syscalls (tracer, (const char *[]) { "%file", "!stat", NULL }, NULL);
  pink_tracer_attach_async (tracer, argc > 1 ? atoi (argv[1]) : 0, NULL, on_attached, NULL);
  return !pink_tracer_run (tracer, NULL); /* waits for what is being attached, too */
}
