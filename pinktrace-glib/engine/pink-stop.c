/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One stop of one tracee: what it is, and how the tracee goes on. Runs in the
 * tracer task.
 */
#include "pink-engine-private.h"

#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

static void
publish (PinkTask *task, PinkSlot *slot, PinkStopKind kind)
{
  slot->stop.kind = kind;
  slot->stop.interrupted = slot->interrupting;
  slot->interrupting = false;
  slot->with_main = true;
  task->has_asked = true;
  pink_post (task, &slot->stop_msg);
}

static bool
stop_is_handled (PinkTask *task, PinkStopKind kind)
{
  return atomic_load_explicit (&task->engine->stops_handled, memory_order_relaxed) & (1U << kind);
}

void
pink_stop_report_end (PinkTask *task, PinkSlot *slot)
{
  pink_slots_unhash (task, slot);
  pink_reach_close (slot);
  atomic_store_explicit (&slot->ended, true, memory_order_release);
  pink_post (task, &slot->end_msg);
}

static void
end (PinkTask *task, PinkSlot *slot)
{
  pink_narrow_forget (task, slot);
  pink_delay_forget (task, slot);
  pink_record_forget (task, slot);
  task->n_alive--;
  pink_stop_report_end (task, slot);
}

static void
detach (PinkTask *task, PinkSlot *slot, int signal)
{
  /* It takes effect when the tracee runs, which is after the detach. */
  if (slot->leave_stopped)
    PINK_SYS3 (SYS_tgkill, slot->tgid, slot->tid, SIGSTOP);
  if (PINK_SYS4 (SYS_ptrace, PTRACE_DETACH, slot->tid, 0, signal) != 0)
    return; /* killed where it stood: its end is on the way */
  slot->detached = true;
  slot->wait_status = 0;
  end (task, slot);
}

static uint8_t
handled (PinkTask *task, int row)
{
  return pink_engine_get_handled (task->engine, row >= 0 ? (unsigned) row : task->engine->n_rows);
}

/* Where handlers only look on, calls whose entry they were told of while they did not
 * are told of to the end as they were begun. */
static bool
is_exit_handled (PinkTask *task, PinkSlot *slot)
{
  uint8_t bits = handled (task, slot->stop.row);

  return (bits & PINK_HANDLED_EXIT) ||
         ((bits & PINK_HANDLED_RECORD) && (slot->stop.entry_seen || !slot->recorded) &&
          atomic_load_explicit (&task->engine->observes, memory_order_relaxed));
}

/* Of the call that it is in. */
static bool
wants_exit (PinkTask *task, PinkSlot *slot)
{
  return slot->in_syscall && (slot->settling || slot->has_placed || slot->delay_exit_ns > 0 ||
                              slot->recorded || is_exit_handled (task, slot));
}

static long
request_of (PinkMode mode)
{
  switch (mode)
    {
    case PINK_MODE_CONTINUE:
      return PTRACE_CONT;
    case PINK_MODE_STEP:
      return PTRACE_SINGLESTEP;
    case PINK_MODE_SYSEMU:
      return PINK_HOST_PTRACE_SYSEMU;
    case PINK_MODE_SYSEMU_STEP:
      return PINK_HOST_PTRACE_SYSEMU_SINGLESTEP;
    case PINK_MODE_SYSCALL:
    default:
      return PTRACE_SYSCALL;
    }
}

/* The one way on from any stop, so an interrupt or a detach that was asked for
 * is met by whatever stop comes first: the kernel drops a pending
 * PTRACE_INTERRUPT at each of them. */
