/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the engine's own files share.
 *
 * Who may touch what:
 *  - PinkSlot.stop belongs to the task, from PINK_MSG_STOP until the answer to
 *    the main context. PinkSlot.user is the main context's alone.
 *  - What is marked "task only" is read and written by the task alone; it
 *    stays valid when the task is killed at any instruction, because nobody
 *    reads it afterwards.
 *  - A PinkTask lives until its PINK_MSG_TASK_ENDED, which its keeper sends
 *    when the kernel has no such task any more, is taken out of the inbox.
 *
 * The task may be killed anywhere, so it takes no lock and allocates nothing:
 * between pink_task_main() and its end there is no libc call but memcpy,
 * memset and the vDSO's clock_gettime.
 */
#pragma once

#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "pink-engine.h"
#include "pink-host.h"

#if __has_include(<valgrind/valgrind.h>)
# include <valgrind/valgrind.h>
#else
# define RUNNING_ON_VALGRIND 0
#endif

#define PINK_TASK_SLOTS 1 /* a spawned program; following its children needs more */

#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
# define PINK_STACK_SIZE (512 * 1024)
#elif defined (__has_feature)
# if __has_feature (address_sanitizer) || __has_feature (thread_sanitizer)
#  define PINK_STACK_SIZE (512 * 1024)
# endif
#endif
#ifndef PINK_STACK_SIZE
# define PINK_STACK_SIZE (64 * 1024)
#endif

/* The child of CLONE_VM runs beside the task on the thread-local storage of the
 * same parked thread: sanitizers' own bookkeeping there would be torn. */
#define PINK_UNSANITIZED \
  __attribute__ ((no_sanitize ("address"), no_sanitize ("thread"), no_sanitize ("undefined")))

struct _PinkEngine
{
  atomic_int   refs;
  atomic_bool  measure_cpu;
  bool         force_fork;    /* PINKTRACE_FORCE=fork: never clone(CLONE_VM) a child */
  bool         force_regset;  /* PINKTRACE_FORCE=regset: never PTRACE_GET_SYSCALL_INFO */
  pid_t        owner;         /* the process that made it */
  int          bell;          /* eventfd, in the application's table */
  PinkInbox    inbox;
  PinkTask    *tasks;         /* main context only */
  unsigned     n_rows;
  _Atomic (uint8_t) handled[];
};

/* In memory shared with a forked child, too. */
typedef struct
{
  atomic_int ready; /* futex: the child has made itself traceable */
  atomic_int go;    /* futex: the child is traced and may go on */
  int        stage; /* PinkStage: what the child could not do */
  int        error;
  int        detail;
} PinkChildReport;

/* Where a tracee is on its way from clone() to the program. */
typedef enum
{
  PINK_LAUNCH_SEIZED, /* runs towards its own SIGSTOP */
  PINK_LAUNCH_ARMED,  /* stops at system calls; execve comes next */
  PINK_LAUNCH_EXECVE, /* in execve */
  PINK_LAUNCH_LOADED, /* execve has succeeded and is about to return */
  PINK_LAUNCH_DONE    /* an ordinary tracee */
} PinkLaunchPhase;

struct _PinkSlot
{
  PinkMsg     stop_msg;
  PinkMsg     end_msg;
  PinkMsg     answer_msg;
  PinkTask   *task;
  pid_t       tid;
  PinkStop    stop;
  int         wait_status;
  atomic_bool ended;
  void       *user;

  /* task only */
  bool            alive;
  bool            in_syscall;
  PinkLaunchPhase phase;
  int64_t         cpu_at_entry_us;
};

struct _PinkTask
{
  PinkTask       *next;        /* in PinkEngine.tasks */
  PinkEngine     *engine;      /* a reference of the keeper's */
  PinkMsg         ended_msg;
  PinkInbox       inbox;
  atomic_bool     quit;
  int             bell;        /* eventfd, in the application's table and the task's */
  bool            bell_closed; /* main context only: in the application's */
  int             lifetime[2]; /* pipe: [1] is open in the keeper's table alone */
  pid_t           application;
  char           *stack;       /* the task's, then the child's, each above a guard page */
  size_t          stack_size;
  PinkLaunch     *launch;      /* the caller's; not touched once the result is known */
  PinkChildReport *report;
  atomic_int      child_tid;   /* futex: a child that runs in our memory; cleared by the kernel */
  PinkLaunchResult result;
  atomic_int      result_known; /* futex */

  /* task only */
  pid_t           pid;
  int             signals;     /* signalfd */
  unsigned        n_alive;
  bool            no_syscall_info;
  bool            quitting;
  PinkSlot        slots[PINK_TASK_SLOTS];
};

/* pink-keeper.c */
void *pink_keeper_main (void *task);
void  pink_keep_only_fds (const int *fds, unsigned n_fds); /* sorted, ascending */

/* pink-task.c */
int  pink_task_main (void *task);
void pink_task_report (PinkTask *task, PinkStage stage, int error, int detail);
void pink_task_ring (PinkTask *task);

/* pink-child.c */
long pink_child_start (PinkTask *task, bool forked); /* its pid, or -errno */

/* pink-stop.c */
void pink_stop_serve  (PinkTask *task, PinkSlot *slot, int status, int64_t cpu_us);
void pink_stop_resume (PinkTask *task, PinkSlot *slot, int signal);

/* Shared small things. */
static inline void
pink_futex_wake (atomic_int *word)
{
  PINK_SYS3 (SYS_futex, word, 1 /* FUTEX_WAKE */, 1 << 30);
}

static inline void
pink_futex_wait (atomic_int *word, int value, const struct timespec *timeout)
{
  PINK_SYS4 (SYS_futex, word, 0 /* FUTEX_WAIT */, value, timeout);
}

static inline void
pink_ring (int bell)
{
  uint64_t one = 1;

  PINK_SYS3 (SYS_write, bell, &one, sizeof one);
}
