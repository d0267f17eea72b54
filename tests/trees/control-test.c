/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tracee in our hands: held, let go on in every mode, stopped, looked into
 * and changed.
 */
#include "tree-util.h"

#include <elf.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <unistd.h>

typedef struct
{
  PinkTracer *tracer;
  TreeShared *shared;
  TreeWatch  *watch;
  PinkTracee *tracee;
} Trace;

static void
begin (Trace      *trace,
       gboolean    calls,
       const char *deed,
       const char *argument)
{
  trace->tracer = pink_tracer_new ();
  trace->shared = tree_shared_new ();
  trace->watch = tree_watch_new (trace->tracer, calls);
  trace->tracee = g_object_ref (tree_spawn (trace->tracer, trace->shared, deed, argument, NULL));
}

static void
end_with (Trace *trace,
          int    status)
{
  atomic_store (&trace->shared->stop, 1);
  tree_run (trace->tracer, trace->shared);
  g_assert_cmpint (pink_tracee_get_wait_status (trace->tracee), ==, status);
  tree_watch_free (trace->watch);
  g_object_unref (trace->tracee);
  g_object_unref (trace->tracer);
  tree_shared_free (trace->shared);
}

static void
end (Trace *trace)
{
  end_with (trace, 0);
}

typedef struct
{
  gboolean done;
  GError  *error;
} Result;

static void
on_interrupted (GObject      *source,
                GAsyncResult *result,
                gpointer      data)
{
  Result *own = data;
  gboolean so = pink_tracee_interrupt_finish (PINK_TRACEE (source), result, &own->error);

  g_assert_cmpint (so, ==, own->error == NULL);
  own->done = TRUE;
}

static gboolean
is_done (gpointer data)
{
  return ((Result *) data)->done;
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

static void
interrupt (PinkTracee *tracee)
{
  Result result = { 0 };

  pink_tracee_interrupt_async (tracee, NULL, on_interrupted, &result);
  g_assert_false (result.done);
  test_wait_until (NULL, is_done, &result, "an interrupt");
  g_assert_no_error (result.error);
  g_assert_cmpint (pink_tracee_get_state (tracee), ==, PINK_TRACEE_STOPPED);
}

static void
resume (PinkTracee     *tracee,
        PinkResumeMode  mode)
{
  GError *error = NULL;
  gboolean so = pink_tracee_resume (tracee, mode, &error);

  g_assert_no_error (error);
  g_assert_true (so);
}

static void
assert_stands (Trace *trace)
{
  gulong count = atomic_load (&trace->shared->counters[0]);

  g_assert_cmpint (tree_state (pink_tracee_get_pid (trace->tracee)), ==, 't');
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (atomic_load (&trace->shared->counters[0]), ==, count);
}

/* ---- interrupt ---- */

static void
on_interrupt (PinkTracer     *tracer,
              PinkTracee     *tracee,
              PinkStopReason  reason,
              gpointer        count)
{
  g_assert_cmpint (reason, ==, PINK_STOP_REASON_INTERRUPT);
  ++*(guint *) count;
}

/* In code that makes no call. */
static void
test_interrupt_spin (void)
{
  Trace trace;
  guint n = 0;

  begin (&trace, FALSE, "spin", NULL);
  g_signal_connect (trace.tracer, "stopped::interrupt", G_CALLBACK (on_interrupt), &n);
  tree_wait_word (&trace.shared->ready, 1, "the program");
  for (guint i = 0; i < 20; i++)
    {
      interrupt (trace.tracee);
      assert_stands (&trace);
      g_assert_cmpuint (n, ==, i + 1);
      resume (trace.tracee, PINK_RESUME_SYSCALL);
      tree_wait_counters (trace.shared, 1, 10);
    }
  end (&trace);
}

static void
interrupt_busy (gboolean calls)
{
  Trace trace;

  begin (&trace, calls, "busy", "1");
  tree_wait_word (&trace.shared->ready, 1, "the program");
  for (guint i = 0; i < 100; i++)
    {
      interrupt (trace.tracee);
      if (i % 10 == 0)
        assert_stands (&trace);
      resume (trace.tracee, PINK_RESUME_SYSCALL);
    }
  tree_wait_counters (trace.shared, 1, 10);
  end (&trace);
}

static void
test_interrupt_busy (void)
{
  interrupt_busy (FALSE);
}

static void
test_interrupt_busy_calls (void)
{
  interrupt_busy (TRUE);
}

static gboolean
is_in_read (gpointer data)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/syscall", GPOINTER_TO_INT (data));
  g_autofree char *call = g_strdup_printf ("%d 0x0 ", SYS_read);
  g_autofree char *text = NULL;

  return tree_state (GPOINTER_TO_INT (data)) == 'S' &&
         g_file_get_contents (path, &text, NULL, NULL) && g_str_has_prefix (text, call);
}

