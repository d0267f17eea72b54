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
 *   task was killed from outside. It is killed, and how it ended is not known
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
  PINK_TRACEE_LOST
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

G_END_DECLS
