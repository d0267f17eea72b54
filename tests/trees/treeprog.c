/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A program with a family: what the tests of this directory trace. Its first
 * argument names what it does. It exits with 0 where all was as it would be
 * untraced, else it tells the line where it was not.
 */
#include "tree-shared.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_clone3
# define SYS_clone3 435
#endif

static TreeShared *shared;
static char **environment;

#define CHECK(so) do { if (!(so)) fail (__LINE__, #so); } while (0)

static void
fail (int line, const char *what)
{
  int none = 0;

  atomic_compare_exchange_strong (&shared->failed, &none, line);
  atomic_fetch_add (&shared->errors, 1);
  dprintf (2, "treeprog.c:%d: not so: %s (errno %d)\n", line, what, errno);
  _exit (99);
}

static int
number (char **args, int index, int otherwise)
{
  for (int i = 0; i <= index; i++)
    if (args[i] == NULL)
      return otherwise;
  return atoi (args[index]);
}

/* Without a system call of its own: it is not seen by a tracer. */
static void
await (atomic_int *word)
{
  while (atomic_load (word) == 0)
    ;
}

static void
expect_end (pid_t pid, int wanted)
{
  int status = -1;
  pid_t got;

  do
    got = waitpid (pid, &status, __WALL);
  while (got < 0 && errno == EINTR);
  CHECK (got == pid);
  if (status != wanted)
    {
      dprintf (2, "status 0x%x, not 0x%x\n", (unsigned) status, (unsigned) wanted);
      fail (__LINE__, "status == wanted");
    }
}

static int
tracer_of (const char *file)
{
  char text[4096];
  int fd = open (file, O_RDONLY | O_CLOEXEC);
  ssize_t n;
  char *at;

  CHECK (fd >= 0);
  n = read (fd, text, sizeof text - 1);
  CHECK (n > 0);
  close (fd);
  text[n] = '\0';
  at = strstr (text, "TracerPid:");
  CHECK (at != NULL);
  return atoi (at + 10);
}

/* ---- CPUs ---- */

typedef struct
{
  unsigned long words[1024 / (8 * sizeof (unsigned long))];
  long          size;
} Cpus;

static Cpus
allowed_cpus (void)
{
  Cpus cpus;

  memset (&cpus, 0, sizeof cpus);
  cpus.size = syscall (SYS_sched_getaffinity, 0, sizeof cpus.words, cpus.words);
  CHECK (cpus.size > 0);
  return cpus;
}

static void
expect_cpus (const Cpus *wanted)
{
  Cpus cpus = allowed_cpus ();

  CHECK (memcmp (&cpus, wanted, sizeof cpus) == 0);
}

static void *
expect_cpus_in_thread (void *wanted)
{
  expect_cpus (wanted);
  return NULL;
}

/* Calls that are traced fast, and whatever can tell on which CPUs. */
static void
look_at_cpus (int n, Cpus *wanted)
{
  pthread_t thread;
  char line[256], listed[256] = "";

  for (int i = 0; i < n; i++)
    {
      FILE *file;
      pid_t pid;

      for (int call = 0; call < 40; call++)
        getppid ();
      expect_cpus (wanted);
      getppid ();
      pid = fork ();
      if (pid == 0)
        {
          expect_cpus (wanted);
          _exit (0);
        }
      expect_end (pid, 0);
      for (int call = 0; call < 40; call++)
        getppid ();
      CHECK (pthread_create (&thread, NULL, expect_cpus_in_thread, wanted) == 0);
      CHECK (pthread_join (thread, NULL) == 0);
      for (int call = 0; call < 40; call++)
        getppid ();
      file = fopen ("/proc/self/status", "re");
      CHECK (file != NULL);
      while (fgets (line, sizeof line, file) != NULL)
        if (strncmp (line, "Cpus_allowed_list:", 18) == 0)
          {
            CHECK (listed[0] == '\0' || strcmp (listed, line) == 0);
            strcpy (listed, line);
          }
      fclose (file);
      CHECK (listed[0] != '\0');
    }
}