/* Blocked in a call, which goes on as if nothing had been. */
static void
test_interrupt_read (void)
{
  const char *argv[] = { tree_program (), "read", NULL };
  Trace trace = { pink_tracer_new (), tree_shared_new (), NULL, NULL };
  int ends[2], pid;

  g_assert_cmpint (pipe (ends), ==, 0);
  trace.watch = tree_watch_new (trace.tracer, FALSE);
  trace.tracee = g_object_ref (tree_spawnv (trace.tracer, trace.shared, ends[0], argv));
  pid = pink_tracee_get_pid (trace.tracee);
  for (guint i = 0; i < 20; i++)
    {
      test_wait_until (NULL, is_in_read, GINT_TO_POINTER (pid), "the read");
      interrupt (trace.tracee);
      resume (trace.tracee, i % 2 ? PINK_RESUME_SYSCALL : PINK_RESUME_CONTINUE);
    }
  test_wait_until (NULL, is_in_read, GINT_TO_POINTER (pid), "the read");
  g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
  end (&trace);
  close (ends[0]);
  close (ends[1]);
}

/* One stop for all who have asked. */
static void
test_interrupt_thrice (void)
{
  Trace trace;
  Result results[3] = { 0 };
  guint n = 0;

  begin (&trace, FALSE, "spin", NULL);
  g_signal_connect (trace.tracer, "stopped::interrupt", G_CALLBACK (on_interrupt), &n);
  tree_wait_word (&trace.shared->ready, 1, "the program");
  for (guint i = 0; i < 3; i++)
    pink_tracee_interrupt_async (trace.tracee, NULL, on_interrupted, &results[i]);
  for (guint i = 0; i < 3; i++)
    {
      test_wait_until (NULL, is_done, &results[i], "an interrupt");
      g_assert_no_error (results[i].error);
    }
  assert_stands (&trace);
  g_assert_cmpuint (n, ==, 1);
  /* And one who comes later finds it standing. */
  interrupt (trace.tracee);
  resume (trace.tracee, PINK_RESUME_SYSCALL);
  tree_wait_counters (trace.shared, 1, 10);
  end (&trace);
}

/* It ends before it stops. */
static void
test_interrupt_gone (void)
{
  for (guint i = 0; i < 50; i++)
    {
      Trace trace;
      Result result = { 0 };

      begin (&trace, FALSE, "spin", NULL);
      tree_wait_word (&trace.shared->ready, 1, "the program");
      kill (pink_tracee_get_pid (trace.tracee), SIGKILL);
      pink_tracee_interrupt_async (trace.tracee, NULL, on_interrupted, &result);
      test_run (trace.tracer);
      test_wait_until (NULL, is_done, &result, "an interrupt");
      /* It may have stood for a moment; then nobody has let it go on. */
      if (result.error != NULL)
        g_assert_error (result.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
      g_clear_error (&result.error);
      end_with (&trace, SIGKILL);
    }
}

/* ---- hold ---- */

static void
hold_once (PinkTracer       *tracer,
           PinkSyscallEvent *event,
           gpointer          held)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  if (*(PinkTracee **) held != NULL || pink_tracee_get_parent (tracee) != NULL)
    return;
  g_assert_true (pink_tracee_hold (tracee, NULL));
  *(PinkTracee **) held = tracee;
}

