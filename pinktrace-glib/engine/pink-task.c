/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The tracer task: a process to the kernel, in the application's memory. It
 * starts one program, then sleeps until a tracee stops, the main context
 * answers, or the application is gone.
 *
 * No allocation and no lock here: see pink-engine-private.h.
 */
#include "pink-engine-private.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#define FOLLOW_OPTIONS \
  (PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEVFORKDONE)

/* A look with wait4(-1) goes through all tracees until it finds one that has stopped:
 * 44 microseconds for a thousand, and then the caches are full of them. What the looks
 * take beyond this is done at most so often, in parts of that time. */
#define CHEAP_LOOK_NS 2000
#define SCAN_SHARE 80
#define SLICE_NS 100000 /* the shortest there is */
#define SHORTEST_REST_NS 100000
#define LONGEST_REST_NS 4000000 /* another may have had the CPU meanwhile */
#define FEW 16                  /* with whom it is no matter */
#define TURN_AFTER 8            /* scans that had no end */
#define VALGRIND_LOOK_NS 5000000

void
pink_task_report (PinkTask *task, PinkStage stage, int error, int detail)
{
  if (atomic_load_explicit (&task->result_known, memory_order_relaxed) != 0)
    return;
  task->result = (PinkLaunchResult) { .stage = stage, .error = error, .detail = detail };
  atomic_store_explicit (&task->result_known, 1, memory_order_release);
  pink_futex_wake (&task->result_known);
}

void
pink_task_ring (PinkTask *task)
{
  pink_ring (task->engine->bell);
}

static void __attribute__ ((noreturn))
leave (void)
{
  for (;;)
    PINK_SYS1 (SYS_exit, 0);
}

/* With the application dies its task: told by the kernel, and, because that
 * signal is sent with the rights of the dying (none, after a setuid()), by the
 * end of the pipe. The pipe alone under valgrind, which ends the keeper first and
 * would then wait for ever for a task that is killed instead of leaving. Where tracees
 * live on, the task is told by a signal that it takes when it has come to the end of
 * what it does: see pink-narrow.c. */
static void
become_task (PinkTask *task)
{
  uint64_t all[2] = { ~UINT64_C (0), ~UINT64_C (0) };

  PINK_SYS4 (SYS_rt_sigprocmask, SIG_SETMASK, all, NULL, PINK_HOST_SIGSET_SIZE);
  if (!RUNNING_ON_VALGRIND)
    PINK_SYS5 (SYS_prctl, PR_SET_PDEATHSIG, task->exit_kill ? SIGKILL : SIGHUP, 0, 0, 0);
  task->pid = (pid_t) PINK_SYS0 (SYS_getpid);
  if (PINK_SYS0 (SYS_getppid) != task->application)
    leave ();
  PINK_SYS5 (SYS_prctl, PR_SET_NAME, "pink-tracer", 0, 0, 0);
}

/* Ascending, as pink_keep_only_fds() wants them. */
static void
sort_fds (int *fds, unsigned n)
{
  for (unsigned i = 1; i < n; i++)
    for (unsigned j = i; j > 0 && fds[j - 1] > fds[j]; j--)
      {
        int larger = fds[j - 1];

        fds[j - 1] = fds[j];
        fds[j] = larger;
      }
}

/* Whatever the application had set (ignored, it would lose us the ends; with
 * SA_NOCLDSTOP, the stops). Valgrind keeps one account of handlers for all that share
 * its memory, and the application's must stay in it: there the task looks around by
 * the clock, see may_sleep_so_long(). */
static void
listen_to_children (void)
{
  PinkHostSigaction action;

  if (RUNNING_ON_VALGRIND &&
      PINK_SYS4 (SYS_rt_sigaction, SIGCHLD, NULL, &action, PINK_HOST_SIGSET_SIZE) == 0 &&
      action.handler != (void *) SIG_IGN && action.handler != (void *) SIG_DFL)
    return;
  memset (&action, 0, sizeof action);
  PINK_SYS4 (SYS_rt_sigaction, SIGCHLD, &action, NULL, PINK_HOST_SIGSET_SIZE);
}

/* The set of these few signals, as the kernel has it: of words, and where they have
 * 32 bits and the high ones come first, one of 64 would be that of other signals. */
static void
set_of (unsigned long *set, const int *signals, unsigned n)
{
  const unsigned bits = 8 * sizeof set[0];

  memset (set, 0, PINK_HOST_SIGSET_SIZE);
  for (unsigned i = 0; i < n; i++)
    set[(unsigned) (signals[i] - 1) / bits] |= 1UL << (unsigned) (signals[i] - 1) % bits;
}

