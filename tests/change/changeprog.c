/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Makes raw system calls, one for each argument, and says what came back of
 * each: the result as the register has it, and whether the other registers are
 * what they were.
 *
 *   changeprog 1,1,@hello,5 int80:20 39
 *
 * A call is a number and up to six arguments, which are numbers or:
 *
 *   @text     the address of that text
 *   =text     likewise, where nobody may write
 *   ^text     likewise, without a NUL, at the end of a mapping
 *   %0a0b     the address of these bytes
 *   [a;b;c    that of an array of words, each a number or one of these
 *   *9@text   that of an array of so many pointers to the text, and no end
 *   $0        the result of the first call
 *
 * "int80:" makes it as 32-bit programs do. Two words stand for more than a call:
 *
 *   flip:N    N times access() of a path that another thread changes all the time
 *             between /dev/null and one that does not exist: how often it exists
 *   unmap:N   N times access() of a path that another thread unmaps and maps again
 */
#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "raw-call.h"

#ifndef MAP_32BIT /* x86 alone has two kinds of calls in one program */
# define MAP_32BIT 0
#endif

static long results[16];
static int n_results;

/* Where 32-bit calls of a 64-bit program can point to, too. */
static char *
pages (size_t size)
{
  char *page = mmap (NULL, size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

  if (page == MAP_FAILED)
    _exit (111);
  return page;
}

static char *
text_pages (const char *text)
{
  char *page = pages (65536);

  if (strlen (text) >= 65536)
    _exit (111);
  return strcpy (page, text);
}

static char *
at_the_end (const char *text)
{
  size_t length = strlen (text), size = (size_t) sysconf (_SC_PAGESIZE);
  char *page = pages (2 * size);

  if (length > size || munmap (page + size, size) != 0)
    _exit (111);
  return memcpy (page + size - length, text, length);
}

static char *
constant (const char *text)
{
  char *page = text_pages (text);

  if (mprotect (page, 65536, PROT_READ) != 0)
    _exit (111);
  return page;
}

static char *
bytes_of (const char *hex)
{
  char *page = pages (65536);

  for (size_t i = 0; i < strlen (hex) / 2; i++)
    {
      char digits[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

      page[i] = (char) strtoul (digits, NULL, 16);
    }
  return page;
}

static void
put_word (char *words, size_t index, long value, size_t size)
{
  if (size == 4)
    ((int32_t *) (void *) words)[index] = (int32_t) value;
  else
    ((long *) (void *) words)[index] = value;
}

static long value_of (char *word, size_t size);

static char *
array_of (char *list, size_t size)
{
  char *words = pages (65536), *word;

  for (size_t i = 0; (word = strsep (&list, ";")) != NULL; i++)
    put_word (words, i, value_of (word, size), size);
  return words;
}

static char *
many (char *word, size_t size)
{
  char *text;
  size_t n = strtoul (word, &text, 10);
  char *words = pages (n * size + 4096);
  long value = value_of (text, size);

  for (size_t i = 0; i < n; i++)
    put_word (words, i, value, size);
  /* No NULL, and nothing behind: the end is at a page's end where n is so. */
  return words;
}

static long
value_of (char *word, size_t size)
{
  switch (word[0])
    {
    case '@':
      return (long) (intptr_t) text_pages (word + 1);
    case '=':
      return (long) (intptr_t) constant (word + 1);
    case '^':
      return (long) (intptr_t) at_the_end (word + 1);
    case '%':
      return (long) (intptr_t) bytes_of (word + 1);
    case '[':
      return (long) (intptr_t) array_of (word + 1, size);
    case '*':
      return (long) (intptr_t) many (word + 1, size);
    case '$':
      return results[atoi (word + 1) & 15];
    default:
      return (long) strtoull (word, NULL, 0);
    }
}

/* ---- hostile threads ---- */

static char *shared;
static volatile int stop;

static void *
flip (void *data)
{
  (void) data;
  while (!stop)
    {
      memcpy (shared, "/dev/null", 10);
      __asm__ volatile ("" : : : "memory");
      memcpy (shared, "/dev/nulx", 10);
      __asm__ volatile ("" : : : "memory");
    }
  return NULL;
}

static void *
unmap (void *data)
{
  (void) data;
  while (!stop)
    {
      munmap (shared, 8192);
      if (mmap (shared, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
            shared)
        _exit (111);
      memset (shared, 'x', 8191);
    }
  return NULL;
}

static void
race (int n, void *(*hostile) (void *data))
{
  pthread_t thread;
  char line[32];
  int found = 0;

  shared = pages (8192);
  strcpy (shared, "/dev/nulx");
  if (pthread_create (&thread, NULL, hostile, NULL) != 0)
    _exit (111);
  for (int i = 0; i < n; i++)
#ifdef SYS_access
    found += syscall (SYS_access, shared, 0) == 0;
#else
    found += syscall (SYS_faccessat, -100, shared, 0) == 0;
#endif
  stop = 1;
  pthread_join (thread, NULL);
  n = snprintf (line, sizeof line, "%d\n", found);
  if (writev (1, &(struct iovec) { line, (size_t) n }, 1) != n)
    _exit (111);
}

static void
make_calls (char *text)
{
  Call call = { 0 };
  bool int80 = strncmp (text, "int80:", 6) == 0, kept = false;
  char *word, *rest = int80 ? text + 6 : text;
  char line[128];
  long result;
  int n = 0;

  while ((word = strsep (&rest, ",")) != NULL && n < 7)
    {
      long value = value_of (word, int80 ? 4 : sizeof (long));

      if (n++ == 0)
        call.number = value;
      else
        call.args[n - 2] = value;
    }
  result = int80 ? make_int80 (&call, &kept) : make (&call, &kept);
  results[n_results++ & 15] = result;
  n = snprintf (line, sizeof line, "%ld %s\n", result, kept ? "kept" : "LOST");
  if (writev (1, &(struct iovec) { line, (size_t) n }, 1) != n)
    _exit (111);
}

static void
run (char *text)
{
  if (strncmp (text, "flip:", 5) == 0)
    {
      race (atoi (text + 5), flip);
      return;
    }
  if (strncmp (text, "unmap:", 6) == 0)
    {
      race (atoi (text + 6), unmap);
      return;
    }
  make_calls (text);
}

int
main (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    run (argv[i]);
  return 0;
}
