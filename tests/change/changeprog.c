/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Makes raw system calls, one for each argument, and says what came back of
 * each: the result as the register has it, and whether the other registers are
 * what they were.
 *
 *   changeprog 1,1,@hello,5 int80:20 39
 *
 * A call is a number and up to six arguments; "@text" is the address of that
 * text. "int80:" makes it as 32-bit programs do.
 */
#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

typedef struct
{
  long number;
  long args[6];
} Call;

#if defined (__x86_64__)

static long
make (const Call *call, bool *kept)
{
  register long r10 __asm__ ("r10") = call->args[3];
  register long r8 __asm__ ("r8") = call->args[4];
  register long r9 __asm__ ("r9") = call->args[5];
  long di = call->args[0], si = call->args[1], dx = call->args[2], result = call->number;

  __asm__ volatile ("syscall"
                    : "+a" (result), "+D" (di), "+S" (si), "+d" (dx), "+r" (r10), "+r" (r8), "+r" (r9)
                    : : "rcx", "r11", "memory");
  *kept = di == call->args[0] && si == call->args[1] && dx == call->args[2] &&
          r10 == call->args[3] && r8 == call->args[4] && r9 == call->args[5];
  return result;
}

static long
make_int80 (const Call *call, bool *kept)
{
  long bx = call->args[0], cx = call->args[1], dx = call->args[2], si = call->args[3],
       di = call->args[4], result = call->number;

  __asm__ volatile ("int $0x80"
                    : "+a" (result), "+b" (bx), "+c" (cx), "+d" (dx), "+S" (si), "+D" (di)
                    : : "r8", "r9", "r10", "r11", "memory");
  *kept = bx == call->args[0] && cx == call->args[1] && dx == call->args[2] &&
          si == call->args[3] && di == call->args[4];
  return result;
}

#elif defined (__i386__)

static long
make (const Call *call, bool *kept)
{
  long bx = call->args[0], cx = call->args[1], dx = call->args[2], si = call->args[3],
       di = call->args[4], result = call->number;

  __asm__ volatile ("int $0x80"
                    : "+a" (result), "+b" (bx), "+c" (cx), "+d" (dx), "+S" (si), "+D" (di)
                    : : "memory");
  *kept = bx == call->args[0] && cx == call->args[1] && dx == call->args[2] &&
          si == call->args[3] && di == call->args[4];
  return result;
}

# define make_int80 make

#endif

/* Where 32-bit calls of a 64-bit program can point to, too. */
static long
text_address (const char *text)
{
  char *page = mmap (NULL, 65536, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

  if (page == MAP_FAILED || strlen (text) >= 65536)
    _exit (111);
  strcpy (page, text);
  return (long) (intptr_t) page;
}

static void
run (char *text)
{
  Call call = { 0 };
  bool int80 = strncmp (text, "int80:", 6) == 0, kept = false;
  char *word, *rest = int80 ? text + 6 : text;
  char line[128];
  long result;
  int n = 0;

  while ((word = strsep (&rest, ",")) != NULL && n < 7)
    {
      long value = word[0] == '@' ? text_address (word + 1) : (long) strtoull (word, NULL, 0);

      if (n++ == 0)
        call.number = value;
      else
        call.args[n - 2] = value;
    }
  result = int80 ? make_int80 (&call, &kept) : make (&call, &kept);
  n = snprintf (line, sizeof line, "%ld %s\n", result, kept ? "kept" : "LOST");
  if (writev (1, &(struct iovec) { line, (size_t) n }, 1) != n)
    _exit (111);
}

int
main (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    run (argv[i]);
  return 0;
}