/* A signal says that something has come, or that the other end is gone. */
static long
be_told (PinkTask *task, int fd, int signal)
{
  struct f_owner_ex owner = { F_OWNER_TID, task->pid };
  long error = PINK_SYS3 (SYS_fcntl, fd, F_SETOWN_EX, &owner);

  if (error == 0)
    error = PINK_SYS3 (SYS_fcntl, fd, F_SETSIG, signal);
  if (error == 0)
    error = PINK_SYS3 (SYS_fcntl, fd, F_SETFL, O_ASYNC | O_NONBLOCK);
  return error;
}

static void
leave_if_alone (PinkTask *task)
{
  char byte;

  if (PINK_SYS3 (SYS_read, task->lifetime[0], &byte, 1) == 0)
    leave (); /* the application is gone; the kernel kills or frees the tracees */
}

/* After the child has taken its copy of everything: let go of the application's
 * files and directory, and listen. All that can happen is a signal, so one call
 * waits for it and takes it. */
static long
settle (PinkTask *task)
{
  int fds[3] = { task->bell[0], task->engine->bell, task->lifetime[0] };
  long error;

  listen_to_children ();
  if (RUNNING_ON_VALGRIND)
    PINK_SYS1 (SYS_unshare, CLONE_FS | CLONE_FILES | CLONE_SYSVSEM);
  sort_fds (fds, 3);
  pink_keep_only_fds (fds, 3);
  error = be_told (task, task->bell[0], SIGIO);
  if (error == 0)
    error = be_told (task, task->lifetime[0], SIGHUP);
  if (error == 0)
    leave_if_alone (task);
  return error;
}

static void
kill_and_reap (long pid)
{
  PINK_SYS2 (SYS_kill, pid, SIGKILL);
  while (PINK_SYS4 (SYS_wait4, pid, NULL, __WALL, NULL) == -EINTR)
    ;
}

/* The forked child first has to make itself dumpable; bounded by its death. If
 * somebody stops it here, it owes that stop. */
static bool
child_is_ready (PinkTask *task, long pid, int *owed_stop)
{
  const struct timespec look_again = { .tv_nsec = 20 * 1000 * 1000 };

  while (atomic_load_explicit (&task->report->ready, memory_order_acquire) == 0)
    {
      siginfo_t info;

      pink_futex_wait (&task->report->ready, 0, &look_again);
      memset (&info, 0, sizeof info);
      if (PINK_SYS5 (SYS_waitid, P_PID, pid, &info,
                     WEXITED | WSTOPPED | WNOHANG | WNOWAIT, NULL) != 0)
        return false;
      if (info.si_pid == 0)
        continue;
      if (info.si_code != CLD_STOPPED)
        return false;
      *owed_stop = info.si_status;
      PINK_SYS2 (SYS_kill, pid, SIGCONT);
    }
  return true;
}

/* An end is a stop of its own only where somebody wants it, and so is what a filter
 * of the tracee's asks: without, the kernel refuses such a call by itself. */
static long
options_of (PinkTask *task)
{
  unsigned handled = atomic_load_explicit (&task->engine->stops_handled, memory_order_relaxed);

  return PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | (task->follow_forks ? FOLLOW_OPTIONS : 0) |
         (task->filtered || (handled & (1U << PINK_STOP_SECCOMP)) ? PTRACE_O_TRACESECCOMP : 0) |
         (handled & (1U << PINK_STOP_EXITING) ? PTRACE_O_TRACEEXIT : 0);
}

/* Seizes a process that runs already. It must never die with us, so there is
 * no PTRACE_O_EXITKILL, and at our end the kernel lets it go. */
static bool
attach (PinkTask *task)
{
  long error = settle (task);

  if (error != 0)
    {
      pink_task_report (task, PINK_STAGE_TASK, (int) -error, 0);
      return false;
    }
  error = pink_attach (task, task->attach_to, options_of (task));
  pink_task_report (task, error != 0 ? PINK_STAGE_SEIZE : PINK_STAGE_NONE, (int) -error, 0);
  return error == 0;
}

