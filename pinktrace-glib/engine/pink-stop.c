/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One stop of one tracee: what it is, and how the tracee goes on. Runs in the
 * tracer task.
 */
#include "pink-engine-private.h"

#include <elf.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

void
pink_stop_resume (PinkTask *task, PinkSlot *slot, int signal)
{
  if (slot->in_syscall && slot->stop.resumed_ns == 0)
    slot->stop.resumed_ns = pink_now_ns (CLOCK_MONOTONIC);
  /* ESRCH: it was killed where it stood; its end is on the way. */
  PINK_SYS4 (SYS_ptrace, PTRACE_SYSCALL, slot->tid, 0, signal);
}

static void
publish (PinkTask *task, PinkSlot *slot, PinkStopKind kind)
{
  slot->stop.kind = kind;
  pink_post (task, &slot->stop_msg);
}

/* ---- reading a system-call-stop ---- */

typedef enum { READ_NOTHING, READ_ENTRY, READ_EXIT } ReadResult;

static ReadResult
read_by_info (PinkTask *task, PinkSlot *slot)
{
  PinkStop *stop = &slot->stop;
  struct __ptrace_syscall_info info;
  long size;

  memset (&info, 0, sizeof info);
  size = PINK_SYS4 (SYS_ptrace, PTRACE_GET_SYSCALL_INFO, slot->tid, sizeof info, &info);
  if (size == -EIO || size == -EINVAL)
    task->no_syscall_info = true; /* before Linux 5.3 */
  if (size <= 0)
    return READ_NOTHING;

  if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
    {
      stop->arch = pink_arch_from_audit (info.arch, info.entry.nr);
      if (stop->arch != NULL)
        pink_arch_entry_from_info (stop->arch, info.entry.nr, info.entry.args, &stop->entry);
      else
        {
          stop->entry.number = info.entry.nr;
          memcpy (stop->entry.args, info.entry.args, sizeof stop->entry.args);
        }
      stop->entry.ip = info.instruction_pointer;
      stop->entry.sp = info.stack_pointer;
      return READ_ENTRY;
    }
  if (info.op == PTRACE_SYSCALL_INFO_EXIT)
    {
      if (stop->arch != NULL)
        pink_arch_exit_from_info (stop->arch, info.exit.rval, info.exit.is_error, &stop->exit);
      else
        {
          stop->exit.is_error = info.exit.is_error != 0;
          stop->exit.value = info.exit.is_error ? -info.exit.rval : info.exit.rval;
        }
      stop->exit.ip = info.instruction_pointer;
      stop->exit.sp = info.stack_pointer;
      return READ_EXIT;
    }
  return READ_NOTHING;
}

/* Entry and exit look alike in the registers of most machines: they alternate. */
static ReadResult
read_by_regset (PinkTask *task, PinkSlot *slot)
{
  PinkStop *stop = &slot->stop;
  unsigned char regs[PINK_ARCH_MAX_REGSET];
  struct iovec io = { .iov_base = regs, .iov_len = sizeof regs };

  memset (regs, 0, sizeof regs);
  if (PINK_SYS4 (SYS_ptrace, PTRACE_GETREGSET, slot->tid, NT_PRSTATUS, &io) != 0)
    return READ_NOTHING;

  if (!slot->in_syscall)
    {
      stop->arch = pink_arch_from_regset (PINK_HOST_ARCH, regs, io.iov_len);
      if (stop->arch == NULL ||
          !pink_arch_decode_entry (stop->arch, regs, io.iov_len, NULL, NULL, &stop->entry))
        return READ_NOTHING;
      return READ_ENTRY;
    }
  /* An execve may have changed the size of the register set. */
  if (stop->arch == NULL ||
      !pink_arch_decode_exit (stop->arch, regs, io.iov_len, &stop->exit))
    {
      const PinkArch *now = pink_arch_from_regset (PINK_HOST_ARCH, regs, io.iov_len);

      if (now == NULL || !pink_arch_decode_exit (now, regs, io.iov_len, &stop->exit))
        return READ_NOTHING;
    }
  return READ_EXIT;
}

static ReadResult
read_stop (PinkTask *task, PinkSlot *slot)
{
  ReadResult result = READ_NOTHING;

  if (!task->no_syscall_info)
    result = read_by_info (task, slot);
  if (task->no_syscall_info)
    result = read_by_regset (task, slot);
  return result;
}

/* ---- serving it ---- */

static uint8_t
handled (PinkTask *task, int row)
{
  return pink_engine_get_handled (task->engine, row >= 0 ? (unsigned) row : task->engine->n_rows);
}

static void
note_entry (PinkSlot *slot, int64_t cpu_us)
{
  PinkStop *stop = &slot->stop;

  slot->in_syscall = true;
  slot->cpu_at_entry_us = cpu_us;
  stop->row = stop->arch != NULL ? pink_arch_syscall_index (stop->arch, stop->entry.number) : -1;
  stop->real_us = pink_now_ns (CLOCK_REALTIME) / 1000;
  stop->resumed_ns = 0;
  stop->entry_seen = false;
}