static gboolean
on_timeout (gpointer data)
{
  PinkTracee **held = data;

  resume (*held, PINK_RESUME_SYSCALL);
  *held = NULL;
  return G_SOURCE_REMOVE;
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

/* The other one runs on. */
static void
hold_at (const char *signal)
{
  Trace trace;
  PinkTracee *held = NULL;
  gulong id, count, other;

  begin (&trace, FALSE, "two", NULL);
  tree_wait_word (&trace.shared->ready, 2, "two processes");
  id = g_signal_connect (trace.tracer, signal, G_CALLBACK (hold_once), &held);
  test_wait_until (NULL, is_set, &held, "a held tracee");
  g_assert_true (held == trace.tracee);
  g_assert_cmpint (pink_tracee_get_state (held), ==, PINK_TRACEE_STOPPED);
  count = atomic_load (&trace.shared->counters[0]);
  other = atomic_load (&trace.shared->counters[1]);
  while (atomic_load (&trace.shared->counters[1]) < other + 50)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (atomic_load (&trace.shared->counters[0]), ==, count);
  g_signal_handler_disconnect (trace.tracer, id);
  g_timeout_add (20, on_timeout, &held);
  test_wait_until (NULL, is_null, &held, "the timeout");
  tree_wait_counters (trace.shared, 2, 10);
  end (&trace);
}

static void
test_hold_entry (void)
{
  hold_at ("syscall-enter::getppid");
}

static void
test_hold_exit (void)
{
  hold_at ("syscall-exit::getppid");
}

/* What was held is killed: it ends, and there is nothing to let go. */
static void
kill_held (const char *signal)
{
  Trace trace;
  PinkTracee *held = NULL;
  g_autoptr (GError) error = NULL;

  begin (&trace, FALSE, "busy", "1");
  g_signal_connect (trace.tracer, signal, G_CALLBACK (hold_once), &held);
  test_wait_until (NULL, is_set, &held, "a held tracee");
  kill (pink_tracee_get_pid (trace.tracee), SIGKILL);
  test_run (trace.tracer);
  g_assert_false (pink_tracee_resume (trace.tracee, PINK_RESUME_SYSCALL, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
  end_with (&trace, SIGKILL);
}

static void
test_killed_entry (void)
{
  kill_held ("syscall-enter::getppid");
}

static void
test_killed_exit (void)
{
  kill_held ("syscall-exit::getppid");
}

/* Its death is not known here yet when it is let go. */
static void
test_killed_resumed (void)
{
  for (guint i = 0; i < 50; i++)
    {
      Trace trace;
      PinkTracee *held = NULL;
      g_autoptr (GError) error = NULL;

      begin (&trace, FALSE, "busy", "1");
      g_signal_connect (trace.tracer, "syscall-enter::getppid", G_CALLBACK (hold_once), &held);
      test_wait_until (NULL, is_set, &held, "a held tracee");
      kill (pink_tracee_get_pid (trace.tracee), SIGKILL);
      if (!pink_tracee_resume (trace.tracee, PINK_RESUME_SYSCALL, &error))
        g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
      end_with (&trace, SIGKILL);
    }
}

/* Everything asked for of one that has been killed fails, at most, with GONE. */
static void
test_killed_looked_into (void)
{
  for (guint i = 0; i < 50; i++)
    {
      Trace trace;
      PinkTracee *held = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) registers = NULL;
      guint64 word;

      begin (&trace, FALSE, "busy", "1");
      g_signal_connect (trace.tracer, "syscall-enter::getppid", G_CALLBACK (hold_once), &held);
      test_wait_until (NULL, is_set, &held, "a held tracee");
      kill (pink_tracee_get_pid (trace.tracee), SIGKILL);
      if (i % 2)
        tree_wait_state (pink_tracee_get_pid (trace.tracee), "Z?");
      registers = pink_tracee_get_registers (trace.tracee, NT_PRSTATUS, &error);
      if (registers == NULL)
        g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
      g_clear_error (&error);
      if (!pink_tracee_peek_user (trace.tracee, 0, &word, &error))
        g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
      end_with (&trace, SIGKILL);
    }
}

/* ---- modes ---- */

#if defined (__x86_64__)

static guint64
register_of (PinkTracee *tracee,
             gsize       offset)
{
  GError *error = NULL;
  g_autoptr (GBytes) registers = pink_tracee_get_registers (tracee, NT_PRSTATUS, &error);
  guint64 word;

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (registers), ==, sizeof (struct user_regs_struct));
  memcpy (&word, (const char *) g_bytes_get_data (registers, NULL) + offset, sizeof word);
  return word;
}

static void
set_register (PinkTracee *tracee,
              gsize       offset,
              guint64     word)
{
  GError *error = NULL;
  g_autoptr (GBytes) old = pink_tracee_get_registers (tracee, NT_PRSTATUS, &error);
  g_autoptr (GBytes) new = NULL;
  g_autofree char *copy = NULL;
  gsize size;

  g_assert_no_error (error);
  copy = g_memdup2 (g_bytes_get_data (old, &size), g_bytes_get_size (old));
  memcpy (copy + offset, &word, sizeof word);
  new = g_bytes_new (copy, g_bytes_get_size (old));
  g_assert_true (pink_tracee_set_registers (tracee, NT_PRSTATUS, new, &error));
  g_assert_no_error (error);
}

#define REGISTER(name) offsetof (struct user_regs_struct, name)

static gboolean
is_marked (PinkSyscallEvent *event)
{
  return g_strcmp0 (pink_syscall_event_get_name (event), "lseek") == 0 &&
         pink_syscall_event_get_argument (event, 2) == 0x77;
}

typedef struct
{
  guint64 ip;     /* after the marked call */
  guint   n;      /* steps */
  guint   wanted;
  guint   n_getpid;
  guint64 next_ip;
  PinkResumeMode mode;
} Steps;

static void
begin_steps (PinkTracer       *tracer,
             PinkSyscallEvent *event,
             gpointer          data)
{
  Steps *steps = data;

  if (!is_marked (event))
    return;
  steps->ip = pink_syscall_event_get_instruction_pointer (event);
  resume (pink_syscall_event_get_tracee (event), steps->mode);
}

static void
on_step (PinkTracer     *tracer,
         PinkTracee     *tracee,
         PinkStopReason  reason,
         gpointer        data)
{
  Steps *steps = data;

  g_assert_cmpint (reason, ==, PINK_STOP_REASON_SINGLE_STEP);
  steps->n++;
  g_assert_cmpuint (register_of (tracee, REGISTER (rip)), ==, steps->ip + steps->n);
  if (steps->n == steps->wanted)
    resume (tracee, PINK_RESUME_SYSCALL);
}

static void
after_steps (PinkTracer       *tracer,
             PinkSyscallEvent *event,
             gpointer          data)
{
  Steps *steps = data;

  steps->n_getpid++;
  if (steps->next_ip == 0)
    steps->next_ip = pink_syscall_event_get_instruction_pointer (event);
}

static void
single_step (PinkResumeMode mode)
{
  Trace trace;
  Steps steps = { .wanted = 50, .mode = mode };

  begin (&trace, FALSE, "steps", NULL);
  g_signal_connect (trace.tracer, "syscall-exit::lseek", G_CALLBACK (begin_steps), &steps);
  g_signal_connect (trace.tracer, "stopped::single-step", G_CALLBACK (on_step), &steps);
  g_signal_connect (trace.tracer, "syscall-enter::getpid", G_CALLBACK (after_steps), &steps);
  end (&trace);
  g_assert_cmpuint (steps.n, ==, 50);
  g_assert_cmpuint (steps.n_getpid, ==, 2);
  /* 50 bytes, a mov of 5, a syscall of 2. */
  g_assert_cmpuint (steps.next_ip, ==, steps.ip + 57);
}

static void
test_single_step (void)
{
  single_step (PINK_RESUME_SINGLE_STEP);
}

static void
test_sysemu_single_step (void)
{
  single_step (PINK_RESUME_SYSEMU_SINGLE_STEP);
}

static void
count_step (PinkTracer     *tracer,
            PinkTracee     *tracee,
            PinkStopReason  reason,
            gpointer        count)
{
  ++*(guint *) count;
}

static void
step_on (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          data)
{
  if (is_marked (event))
    resume (pink_syscall_event_get_tracee (event), PINK_RESUME_SINGLE_STEP);
}

/* To the end, over calls, from the entry of one on. */
static void
test_single_step_on (void)
{
  Trace trace;
  guint n = 0;

  begin (&trace, FALSE, "steps", NULL);
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (step_on), NULL);
  g_signal_connect (trace.tracer, "stopped::single-step", G_CALLBACK (count_step), &n);
  end (&trace);
  g_assert_cmpuint (n, >, 60);
}

