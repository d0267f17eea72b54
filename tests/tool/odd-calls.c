/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Makes calls that no ordinary program makes, for the tests of how they are
 * shown. x86_64 only. What to make is the first argument.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static long
int80 (long number,
       long argument)
{
  long result;

  __asm__ volatile ("int $0x80" : "=a" (result)
                                : "a" (number), "b" (argument), "c" (0), "d" (0)
                                : "memory");
  return result;
}

static void
abis (void)
{
  getppid ();
  int80 (20, 0); /* getpid */
  int80 (6, 99); /* close */
  getppid ();
  syscall (0x40000000 | SYS_getpid);
  getppid ();
}

static void
unknown (void)
{
  syscall (1000, 1, 2, 3, 4, 5, 6);
  syscall (-1, 1, 2, 3, 4, 5, 6);
}

/* Every byte, alone and before a digit; what can be mistaken for an escape. */
static void
strings (void)
{
  static const char * const paths[] = {
    "", "/", "plain", "with space", "quo\"te", "back\\slash", "new\nline", "tab\there", "\001",
    "\0019", "\0017", "\0018", "\177", "\303\244", "\377\376", "\033[1m", "a\vb\fc\rd\be\af",
  };
  static char long_path[3000];
  unsigned char bytes[512];
  char buffer[64];
  int fds[2];

  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
    if (open (paths[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW) >= 0)
      close (3);
  memset (long_path, 'x', sizeof long_path - 1);
  access (long_path, F_OK);

  if (pipe (fds) != 0)
    return;
  for (size_t i = 0; i < sizeof bytes; i++)
    bytes[i] = i % 2 == 0 ? (unsigned char) (i / 2) : i % 4 == 1 ? '7' : 'x';
  for (size_t i = 0; i < sizeof bytes; i += 16)
    write (fds[1], bytes + i, 16);
  for (size_t i = 0; i < sizeof bytes; i += 64)
    read (fds[0], buffer, 64);

  /* At the limit, one below and one above it. */
  write (fds[1], bytes + 100, 31);
  write (fds[1], bytes + 100, 32);
  write (fds[1], bytes + 100, 33);
  read (fds[0], buffer, 31);
  read (fds[0], buffer, 33);
  write (fds[1], "", 0);
  syscall (SYS_write, fds[1], NULL, 0);
  syscall (SYS_write, fds[1], NULL, 5);
  syscall (SYS_write, fds[1], 8, 5);
  write (-1, "x", 1);
  read (-1, buffer, sizeof buffer);
  syscall (SYS_openat, AT_FDCWD, NULL, 0);
  syscall (SYS_openat, AT_FDCWD, (char *) 8, 0);
  syscall (SYS_openat, -7, "relative", 0);
  syscall (SYS_readlink, "/proc/self/exe", buffer, 10);
  syscall (SYS_getcwd, buffer, sizeof buffer);
  syscall (SYS_memfd_create, "name\n\"", 0);
  execl ("no such file", "", "a b", "\"", "\377", long_path, NULL);
}

/* A string that the next page, which is not there, cuts off. */
static void
edge (void)
{
  long size = sysconf (_SC_PAGESIZE);
  char *page = mmap (NULL, (size_t) size * 2, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (page == MAP_FAILED || munmap (page + size, (size_t) size) != 0)
    return;
  memset (page, 'y', (size_t) size);
  open (page + size - 10, O_RDONLY);
  write (-1, page + size - 10, 20);
  page[size - 1] = '\0';
  open (page + size - 10, O_RDONLY);
  write (-1, page + size - 10, 10);
}

/* Whether the main thread sleeps in pause(): stopped by its tracer it does not. */
static bool
main_thread_waits (void)
{
  char state = 0;
  long number = -1;
  FILE *file = fopen ("/proc/self/stat", "re");

  if (file == NULL || fscanf (file, "%*d (%*[^)]) %c", &state) != 1)
    _exit (1);
  fclose (file);
  file = fopen ("/proc/self/syscall", "re");
  if (file == NULL || fscanf (file, "%ld", &number) != 1)
    number = -1;
  if (file != NULL)
    fclose (file);
  return state == 'S' && number == SYS_pause;
}

static void *
exec_true (void *nothing)
{
  while (!main_thread_waits ())
    sched_yield ();
  execl ("/bin/true", "true", NULL);
  return nothing;
}

/* The traced thread is in pause() when another one of its process execs. */
static void
thread_exec (void)
{
  pthread_t thread;

  pthread_create (&thread, NULL, exec_true, NULL);
  pause ();
}

int
main (int    argc,
      char **argv)
{
  static const struct { const char *name; void (*function) (void); } tasks[] = {
    { "abis", abis }, { "unknown", unknown }, { "strings", strings }, { "edge", edge },
    { "thread-exec", thread_exec },
  };

  for (size_t i = 0; argc > 1 && i < sizeof tasks / sizeof *tasks; i++)
    if (strcmp (argv[1], tasks[i].name) == 0)
      tasks[i].function ();
  return 0;
}
