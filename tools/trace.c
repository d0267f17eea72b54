/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace.h"

#include "interrupt.h"

#include <stdio.h>
#include <string.h>

/* The library's. A larger one is no mistake: it says "all of it". */
#define MAX_STRING_LIMIT 65536
#define MAX_OBSERVED_STRING 16384

#define REPORT(self, member, ...) \
  G_STMT_START { \
    for (Report **report = (self)->reports; *report != NULL; report++) \
      if ((*report)->member != NULL) \
        (*report)->member (*report, __VA_ARGS__); \
  } G_STMT_END

/* Beside the trace, not in it; what was written before is seen before. */
G_GNUC_PRINTF (1, 2)
static void
say (const char *format,
     ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  fflush (NULL);
  fprintf (stderr, "pinktrace: %s\n", text);
  fflush (stderr);
}

/* The library attaches to whole processes. Without -f, as with strace, only the
 * thread counts that was named. */
static gboolean
is_shown (Trace      *self,
          PinkTracee *tracee)
{
  const GArray *pids = self->options->pids;

  if (self->options->follow || pink_tracee_get_birth (tracee) != PINK_TRACEE_BIRTH_ATTACH)
    return TRUE;
  for (guint i = 0; i < pids->len; i++)
    if (g_array_index (pids, int, i) == pink_tracee_get_pid (tracee))
      return TRUE;
  return FALSE;
}

static void
let_go (PinkTracee *tracee)
{
  pink_tracee_detach_async (tracee, FALSE, NULL, NULL, NULL);
}

/* ---- what the tracer tells ---- */

/* What it is about is told at its entry: at its exit a descriptor may be closed. */
static gboolean
has_path (Trace            *self,
          PinkSyscallEvent *call)
{
  const GPtrArray *paths = self->options->paths;
  gpointer known = g_object_get_data (G_OBJECT (call), "has-path");
  gboolean found = paths->len == 0;

  if (known != NULL)
    return GPOINTER_TO_INT (known) == 1;
  for (guint i = 0; !found && i < paths->len; i++)
    found = pink_syscall_event_has_path (call, g_ptr_array_index (paths, i));
  if (paths->len > 0)
    g_object_set_data (G_OBJECT (call), "has-path", GINT_TO_POINTER (found ? 1 : 2));
  return found;
}

static gboolean
is_call_shown (Trace            *self,
               PinkSyscallEvent *call)
{
  return interrupt_get_signal () == 0 && is_shown (self, pink_syscall_event_get_tracee (call)) &&
         call_set_contains (self->options->calls, pink_syscall_event_get_name (call)) &&
         has_path (self, call);
}

static void
syscall_enter_cb (PinkTracer       *tracer,
                  PinkSyscallEvent *call,
                  Trace            *self)
{
  if (!is_call_shown (self, call))
    return;
  if (style_is_by_call (&self->options->style))
    pink_syscall_event_set_text_flags (call, style_flags_of (&self->options->style,
                                                             pink_syscall_event_get_name (call)));
  REPORT (self, entered, call);
}

static void
syscall_exit_cb (PinkTracer       *tracer,
                 PinkSyscallEvent *call,
                 Trace            *self)
{
  if (is_call_shown (self, call))
    REPORT (self, returned, call);
}

static void
tracee_added_cb (PinkTracer *tracer,
                 PinkTracee *tracee,
                 Trace      *self)
{
  PinkTraceeBirth birth = pink_tracee_get_birth (tracee);

  /* One alone that waits for us is woken sooner than one that does not. */
  if (self->may_observe && g_list_model_get_n_items (pink_tracer_get_tracees (tracer)) > 1)
    pink_tracer_set_observe_only (tracer, TRUE);
  if (is_shown (self, tracee))
    {
      self->n_shown++;
      /* Of those that were asked for it is known already. */
      if (birth != PINK_TRACEE_BIRTH_SPAWN && birth != PINK_TRACEE_BIRTH_ATTACH &&
          (self->options->quiet & QUIET_ATTACH) == 0)
        say ("Process %d attached", pink_tracee_get_pid (tracee));
      REPORT (self, added, tracee);
    }
  if (interrupt_get_signal () != 0 && !self->options->kill_on_exit)
    let_go (tracee);
}

static void
signal_delivery_cb (PinkTracer      *tracer,
                    PinkSignalEvent *event,
                    Trace           *self)
{
  if (interrupt_get_signal () == 0 && is_shown (self, pink_signal_event_get_tracee (event)))
    REPORT (self, signalled, event);
}