/* cpus N HOW-MANY: the same at every point where it can look, and its own choice stays. */
static int
do_cpus (char **args)
{
  Cpus cpus = allowed_cpus (), one = cpus;
  bool found = false;
  int n = 0;

  for (size_t i = 0; i < sizeof cpus.words / sizeof cpus.words[0]; i++)
    n += __builtin_popcountl (cpus.words[i]);
  CHECK (n == number (args, 1, 0));
  look_at_cpus (number (args, 0, 1), &cpus);
  for (size_t i = 0; i < sizeof one.words / sizeof one.words[0]; i++)
    {
      one.words[i] = found ? 0 : one.words[i] & -one.words[i];
      found = found || one.words[i] != 0;
    }
  CHECK (syscall (SYS_sched_setaffinity, 0, one.size, one.words) == 0);
  look_at_cpus (number (args, 0, 1), &one);
  CHECK (syscall (SYS_sched_setaffinity, 0, cpus.size, cpus.words) == 0);
  look_at_cpus (number (args, 0, 1), &cpus);
  return 0;
}

/* ---- children ---- */

static int
do_fork (char **args)
{
  for (int i = 0; i < number (args, 0, 1); i++)
    {
      pid_t pid = (pid_t) syscall (SYS_fork);

      CHECK (pid >= 0);
      if (pid == 0)
        _exit (i & 0x3f);
      expect_end (pid, (i & 0x3f) << 8);
    }
  return 0;
}

static int
do_vfork (char **args)
{
  for (volatile int i = 0; i < number (args, 0, 1); i++)
    {
      pid_t pid = vfork ();

      CHECK (pid >= 0);
      if (pid == 0)
        _exit (5);
      expect_end (pid, 5 << 8);
    }
  return 0;
}

static int
do_vfork_exec (char **args)
{
  char *argv[] = { (char *) "treeprog", (char *) "nothing", NULL };

  for (volatile int i = 0; i < number (args, 0, 1); i++)
    {
      pid_t pid = vfork ();

      CHECK (pid >= 0);
      if (pid == 0)
        {
          execve ("/proc/self/exe", argv, environment);
          _exit (98);
        }
      expect_end (pid, 0);
    }
  return 0;
}

/* clone N SIGNAL */
static int
do_clone (char **args)
{
  for (int i = 0; i < number (args, 0, 1); i++)
    {
      pid_t pid = (pid_t) syscall (SYS_clone, (long) number (args, 1, SIGCHLD), 0, 0, 0, 0);

      CHECK (pid >= 0);
      if (pid == 0)
        _exit (6);
      expect_end (pid, 6 << 8);
    }
  return 0;
}

/* sched.h of some C libraries lacks it. */
#define TREE_CLONE_UNTRACED 0x00800000