void
pink_stop_resume (PinkTask *task, PinkSlot *slot, int signal)
{
  PinkMode mode = slot->mode;

  if (slot->detaching)
    {
      detach (task, slot, signal);
      return;
    }
  if (slot->interrupting && !pink_is_launching (slot))
    {
      slot->deferred = signal;
      publish (task, slot, PINK_STOP_INTERRUPT);
      return;
    }
  if (slot->in_group_stop)
    {
      PINK_SYS4 (SYS_ptrace, PTRACE_LISTEN, slot->tid, 0, 0);
      return;
    }
  if (slot->in_syscall && slot->stop.resumed_ns == 0)
    slot->stop.resumed_ns = pink_now_ns (CLOCK_MONOTONIC);
  /* What was changed is settled at the exit, however it goes on from there. */
  if (slot->in_syscall && slot->settling)
    mode = PINK_MODE_SYSCALL;
  /* Our filter stops it again, where it is not to be stopped at its exit. */
  if (mode == PINK_MODE_SYSCALL && pink_seccomp_runs_free (task, slot) && !wants_exit (task, slot))
    mode = PINK_MODE_CONTINUE;
  /* No exit-stop follows these. */
  if (mode != PINK_MODE_SYSCALL)
    slot->in_syscall = false;
  /* ESRCH: it was killed where it stood; its end is on the way. */
  if (slot->phase == PINK_PHASE_SEIZED)
    mode = PINK_MODE_CONTINUE; /* not yet armed */
  pink_narrow_resume (task, slot, request_of (mode), signal);
}

static void
change (PinkTask *task, PinkSlot *slot)
{
  const PinkChanges changes = slot->answer.changes;

  slot->answer.changes = (PinkChanges) { 0 };
  if (slot->stop.kind == PINK_STOP_ENTRY)
    {
      pink_change_entry (task, slot, &changes);
      if (changes.what != 0 || changes.args != 0)
        pink_escape_prevent (task, slot);
    }
  else if (slot->stop.kind == PINK_STOP_EXIT)
    pink_change_exit (task, slot, &changes);
}

/* What a changed call is to read lies in the tracee, or could not be put there. */
static void
placed (PinkTask *task, PinkSlot *slot)
{
  PinkChanges *changes = &slot->answer.changes;

  if (slot->inject.error != 0)
    pink_change_refuse (task, slot, ENOMEM);
  else
    {
      for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
        if (changes->placed & (1U << i))
          changes->values[i] = slot->inject.address + changes->offsets[i];
      changes->args |= changes->placed;
      slot->has_placed = true;
      slot->placed_address = slot->inject.address;
      slot->placed_length = slot->inject.length;
    }
  change (task, slot);
  pink_stop_resume (task, slot, 0);
}

static void
removed (PinkTask *task, PinkSlot *slot)
{
  pink_stop_resume (task, slot, 0);
}

/* From the exit of its call: what was placed for it goes. */
static void
leave_call (PinkTask *task, PinkSlot *slot)
{
  bool has_placed = slot->has_placed;

  pink_record_exit (task, slot);
  slot->has_placed = false;
  if (!has_placed ||
      !pink_inject_remove (task, slot, slot->placed_address, slot->placed_length, removed))
    pink_stop_resume (task, slot, 0);
}

/* True: it goes on when what its changed call needs is in its place. */
static bool
place (PinkTask *task, PinkSlot *slot)
{
  const PinkChanges *changes = &slot->answer.changes;

  if (slot->stop.kind != PINK_STOP_ENTRY || changes->placed == 0 ||
      (changes->what & PINK_CHANGE_RESULT))
    return false;
  if (pink_inject_place (task, slot, placed))
    return true;
  pink_change_refuse (task, slot, ENOMEM);
  return false;
}

/* What the main context has said to the last stop. */
void
pink_stop_answered (PinkTask *task, PinkSlot *slot)
{
  int signal = slot->answer.signal;

  slot->with_main = false;
  slot->mode = slot->answer.mode;
  if (place (task, slot))
    return;
  change (task, slot);
  if (slot->stop.kind == PINK_STOP_EXIT)
    {
      leave_call (task, slot);
      return;
    }
  if (slot->stop.kind == PINK_STOP_SIGNAL && slot->answer.changed_siginfo)
    PINK_SYS4 (SYS_ptrace, PTRACE_SETSIGINFO, slot->tid, 0, slot->siginfo);
  if (slot->stop.kind == PINK_STOP_INTERRUPT)
    {
      signal = slot->deferred;
      slot->deferred = 0;
    }
  pink_stop_resume (task, slot, signal);
}

/* ---- serving it ---- */

