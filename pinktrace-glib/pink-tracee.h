/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-types.h>

G_BEGIN_DECLS

#define PINK_TYPE_TRACEE (pink_tracee_get_type ())
PINK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PinkTracee, pink_tracee, PINK, TRACEE, GObject)

/**
 * PinkTraceeState:
 * @PINK_TRACEE_RUNNING: it runs, or waits in the kernel
 * @PINK_TRACEE_STOPPED: it is stopped and waits for a handler to return
 * @PINK_TRACEE_EXITED: it has ended; its status can be asked for
 * @PINK_TRACEE_LOST: the trace ended before it did: the tracer went, or its tracer
 *   task was killed from outside. It is killed, and how it ended is not known;
 *   only what was attached to, or spawned with #PinkTracer:exit-kill off, runs on
 * @PINK_TRACEE_DETACHED: it was let go, and runs untraced
 *
 * What a tracee does, as far as the main loop has been told.
 *
 * Since: 1.0
 */
typedef enum
{
  PINK_TRACEE_RUNNING,
  PINK_TRACEE_STOPPED,
  PINK_TRACEE_EXITED,
  PINK_TRACEE_LOST,
  PINK_TRACEE_DETACHED
} PinkTraceeState;

/**
 * PinkTraceeBirth:
 * @PINK_TRACEE_BIRTH_SPAWN: the tracer has started it
 * @PINK_TRACEE_BIRTH_ATTACH: it ran already when the tracer attached to it
 * @PINK_TRACEE_BIRTH_FORK: by fork(2), or a clone that is the same
 * @PINK_TRACEE_BIRTH_VFORK: by vfork(2): its parent waits until it execs or ends
 * @PINK_TRACEE_BIRTH_CLONE: by clone(2): a thread, or an unusual process
 *
 * How a tracee came to be.
 *
 * Since: 1.0
 */
typedef enum
{
  PINK_TRACEE_BIRTH_SPAWN,
  PINK_TRACEE_BIRTH_ATTACH,
  PINK_TRACEE_BIRTH_FORK,
  PINK_TRACEE_BIRTH_VFORK,
  PINK_TRACEE_BIRTH_CLONE
} PinkTraceeBirth;

