/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Calls that a stopped tracee makes for us, unseen: it is put back to the
 * instruction that made its last call, with another number and other arguments,
 * and afterwards to where it was, with every register as it was. Runs in the
 * tracer task; each step is one stop, and nothing waits.
 *
 * What a call is to read or to fill lies in pages that the tracee maps for it,
 * with one more such call: below its stack there may be something (a goroutine's
 * neighbour), and other threads use the heap. Only what mmap() itself reads on s390
 * lies on the stack, at its top, which is the thread's own; what was there comes back
 * when it has been made.
 *
 * Signals are blocked meanwhile (by PTRACE_SETSIGMASK): a handler would be run,
 * and would come back to, what we have put there. SIGSTOP, which cannot be
 * blocked, is sent again afterwards.
 */
#include "pink-engine-private.h"

#include <elf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#define GET_SIGMASK 0x420a
#define SET_SIGMASK 0x420b

static long
put_registers (PinkSlot *slot)
{
  size_t size = slot->inject.size;

  return pink_regset (slot, PTRACE_SETREGSET, NT_PRSTATUS, slot->inject.registers, &size);
}

static void
run (PinkSlot *slot)
{
  PINK_SYS4 (SYS_ptrace, PTRACE_SYSCALL, slot->tid, 0, 0);
}

/* ---- a piece of the stack ---- */

/* False where it cannot be had. */
static bool
borrow_stack (PinkTask *task, PinkSlot *slot, const uint64_t words[PINK_ARCH_N_REGS])
{
  PinkInject *inject = &slot->inject;
  size_t word = pink_arch_word_size (slot->stop.arch), size = word * PINK_ARCH_N_REGS;
  unsigned char bytes[sizeof inject->borrowed];
  PinkArchExit now;

  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    pink_arch_put_integer (slot->stop.arch, bytes + i * word, word, words[i]);
  if (!pink_arch_decode_exit (slot->stop.arch, inject->registers, inject->size, &now) ||
      pink_reach_read (task, slot, now.sp, inject->borrowed, size) != (long) size ||
      pink_reach_write (task, slot, now.sp, bytes, size) != (long) size)
    return false;
  inject->borrowed_address = now.sp;
  inject->borrowed_size = size;
  return true;
}

static void
give_back_stack (PinkTask *task, PinkSlot *slot)
{
  PinkInject *inject = &slot->inject;

  if (inject->borrowed_size > 0)
    pink_reach_write (task, slot, inject->borrowed_address, inject->borrowed, inject->borrowed_size);
  inject->borrowed_size = 0;
}

/* ---- the end ---- */

static void
finish (PinkTask *task, PinkSlot *slot)
{
  PinkInject *inject = &slot->inject;

  PINK_SYS4 (SYS_ptrace, SET_SIGMASK, slot->tid, PINK_HOST_SIGSET_SIZE, inject->mask);
  if (inject->stop_again)
    PINK_SYS3 (SYS_tgkill, slot->tgid, slot->tid, SIGSTOP);
  inject->stage = PINK_INJECT_NONE;
  inject->then (task, slot);
}

static void make (PinkTask *task, PinkSlot *slot, uint64_t number, const uint64_t *args);

/* Its own call once more, up to its entry. What it has on its stack is there still. */
static void
make_own (PinkTask *task, PinkSlot *slot)
{
  unsigned char bytes[PINK_ARCH_MAX_REGSET];
  uint64_t args[PINK_ARCH_N_REGS];

  memcpy (bytes, slot->inject.registers, slot->inject.size);
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    args[i] = pink_arch_encode_arg (slot->stop.arch, bytes, slot->inject.size, i, 0)
                ? slot->stop.entry.args[i] : 0;
  make (task, slot, slot->stop.entry.number, args);
}

/* Not at its entry. A call that was interrupted is begun again only on the way from
 * a stop for a signal, or for us: there it has to end. */
static void
put_back (PinkTask *task, PinkSlot *slot)
{
  put_registers (slot);
  if (!slot->inject.restarts)
    {
      finish (task, slot);
      return;
    }
  PINK_SYS4 (SYS_ptrace, PTRACE_INTERRUPT, slot->tid, 0, 0);
  run (slot);
}

/* It stands at the exit of one of our calls. */
static void
go_back (PinkTask *task, PinkSlot *slot)
{
  PinkInject *inject = &slot->inject;
  const uint64_t no_descriptor[PINK_ARCH_N_REGS] = { ~UINT64_C (0) };

  if (inject->restarts && pink_arch_sets_half_result (slot->stop.arch))
    {
      inject->stage = PINK_INJECT_FAIL;
      make (task, slot, (uint64_t) pink_arch_syscall_number (slot->stop.arch, "close"), no_descriptor);
      return;
    }
  inject->stage = PINK_INJECT_BACK;
  if (inject->from == PINK_INJECT_FROM_ENTRY)
    make_own (task, slot);
  else
    put_back (task, slot);
}

