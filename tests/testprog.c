/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The scripted child: does what its arguments tell it, one after the other,
 * and exits with 0 unless told otherwise. What it has to report goes to standard
 * output, a line an answer. A step that cannot be done ends it with 111.
 *
 *   testprog getppid:1000 open:/etc/passwd write:1:hello exit:3
 *
 * Calls that tests look for are made once each and raw, so that nothing of the
 * C library comes in between. The names of the steps are in the table at the end.
 */
#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_PARTS 10

static char **program_argv;
static long   last_result;
static int    last_error;
static int    last_fd = -1;
static volatile sig_atomic_t n_handled;

static void __attribute__ ((noreturn))
give_up (const char *what)
{
  fprintf (stderr, "testprog: cannot do \"%s\"\n", what);
  _exit (111);
}

/* One write() a line: nothing is kept back, nothing is written twice. */
static void __attribute__ ((format (printf, 1, 2)))
say (const char *format, ...)
{
  char line[8192];
  va_list args;
  int n;

  va_start (args, format);
  n = vsnprintf (line, sizeof line, format, args);
  va_end (args);
  if (n < 0 || (size_t) n >= sizeof line || write (1, line, (size_t) n) != n)
    _exit (112);
}

static void
keep (long result)
{
  last_result = result;
  last_error = result == -1 ? errno : 0;
}

static long
number (const char *text)
{
  return text == NULL ? 0 : (long) strtoull (text, NULL, 0);
}

static long
number_or (const char *text, long otherwise)
{
  return text == NULL ? otherwise : number (text);
}

/* A number, or after "@" a string, of which the address is meant. */
static long
word (char *text)
{
  if (text == NULL)
    return 0;
  return text[0] == '@' ? (long) (intptr_t) (text + 1) : number (text);
}

/* ---- calls ---- */

static void
do_getppid (char **part)
{
  for (long n = number_or (part[1], 1); n > 0; n--)
    keep (syscall (SYS_getppid));
}

static void
do_open (char **part)
{
  keep (last_fd = (int) syscall (SYS_openat, AT_FDCWD, part[1], O_RDONLY));
}

static void
do_openat (char **part)
{
  int directory = open (part[1], O_PATH | O_DIRECTORY);

  keep (last_fd = (int) syscall (SYS_openat, directory, part[2], O_RDONLY));
  close (directory);
}

/* fd-at:FD:PATH */
static void
do_fd_at (char **part)
{
  int fd = open (part[2], O_PATH);

  if (fd < 0 || dup2 (fd, (int) number (part[1])) < 0 || close (fd) != 0)
    give_up ("fd-at");
}

static void
do_create (char **part)
{
  keep (last_fd = (int) syscall (SYS_openat, AT_FDCWD, part[1], O_WRONLY | O_CREAT | O_EXCL, 0640));
}

static void
do_close (char **part)
{
  keep (syscall (SYS_close, part[1] != NULL ? (int) number (part[1]) : last_fd));
}

static void
do_read (char **part)
{
  static char buffer[65536];
  long n = number (part[1]);

  keep (syscall (SYS_read, last_fd, buffer, n < (long) sizeof buffer ? n : (long) sizeof buffer));
}

static void
do_write (char **part)
{
  keep (syscall (SYS_write, (int) number (part[1]), part[2], strlen (part[2])));
}

static size_t
from_hex (const char *text, char *bytes, size_t room)
{
  size_t n = strlen (text) / 2;

  for (size_t i = 0; i < n && i < room; i++)
    {
      char digits[3] = { text[2 * i], text[2 * i + 1], '\0' };

      bytes[i] = (char) strtoul (digits, NULL, 16);
    }
  return n < room ? n : room;
}

/* write-hex:FD:00ff0a */
static void
do_write_hex (char **part)
{
  char bytes[512];
  size_t n = from_hex (part[2], bytes, sizeof bytes);

  keep (syscall (SYS_write, (int) number (part[1]), bytes, n));
}

/* write-many:FD:BYTES, as "abc…zabc…" */
static void
do_write_many (char **part)
{
  static char bytes[64 * 1024]; /* malloc() may make calls of its own */
  long n = number (part[2]);

  if (n < 0 || (size_t) n > sizeof bytes)
    give_up ("write-many");
  for (long i = 0; i < n; i++)
    bytes[i] = (char) ('a' + i % 26);
  keep (syscall (SYS_write, (int) number (part[1]), bytes, n));
}