static void
serve_entry (PinkTask *task, PinkSlot *slot, int64_t cpu_us)
{
  note_entry (slot, cpu_us);
  if (handled (task, slot->stop.row) & PINK_HANDLED_ENTRY)
    {
      slot->stop.entry_seen = true;
      publish (task, slot, PINK_STOP_ENTRY);
    }
  else
    pink_stop_resume (task, slot, 0);
}

static void
serve_exit (PinkTask *task, PinkSlot *slot, int64_t cpu_us)
{
  PinkStop *stop = &slot->stop;
  bool launched = slot->phase == PINK_PHASE_LOADED;

  slot->in_syscall = false;
  slot->phase = PINK_PHASE_RUNNING;
  if (launched || (handled (task, stop->row) & PINK_HANDLED_EXIT))
    {
      stop->returned_ns = pink_now_ns (CLOCK_MONOTONIC);
      stop->cpu_us = cpu_us < 0 || slot->cpu_at_entry_us < 0 ? -1 : cpu_us - slot->cpu_at_entry_us;
      publish (task, slot, launched ? PINK_STOP_LAUNCHED : PINK_STOP_EXIT);
    }
  else
    pink_stop_resume (task, slot, 0);
}

/* Under way to the program: the first execve is ours, and what comes before it
 * is nobody's business (valgrind makes calls of its own there). */
static void
serve_launching (PinkTask *task, PinkSlot *slot, ReadResult read, int64_t cpu_us)
{
  if (read == READ_ENTRY)
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

static void
serve_syscall_stop (PinkTask *task, PinkSlot *slot, int64_t cpu_us)
{
  ReadResult read = read_stop (task, slot);

  if (read == READ_NOTHING)
    pink_stop_resume (task, slot, 0);
  else if (pink_is_launching (slot))
    serve_launching (task, slot, read, cpu_us);
  else if (read == READ_ENTRY)
    serve_entry (task, slot, cpu_us);
  else if (slot->in_syscall)
    serve_exit (task, slot, cpu_us);
  else
    pink_stop_resume (task, slot, 0);
}

static void
end (PinkTask *task, PinkSlot *slot)
{
  pink_slots_unhash (task, slot);
  task->n_alive--;
  atomic_store_explicit (&slot->ended, true, memory_order_release);
  pink_post (task, &slot->end_msg);
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

  if (slot->phase == PINK_PHASE_EXECVE)
    {
      /* From here the child has memory of its own. The next stop, the exit of
       * this execve, waits for the main context, handlers or not: so those
       * connected after spawn() miss nothing. */
      slot->phase = PINK_PHASE_LOADED;
      pink_task_report (task, PINK_STAGE_NONE, 0, 0);
      pink_stop_resume (task, slot, 0);
      return;
    }
  if (PINK_SYS4 (SYS_ptrace, PTRACE_GETEVENTMSG, slot->tid, 0, &former) != 0)
    return;
  slot = supersede (task, slot, (pid_t) former);
  slot->stop.former_tid = (pid_t) former;
  publish (task, slot, PINK_STOP_EXEC);
}

static bool
is_group_stop_signal (int signal)
{
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static void
serve_signal (PinkTask *task, PinkSlot *slot, int signal)
{
  if (slot->phase == PINK_PHASE_SEIZED && signal == SIGSTOP)
    {
      slot->phase = PINK_PHASE_ARMED;
      signal = 0;
    }
  else if (slot->phase == PINK_PHASE_SEIZED)
    {
      /* Not yet armed: as if it had arrived before. */
      PINK_SYS4 (SYS_ptrace, PTRACE_CONT, slot->tid, 0, signal);
      return;
    }
  pink_stop_resume (task, slot, signal);
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
      task->n_strangers--;
      task->n_alive--;
      return;
    }
  slot->wait_status = status;
  end (task, slot);
  pink_birth_adopt_strangers (task);
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

static void
serve_event (PinkTask *task, PinkSlot *slot, int event, int signal)
{
  PinkBirth birth;

  if (event == PTRACE_EVENT_EXEC)
    serve_exec (task, slot);
  else if (slot->phase == PINK_PHASE_EXPECTED)
    pink_birth_first_stop (task, slot);
  else if (is_birth (event, &birth))
    {
      pink_birth_reported (task, slot, birth);
      pink_stop_resume (task, slot, 0);
    }
  else if (event == PTRACE_EVENT_STOP && is_group_stop_signal (signal))
    PINK_SYS4 (SYS_ptrace, PTRACE_LISTEN, slot->tid, 0, 0);
  else
    pink_stop_resume (task, slot, 0);
}

void
pink_stop_serve (PinkTask *task, PinkSlot *slot, int status, int64_t cpu_us)
{
  int signal = WSTOPSIG (status);
  int event = (status >> 16) & 0xff;

  if (!WIFSTOPPED (status))
    serve_end (task, slot, status);
  else if (task->quitting)
    ; /* SIGKILL has been sent: it will not stand here for long */
  else if (signal == (SIGTRAP | 0x80))
    serve_syscall_stop (task, slot, cpu_us);
  else if (event != 0)
    serve_event (task, slot, event, signal);
  else
    serve_signal (task, slot, signal);
}
