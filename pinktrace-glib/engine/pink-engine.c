/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The main context's side of the engine: what the objects call.
 */
#include "pink-engine-private.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

/* The keeper calls a handful of small functions; the rest is thread-local storage. */
#define KEEPER_STACK_SIZE (128 * 1024)

static bool
forced (const char *what)
{
  const char *list = getenv ("PINKTRACE_FORCE");
  size_t length = strlen (what);

  while (list != NULL && *list != '\0')
    {
      size_t word = strcspn (list, ",");

      if (word == length && strncmp (list, what, length) == 0)
        return true;
      list += word + (list[word] == ',');
    }
  return false;
}

/* By the answer, by a file of /proc, by what a child or a program inherits. */
static bool
may_look (const char *name)
{
  static const char * const names[] = {
    "sched_getaffinity", "sched_setaffinity", "execve", "execveat", "exit", "exit_group",
    "read", "readv", "pread64", "preadv", "preadv2", "sendfile", "sendfile64", "splice",
    "io_uring_enter", "io_submit",
  };

  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp (name, names[i]) == 0)
      return true;
  return false;
}

static void
init_spin (PinkEngine *engine, PinkSpin *spin)
{
  pink_spin_init (spin);
  spin->never = spin->never || engine->force_sleep;
  spin->always = engine->force_spin;
}

/* A task maps memory behind the sanitizers' backs, and they take it for what was
 * there before, if they were not told that it went: ThreadSanitizer by munmap(),
 * of whole pages, AddressSanitizer of the frames on the stack of a task that has
 * ended in the midst of them. */
static void
unmap (void *memory, size_t size)
{
  size_t page = (size_t) sysconf (_SC_PAGESIZE);

  ASAN_UNPOISON_MEMORY_REGION (memory, size);
  munmap (memory, (size + page - 1) / page * page);
}

