/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A small tracer over arch/, for real kernels: as an ordinary program
 *
 *   tracer ABI=PROGRAM…
 *
 * or as the init of an emulated machine, where it takes /marked-* for the programs
 * and switches the machine off in the end. Each program is tests/emulated/marked.c
 * built for that ABI. The report is TAP, with the register sets of the marked calls
 * as comments: they are what the fixtures of the unit tests are made of.
 */
#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "pink-arch.h"
#include "pink-host.h"
#include "marked.h"
#include "programs.h"

#ifndef NT_ARM_SYSTEM_CALL
# define NT_ARM_SYSTEM_CALL 0x404
#endif
#define PINK_PTRACE_SET_SYSCALL 23 /* of 32-bit ARM */
#define PINK_PTRACE_SET_SYSCALL_INFO 0x4212

/* How the tracer writes. */
typedef enum
{
  BY_REGSET,
  BY_INFO /* PTRACE_SET_SYSCALL_INFO, Linux 6.16 */
} Way;

typedef struct
{
  pid_t           pid;
  const char     *abi;
  const char     *which; /* the case */
  Way             way;
  const PinkArch *arch;
  unsigned char   regs[PINK_ARCH_MAX_REGSET];
  size_t          size;
  struct __ptrace_syscall_info info;
  PinkArchEntry   entry;
} Trace;

static unsigned n_tests, n_failed;
static bool have_set_info; /* the kernel has PTRACE_SET_SYSCALL_INFO; seen at the first stop */

__attribute__ ((format (printf, 3, 4))) static void
check (const Trace *trace, bool good, const char *format, ...)
{
  va_list args;

  n_tests++;
  n_failed += !good;
  printf ("%s %u - %s: %s%s: ", good ? "ok" : "not ok", n_tests, trace->abi, trace->which,
          trace->way == BY_INFO ? " by info" : "");
  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  putchar ('\n');
}

static void
check_equal (const Trace *trace, uint64_t a, uint64_t b, const char *what)
{
  check (trace, a == b, a == b ? "%s" : "%s: %#llx, not %#llx", what, (unsigned long long) a,
         (unsigned long long) b);
}

/* ---- the kernel ---- */

static bool
read_memory (void *data, uint64_t address, void *buffer, size_t size)
{
  return read_program_memory (((const Trace *) data)->pid, address, buffer, size);
}

static bool
get_regs (Trace *trace)
{
  struct iovec io = { trace->regs, sizeof trace->regs };

  if (ptrace (PTRACE_GETREGSET, trace->pid, (void *) NT_PRSTATUS, &io) != 0)
    return false;
  trace->size = io.iov_len;
  return true;
}

static bool
set_regs (Trace *trace)
{
  struct iovec io = { trace->regs, trace->size };

  return ptrace (PTRACE_SETREGSET, trace->pid, (void *) NT_PRSTATUS, &io) == 0;
}

static bool
get_info (Trace *trace)
{
  memset (&trace->info, 0, sizeof trace->info);
  return ptrace (PTRACE_GET_SYSCALL_INFO, trace->pid, sizeof trace->info, &trace->info) > 0;
}

static bool
set_info (Trace *trace)
{
  return ptrace (PINK_PTRACE_SET_SYSCALL_INFO, trace->pid, sizeof trace->info, &trace->info) == 0;
}

static bool
set_number (Trace *trace, uint64_t number)
{
  int raw = (int) pink_arch_raw_number (trace->arch, number);
  struct iovec io = { &raw, sizeof raw };

  if (trace->way == BY_INFO)
    {
      trace->info.entry.nr = (uint64_t) (int64_t) raw;
      return set_info (trace);
    }

  switch (pink_arch_number_way (trace->arch, PINK_HOST_ARCH))
    {
    case PINK_ARCH_NUMBER_IN_REGSET:
      return pink_arch_encode_number (trace->arch, trace->regs, trace->size, number) && set_regs (trace);
    case PINK_ARCH_NUMBER_BY_SYSTEM_CALL_REGSET:
      return ptrace (PTRACE_SETREGSET, trace->pid, (void *) NT_ARM_SYSTEM_CALL, &io) == 0;
    case PINK_ARCH_NUMBER_BY_SET_SYSCALL:
      return ptrace (PINK_PTRACE_SET_SYSCALL, trace->pid, NULL, (void *) (long) raw) == 0;
    }
  return false;
}