static void
fail (PinkTask *task, PinkSlot *slot, long error)
{
  if (slot->inject.error == 0)
    slot->inject.error = (int) -error;
  go_back (task, slot);
}

/* ---- one call ---- */

static void
make (PinkTask *task, PinkSlot *slot, uint64_t number, const uint64_t *args)
{
  PinkInject *inject = &slot->inject;
  unsigned char bytes[PINK_ARCH_MAX_REGSET];
  size_t size = inject->size;

  /* At the entry of its own call the first of ours takes its place. */
  if (inject->from == PINK_INJECT_FROM_ENTRY && !inject->left_entry)
    {
      long error = pink_change_write_entry (task, slot, number, args);

      inject->left_entry = true;
      inject->to_entry = false;
      if (error != 0)
        {
          inject->error = (int) -error;
          give_back_stack (task, slot);
          put_registers (slot);
          finish (task, slot);
          return;
        }
      run (slot);
      return;
    }
  memcpy (bytes, inject->registers, size);
  inject->to_entry = true;
  inject->number = number;
  memcpy (inject->args, args, sizeof inject->args);
  /* Neither is refused here if it was not at the beginning. */
  if (pink_arch_encode_again (slot->stop.arch, bytes, size, number, slot->stop.entry.ip, args))
    pink_regset (slot, PTRACE_SETREGSET, NT_PRSTATUS, bytes, &size);
  run (slot);
}

static void
make_mapping (PinkTask *task, PinkSlot *slot)
{
  PinkInject *inject = &slot->inject;
  const uint64_t args[PINK_ARCH_N_REGS] = {
    0, inject->length, inject->protection, MAP_PRIVATE | MAP_ANONYMOUS, ~UINT64_C (0), 0
  };
  uint64_t block[PINK_ARCH_N_REGS] = { 0 };
  bool by_block = pink_arch_mmap_by_block (slot->stop.arch);

  inject->stage = PINK_INJECT_MAP;
  /* Without it this call fails with EFAULT. */
  if (by_block && borrow_stack (task, slot, args))
    block[0] = inject->borrowed_address;
  make (task, slot, (uint64_t) inject->map_number, by_block ? block : args);
}

static void
make_call (PinkTask *task, PinkSlot *slot)
{
  PinkInjection *injection = slot->inject.call;
  uint64_t args[PINK_ARCH_N_REGS];

  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    {
      if (injection->placed & (1U << i))
        injection->args[i] += slot->inject.address;
      args[i] = injection->args[i];
    }
  slot->inject.stage = PINK_INJECT_CALL;
  make (task, slot, injection->number, args);
}

static void
make_unmapping (PinkTask *task, PinkSlot *slot)
{
  const uint64_t args[PINK_ARCH_N_REGS] = { slot->inject.address, slot->inject.length };

  slot->inject.stage = PINK_INJECT_UNMAP;
  make (task, slot, (uint64_t) slot->inject.unmap_number, args);
}

static void
mapped (PinkTask *task, PinkSlot *slot, const PinkArchExit *result)
{
  PinkInject *inject = &slot->inject;
  long n;

  give_back_stack (task, slot);
  if (result->is_error)
    {
      fail (task, slot, -result->value);
      return;
    }
  /* A result is signed, an address is not. */
  inject->address = pink_arch_word_size (slot->stop.arch) == 4 ? (uint32_t) result->value
                                                               : (uint64_t) result->value;
  n = pink_reach_write (task, slot, inject->address, inject->data, inject->data_size);
  if (n != (long) inject->data_size)
    {
      inject->error = n < 0 ? (int) -n : EFAULT;
      make_unmapping (task, slot);
    }
  else if (inject->call != NULL)
    make_call (task, slot);
  else
    go_back (task, slot);
}

static void
called (PinkTask *task, PinkSlot *slot, const PinkArchExit *result)
{
  slot->inject.call->result = *result;
  slot->inject.call->address = slot->inject.address;
  if (slot->inject.length == 0)
    {
      go_back (task, slot);
      return;
    }
  pink_reach_read (task, slot, slot->inject.address, slot->inject.data, slot->inject.data_size);
  make_unmapping (task, slot);
}