struct clone3_args
{
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

static int
do_clone3 (char **args)
{
  for (int i = 0; i < number (args, 0, 1); i++)
    {
      struct clone3_args how = { .exit_signal = SIGCHLD };
      pid_t pid = (pid_t) syscall (SYS_clone3, &how, sizeof how);

      CHECK (pid >= 0);
      if (pid == 0)
        _exit (7);
      expect_end (pid, 7 << 8);
    }
  return 0;
}

/* By clone(), whose flag is taken from it: the child is traced. */
static int
do_escape_clone (char **args)
{
  for (int i = 0; i < number (args, 0, 1); i++)
    {
      pid_t pid = (pid_t) syscall (SYS_clone, (long) (SIGCHLD | TREE_CLONE_UNTRACED), 0, 0, 0, 0);

      CHECK (pid >= 0);
      if (pid == 0)
        _exit (tracer_of ("/proc/self/status") != 0 ? 6 : 97);
      expect_end (pid, 6 << 8);
    }
  return 0;
}

/* escape-clone3 [hidden]: refused, also where its memory cannot be read by all. */
static int
do_escape_clone3 (char **args)
{
  struct clone3_args how = { .flags = TREE_CLONE_UNTRACED, .exit_signal = SIGCHLD };
  pid_t pid;

  if (args[0] != NULL)
    CHECK (prctl (PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
  pid = (pid_t) syscall (SYS_clone3, &how, sizeof how);
  if (pid == 0)
    _exit (97);
  CHECK (pid == -1 && errno == ENOSYS);
  /* As wrong as it is without a tracer. */
  if (args[0] == NULL)
    CHECK (syscall (SYS_clone3, NULL, sizeof how) == -1 && errno == EFAULT);
  return 0;
}

/* Its child is a sibling: clone(CLONE_PARENT), in a child of the program. */
static int
do_clone_parent (char **args)
{
  pid_t pid = fork ();
  int status, n = 0;

  (void) args;
  CHECK (pid >= 0);
  if (pid == 0)
    {
      pid = (pid_t) syscall (SYS_clone, (long) (SIGCHLD | CLONE_PARENT), 0, 0, 0, 0);
      CHECK (pid >= 0);
      _exit (0);
    }
  while (waitpid (-1, &status, 0) > 0)
    {
      CHECK (status == 0);
      n++;
    }
  CHECK (n == 2);
  return 0;
}

/* bomb: everyone makes two, until the budget is spent. */
static void
bomb (void)
{
  pid_t pids[2];
  int n = 0;

  while (n < 2 && atomic_fetch_sub (&shared->budget, 1) > 0)
    {
      pids[n] = fork ();
      CHECK (pids[n] >= 0);
      if (pids[n] == 0)
        {
          bomb ();
          _exit (0);
        }
      n++;
    }
  atomic_fetch_add (&shared->ready, 1);
  for (int i = 0; i < n; i++)
    expect_end (pids[i], 0);
}

static int
do_bomb (char **args)
{
  atomic_store (&shared->budget, number (args, 0, 10));
  bomb ();
  return 0;
}

/* many N: all alive at once, until go. */
static int
do_many (char **args)
{
  int n = number (args, 0, 10);
  pid_t *pids = malloc (sizeof *pids * (size_t) n);

  for (int i = 0; i < n; i++)
    {
      pids[i] = fork ();
      CHECK (pids[i] >= 0);
      if (pids[i] == 0)
        {
          atomic_fetch_add (&shared->ready, 1);
          for (;;)
            pause ();
        }
    }
  while (atomic_load (&shared->go) == 0)
    usleep (1000);
  for (int i = 0; i < n; i++)
    kill (pids[i], SIGKILL);
  for (int i = 0; i < n; i++)
    expect_end (pids[i], SIGKILL);
  free (pids);
  return 0;
}

static int
do_kill_child (char **args)
{
  for (int i = 0; i < number (args, 0, 1); i++)
    {
      pid_t pid = fork ();

      CHECK (pid >= 0);
      if (pid == 0)
        for (;;)
          pause ();
      CHECK (kill (pid, SIGKILL) == 0);
      expect_end (pid, SIGKILL);
    }
  return 0;
}

/* The number of the child is there before the child runs: so the sniper, who is
 * not traced, shoots while nobody has been seen yet. */
static pid_t
fork_in_sight (void)
{
#if defined (__s390x__)
  return (pid_t) syscall (SYS_clone, 0, (long) (SIGCHLD | CLONE_PARENT_SETTID), &shared->child, 0, 0);
#else
  return (pid_t) syscall (SYS_clone, (long) (SIGCHLD | CLONE_PARENT_SETTID), 0, &shared->child, 0, 0);
#endif
}

/* child-shot N: each child is shot by the sniper. */
static int
do_child_shot (char **args)
{
  for (int i = 0; i < number (args, 0, 1); i++)
    {
      pid_t pid;

      atomic_store (&shared->child, 0);
      atomic_store (&shared->victim, 0);
      pid = fork_in_sight ();
      CHECK (pid >= 0);
      if (pid == 0)
        for (;;)
          pause ();
      expect_end (pid, SIGKILL);
      await (&shared->victim);
    }
  return 0;
}

/* parent-shot N: a child makes a child, and is shot at once. */
static int
do_parent_shot (char **args)
{
  CHECK (prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
  for (int i = 0; i < number (args, 0, 1); i++)
    {
      int n = 0, status;
      pid_t pid, ended;

      atomic_store (&shared->child, 0);
      atomic_store (&shared->victim, 0);
      pid = fork ();
      CHECK (pid >= 0);
      if (pid == 0)
        {
          atomic_store (&shared->parent, getpid ());
          pid = fork_in_sight ();
          CHECK (pid >= 0);
          if (pid == 0)
            _exit (3);
          for (;;)
            pause ();
        }
      while ((ended = waitpid (-1, &status, __WALL)) > 0)
        {
          n++;
          CHECK (status == (ended == pid ? SIGKILL : 3 << 8));
        }
      CHECK (n == 2);
      await (&shared->victim);
    }
  return 0;
}

/* sniper child|parent, not traced. */
static int
do_sniper (char **args)
{
  bool at_child = strcmp (args[0], "child") == 0;

  atomic_store (&shared->ready, 1);
  while (atomic_load (&shared->stop) == 0)
    {
      int child = atomic_load (&shared->child);
      int target = at_child ? child : atomic_load (&shared->parent);

      if (child == 0)
        continue;
      kill (target, SIGKILL);
      atomic_store (&shared->child, 0);
      atomic_store (&shared->victim, target);
    }
  return 0;
}

static int
do_untraced (char **args)
{
  (void) args;
  for (volatile int i = 0; i < 3; i++)
    {
      pid_t pid = i == 0 ? fork () : i == 1 ? vfork () : (pid_t) syscall (SYS_clone, (long) SIGCHLD, 0, 0, 0, 0);

      CHECK (pid >= 0);
      if (pid == 0)
        _exit (tracer_of ("/proc/self/status") == 0 ? 0 : 97);
      expect_end (pid, 0);
    }
  return 0;
}

/* ---- threads ---- */

static void *
end_at_once (void *data)
{
  getppid ();
  return data;
}

/* threads N M: N born and gone, M of them at a time. */
static int
do_threads (char **args)
{
  int n = number (args, 0, 1), m = number (args, 1, 1);
  pthread_t threads[TREE_THREADS];
  pthread_attr_t attr;

  pthread_attr_init (&attr);
  pthread_attr_setstacksize (&attr, 64 * 1024);
  for (int done = 0; done < n; done += m)
    {
      for (int i = 0; i < m; i++)
        CHECK (pthread_create (&threads[i], &attr, end_at_once, NULL) == 0);
      for (int i = 0; i < m; i++)
        CHECK (pthread_join (threads[i], NULL) == 0);
    }
  return 0;
}

static void *
look_for_tracer (void *data)
{
  CHECK (tracer_of ("/proc/thread-self/status") == 0);
  return data;
}

static int
do_untraced_thread (char **args)
{
  pthread_t thread;

  (void) args;
  CHECK (pthread_create (&thread, NULL, look_for_tracer, NULL) == 0);
  CHECK (pthread_join (thread, NULL) == 0);
  return 0;
}

/* A thread that exits with all the others still there. */
static void *
exit_all (void *data)
{
  (void) data;
  syscall (SYS_exit_group, 11);
  return NULL;
}

static void *
wait_for_ever (void *data)
{
  for (;;)
    pause ();
  return data;
}

static int
do_thread_exit_group (char **args)
{
  pthread_t thread;

  for (int i = 0; i < number (args, 0, 1); i++)
    CHECK (pthread_create (&thread, NULL, wait_for_ever, NULL) == 0);
  CHECK (pthread_create (&thread, NULL, exit_all, NULL) == 0);
  wait_for_ever (NULL);
  return 0;
}

static void *
outlive (void *data)
{
  char **args = data;

  await (&shared->go);
  getppid ();
  if (args[0] != NULL)
    execve (args[0], args, environment);
  return NULL;
}

/* leader-leaves [PROGRAM ARGS…]: the first thread ends, another goes on, and may exec. */
static int
do_leader_leaves (char **args)
{
  pthread_t thread;

  CHECK (pthread_create (&thread, NULL, outlive, args) == 0);
  atomic_store (&shared->ready, 1);
  pthread_exit (NULL);
}

static void *
count_busily (void *data)
{
  atomic_ulong *counter = data;
  pid_t parent = getppid ();

  atomic_fetch_add (&shared->ready, 1);
  while (atomic_load (&shared->stop) == 0)
    {
      /* The parent may die, and then another number comes, for good. */
      pid_t now = getppid ();

      if (now != parent)
        {
          CHECK (now == getppid ());
          parent = now;
        }
      CHECK (syscall (SYS_sched_yield) == 0);
      CHECK (syscall (0x5678) == -1 && errno == ENOSYS);
      atomic_fetch_add (counter, 1);
    }
  return NULL;
}

/* busy N churn?: N threads that count, each in its place, until stop. With
 * "churn" the first one makes more threads meanwhile, which end at once. */
static int
do_busy (char **args)
{
  int n = number (args, 0, 1);
  bool churn = args[0] != NULL && args[1] != NULL;
  pthread_t threads[TREE_THREADS], extra;
  unsigned long made = 0;

  for (int i = 1; i < n; i++)
    CHECK (pthread_create (&threads[i], NULL, count_busily, &shared->counters[i]) == 0);
  if (!churn)
    count_busily (&shared->counters[0]);
  else
    {
      atomic_fetch_add (&shared->ready, 1);
      while (atomic_load (&shared->stop) == 0)
        {
          CHECK (pthread_create (&extra, NULL, end_at_once, NULL) == 0);
          CHECK (pthread_join (extra, NULL) == 0);
          atomic_store (&shared->counters[0], ++made);
        }
    }
  for (int i = 1; i < n; i++)
    CHECK (pthread_join (threads[i], NULL) == 0);
  return 0;
}

static int
do_spin (char **args)
{
  (void) args;
  atomic_store (&shared->ready, 1);
  while (atomic_load (&shared->stop) == 0)
    atomic_fetch_add (&shared->counters[0], 1);
  return 0;
}

/* ---- exec ---- */

static int
do_exec (char **args)
{
  execve (args[0], args, environment);
  return 127;
}

static int
do_exec_fails (char **args)
{
  char *argv[] = { (char *) "x", NULL };

  (void) args;
  CHECK (execve ("/nowhere/to/be/found", argv, environment) == -1 && errno == ENOENT);
  CHECK (execve ("/etc/passwd", argv, environment) == -1 && errno == EACCES);
  return 0;
}

static void *
exec_here (void *data)
{
  char **args = data;

  while (atomic_load (&shared->ready) < number (args, 0, 1))
    sched_yield ();
  atomic_store (&shared->child, (int) syscall (SYS_gettid));
  execve (args[1], args + 1, environment);
  fail (__LINE__, "execve");
  return NULL;
}

/* thread-exec N PROGRAM ARGS…: one of N+1 busy threads execs. */
static int
do_thread_exec (char **args)
{
  pthread_t thread;

  for (int i = 0; i < number (args, 0, 1); i++)
    CHECK (pthread_create (&thread, NULL, count_busily, &shared->counters[i]) == 0);
  CHECK (pthread_create (&thread, NULL, exec_here, args) == 0);
  wait_for_ever (NULL);
  return 0;
}

/* leader-exec N PROGRAM ARGS…: likewise, the first thread. */
static int
do_leader_exec (char **args)
{
  pthread_t thread;

  for (int i = 0; i < number (args, 0, 1); i++)
    CHECK (pthread_create (&thread, NULL, count_busily, &shared->counters[i]) == 0);
  exec_here (args);
  return 0;
}

/* vfork-then PROGRAM ARGS… */
static int
do_vfork_then (char **args)
{
  pid_t pid = vfork ();

  CHECK (pid >= 0);
  if (pid == 0)
    {
      execve (args[0], args, environment);
      _exit (127);
    }
  expect_end (pid, 0);
  return 0;
}

/* getppid N */
static int
do_getppid (char **args)
{
  for (int i = 0; i < number (args, 0, 1); i++)
    syscall (SYS_getppid);
  return 0;
}

/* ---- calls that wait ---- */

/* A byte comes through descriptor 0, and nothing else is ever seen of it. */
static int
do_read (char **args)
{
  char byte = 0;
  ssize_t n;

  (void) args;
  atomic_store (&shared->ready, 1);
  n = syscall (SYS_read, 0, &byte, 1);
  CHECK (n == 1);
  CHECK (byte == 'x');
  return 0;
}

static int64_t
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

/* nanosleep MS: neither shorter nor interrupted. */
static int
do_nanosleep (char **args)
{
  int ms = number (args, 0, 100);
  struct timespec time = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
  int64_t begin = now_ms ();

  atomic_store (&shared->ready, 1);
  CHECK (syscall (SYS_nanosleep, &time, NULL) == 0);
  CHECK (now_ms () - begin >= ms);
  return 0;
}

/* ---- signals ---- */

static void
take_signal (int signal, siginfo_t *info, void *context)
{
  int i = atomic_fetch_add (&shared->handled, 1);

  (void) signal;
  (void) context;
  if (i < TREE_VALUES)
    shared->values[i] = info->si_value.sival_int;
}

static void
handle (int signal, int flags)
{
  struct sigaction action = { .sa_sigaction = take_signal, .sa_flags = SA_SIGINFO | flags };

  sigemptyset (&action.sa_mask);
  CHECK (sigaction (signal, &action, NULL) == 0);
}

/* handle SIGNAL…: counts them until stop. */
static int
do_handle (char **args)
{
  for (; *args != NULL; args++)
    handle (atoi (*args), SA_RESTART);
  atomic_store (&shared->ready, 1);
  while (atomic_load (&shared->stop) == 0)
    usleep (1000);
  return 0;
}

/* queue N SIGNAL: sends itself N of them, all queued before the first can come
 * in, and shows that each came once and in order. Bounded by the queue. */
static int
do_queue (char **args)
{
  int n = number (args, 0, 1), signal = number (args, 1, 34), sent = 0, size = 500;
  sigset_t set, old;

  handle (signal, 0);
  sigemptyset (&set);
  sigaddset (&set, signal);
  CHECK (sigprocmask (SIG_BLOCK, &set, &old) == 0);
  while (sent < n)
    {
      for (int i = 0; i < size && sent < n; i++)
        {
          union sigval value = { .sival_int = sent };

          if (sigqueue (getpid (), signal, value) != 0)
            {
              CHECK (errno == EAGAIN && i > 0);
              break;
            }
          sent++;
        }
      CHECK (sigprocmask (SIG_SETMASK, &old, NULL) == 0);
      CHECK (sigprocmask (SIG_BLOCK, &set, NULL) == 0);
      CHECK (atomic_load (&shared->handled) == sent);
    }
  for (int i = 0; i < n; i++)
    CHECK (shared->values[i] == i);
  return 0;
}

/* A signal arrives while the handler of another makes calls. */
static void
take_slowly (int signal)
{
  (void) signal;
  atomic_store (&shared->ready, 2);
  while (atomic_load (&shared->handled) == 0)
    syscall (SYS_getppid);
}

static int
do_nested (char **args)
{
  struct sigaction action = { .sa_handler = take_slowly };

  (void) args;
  sigemptyset (&action.sa_mask);
  CHECK (sigaction (SIGUSR1, &action, NULL) == 0);
  handle (SIGUSR2, 0);
  atomic_store (&shared->ready, 1);
  while (atomic_load (&shared->handled) == 0)
    usleep (1000);
  return 0;
}

/* read-handled FLAGS SIGNAL: read(0) with a handler. With SA_RESTART it gets its byte,
 * without it EINTR. */
static int
do_read_handled (char **args)
{
  bool restart = strcmp (args[0], "restart") == 0;
  char byte = 0;
  ssize_t n;

  handle (SIGUSR1, restart ? SA_RESTART : 0);
  atomic_store (&shared->ready, 1);
  n = syscall (SYS_read, 0, &byte, 1);
  CHECK (atomic_load (&shared->handled) == 1);
  if (restart)
    CHECK (n == 1 && byte == 'x');
  else
    CHECK (n == -1 && errno == EINTR);
  return 0;
}

static int
do_raise (char **args)
{
  CHECK (raise (atoi (args[0])) == 0);
  return 0;
}

/* A default that ends: what is left of it is for the tracer to decide. */
static int
do_raise_ignored (char **args)
{
  for (int i = 0; i < number (args, 1, 1); i++)
    {
      CHECK (raise (atoi (args[0])) == 0);
      atomic_fetch_add (&shared->counters[0], 1);
    }
  return 0;
}

/* job SIGNAL N: what a shell does with a child that is stopped. */
static int
do_job (char **args)
{
  for (int i = 0; i < number (args, 1, 1); i++)
    {
      int status;
      pid_t pid = fork ();

      CHECK (pid >= 0);
      if (pid == 0)
        {
          CHECK (raise (atoi (args[0])) == 0);
          _exit (7);
        }
      CHECK (waitpid (pid, &status, WUNTRACED) == pid);
      CHECK (WIFSTOPPED (status) && WSTOPSIG (status) == atoi (args[0]));
      CHECK (kill (pid, SIGCONT) == 0);
      CHECK (waitpid (pid, &status, WCONTINUED) == pid);
      if (WIFCONTINUED (status))
        CHECK (waitpid (pid, &status, 0) == pid);
      CHECK (status == 7 << 8);
    }
  return 0;
}

/* ---- control ---- */

static volatile long word = 0x1234;

/* marked N: a call that nobody else makes, lseek(1000, N, 0x77), and what came back. */
static int
do_marked (char **args)
{
  long result = syscall (SYS_lseek, 1000, number (args, 0, 7), 0x77);

  shared->values[0] = (int) result;
  shared->values[1] = errno;
  return 0;
}

/* Tells where a word of it is, and shows in the end what is in it. */
static int
do_word (char **args)
{
  (void) args;
  atomic_store (&shared->counters[0], (unsigned long) &word);
  atomic_store (&shared->ready, 1);
  syscall (SYS_lseek, 1000, 0, 0x77);
  atomic_store (&shared->counters[1], (unsigned long) word);
  return 0;
}

/* two: a child, and both count by calls until stop. */
static int
do_two (char **args)
{
  pid_t pid = fork ();

  (void) args;
  CHECK (pid >= 0);
  if (pid == 0)
    {
      count_busily (&shared->counters[1]);
      _exit (0);
    }
  count_busily (&shared->counters[0]);
  expect_end (pid, 0);
  return 0;
}

/* Two calls, the first marked, and 50 instructions of a byte each in between. */
static int
do_steps (char **args)
{
  (void) args;
#if defined (__x86_64__)
  long result;

  __asm__ volatile ("syscall\n\t.rept 50\n\tnop\n\t.endr\n\tmovl %2, %%eax\n\tsyscall"
                    : "=a" (result)
                    : "0" ((long) SYS_lseek), "i" (SYS_getpid), "D" (1000L), "S" (1L), "d" (0x77L)
                    : "rcx", "r11", "memory");
  CHECK (result == getpid ());
#endif
  return 0;
}

/* emulated: a marked call, then one whose result is kept. */
static int
do_emulated (char **args)
{
  (void) args;
  syscall (SYS_lseek, 1000, 1, 0x77);
  shared->values[0] = (int) syscall (SYS_getuid);
  shared->values[1] = (int) syscall (SYS_getpid);
  return 0;
}

/* marks N: the marked call, N times. */
static int
do_marks (char **args)
{
  for (int i = 0; i < number (args, 0, 1); i++)
    CHECK (syscall (SYS_lseek, 1000, i, 0x77) == -1 && errno == EBADF);
  return 0;
}

static int
do_vfork_wait (char **args)
{
  pid_t pid = vfork ();

  (void) args;
  CHECK (pid >= 0);
  if (pid == 0)
    {
      syscall (SYS_getppid);
      _exit (0);
    }
  expect_end (pid, 0);
  return 0;
}

static int
do_nothing (char **args)
{
  (void) args;
  return 0;
}

/* family: processes and threads that come and go, until killed. */
static void *
have_children (void *data)
{
  for (;;)
    {
      pid_t pid = fork ();

      if (pid == 0)
        {
          getppid ();
          _exit (0);
        }
      if (pid > 0)
        while (waitpid (pid, NULL, __WALL) < 0 && errno == EINTR)
          ;
    }
  return data;
}

static int
do_family (char **args)
{
  pthread_t thread;

  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  for (int i = 0; i < number (args, 0, 1); i++)
    if (fork () == 0)
      {
        prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        pthread_create (&thread, NULL, have_children, NULL);
        have_children (NULL);
      }
  have_children (NULL);
  return 0;
}

typedef struct
{
  const char *name;
  int (*func) (char **args);
} Deed;

static const Deed deeds[] = {
  { "bomb", do_bomb },
  { "busy", do_busy },
  { "child-shot", do_child_shot },
  { "clone", do_clone },
  { "clone-parent", do_clone_parent },
  { "clone3", do_clone3 },
  { "cpus", do_cpus },
  { "emulated", do_emulated },
  { "escape-clone", do_escape_clone },
  { "escape-clone3", do_escape_clone3 },
  { "exec", do_exec },
  { "exec-fails", do_exec_fails },
  { "family", do_family },
  { "fork", do_fork },
  { "getppid", do_getppid },
  { "handle", do_handle },
  { "job", do_job },
  { "kill-child", do_kill_child },
  { "leader-exec", do_leader_exec },
  { "leader-leaves", do_leader_leaves },
  { "many", do_many },
  { "marked", do_marked },
  { "marks", do_marks },
  { "nanosleep", do_nanosleep },
  { "nested", do_nested },
  { "nothing", do_nothing },
  { "parent-shot", do_parent_shot },
  { "queue", do_queue },
  { "raise", do_raise },
  { "raise-ignored", do_raise_ignored },
  { "read", do_read },
  { "read-handled", do_read_handled },
  { "sniper", do_sniper },
  { "spin", do_spin },
  { "steps", do_steps },
  { "thread-exec", do_thread_exec },
  { "thread-exit-group", do_thread_exit_group },
  { "threads", do_threads },
  { "two", do_two },
  { "untraced", do_untraced },
  { "untraced-thread", do_untraced_thread },
  { "vfork", do_vfork },
  { "vfork-exec", do_vfork_exec },
  { "vfork-then", do_vfork_then },
  { "vfork-wait", do_vfork_wait },
  { "word", do_word },
};

int
main (int argc, char **argv, char **envp)
{
  environment = envp;
  shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, TREE_FD, 0);
  if (shared == MAP_FAILED)
    shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  for (size_t i = 0; argc > 1 && i < sizeof deeds / sizeof deeds[0]; i++)
    if (strcmp (deeds[i].name, argv[1]) == 0)
      return deeds[i].func (argv + 2);
  dprintf (2, "treeprog: cannot do \"%s\"\n", argc > 1 ? argv[1] : "");
  return 96;
}