static void
note_entry (PinkSlot *slot, int64_t cpu_us)
{
  PinkStop *stop = &slot->stop;

  slot->in_syscall = true;
  slot->has_placed = false;
  slot->knows_call = true;
  slot->has_made = false;
  slot->settling = false;
  slot->refused = false;
  slot->cpu_at_entry_us = cpu_us;
  stop->row = stop->arch != NULL ? pink_arch_syscall_index (stop->arch, stop->entry.number) : -1;
  stop->real_us = pink_now_ns (CLOCK_REALTIME) / 1000;
  stop->resumed_ns = 0;
  stop->entry_seen = false;
  slot->entry_due = false;
  stop->decided = false;
  stop->delayed = false;
  slot->delay_exit_ns = 0;
}

static void
ask_or_go (PinkTask *task, PinkSlot *slot)
{
  if (((handled (task, slot->stop.row) & PINK_HANDLED_ENTRY) || slot->entry_due) && !slot->detaching)
    {
      slot->stop.entry_seen = true;
      publish (task, slot, PINK_STOP_ENTRY);
    }
  else
    pink_stop_resume (task, slot, 0);
}

static void
enter (PinkTask *task, PinkSlot *slot)
{
  int64_t delay = 0;
  uint8_t bits = handled (task, slot->stop.row);

  if ((bits & PINK_HANDLED_RECORD) && !slot->detaching)
    {
      if (pink_record_wait (task, slot, enter))
        return;
      slot->entry_due = (bits & PINK_HANDLED_ENTRY) != 0;
      pink_record_entry (task, slot);
    }
  if (task->filtered)
    pink_seccomp_watch (task, slot);
  if ((bits & PINK_HAS_RULES) && !slot->detaching)
    delay = pink_rules_apply (task, slot);
  if ((bits & PINK_WATCHED_CLONE) || slot->settling)
    pink_escape_prevent (task, slot);
  if (delay > 0)
    pink_delay (task, slot, delay, ask_or_go);
  else
    ask_or_go (task, slot);
}

static void
serve_entry (PinkTask *task, PinkSlot *slot, int64_t cpu_us)
{
  note_entry (slot, cpu_us);
  /* Of the call before, whose exit may not have come. */
  slot->record_waits = 0;
  pink_record_forget (task, slot);
  enter (task, slot);
}

static void
tell_or_go (PinkTask *task, PinkSlot *slot)
{
  if (is_exit_handled (task, slot) && !slot->detaching)
    publish (task, slot, PINK_STOP_EXIT);
  else
    leave_call (task, slot);
}

static void
serve_exit (PinkTask *task, PinkSlot *slot, int64_t cpu_us)
{
  PinkStop *stop = &slot->stop;
  bool launched = slot->phase == PINK_PHASE_LOADED;

  slot->in_syscall = false;
  slot->phase = PINK_PHASE_RUNNING;
  slot->record_changed = slot->settling;
  pink_change_settle (task, slot);
  if (launched || slot->recorded || slot->delay_exit_ns > 0 || is_exit_handled (task, slot))
    {
      stop->returned_ns = pink_now_ns (CLOCK_MONOTONIC);
      stop->cpu_us = cpu_us < 0 || slot->cpu_at_entry_us < 0 ? -1 : cpu_us - slot->cpu_at_entry_us;
    }
  if (launched)
    publish (task, slot, PINK_STOP_LAUNCHED);
  else if (slot->delay_exit_ns > 0)
    pink_delay (task, slot, slot->delay_exit_ns, tell_or_go);
  else
    tell_or_go (task, slot);
}

/* Under way to the program: the first execve is ours, and what comes before it
 * is nobody's business (valgrind makes calls of its own there). */
static void
serve_launching (PinkTask *task, PinkSlot *slot, PinkRead read, int64_t cpu_us)
{
  if (read == PINK_READ_ENTRY)
    {
      note_entry (slot, cpu_us);
      if (slot->stop.entry.number == SYS_execve)
        slot->phase = PINK_PHASE_EXECVE;
    }
  else
    {
      slot->in_syscall = false;
      slot->phase = PINK_PHASE_ARMED;
    }
  pink_stop_resume (task, slot, 0);
}

/* A filter of the tracee's own asks for its tracer. The call fails as it would
 * without one, whoever looks on. */