static void
at_exit_of_ours (PinkTask *task, PinkSlot *slot)
{
  unsigned char bytes[PINK_ARCH_MAX_REGSET];
  size_t size = sizeof bytes;
  PinkArchExit result = { 0 };

  if (pink_regset (slot, PTRACE_GETREGSET, NT_PRSTATUS, bytes, &size) != 0)
    return; /* killed */
  pink_arch_decode_exit (slot->stop.arch, bytes, size, &result);
  switch (slot->inject.stage)
    {
    case PINK_INJECT_MAP:
      mapped (task, slot, &result);
      break;
    case PINK_INJECT_CALL:
      called (task, slot, &result);
      break;
    case PINK_INJECT_FAIL:
      slot->inject.stage = PINK_INJECT_BACK;
      put_back (task, slot);
      break;
    case PINK_INJECT_UNMAP:
    default:
      slot->inject.address = 0;
      go_back (task, slot);
      break;
    }
}

/* ---- its stops ---- */

static void
at_entry_of_ours (PinkTask *task, PinkSlot *slot)
{
  PinkInject *inject = &slot->inject;
  long error = 0;

  inject->to_entry = false;
  if (pink_arch_number_at_entry (slot->stop.arch))
    error = pink_change_write_entry (task, slot, inject->number, inject->args);
  /* Must not happen: it would be some other call. */
  if (error != 0 && error != -ESRCH)
    PINK_SYS2 (SYS_kill, slot->tgid, SIGKILL);
  else
    run (slot);
}

static void
at_call_stop (PinkTask *task, PinkSlot *slot)
{
  if (!slot->inject.to_entry)
    at_exit_of_ours (task, slot);
  else if (slot->inject.stage == PINK_INJECT_BACK)
    {
      put_registers (slot);
      pink_change_number_again (task, slot);
      slot->seccomp_due = task->filtered;
      finish (task, slot);
    }
  else
    at_entry_of_ours (task, slot);
}

/* Interrupted once more, so that the kernel sees to its own call. Some (arm, arm64)
 * have by now gone back to the instruction that makes it, with the first argument that
 * they know of, which is ours. */
static void
leave_interrupted (PinkTask *task, PinkSlot *slot)
{
  PinkInject *inject = &slot->inject;
  unsigned char bytes[PINK_ARCH_MAX_REGSET];
  size_t size = sizeof bytes;
  PinkArchExit before, now;

  if (pink_regset (slot, PTRACE_GETREGSET, NT_PRSTATUS, bytes, &size) == 0 && size == inject->size)
    {
      pink_arch_copy_mark (slot->stop.arch, inject->registers, bytes, size);
      if (pink_arch_decode_exit (slot->stop.arch, bytes, size, &now) &&
          pink_arch_decode_exit (slot->stop.arch, inject->registers, size, &before) && now.ip != before.ip)
        pink_arch_encode_again (slot->stop.arch, inject->registers, size, slot->stop.entry.number,
                                slot->stop.entry.ip, slot->stop.entry.args);
    }
  put_registers (slot);
  if (pink_arch_has_restart_number (slot->stop.arch))
    PINK_SYS4 (SYS_ptrace, PTRACE_POKEUSER, slot->tid, 0,
               pink_arch_raw_number (slot->stop.arch, slot->stop.entry.number));
  finish (task, slot);
}

/* The instruction is not there any more. */
static bool
is_fault (int signal)
{
  return signal == SIGSEGV || signal == SIGILL || signal == SIGBUS;
}

void
pink_inject_stop (PinkTask *task, PinkSlot *slot, int status)
{
  PinkInject *inject = &slot->inject;
  int signal = WSTOPSIG (status), event = (status >> 16) & 0xff;

  if (signal == (SIGTRAP | 0x80))
    {
      at_call_stop (task, slot);
      return;
    }
  if (event == PTRACE_EVENT_STOP && inject->stage == PINK_INJECT_BACK && signal == SIGTRAP &&
      inject->from == PINK_INJECT_FROM_EXIT)
    {
      leave_interrupted (task, slot);
      return;
    }
  if (pink_is_group_stop (status) || (event == 0 && signal == SIGSTOP))
    inject->stop_again = true;
  else if (event == 0 && is_fault (signal) && inject->to_entry)
    {
      /* Not even its own call can be made then. */
      if (inject->from == PINK_INJECT_FROM_ENTRY)
        {
          PINK_SYS2 (SYS_kill, slot->tgid, SIGKILL);
          return;
        }
      inject->error = EFAULT;
      inject->stage = PINK_INJECT_BACK;
      give_back_stack (task, slot);
      put_back (task, slot);
      return;
    }
  run (slot);
}

/* ---- the beginning ---- */

static int64_t
number_of_mmap (const PinkArch *arch)
{
  int64_t number = pink_arch_syscall_number (arch, "mmap2");

  return number >= 0 ? number : pink_arch_syscall_number (arch, "mmap");
}