/* False with the reason reported; then no child is left. */
static bool
launch (PinkTask *task)
{
  long options = options_of (task) | (task->exit_kill ? PTRACE_O_EXITKILL : 0);
  PinkSlot *slot;
  bool forked = task->engine->force_fork || task->launch->as_user ||
                PINK_SYS5 (SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0) != 1;
  PinkStage stage = PINK_STAGE_SEIZE;
  int owed_stop = 0;
  long pid, error;

  /* A child of CLONE_VM shares the dumpable flag of the application. One that
   * is off would refuse the seize, so there the child gets memory of its own. */
  pid = pink_child_start (task, forked);
  if (pid < 0)
    {
      pink_task_report (task, PINK_STAGE_FORK, (int) -pid, 0);
      return false;
    }

  error = settle (task);
  if (error != 0)
    stage = PINK_STAGE_TASK;
  else if (!child_is_ready (task, pid, &owed_stop))
    error = -ESRCH;
  else
    error = PINK_SYS4 (SYS_ptrace, PTRACE_SEIZE, pid, 0, options);
  if (error != 0)
    {
      kill_and_reap (pid);
      pink_task_report (task, stage, (int) -error, 0);
      return false;
    }

  slot = pink_slots_add (task, (pid_t) pid);
  if (slot == NULL)
    {
      kill_and_reap (pid);
      pink_task_report (task, PINK_STAGE_TASK, ENOMEM, 0);
      return false;
    }
  slot->phase = PINK_PHASE_SEIZED;
  slot->owed_stop = owed_stop;
  task->first = slot;
  task->n_alive = 1;
  atomic_store_explicit (&task->report->go, 1, memory_order_release);
  pink_futex_wake (&task->report->go);
  return true;
}

