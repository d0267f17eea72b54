/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * CLONE_UNTRACED lets a child run without its tracer. Where a tracee's children
 * are followed, none may get away like that: the flag is taken out of clone()'s
 * register; clone3() has it in memory, where another thread could put it back,
 * so that call is refused as by a kernel without it, and the C library takes
 * clone() instead. (One that puts it in after we have looked gets away; the manual
 * says so.) Runs in the tracer task.
 */
#include "pink-engine-private.h"

#include <elf.h>
#include <string.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

typedef struct
{
  unsigned char bytes[PINK_ARCH_MAX_REGSET];
  struct iovec  io;
} Registers;

static bool
read_registers (PinkSlot *slot, Registers *registers)
{
  registers->io = (struct iovec) { .iov_base = registers->bytes, .iov_len = sizeof registers->bytes };
  return PINK_SYS4 (SYS_ptrace, PTRACE_GETREGSET, slot->tid, NT_PRSTATUS, &registers->io) == 0;
}

static bool
write_registers (PinkSlot *slot, Registers *registers)
{
  return PINK_SYS4 (SYS_ptrace, PTRACE_SETREGSET, slot->tid, NT_PRSTATUS, &registers->io) == 0;
}

/* clone()'s flags are its first argument, but on s390 and in clone2 of others. */
static void
clear_flag (PinkSlot *slot)
{
  PinkArchEntry *entry = &slot->stop.entry;
  const PinkArchSyscall *call = pink_arch_syscall ((unsigned) slot->stop.row);
  Registers registers;

  for (unsigned i = 0; i < call->n_args; i++)
    {
      int reg = pink_arch_arg_register (slot->stop.arch, call, i);

      if (strcmp (call->args[i].name, "flags") != 0 || reg < 0 ||
          !(entry->args[reg] & CLONE_UNTRACED))
        continue;
      if (read_registers (slot, &registers) &&
          pink_arch_encode_arg (slot->stop.arch, registers.bytes, registers.io.iov_len,
                                (unsigned) reg, entry->args[reg] & ~(uint64_t) CLONE_UNTRACED))
        write_registers (slot, &registers);
    }
}

/* A call whose flags are nowhere fails by itself; where they are hidden from us
 * (see prctl(2), PR_SET_DUMPABLE) they could be any. */
static bool
may_escape (PinkSlot *slot)
{
  uint64_t flags = 0;
  struct iovec local = { .iov_base = &flags, .iov_len = sizeof flags };
  struct iovec remote = { .iov_base = (void *) (uintptr_t) slot->stop.entry.args[0],
                          .iov_len = sizeof flags };
  long n = pink_host_syscall (SYS_process_vm_readv, slot->tid, (long) &local, 1, (long) &remote, 1, 0);

  return n == (long) sizeof flags ? (flags & CLONE_UNTRACED) != 0 : n != -EFAULT;
}

static void
refuse_clone3 (PinkSlot *slot)
{
  Registers registers;

  if (may_escape (slot) && read_registers (slot, &registers) &&
      pink_arch_encode_number (slot->stop.arch, registers.bytes, registers.io.iov_len,
                               ~UINT64_C (0)))
    slot->refused = write_registers (slot, &registers);
}

void
pink_escape_prevent (PinkTask *task, PinkSlot *slot)
{
  if (!task->follow_forks || slot->stop.row < 0)
    return;
  if (strcmp (pink_arch_syscall ((unsigned) slot->stop.row)->name, "clone3") == 0)
    refuse_clone3 (slot);
  else
    clear_flag (slot);
}

/* At the exit of a call that was refused: what the program is told. */
void
pink_escape_answer (PinkSlot *slot)
{
  Registers registers;

  slot->refused = false;
  slot->stop.exit.value = ENOSYS;
  slot->stop.exit.is_error = true;
  if (read_registers (slot, &registers) &&
      pink_arch_encode_result (slot->stop.arch, registers.bytes, registers.io.iov_len, ENOSYS, true))
    write_registers (slot, &registers);
}
