/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Makes system calls that are read from the standard input, a line each:
 *
 *   NUMBER WORD WORD ...
 *
 * A WORD is a number, or @, the address of a page that begins with patterns, @+N, in
 * that page, s:TEXT, the address of that text, v, that of an array of strings, or
 * {SIZE:WORD,...}, that of a structure: a SIZE is 1, 2, 4, 8, w for a word of this
 * machine, or z, so many zeros. Behind the page and 7 more, at @+32768, there is nothing
 * to be read. Each call is made in a process of its own, which is
 * killed after a while, between two calls that there are not, as marks: the first says
 * which line it is. Nothing that privileges are needed for has an effect: they are given
 * up before.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define MARK 0x4d4b
#define NOBODY 65534
#define PAGES 8
#define ROOM_AT 8192
#define ROOM 512
#define PATIENCE_US 400000

static unsigned char *page;

static void
fill (unsigned char pattern)
{
  memset (page, 0, PAGES * 4096);
  for (int i = 0; pattern != 0 && i < 4096; i++)
    page[i] = (unsigned char) (i % 8 == 0 ? i / 8 % 7 + pattern : 0);
}

static unsigned long long word (char **text);

/* Where the structures of a line are put, one behind the other. */
static unsigned char *room;

static void
member (char       **text,
        unsigned char **at)
{
  char size = *(*text)++;
  unsigned long long value;
  unsigned n = size == 'w' ? (unsigned) sizeof (long) : (unsigned) (size - '0');

  (*text)++;
  value = word (text);
  if (size == 'z')
    n = (unsigned) value;
  else
    for (unsigned i = 0; i < n; i++)
      (*at)[i] = (unsigned char) (value >> 8 * i);
  *at += n;
}

/* With room behind it: the kernel may write more than it was told. */
static unsigned long long
structure (char **text)
{
  unsigned char *begin = room, *at = begin;

  room += ROOM;
  while (**text != '\0' && **text != '}')
    {
      (*text)++;
      if (**text != '}')
        member (text, &at);
    }
  if (**text == '}')
    (*text)++;
  return (unsigned long) begin;
}

/* What is inside of a structure ends at a comma. */
static unsigned long long
string (char **text)
{
  char *begin = *text + 2;
  size_t n = room != page + ROOM_AT ? strcspn (begin, ",}") : strlen (begin);
  char *copy = strndup (begin, n);

  *text = begin + n;
  return (unsigned long) copy;
}

static unsigned long long
word (char **text)
{
  static char *strings[] = { "one", "two", NULL };

  switch (**text)
    {
    case '{':
      return structure (text);
    case 's':
      return string (text);
    case 'v':
      (*text)++;
      return (unsigned long) strings;
    case '@':
      (*text)++;
      return (unsigned long) page + (**text == '+' ? strtoul (*text + 1, text, 0) : 0);
    default:
      return strtoull (*text, text, 0);
    }
}

static void
give_up_privileges (void)
{
  struct rlimit none = { 0, 0 };

  setrlimit (RLIMIT_CORE, &none);
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (syscall (SYS_setgroups, 0, NULL) != 0 || setresgid (NOBODY, NOBODY, NOBODY) != 0 ||
      setresuid (NOBODY, NOBODY, NOBODY) != 0)
    if (geteuid () == 0)
      _exit (1);
}

static void
handle (int number)
{
  (void) number;
}

/* The return of a signal's handler is no call that a program makes by number. */
static void
return_from_handler (long call,
                     long number)
{
  struct sigaction action = { .sa_handler = handle, .sa_flags = call == SYS_rt_sigreturn ? SA_SIGINFO : 0 };
  sigset_t mask;

  sigemptyset (&mask);
  sigaddset (&mask, SIGUSR2);
  sigaddset (&mask, SIGRTMIN + 1);
  sigprocmask (SIG_SETMASK, &mask, NULL);
  sigaction (SIGTRAP, &action, NULL);
  syscall (MARK, number);
  __asm__ volatile ("int3");
  syscall (MARK, 0);
  syscall (SYS_exit_group, 0);
}

static int
is_return (long call)
{
#ifdef SYS_sigreturn
  if (call == SYS_sigreturn)
    return 1;
#endif
  return call == SYS_rt_sigreturn;
}

static void
make (char *line,
      long  number)
{
  long words[7] = { 0 };
  int n = 0;

  setpgid (0, 0);
  give_up_privileges ();
  for (char *text = strtok (line, " \n"); text != NULL && n < 7; text = strtok (NULL, " \n"))
    words[n++] = (long) word (&text);
  if (is_return (words[0]))
    return_from_handler (words[0], number);
  syscall (MARK, number);
  syscall (words[0], words[1], words[2], words[3], words[4], words[5], words[6]);
  syscall (MARK, 0);
  syscall (SYS_exit_group, 0);
}

int
main (int argc, char **argv)
{
  static const struct timespec none;
  char line[2048];
  sigset_t child;

  alarm (120); /* what goes wrong does not go wrong for ever */
  page = mmap (NULL, (PAGES + 1) * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap (page + PAGES * 4096, 4096);
  fill ((unsigned char) (argc > 1 ? atoi (argv[1]) : 0));
  room = page + ROOM_AT;
  sigemptyset (&child);
  sigaddset (&child, SIGCHLD);
  sigprocmask (SIG_BLOCK, &child, NULL);
  for (long number = 1; fgets (line, sizeof line, stdin) != NULL; number++)
    {
      struct timespec patience = { 0, PATIENCE_US * 1000 };
      pid_t pid = fork ();

      if (pid == 0)
        {
          sigprocmask (SIG_UNBLOCK, &child, NULL);
          make (line, number);
        }
      if (sigtimedwait (&child, NULL, &patience) < 0)
        kill (-pid, SIGKILL);
      kill (-pid, SIGKILL);
      kill (pid, SIGKILL);
      waitpid (pid, NULL, 0);
      while (waitpid (-1, NULL, WNOHANG) > 0)
        ;
      /* Or the next one would be taken for ended. */
      while (sigtimedwait (&child, NULL, &none) > 0)
        ;
    }
  return 0;
}
