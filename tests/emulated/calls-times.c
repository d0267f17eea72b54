/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Recorded calls about time, and those that wait; see calls.c.
 */
#include "calls.h"

#include <asm/poll.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/timex.h>

struct old_timeval
{
  __kernel_long_t tv_sec;
  __kernel_long_t tv_usec;
};

struct old_itimer
{
  __kernel_long_t interval[2];
  __kernel_long_t value[2];
};

#ifdef __NR_clock_gettime64
static void
call_wide_clocks (void)
{
  const struct __kernel_timespec wide = { 0x100000000ll, -1 };

  clear ();
  CALL (__NR_clock_gettime64, CLOCK_REALTIME, room (16));
  clear ();
  CALL (__NR_clock_settime64, CLOCK_MONOTONIC, bytes (&wide, sizeof wide));
}
#endif

static void
call_clocks (void)
{
  const struct old_timeval time = { 5, 600000 };

  clear ();
  CALL (__NR_clock_gettime, CLOCK_REALTIME, room (16));
  clear ();
  CALL (__NR_clock_getres, CLOCK_MONOTONIC_COARSE, room (16));
  clear ();
  CALL (__NR_clock_settime, CLOCK_BOOTTIME, timespec (1000000000, 7));
#ifdef __NR_clock_gettime64
  call_wide_clocks ();
#endif
  clear ();
  CALL (__NR_nanosleep, timespec (0, 1000), room (16));
  clear ();
  CALL (__NR_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, timespec (0, 999999999), room (16));
  clear ();
  CALL (__NR_gettimeofday, room (16), NULL);
  clear ();
  CALL (__NR_settimeofday, bytes (&time, sizeof time), (void *) 1);
  clear ();
  CALL (__NR_adjtimex, room (sizeof (struct timex)));
}

static void
call_timers (void)
{
  const struct old_itimer itimer = { { 1, 2 }, { 0x7000000, 4 } };
  struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
  int *id;

  event.sigev_value.sival_int = 0x1234;
  clear ();
  CALL (__NR_setitimer, ITIMER_VIRTUAL, bytes (&itimer, sizeof itimer), room (sizeof itimer));
  clear ();
  CALL (__NR_timer_create, CLOCK_MONOTONIC, bytes (&event, sizeof event), id = room (sizeof *id));
  int timer = *id;
  clear ();
  CALL (__NR_timer_settime, timer, TIMER_ABSTIME, bytes (&itimer, sizeof itimer), room (sizeof itimer));
  clear ();
  CALL (__NR_timerfd_settime, -1, 0, bytes (&itimer, sizeof itimer), room (sizeof itimer));
}

void
call_times (void)
{
  call_clocks ();
  call_timers ();
}

/* ---- waiting ---- */

static void
call_epoll (int fd)
{
  struct epoll_event event = { .events = EPOLLIN | EPOLLET | EPOLLRDHUP, .data = 0x1122334455667788ull };
  int epoll;

  clear ();
  epoll = CALL (__NR_epoll_create1, EPOLL_CLOEXEC);
  clear ();
  CALL (__NR_epoll_ctl, epoll, EPOLL_CTL_ADD, fd, bytes (&event, sizeof event));
  clear ();
  CALL (__NR_epoll_pwait, epoll, room (4 * sizeof event), 4, 0, NULL, SET_BYTES);
  syscall (__NR_close, epoll);
}

static void
call_select (int fd)
{
  unsigned long *set;
  void *mask[2] = { NULL, (void *) SET_BYTES };

  clear ();
  mask[0] = room (SET_BYTES);
  set_bit (mask[0], SIGALRM - 1);
  set = room (128);
  set_bit (set, fd);
  set_bit (set, 0);
  CALL (__NR_pselect6, fd + 1, set, NULL, NULL, timespec (0, 1000), bytes (mask, sizeof mask));
}

static void
call_poll (int fd)
{
  const struct pollfd fds[] = { { fd, POLLIN | POLLRDNORM | POLLPRI, 0 }, { 77, POLLOUT | POLLWRBAND, 0 } };
  unsigned long *set;

#ifdef __NR_poll
  clear ();
  CALL (__NR_poll, bytes (fds, sizeof fds), 2, 0);
#endif
  clear ();
  set = room (SET_BYTES);
  set_bit (set, SIGALRM - 1);
  CALL (__NR_ppoll, bytes (fds, sizeof fds), 2, timespec (0, 1000), set, SET_BYTES);
}

void
call_waiting (void)
{
  int fds[2];

  clear ();
  syscall (__NR_pipe2, fds, 0);
  CALL (__NR_pipe2, room (8), O_CLOEXEC | O_NONBLOCK);
#ifdef __NR_pipe
  clear ();
  CALL (__NR_pipe, room (8));
#endif
  call_epoll (fds[1]);
  syscall (__NR_write, fds[1], "x", 1);
  call_epoll (fds[0]);
  call_select (fds[0]);
  call_poll (fds[0]);
  clear ();
  CALL (__NR_futex, room (4), FUTEX_WAIT_PRIVATE, 0, timespec (0, 1000));
  clear ();
  CALL (__NR_futex, room (4), FUTEX_WAKE, 1);
  clear ();
  CALL (__NR_eventfd2, 7, O_CLOEXEC | O_NONBLOCK);
}
