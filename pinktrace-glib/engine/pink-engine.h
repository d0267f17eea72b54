/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The engine: all that talks to ptrace(2), and the tasks that do it. Plain C,
 * no GLib. This is what the objects see of it; docs/reference and
 * CONTRIBUTING.md tell why it is built as it is.
 *
 * Everything here is called from one thread, the one that runs the tracer's
 * main context, unless it says otherwise.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pink-arch.h"
#include "pink-inbox.h"
#include "pink-record.h"
#include "pink-rules.h"

typedef struct _PinkEngine PinkEngine; /* a tracer's tasks, and its inbox */
typedef struct _PinkTask   PinkTask;   /* one tracer task */
typedef struct _PinkSlot   PinkSlot;   /* one tracee, as task and main context share it */

/* Which of a call's stops have handlers. */
#define PINK_HANDLED_ENTRY 1
#define PINK_HANDLED_EXIT  2
/* It is written down; see pink-record.h. */
#define PINK_HANDLED_RECORD 4

typedef enum
{
  PINK_STOP_ENTRY,
  PINK_STOP_EXIT,
  PINK_STOP_LAUNCHED, /* the launcher's own execve: its entry and its exit in one */
  PINK_STOP_EXEC,     /* an execve has succeeded and not returned yet: former_tid */
  PINK_STOP_SIGNAL,   /* a signal is about to be delivered: signal, and the slot's siginfo */
  PINK_STOP_GROUP,    /* stopped by a signal, with its whole process: signal */
  PINK_STOP_INTERRUPT, /* because it was asked for */
  PINK_STOP_STEP,     /* one instruction further */
  PINK_STOP_VFORK_DONE, /* the child of its vfork has let it go */
  PINK_STOP_SECCOMP,  /* a filter of its own asks for its tracer: seccomp_data */
  PINK_STOP_EXITING   /* it is about to end: wait_status */
} PinkStopKind;

/* How a tracee goes on: until which stop. */
typedef enum
{
  PINK_MODE_SYSCALL,
  PINK_MODE_CONTINUE,
  PINK_MODE_STEP,
  PINK_MODE_SYSEMU,
  PINK_MODE_SYSEMU_STEP
} PinkMode;

/* What the kernel says with a stop of our filter's, if the tracee has none that says
 * the same. */
#define PINK_FILTER_COOKIE 0x7069

#define PINK_SIGINFO_SIZE 128

/* What is changed about a call, in the answer to its entry or its exit. */
#define PINK_CHANGE_NUMBER 1 /* entry: another call is made */
#define PINK_CHANGE_RESULT 2 /* entry: none is made, and this is its result; exit: this is */

typedef struct
{
  uint8_t  what; /* PINK_CHANGE_* */
  uint8_t  args; /* a bit a register: those in values that are changed */
  bool     is_error;
  uint8_t  placed; /* a bit a register: those that get the address of a piece of the blob */
  uint32_t offsets[PINK_ARCH_N_REGS]; /* in the blob */
  uint64_t number; /* as in the ABI's table */
  uint64_t values[PINK_ARCH_N_REGS];
  int64_t  result; /* where is_error the errno, positive */
} PinkChanges;

/* A call that a stopped tracee is to make. */
typedef struct
{
  uint64_t     number;
  uint64_t     args[PINK_ARCH_N_REGS];
  uint8_t      placed;  /* a bit a register: an offset in data, and its address afterwards */
  uint64_t     address; /* where data lay */
  PinkArchExit result;
  int          error;   /* errno: it could not be made */
  size_t       size;
  uint64_t     data[];  /* what it reads, and what it has filled */
} PinkInjection;

/* How a tracee was born. */
typedef enum
{
  PINK_BIRTH_SPAWN,
  PINK_BIRTH_ATTACH,
  PINK_BIRTH_FORK,
  PINK_BIRTH_VFORK,
  PINK_BIRTH_CLONE /* a thread, or a process with another signal than SIGCHLD at its end */
} PinkBirth;

