/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-types.h>

G_BEGIN_DECLS

#define PINK_TRACER_ERROR (pink_tracer_error_quark ())

/**
 * PinkTracerError:
 * @PINK_TRACER_ERROR_FAILED: something failed that has no code of its own; the message says what
 * @PINK_TRACER_ERROR_NOT_PERMITTED: the system does not let this process trace or create tracer tasks
 * @PINK_TRACER_ERROR_FORKED: the tracer belongs to the process this one was forked from
 * @PINK_TRACER_ERROR_TASK_DIED: the tracer task was killed from outside; what it had
 *   spawned is killed with it, what it had attached to runs on, untraced
 * @PINK_TRACER_ERROR_GONE: the tracee no longer exists
 * @PINK_TRACER_ERROR_WRONG_STATE: this cannot be done at this moment of a call or of a trace
 * @PINK_TRACER_ERROR_UNREADABLE: the tracee's memory cannot be read at that address
 * @PINK_TRACER_ERROR_UNKNOWN_SYSCALL: no system call and no class of them has that name
 * @PINK_TRACER_ERROR_INVALID_ARGUMENT: an argument makes no sense; the message says which and why
 * @PINK_TRACER_ERROR_NO_SUCH_PROCESS: there is no process of that number
 * @PINK_TRACER_ERROR_ALREADY_TRACED: another program traces that process; the message says which
 * @PINK_TRACER_ERROR_KERNEL_THREAD: it is a thread of the kernel's own, which nobody can trace
 * @PINK_TRACER_ERROR_SELF: a process cannot trace itself
 * @PINK_TRACER_ERROR_OWN_TRACER: a process cannot trace the one that traces it
 * @PINK_TRACER_ERROR_FILTERED: the tracee has a filter for chosen calls, and cannot live
 *   without its tracer; see pink_tracer_set_syscalls()
 *
 * Error codes of #PINK_TRACER_ERROR. A program that cannot be started is told
 * in #GIOErrorEnum's codes (%G_IO_ERROR_NOT_FOUND, %G_IO_ERROR_PERMISSION_DENIED…).
 *
 * Since: 1.0
 */
typedef enum
{
  PINK_TRACER_ERROR_FAILED,
  PINK_TRACER_ERROR_NOT_PERMITTED,
  PINK_TRACER_ERROR_FORKED,
  PINK_TRACER_ERROR_TASK_DIED,
  PINK_TRACER_ERROR_GONE,
  PINK_TRACER_ERROR_WRONG_STATE,
  PINK_TRACER_ERROR_UNREADABLE,
  PINK_TRACER_ERROR_UNKNOWN_SYSCALL,
  PINK_TRACER_ERROR_INVALID_ARGUMENT,
  PINK_TRACER_ERROR_NO_SUCH_PROCESS,
  PINK_TRACER_ERROR_ALREADY_TRACED,
  PINK_TRACER_ERROR_KERNEL_THREAD,
  PINK_TRACER_ERROR_SELF,
  PINK_TRACER_ERROR_OWN_TRACER,
  PINK_TRACER_ERROR_FILTERED
} PinkTracerError;

PINK_AVAILABLE_IN_1_0
GQuark pink_tracer_error_quark (void);

G_END_DECLS