static void
test_single_step_unheard (void)
{
  Trace trace;

  begin (&trace, FALSE, "steps", NULL);
  g_signal_connect (trace.tracer, "syscall-exit::lseek", G_CALLBACK (step_on), NULL);
  end (&trace);
}

static void
go_on_in (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          n)
{
  ++*(guint *) n;
  if (is_marked (event) && *(guint *) n == 1)
    resume (pink_syscall_event_get_tracee (event), PINK_RESUME_CONTINUE);
}

/* Calls are not seen any more, not even the exit of the one it is in. */
static void
continue_from (const char *signal)
{
  Trace trace;
  guint n = 0, n_exits = 0;

  begin (&trace, FALSE, "marks", "100");
  if (g_str_has_prefix (signal, "syscall-enter"))
    g_signal_connect (trace.tracer, "syscall-exit::lseek", G_CALLBACK (test_on_call), &n_exits);
  g_signal_connect (trace.tracer, signal, G_CALLBACK (go_on_in), &n);
  end (&trace);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (n_exits, ==, 0);
}

static void
test_continue_entry (void)
{
  continue_from ("syscall-enter::lseek");
}

static void
test_continue_exit (void)
{
  continue_from ("syscall-exit::lseek");
}

/* And back. */
static void
test_continue_and_back (void)
{
  Trace trace;
  gulong before, id;
  guint n = 0;

  begin (&trace, FALSE, "busy", "1");
  tree_wait_word (&trace.shared->ready, 1, "the program");
  for (guint i = 0; i < 10; i++)
    {
      interrupt (trace.tracee);
      resume (trace.tracee, PINK_RESUME_CONTINUE);
      n = 0;
      id = g_signal_connect (trace.tracer, "syscall-enter", G_CALLBACK (test_on_call), &n);
      before = atomic_load (&trace.shared->counters[0]);
      tree_wait_counters (trace.shared, 1, 1000);
      g_assert_cmpuint (n, ==, 0);
      interrupt (trace.tracee);
      resume (trace.tracee, PINK_RESUME_SYSCALL);
      tree_wait_counters (trace.shared, 1, 10);
      g_assert_cmpuint (n, >=, 27); /* of 30; the first and the last count may be cut */
      g_assert_cmpuint (atomic_load (&trace.shared->counters[0]), >, before);
      g_signal_handler_disconnect (trace.tracer, id);
    }
  end (&trace);
}

