/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Recorded calls about signals; see calls.c.
 */
#include "calls.h"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/fcntl.h>

struct action
{
#ifdef __mips__
  unsigned int  flags;
  void         *handler;
#else
  void         *handler;
  unsigned long flags;
# ifdef SA_RESTORER
  void         *restorer;
# endif
#endif
  unsigned long mask[SET_BYTES / sizeof (unsigned long)];
};

static unsigned long *
set (unsigned a, unsigned b, unsigned c)
{
  unsigned long *words = room (SET_BYTES);

  set_bit (words, a - 1);
  set_bit (words, b - 1);
  set_bit (words, c - 1);
  return words;
}

static void
call_action (void)
{
  struct action *action;

  clear ();
  action = room (sizeof *action);
  action->handler = (void *) 0x12340;
  action->flags = SA_SIGINFO | SA_RESTART | SA_NODEFER | SA_ONSTACK;
  set_bit (action->mask, SIGUSR2 - 1);
  set_bit (action->mask, SIGTERM - 1);
  set_bit (action->mask, 34);
  CALL (__NR_rt_sigaction, SIGUSR1, action, room (sizeof *action), SET_BYTES);
  clear ();
  action = room (sizeof *action);
  action->handler = SIG_IGN;
  action->flags = SA_RESETHAND | SA_NOCLDSTOP;
  CALL (__NR_rt_sigaction, SIGUSR1, action, room (sizeof *action), SET_BYTES);
  clear ();
  action = room (sizeof *action);
  CALL (__NR_rt_sigaction, SIGUSR1, action, NULL, SET_BYTES);
}

static void
call_masks (void)
{
  clear ();
  CALL (__NR_rt_sigprocmask, SIG_BLOCK, set (SIGUSR1, SIGCHLD, SIGURG), room (SET_BYTES), SET_BYTES);
  clear ();
  CALL (__NR_rt_sigprocmask, SIG_SETMASK, set (SIGUSR1, SIGCHLD, 40), room (SET_BYTES), SET_BYTES);
  clear ();
  CALL (__NR_kill, getpid (), SIGUSR1);
  clear ();
  CALL (__NR_rt_sigpending, room (SET_BYTES), SET_BYTES);
  clear ();
  CALL (__NR_rt_sigtimedwait, set (SIGUSR1, SIGUSR1, SIGUSR1), room (128), timespec (0, 5), SET_BYTES);
  clear ();
  CALL (__NR_rt_sigtimedwait, set (SIGUSR1, SIGSYS, SIGPWR), room (128), timespec (0, 5), SET_BYTES);
  clear ();
  CALL (__NR_signalfd4, -1, set (SIGCHLD, SIGIO, SIGWINCH), SET_BYTES, O_CLOEXEC | O_NONBLOCK);
}

void
call_signals (void)
{
  const stack_t stack = { .ss_sp = (void *) 0x12340, .ss_size = 0x10000 };

  call_action ();
  call_masks ();
  clear ();
  CALL (__NR_sigaltstack, bytes (&stack, sizeof stack), room (sizeof stack));
  clear ();
  CALL (__NR_kill, 0x7ffffff0, SIGSTOP);
  clear ();
  CALL (__NR_tgkill, 0x7ffffff0, 0x7ffffff0, SIGTSTP);
}