static void
group_stop_cb (PinkTracer *tracer,
               PinkTracee *tracee,
               int         number,
               Trace      *self)
{
  if (interrupt_get_signal () == 0 && is_shown (self, tracee))
    REPORT (self, group_stopped, tracee, number);
}

static void
exec_cb (PinkTracer *tracer,
         PinkTracee *tracee,
         int         former_pid,
         Trace      *self)
{
  if (is_shown (self, tracee))
    REPORT (self, execed, tracee, former_pid);
  if (self->options->detach_on_exec)
    let_go (tracee);
}

/* Threads that are traced only because others of their process were. */
static void
let_go_hidden (Trace *self)
{
  if (self->n_shown == 0 && pink_tracer_get_n_tracees (self->tracer) > 0)
    pink_tracer_detach_all (self->tracer);
}

static void
exited_cb (PinkTracer *tracer,
           PinkTracee *tracee,
           int         status,
           Trace      *self)
{
  gboolean superseded = pink_tracee_get_superseder (tracee) != 0;

  if (pink_tracee_get_pid (tracee) == self->program && !superseded)
    {
      self->ended = TRUE;
      self->status = status;
    }
  if (!is_shown (self, tracee))
    return;
  if (interrupt_get_signal () != 0)
    REPORT (self, detached, tracee);
  else
    REPORT (self, ended, tracee);
  self->n_shown--;
  if (!superseded)
    let_go_hidden (self);
}

static void
detached_cb (PinkTracer *tracer,
             PinkTracee *tracee,
             Trace      *self)
{
  if (!is_shown (self, tracee))
    return;
  if ((self->options->quiet & QUIET_ATTACH) == 0)
    say ("Process %d detached", pink_tracee_get_pid (tracee));
  REPORT (self, detached, tracee);
  self->n_shown--;
  let_go_hidden (self);
}

static void
connect_all (Trace *self)
{
  CallSet *calls = self->options->calls;
  gboolean entered = FALSE, signalled = FALSE, group_stopped = FALSE;

  for (guint i = 0; self->reports[i] != NULL; i++)
    {
      entered |= self->reports[i]->entered != NULL;
      signalled |= self->reports[i]->signalled != NULL;
      group_stopped |= self->reports[i]->group_stopped != NULL;
    }
  if (entered || self->options->paths->len > 0)
    call_set_connect (calls, self->tracer, "syscall-enter", G_CALLBACK (syscall_enter_cb), self);
  call_set_connect (calls, self->tracer, "syscall-exit", G_CALLBACK (syscall_exit_cb), self);
  if (signalled)
    g_signal_connect (self->tracer, "signal-delivery", G_CALLBACK (signal_delivery_cb), self);
  if (group_stopped)
    g_signal_connect (self->tracer, "group-stop", G_CALLBACK (group_stop_cb), self);
  g_signal_connect (self->tracer, "tracee-added", G_CALLBACK (tracee_added_cb), self);
  g_signal_connect (self->tracer, "exec", G_CALLBACK (exec_cb), self);
  g_signal_connect (self->tracer, "exited", G_CALLBACK (exited_cb), self);
  g_signal_connect (self->tracer, "detached", G_CALLBACK (detached_cb), self);
}

/* ---- beginning and end ---- */

static PinkTracee *
spawn (Trace   *self,
       GError **error)
{
  g_autoptr (PinkLauncher) launcher = pink_launcher_new ();
  const GPtrArray *environment = self->options->environment;

  for (guint i = 0; i < environment->len; i++)
    {
      const char *variable = g_ptr_array_index (environment, i);
      const char *equals = strchr (variable, '=');

      if (equals != NULL)
        {
          g_autofree char *name = g_strndup (variable, (gsize) (equals - variable));

          pink_launcher_setenv (launcher, name, equals + 1, TRUE);
        }
      else
        pink_launcher_unsetenv (launcher, variable);
    }
  if (self->options->user != NULL &&
      !pink_launcher_set_user (launcher, self->options->user, error))
    return NULL;
  return pink_launcher_spawn (launcher, self->tracer, self->options->argv, error);
}

static guint
count_threads (int pid)
{
  g_autofree char *name = g_strdup_printf ("/proc/%d/task", pid);
  g_autoptr (GDir) directory = g_dir_open (name, 0, NULL);
  guint n = 0;

  while (directory != NULL && g_dir_read_name (directory) != NULL)
    n++;
  return n;
}