static void
begin_emulation (PinkTracer       *tracer,
                 PinkSyscallEvent *event,
                 gpointer          data)
{
  if (is_marked (event))
    resume (pink_syscall_event_get_tracee (event), PINK_RESUME_SYSEMU);
}

static void
emulate (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          n)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  ++*(guint *) n;
  set_register (tracee, REGISTER (rax), 4242);
  resume (tracee, PINK_RESUME_SYSCALL);
}

/* A call that is not made has the result it is given; the next one is made. */
static void
test_sysemu (void)
{
  Trace trace;
  guint n = 0, n_next = 0;

  begin (&trace, FALSE, "emulated", NULL);
  g_signal_connect (trace.tracer, "syscall-exit::lseek", G_CALLBACK (begin_emulation), NULL);
  g_signal_connect (trace.tracer, "syscall-enter::getuid", G_CALLBACK (emulate), &n);
  g_signal_connect (trace.tracer, "syscall-exit::getpid", G_CALLBACK (test_on_call), &n_next);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (n_next, ==, 1);
  g_assert_cmpint (trace.shared->values[0], ==, 4242);
  g_assert_cmpint (trace.shared->values[1], ==, pink_tracee_get_pid (trace.tracee));
  end (&trace);
}

/* ---- registers ---- */

static void
make_it_getpid (PinkTracer       *tracer,
                PinkSyscallEvent *event,
                gpointer          data)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  g_assert_cmpuint (register_of (tracee, REGISTER (orig_rax)), ==, SYS_lseek);
  g_assert_cmpuint (register_of (tracee, REGISTER (rdi)), ==, 1000);
  g_assert_cmpuint (register_of (tracee, REGISTER (rsi)), ==, 7);
  set_register (tracee, REGISTER (orig_rax), SYS_getpid);
}

static void
test_registers_entry (void)
{
  Trace trace;

  begin (&trace, FALSE, "marked", "7");
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (make_it_getpid), NULL);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmpint (trace.shared->values[0], ==, pink_tracee_get_pid (trace.tracee));
  end (&trace);
}

static void
set_argument (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          fd)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  if (!is_marked (event))
    return;
  set_register (tracee, REGISTER (rdi), TREE_FD);
  set_register (tracee, REGISTER (rdx), SEEK_SET);
}

static void
test_registers_argument (void)
{
  Trace trace;

  begin (&trace, FALSE, "marked", "4321");
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (set_argument), NULL);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmpint (trace.shared->values[0], ==, 4321);
  end (&trace);
}

static void
set_result (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          data)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  GError *error = NULL;

  if (data == NULL)
    set_register (tracee, REGISTER (rax), 77);
  else
    {
      g_assert_true (pink_tracee_poke_user (tracee, REGISTER (rax), 77, &error));
      g_assert_no_error (error);
    }
}

static void
test_registers_exit (void)
{
  for (guint i = 0; i < 2; i++)
    {
      Trace trace;

      begin (&trace, FALSE, "marked", "7");
      g_signal_connect (trace.tracer, "syscall-exit::lseek", G_CALLBACK (set_result),
                        GUINT_TO_POINTER (i));
      tree_run (trace.tracer, trace.shared);
      g_assert_cmpint (trace.shared->values[0], ==, 77);
      end (&trace);
    }
}

