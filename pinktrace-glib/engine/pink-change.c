/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Changing a call: at its entry the number and the arguments, or that it is not
 * made at all; at its exit the result. Runs in the tracer task.
 *
 * A call that is not made gets the number -1 at its entry, and its result at
 * its exit. There the registers that were changed also get back what the program
 * had in them: it may rely on them, and a call that a signal interrupts is made
 * again, and is to be seen as the program means it.
 */
#include "pink-engine-private.h"

#include <elf.h>
#include <string.h>
#include <sys/ptrace.h>

#define SET_SYSCALL_INFO 0x4212 /* since Linux 6.16 */
#define SET_SYSCALL      23     /* 32-bit ARM */
#define NT_SYSTEM_CALL   0x404  /* NT_ARM_SYSTEM_CALL */

/* The kernel's own structure; glibc's may be shorter. */
typedef struct
{
  uint8_t  op;
  uint8_t  reserved;
  uint16_t flags;
  uint32_t arch;
  uint64_t instruction_pointer;
  uint64_t stack_pointer;
  union
  {
    struct
    {
      uint64_t number;
      uint64_t args[PINK_ARCH_N_REGS];
    } entry;
    struct
    {
      int64_t value;
      uint8_t is_error;
    } exit;
    uint64_t room[8];
  } u;
} SyscallInfo;

typedef struct
{
  unsigned char bytes[PINK_ARCH_MAX_REGSET];
  size_t        size;
} Registers;

static long
read_registers (PinkSlot *slot, Registers *registers)
{
  registers->size = sizeof registers->bytes;
  return pink_regset (slot, PTRACE_GETREGSET, NT_PRSTATUS, registers->bytes, &registers->size);
}

static long
write_registers (PinkSlot *slot, Registers *registers)
{
  size_t size = registers->size;

  return pink_regset (slot, PTRACE_SETREGSET, NT_PRSTATUS, registers->bytes, &size);
}

/* ---- with PTRACE_SET_SYSCALL_INFO ---- */

static long
set_info (PinkTask *task, PinkSlot *slot, SyscallInfo *info)
{
  long error = PINK_SYS4 (SYS_ptrace, SET_SYSCALL_INFO, slot->tid, sizeof *info, info);

  if (error == -EIO || error == -EINVAL)
    task->no_set_info = true;
  return error;
}

static long
write_entry_by_info (PinkTask *task, PinkSlot *slot, uint64_t number, unsigned args,
                     const uint64_t *values)
{
  SyscallInfo info;
  long size;

  memset (&info, 0, sizeof info);
  size = PINK_SYS4 (SYS_ptrace, PTRACE_GET_SYSCALL_INFO, slot->tid, sizeof info, &info);
  if (size < 0)
    return size;
  info.u.entry.number = pink_arch_raw_number (slot->stop.arch, number);
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    if (args & (1U << i))
      info.u.entry.args[i] = values[i];
  info.reserved = 0;
  info.flags = 0;
  return set_info (task, slot, &info);
}

static long
write_result_by_info (PinkTask *task, PinkSlot *slot, int64_t value, bool is_error)
{
  SyscallInfo info;

  memset (&info, 0, sizeof info);
  info.op = PTRACE_SYSCALL_INFO_EXIT;
  info.u.exit.value = is_error ? -value : value;
  info.u.exit.is_error = is_error;
  return set_info (task, slot, &info);
}

/* ---- with the register set ---- */

/* Where arguments are in memory (MIPS o32, IA-64). */
static long
poke_arg (PinkTask *task, PinkSlot *slot, Registers *registers, unsigned reg, uint64_t value)
{
  unsigned char bytes[8];
  uint64_t address;
  size_t length;

  if (!pink_arch_arg_address (slot->stop.arch, registers->bytes, registers->size, reg, &address, &length))
    return -EINVAL;
  pink_arch_put_integer (slot->stop.arch, bytes, length, value);
  return pink_reach_write (task, slot, address, bytes, length) == (long) length ? 0 : -EFAULT;
}