/* What cannot be attached to is told of, and the others traced nonetheless. */
static guint
attach_all (Trace *self)
{
  const GArray *pids = self->options->pids;
  guint n_attached = 0;

  for (guint i = 0; i < pids->len; i++)
    {
      int pid = g_array_index (pids, int, i);
      guint n_threads = self->options->follow ? count_threads (pid) : 1;
      g_autoptr (GError) error = NULL;

      if (!pink_tracer_attach (self->tracer, pid, &error))
        {
          say ("%s", error->message);
          continue;
        }
      n_attached++;
      if (self->options->quiet & QUIET_ATTACH)
        continue;
      if (n_threads > 1)
        say ("Process %d attached with %u threads", pid, n_threads);
      else
        say ("Process %d attached", pid);
    }
  return n_attached;
}

static void
interrupted_cb (gpointer data)
{
  Trace *self = data;

  if (self->options->kill_on_exit)
    pink_tracer_quit (self->tracer);
  else
    pink_tracer_detach_all (self->tracer);
}

static gboolean
begin (Trace   *self,
       GError **error)
{
  if (self->options->argv[0] != NULL)
    {
      PinkTracee *tracee = spawn (self, error);

      if (tracee == NULL)
        return FALSE;
      self->program = pink_tracee_get_pid (tracee);
    }
  interrupt_setup (self->options->interrupt, self->program, interrupted_cb, self);
  if (attach_all (self) == 0 && self->program == 0)
    {
      /* Why was said. */
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED, "");
      return FALSE;
    }
  return TRUE;
}

/* A filter: calls that are not shown run at native speed. */
static gboolean
choose (Trace   *self,
        GError **error)
{
  g_auto (GStrv) words = call_set_get_words (self->options->calls);

  return !self->options->seccomp_bpf ||
         pink_tracer_set_syscalls (self->tracer, (const char * const *) words, error);
}

static gboolean
add_rules (Trace   *self,
           GError **error)
{
  const GPtrArray *rules = self->options->rules;

  for (guint i = 0; i < rules->len; i++)
    if (!pink_tracer_add_rule (self->tracer, g_ptr_array_index (rules, i), error))
      return FALSE;
  return TRUE;
}

/* Whether what it shows may be a netlink message, which only the tracee's descriptor
 * tells from other bytes. */
static gboolean
shows_messages (Trace *self)
{
  static const char * const names[] = { "sendto", "recvfrom", "sendmsg", "recvmsg", "sendmmsg", "recvmmsg" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (call_set_contains (self->options->calls, names[i]))
      return TRUE;
  return FALSE;
}

/* Whether the program need not wait until its calls are written: nobody sees in which
 * order they and its own output come, and what they tell was to be had from memory. */
static gboolean
may_observe (Trace *self)
{
  const Options *options = self->options;
  const Style *style = &options->style;
  PinkTextFlags elsewhere = PINK_TEXT_VERBOSE | PINK_TEXT_ADDRESSES | PINK_TEXT_DESCRIPTORS |
                            PINK_TEXT_DESCRIPTOR_DETAILS;

  /* Where each call stops its tracee, threads come in another order than with a tracer
   * that holds them all up: see CONTRIBUTING.md. */
  return options->seccomp_bpf && options->rules->len == 0 && options->paths->len == 0 &&
         !self->live && !options->json && options->absolute == 0 && !options->relative &&
         options->string_limit <= MAX_OBSERVED_STRING && (style->flags & elsewhere) == 0 &&
         !shows_messages (self) && !style_is_by_call (style) && !style->read.given && !style->write.given;
}

gboolean
trace_run (Trace   *self,
           GError **error)
{
  const Options *options = self->options;
  gboolean ok;

  self->tracer = pink_tracer_new ();
  pink_tracer_set_follow_forks (self->tracer, options->follow);
  pink_tracer_set_exit_kill (self->tracer, options->kill_on_exit);
  pink_tracer_set_string_limit (self->tracer, MIN (options->string_limit, MAX_STRING_LIMIT));
  pink_tracer_set_text_flags (self->tracer, options->style.flags);
  self->may_observe = may_observe (self);
  pink_tracer_set_measure_cpu (self->tracer,
                               options->summary != SUMMARY_NONE && !options->wall_clock);
  connect_all (self);

  ok = choose (self, error) && add_rules (self, error) && begin (self, error) && pink_tracer_run (self->tracer, error);
  g_signal_handlers_disconnect_by_data (self->tracer, self);
  g_clear_object (&self->tracer);
  return ok;
}
