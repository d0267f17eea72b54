/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Recorded calls about processes and the system; see calls.c.
 */
#include "calls.h"

#include <asm/siginfo.h>
#include <asm/signal.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/time.h>
#include <linux/wait.h>

static int
child (int status, int signal)
{
  int pid = fork ();

  if (pid == 0)
    {
      if (signal != 0)
        syscall (__NR_kill, getpid (), signal);
      _exit (status);
    }
  return pid;
}

static void
call_wait (void)
{
  int pid = child (7, 0);

  clear ();
  CALL (__NR_wait4, pid, room (4), 0, room (256));
  pid = child (0, SIGKILL);
  clear ();
  CALL (__NR_waitid, P_PID, pid, room (128), WEXITED, room (256));
  clear ();
  CALL (__NR_wait4, -1, room (4), WNOHANG | __WALL, NULL);
}

static void
call_limits (void)
{
  const __u64 limits[2] = { 50, 60 };

#ifdef __NR_ugetrlimit
  clear ();
  CALL (__NR_ugetrlimit, RLIMIT_NOFILE, room (16));
#endif
#ifdef __NR_getrlimit
  clear ();
  CALL (__NR_getrlimit, RLIMIT_AS, room (16));
  clear ();
  CALL (__NR_getrlimit, RLIMIT_NPROC, room (16));
#endif
  clear ();
  CALL (__NR_prlimit64, 0, RLIMIT_MEMLOCK, bytes (limits, sizeof limits), room (16));
  clear ();
  CALL (__NR_getrusage, RUSAGE_SELF, room (256));
}

static void
call_credentials (void)
{
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  const int groups[] = { 5, 70000 };
  const unsigned short narrow[] = { 5, 7 };

#ifdef __NR_setgroups32
  clear ();
  CALL (__NR_setgroups32, 2, bytes (groups, sizeof groups));
  clear ();
  CALL (__NR_setgroups, 2, bytes (narrow, sizeof narrow));
#else
  (void) narrow;
  clear ();
  CALL (__NR_setgroups, 2, bytes (groups, sizeof groups));
#endif
  clear ();
  CALL (__NR_getgroups, 8, room (32));
  clear ();
  CALL (__NR_getresuid, room (4), room (4), room (4));
  clear ();
  CALL (__NR_setresgid, 0, -1, -1);
  clear ();
  CALL (__NR_capget, bytes (&header, sizeof header), room (24));
}

/* No kernel knows this flag, so the program is never used. */
static void
call_seccomp (void)
{
  const struct sock_filter filter[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, 4), BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, 0xc000003e, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 13), BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct { unsigned short length; struct sock_filter *filter; } program = { 4, NULL };

  clear ();
  program.filter = bytes (filter, sizeof filter);
  CALL (__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0x40000000, bytes (&program, sizeof program));
}

void
call_processes (void)
{
  unsigned long *mask;

  call_wait ();
  call_limits ();
  call_credentials ();
  call_seccomp ();
  clear ();
  CALL (__NR_uname, room (400));
  clear ();
  CALL (__NR_sysinfo, room (128));
  clear ();
  mask = room (16);
  set_bit (mask, 0);
  CALL (__NR_sched_setaffinity, 0, 16, mask);
  clear ();
  CALL (__NR_sched_getaffinity, 0, 128, room (128));
  clear ();
  CALL (__NR_sched_setscheduler, 0, SCHED_BATCH, room (4));
  clear ();
  CALL (__NR_prctl, PR_SET_NAME, text ("marked"), 0, 0, 0);
  clear ();
  CALL (__NR_prctl, PR_SET_PDEATHSIG, SIGCHLD, 0, 0, 0);
  clear ();
  CALL (__NR_prctl, PR_GET_PDEATHSIG, room (4), 0, 0, 0);
  clear ();
  CALL (__NR_personality, 0xffffffff);
  clear ();
  CALL (__NR_unshare, CLONE_FS | CLONE_FILES);
}