static long
encode_args (PinkTask *task, PinkSlot *slot, Registers *registers, unsigned args, const uint64_t *values)
{
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    if (args & (1U << i) &&
        !pink_arch_encode_arg (slot->stop.arch, registers->bytes, registers->size, i, values[i]))
      {
        long error = poke_arg (task, slot, registers, i, values[i]);

        if (error != 0)
          return error;
      }
  return 0;
}

/* Where the number is not among the registers. */
static long
write_number_apart (PinkSlot *slot, uint64_t number)
{
  int raw = (int) pink_arch_raw_number (slot->stop.arch, number);
  size_t size = sizeof raw;

  switch (pink_arch_number_way (slot->stop.arch, PINK_HOST_ARCH))
    {
    case PINK_ARCH_NUMBER_BY_SYSTEM_CALL_REGSET:
      return pink_regset (slot, PTRACE_SETREGSET, NT_SYSTEM_CALL, &raw, &size);
    case PINK_ARCH_NUMBER_BY_SET_SYSCALL:
      return PINK_SYS4 (SYS_ptrace, SET_SYSCALL, slot->tid, 0, raw);
    case PINK_ARCH_NUMBER_IN_REGSET:
    default:
      return -EINVAL;
    }
}

static long
write_entry_by_regset (PinkTask *task, PinkSlot *slot, uint64_t number, unsigned args,
                       const uint64_t *values)
{
  Registers registers;
  bool apart;
  long error = read_registers (slot, &registers);

  if (error == 0)
    error = encode_args (task, slot, &registers, args, values);
  if (error != 0)
    return error;
  apart = !pink_arch_encode_number (slot->stop.arch, registers.bytes, registers.size, number);
  error = write_registers (slot, &registers);
  if (error == 0 && apart)
    error = write_number_apart (slot, number);
  return error;
}

static long
write_result_by_regset (PinkSlot *slot, int64_t value, bool is_error)
{
  Registers registers;
  long error = read_registers (slot, &registers);

  if (error != 0)
    return error;
  if (!pink_arch_encode_result (slot->stop.arch, registers.bytes, registers.size, value, is_error))
    return -EINVAL;
  return write_registers (slot, &registers);
}

/* ---- what the rest of the engine calls ---- */

static long
write_entry (PinkTask *task, PinkSlot *slot, uint64_t number, unsigned args, const uint64_t *values)
{
  long error = -EIO;

  if (!task->no_set_info)
    error = write_entry_by_info (task, slot, number, args, values);
  if (task->no_set_info)
    error = write_entry_by_regset (task, slot, number, args, values);
  return error;
}

/* Of the call that is made in the end, or -1. */
static uint64_t
decided_number (PinkSlot *slot)
{
  return slot->has_result || slot->refused ? ~UINT64_C (0) : slot->stop.entry.number;
}

/* Must not happen: then the call would be made as if nobody had said anything. */
static void
fail (PinkSlot *slot, long error)
{
  if (error != 0 && error != -ESRCH)
    PINK_SYS2 (SYS_kill, slot->tgid, SIGKILL);
}

static void
write_result (PinkTask *task, PinkSlot *slot, int64_t value, bool is_error)
{
  long error = -EIO;

  if (!task->no_set_info)
    error = write_result_by_info (task, slot, value, is_error);
  if (task->no_set_info)
    error = write_result_by_regset (slot, value, is_error);
  fail (slot, error);
}

/* All of it, and nothing of what the program had is kept here. */
long
pink_change_write_entry (PinkTask *task, PinkSlot *slot, uint64_t number, const uint64_t *args)
{
  return write_entry (task, slot, number, (1U << PINK_ARCH_N_REGS) - 1, args);
}

/* What was said of it at its first entry is not among the registers of all machines. */
void
pink_change_number_again (PinkTask *task, PinkSlot *slot)
{
  if (slot->settling && slot->changed_number)
    fail (slot, write_entry (task, slot, decided_number (slot), 0, slot->stop.entry.args));
}

/* Once an entry: what the program had. */
static void
remember (PinkSlot *slot)
{
  if (slot->settling)
    return;
  slot->settling = true;
  slot->original = slot->stop.entry;
  slot->changed_args = 0;
  slot->changed_number = false;
  slot->has_result = false;
}