static bool
set_argument (Trace *trace, unsigned reg, uint64_t value)
{
  if (trace->way == BY_INFO)
    {
      trace->info.entry.args[reg] = value;
      return set_info (trace);
    }
  return pink_arch_encode_arg (trace->arch, trace->regs, trace->size, reg, value) && set_regs (trace);
}

static bool
set_result (Trace *trace, int64_t value, bool is_error)
{
  if (trace->way == BY_INFO)
    {
      trace->info.exit.rval = is_error ? -value : value;
      trace->info.exit.is_error = is_error;
      return set_info (trace);
    }
  return pink_arch_encode_result (trace->arch, trace->regs, trace->size, value, is_error)
         && set_regs (trace);
}

/* ---- one stop ---- */

static void
print_regs (const Trace *trace, const char *where)
{
  printf ("# regs %s %s %s ", trace->abi, trace->which, where);
  for (size_t i = 0; i < trace->size; i++)
    printf ("%02x", trace->regs[i]);
  putchar ('\n');
}

static void
look_at_entry (Trace *trace)
{
  const PinkArch *by_size = pink_arch_from_regset (PINK_HOST_ARCH, trace->regs, trace->size);
  PinkArchEntry by_regs = { 0 };
  char path[sizeof MARKED_PATH] = "";
  const PinkArchSyscall *call;
  uint64_t address;
  size_t length;
  const int row = pink_arch_syscall_index (trace->arch, trace->entry.number);

  have_set_info = set_info (trace); /* what is there already */
  print_regs (trace, "entry");
  printf ("# entry %s %s %llu", trace->abi, trace->which, (unsigned long long) trace->info.entry.nr);
  for (unsigned i = 0; i < 6; i++)
    printf (" %#llx", (unsigned long long) trace->info.entry.args[i]);
  printf (" %#llx %#llx\n", (unsigned long long) trace->info.instruction_pointer,
          (unsigned long long) trace->info.stack_pointer);

  check (trace, by_size == trace->arch, "the register set tells the ABI, too");
  check (trace, pink_arch_decode_entry (trace->arch, trace->regs, trace->size, read_memory, trace, &by_regs),
         "register set of %zu bytes", trace->size);
  check_equal (trace, by_regs.number, trace->entry.number, "number by both ways");
  for (unsigned i = 0; i < 6; i++)
    /* Of arguments on the stack a 64-bit MIPS kernel says 0. */
    if (pink_arch_arg_address (trace->arch, trace->regs, trace->size, i, &address, &length))
      printf ("# memory %s %s %u %#llx %#llx\n", trace->abi, trace->which, i, (unsigned long long) address,
              (unsigned long long) by_regs.args[i]);
    else
      check (trace, by_regs.args[i] == trace->entry.args[i], "argument %u by both ways (%#llx, %#llx)", i,
             (unsigned long long) by_regs.args[i], (unsigned long long) trace->entry.args[i]);
  check_equal (trace, by_regs.ip, trace->info.instruction_pointer, "instruction pointer by both ways");
  check_equal (trace, by_regs.sp, trace->info.stack_pointer, "stack pointer by both ways");
  if (row < 0)
    {
      check (trace, false, "a call that is known");
      return;
    }
  call = pink_arch_syscall ((unsigned) row);
  if (strcmp (trace->which, "error") == 0)
    {
      uint64_t mask = pink_arch_word_size (trace->arch) == 4 ? UINT32_MAX : UINT64_MAX;

      check (trace, strcmp (call->name, "openat") == 0, "name: %s", call->name);
      check_equal (trace, (uint64_t) pink_arch_arg_value (trace->arch, call, 0, by_regs.args),
                   (uint64_t) -100, "descriptor");
      check (trace, read_memory (trace, by_regs.args[1], path, sizeof path)
             && strcmp (path, MARKED_PATH) == 0, "path");
      check_equal (trace, by_regs.args[2], MARKED_FLAGS, "flags");
      check_equal (trace, by_regs.args[3], MARKED_MODE, "mode");
      check_equal (trace, by_regs.args[4] & mask, (uint64_t) MARKED_FIFTH & mask, "fifth argument");
      check_equal (trace, by_regs.args[5] & mask, (uint64_t) MARKED_SIXTH & mask, "sixth argument");
    }
  else
    check (trace, strcmp (call->name, "umask") == 0 && by_regs.args[0] == 027, "umask (027)");
}