typedef struct
{
  PinkStopKind    kind;
  int             row;          /* in the table of system calls, or -1 */
  bool            decided;      /* by a rule, what becomes of the call */
  bool            delayed;      /* by a rule, before or after the call */
  bool            entry_seen;   /* EXIT: the main context has had this call's ENTRY */
  const PinkArch *arch;
  PinkArchEntry   entry;
  PinkArchExit    exit;
  int64_t         real_us;      /* CLOCK_REALTIME at the entry, microseconds */
  int64_t         resumed_ns;   /* CLOCK_MONOTONIC when the call was let run */
  int64_t         returned_ns;  /* CLOCK_MONOTONIC at the exit */
  int64_t         cpu_us;       /* system time of the call, -1 where not measured */
  pid_t           former_tid;   /* EXEC: what the thread was called before */
  int             signal;       /* SIGNAL, GROUP */
  unsigned        seccomp_data; /* SECCOMP: 16 bits */
  int             wait_status;  /* EXITING */
  bool            interrupted;  /* an interrupt was asked for, and this stop is as good */
} PinkStop;

typedef struct
{
  int source;
  int target;
  int moved; /* the child's own: where source waits while targets are filled */
} PinkFdMap;

/* What the child needs, made ready by the caller: the child may not allocate. */
typedef struct
{
  const char         *path;
  const char * const *argv;
  const char * const *envp;
  const char         *directory; /* NULL: the caller's */
  PinkFdMap          *fds;
  size_t              n_fds;
  bool                as_user;   /* uid, gid, groups instead of the caller's */
  uid_t               uid;
  gid_t               gid;
  const gid_t        *groups;
  size_t              n_groups;
  const void         *filter;    /* a struct sock_fprog that the program gets, or NULL */
  sigset_t            mask;      /* the caller's; filled in by pink_engine_spawn() */
} PinkLaunch;

typedef enum
{
  PINK_STAGE_NONE,
  PINK_STAGE_PREPARE, /* memory, thread or descriptors for the task */
  PINK_STAGE_TASK,    /* the task itself */
  PINK_STAGE_FORK,
  PINK_STAGE_SEIZE,
  PINK_STAGE_FD,      /* detail: which of PinkLaunch.fds */
  PINK_STAGE_CHDIR,
  PINK_STAGE_USER,
  PINK_STAGE_FILTER,
  PINK_STAGE_EXEC,
  PINK_STAGE_KILLED,  /* the child was killed before its exec; detail: the wait status */
  PINK_STAGE_TASK_DIED
} PinkStage;

typedef struct
{
  PinkStage stage; /* NONE: the program runs */
  int       error; /* errno */
  int       detail;
} PinkLaunchResult;

PinkEngine *pink_engine_new   (void); /* NULL and errno when out of memory or descriptors */
void        pink_engine_close (PinkEngine *engine); /* ends all tasks; does not wait; drops the reference */
PinkEngine *pink_engine_ref   (PinkEngine *engine); /* any thread */
void        pink_engine_unref (PinkEngine *engine); /* any thread */

/* False in a fork()ed copy of the process that made it: there it is inert. */
bool pink_engine_is_ours (PinkEngine *engine);

/* Becomes readable when the inbox may have something. */
int      pink_engine_get_bell (PinkEngine *engine);
void     pink_engine_silence  (PinkEngine *engine);
PinkMsg *pink_engine_take     (PinkEngine *engine);
bool     pink_engine_has_messages (PinkEngine *engine);
/* The main context is about to do other things, and will look again before it sleeps. */
void     pink_engine_is_awake     (PinkEngine *engine);
/* Before it sleeps; look: first for a moment. False if there is a message. */
bool     pink_engine_may_sleep    (PinkEngine *engine,
                                   bool        look);
/* What was taken and will not be served; before pink_engine_close(). */
void     pink_engine_put_back (PinkEngine *engine, PinkMsg *msgs);

/* Returns the new tracee, waiting at the exit of its execve, or NULL. */
PinkSlot *pink_engine_spawn (PinkEngine *engine, PinkLaunch *launch, PinkLaunchResult *result);

