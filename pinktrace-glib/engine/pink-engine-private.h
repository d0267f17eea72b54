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
#include <time.h>

#include "pink-count.h"
#include "pink-engine.h"
#include "pink-host.h"
#include "pink-rules.h"
#include "pink-spin.h"

#if __has_include(<valgrind/valgrind.h>)
# include <valgrind/valgrind.h>
#else
# define RUNNING_ON_VALGRIND 0
#endif

#if defined (__SANITIZE_ADDRESS__) || defined (__SANITIZE_THREAD__)
# define PINK_STACK_SIZE (1024 * 1024)
#elif defined (__has_feature)
# if __has_feature (address_sanitizer) || __has_feature (thread_sanitizer)
#  define PINK_STACK_SIZE (1024 * 1024)
# endif
#endif
#ifndef PINK_STACK_SIZE
# define PINK_STACK_SIZE (256 * 1024) /* what a tracee points to nests */
#endif

#if __has_include(<sanitizer/asan_interface.h>)
# include <sanitizer/asan_interface.h>
#else
# define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void) 0)
#endif

/* The child of CLONE_VM runs beside the task on the thread-local storage of the
 * same parked thread: sanitizers' own bookkeeping there would be torn. */
#define PINK_UNSANITIZED \
  __attribute__ ((no_sanitize ("address"), no_sanitize ("thread"), no_sanitize ("undefined")))

/* Of one rule since it was added; by malloc(). */
typedef struct
{
  atomic_uint refs;
  atomic_uint turn; /* that of the last call that the rule could have applied to */
} PinkTurns;

/* An engine's rules, in the order in which they were added. */
typedef struct
{
  PinkRuleData *data;
  PinkTurns    *of_all; /* where it is counted over all tracees */
  unsigned      id;     /* below PINK_MAX_RULES; a former rule's, where it is free again */
  unsigned      since;  /* the generation of the set that was the first to have it */
} PinkSetRule;

typedef struct _PinkRuleSet PinkRuleSet;

struct _PinkRuleSet
{
  PinkRuleSet *older;
  unsigned     generation; /* from 1 */
  unsigned     n;
  PinkSetRule  rules[];
};

struct _PinkEngine
{
  atomic_int   refs;
  atomic_bool  measure_cpu;
  atomic_uint  stops_handled;
  atomic_uint  signals_handled[2]; /* of each 32 signals, bit (signal - 1) % 32 */
  bool         follow_forks;  /* of programs spawned from now on */
  bool         exit_kill;     /* likewise */
  bool         force_fork;    /* PINKTRACE_FORCE=fork: never clone(CLONE_VM) a child */
  bool         force_sleep;   /* PINKTRACE_FORCE=sleep: never spin, never narrow */
  bool         force_spin;    /* PINKTRACE_FORCE=spin: always, both */
  bool         force_regset;  /* PINKTRACE_FORCE=regset: never PTRACE_GET_SYSCALL_INFO, nor SET */
  bool         force_wrap;    /* PINKTRACE_FORCE=wrap: rings begin where a word ends */
  bool         force_set_regset; /* PINKTRACE_FORCE=set-regset: never PTRACE_SET_SYSCALL_INFO */
  uint8_t      without;       /* PINK_WITHOUT_*: ways to a tracee's memory */
  _Atomic (PinkRuleSet *) rules; /* NULL: none; the older ones hang behind it */
  atomic_int   rule_readers;  /* tasks that are looking at some of them */
  bool         records;       /* each task has a ring */
  atomic_bool  observes;      /* what is written down is told of one by one */
  atomic_size_t record_limit; /* bytes of a string */
  uint64_t     n_dropped_before; /* by tasks that have ended */
  pid_t        owner;         /* the process that made it */
  atomic_int  *is_original;   /* in a fork()ed copy 0; NULL: ask for the number */
  int          bell;          /* eventfd, in the application's table */
  PinkInbox    inbox;
  PinkSpin     spin;          /* the main context's */
  PinkTask    *tasks;         /* main context only */
  unsigned     n_rows;
  _Atomic (uint8_t) handled[]; /* the main context's to write */
};