static void
serve_own_filter (PinkTask *task, PinkSlot *slot)
{
  if (slot->in_syscall)
    pink_change_refuse (task, slot, ENOSYS);
  else if (pink_stop_read (task, slot) == PINK_READ_ENTRY)
    pink_change_refuse_unseen (task, slot, ENOSYS);
  if (stop_is_handled (task, PINK_STOP_SECCOMP) && !slot->detaching)
    publish (task, slot, PINK_STOP_SECCOMP);
  else
    pink_stop_resume (task, slot, 0);
}

/* Our filter has met a call that was chosen: this is its entry. Where the tracee
 * stops at every call, it has been told of already. */
static void
serve_filter (PinkTask *task, PinkSlot *slot, int64_t cpu_us)
{
  bool known = !task->filtered || pink_is_launching (slot) || slot->phase == PINK_PHASE_LOADED || slot->seccomp_due ||
               slot->mode != PINK_MODE_SYSCALL ||
               (slot->every_call && slot->in_syscall);

  slot->seccomp_due = false;
  if (known)
    {
      if (slot->phase == PINK_PHASE_RUNNING && pink_seccomp_is_own (task, slot))
        serve_own_filter (task, slot);
      else
        pink_stop_resume (task, slot, 0);
      return;
    }
  slot->in_syscall = false;
  if (pink_stop_read (task, slot) == PINK_READ_ENTRY)
    serve_entry (task, slot, cpu_us);
  else
    pink_stop_resume (task, slot, 0);
}

static void
serve_syscall_stop (PinkTask *task, PinkSlot *slot, int64_t cpu_us)
{
  PinkRead read = pink_stop_read (task, slot);

  if (read == PINK_READ_NOTHING)
    pink_stop_resume (task, slot, 0);
  else if (pink_is_launching (slot))
    serve_launching (task, slot, read, cpu_us);
  else if (read == PINK_READ_ENTRY)
    serve_entry (task, slot, cpu_us);
  else if (slot->in_syscall)
    serve_exit (task, slot, cpu_us);
  else
    pink_stop_resume (task, slot, 0);
}

/* A thread that is not the leader has made an execve: all other threads are
 * gone, and it has the leader's id now. The leader never reports its end. */
static PinkSlot *
supersede (PinkTask *task, PinkSlot *leader, pid_t former_tid)
{
  PinkSlot *thread = pink_slots_find (task, former_tid);

  if (thread == NULL || thread == leader)
    return leader;
  leader->superseder = former_tid;
  leader->wait_status = 0;
  end (task, leader);
  pink_slots_unhash (task, thread);
  pink_slots_hash (task, thread, leader->tgid);
  return thread;
}

static void
serve_exec (PinkTask *task, PinkSlot *slot)
{
  unsigned long former = 0;

  /* Whatever signals did to the phases before it: this is our execve. */
  if (pink_is_launching (slot))
    {
      /* From here the child has memory of its own. The next stop, the exit of
       * this execve, waits for the main context, handlers or not: so those
       * connected after spawn() miss nothing. */
      slot->phase = PINK_PHASE_LOADED;
      slot->knows_call = false;
      pink_reach_open (slot);
      if (slot->owed_stop != 0)
        PINK_SYS2 (SYS_kill, slot->tid, slot->owed_stop);
      pink_task_report (task, PINK_STAGE_NONE, 0, 0);
      pink_stop_resume (task, slot, 0);
      return;
    }
  if (PINK_SYS4 (SYS_ptrace, PTRACE_GETEVENTMSG, slot->tid, 0, &former) != 0)
    return;
  slot = supersede (task, slot, (pid_t) former);
  slot->has_placed = false;
  slot->knows_call = false;
  pink_reach_open (slot);
  if (slot->detaching)
    {
      pink_stop_resume (task, slot, 0);
      return;
    }
  slot->stop.former_tid = (pid_t) former;
  publish (task, slot, PINK_STOP_EXEC);
}

/* Likewise where the leader is none of ours: it had ended before we came. */
PinkSlot *
pink_stop_renamed (PinkTask *task, pid_t tid)
{
  unsigned long former = 0;
  PinkSlot *slot;

  if (PINK_SYS4 (SYS_ptrace, PTRACE_GETEVENTMSG, tid, 0, &former) != 0)
    return NULL;
  slot = pink_slots_find (task, (pid_t) former);
  if (slot == NULL)
    return NULL;
  pink_slots_unhash (task, slot);
  pink_slots_hash (task, slot, tid);
  return slot;
}

