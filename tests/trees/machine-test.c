/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tracee in our hands: let go on in every mode, looked into and changed.
 */
#include "control-util.h"

#include <elf.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/user.h>

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
  trace_resume (pink_syscall_event_get_tracee (event), steps->mode);
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
    trace_resume (tracee, PINK_RESUME_SYSCALL);
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

  trace_begin (&trace, FALSE, "steps", NULL);
  g_signal_connect (trace.tracer, "syscall-exit::lseek", G_CALLBACK (begin_steps), &steps);
  g_signal_connect (trace.tracer, "stopped::single-step", G_CALLBACK (on_step), &steps);
  g_signal_connect (trace.tracer, "syscall-enter::getpid", G_CALLBACK (after_steps), &steps);
  trace_end (&trace);
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
    trace_resume (pink_syscall_event_get_tracee (event), PINK_RESUME_SINGLE_STEP);
}

/* To the trace_end, over calls, from the entry of one on. */
static void
test_single_step_on (void)
{
  Trace trace;
  guint n = 0;

  trace_begin (&trace, FALSE, "steps", NULL);
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (step_on), NULL);
  g_signal_connect (trace.tracer, "stopped::single-step", G_CALLBACK (count_step), &n);
  trace_end (&trace);
  g_assert_cmpuint (n, >, 60);
}

static void
test_single_step_unheard (void)
{
  Trace trace;

  trace_begin (&trace, FALSE, "steps", NULL);
  g_signal_connect (trace.tracer, "syscall-exit::lseek", G_CALLBACK (step_on), NULL);
  trace_end (&trace);
}

static void
go_on_in (PinkTracer       *tracer,
          PinkSyscallEvent *event,
          gpointer          n)
{
  ++*(guint *) n;
  if (is_marked (event) && *(guint *) n == 1)
    trace_resume (pink_syscall_event_get_tracee (event), PINK_RESUME_CONTINUE);
}

/* Calls are not seen any more, not even the exit of the one it is in. */
static void
continue_from (const char *signal)
{
  Trace trace;
  guint n = 0, n_exits = 0;

  trace_begin (&trace, FALSE, "marks", "100");
  if (g_str_has_prefix (signal, "syscall-enter"))
    g_signal_connect (trace.tracer, "syscall-exit::lseek", G_CALLBACK (test_on_call), &n_exits);
  g_signal_connect (trace.tracer, signal, G_CALLBACK (go_on_in), &n);
  trace_end (&trace);
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

  trace_begin (&trace, FALSE, "busy", "1");
  tree_wait_word (&trace.shared->ready, 1, "the program");
  for (guint i = 0; i < 10; i++)
    {
      trace_interrupt (trace.tracee);
      trace_resume (trace.tracee, PINK_RESUME_CONTINUE);
      n = 0;
      id = g_signal_connect (trace.tracer, "syscall-enter", G_CALLBACK (test_on_call), &n);
      before = atomic_load (&trace.shared->counters[0]);
      tree_wait_counters (trace.shared, 1, 1000);
      g_assert_cmpuint (n, ==, 0);
      trace_interrupt (trace.tracee);
      trace_resume (trace.tracee, PINK_RESUME_SYSCALL);
      tree_wait_counters (trace.shared, 1, 10);
      g_assert_cmpuint (n, >=, 27); /* of 30; the first and the last count may be cut */
      g_assert_cmpuint (atomic_load (&trace.shared->counters[0]), >, before);
      g_signal_handler_disconnect (trace.tracer, id);
    }
  trace_end (&trace);
}

static void
begin_emulation (PinkTracer       *tracer,
                 PinkSyscallEvent *event,
                 gpointer          data)
{
  if (is_marked (event))
    trace_resume (pink_syscall_event_get_tracee (event), PINK_RESUME_SYSEMU);
}

static void
emulate (PinkTracer       *tracer,
         PinkSyscallEvent *event,
         gpointer          n)
{
  PinkTracee *tracee = pink_syscall_event_get_tracee (event);

  ++*(guint *) n;
  set_register (tracee, REGISTER (rax), 4242);
  trace_resume (tracee, PINK_RESUME_SYSCALL);
}