#define PINK_CPU_WORDS (1024 / (8 * sizeof (unsigned long)))

/* In PinkEngine.handled, beside PINK_HANDLED_*: what the engine itself knows of a call. */
#define PINK_WATCHED_CLONE 0x80 /* it can make an untraced child */
#define PINK_MAKES_CHILD   0x40 /* it can make any child */
#define PINK_MAY_LOOK      0x20 /* it can tell the caller's CPUs, or pass them on */
#define PINK_HAS_RULES     0x10 /* set and cleared with the rules */
#define PINK_ALWAYS_KNOWN  (PINK_WATCHED_CLONE | PINK_MAKES_CHILD | PINK_MAY_LOOK)

/* PINKTRACE_FORCE=task-memory, mem, words: what is left of the ways. */
#define PINK_WITHOUT_OWN 1 /* process_vm_readv() of the application's */
#define PINK_WITHOUT_VM  2 /* the task's */
#define PINK_WITHOUT_MEM 4 /* /proc/PID/mem */

/* In memory shared with a forked child, too. */
typedef struct
{
  atomic_int ready; /* futex: the child has made itself traceable */
  atomic_int go;    /* futex: the child is traced and may go on */
  int        stage; /* PinkStage: what the child could not do */
  int        error;
  int        detail;
} PinkChildReport;

/* Where a tracee is in its life, as the task sees it. */
typedef enum
{
  /* From clone() to the program. */
  PINK_PHASE_SEIZED,   /* runs towards its own SIGSTOP */
  PINK_PHASE_ARMED,    /* stops at system calls; execve comes next */
  PINK_PHASE_EXECVE,   /* in execve */
  PINK_PHASE_LOADED,   /* execve has succeeded and is about to return */
  /* A new child and its parent's report of it come in either order. */
  PINK_PHASE_EXPECTED, /* reported by its parent, not seen yet */
  PINK_PHASE_STRANGER, /* seen, and stopped, but not reported yet */
  PINK_PHASE_STILLBORN, /* seen to end before it was reported */
  PINK_PHASE_GHOST,    /* nobody's: see pink-ghost.c */
  PINK_PHASE_RUNNING   /* an ordinary tracee */
} PinkPhase;

/* Calls of ours that a tracee makes: see pink-inject.c. */
typedef enum
{
  PINK_INJECT_NONE,
  PINK_INJECT_MAP,   /* memory for what the call is to read and to fill */
  PINK_INJECT_CALL,
  PINK_INJECT_UNMAP,
  PINK_INJECT_FAIL,  /* where the result that it had is an error to the kernel only after one */
  PINK_INJECT_BACK   /* to where it was */
} PinkInjectStage;

/* Where it was. */
typedef enum
{
  PINK_INJECT_FROM_ENTRY,
  PINK_INJECT_FROM_EXIT /* or between two calls */
} PinkInjectFrom;

/* Task only; the rest is valid where the stage is not NONE, and until the next. */
typedef struct
{
  PinkInjectStage stage;
  PinkInjectFrom  from;
  void          (*then) (PinkTask *task, PinkSlot *slot);
  PinkInjection  *call;       /* the main context's, or NULL */
  bool            left_entry; /* FROM_ENTRY: its own call was not made */
  bool            to_entry;   /* the next stop is an entry */
  bool            restarts;   /* FROM_EXIT: its call was interrupted, and is to be begun again */
  bool            stop_again; /* a SIGSTOP was taken away */
  int             error;
  uint64_t        address;    /* of what is mapped, 0: nothing */
  size_t          length;     /* whole pages */
  void           *data;
  size_t          data_size;
  int             protection;
  int64_t         map_number;
  int64_t         unmap_number;
  uint64_t        number;     /* where to_entry and the stage is not BACK: what is to be made there */
  uint64_t        args[PINK_ARCH_N_REGS];
  uint64_t        borrowed_address; /* of the tracee's stack */
  size_t          borrowed_size;    /* 0: nothing */
  unsigned char   borrowed[8 * PINK_ARCH_N_REGS];
  uint64_t        mask[2];
  size_t          size;
  unsigned char   registers[PINK_ARCH_MAX_REGSET];
} PinkInject;

