/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Seizing a process that runs already, with all its threads. Runs in the
 * tracer task.
 */
#include "pink-engine-private.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/ptrace.h>

typedef struct
{
  uint64_t       inode;
  int64_t        offset;
  unsigned short length;
  unsigned char  type;
  char           name[];
} DirectoryEntry;

static void
task_directory (pid_t pid, char path[32])
{
  char digits[12];
  unsigned n = 0;
  char *end = path;

  memcpy (end, "/proc/", 6);
  end += 6;
  for (; pid > 0; pid /= 10)
    digits[n++] = (char) ('0' + pid % 10);
  while (n > 0)
    *end++ = digits[--n];
  memcpy (end, "/task", 6);
}

static pid_t
number (const char *name)
{
  pid_t value = 0;

  for (; *name >= '0' && *name <= '9'; name++)
    value = value * 10 + (*name - '0');
  return *name == '\0' ? value : 0;
}

/* From here on its children are ours, too. The interrupt is for the first stop:
 * until then it makes its calls unseen. */
static long
seize (PinkTask *task, pid_t tgid, pid_t tid, long options)
{
  long error = PINK_SYS4 (SYS_ptrace, PTRACE_SEIZE, tid, 0, options);
  PinkSlot *slot;

  if (error != 0)
    return error;
  slot = pink_slots_add (task, tid);
  if (slot == NULL)
    {
      PINK_SYS4 (SYS_ptrace, PTRACE_DETACH, tid, 0, 0); /* at the end of this task, if not now */
      return -ENOMEM;
    }
  slot->tgid = tgid;
  slot->birth = PINK_BIRTH_ATTACH;
  pink_reach_open (slot);
  task->n_alive++;
  if (task->first == NULL)
    task->first = slot;
  pink_post (task, &slot->added_msg);
  PINK_SYS4 (SYS_ptrace, PTRACE_INTERRUPT, tid, 0, 0);
  return 0;
}

/* One look at all threads; how many were new, or -errno where there were none. */
static long
seize_new_threads (PinkTask *task, pid_t pid, long options)
{
  char path[32], buffer[4096] __attribute__ ((aligned (8)));
  long n_new = 0, fd, size;

  task_directory (pid, path);
  fd = PINK_SYS4 (SYS_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0)
    return fd;
  while ((size = PINK_SYS3 (SYS_getdents64, fd, buffer, sizeof buffer)) > 0)
    for (long at = 0; at < size;)
      {
        DirectoryEntry *entry = (DirectoryEntry *) (void *) (buffer + at);
        pid_t tid = number (entry->name);

        at += entry->length;
        /* One that cannot be seized here has just ended, or is traced by the
         * fork of its maker's that we follow. */
        if (tid > 0 && pink_slots_find (task, tid) == NULL && seize (task, pid, tid, options) == 0)
          n_new++;
      }
  PINK_SYS1 (SYS_close, fd);
  return n_new;
}

static bool
has_ended (pid_t tid)
{
  char text[PINK_STATUS_SIZE];

  return pink_status_read (tid, text) && strstr (text, "\nState:\tZ") != NULL;
}

/* The leader first: its refusal is the answer, unless it has ended before the
 * other threads. Then threads until no new one is found; those born of seized
 * ones come by themselves, where forks are followed. */
long
pink_attach (PinkTask *task, pid_t pid, long options)
{
  long error = seize (task, pid, pid, options);

  if (error != 0 && !(error == -EPERM && has_ended (pid)))
    return error;
  for (unsigned rounds = 0; rounds < 1000; rounds++)
    if (seize_new_threads (task, pid, options) <= 0)
      break;
  return task->first != NULL ? 0 : error;
}
