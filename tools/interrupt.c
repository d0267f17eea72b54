/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "interrupt.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As strace: what was started gets the signal, all that is traced is let go, and
 * then we end by the signal ourselves. What the terminal sends to the foreground
 * goes to the program without our help. */
static struct
{
  int pid;
  int pidfd; /* -1 where the kernel has none */
  int doorbell[2];
  void (*callback) (gpointer data);
  gpointer data;
  volatile sig_atomic_t number; /* the first one; 0 before */
} state = { .pidfd = -1 };

static const int fatal_signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM };

static void
send_to_program (int number)
{
  /* Not by its pid, which may be somebody else's by now. */
  if (state.pidfd >= 0)
    syscall (SYS_pidfd_send_signal, state.pidfd, number, NULL, 0);
  else
    kill (state.pid, number);
}

static void
fatal_signal (int        number,
              siginfo_t *info,
              void      *context)
{
  int saved = errno;
  gboolean by_terminal = state.pid != 0 && info->si_code == SI_KERNEL &&
                         getpgid (state.pid) == getpgrp ();

  if (state.number != 0)
    {
      /* A tracee cannot be let go, it seems. A closed pipe, though, is known of. */
      if (number != SIGPIPE)
        {
          signal (number, SIG_DFL);
          raise (number);
        }
      errno = saved;
      return;
    }
  state.number = number;
  if (state.pid != 0 && !by_terminal)
    {
      send_to_program (SIGCONT);
      send_to_program (number);
    }
  if (write (state.doorbell[1], "", 1) < 0)
    _exit (128 + number);
  errno = saved;
}

static gboolean
doorbell_cb (int          fd,
             GIOCondition condition,
             gpointer     data)
{
  state.callback (state.data);
  return G_SOURCE_REMOVE;
}

static void
set_ignored (int number)
{
  struct sigaction action = { .sa_handler = SIG_IGN };

  sigaction (number, &action, NULL);
}

static void
set_handlers (void)
{
  struct sigaction action = { .sa_sigaction = fatal_signal, .sa_flags = SA_SIGINFO | SA_RESTART };

  for (guint i = 0; i < G_N_ELEMENTS (fatal_signals); i++)
    sigaddset (&action.sa_mask, fatal_signals[i]);
  for (guint i = 0; i < G_N_ELEMENTS (fatal_signals); i++)
    {
      struct sigaction old;

      /* nohup's is to last; a shell that starts us in the background has INT ignored. */
      if (fatal_signals[i] != SIGHUP ||
          (sigaction (SIGHUP, NULL, &old) == 0 && old.sa_handler != SIG_IGN))
        sigaction (fatal_signals[i], &action, NULL);
    }
}

void
interrupt_setup (Interrupt   mode,
                 int         pid,
                 void      (*callback) (gpointer data),
                 gpointer    data)
{
  if (mode == INTERRUPT_ANYWHERE)
    return;

  /* The program may take the terminal for itself, as a shell does. */
  set_ignored (SIGTTOU);
  set_ignored (SIGTTIN);

  if (mode != INTERRUPT_WAITING)
    {
      for (guint i = 0; i < G_N_ELEMENTS (fatal_signals); i++)
        set_ignored (fatal_signals[i]);
      if (mode == INTERRUPT_NEVER_TSTP)
        set_ignored (SIGTSTP);
      return;
    }

  state.pid = pid;
  state.callback = callback;
  state.data = data;
#ifdef SYS_pidfd_open
  if (pid != 0)
    state.pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
#endif
  if (g_unix_open_pipe (state.doorbell, FD_CLOEXEC, NULL))
    {
      g_unix_set_fd_nonblocking (state.doorbell[1], TRUE, NULL);
      g_unix_fd_add (state.doorbell[0], G_IO_IN, doorbell_cb, NULL);
      set_handlers ();
    }
}

int
interrupt_get_signal (void)
{
  return state.number;
}

void
interrupt_die (int number)
{
  struct sigaction action = { .sa_handler = SIG_DFL };
  struct rlimit no_core = { 0, 0 };
  sigset_t set;

  /* The core of the program is what is wanted, not ours over it. */
  setrlimit (RLIMIT_CORE, &no_core);
  sigaction (number, &action, NULL);
  raise (number);
  sigemptyset (&set);
  sigaddset (&set, number);
  sigprocmask (SIG_UNBLOCK, &set, NULL);

  /* Not a signal that kills, it seems. */
  exit (128 + number);
}