struct _PinkSlot
{
  PinkMsg     added_msg;
  PinkMsg     stop_msg;
  PinkMsg     end_msg;
  PinkMsg     answer_msg;
  PinkMsg     release_msg;
  PinkMsg     injected_msg;
  PinkTask   *task;
  /* Written before PINK_MSG_ADDED (of the first, before spawn returns), and
   * read by the main context. */
  pid_t       born_tid;
  pid_t       tgid;
  PinkBirth   birth;
  PinkSlot   *parent;
  PinkStop    stop;
  struct
  {
    PinkMode  mode;
    int       signal;
    bool      changed_siginfo;
    PinkChanges changes; /* none again once the task has made them */
  } answer;
  unsigned char siginfo[PINK_SIGINFO_SIZE];
  bool        detached;     /* with PINK_MSG_END */
  int         wait_status;  /* with PINK_MSG_END */
  pid_t       superseder;   /* likewise */
  atomic_bool ended;
  void       *user;
  /* The main context's, freed with the slots. The task uses them in between:
   * the blob from an answer to the next stop, the injection until its message. */
  PinkInjection *injection;
  void       *blob;         /* what the answer's changes place */
  size_t      blob_size;

  /* task only */
  PinkSlot       *next;     /* in its bucket, or in the list of free ones */
  pid_t           tid;
  int             status;   /* of the last stop */
  int             mem_fd;   /* see pink-reach.c; -1: none */
  PinkPhase       phase;
  PinkMode        mode;
  bool            in_syscall;
  bool            computes;      /* its next stop says otherwise */
  /* A call that was changed, from its entry to its exit: see pink-change.c. */
  bool            settling;      /* its exit has something to be done; the rest is valid */
  bool            refused;       /* not made, whatever the answer says: see pink-escape.c */
  bool            changed_number;
  bool            has_result;    /* not made: this is its result */
  bool            result_is_error;
  uint8_t         changed_args;  /* a bit a register */
  int64_t         result;
  PinkArchEntry   original;      /* what the program asked for */
  bool            has_placed;    /* its exit takes away what lies at: */
  uint64_t        placed_address;
  size_t          placed_length;
  bool            every_call;    /* of a filtered task: it stops at all calls nonetheless */
  bool            seccomp_due;   /* its call has been told of, and the filter has yet to see it */
  bool            knows_call;    /* stop.entry.ip is behind an instruction that makes calls */
  PinkInject      inject;
  bool            recorded;      /* this call's entry has been written down */
  bool            record_changed; /* and it was changed since */
  bool            entry_due;     /* what was written down is published, too */
  unsigned        record_waits;  /* for room, before its entry */
  bool            has_made;      /* this call's child has been reported */
  bool            with_main;     /* between PINK_MSG_STOP and the answer */
  atomic_bool     in_group_stop; /* goes on by PTRACE_LISTEN; written by the task, read by all */
  bool            interrupting;  /* the next stop is to be published */
  bool            detaching;     /* at the next stop it is let go */
  bool            leave_stopped; /* then */
  int             deferred;      /* signal that an interrupt came in between */
  int             owed_stop;     /* a stop signal that came before the program was loaded */
  unsigned        since_scan;    /* STRANGER, STILLBORN: what began before does not count */
  unsigned        rule_turns[PINK_MAX_RULES]; /* by id: as PinkTurns.turn, of this tracee's calls */
  unsigned        rules_generation; /* that of the set they were counted for */
  int64_t         delay_exit_ns; /* of this call, before its exit is told of */
  int64_t         delayed_until_ns; /* where after_delay is not NULL */
  void          (*after_delay) (PinkTask *task, PinkSlot *slot);
  int64_t         since_ns;      /* STRANGER, STILLBORN: when it was first seen */
  int64_t         cpu_at_entry_us;
};

