/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reading a system-call-stop: which call, of which ABI, and whether this is its
 * entry or its exit.
 */
#include "pink-engine-private.h"

#include <elf.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

long
pink_regset (PinkSlot *slot, long how, uint64_t note, void *bytes, size_t *size)
{
  struct iovec io = { .iov_base = bytes, .iov_len = *size };
  long error = PINK_SYS4 (SYS_ptrace, how, slot->tid, note, &io);

  *size = io.iov_len;
  return error;
}

static PinkRead
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
    return PINK_READ_NOTHING;

  /* At a filter's stop it is an entry, too, and has the same place. */
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY || info.op == PTRACE_SYSCALL_INFO_SECCOMP)
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
      return PINK_READ_ENTRY;
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
      return PINK_READ_EXIT;
    }
  return PINK_READ_NOTHING;
}

/* Entry and exit look alike in the registers of most machines: they alternate. */
static PinkRead
read_by_regset (PinkTask *task, PinkSlot *slot)
{
  PinkStop *stop = &slot->stop;
  unsigned char regs[PINK_ARCH_MAX_REGSET];
  size_t size = sizeof regs;

  memset (regs, 0, sizeof regs);
  if (pink_regset (slot, PTRACE_GETREGSET, NT_PRSTATUS, regs, &size) != 0)
    return PINK_READ_NOTHING;

  if (!slot->in_syscall)
    {
      stop->arch = pink_arch_from_regset (PINK_HOST_ARCH, regs, size);
      if (stop->arch == NULL ||
          !pink_arch_decode_entry (stop->arch, regs, size, NULL, NULL, &stop->entry))
        return PINK_READ_NOTHING;
      return PINK_READ_ENTRY;
    }
  /* An execve may have changed the size of the register set. */
  if (stop->arch == NULL ||
      !pink_arch_decode_exit (stop->arch, regs, size, &stop->exit))
    {
      const PinkArch *now = pink_arch_from_regset (PINK_HOST_ARCH, regs, size);

      if (now == NULL || !pink_arch_decode_exit (now, regs, size, &stop->exit))
        return PINK_READ_NOTHING;
    }
  return PINK_READ_EXIT;
}

PinkRead
pink_stop_read (PinkTask *task, PinkSlot *slot)
{
  PinkRead result = PINK_READ_NOTHING;

  if (!task->no_syscall_info)
    result = read_by_info (task, slot);
  if (task->no_syscall_info)
    result = read_by_regset (task, slot);
  return result;
}