static void
ask_nonsense (PinkTracer       *tracer,
              PinkSyscallEvent *event,
              gpointer          n)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  g_autoptr (GError) error = NULL;
  guint64 word = 0;

  ++*(guint *) n;
  g_assert_null (pink_tracee_get_registers (tracee, 0xdead, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_false (pink_tracee_peek_data (tracee, 0, &word, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE);
  g_clear_error (&error);
  g_assert_false (pink_tracee_poke_data (tracee, 0, 0, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE);
  g_clear_error (&error);
  g_assert_false (pink_tracee_peek_user (tracee, 1 << 20, &word, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (pink_tracee_send_signal (tracee, 65, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_clear_error (&error);
  g_assert_true (pink_tracee_peek_user (tracee, REGISTER (orig_rax), &word, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (word, ==, SYS_lseek);
}

static void
test_nonsense (void)
{
  Trace trace;
  guint n = 0;

  begin (&trace, FALSE, "marked", "7");
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (ask_nonsense), &n);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (trace.shared->values[0], ==, -1);
  end (&trace);
}

/* Other register sets: the floating point unit's. */
static void
look_at_fpu (PinkTracer       *tracer,
             PinkSyscallEvent *event,
             gpointer          n)
{
  GError *error = NULL;
  g_autoptr (GBytes) registers =
    pink_tracee_get_registers (pink_syscall_event_get_tracee (event), NT_PRFPREG, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (registers), ==, sizeof (struct user_fpregs_struct));
  g_assert_true (pink_tracee_set_registers (pink_syscall_event_get_tracee (event), NT_PRFPREG,
                                            registers, &error));
  g_assert_no_error (error);
  ++*(guint *) n;
}

static void
test_fpu (void)
{
  Trace trace;
  guint n = 0;

  begin (&trace, FALSE, "marked", "7");
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (look_at_fpu), &n);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmpuint (n, ==, 1);
  end (&trace);
}

#endif /* __x86_64__ */

/* ---- memory ---- */

static void
change_word (PinkTracer       *tracer,
             PinkSyscallEvent *event,
             gpointer          data)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);
  TreeShared *shared = data;
  guint64 address = atomic_load (&shared->counters[0]), word = 0;
  GError *error = NULL;

  if (address == 0)
    return;
  g_assert_true (pink_tracee_peek_data (tracee, address, &word, &error));
  g_assert_no_error (error);
  g_assert_cmphex (word, ==, 0x1234);
  g_assert_true (pink_tracee_poke_data (tracee, address, 0x5678, &error));
  g_assert_no_error (error);
}

static void
test_data (void)
{
  Trace trace;

  begin (&trace, FALSE, "word", NULL);
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (change_word), trace.shared);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmphex (atomic_load (&trace.shared->counters[1]), ==, 0x5678);
  end (&trace);
}

/* ---- siginfo ---- */

static void
change_info (PinkTracer      *tracer,
             PinkSignalEvent *event,
             gpointer         n)
{
  PinkTracee *tracee = pink_signal_event_get_tracee (event);
  GError *error = NULL;
  g_autoptr (GBytes) info = pink_tracee_get_signal_info (tracee, &error);
  g_autoptr (GBytes) changed = NULL;
  siginfo_t own;

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (info), ==, 128);
  memcpy (&own, g_bytes_get_data (info, NULL), sizeof own);
  g_assert_cmpint (own.si_signo, ==, SIGUSR1);
  g_assert_cmpint (own.si_value.sival_int, ==, 5);
  own.si_value.sival_int = 6;
  changed = g_bytes_new (&own, sizeof own);
  g_assert_true (pink_tracee_set_signal_info (tracee, changed, &error));
  g_assert_no_error (error);
  ++*(guint *) n;
}

static void
test_signal_info (void)
{
  Trace trace;
  union sigval value = { .sival_int = 5 };
  guint n = 0;

  begin (&trace, FALSE, "handle", "10");
  g_signal_connect (trace.tracer, "signal-delivery::SIGUSR1", G_CALLBACK (change_info), &n);
  tree_wait_word (&trace.shared->ready, 1, "the handler");
  g_assert_cmpint (sigqueue (pink_tracee_get_pid (trace.tracee), SIGUSR1, value), ==, 0);
  tree_wait_word (&trace.shared->handled, 1, "the signal");
  g_assert_cmpint (trace.shared->values[0], ==, 6);
  g_assert_cmpuint (n, ==, 1);
  end (&trace);
}

static void
test_send_signal (void)
{
  Trace trace;
  g_autoptr (GError) error = NULL;
  g_autoptr (PinkTracee) tracee = NULL;

  begin (&trace, FALSE, "handle", "10");
  tracee = g_object_ref (trace.tracee);
  tree_wait_word (&trace.shared->ready, 1, "the handler");
  g_assert_true (pink_tracee_send_signal (tracee, SIGUSR1, &error));
  g_assert_no_error (error);
  tree_wait_word (&trace.shared->handled, 1, "the signal");
  end (&trace);
  g_assert_false (pink_tracee_send_signal (tracee, SIGUSR1, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
}

/* ---- wrong moments ---- */

static void
assert_all_fail (PinkTracee      *tracee,
                 PinkTracerError  code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_bytes_new_static ("", 1);
  guint64 word;

#define FAILS(call) \
  g_assert_false (call); \
  g_assert_error (error, PINK_TRACER_ERROR, (gint) code); \
  g_clear_error (&error)

  FAILS (pink_tracee_hold (tracee, &error));
  FAILS (pink_tracee_resume (tracee, PINK_RESUME_SYSCALL, &error));
  FAILS (pink_tracee_get_registers (tracee, NT_PRSTATUS, &error) != NULL);
  FAILS (pink_tracee_set_registers (tracee, NT_PRSTATUS, bytes, &error));
  FAILS (pink_tracee_get_signal_info (tracee, &error) != NULL);
  FAILS (pink_tracee_peek_user (tracee, 0, &word, &error));
  FAILS (pink_tracee_poke_user (tracee, 0, 0, &error));
  FAILS (pink_tracee_peek_data (tracee, 0, &word, &error));
  FAILS (pink_tracee_poke_data (tracee, 0, 0, &error));
#undef FAILS
}

static void
test_wrong_state (void)
{
  Trace trace;

  begin (&trace, FALSE, "spin", NULL);
  tree_wait_word (&trace.shared->ready, 1, "the program");
  assert_all_fail (trace.tracee, PINK_TRACER_ERROR_WRONG_STATE);
  end (&trace);
}

static void
on_detached (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  Result *own = data;

  pink_tracee_detach_finish (PINK_TRACEE (source), result, &own->error);
  own->done = TRUE;
}

static void
test_gone (void)
{
  Trace trace;
  Result detached = { 0 }, interrupted = { 0 };
  g_autoptr (PinkTracee) tracee = NULL;

  begin (&trace, FALSE, "nothing", NULL);
  tracee = g_object_ref (trace.tracee);
  end (&trace);
  assert_all_fail (tracee, PINK_TRACER_ERROR_GONE);
  pink_tracee_detach_async (tracee, FALSE, NULL, on_detached, &detached);
  test_wait_until (NULL, is_done, &detached, "a detach");
  g_assert_error (detached.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
  g_clear_error (&detached.error);
  pink_tracee_interrupt_async (tracee, NULL, on_interrupted, &interrupted);
  test_wait_until (NULL, is_done, &interrupted, "an interrupt");
  g_assert_error (interrupted.error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
  g_clear_error (&interrupted.error);
}

/* ---- vfork ---- */

static void
hold_child (PinkTracer       *tracer,
            PinkSyscallEvent *event,
            gpointer          held)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  if (*(PinkTracee **) held != NULL || pink_tracee_get_parent (tracee) == NULL)
    return;
  g_assert_true (pink_tracee_hold (tracee, NULL));
  *(PinkTracee **) held = tracee;
}

static void
count_one (PinkTracer *tracer,
           PinkTracee *tracee,
           gpointer    count)
{
  ++*(guint *) count;
}

static gboolean
count_tick (gpointer count)
{
  ++*(guint *) count;
  return G_SOURCE_CONTINUE;
}

static gboolean
has_ticked (gpointer count)
{
  return *(guint *) count >= 20;
}

/* The parent cannot stop before its child goes on: it is let go then. */
static void
test_vfork_detach (void)
{
  g_autoptr (PinkTracer) tracer = pink_tracer_new ();
  g_autoptr (TreeShared) shared = tree_shared_new ();
  g_autoptr (TreeWatch) watch = tree_watch_new (tracer, FALSE);
  g_autoptr (PinkTracee) parent = NULL;
  g_autoptr (TestPids) pids = test_pids_new ();
  PinkTracee *child = NULL;
  Result result = { 0 };
  guint n_ticks = 0, n_detached = 0, id;

  g_signal_connect (tracer, "syscall-enter::getppid", G_CALLBACK (hold_child), &child);
  g_signal_connect (tracer, "detached", G_CALLBACK (count_one), &n_detached);
  parent = g_object_ref (tree_spawn (tracer, shared, "vfork-wait", NULL));
  test_pids_add (pids, pink_tracee_get_pid (parent));
  test_wait_until (NULL, is_set, &child, "a held child");
  pink_tracee_detach_async (parent, FALSE, NULL, on_detached, &result);
  id = g_timeout_add (1, count_tick, &n_ticks);
  test_wait_until (NULL, has_ticked, &n_ticks, "the loop to run on");
  g_source_remove (id);
  g_assert_false (result.done);
  g_assert_cmpint (pink_tracee_get_state (parent), ==, PINK_TRACEE_RUNNING);
  resume (child, PINK_RESUME_SYSCALL);
  test_wait_until (NULL, is_done, &result, "the detach");
  g_assert_no_error (result.error);
  g_assert_cmpuint (n_detached, ==, 1);
  tree_run (tracer, shared);
  test_pids_await_ended (pids);
}

static void
on_vfork_done (PinkTracer     *tracer,
               PinkTracee     *tracee,
               PinkStopReason  reason,
               gpointer        count)
{
  g_assert_cmpint (reason, ==, PINK_STOP_REASON_VFORK_DONE);
  g_assert_null (pink_tracee_get_parent (tracee));
  ++*(guint *) count;
}

static void
test_vfork_done (void)
{
  Trace trace;
  guint n = 0;

  begin (&trace, FALSE, "vfork", "5");
  g_signal_connect (trace.tracer, "stopped::vfork-done", G_CALLBACK (on_vfork_done), &n);
  end (&trace);
  g_assert_cmpuint (n, ==, 5);
}

/* The interrupt of a vfork parent comes when it can. */
static void
test_vfork_interrupt (void)
{
  Trace trace;
  PinkTracee *child = NULL;
  Result result = { 0 };

  begin (&trace, FALSE, "vfork-wait", NULL);
  g_signal_connect (trace.tracer, "syscall-enter::getppid", G_CALLBACK (hold_child), &child);
  test_wait_until (NULL, is_set, &child, "a held child");
  pink_tracee_interrupt_async (trace.tracee, NULL, on_interrupted, &result);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_false (result.done);
  resume (child, PINK_RESUME_SYSCALL);
  test_wait_until (NULL, is_done, &result, "the interrupt");
  g_assert_no_error (result.error);
  resume (trace.tracee, PINK_RESUME_SYSCALL);
  end (&trace);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);

  test_add ("/control/interrupt/spin", test_interrupt_spin);
  test_add ("/control/interrupt/busy", test_interrupt_busy);
  test_add ("/control/interrupt/busy/calls", test_interrupt_busy_calls);
  test_add ("/control/interrupt/read", test_interrupt_read);
  test_add ("/control/interrupt/thrice", test_interrupt_thrice);
  test_add ("/control/interrupt/gone", test_interrupt_gone);
  test_add ("/control/hold/entry", test_hold_entry);
  test_add ("/control/hold/exit", test_hold_exit);
  test_add ("/control/killed/entry", test_killed_entry);
  test_add ("/control/killed/exit", test_killed_exit);
  test_add ("/control/killed/resumed", test_killed_resumed);
  test_add ("/control/killed/looked-into", test_killed_looked_into);
#if defined (__x86_64__)
  test_add ("/control/mode/single-step", test_single_step);
  test_add ("/control/mode/single-step/on", test_single_step_on);
  test_add ("/control/mode/single-step/unheard", test_single_step_unheard);
  test_add ("/control/mode/sysemu-single-step", test_sysemu_single_step);
  test_add ("/control/mode/continue/entry", test_continue_entry);
  test_add ("/control/mode/continue/exit", test_continue_exit);
  test_add ("/control/mode/continue/and-back", test_continue_and_back);
  test_add ("/control/mode/sysemu", test_sysemu);
  test_add ("/control/registers/entry", test_registers_entry);
  test_add ("/control/registers/argument", test_registers_argument);
  test_add ("/control/registers/exit", test_registers_exit);
  test_add ("/control/registers/nonsense", test_nonsense);
  test_add ("/control/registers/fpu", test_fpu);
#endif
  test_add ("/control/data", test_data);
  test_add ("/control/signal-info", test_signal_info);
  test_add ("/control/send-signal", test_send_signal);
  test_add ("/control/wrong-state", test_wrong_state);
  test_add ("/control/gone", test_gone);
  test_add ("/control/vfork/detach", test_vfork_detach);
  test_add ("/control/vfork/done", test_vfork_done);
  test_add ("/control/vfork/interrupt", test_vfork_interrupt);

  return g_test_run ();
}