/* The kernel says that we have no tracee any more, and has not said how it
 * ended: a thread that is not traced has made an execve, and goes on in its place. */
void
pink_stop_vanished (PinkTask *task, PinkSlot *slot)
{
  slot->detached = true;
  slot->wait_status = 0;
  end (task, slot);
}

/* SIGKILL has been sent: it does not stand for long, but where it stands because of that. */
void
pink_stop_let_die (pid_t tid, int status)
{
  if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
    PINK_SYS4 (SYS_ptrace, PTRACE_CONT, tid, 0, 0);
}

static bool
signal_is_handled (PinkTask *task, int signal)
{
  unsigned index = (unsigned) signal - 1;

  return index < 64 &&
         (atomic_load_explicit (&task->engine->signals_handled[index / 32], memory_order_relaxed) >>
          index % 32) & 1;
}

/* A step is told by a SIGTRAP that nobody sent: one over a call by the code of one that
 * somebody did, but then of process 0 (user_single_step_report() of the kernel). */
static bool
is_step (PinkSlot *slot, int signal)
{
  siginfo_t *info = (siginfo_t *) (void *) slot->siginfo;

  return signal == SIGTRAP && (slot->mode == PINK_MODE_STEP || slot->mode == PINK_MODE_SYSEMU_STEP) &&
         ((info->si_code > 0 && info->si_code != SI_KERNEL) ||
          (info->si_code == SI_USER && info->si_pid == 0));
}

static void
serve_ordinary_signal (PinkTask *task, PinkSlot *slot, int signal)
{
  bool wanted = signal_is_handled (task, signal);

  slot->stop.signal = signal;
  if (wanted || signal == SIGTRAP)
    {
      memset (slot->siginfo, 0, sizeof slot->siginfo);
      PINK_SYS4 (SYS_ptrace, PTRACE_GETSIGINFO, slot->tid, 0, slot->siginfo);
    }
  if (is_step (slot, signal))
    {
      if (stop_is_handled (task, PINK_STOP_STEP) && !slot->detaching)
        publish (task, slot, PINK_STOP_STEP);
      else
        pink_stop_resume (task, slot, 0);
    }
  else if (wanted && !slot->detaching)
    publish (task, slot, PINK_STOP_SIGNAL);
  else
    pink_stop_resume (task, slot, signal);
}

static pid_t
sender (PinkSlot *slot)
{
  siginfo_t info;

  memset (&info, 0, sizeof info);
  PINK_SYS4 (SYS_ptrace, PTRACE_GETSIGINFO, slot->tid, 0, &info);
  return info.si_code == SI_USER ? info.si_pid : 0;
}

/* The caller of spawn() waits for the program: on its way there nothing may
 * stop the child, or both would wait for a SIGCONT. What has tried to comes
 * again when the program is loaded. The first SIGSTOP is the child's mark, or
 * has swallowed it. */
static void
serve_launching_signal (PinkTask *task, PinkSlot *slot, int signal)
{
  if (pink_is_stop_signal (signal))
    {
      if (signal != SIGSTOP || sender (slot) != slot->tid)
        slot->owed_stop = signal;
      if (signal == SIGSTOP && slot->phase == PINK_PHASE_SEIZED)
        slot->phase = PINK_PHASE_ARMED;
      signal = 0;
    }
  else if (signal == SIGCONT && sender (slot) == task->pid)
    signal = 0;
  else if (signal == SIGCONT)
    slot->owed_stop = 0;
  pink_stop_resume (task, slot, signal);
}

static void
serve_signal (PinkTask *task, PinkSlot *slot, int signal)
{
  if (pink_is_launching (slot))
    serve_launching_signal (task, slot, signal);
  else
    serve_ordinary_signal (task, slot, signal);
}

static void
serve_end (PinkTask *task, PinkSlot *slot, int status)
{
  PinkChildReport *report = task->report;

  if (pink_is_launching (slot))
    {
      pink_slots_unhash (task, slot);
      task->n_alive--;
      if (report->stage != PINK_STAGE_NONE)
        pink_task_report (task, (PinkStage) report->stage, report->error, report->detail);
      else
        pink_task_report (task, PINK_STAGE_KILLED, 0, status);
      return;
    }
  if (slot->phase == PINK_PHASE_STRANGER)
    {
      /* Never introduced: its parent may still do that. */
      slot->phase = PINK_PHASE_STILLBORN;
      slot->wait_status = status;
      task->n_alive--;
      return;
    }
  slot->wait_status = status;
  end (task, slot);
}

