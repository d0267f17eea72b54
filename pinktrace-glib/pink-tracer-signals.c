/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The signals of a tracer; pink-tracer-serve.c emits them.
 */
#include "pinktrace-glib.h"

#include "pink-tracer-private.h"

guint _pink_tracer_signals[PINK_N_SIGNALS];

void
_pink_tracer_install_signals (void)
{
  /**
   * PinkTracer::syscall-enter:
   * @self: the tracer
   * @event: the system call
   *
   * A tracee is about to make a system call, and stands still until the
   * handlers have returned. The detail is the call's name.
   *
   * The first call that is emitted is the execve(2) that has started the
   * program. It was over when pink_tracer_spawn() returned.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_SYSCALL_ENTER] =
    g_signal_new ("syscall-enter", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, PINK_TYPE_SYSCALL_EVENT);
  /**
   * PinkTracer::syscall-exit:
   * @self: the tracer
   * @event: the system call; the same object as at its entry, if that was emitted
   *
   * A system call of a tracee's has returned, and the tracee stands still until
   * the handlers have returned. The detail is the call's name.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_SYSCALL_EXIT] =
    g_signal_new ("syscall-exit", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, PINK_TYPE_SYSCALL_EVENT);
  /**
   * PinkTracer::tracee-added:
   * @self: the tracer
   * @tracee: the new tracee
   *
   * A program has been started, or a tracee has made a process or a thread:
   * #PinkTracee:birth tells how, #PinkTracee:parent who. It is emitted before
   * any other signal for that tracee.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_TRACEE_ADDED] =
    g_signal_new ("tracee-added", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, PINK_TYPE_TRACEE);
  /**
   * PinkTracer::exec:
   * @self: the tracer
   * @tracee: the tracee
   * @former_pid: the id the thread had before
   *
   * An execve(2) of a tracee's has succeeded: it is a new program now, and
   * stands still until the handlers have returned. All other threads of its
   * process are gone. Where the thread that made the call was not the first,
   * it has taken the first one's id: @former_pid is then not
   * #PinkTracee:pid, and the first thread has ended as "superseded", see
   * #PinkTracer::exited.
   *
   * The program that pink_tracer_spawn() starts is not reported by this.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_EXEC] =
    g_signal_new ("exec", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, PINK_TYPE_TRACEE, G_TYPE_INT);
  /**
   * PinkTracer::signal-delivery:
   * @self: the tracer
   * @event: the signal
   *
   * A signal is about to be delivered to a tracee, which stands still until the
   * handlers have returned. They can suppress it or replace it. The detail is
   * the signal's name, as in "signal-delivery::SIGUSR1".
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_SIGNAL_DELIVERY] =
    g_signal_new ("signal-delivery", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, PINK_TYPE_SIGNAL_EVENT);
  /**
   * PinkTracer::group-stop:
   * @self: the tracer
   * @tracee: the tracee
   * @number: the signal that has stopped it: SIGSTOP, SIGTSTP, SIGTTIN or SIGTTOU
   *
   * A tracee has been stopped by a signal, as with Ctrl-Z, with all of its
   * process. It stays stopped until SIGCONT, traced or not.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_GROUP_STOP] =
    g_signal_new ("group-stop", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, PINK_TYPE_TRACEE, G_TYPE_INT);
  /**
   * PinkTracer::stopped:
   * @self: the tracer
   * @tracee: the tracee
   * @reason: why
   *
   * A tracee has stopped for a reason that has no signal of its own, and stands
   * still until the handlers have returned; then it goes on in the mode it was
   * in, unless one has called pink_tracee_hold(). The detail is the reason's
   * nick, as in "stopped::single-step".
   *
   * "stopped::seccomp" tells of a filter of the tracee's own that asks for its
   * tracer. Whatever the handlers do, the call fails with ENOSYS, as it does in a
   * program that nobody traces; to let it be made is for the one who traces it
   * for that. It is emitted for programs that are spawned, and processes that are
   * attached to, after the first handler was connected.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_STOPPED] =
    g_signal_new ("stopped", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST | G_SIGNAL_DETAILED,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, PINK_TYPE_TRACEE, PINK_TYPE_STOP_REASON);
  /**
   * PinkTracer::detached:
   * @self: the tracer
   * @tracee: the tracee
   *
   * A tracee has been let go, and runs untraced. There is no "exited" for it.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_DETACHED] =
    g_signal_new ("detached", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, PINK_TYPE_TRACEE);
  /**
   * PinkTracer::exiting:
   * @self: the tracer
   * @tracee: the tracee
   * @wait_status: how, in the form of wait(2)
   *
   * A tracee is about to end, by itself or by a signal, and stands still until the
   * handlers have returned: its registers and its memory are still there. It cannot
   * be kept from ending; pink_tracee_hold() puts it off. #PinkTracer::exited follows.
   *
   * One that is killed may end without this. It is emitted for programs that are
   * spawned, and processes that are attached to, after the first handler was
   * connected: it makes each end dearer by a stop.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_EXITING] =
    g_signal_new ("exiting", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, PINK_TYPE_TRACEE, G_TYPE_INT);
  /**
   * PinkTracer::exited:
   * @self: the tracer
   * @tracee: the tracee
   * @wait_status: how, in the form of wait(2)
   *
   * A tracee has ended: by itself or by a signal, see #PinkTracee:exit-code and
   * #PinkTracee:term-signal.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_EXITED] =
    g_signal_new ("exited", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, PINK_TYPE_TRACEE, G_TYPE_INT);
  /**
   * PinkTracer::tracee-lost:
   * @self: the tracer
   * @tracee: the tracee
   * @error: why; %PINK_TRACER_ERROR_TASK_DIED
   *
   * A tracee is gone because somebody has killed the tracer task from outside.
   * There is no "exited" for it.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_TRACEE_LOST] =
    g_signal_new ("tracee-lost", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, PINK_TYPE_TRACEE, G_TYPE_ERROR);
  /**
   * PinkTracer::finished:
   * @self: the tracer
   *
   * No tracee is left. More can be spawned, also from a handler of this.
   *
   * Since: 1.0
   */
  _pink_tracer_signals[PINK_SIGNAL_FINISHED] =
    g_signal_new ("finished", PINK_TYPE_TRACER, G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}
