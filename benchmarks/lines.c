/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What one decoded line costs: the interpreter and the text, without a tracee. The
 * memory is this process's, read by process_vm_readv(2) as a tracee's would be.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "pink-decode.h"
#include "pink-host.h"

#define BATCH 2000
#define BATCHES 25

static size_t
read_memory (void *data, uint64_t address, void *buffer, size_t size)
{
  struct iovec here = { buffer, size };
  struct iovec there = { (void *) (uintptr_t) address, size };
  ssize_t n = process_vm_readv (*(pid_t *) data, &here, 1, &there, 1, 0);

  return n > 0 ? (size_t) n : 0;
}

/* As pink_syscall_event_to_string() does: one tape for the call, one text. */
static size_t
decode_line (PinkDecodeInput *input, PinkTape *tape)
{
  static const PinkTextStyle style;
  PinkTape none = { NULL, 0, 0, false };
  PinkText text = { NULL, 0, 0 };
  const PinkArchSyscall *call = pink_arch_syscall ((unsigned) input->row);
  const char *label;
  size_t length;
  int index;

  pink_tape_rewind (tape, 0);
  pink_text_append (&text, call->name, strlen (call->name));
  for (unsigned i = 0; (index = pink_decode_order (input->row, i, &label)) >= 0; i++)
    {
      size_t mark = pink_tape_mark (tape);
      PinkShown shown = pink_decode_argument (input, (unsigned) index, tape);
      PinkTape slice;

      if (shown == PINK_LAST)
        break;
      slice = (PinkTape) { tape->data + mark, tape->length - mark, 0, false };
      pink_text_append (&text, ", ", 2);
      if (shown == PINK_SHOWN)
        pink_text_tape (&text, &slice, input->arch, &style);
    }
  pink_tape_rewind (tape, 0);
  pink_decode_result (input, tape, &none);
  pink_text_tape (&text, tape, input->arch, &style);
  length = text.length;
  pink_text_clear (&text);
  pink_tape_clear (&none);
  return length;
}

static double
now (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

/* Returns the nanoseconds of one line: of the batches the middle one. */
static double
measure (const char *name, const uint64_t *args, int64_t result)
{
  pid_t pid = getpid ();
  PinkDecodeInput input = {
    .arch = pink_arch_get (PINK_HOST_ARCH), .row = pink_arch_syscall_row (name), .regs = args,
    .exited = true, .result = result, .read = read_memory, .data = &pid, .string_limit = 32,
    .abbreviated = true
  };
  PinkTape tape = { NULL, 0, 0, false };
  double took[BATCHES];
  size_t length = 0;

  if (input.row < 0)
    return 0;
  for (int i = 0; i < BATCHES; i++)
    {
      double begin = now ();

      for (int k = 0; k < BATCH; k++)
        length = decode_line (&input, &tape);
      took[i] = (now () - begin) / BATCH;
    }
  pink_tape_clear (&tape);
  qsort (took, BATCHES, sizeof took[0], compare);
  printf ("%-16s %6.0f ns  (%zu bytes)\n", name, took[BATCHES / 2], length);
  return took[BATCHES / 2];
}

#define P(thing) (uint64_t) (uintptr_t) (thing)

int
main (void)
{
  static char path[] = "/usr/lib/x86_64-linux-gnu/libc.so.6";
  static char bytes[] = "\177ELF\2\1\1\3\0\0\0\0\0\0\0\0\3\0>\0\1\0\0\0\20t\2\0\0\0\0\0 and more";
  struct stat st;
  struct pollfd fds[2] = { { 3, POLLIN, POLLIN }, { 4, POLLOUT, 0 } };
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = 0x5000 };
  uint64_t mask = 0x4002;
  struct timespec pause = { 1, 500 };
  uint64_t opened[] = { (uint32_t) AT_FDCWD, P (path), O_RDONLY | O_CLOEXEC, 0, 0, 0 };
  uint64_t read_some[] = { 3, P (bytes), sizeof bytes, 0, 0, 0 };
  uint64_t stated[] = { 3, P (&st), 0, 0, 0, 0 };
  uint64_t mapped[] = { 0, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, ~0u, 0 };
  uint64_t polled[] = { P (fds), 2, 100, 0, 0, 0 };
  uint64_t connected[] = { 3, P (&address), sizeof address, 0, 0, 0 };
  uint64_t masked[] = { SIG_BLOCK, P (&mask), 0, 8, 0, 0 };
  uint64_t slept[] = { P (&pause), 0, 0, 0, 0, 0 };
  uint64_t none[6] = { 3, 0, 0, 0, 0, 0 };
  double worst = 0;
  const struct { const char *name; const uint64_t *args; int64_t result; } calls[] = {
    { "close", none, 0 }, { "getppid", none, 1 }, { "openat", opened, 3 }, { "read", read_some, 40 },
    { "write", read_some, 40 }, { "fstat", stated, 0 }, { "mmap", mapped, 0x7f0000000000 },
    { "poll", polled, 1 }, { "connect", connected, 0 }, { "rt_sigprocmask", masked, 0 },
    { "nanosleep", slept, 0 }
  };

  if (stat ("/", &st) != 0)
    return 1;
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    {
      double took = measure (calls[i].name, calls[i].args, calls[i].result);

      worst = took > worst ? took : worst;
    }
  printf ("%-16s %6.0f ns\n", "the dearest", worst);
  return worst > 3000 ? 2 : 0;
}