/* One that is let go meets no exit-stop: its result is put at once, where the
 * kernel leaves it (a call of number -1 does not touch it). */
static void
answer_at_entry (PinkSlot *slot)
{
  fail (slot, write_result_by_regset (slot, slot->result, slot->result_is_error));
}

void
pink_change_entry (PinkTask *task, PinkSlot *slot, const PinkChanges *changes)
{
  PinkArchEntry *entry = &slot->stop.entry;
  bool skip = (changes->what & PINK_CHANGE_RESULT) && !slot->refused;
  PinkArchEntry wanted = *entry;

  if ((changes->what == 0 && changes->args == 0) || slot->stop.arch == NULL)
    return;
  remember (slot);
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    if (changes->args & (1U << i))
      wanted.args[i] = changes->values[i];
  if (changes->what & PINK_CHANGE_NUMBER)
    wanted.number = changes->number;
  /* In the form that the ABI has them: 32 bits are 32. */
  pink_arch_entry_from_info (slot->stop.arch, pink_arch_raw_number (slot->stop.arch, wanted.number),
                             wanted.args, entry);
  if (skip)
    {
      slot->has_result = true;
      slot->result = changes->result;
      slot->result_is_error = changes->is_error;
    }
  slot->changed_args |= changes->args;
  slot->changed_number = slot->changed_number || skip || (changes->what & PINK_CHANGE_NUMBER);
  fail (slot, write_entry (task, slot, decided_number (slot), changes->args, entry->args));
  if (slot->detaching && slot->has_result)
    answer_at_entry (slot);
}

/* By the engine itself: not made, whatever anybody says. */
void
pink_change_refuse (PinkTask *task, PinkSlot *slot, int error)
{
  const PinkChanges changes = { .what = PINK_CHANGE_RESULT, .result = error, .is_error = true };

  pink_change_entry (task, slot, &changes);
  slot->refused = true;
}

/* The same of one that will not stop at its exit. */
void
pink_change_refuse_unseen (PinkTask *task, PinkSlot *slot, int error)
{
  slot->settling = false;
  slot->refused = false;
  pink_change_refuse (task, slot, error);
  if (slot->settling && !slot->detaching)
    answer_at_entry (slot);
  slot->settling = false;
}

/* Only where the program goes on behind its call, which it does not after an
 * execve or a sigreturn. */
static void
put_back (PinkTask *task, PinkSlot *slot)
{
  Registers registers;
  PinkArchExit now;

  if ((slot->changed_args == 0 && !slot->changed_number) ||
      read_registers (slot, &registers) != 0 ||
      !pink_arch_decode_exit (slot->stop.arch, registers.bytes, registers.size, &now) ||
      now.ip != slot->original.ip || now.sp != slot->original.sp)
    return;
  if (encode_args (task, slot, &registers, slot->changed_args, slot->original.args) != 0)
    return;
  if (slot->changed_number)
    pink_arch_encode_number (slot->stop.arch, registers.bytes, registers.size, slot->original.number);
  /* On some machines the first argument's register is the result's. */
  pink_arch_encode_result (slot->stop.arch, registers.bytes, registers.size, now.value, now.is_error);
  write_registers (slot, &registers);
}

/* At the exit of a call that was changed at its entry. */
void
pink_change_settle (PinkTask *task, PinkSlot *slot)
{
  if (!slot->settling)
    return;
  slot->settling = false;
  slot->refused = false;
  put_back (task, slot);
  if (!slot->has_result)
    return;
  slot->stop.exit.value = slot->result;
  slot->stop.exit.is_error = slot->result_is_error;
  write_result (task, slot, slot->result, slot->result_is_error);
}

void
pink_change_exit (PinkTask *task, PinkSlot *slot, const PinkChanges *changes)
{
  if (!(changes->what & PINK_CHANGE_RESULT) || slot->stop.arch == NULL)
    return;
  write_result (task, slot, changes->result, changes->is_error);
  slot->stop.exit.value = changes->result;
  slot->stop.exit.is_error = changes->is_error;
}
