/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tracee's memory, read and written by the tracer task, where the application
 * itself is not let at it: with Yama's scope 1 only the task has the tracee for
 * its descendant; and one that has made itself undumpable is open to whoever had
 * its /proc/PID/mem open before.
 */
#include "pink-engine-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>

#define WORD sizeof (long)

/* Not so many that none is left to read a status by. */
#define MOST_FDS 512

static int
most_fds (void)
{
  struct rlimit limit = { .rlim_cur = 0 };

  PINK_SYS4 (SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
  return limit.rlim_cur / 2 < MOST_FDS ? (int) (limit.rlim_cur / 2) : MOST_FDS;
}

/* At its birth, and anew after each exec: the old one is that of the old memory. */
void
pink_reach_open (PinkSlot *slot)
{
  char path[32];

  pink_reach_close (slot);
  if (slot->tid != slot->tgid)
    return; /* its memory is the leader's */
  pink_status_path (slot->tid, "/mem", path);
  slot->mem_fd = (int) PINK_SYS4 (SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (slot->mem_fd >= most_fds ())
    pink_reach_close (slot);
}

void
pink_reach_close (PinkSlot *slot)
{
  if (slot->mem_fd >= 0)
    PINK_SYS1 (SYS_close, slot->mem_fd);
  slot->mem_fd = -1;
}

static long
by_vm (PinkSlot *slot, uint64_t address, void *buffer, size_t size, bool write)
{
  struct iovec local = { .iov_base = buffer, .iov_len = size };
  struct iovec remote = { .iov_base = (void *) (uintptr_t) address, .iov_len = size };

  if (address != (uintptr_t) address)
    return -EPERM; /* a 64-bit tracee of a 32-bit application */
  return pink_host_syscall (write ? SYS_process_vm_writev : SYS_process_vm_readv, slot->tid,
                            (long) &local, 1, (long) &remote, 1, 0);
}

static long
by_mem (PinkTask *task, PinkSlot *slot, uint64_t address, void *buffer, size_t size, bool write)
{
  PinkSlot *leader = pink_slots_find (task, slot->tgid);
  int fd = leader != NULL && leader->mem_fd >= 0 ? leader->mem_fd : slot->mem_fd;
  long n;

  if (fd < 0)
    return -EPERM;
  n = pink_host_transfer (write ? SYS_pwrite64 : SYS_pread64, fd, buffer, size, address);
  return n == -EIO ? -EFAULT : n;
}

static long
peek (PinkSlot *slot, uint64_t address, unsigned char *bytes)
{
  return PINK_SYS4 (SYS_ptrace, PTRACE_PEEKDATA, slot->tid, address, bytes);
}

/* Whole words, so the ends are read before they are written. */
static long
by_words (PinkSlot *slot, uint64_t address, unsigned char *buffer, size_t size, bool write)
{
  size_t done = 0;

  if (address != (uintptr_t) address)
    return -EFAULT;
  while (done < size)
    {
      unsigned char bytes[WORD];
      size_t offset = (size_t) ((address + done) & (WORD - 1)), part = WORD - offset;
      uint64_t at = address + done - offset;
      long error = 0, word;

      if (part > size - done)
        part = size - done;
      if (!write || part < WORD)
        error = peek (slot, at, bytes);
      if (error == 0 && write)
        {
          memcpy (bytes + offset, buffer + done, part);
          memcpy (&word, bytes, WORD);
          error = PINK_SYS4 (SYS_ptrace, PTRACE_POKEDATA, slot->tid, at, word);
        }
      else if (error == 0)
        memcpy (buffer + done, bytes + offset, part);
      if (error != 0)
        return done > 0 ? (long) done : error == -EIO ? -EFAULT : error;
      done += part;
    }
  return (long) done;
}

/* What nobody can write to by itself (a constant) the last two can: so they are
 * tried after a fault, too. */
static long
reach (PinkTask *task, PinkSlot *slot, uint64_t address, void *buffer, size_t size, bool write)
{
  uint8_t without = task->engine->without;
  long n = -EPERM;

  if (!(without & PINK_WITHOUT_VM))
    n = by_vm (slot, address, buffer, size, write);
  if (!(without & PINK_WITHOUT_MEM) && (n == -EPERM || n == -ENOSYS || (write && n == -EFAULT)))
    n = by_mem (task, slot, address, buffer, size, write);
  if (n == -EPERM || n == -ENOSYS || (write && n == -EFAULT))
    n = by_words (slot, address, buffer, size, write);
  return n;
}

long
pink_reach_read (PinkTask *task, PinkSlot *slot, uint64_t address, void *buffer, size_t size)
{
  return reach (task, slot, address, buffer, size, false);
}

long
pink_reach_write (PinkTask *task, PinkSlot *slot, uint64_t address, const void *buffer, size_t size)
{
  size_t done = 0;

  while (done < size)
    {
      long n = reach (task, slot, address + done, (char *) buffer + done, size - done, true);

      if (n <= 0)
        return done > 0 ? (long) done : n == 0 ? -EFAULT : n;
      done += (size_t) n;
    }
  return (long) done;
}