/* The main context waits until it is done, or the task gone. */
typedef struct
{
  PinkMsg         msg;
  PinkSlot       *slot;
  PinkRequestKind kind;
  uint64_t        argument;
  void           *data;
  size_t          size;
  long            result;
  atomic_int      done;  /* futex */
} PinkRequest;

typedef struct _PinkChunk PinkChunk;

#define PINK_TASK_BUCKETS 1024

struct _PinkTask
{
  PinkTask       *next;        /* in PinkEngine.tasks */
  PinkEngine     *engine;      /* a reference of the keeper's */
  PinkMsg         ended_msg;
  PinkInbox       inbox;
  PinkSpin        spin;
  atomic_bool     quit;
  int             bell[2];     /* pipe: both ends are in the application's table (without a
                                * reader it would get SIGPIPE), [0] in the task's */
  bool            bell_closed; /* main context only: in the application's */
  int             lifetime[2]; /* pipe: [1] is open in the keeper's table alone */
  pid_t           application;
  bool            follow_forks;
  bool            exit_kill;
  bool            filtered;    /* its tracees have our seccomp filter */
  char           *stack;       /* the task's, then the child's, each above a guard page */
  size_t          stack_size;
  PinkLaunch     *launch;      /* the caller's; not touched once the result is known */
  pid_t           attach_to;   /* where there is no launch */
  PinkChildReport *report;
  atomic_int      child_tid;   /* futex: a child that runs in our memory; cleared by the kernel */
  PinkLaunchResult result;
  PinkSlot       *first;       /* the program that was spawned, the first thread attached to */
  atomic_int      result_known; /* futex */
  atomic_bool     gone;        /* the keeper has seen its end */
  _Atomic (PinkRing *) ring;   /* made by the main context, never unmade before the task */

  /* task only, until it has ended */
  pid_t           pid;
  unsigned        n_alive;     /* tracees that the kernel still has to report an end of */
  unsigned        n_strangers; /* and stillborns */
  unsigned        n_slots_ever;
  int64_t         next_look_ns; /* at them */
  bool            no_syscall_info;
  bool            no_set_info; /* likewise PTRACE_SET_SYSCALL_INFO */
  bool            quitting;
  bool            has_asked;   /* an answer is on its way, or soon will be */
  PinkSlot       *in_turn;     /* the tracee that stopped last */
  unsigned        n_turns;     /* so often in a row; see pink-narrow.c */
  unsigned        n_computing; /* tracees that run code of their own */
  bool            is_pinned;   /* to one_cpu */
  long            own_cpus_size;
  unsigned long   own_cpus[PINK_CPU_WORDS];
  unsigned long   one_cpu[PINK_CPU_WORDS];
  atomic_int      narrowed;    /* who is, for a moment, not allowed what is in: */
  long            tracee_cpus_size;
  unsigned long   tracee_cpus[PINK_CPU_WORDS];
  bool            unscanned;   /* a SIGCHLD has come since the last full scan began */
  int64_t         next_scan_ns; /* not before; 0: at once */
  bool            alarm_is_set; /* to a next_scan_ns */
  int64_t         looked_ns;    /* when the kernel last said who of all has stopped */
  unsigned        n_scans;      /* that have gone through all */
  unsigned        n_cut_short;  /* that have not */
  unsigned        n_delayed;   /* tracees that wait for a moment, see pink_delay() */
  int64_t         next_delay_ns;
  PinkChunk      *chunks;
  PinkSlot       *free_slots;
  PinkSlot       *buckets[PINK_TASK_BUCKETS];
};