static bool
is_birth (int event, PinkBirth *birth)
{
  switch (event)
    {
    case PTRACE_EVENT_FORK:
      *birth = PINK_BIRTH_FORK;
      return true;
    case PTRACE_EVENT_VFORK:
      *birth = PINK_BIRTH_VFORK;
      return true;
    case PTRACE_EVENT_CLONE:
      *birth = PINK_BIRTH_CLONE;
      return true;
    default:
      return false;
    }
}

/* It stays stopped until SIGCONT: PTRACE_LISTEN. While it listens, the kernel
 * reports the same stop again when somebody stirs it; that is no news. */
static void
serve_group_stop (PinkTask *task, PinkSlot *slot, int signal)
{
  bool news = !slot->in_group_stop;

  slot->in_group_stop = true;
  slot->stop.signal = signal;
  if (pink_is_launching (slot))
    {
      /* It was stopped before it was seized. */
      slot->owed_stop = signal;
      PINK_SYS2 (SYS_kill, slot->tid, SIGCONT);
      pink_stop_resume (task, slot, 0);
      return;
    }
  if (news && stop_is_handled (task, PINK_STOP_GROUP) && !slot->detaching)
    publish (task, slot, PINK_STOP_GROUP);
  else
    pink_stop_resume (task, slot, 0);
}

/* In whatever it was: there is no way back, and no exit-stop of a call. */
static void
serve_exiting (PinkTask *task, PinkSlot *slot)
{
  unsigned long status = 0;

  slot->in_syscall = false;
  if (!stop_is_handled (task, PINK_STOP_EXITING) || slot->detaching || pink_is_launching (slot) ||
      PINK_SYS4 (SYS_ptrace, PTRACE_GETEVENTMSG, slot->tid, 0, &status) != 0)
    {
      pink_stop_resume (task, slot, 0);
      return;
    }
  slot->stop.wait_status = (int) status;
  publish (task, slot, PINK_STOP_EXITING);
}

static void
serve_event (PinkTask *task, PinkSlot *slot, int event, int signal, int64_t cpu_us)
{
  PinkBirth birth;

  if (slot->phase == PINK_PHASE_EXPECTED)
    slot->phase = PINK_PHASE_RUNNING;

  if (event == PTRACE_EVENT_EXEC)
    serve_exec (task, slot);
  else if (event == PTRACE_EVENT_SECCOMP)
    serve_filter (task, slot, cpu_us);
  else if (is_birth (event, &birth))
    {
      pink_birth_reported (task, slot, birth);
      pink_stop_resume (task, slot, 0);
    }
  else if (event == PTRACE_EVENT_EXIT)
    serve_exiting (task, slot);
  else if (event == PTRACE_EVENT_STOP && signal != SIGTRAP)
    serve_group_stop (task, slot, signal);
  else if (event == PTRACE_EVENT_VFORK_DONE && stop_is_handled (task, PINK_STOP_VFORK_DONE) &&
           !slot->detaching)
    publish (task, slot, PINK_STOP_VFORK_DONE);
  else
    pink_stop_resume (task, slot, 0);
}

void
pink_stop_serve (PinkTask *task, PinkSlot *slot, int status, int64_t cpu_us)
{
  int signal = WSTOPSIG (status);
  int event = (status >> 16) & 0xff;

  pink_narrow_note (task, slot);
  if (!pink_is_group_stop (status))
    slot->in_group_stop = false;
  slot->status = status;

  if (!WIFSTOPPED (status))
    serve_end (task, slot, status);
  else if (task->quitting)
    pink_stop_let_die (slot->tid, status);
  else if (slot->inject.stage != PINK_INJECT_NONE)
    pink_inject_stop (task, slot, status);
  else if (signal == (SIGTRAP | 0x80))
    serve_syscall_stop (task, slot, cpu_us);
  else if (event != 0)
    serve_event (task, slot, event, signal, cpu_us);
  else
    serve_signal (task, slot, signal);
}