/* Seizes a process with all its threads. They are reported by PINK_MSG_ADDED.
 * False with the reason in result: PINK_STAGE_SEIZE, _PREPARE, _TASK or _TASK_DIED. */
bool pink_engine_attach (PinkEngine *engine, pid_t pid, PinkLaunchResult *result);

/* After PINK_MSG_TASK_ENDED: calls func for each tracee the task still had,
 * and frees the task with its slots. */
void pink_engine_bury_task (PinkEngine *engine, PinkTask *task,
                            void (*func) (PinkSlot *slot, void *data), void *data);

/* One byte a row of the table of system calls, the last one for calls that are
 * in no table: PINK_HANDLED_*. Written here, read by the tasks. */
void     pink_engine_set_handled (PinkEngine *engine, unsigned row, uint8_t handled);
uint8_t  pink_engine_get_handled (PinkEngine *engine, unsigned row);
void     pink_engine_set_measure_cpu (PinkEngine *engine, bool measure);
/* By signal number, 1 to 64: whether its delivery is published. */
void     pink_engine_set_signal_handled (PinkEngine *engine, unsigned signal, bool handled);
/* Which of PINK_STOP_GROUP, _STEP, _VFORK_DONE, _SECCOMP and _EXITING are: bits 1 << kind. */
void     pink_engine_set_stops_handled  (PinkEngine *engine, unsigned bits);
/* For programs spawned afterwards. */
void     pink_engine_set_follow_forks (PinkEngine *engine, bool follow);
bool     pink_engine_may_filter       (PinkEngine *engine); /* calls can be told at a filter's stop */
void     pink_engine_set_exit_kill    (PinkEngine *engine, bool kill);

/* A rule for all tracees, from now on; false: there are too many. */
bool     pink_engine_add_rule    (PinkEngine *engine, PinkRuleData *data);
bool     pink_engine_remove_rule (PinkEngine *engine, const PinkRuleData *data); /* false: it has none */

/* Calls that are marked so are written down from now on, with so many bytes of a
 * string or a buffer; observes: a tracee waits for room as long as it takes. False:
 * there is no memory. */
bool     pink_engine_record        (PinkEngine *engine, size_t limit, bool observes);
uint64_t pink_engine_count_dropped (PinkEngine *engine); /* calls that there was no room for */
/* Calls func for what has been written down, until that says false; the record's slot
 * may be one that PINK_MSG_ADDED is still to tell of. False: there is more. */
typedef bool (*PinkRecordFunc) (const PinkRecord *record, void *data);
bool     pink_engine_drain         (PinkEngine *engine, PinkRecordFunc func, void *data);
bool     pink_task_drain           (PinkTask *task, PinkRecordFunc func, void *data);
/* One by one instead, in the order in which things have happened. Before a message is
 * served: what was written down before it; NULL: nothing more. */
const PinkRecord *pink_engine_peek_before (const PinkMsg *msg, PinkTask **task);
/* Where there is no message: what was written down when pink_engine_set_due() was called.
 * (Messages of that time have to be taken in between.) It returns false if that is nothing. */
bool              pink_engine_set_due     (PinkEngine *engine);
const PinkRecord *pink_engine_peek_due    (PinkEngine *engine, PinkTask **task);
void              pink_engine_skip_record (const PinkRecord *record, PinkTask *task); /* it may be written over */
/* With PINK_MSG_RECORDS, and (hurry) PINK_MSG_HURRY. */
void     pink_task_take_announcement (PinkTask *task, bool hurry);
PinkTask *pink_slot_get_task         (PinkSlot *slot);