/* pink-slots.c */
PinkSlot *pink_slots_add    (PinkTask *task, pid_t tid);
PinkSlot *pink_slots_find   (PinkTask *task, pid_t tid);
void      pink_slots_hash   (PinkTask *task, PinkSlot *slot, pid_t tid);
void      pink_slots_unhash (PinkTask *task, PinkSlot *slot);
void      pink_slots_free   (PinkTask *task, PinkSlot *slot);
void      pink_slots_for_each_alive (PinkTask *task, void (*func) (PinkTask *task, PinkSlot *slot));
void      pink_slots_for_each_known (PinkTask *task, void (*func) (PinkSlot *slot, void *data),
                                     void *data);
void      pink_slots_unmap  (PinkTask *task);

/* pink-attach.c */
long pink_attach (PinkTask *task, pid_t pid, long options); /* 0, or -errno */

/* pink-escape.c */
void pink_escape_prevent (PinkTask *task, PinkSlot *slot);

/* pink-change.c */
long pink_change_write_entry (PinkTask *task, PinkSlot *slot, uint64_t number, const uint64_t *args);
void pink_change_number_again (PinkTask *task, PinkSlot *slot); /* at an entry that has come once more */
void pink_change_entry  (PinkTask *task, PinkSlot *slot, const PinkChanges *changes);
void pink_change_refuse (PinkTask *task, PinkSlot *slot, int error);
void pink_change_refuse_unseen (PinkTask *task, PinkSlot *slot, int error);
void pink_change_settle (PinkTask *task, PinkSlot *slot);
void pink_change_exit   (PinkTask *task, PinkSlot *slot, const PinkChanges *changes);

/* pink-narrow.c */
void pink_narrow_note   (PinkTask *task, PinkSlot *slot);
void pink_narrow_forget (PinkTask *task, PinkSlot *slot);
void pink_narrow_resume (PinkTask *task, PinkSlot *slot, long request, int signal);
void pink_narrow_end    (PinkTask *task);

/* pink-inject.c: `then` is called when it is where it was. False: nothing is begun. */
long pink_inject_call   (PinkTask *task, PinkSlot *slot, PinkInjection *injection);
void pink_inject_abort  (PinkSlot *slot);
bool pink_inject_place  (PinkTask *task, PinkSlot *slot, void (*then) (PinkTask *task, PinkSlot *slot));
bool pink_inject_remove (PinkTask *task, PinkSlot *slot, uint64_t address, size_t length,
                         void (*then) (PinkTask *task, PinkSlot *slot));
void pink_inject_stop   (PinkTask *task, PinkSlot *slot, int status);

/* pink-record.c */
bool pink_record_wait   (PinkTask *task, PinkSlot *slot, void (*then) (PinkTask *task, PinkSlot *slot));
void pink_record_entry  (PinkTask *task, PinkSlot *slot);
void pink_record_exit   (PinkTask *task, PinkSlot *slot);
void pink_record_forget (PinkTask *task, PinkSlot *slot);
bool pink_task_make_ring (PinkTask *task); /* main context */
void pink_ring_free      (PinkTask *task); /* likewise, when the task has ended */
size_t pink_ring_written (PinkTask *task);

/* pink-rule-data.c */
const PinkRuleSet *pink_rules_begin (PinkEngine *engine); /* NULL: it has none; pink_rules_end() in any case */
void pink_rules_end    (PinkEngine *engine);
void pink_rules_free   (PinkRuleSet *set); /* and the older ones */

/* pink-rules.c */
int64_t pink_rules_apply (PinkTask *task, PinkSlot *slot);
/* Calls `then` in so many nanoseconds, unless the tracee has ended. */
void pink_delay        (PinkTask *task, PinkSlot *slot, int64_t ns,
                        void (*then) (PinkTask *task, PinkSlot *slot));
