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
#include <stdint.h>

#include "pink-arch.h"
#include "pink-inbox.h"

typedef struct _PinkEngine PinkEngine; /* a tracer's tasks, and its inbox */
typedef struct _PinkTask   PinkTask;   /* one tracer task */
typedef struct _PinkSlot   PinkSlot;   /* one tracee, as task and main context share it */

/* Which of a call's stops have handlers. */
#define PINK_HANDLED_ENTRY 1
#define PINK_HANDLED_EXIT  2

typedef enum
{
  PINK_STOP_ENTRY,
  PINK_STOP_EXIT,
  PINK_STOP_LAUNCHED, /* the launcher's own execve: its entry and its exit in one */
  PINK_STOP_EXEC      /* an execve has succeeded and not returned yet: former_tid */
} PinkStopKind;

/* How a tracee was born. */
typedef enum
{
  PINK_BIRTH_SPAWN,
  PINK_BIRTH_FORK,
  PINK_BIRTH_VFORK,
  PINK_BIRTH_CLONE /* a thread, or a process with another signal than SIGCHLD at its end */
} PinkBirth;

typedef struct
{
  PinkStopKind    kind;
  int             row;          /* in the table of system calls, or -1 */
  bool            entry_seen;   /* EXIT: the main context has had this call's ENTRY */
  const PinkArch *arch;
  PinkArchEntry   entry;
  PinkArchExit    exit;
  int64_t         real_us;      /* CLOCK_REALTIME at the entry, microseconds */
  int64_t         resumed_ns;   /* CLOCK_MONOTONIC when the call was let run */
  int64_t         returned_ns;  /* CLOCK_MONOTONIC at the exit */
  int64_t         cpu_us;       /* system time of the call, -1 where not measured */
  pid_t           former_tid;   /* EXEC: what the thread was called before */
} PinkStop;

typedef enum
{
  PINK_ANSWER_RESUME,
  PINK_ANSWER_RELEASE /* the tracee has ended and its slot may be used again */
} PinkAnswerKind;

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
/* What was taken and will not be served; before pink_engine_close(). */
void     pink_engine_put_back (PinkEngine *engine, PinkMsg *msgs);

/* Returns the new tracee, waiting at the exit of its execve, or NULL. */
PinkSlot *pink_engine_spawn (PinkEngine *engine, PinkLaunch *launch, PinkLaunchResult *result);

/* After PINK_MSG_TASK_ENDED: calls func for each tracee the task still had,
 * and frees the task with its slots. */
void pink_engine_bury_task (PinkEngine *engine, PinkTask *task,
                            void (*func) (PinkSlot *slot, void *data), void *data);

/* One byte a row of the table of system calls, the last one for calls that are
 * in no table: PINK_HANDLED_*. Written here, read by the tasks. */
void     pink_engine_set_handled (PinkEngine *engine, unsigned row, uint8_t handled);
uint8_t  pink_engine_get_handled (PinkEngine *engine, unsigned row);
void     pink_engine_set_measure_cpu (PinkEngine *engine, bool measure);
/* For programs spawned afterwards. */
void     pink_engine_set_follow_forks (PinkEngine *engine, bool follow);
void     pink_engine_set_exit_kill    (PinkEngine *engine, bool kill);

pid_t           pink_slot_get_tid    (PinkSlot *slot); /* as it was born; an exec can change it */
pid_t           pink_slot_get_tgid   (PinkSlot *slot);
PinkBirth       pink_slot_get_birth  (PinkSlot *slot);
PinkSlot       *pink_slot_get_parent (PinkSlot *slot); /* with PINK_MSG_ADDED: who made it, or NULL */
/* With PINK_MSG_END: another thread's exec took its place; 0, or that thread's former id. */
pid_t           pink_slot_get_superseder (PinkSlot *slot);
const PinkStop *pink_slot_get_stop   (PinkSlot *slot); /* between PINK_MSG_STOP and the answer */
int             pink_slot_get_status (PinkSlot *slot); /* after PINK_MSG_END */
bool            pink_slot_has_ended  (PinkSlot *slot); /* seen by the task; the message may still be on its way */
void           *pink_slot_get_user   (PinkSlot *slot);
void            pink_slot_set_user   (PinkSlot *slot, void *user);
void            pink_slot_answer     (PinkSlot *slot, PinkAnswerKind kind);
