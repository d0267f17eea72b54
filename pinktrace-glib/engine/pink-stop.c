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

static int64_t
now_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

void
pink_stop_resume (PinkTask *task, PinkSlot *slot, int signal)
{
  if (slot->in_syscall)
    slot->stop.resumed_ns = now_ns (CLOCK_MONOTONIC);
  /* ESRCH: it was killed where it stood; its end is on the way. */
  PINK_SYS4 (SYS_ptrace, PTRACE_SYSCALL, slot->tid, 0, signal);
}

static void
publish (PinkTask *task, PinkSlot *slot, PinkStopKind kind)
{
  slot->stop.kind = kind;
  if (pink_inbox_push (&task->engine->inbox, &slot->stop_msg))
    pink_task_ring (task);
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
  stop->real_us = now_ns (CLOCK_REALTIME) / 1000;
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
  bool launched = slot->phase == PINK_LAUNCH_LOADED;

  slot->in_syscall = false;
  slot->phase = PINK_LAUNCH_DONE;
  if (launched || (handled (task, stop->row) & PINK_HANDLED_EXIT))
    {
      stop->returned_ns = now_ns (CLOCK_MONOTONIC);
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
        slot->phase = PINK_LAUNCH_EXECVE;
    }
  else
    {
      slot->in_syscall = false;
      slot->phase = PINK_LAUNCH_ARMED;
    }
  pink_stop_resume (task, slot, 0);
}

static void
serve_syscall_stop (PinkTask *task, PinkSlot *slot, int64_t cpu_us)
{
  ReadResult read = read_stop (task, slot);

  if (read == READ_NOTHING)
    pink_stop_resume (task, slot, 0);
  else if (slot->phase < PINK_LAUNCH_LOADED)
    serve_launching (task, slot, read, cpu_us);
  else if (read == READ_ENTRY)
    serve_entry (task, slot, cpu_us);
  else if (slot->in_syscall)
    serve_exit (task, slot, cpu_us);
  else
    pink_stop_resume (task, slot, 0);
}

static void
serve_exec (PinkTask *task, PinkSlot *slot)
{
  /* Whatever signals did to the phases before it: this is our execve. */
  if (slot->phase < PINK_LAUNCH_LOADED)
    {
      /* From here the child has memory of its own. The next stop, the exit of
       * this execve, waits for the main context, handlers or not: so those
       * connected after spawn() miss nothing. */
      slot->phase = PINK_LAUNCH_LOADED;
      pink_task_report (task, PINK_STAGE_NONE, 0, 0);
    }
  pink_stop_resume (task, slot, 0);
}

static bool
is_group_stop_signal (int signal)
{
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

static void
serve_signal (PinkTask *task, PinkSlot *slot, int signal)
{
  if (slot->phase == PINK_LAUNCH_SEIZED && signal == SIGSTOP)
    {
      slot->phase = PINK_LAUNCH_ARMED;
      signal = 0;
    }
  else if (slot->phase == PINK_LAUNCH_SEIZED)
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

  slot->alive = false;
  task->n_alive--;
  if (slot->phase < PINK_LAUNCH_LOADED)
    {
      if (report->stage != PINK_STAGE_NONE)
        pink_task_report (task, (PinkStage) report->stage, report->error, report->detail);
      else
        pink_task_report (task, PINK_STAGE_KILLED, 0, status);
      return;
    }
  slot->wait_status = status;
  atomic_store_explicit (&slot->ended, true, memory_order_release);
  if (pink_inbox_push (&task->engine->inbox, &slot->end_msg))
    pink_task_ring (task);
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
  else if (event == PTRACE_EVENT_EXEC)
    serve_exec (task, slot);
  else if (event == PTRACE_EVENT_STOP && is_group_stop_signal (signal))
    PINK_SYS4 (SYS_ptrace, PTRACE_LISTEN, slot->tid, 0, 0);
  else if (event != 0)
    pink_stop_resume (task, slot, 0);
  else
    serve_signal (task, slot, signal);
}