void pink_delay_forget (PinkTask *task, PinkSlot *slot);
void pink_delay_wake   (PinkTask *task);

/* pink-status.c */
#define PINK_STATUS_SIZE 512
void  pink_status_path   (pid_t tid, const char *name, char path[32]); /* "/proc/TID/name" */
bool  pink_status_read   (pid_t tid, char text[PINK_STATUS_SIZE]); /* the beginning; ends with NUL */
pid_t pink_status_number (pid_t tid, const char *key, pid_t otherwise); /* key: "\nTgid:\t" */

/* pink-seccomp.c */
void pink_seccomp_every_call (PinkTask *task, PinkSlot *slot); /* and its whole process */
void pink_seccomp_watch (PinkTask *task, PinkSlot *slot);      /* at the entry of a call */
bool pink_seccomp_is_own (PinkTask *task, PinkSlot *slot); /* at its event */
bool pink_seccomp_runs_free (PinkTask *task, PinkSlot *slot);

/* pink-reach.c: bytes, from the beginning on, or -errno where there is not one. */
void pink_reach_open  (PinkSlot *slot);
void pink_reach_close (PinkSlot *slot);
long pink_reach_read  (PinkTask *task, PinkSlot *slot, uint64_t address, void *buffer, size_t size);
long pink_reach_write (PinkTask *task, PinkSlot *slot, uint64_t address, const void *buffer, size_t size);

/* pink-request.c */
void pink_request_serve (PinkTask *task, PinkRequest *request);

/* pink-ghost.c */
void pink_ghost_look   (PinkTask *task, PinkSlot *slot);
void pink_ghost_ended  (PinkTask *task, PinkSlot *ghost);
void pink_ghost_forget (PinkTask *task, PinkSlot *slot); /* if it is one */

/* pink-birth.c */
void pink_birth_reported  (PinkTask *task, PinkSlot *parent, PinkBirth birth);
void pink_birth_stranger  (PinkTask *task, pid_t tid, int status);
void pink_birth_adopt_strangers (PinkTask *task);

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
void pink_stop_answered (PinkTask *task, PinkSlot *slot);
void pink_stop_report_end (PinkTask *task, PinkSlot *slot); /* the last that is heard of it */
void pink_stop_vanished (PinkTask *task, PinkSlot *slot);
void pink_stop_let_die (pid_t tid, int status);
PinkSlot *pink_stop_renamed (PinkTask *task, pid_t tid);

/* pink-stop-read.c */
typedef enum { PINK_READ_NOTHING, PINK_READ_ENTRY, PINK_READ_EXIT } PinkRead;
PinkRead pink_stop_read (PinkTask *task, PinkSlot *slot);
/* PTRACE_GETREGSET or SETREGSET of a note type; *size becomes what the kernel has. */
long     pink_regset    (PinkSlot *slot, long how, uint64_t note, void *bytes, size_t *size);

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

static inline bool
pink_is_launching (const PinkSlot *slot)
{
  return slot->phase < PINK_PHASE_LOADED;
}

static inline bool
pink_is_stop_signal (int signal)
{
  return signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* A wait status of PTRACE_EVENT_STOP: with a stop signal it is a group-stop,
 * with SIGTRAP one that was asked for, or the end of a group-stop. */
static inline bool
pink_is_group_stop (int status)
{
  return (status & 0xff) == 0x7f && (status >> 16) == 128 /* PTRACE_EVENT_STOP */ &&
         pink_is_stop_signal ((status >> 8) & 0xff);
}

static inline int64_t
pink_now_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

static inline void
pink_post (PinkTask *task, PinkMsg *msg)
{
  msg->mark = pink_ring_written (task);
  if (pink_spin_push (&task->engine->spin, &task->engine->inbox, msg))
    pink_task_ring (task);
}

static inline void
pink_ring (int bell)
{
  uint64_t one = 1;

  PINK_SYS3 (SYS_write, bell, &one, sizeof one);
}
