/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "pinktrace-glib.h"

#include "engine/pink-engine.h"
#include "pink-decode.h"
#include "pink-memory-private.h"

/* One call of one tracee. `stop` is a copy of the engine's, so the event goes on
 * being a record when the tracee has gone on. */
struct _PinkSyscallEvent
{
  GObject                parent_instance;

  PinkTracee            *tracee;
  PinkSyscallState       state;
  PinkStop               stop;
  const PinkArchSyscall *call;       /* NULL for a number that is in no table */
  char                  *own_name;   /* for such a number */
  gboolean               has_entry;  /* FALSE in an object that a script made */
  gboolean               has_result;
  gboolean               is_launch;  /* the launcher's own execve */

  /* What handlers say; it goes to the engine with the answer. See
   * pink-syscall-event-change.c and -verdict.c. */
  PinkChanges            changes;
  GBytes                *placed[PINK_ARCH_N_REGS]; /* by register: what it is to point to */
  gboolean               asked;      /* a handler of its entry was called */
  gboolean               decided;    /* the first decision counts */
  gboolean               held;       /* until release(), or nobody has it any more */
  gboolean               was_held;
  PinkSnapshot          *snapshot;   /* what the arguments of an execve pointed to */
  guint                  string_limit;
  PinkTextFlags          text_flags;
  /* What was decoded, at the stop where it holds, and is text or data when it is asked
   * for: of each argument a piece of the tape, if its bit is set. */
  PinkTape               tape;
  guint32                tape_begin[PINK_ARCH_N_REGS];
  guint32                tape_end[PINK_ARCH_N_REGS];
  guint8                 is_decoded;
  guint8                 argument_shown[PINK_ARCH_N_REGS]; /* a PinkShown */
  /* A row of a log: what was read at its stops is all the memory there is. */
  gboolean               is_row;
  PinkSnapshot          *exit_snapshot; /* beside snapshot, which is the entry's */
  PinkSyscallLog        *log;           /* not a reference: where it is found by log_id; NULL: nowhere any more */
  guint64                log_id;
  guint64                kept[PINK_ARCH_N_REGS]; /* the decoder's, from the entry to the exit */
  guint8                 has_kept;
};

PinkSyscallEvent *_pink_syscall_event_new        (PinkTracee       *tracee,
                                                  const PinkStop   *stop);
void              _pink_syscall_event_set_result (PinkSyscallEvent *self,
                                                  const PinkStop   *stop);
void              _pink_syscall_event_set_state  (PinkSyscallEvent *self,
                                                  PinkSyscallState  state);
/* What the changed arguments point to goes with the answer. */
void              _pink_syscall_event_place      (PinkSyscallEvent *self);
/* Before the tracee goes on: what nobody has decided, the default does. */
void              _pink_syscall_event_commit     (PinkSyscallEvent *self);
/* TRUE where there is something to change now. Of a call that was held until its
 * tracee went, FALSE without an error: then there is nothing to be done. */
gboolean          _pink_syscall_event_may_change (PinkSyscallEvent  *self,
                                                  GError           **error);
/* %PINK_TRACER_ERROR_WRONG_STATE: nobody waits for what is said of it. */
void              _pink_syscall_event_set_written_down (PinkSyscallEvent  *self,
                                                        GError           **error);
/* What a setter of may_change's returns where that said FALSE. */
#define _pink_syscall_event_is_moot(self) ((self)->state == PINK_SYSCALL_GONE && (self)->was_held)
/* The same, and at the entry alone; OTHERWISE: what is to be said at the exit. */
gboolean          _pink_syscall_event_may_change_entry (PinkSyscallEvent  *self,
                                                        const char        *otherwise,
                                                        GError           **error);
/* The descriptor of a directory that the path in this argument may begin at, or
 * PINK_PATH_CWD. */
int               _pink_syscall_event_dirfd (PinkSyscallEvent *self,
                                             guint             index);
/* Decodes an argument, if that was not done yet: before the memory changes. */
void              _pink_syscall_event_decode_argument (PinkSyscallEvent *self,
                                                       guint             index);
/* Of those decoded: all, or where EXIT what the call writes, is to be decoded anew. */
void              _pink_syscall_event_forget          (PinkSyscallEvent *self,
                                                       gboolean          exit);
/* What was decoded: valid until the next is. */
PinkTape          _pink_syscall_event_argument_tape   (PinkSyscallEvent *self,
                                                       guint             index);
/* In words: one argument; and what the call returned, with what strace says beside
 * it. See pink-syscall-event-decode.c. */
void              _pink_syscall_event_append_argument (PinkSyscallEvent *self,
                                                       guint             index,
                                                       PinkText         *text);
/* The Nth of the line, or -1; *label is what it is called there, or NULL. */
int               _pink_syscall_event_line_argument   (PinkSyscallEvent *self,
                                                       guint             n,
                                                       const char      **label);
/* Whether it can be told only at the exit. */
gboolean          _pink_syscall_event_argument_waits  (PinkSyscallEvent *self,
                                                       guint             index);
void              _pink_syscall_event_append_result   (PinkSyscallEvent *self,
                                                       PinkText         *text);
void              _pink_syscall_event_decode_result   (PinkSyscallEvent *self,
                                                       PinkTape         *tape,
                                                       PinkTape         *aux);
/* Keeps what an execve's arguments point to: when it succeeds, that is gone. */
void              _pink_syscall_event_capture    (PinkSyscallEvent *self);
gboolean          _pink_syscall_event_is_execve  (PinkSyscallEvent *self);

/* Where this event's memory is now, or an error that says why it is not. */
gboolean          _pink_syscall_event_get_memory (PinkSyscallEvent *self,
                                                  PinkMemory       *memory,
                                                  GError          **error);
/* The same for what an argument points to, at the stop where that holds. */
gboolean          _pink_syscall_event_get_argument_memory (PinkSyscallEvent *self,
                                                           guint             index,
                                                           PinkMemory       *memory,
                                                           GError          **error);
/* Whether an argument may be another one at the exit. */
gboolean          _pink_syscall_event_told_at_exit (PinkSyscallEvent *self,
                                                    guint             index);
PinkArgKind       _pink_syscall_event_kind       (PinkSyscallEvent *self,
                                                  guint             index);