static void
serve (PinkTask *task, pid_t tid, int status, int64_t cpu_us)
{
  PinkSlot *slot = pink_slots_find (task, tid);

  if (slot != NULL && slot->phase == PINK_PHASE_GHOST)
    {
      pink_ghost_ended (task, slot);
      if (!WIFSTOPPED (status))
        return;
      slot = NULL; /* another thread has made an execve */
    }
  if (slot == NULL && status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
    slot = pink_stop_renamed (task, tid);
  if (slot == NULL || slot->phase == PINK_PHASE_STILLBORN)
    pink_birth_stranger (task, tid, status);
  else
    pink_stop_serve (task, slot, status, cpu_us);
}

/* One stop, or one end, of this tracee or (-1) of any. 0 if there is none,
 * -ECHILD if there is nobody to wait for. */
static long
wait_for (PinkTask *task, pid_t tid)
{
  bool measure = atomic_load_explicit (&task->engine->measure_cpu, memory_order_relaxed);
  struct rusage usage;
  int64_t cpu_us = -1;
  int status = 0;
  long found;

  found = PINK_SYS4 (SYS_wait4, tid, &status, __WALL | WNOHANG, measure ? &usage : NULL);
  if (tid < 0)
    task->looked_ns = pink_now_ns (CLOCK_MONOTONIC);
  if (found <= 0)
    return found;
  if (measure)
    cpu_us = usage.ru_stime.tv_sec * INT64_C (1000000) + usage.ru_stime.tv_usec;
  serve (task, (pid_t) found, status, cpu_us);
  return found;
}

/* This one's stop. True: there was nobody else whose SIGCHLD could have been lost in this
 * one's, for it is the only one there ever was, and at a call, while it gets children at
 * stops of another kind. (Of several, one that has been killed may have left a child that
 * nobody knows of.) So nobody has to be searched for. */
static bool
take_only (PinkTask *task, pid_t tid)
{
  PinkSlot *slot;

  if (wait_for (task, tid) <= 0 || task->n_slots_ever != 1)
    return false;
  slot = pink_slots_find (task, tid);
  return slot != NULL && slot->status >> 8 == (SIGTRAP | 0x80);
}

static void
vanish (PinkTask *task, PinkSlot *slot)
{
  if (slot->phase == PINK_PHASE_GHOST)
    pink_ghost_ended (task, slot);
  else if (slot->phase != PINK_PHASE_STILLBORN)
    pink_stop_vanished (task, slot);
}

static void
take_turn (PinkTask *task, PinkSlot *slot)
{
  wait_for (task, slot->tid);
}

static void
put_off_scan (PinkTask *task, int64_t cost_ns)
{
  int64_t rest = SCAN_SHARE * cost_ns;

  if (rest < SHORTEST_REST_NS)
    rest = SHORTEST_REST_NS;
  if (rest > LONGEST_REST_NS)
    rest = LONGEST_REST_NS;
  task->next_scan_ns = task->n_alive > FEW ? pink_now_ns (CLOCK_MONOTONIC) + rest : 0;
}

/* Who has stopped, as the kernel finds them, as long as they are found soon. Returns
 * whether nobody is left; how long the last, or more, was searched for in cost_ns. */
static bool
look_around (PinkTask *task, int64_t *cost_ns)
{
  unsigned most = 4 * FEW + task->n_alive;
  int64_t begin = pink_now_ns (CLOCK_MONOTONIC), cost = 0;
  long found;

  for (unsigned n = 0; n < most; n++)
    {
      found = wait_for (task, -1);
      *cost_ns = task->looked_ns - begin;
      if (found == -ECHILD)
        pink_slots_for_each_alive (task, vanish);
      if (found <= 0)
        return true;
      cost += *cost_ns - CHEAP_LOOK_NS;
      if (cost < 0)
        cost = 0;
      if (cost > 0 && task->n_alive > FEW)
        return false;
      begin = pink_now_ns (CLOCK_MONOTONIC);
    }
  *cost_ns = 0;
  return false;
}

/* SIGCHLD is not queued: one may stand for the stops of many. So a scan has to
 * follow, and with few tracees it follows at once. */
static void
scan (PinkTask *task)
{
  int64_t cost_ns;

  if (!task->unscanned || pink_now_ns (CLOCK_MONOTONIC) < task->next_scan_ns)
    return;
  task->unscanned = !look_around (task, &cost_ns);
  /* They stop faster than they are served, and the kernel always begins with the
   * youngest: in turns all come here. */
  if (task->unscanned && (cost_ns == 0 || ++task->n_cut_short % TURN_AFTER == 0))
    {
      task->n_scans++;
      pink_slots_for_each_alive (task, take_turn);
    }
  else if (!task->unscanned)
    task->n_scans++;
  if (cost_ns == 0)
    task->next_scan_ns = 0;
  else
    put_off_scan (task, cost_ns);
}

static void
take_answers (PinkTask *task)
{
  PinkMsg *msg = pink_inbox_take (&task->inbox);

  while (msg != NULL)
    {
      /* The slot may be used again as soon as it is resumed. */
      PinkMsg *next = msg->next;
      PinkSlot *slot = msg->owner;

      if (msg->kind == PINK_MSG_REQUEST)
        pink_request_serve (task, msg->owner);
      else if (msg->kind == PINK_MSG_RELEASE)
        pink_slots_free (task, slot);
      else if (!pink_slot_has_ended (slot) && !task->quitting)
        pink_stop_answered (task, slot);
      msg = next;
    }
}

/* The kernel lets a tracee go as well, but a signal that was about to be delivered
 * when it stopped would be lost. */
static void
let_go (PinkTask *task, PinkSlot *slot)
{
  int signal = 0;

  (void) task;
  if (!slot->with_main)
    return;
  if (slot->stop.kind == PINK_STOP_SIGNAL)
    signal = slot->stop.signal;
  else if (slot->stop.kind == PINK_STOP_INTERRUPT)
    signal = slot->deferred;
  PINK_SYS4 (SYS_ptrace, PTRACE_DETACH, slot->tid, 0, signal);
}

static void __attribute__ ((noreturn))
let_all_go (PinkTask *task)
{
  take_answers (task);
  pink_slots_for_each_alive (task, let_go);
  leave (); /* the kernel does the rest: those that run */
}

static void
kill_one (PinkTask *task, PinkSlot *slot)
{
  (void) task;
  /* The number of one that has ended may be another's by now. */
  if (slot->phase != PINK_PHASE_STILLBORN && slot->phase != PINK_PHASE_GHOST)
    PINK_SYS2 (SYS_kill, slot->tid, SIGKILL);
  /* Who ends already is not woken by that. */
  if (slot->with_main && slot->stop.kind == PINK_STOP_EXITING)
    PINK_SYS4 (SYS_ptrace, PTRACE_CONT, slot->tid, 0, 0);
}

/* Who has to scan later must not sleep for ever. By a timer that is set once, and not
 * by the wait's own: to set and stop one at each stop would cost more than the stop. */
static void
set_alarm (PinkTask *task)
{
  int64_t left = task->next_scan_ns - pink_now_ns (CLOCK_MONOTONIC);
  struct itimerval when = { .it_value.tv_usec = 1 };

  if (task->alarm_is_set)
    return;
  if (left > 1000)
    when.it_value.tv_usec = left / 1000; /* LONGEST_REST_NS at most */
  task->alarm_is_set = PINK_SYS3 (SYS_setitimer, ITIMER_REAL, &when, NULL) == 0;
}

/* False: until something happens. */
static bool
may_sleep_so_long (PinkTask *task, struct timespec *timeout)
{
  int64_t until = INT64_MAX, left;

  if (task->unscanned && task->next_scan_ns == 0)
    return true; /* not at all */
  if (task->n_strangers > 0)
    until = task->next_look_ns;
  if (task->n_delayed > 0 && task->next_delay_ns < until)
    until = task->next_delay_ns;
  if (RUNNING_ON_VALGRIND && until - VALGRIND_LOOK_NS > pink_now_ns (CLOCK_MONOTONIC))
    until = pink_now_ns (CLOCK_MONOTONIC) + VALGRIND_LOOK_NS;
  if (until == INT64_MAX)
    return false;
  left = until - pink_now_ns (CLOCK_MONOTONIC);
  timeout->tv_nsec = left < 0 ? 0 : left > 999999999 ? 999999999 : (long) left;
  return true;
}

/* Empty, or the next one to ring would find no room and tell nobody. */
static void
take_rings (PinkTask *task)
{
  uint64_t rings[32];

  while (PINK_SYS3 (SYS_read, task->bell[0], rings, sizeof rings) == sizeof rings)
    ;
}

static void
sleep_until_something (PinkTask *task)
{
  static const int signals[] = { SIGCHLD, SIGIO, SIGALRM, SIGHUP };
  unsigned long set[PINK_HOST_SIGSET_SIZE / sizeof (long)];
  struct timespec timeout = { 0 };
  bool has_timeout;
  siginfo_t info;

  if (task->has_asked)
    {
      task->has_asked = false;
      if (pink_spin_look (&task->spin, &task->inbox))
        return;
    }
  if (!pink_spin_may_sleep (&task->spin, &task->inbox))
    {
      pink_spin_wake (&task->spin);
      return;
    }
  if (task->unscanned && task->next_scan_ns != 0)
    set_alarm (task);
  has_timeout = may_sleep_so_long (task, &timeout);
  set_of (set, signals, sizeof signals / sizeof signals[0]);
  info.si_signo = 0;
  PINK_SYS4 (SYS_rt_sigtimedwait, set, &info, has_timeout ? &timeout : NULL, PINK_HOST_SIGSET_SIZE);
  pink_spin_wake (&task->spin);
  switch (info.si_signo)
    {
    case SIGCHLD:
      if (!take_only (task, info.si_pid))
        task->unscanned = true;
      break;
    case SIGIO:
      take_rings (task);
      break;
    case SIGALRM:
      task->alarm_is_set = false;
      break;
    case SIGHUP:
      leave_if_alone (task);
      break;
    default: /* the time is over */
      if (RUNNING_ON_VALGRIND)
        task->unscanned = true;
    }
}

/* The kernel's struct sched_attr, as it was first; its header and libc's do not go together. */
typedef struct
{
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t  nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
} SchedAttr;

/* A tracee waits for this task, which then runs for some microseconds: the scheduler is
 * told so, and lets it run before who has a longer slice (Linux 6.12, sched(7); older
 * ones do not look at it). Not before there is a child, which would inherit it. */
static void
ask_for_short_slices (void)
{
  SchedAttr attr = { .size = 0 };

  if (PINK_SYS4 (SYS_sched_getattr, 0, &attr, sizeof attr, 0) != 0 || attr.policy != SCHED_OTHER)
    return;
  attr.runtime = SLICE_NS;
  PINK_SYS3 (SYS_sched_setattr, 0, &attr, 0);
}

int
pink_task_main (void *data)
{
  PinkTask *task = data;

  become_task (task);
  if (task->launch != NULL ? !launch (task) : !attach (task))
    leave ();
  ask_for_short_slices ();

  while (task->n_alive > 0)
    {
      sleep_until_something (task);
      if (!task->quitting && atomic_load_explicit (&task->quit, memory_order_acquire))
        {
          if (task->launch == NULL || !task->exit_kill)
            let_all_go (task);
          task->quitting = true;
          pink_slots_for_each_alive (task, pink_ghost_forget);
          pink_slots_for_each_alive (task, kill_one);
        }
      scan (task);
      if (!task->quitting)
        pink_birth_adopt_strangers (task);
      take_answers (task);
      if (!task->quitting)
        pink_delay_wake (task);
    }
  leave ();
}