static void
look_at_exit (Trace *trace)
{
  PinkArchExit by_regs = { 0 }, by_info = { 0 };
  bool failed = strcmp (trace->which, "error") == 0;

  print_regs (trace, "exit");
  printf ("# exit %s %s %lld %d\n", trace->abi, trace->which, (long long) trace->info.exit.rval,
          trace->info.exit.is_error);

  check (trace, pink_arch_decode_exit (trace->arch, trace->regs, trace->size, &by_regs), "exit");
  pink_arch_exit_from_info (trace->arch, trace->info.exit.rval, trace->info.exit.is_error, &by_info);
  check_equal (trace, (uint64_t) by_regs.value, (uint64_t) by_info.value, "result by both ways");
  check_equal (trace, by_regs.is_error, by_info.is_error, "error or not by both ways");
  check_equal (trace, by_regs.is_error, failed, "error or not");
  check_equal (trace, (uint64_t) by_regs.value, failed ? ENOENT : 022, "result");
}

static void
at_entry (Trace *trace)
{
  if (strcmp (trace->which, "error") == 0 || strcmp (trace->which, "result") == 0)
    look_at_entry (trace);
  else if (strcmp (trace->which, "number") == 0)
    check (trace, set_number (trace, (uint64_t) pink_arch_syscall_number (trace->arch, "getpid")),
           "number changed");
  else if (strncmp (trace->which, "skip", 4) == 0)
    check (trace, set_number (trace, UINT64_MAX), "skipped");
  else if (strcmp (trace->which, "argument-0") == 0)
    check (trace, set_argument (trace, 0, 0123), "changed");
  else if (strcmp (trace->which, "argument-1") == 0)
    check (trace, set_argument (trace, 1, 57), "changed");
}

static void
at_exit (Trace *trace)
{
  if (strcmp (trace->which, "error") == 0 || strcmp (trace->which, "result") == 0)
    look_at_exit (trace);
  else if (strcmp (trace->which, "skip-error") == 0 || strcmp (trace->which, "exit-error") == 0)
    check (trace, set_result (trace, EXDEV, true), "error set");
  else if (strcmp (trace->which, "skip-result") == 0 || strcmp (trace->which, "exit-result") == 0)
    check (trace, set_result (trace, FORGED_RESULT, false), "result set");
}

/* ---- a program, once a case ---- */

static pid_t
start (const char *program, const char *which)
{
  pid_t pid;

  fflush (stdout);
  pid = fork ();
  if (pid == 0)
    {
      ptrace (PTRACE_TRACEME, 0, NULL, NULL);
      raise (SIGSTOP);
      execl (program, program, which, (char *) NULL);
      _exit (127);
    }
  return pid;
}

/* Whether it is a stop in the marked call; `marked` counts from the mark on. */
static bool
is_marked (Trace *trace, int *marked)
{
  const PinkArch *arch;

  if (!get_info (trace) || !get_regs (trace))
    return false;
  if (*marked > 0)
    return ++*marked >= 3; /* 2 is the mark's own exit, 3 entry, 4 exit */
  if (trace->info.op != PTRACE_SYSCALL_INFO_ENTRY)
    return false;

  arch = pink_arch_from_audit (trace->info.arch, trace->info.entry.nr);
  if (arch == NULL)
    return false;
  trace->arch = arch;
  pink_arch_entry_from_info (arch, trace->info.entry.nr, (const uint64_t *) trace->info.entry.args,
                             &trace->entry);
  if (pink_arch_syscall_number (arch, "dup") == (int64_t) trace->entry.number && trace->entry.args[0] == MARK)
    *marked = 1;
  return false;
}