/* open-hex:2f66ff6f: a path of any bytes */
static void
do_open_hex (char **part)
{
  char path[512];

  path[from_hex (part[1], path, sizeof path - 1)] = '\0';
  keep (last_fd = (int) syscall (SYS_openat, AT_FDCWD, path, O_RDONLY));
}

static void
do_chdir (char **part)
{
  keep (syscall (SYS_chdir, part[1]));
}

static void
do_mkdirat (char **part)
{
  keep (syscall (SYS_mkdirat, AT_FDCWD, part[1], 0750));
}

/* An ordinary user may do it in a user namespace of its own. */
static void
do_chroot (char **part)
{
  if (chroot (part[1]) != 0 && (unshare (CLONE_NEWUSER) != 0 || chroot (part[1]) != 0))
    give_up ("chroot");
}

/* Mounts that nobody else sees; an ordinary user has them in a user namespace. */
static void
own_mounts (int and_flags)
{
  int flags = CLONE_NEWNS | and_flags;

  if ((unshare (flags) != 0 && unshare (CLONE_NEWUSER | flags) != 0) ||
      mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    give_up ("own mounts");
}

/* bind:FROM:TO */
static void
do_bind (char **part)
{
  own_mounts (0);
  if (mount (part[1], part[2], NULL, MS_BIND | MS_REC, NULL) != 0)
    give_up ("bind");
}

/* raw:NUMBER:ARGUMENT… */
static void
do_raw (char **part)
{
  long a[6] = { 0 };

  for (int i = 0; i < 6 && part[i + 2] != NULL; i++)
    a[i] = word (part[i + 2]);
  keep (syscall (number (part[1]), a[0], a[1], a[2], a[3], a[4], a[5]));
}

/* int80:NUMBER:ARGUMENT… as a 32-bit program makes its calls */
static void
do_int80 (char **part)
{
#if defined (__x86_64__) || defined (__i386__)
  long a[3] = { word (part[2]), part[2] != NULL ? word (part[3]) : 0,
                part[2] != NULL && part[3] != NULL ? word (part[4]) : 0 };
  long result;

  __asm__ volatile ("int $0x80" : "=a" (result)
                    : "0" (number (part[1])), "b" (a[0]), "c" (a[1]), "d" (a[2]) : "memory"
# ifdef __x86_64__
                    , "r8", "r9", "r10", "r11"
# endif
                    );
  last_result = result;
#else
  give_up ("int80");
#endif
}

/* An unterminated path that ends where the mapping does. */
static void
do_open_unterminated (char **part)
{
  long page = sysconf (_SC_PAGESIZE);
  char *pages = mmap (NULL, 2 * (size_t) page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (pages == MAP_FAILED || munmap (pages + page, (size_t) page) != 0)
    give_up ("open-unterminated");
  memset (pages, 'x', (size_t) page);
  keep (syscall (SYS_openat, AT_FDCWD, pages + page - 8, O_RDONLY));
}

/* A path that lies across the border of two pages. */
static void
do_open_across (char **part)
{
  long page = sysconf (_SC_PAGESIZE);
  char *pages = mmap (NULL, 2 * (size_t) page, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *path = pages + page - strlen (part[1]) / 2;

  if (pages == MAP_FAILED)
    give_up ("open-across");
  strcpy (path, part[1]);
  keep (syscall (SYS_openat, AT_FDCWD, path, O_RDONLY));
}

/* ---- processes and threads ---- */

static void
do_exit (char **part)
{
  exit ((int) number (part[1]));
}

static void
do_exit_errno (char **part)
{
  exit (last_error);
}

static void
do_raise (char **part)
{
  const struct rlimit no_core = { 0, 0 };

  setrlimit (RLIMIT_CORE, &no_core);
  kill (getpid (), (int) number (part[1]));
}

static void
count_signal (int signal)
{
  n_handled++;
}

static void
do_handle (char **part)
{
  const struct sigaction action = { .sa_handler = count_signal };

  if (sigaction ((int) number (part[1]), &action, NULL) != 0)
    give_up ("handle");
}

static void
do_say_handled (char **part)
{
  say ("handled %d\n", (int) n_handled);
}

static void
do_sleep_forever (char **part)
{
  for (;;)
    pause ();
}

static void
do_loop_forever (char **part)
{
  for (;;)
    syscall (SYS_getppid);
}

static void
do_spin_forever (char **part)
{
  for (;;)
    __asm__ volatile ("" ::: "memory");
}

static bool
has_exited_with (pid_t pid, int code)
{
  int status;

  return pid > 0 && waitpid (pid, &status, 0) == pid && WIFEXITED (status) && WEXITSTATUS (status) == code;
}

static void
do_fork_wait (char **part)
{
  pid_t pid = fork ();

  if (pid == 0)
    {
      for (int i = 0; i < 100; i++)
        syscall (SYS_getpgid, 0);
      _exit (7);
    }
  if (!has_exited_with (pid, 7))
    give_up ("fork-wait");
}

/* Mounts a /proc of a PID namespace of its own at a directory. The rest of the script is
 * done in there, by a process that is 1 in it. */
static void
do_proc_within (char **part)
{
  pid_t pid;
  int status;

  own_mounts (CLONE_NEWPID);
  pid = fork ();
  if (pid == 0)
    {
      if (mount ("proc", part[1], "proc", 0, NULL) != 0)
        give_up ("proc-within");
      return;
    }
  if (pid < 0 || waitpid (pid, &status, 0) != pid || !WIFEXITED (status))
    give_up ("proc-within");
  _exit (WEXITSTATUS (status));
}

/* The same of a namespace that the rest of the script is not in. */
static void
do_proc_of_others (char **part)
{
  pid_t pid;

  own_mounts (CLONE_NEWPID);
  pid = fork ();
  if (pid == 0)
    _exit (mount ("proc", part[1], "proc", 0, NULL) == 0 ? 7 : 1);
  if (!has_exited_with (pid, 7))
    give_up ("proc-of-others");
}

static void
do_vfork_wait (char **part)
{
  pid_t pid = vfork ();

  if (pid == 0)
    {
      execl ("/bin/sh", "sh", "-c", "exit 9", (char *) NULL);
      _exit (127);
    }
  if (!has_exited_with (pid, 9))
    give_up ("vfork-wait");
}

static void *
thread_main (void *data)
{
  for (int i = 0; i < 100; i++)
    syscall (SYS_getpgid, 0);
  return data;
}

static void
do_thread (char **part)
{
  pthread_t thread;
  void *result;

  if (pthread_create (&thread, NULL, thread_main, program_argv) != 0 ||
      pthread_join (thread, &result) != 0 || result != program_argv)
    give_up ("thread");
}

static void run_step (char *text);

/* own-thread:DIRECTORY:STEP, in a thread with a working directory of its own */
static void *
own_thread_main (void *data)
{
  char **part = data;
  char step[4096];

  if (unshare (CLONE_FS) != 0 || chdir (part[1]) != 0)
    give_up ("own-thread");
  snprintf (step, sizeof step, "%s:%s", part[2], part[3]);
  run_step (step);
  return data;
}

static void
do_own_thread (char **part)
{
  pthread_t thread;

  if (pthread_create (&thread, NULL, own_thread_main, part) != 0 || pthread_join (thread, NULL) != 0)
    give_up ("own-thread");
}

static void
do_dumpable (char **part)
{
  if (prctl (PR_SET_DUMPABLE, number (part[1]), 0, 0, 0) != 0)
    give_up ("dumpable");
}

/* ---- waiting for the test ---- */

/* gate:FD, until there is a byte, or the end */
static void
do_gate (char **part)
{
  char byte;

  while (read ((int) number (part[1]), &byte, 1) < 0 && errno == EINTR)
    ;
}

/* ---- what it finds ---- */

static void
do_say_result (char **part)
{
  say ("%ld %d\n", last_result, last_error);
}

static void
do_say_pid (char **part)
{
  say ("%d\n", (int) getpid ());
}

static void
do_say_ids (char **part)
{
  say ("uid %d euid %d gid %d egid %d\n", (int) getuid (), (int) geteuid (), (int) getgid (),
       (int) getegid ());
}

static void
do_say_env (char **part)
{
  const char *value = getenv (part[1]);

  say ("%s\n", value != NULL ? value : "(unset)");
}

static void
do_say_cwd (char **part)
{
  char path[4096];

  say ("%s\n", getcwd (path, sizeof path) != NULL ? path : "(none)");
}

static void
do_say_fds (char **part)
{
  char line[4096] = "fds";
  size_t n = strlen (line);

  for (int fd = 0; fd < 1024 && n < sizeof line - 16; fd++)
    if (fcntl (fd, F_GETFD) >= 0)
      n += (size_t) snprintf (line + n, sizeof line - n, " %d", fd);
  say ("%s\n", line);
}

static void
do_say_argv (char **part)
{
  for (char **arg = program_argv; *arg != NULL; arg++)
    say ("[%s]\n", *arg);
}

static void
do_say_limit (char **part)
{
  struct rlimit limit;

  if (getrlimit ((int) number (part[1]), &limit) != 0)
    give_up ("say-limit");
  say ("limit %lu %lu\n", (unsigned long) limit.rlim_cur, (unsigned long) limit.rlim_max);
}

/* A line of its own /proc/self/status, by its key. */
static void
do_say_status (char **part)
{
  char line[1024];
  FILE *file = fopen ("/proc/self/status", "re");
  size_t length = strlen (part[1]);

  if (file == NULL)
    give_up ("say-status");
  while (fgets (line, sizeof line, file) != NULL)
    if (strncmp (line, part[1], length) == 0 && line[length] == ':')
      say ("%s", line);
  fclose (file);
}

static void
do_cat_fd (char **part)
{
  char buffer[4096];
  ssize_t n;

  while ((n = read ((int) number (part[1]), buffer, sizeof buffer)) > 0)
    if (write (1, buffer, (size_t) n) != n)
      give_up ("cat-fd");
  if (n < 0)
    give_up ("cat-fd");
}

/* ---- the script ---- */

static const struct
{
  const char *name;
  void      (*run) (char **part);
  int         n_needed; /* arguments it cannot do without */
} steps[] = {
  { "bind", do_bind, 2 },
  { "cat-fd", do_cat_fd, 1 },
  { "chdir", do_chdir, 1 },
  { "chroot", do_chroot, 1 },
  { "close", do_close, 0 },
  { "create", do_create, 1 },
  { "dumpable", do_dumpable, 1 },
  { "exit", do_exit, 1 },
  { "exit-errno", do_exit_errno, 0 },
  { "fd-at", do_fd_at, 2 },
  { "fork-wait", do_fork_wait, 0 },
  { "gate", do_gate, 1 },
  { "getppid", do_getppid, 0 },
  { "handle", do_handle, 1 },
  { "int80", do_int80, 1 },
  { "loop-forever", do_loop_forever, 0 },
  { "mkdirat", do_mkdirat, 1 },
  { "open", do_open, 1 },
  { "open-across", do_open_across, 1 },
  { "open-hex", do_open_hex, 1 },
  { "open-unterminated", do_open_unterminated, 0 },
  { "openat", do_openat, 2 },
  { "own-thread", do_own_thread, 3 },
  { "proc-of-others", do_proc_of_others, 1 },
  { "proc-within", do_proc_within, 1 },
  { "raise", do_raise, 1 },
  { "raw", do_raw, 1 },
  { "read", do_read, 1 },
  { "say-argv", do_say_argv, 0 },
  { "say-cwd", do_say_cwd, 0 },
  { "say-env", do_say_env, 1 },
  { "say-fds", do_say_fds, 0 },
  { "say-handled", do_say_handled, 0 },
  { "say-ids", do_say_ids, 0 },
  { "say-limit", do_say_limit, 1 },
  { "say-pid", do_say_pid, 0 },
  { "say-result", do_say_result, 0 },
  { "say-status", do_say_status, 1 },
  { "sleep-forever", do_sleep_forever, 0 },
  { "spin-forever", do_spin_forever, 0 },
  { "thread", do_thread, 0 },
  { "vfork-wait", do_vfork_wait, 0 },
  { "write", do_write, 2 },
  { "write-hex", do_write_hex, 2 },
  { "write-many", do_write_many, 2 },
};

static void
run_step (char *text)
{
  char *part[MAX_PARTS + 1] = { NULL };
  int n = 0;

  for (char *rest = text; rest != NULL && n < MAX_PARTS;)
    part[n++] = strsep (&rest, ":");
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
    if (strcmp (part[0], steps[i].name) == 0 && n > steps[i].n_needed)
      {
        steps[i].run (part);
        return;
      }
  give_up (part[0]);
}

/* "exec" goes on with the rest of the script in a new image. */
static void __attribute__ ((noreturn))
run_exec (char **rest)
{
  rest[0] = program_argv[0];
  execv ("/proc/self/exe", rest);
  give_up ("exec");
}

int
main (int argc, char **argv)
{
  program_argv = argv;
  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "exec") == 0)
      run_exec (argv + i);
    else if (strcmp (argv[i], "say-argv") == 0)
      do_say_argv (NULL);
    else
      {
        /* A copy: a script that shows its arguments shows them whole. */
        char *step = strdup (argv[i]);

        run_step (step);
        free (step);
      }
  return 0;
}