PINK_AVAILABLE_IN_1_0
int              pink_tracee_get_pid         (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
int              pink_tracee_get_tgid        (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
PinkTraceeBirth  pink_tracee_get_birth       (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
PinkTracee      *pink_tracee_get_parent      (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_is_leader       (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
GListModel      *pink_tracee_get_children    (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
char            *pink_tracee_get_command     (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
PinkTraceeState  pink_tracee_get_state       (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
int              pink_tracee_get_wait_status (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
int              pink_tracee_get_exit_code   (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
int              pink_tracee_get_term_signal (PinkTracee *self);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_get_core_dumped (PinkTracee *self);

/**
 * PinkResumeMode:
 * @PINK_RESUME_SYSCALL: until the next system call's entry or exit; what tracees do unless told
 * @PINK_RESUME_CONTINUE: past all system calls, until another stop
 * @PINK_RESUME_SINGLE_STEP: one instruction
 * @PINK_RESUME_SYSEMU: until the next system call's entry; the call is not made
 * @PINK_RESUME_SYSEMU_SINGLE_STEP: one instruction; a system call is not made
 *
 * How a tracee goes on, see ptrace(2). Not every machine has every mode.
 *
 * Since: 1.0
 */
typedef enum
{
  PINK_RESUME_SYSCALL,
  PINK_RESUME_CONTINUE,
  PINK_RESUME_SINGLE_STEP,
  PINK_RESUME_SYSEMU,
  PINK_RESUME_SYSEMU_SINGLE_STEP
} PinkResumeMode;

/**
 * PinkStopReason:
 * @PINK_STOP_REASON_INTERRUPT: it was asked for; see pink_tracee_interrupt_async()
 * @PINK_STOP_REASON_SINGLE_STEP: one instruction has been made
 * @PINK_STOP_REASON_VFORK_DONE: the child of its vfork(2) has let it go
 * @PINK_STOP_REASON_SECCOMP: a filter that it has installed itself asks for its
 *   tracer (SECCOMP_RET_TRACE of seccomp(2)); see pink_tracee_get_seccomp_data()
 *
 * Why a tracee stopped, for the stops that have no signal of their own. The
 * nicks ("interrupt", "single-step"...) are the details of #PinkTracer::stopped.
 *
 * Since: 1.0
 */
typedef enum
{
  PINK_STOP_REASON_INTERRUPT,
  PINK_STOP_REASON_SINGLE_STEP,
  PINK_STOP_REASON_VFORK_DONE,
  PINK_STOP_REASON_SECCOMP
} PinkStopReason;

PINK_AVAILABLE_IN_1_0
int              pink_tracee_get_superseder      (PinkTracee           *self);
PINK_AVAILABLE_IN_1_0
int              pink_tracee_get_seccomp_data    (PinkTracee           *self);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_hold                (PinkTracee           *self,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_resume              (PinkTracee           *self,
                                                  PinkResumeMode        mode,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
void             pink_tracee_interrupt_async     (PinkTracee           *self,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_interrupt_finish    (PinkTracee           *self,
                                                  GAsyncResult         *result,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
void             pink_tracee_detach_async        (PinkTracee           *self,
                                                  gboolean              leave_stopped,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_detach_finish       (PinkTracee           *self,
                                                  GAsyncResult         *result,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
void             pink_tracee_wait_async          (PinkTracee           *self,
                                                  GCancellable         *cancellable,
                                                  GAsyncReadyCallback   callback,
                                                  gpointer              user_data);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_wait_finish         (PinkTracee           *self,
                                                  GAsyncResult         *result,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_send_signal         (PinkTracee           *self,
                                                  int                   number,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
GBytes          *pink_tracee_get_registers       (PinkTracee           *self,
                                                  guint                 note_type,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_set_registers       (PinkTracee           *self,
                                                  guint                 note_type,
                                                  GBytes               *registers,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
GBytes          *pink_tracee_get_signal_info     (PinkTracee           *self,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_set_signal_info     (PinkTracee           *self,
                                                  GBytes               *info,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
GBytes          *pink_tracee_read_memory         (PinkTracee           *self,
                                                  guint64               address,
                                                  gsize                 length,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_write_memory        (PinkTracee           *self,
                                                  guint64               address,
                                                  GBytes               *bytes,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
char            *pink_tracee_read_string         (PinkTracee           *self,
                                                  guint64               address,
                                                  gsize                 limit,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
char            *pink_tracee_read_string_escaped (PinkTracee           *self,
                                                  guint64               address,
                                                  gsize                 limit,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
char           **pink_tracee_read_string_array   (PinkTracee           *self,
                                                  guint64               address,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
char           **pink_tracee_read_string_array_escaped
                                                 (PinkTracee           *self,
                                                  guint64               address,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
char            *pink_tracee_read_descriptor     (PinkTracee           *self,
                                                  int                   descriptor,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
char            *pink_tracee_read_descriptor_escaped
                                                 (PinkTracee           *self,
                                                  int                   descriptor,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
void             pink_tracee_inject_syscall_async  (PinkTracee           *self,
                                                    const char           *name,
                                                    GVariant             *arguments,
                                                    GCancellable         *cancellable,
                                                    GAsyncReadyCallback   callback,
                                                    gpointer              user_data);
PINK_AVAILABLE_IN_1_0
PinkSyscallEvent *
                 pink_tracee_inject_syscall_finish (PinkTracee           *self,
                                                    GAsyncResult         *result,
                                                    GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_peek_user           (PinkTracee           *self,
                                                  guint64               offset,
                                                  guint64              *word,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_poke_user           (PinkTracee           *self,
                                                  guint64               offset,
                                                  guint64               word,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_peek_data           (PinkTracee           *self,
                                                  guint64               address,
                                                  guint64              *word,
                                                  GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean         pink_tracee_poke_data           (PinkTracee           *self,
                                                  guint64               address,
                                                  guint64               word,
                                                  GError              **error);

G_END_DECLS