static void
trace_case (const char *abi, const char *program, const char *which, Way way)
{
  Trace trace = { .abi = abi, .which = which, .way = way };
  int marked = 0, status;

  trace.pid = start (program, which);
  waitpid (trace.pid, &status, 0);
  ptrace (PTRACE_SETOPTIONS, trace.pid, NULL,
          (void *) (long) (PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
  ptrace (PTRACE_SYSCALL, trace.pid, NULL, NULL);

  while (waitpid (trace.pid, &status, __WALL) == trace.pid && WIFSTOPPED (status))
    {
      bool syscall_stop = WSTOPSIG (status) == (SIGTRAP | 0x80);

      if (syscall_stop && is_marked (&trace, &marked))
        {
          if (marked == 3)
            {
              pink_arch_entry_from_info (trace.arch, trace.info.entry.nr,
                                         (const uint64_t *) trace.info.entry.args, &trace.entry);
              at_entry (&trace);
            }
          else if (marked == 4)
            at_exit (&trace);
        }
      ptrace (PTRACE_SYSCALL, trace.pid, NULL,
              (void *) (long) (syscall_stop || WSTOPSIG (status) == SIGTRAP ? 0 : WSTOPSIG (status)));
    }

  check (&trace, marked >= 4, "the call was found");
  check (&trace, trace.arch != NULL && strcmp (pink_arch_name (trace.arch), abi) == 0, "ABI");
  check (&trace, WIFEXITED (status) && WEXITSTATUS (status) == 0, "the program saw it (status %#x)", status);
}

static void
try_single_step (const char *abi, const char *program)
{
  int status;
  pid_t pid = start (program, "result");

  waitpid (pid, &status, 0);
  if (ptrace (PTRACE_SINGLESTEP, pid, NULL, NULL) != 0)
    printf ("# single-step %s: %s\n", abi, errno == EIO ? "EIO" : strerror (errno));
  else
    {
      waitpid (pid, &status, 0);
      printf ("# single-step %s: %s\n", abi, WIFSTOPPED (status) ? "works" : "loses the tracee");
    }
  kill (pid, SIGKILL);
  waitpid (pid, &status, 0);
}

static void
trace_program (const char *abi, const char *program)
{
  static const char *const cases[] = {
    "error", "result", "number", "skip-error", "skip-result", "argument-0", "argument-1", "exit-result",
    "exit-error",
  };

  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
      trace_case (abi, program, cases[i], BY_REGSET);
      if (have_set_info && i >= 2)
        trace_case (abi, program, cases[i], BY_INFO);
    }
  try_single_step (abi, program);
}

/* It looks at calls that it finds itself, and reports in the same way. */
static void
run_recorder (void)
{
  pid_t pid;

  fflush (stdout);
  pid = fork ();
  if (pid == 0)
    {
      execl ("/recorder", "/recorder", (char *) NULL);
      _exit (127);
    }
  waitpid (pid, NULL, 0);
}

int
main (int argc, char **argv)
{
  struct utsname name;
  const PinkArch *host = pink_arch_get (PINK_HOST_ARCH);

  setvbuf (stdout, NULL, _IOLBF, 0);
  uname (&name);
  printf ("# host %s, kernel %s %s\n", host != NULL ? pink_arch_name (host) : "unknown", name.release,
          name.machine);

  for_programs_given (argc, argv, trace_program);
  if (getpid () == 1)
    for_programs_found ("marked-", trace_program);

  printf ("1..%u\n", n_tests);
  printf ("# %u failed\n", n_failed);
  if (getpid () == 1 && access ("/recorder", X_OK) == 0)
    run_recorder ();
  fflush (stdout);
  if (getpid () == 1)
    {
      tcdrain (1);
      reboot (RB_POWER_OFF);
    }
  return n_tests > 0 && n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