/* A number that a fork()ed copy finds to be 0 (Linux 4.14), for less than a call. */
static atomic_int *
make_mark (void)
{
  atomic_int *mark = mmap (NULL, sizeof *mark, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (mark == MAP_FAILED)
    return NULL;
  if (madvise (mark, (size_t) sysconf (_SC_PAGESIZE), MADV_WIPEONFORK) != 0)
    {
      unmap (mark, sizeof *mark);
      return NULL;
    }
  atomic_init (mark, 1);
  return mark;
}

PinkEngine *
pink_engine_new (void)
{
  unsigned n_rows = pink_arch_n_syscalls ();
  PinkEngine *engine = calloc (1, sizeof *engine + n_rows + 1);

  if (engine == NULL)
    return NULL;

  engine->bell = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (engine->bell < 0)
    {
      free (engine);
      return NULL;
    }

  atomic_init (&engine->refs, 1);
  engine->n_rows = n_rows;
  for (unsigned row = 0; row < n_rows; row++)
    {
      const char *name = pink_arch_syscall (row)->name;

      if (may_look (name))
        atomic_init (&engine->handled[row], PINK_MAY_LOOK);
      if (strcmp (name, "clone") == 0 || strcmp (name, "clone2") == 0 || strcmp (name, "clone3") == 0)
        atomic_init (&engine->handled[row], PINK_WATCHED_CLONE | PINK_MAKES_CHILD | PINK_MAY_LOOK);
      else if (strcmp (name, "fork") == 0 || strcmp (name, "vfork") == 0)
        atomic_init (&engine->handled[row], PINK_MAKES_CHILD | PINK_MAY_LOOK);
    }
  engine->owner = getpid ();
  engine->is_original = make_mark ();
  engine->follow_forks = true;
  engine->exit_kill = true;
  engine->force_fork = forced ("fork");
  engine->force_regset = forced ("regset");
  engine->force_sleep = forced ("sleep");
  engine->force_spin = forced ("spin");
  engine->force_wrap = forced ("wrap");
  init_spin (engine, &engine->spin);
  engine->force_set_regset = forced ("set-regset");
  if (forced ("task-memory"))
    engine->without = PINK_WITHOUT_OWN;
  if (forced ("mem"))
    engine->without = PINK_WITHOUT_OWN | PINK_WITHOUT_VM;
  if (forced ("words"))
    engine->without = PINK_WITHOUT_OWN | PINK_WITHOUT_VM | PINK_WITHOUT_MEM;
  return engine;
}

PinkEngine *
pink_engine_ref (PinkEngine *engine)
{
  atomic_fetch_add_explicit (&engine->refs, 1, memory_order_relaxed);
  return engine;
}

static void
free_task (PinkTask *task)
{
  if (task->stack != NULL)
    unmap (task->stack, task->stack_size);
  if (task->report != NULL)
    unmap (task->report, sizeof *task->report);
  pink_slots_unmap (task);
  pink_ring_free (task);
  unmap (task, sizeof *task);
}

/* The last reference may be a keeper's: no descriptor is closed here, because
 * keepers have a table of their own. */
void
pink_engine_unref (PinkEngine *engine)
{
  PinkMsg *msg, *ended = NULL;

  if (atomic_fetch_sub_explicit (&engine->refs, 1, memory_order_acq_rel) != 1)
    return;

  /* Other messages lie inside the tasks: none may be freed before all are seen. */
  for (msg = pink_inbox_take (&engine->inbox); msg != NULL;)
    {
      PinkMsg *next = msg->next;

      if (msg->kind == PINK_MSG_TASK_ENDED)
        {
          msg->next = ended;
          ended = msg;
        }
      msg = next;
    }
  while (ended != NULL)
    {
      msg = ended;
      ended = msg->next;
      free_task (msg->owner);
    }
  pink_rules_free (atomic_load_explicit (&engine->rules, memory_order_relaxed));
  if (engine->is_original != NULL)
    unmap (engine->is_original, sizeof *engine->is_original);
  free (engine);
}

static void
close_bell (PinkTask *task)
{
  /* The numbers stay: the task knows its own descriptor by them. */
  if (!task->bell_closed)
    {
      close (task->bell[0]);
      close (task->bell[1]);
    }
  task->bell_closed = true;
}

void
pink_engine_close (PinkEngine *engine)
{
  if (pink_engine_is_ours (engine))
    for (PinkTask *task = engine->tasks; task != NULL; task = task->next)
      {
        atomic_store_explicit (&task->quit, true, memory_order_release);
        if (!task->bell_closed)
          pink_ring (task->bell[1]);
      }
  /* In a fork()ed copy the descriptors are the copy's own. */
  for (PinkTask *task = engine->tasks; task != NULL; task = task->next)
    close_bell (task);
  close (engine->bell);
  engine->tasks = NULL;
  pink_engine_unref (engine);
}

bool
pink_engine_is_ours (PinkEngine *engine)
{
  return engine->is_original != NULL ? atomic_load_explicit (engine->is_original, memory_order_relaxed) != 0
                                     : engine->owner == getpid ();
}

int
pink_engine_get_bell (PinkEngine *engine)
{
  return engine->bell;
}

void
pink_engine_silence (PinkEngine *engine)
{
  uint64_t rings;

  PINK_SYS3 (SYS_read, engine->bell, &rings, sizeof rings);
}

PinkMsg *
pink_engine_take (PinkEngine *engine)
{
  return pink_inbox_take (&engine->inbox);
}

bool
pink_engine_has_messages (PinkEngine *engine)
{
  return !pink_inbox_is_empty (&engine->inbox);
}

void
pink_engine_is_awake (PinkEngine *engine)
{
  pink_spin_wake (&engine->spin);
}

bool
pink_engine_may_sleep (PinkEngine *engine, bool look)
{
  if (look && pink_spin_look (&engine->spin, &engine->inbox))
    return false;
  return pink_spin_may_sleep (&engine->spin, &engine->inbox);
}

void
pink_engine_put_back (PinkEngine *engine, PinkMsg *msgs)
{
  while (msgs != NULL)
    {
      PinkMsg *next = msgs->next;

      pink_inbox_push (&engine->inbox, msgs);
      msgs = next;
    }
}

void
pink_engine_set_handled (PinkEngine *engine, unsigned row, uint8_t handled)
{
  uint8_t watched = pink_engine_get_handled (engine, row) & (PINK_ALWAYS_KNOWN | PINK_HAS_RULES);

  atomic_store_explicit (&engine->handled[row], handled | watched, memory_order_relaxed);
}

uint8_t
pink_engine_get_handled (PinkEngine *engine, unsigned row)
{
  return atomic_load_explicit (&engine->handled[row], memory_order_relaxed);
}

void
pink_engine_set_measure_cpu (PinkEngine *engine, bool measure)
{
  atomic_store_explicit (&engine->measure_cpu, measure, memory_order_relaxed);
}

void
pink_engine_set_signal_handled (PinkEngine *engine, unsigned signal, bool handled)
{
  atomic_uint *word = &engine->signals_handled[(signal - 1) / 32];
  unsigned bit = 1U << (signal - 1) % 32;

  if (handled)
    atomic_fetch_or_explicit (word, bit, memory_order_relaxed);
  else
    atomic_fetch_and_explicit (word, ~bit, memory_order_relaxed);
}

void
pink_engine_set_stops_handled (PinkEngine *engine, unsigned bits)
{
  atomic_store_explicit (&engine->stops_handled, bits, memory_order_relaxed);
}

void
pink_engine_set_follow_forks (PinkEngine *engine, bool follow)
{
  engine->follow_forks = follow;
}

/* From registers alone a call of int $0x80 looks like another one. */
bool
pink_engine_may_filter (PinkEngine *engine)
{
  return !engine->force_regset && !RUNNING_ON_VALGRIND;
}

void
pink_engine_set_exit_kill (PinkEngine *engine, bool exit_kill)
{
  engine->exit_kill = exit_kill;
}

/* ---- spawning ---- */

/* [guard][the task's stack][guard][the child's stack] */
static bool
make_stacks (PinkTask *task)
{
  size_t guard = (size_t) sysconf (_SC_PAGESIZE);
  size_t size = 2 * (guard + PINK_STACK_SIZE);
  char *stack = mmap (NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (stack == MAP_FAILED)
    return false;
  task->stack = stack;
  task->stack_size = size;
  return mprotect (stack + guard, PINK_STACK_SIZE, PROT_READ | PROT_WRITE) == 0 &&
         mprotect (stack + size - PINK_STACK_SIZE, PINK_STACK_SIZE, PROT_READ | PROT_WRITE) == 0;
}

static PinkTask *
new_task (PinkEngine *engine, PinkLaunch *launch)
{
  PinkTask *task = mmap (NULL, sizeof *task, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  void *report;

  if (task == MAP_FAILED)
    return NULL;

  task->bell_closed = pipe2 (task->bell, O_CLOEXEC | O_NONBLOCK) != 0;
  report = mmap (NULL, sizeof *task->report, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  task->report = report == MAP_FAILED ? NULL : report;
  if (task->bell_closed || task->report == NULL || !make_stacks (task))
    {
      int error = errno;

      close_bell (task);
      free_task (task);
      errno = error;
      return NULL;
    }

  task->engine = engine;
  task->application = engine->owner;
  task->launch = launch;
  task->no_syscall_info = engine->force_regset;
  init_spin (engine, &task->spin);
  task->no_set_info = engine->force_regset || engine->force_set_regset;
  task->ended_msg = (PinkMsg) { .owner = task, .kind = PINK_MSG_TASK_ENDED };
  task->follow_forks = engine->follow_forks;
  task->exit_kill = engine->exit_kill;
  task->filtered = launch != NULL && launch->filter != NULL;
  if (engine->records && !pink_task_make_ring (task))
    {
      close_bell (task);
      free_task (task);
      errno = ENOMEM;
      return NULL;
    }
  return task;
}

/* The keeper is born with every signal blocked, by pthread_sigmask: blocked by
 * the raw call, glibc's own signal for setuid() would be, too, and hang it. */
static int
start_keeper (PinkTask *task)
{
  pthread_attr_t attr;
  pthread_t thread;
  sigset_t all, mask;
  int error;

  sigfillset (&all);
  pthread_attr_init (&attr);
  pthread_attr_setdetachstate (&attr, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize (&attr, KEEPER_STACK_SIZE);
  pthread_sigmask (SIG_SETMASK, &all, &mask);
  if (task->launch != NULL)
    task->launch->mask = mask;
  error = pthread_create (&thread, &attr, pink_keeper_main, task);
  if (error == EINVAL) /* the program has more thread-local storage than that */
    {
      pthread_attr_destroy (&attr);
      pthread_attr_init (&attr);
      pthread_attr_setdetachstate (&attr, PTHREAD_CREATE_DETACHED);
      error = pthread_create (&thread, &attr, pink_keeper_main, task);
    }
  pthread_sigmask (SIG_SETMASK, &mask, NULL);
  pthread_attr_destroy (&attr);
  return error;
}

/* The task, once it has said that it has its first tracee; NULL where it has none. */
static PinkTask *
start_task (PinkEngine *engine, PinkLaunch *launch, pid_t pid, PinkLaunchResult *result)
{
  PinkTask *task = new_task (engine, launch);
  int error;

  if (task == NULL)
    {
      *result = (PinkLaunchResult) { .stage = PINK_STAGE_PREPARE, .error = errno };
      return NULL;
    }

  task->attach_to = pid;
  pink_engine_ref (engine);
  error = start_keeper (task);
  if (error != 0)
    {
      *result = (PinkLaunchResult) { .stage = PINK_STAGE_PREPARE, .error = error };
      close_bell (task);
      free_task (task);
      pink_engine_unref (engine);
      return NULL;
    }

  task->next = engine->tasks;
  engine->tasks = task;

  /* Bounded: exec succeeds or fails, or the keeper sees the task end. */
  while (atomic_load_explicit (&task->result_known, memory_order_acquire) == 0)
    pink_futex_wait (&task->result_known, 0, NULL);

  *result = task->result;
  /* Whoever tries again and again must not run out of descriptors before the
   * main context comes to bury what has failed. */
  if (result->stage != PINK_STAGE_NONE)
    close_bell (task);
  return result->stage == PINK_STAGE_NONE ? task : NULL;
}

PinkSlot *
pink_engine_spawn (PinkEngine *engine, PinkLaunch *launch, PinkLaunchResult *result)
{
  PinkTask *task = start_task (engine, launch, 0, result);

  return task != NULL ? task->first : NULL;
}

bool
pink_engine_attach (PinkEngine *engine, pid_t pid, PinkLaunchResult *result)
{
  return start_task (engine, NULL, pid, result) != NULL;
}

void
pink_engine_bury_task (PinkEngine *engine, PinkTask *task,
                       void (*func) (PinkSlot *slot, void *data), void *data)
{
  for (PinkTask **link = &engine->tasks; *link != NULL; link = &(*link)->next)
    if (*link == task)
      {
        *link = task->next;
        break;
      }
  pink_slots_for_each_known (task, func, data);
  close_bell (task);
  free_task (task);
}

/* ---- slots ---- */

PinkTask *
pink_slot_get_task (PinkSlot *slot)
{
  return slot->task;
}

pid_t
pink_slot_get_tid (PinkSlot *slot)
{
  return slot->born_tid;
}

pid_t
pink_slot_get_tgid (PinkSlot *slot)
{
  return slot->tgid;
}

PinkBirth
pink_slot_get_birth (PinkSlot *slot)
{
  return slot->birth;
}

bool
pink_slot_is_first (PinkSlot *slot)
{
  return slot == slot->task->first;
}

bool
pink_slot_in_group_stop (PinkSlot *slot)
{
  return atomic_load_explicit (&slot->in_group_stop, memory_order_relaxed);
}

bool
pink_slot_lives_on (PinkSlot *slot)
{
  return slot->task->attach_to != 0 || !slot->task->exit_kill;
}

PinkSlot *
pink_slot_get_parent (PinkSlot *slot)
{
  return slot->parent;
}

pid_t
pink_slot_get_superseder (PinkSlot *slot)
{
  return slot->superseder;
}

const PinkStop *
pink_slot_get_stop (PinkSlot *slot)
{
  return &slot->stop;
}

int
pink_slot_get_status (PinkSlot *slot)
{
  return slot->wait_status;
}

bool
pink_slot_is_ours (PinkSlot *slot)
{
  return pink_engine_is_ours (slot->task->engine);
}

bool
pink_slot_has_ended (PinkSlot *slot)
{
  return atomic_load_explicit (&slot->ended, memory_order_acquire);
}

void *
pink_slot_get_user (PinkSlot *slot)
{
  return slot->user;
}

void
pink_slot_set_user (PinkSlot *slot, void *user)
{
  slot->user = user;
}

bool
pink_slot_was_detached (PinkSlot *slot)
{
  return slot->detached;
}

void *
pink_slot_get_siginfo (PinkSlot *slot)
{
  return slot->siginfo;
}

bool
pink_slot_may_be_read (PinkSlot *slot)
{
  return !(slot->task->engine->without & PINK_WITHOUT_OWN);
}

PinkMode
pink_slot_get_mode (PinkSlot *slot)
{
  return slot->mode;
}

/* In a fork()ed copy nobody takes it out of the inbox, and the bell is the other
 * process's. */
static void
send_to_task (PinkTask *task, PinkMsg *msg)
{
  if (!pink_engine_is_ours (task->engine))
    return;
  if (pink_spin_push (&task->spin, &task->inbox, msg))
    pink_ring (task->bell[1]);
}

void
pink_slot_resume (PinkSlot *slot, PinkMode mode, int signal, bool changed_siginfo)
{
  slot->answer.mode = mode;
  slot->answer.signal = signal;
  slot->answer.changed_siginfo = changed_siginfo;
  send_to_task (slot->task, &slot->answer_msg);
}

void
pink_slot_change (PinkSlot *slot, const PinkChanges *changes)
{
  slot->answer.changes = *changes;
}

void
pink_slot_set_blob (PinkSlot *slot, void *blob, size_t size)
{
  free (slot->blob);
  slot->blob = blob;
  slot->blob_size = size;
}

long
pink_slot_inject (PinkSlot *slot, PinkInjection *injection)
{
  long error;

  slot->injection = injection;
  error = pink_slot_request (slot, PINK_REQUEST_INJECT, 0, injection, NULL);
  if (error != 0)
    free (pink_slot_take_injection (slot));
  return error;
}

PinkInjection *
pink_slot_take_injection (PinkSlot *slot)
{
  PinkInjection *injection = slot->injection;

  slot->injection = NULL;
  return injection;
}

void
pink_slot_release (PinkSlot *slot)
{
  pink_slot_set_blob (slot, NULL, 0);
  free (pink_slot_take_injection (slot));
  /* The last answer may still be on its way. */
  send_to_task (slot->task, &slot->release_msg);
}

long
pink_slot_request (PinkSlot *slot, PinkRequestKind kind, uint64_t argument,
                   void *data, size_t *size)
{
  const struct timespec look_again = { .tv_nsec = 50 * 1000 * 1000 };
  PinkTask *task = slot->task;
  PinkRequest request = { .slot = slot, .kind = kind, .argument = argument, .data = data,
                          .size = size != NULL ? *size : 0 };

  if (!pink_engine_is_ours (task->engine))
    return -ESRCH;
  request.msg = (PinkMsg) { .owner = &request, .kind = PINK_MSG_REQUEST };
  send_to_task (task, &request.msg);
  while (atomic_load_explicit (&request.done, memory_order_acquire) == 0)
    {
      if (atomic_load_explicit (&task->gone, memory_order_acquire))
        {
          /* Nobody will look at it any more, also not at what points to it. */
          pink_inbox_take (&task->inbox);
          return -ESRCH;
        }
      pink_futex_wait (&request.done, 0, &look_again);
    }
  if (size != NULL)
    *size = request.size;
  return request.result;
}