static long
begin (PinkSlot *slot, PinkInjectFrom from, void (*then) (PinkTask *task, PinkSlot *slot))
{
  static const uint64_t all[2] = { ~UINT64_C (0), ~UINT64_C (0) };
  PinkInject *inject = &slot->inject;
  unsigned char bytes[PINK_ARCH_MAX_REGSET];
  const uint64_t args[PINK_ARCH_N_REGS] = { 0, 0, 0, 0, ~UINT64_C (0), 0 };
  PinkArchExit now;
  long error;

  inject->size = sizeof inject->registers;
  error = pink_regset (slot, PTRACE_GETREGSET, NT_PRSTATUS, inject->registers, &inject->size);
  if (error != 0)
    return error;
  memcpy (bytes, inject->registers, inject->size);
  if (slot->stop.arch == NULL || !slot->knows_call ||
      !pink_arch_encode_again (slot->stop.arch, bytes, inject->size, 0, slot->stop.entry.ip, args))
    return -ENXIO;
  error = PINK_SYS4 (SYS_ptrace, GET_SIGMASK, slot->tid, PINK_HOST_SIGSET_SIZE, inject->mask);
  if (error == 0)
    error = PINK_SYS4 (SYS_ptrace, SET_SIGMASK, slot->tid, PINK_HOST_SIGSET_SIZE, all);
  if (error != 0)
    return error;
  inject->from = from;
  inject->then = then;
  inject->restarts = from == PINK_INJECT_FROM_EXIT &&
                     pink_arch_decode_exit (slot->stop.arch, inject->registers, inject->size, &now) &&
                     now.is_error && now.value >= 512 && now.value <= 516;
  inject->left_entry = false;
  inject->to_entry = false;
  inject->stop_again = false;
  inject->error = 0;
  inject->borrowed_size = 0;
  inject->map_number = number_of_mmap (slot->stop.arch);
  inject->unmap_number = pink_arch_syscall_number (slot->stop.arch, "munmap");
  return 0;
}

static void
tell_main (PinkTask *task, PinkSlot *slot)
{
  slot->inject.call->error = slot->inject.error;
  pink_post (task, &slot->injected_msg);
}

/* For the main context; the injection is the task's until PINK_MSG_INJECTED. */
long
pink_inject_call (PinkTask *task, PinkSlot *slot, PinkInjection *injection)
{
  bool at_call = slot->status >> 8 == (SIGTRAP | 0x80) ||
                 slot->status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8);
  bool at_entry = at_call && slot->in_syscall;
  long error;

  /* In the middle of a call, or with a signal to be delivered, there is no way back. */
  if (slot->stop.kind == PINK_STOP_SECCOMP)
    return -ENXIO;
  if (!at_call && slot->status >> 8 != (SIGTRAP | PTRACE_EVENT_STOP << 8))
    return -ENXIO;
  error = begin (slot, at_entry ? PINK_INJECT_FROM_ENTRY : PINK_INJECT_FROM_EXIT, tell_main);
  if (error != 0)
    return error;
  slot->inject.call = injection;
  slot->inject.data = injection->data;
  slot->inject.data_size = injection->size;
  slot->inject.length = (injection->size + 4095) & ~(size_t) 4095;
  slot->inject.protection = PROT_READ | PROT_WRITE;
  slot->inject.address = 0;
  if (slot->inject.length > 0)
    make_mapping (task, slot);
  else
    make_call (task, slot);
  return 0;
}

/* A call of ours that waits is to come back. */
void
pink_inject_abort (PinkSlot *slot)
{
  if (slot->inject.stage == PINK_INJECT_CALL)
    PINK_SYS4 (SYS_ptrace, PTRACE_INTERRUPT, slot->tid, 0, 0);
}

/* Maps the slot's blob at the entry of its call, where only we write to it. */
bool
pink_inject_place (PinkTask *task, PinkSlot *slot, void (*then) (PinkTask *task, PinkSlot *slot))
{
  if (begin (slot, PINK_INJECT_FROM_ENTRY, then) != 0)
    return false;
  slot->inject.call = NULL;
  slot->inject.data = slot->blob;
  slot->inject.data_size = slot->blob_size;
  slot->inject.length = (slot->blob_size + 4095) & ~(size_t) 4095;
  slot->inject.protection = PROT_READ;
  slot->inject.address = 0;
  make_mapping (task, slot);
  return true;
}

/* At the call's exit: what pink_inject_place() has left at slot->inject. */
bool
pink_inject_remove (PinkTask *task, PinkSlot *slot, uint64_t address, size_t length,
                    void (*then) (PinkTask *task, PinkSlot *slot))
{
  if (begin (slot, PINK_INJECT_FROM_EXIT, then) != 0)
    return false;
  slot->inject.call = NULL;
  slot->inject.address = address;
  slot->inject.length = length;
  make_unmapping (task, slot);
  return true;
}