pid_t           pink_slot_get_tid    (PinkSlot *slot); /* as it was born; an exec can change it */
pid_t           pink_slot_get_tgid   (PinkSlot *slot);
PinkBirth       pink_slot_get_birth  (PinkSlot *slot);
bool            pink_slot_is_first   (PinkSlot *slot); /* of what was spawned or attached to */
bool            pink_slot_in_group_stop (PinkSlot *slot); /* as the task has seen it last */
bool            pink_slot_lives_on   (PinkSlot *slot); /* it does not die with its task */
PinkSlot       *pink_slot_get_parent (PinkSlot *slot); /* with PINK_MSG_ADDED: who made it, or NULL */
/* With PINK_MSG_END: another thread's exec took its place; 0, or that thread's former id. */
pid_t           pink_slot_get_superseder (PinkSlot *slot);
const PinkStop *pink_slot_get_stop   (PinkSlot *slot); /* between PINK_MSG_STOP and the answer */
int             pink_slot_get_status (PinkSlot *slot); /* after PINK_MSG_END */
bool            pink_slot_is_ours    (PinkSlot *slot); /* as pink_engine_is_ours() */
bool            pink_slot_has_ended  (PinkSlot *slot); /* seen by the task; the message may still be on its way */
void           *pink_slot_get_user   (PinkSlot *slot);
void            pink_slot_set_user   (PinkSlot *slot, void *user);
/* With PINK_MSG_END: it was let go and lives on. */
bool            pink_slot_was_detached (PinkSlot *slot);
void           *pink_slot_get_siginfo (PinkSlot *slot); /* PINK_SIGINFO_SIZE; with PINK_STOP_SIGNAL */

/* The answer to a stop: `signal` is what is delivered after PINK_STOP_SIGNAL
 * (0: nothing); `changed_siginfo` says that the slot's siginfo goes with it. */
void            pink_slot_resume     (PinkSlot *slot, PinkMode mode, int signal,
                                      bool changed_siginfo);
/* Goes with the next answer; only after PINK_STOP_ENTRY and PINK_STOP_EXIT. */
void            pink_slot_change     (PinkSlot *slot, const PinkChanges *changes);
/* Likewise: what these place; by malloc(), taken over. */
void            pink_slot_set_blob   (PinkSlot *slot, void *blob, size_t size);
/* A call of ours; by malloc(), taken over until PINK_MSG_INJECTED, whose taker gets
 * it back by pink_slot_take_injection(). -ENXIO: not from this stop. */
long            pink_slot_inject     (PinkSlot *slot, PinkInjection *injection);
PinkInjection  *pink_slot_take_injection (PinkSlot *slot); /* also after PINK_MSG_END */
bool            pink_slot_may_be_read (PinkSlot *slot); /* by process_vm_readv(), not by requests alone */
PinkMode        pink_slot_get_mode   (PinkSlot *slot); /* between PINK_MSG_STOP and the answer */
void            pink_slot_release    (PinkSlot *slot); /* after PINK_MSG_END */

/* ---- requests about a tracee ---- */

typedef enum
{
  PINK_REQUEST_INTERRUPT, /* its next stop, whatever it is, is published */
  PINK_REQUEST_EVERY_CALL, /* a filter is not to be relied on any more */
  PINK_REQUEST_DETACH,    /* at its next stop; argument: 1 leaves it stopped */
  /* The rest only between PINK_MSG_STOP and the answer. */
  PINK_REQUEST_GETREGSET, /* argument: note type; data, size */
  PINK_REQUEST_SETREGSET,
  PINK_REQUEST_GETSIGINFO, /* data */
  PINK_REQUEST_SETSIGINFO,
  PINK_REQUEST_PEEKUSER,  /* argument: offset; data: a word */
  PINK_REQUEST_POKEUSER,
  PINK_REQUEST_PEEKDATA,  /* argument: address; data: a word */
  PINK_REQUEST_POKEDATA,
  PINK_REQUEST_READ,      /* argument: address; data, size; the result is the number of bytes */
  PINK_REQUEST_WRITE,
  PINK_REQUEST_INJECT,    /* data: a PinkInjection */
  PINK_REQUEST_ABORT      /* what is injected is not waited for */
} PinkRequestKind;

/* Returns the result, or -errno; waits for the task, which does not wait for
 * anything; -ESRCH if the task is gone, or another process's. */
long            pink_slot_request    (PinkSlot *slot, PinkRequestKind kind, uint64_t argument,
                                      void *data, size_t *size);