/* A call that is not made has the result it is given; the next one is made. */
static void
test_sysemu (void)
{
  Trace trace;
  guint n = 0, n_next = 0;

  trace_begin (&trace, FALSE, "emulated", NULL);
  g_signal_connect (trace.tracer, "syscall-exit::lseek", G_CALLBACK (begin_emulation), NULL);
  g_signal_connect (trace.tracer, "syscall-enter::getuid", G_CALLBACK (emulate), &n);
  g_signal_connect (trace.tracer, "syscall-exit::getpid", G_CALLBACK (test_on_call), &n_next);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (n_next, ==, 1);
  g_assert_cmpint (trace.shared->values[0], ==, 4242);
  g_assert_cmpint (trace.shared->values[1], ==, pink_tracee_get_pid (trace.tracee));
  trace_end (&trace);
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

  trace_begin (&trace, FALSE, "marked", "7");
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (make_it_getpid), NULL);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmpint (trace.shared->values[0], ==, pink_tracee_get_pid (trace.tracee));
  trace_end (&trace);
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

  trace_begin (&trace, FALSE, "marked", "4321");
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (set_argument), NULL);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmpint (trace.shared->values[0], ==, 4321);
  trace_end (&trace);
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

      trace_begin (&trace, FALSE, "marked", "7");
      g_signal_connect (trace.tracer, "syscall-exit::lseek", G_CALLBACK (set_result),
                        GUINT_TO_POINTER (i));
      tree_run (trace.tracer, trace.shared);
      g_assert_cmpint (trace.shared->values[0], ==, 77);
      trace_end (&trace);
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

  trace_begin (&trace, FALSE, "marked", "7");
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (ask_nonsense), &n);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (trace.shared->values[0], ==, -1);
  trace_end (&trace);
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
  g_autoptr (GBytes) short_of = g_bytes_new_static ("abcdefgh", 8); /* the kernel would write them */

  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (registers), ==, sizeof (struct user_fpregs_struct));
  g_assert_true (pink_tracee_set_registers (pink_syscall_event_get_tracee (event), NT_PRFPREG,
                                            registers, &error));
  g_assert_no_error (error);

  g_assert_false (pink_tracee_set_registers (pink_syscall_event_get_tracee (event), NT_PRFPREG, short_of, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "have 512 bytes, not 8"));
  g_clear_error (&error);
  g_assert_false (pink_tracee_set_registers (pink_syscall_event_get_tracee (event), 0x7777, short_of, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "none of that kind"));
  g_clear_error (&error);
  ++*(guint *) n;
}

static void
test_fpu (void)
{
  Trace trace;
  guint n = 0;

  trace_begin (&trace, FALSE, "marked", "7");
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (look_at_fpu), &n);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmpuint (n, ==, 1);
  trace_end (&trace);
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

  trace_begin (&trace, FALSE, "word", NULL);
  g_signal_connect (trace.tracer, "syscall-enter::lseek", G_CALLBACK (change_word), trace.shared);
  tree_run (trace.tracer, trace.shared);
  g_assert_cmphex (atomic_load (&trace.shared->counters[1]), ==, 0x5678);
  trace_end (&trace);
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

  trace_begin (&trace, FALSE, "handle", "10");
  g_signal_connect (trace.tracer, "signal-delivery::SIGUSR1", G_CALLBACK (change_info), &n);
  tree_wait_word (&trace.shared->ready, 1, "the handler");
  g_assert_cmpint (sigqueue (pink_tracee_get_pid (trace.tracee), SIGUSR1, value), ==, 0);
  tree_wait_word (&trace.shared->handled, 1, "the signal");
  g_assert_cmpint (trace.shared->values[0], ==, 6);
  g_assert_cmpuint (n, ==, 1);
  trace_end (&trace);
}

static void
test_send_signal (void)
{
  Trace trace;
  g_autoptr (GError) error = NULL;
  g_autoptr (PinkTracee) tracee = NULL;

  trace_begin (&trace, FALSE, "handle", "10");
  tracee = g_object_ref (trace.tracee);
  tree_wait_word (&trace.shared->ready, 1, "the handler");
  g_assert_true (pink_tracee_send_signal (tracee, SIGUSR1, &error));
  g_assert_no_error (error);
  tree_wait_word (&trace.shared->handled, 1, "the signal");
  trace_end (&trace);
  g_assert_false (pink_tracee_send_signal (tracee, SIGUSR1, &error));
  g_assert_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_GONE);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv, NULL);
#if defined (__x86_64__)
  test_add ("/machine/mode/single-step", test_single_step);
  test_add ("/machine/mode/single-step/on", test_single_step_on);
  test_add ("/machine/mode/single-step/unheard", test_single_step_unheard);
  test_add ("/machine/mode/sysemu-single-step", test_sysemu_single_step);
  test_add ("/machine/mode/continue/entry", test_continue_entry);
  test_add ("/machine/mode/continue/exit", test_continue_exit);
  test_add ("/machine/mode/continue/and-back", test_continue_and_back);
  test_add ("/machine/mode/sysemu", test_sysemu);
  test_add ("/machine/registers/entry", test_registers_entry);
  test_add ("/machine/registers/argument", test_registers_argument);
  test_add ("/machine/registers/exit", test_registers_exit);
  test_add ("/machine/registers/nonsense", test_nonsense);
  test_add ("/machine/registers/fpu", test_fpu);
#endif
  test_add ("/machine/data", test_data);
  test_add ("/machine/signal-info", test_signal_info);
  test_add ("/machine/send-signal", test_send_signal);
  return g_test_run ();
}
