/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Records the calls of calls.c, on real kernels: as an ordinary program
 *
 *   recorder ABI=PROGRAM…
 *
 * or, without arguments, on an emulated machine, where it takes /calls-* for the
 * programs, and has /strace-*, where there is one, look at the same program.
 *
 * Of each call it writes down what the kernel showed: number, arguments, result, and the
 * arena, in which all lies that the arguments point to. This is the form of the files in
 * tests/decode/stops/ (their README tells it), in comments "#> "; among it is the line
 * that arch/decode/ makes of it here, in this machine's byte order and width, with
 * nothing abbreviated. "#o " is that as it usually is, and "#s " and "#v " are strace's
 * lines, without and with -v.
 */
#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif
#include <elf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pink-decode.h"
#include "pink-host.h"
#include "programs.h"
#include "recorded.h"

typedef struct
{
  pid_t           pid;
  const PinkArch *arch;
  bool            marked;     /* the next call is one to record */
  bool            is_in_call;
  uint64_t        address;    /* of the arena */
  PinkArchEntry   entry;
  PinkArchExit    result;
  unsigned char   before[ARENA_SIZE];
  unsigned char   after[ARENA_SIZE];
  unsigned        n_calls;
} Recorder;

/* ---- what the decoder reads ---- */

typedef struct
{
  uint64_t             address;
  const unsigned char *bytes;
} Arena;

static size_t
read_arena (void *data, uint64_t address, void *buffer, size_t size)
{
  const Arena *self = data;
  size_t left;

  if (address < self->address || address - self->address >= ARENA_SIZE)
    return 0;
  left = ARENA_SIZE - (size_t) (address - self->address);
  if (size > left)
    size = left;
  memcpy (buffer, self->bytes + (address - self->address), size);
  return size;
}

/* ---- a line, as the library makes it ---- */

static void
put (PinkText *text, const char *words)
{
  pink_text_append (text, words, strlen (words));
}

static void
put_result (PinkDecodeInput *input, PinkText *text)
{
  const PinkTextStyle style = { 0 };
  PinkTape tape = { 0 }, aux = { 0 };

  if (input->failed)
    {
      const char *name = pink_arch_errno_name (input->arch, (int) input->result);

      pink_text_printf (text, "%s%s (%s)", input->result >= 512 ? "? " : "-1 ", name != NULL ? name : "?",
                        name != NULL ? pink_arch_errno_text (input->arch, (int) input->result) : "?");
      return;
    }
  pink_decode_result (input, &tape, &aux);
  pink_text_tape (text, &tape, input->arch, &style);
  if (aux.length > 0)
    {
      put (text, " (");
      pink_text_tape (text, &aux, input->arch, &style);
      put (text, ")");
    }
  pink_tape_clear (&tape);
  pink_tape_clear (&aux);
}

/* False where neither it nor those after it are there. */
static bool
put_argument (PinkDecodeInput *input, unsigned index, const char *label, bool *is_first, PinkText *text)
{
  const PinkTextStyle style = { 0 };
  PinkTape tape = { 0 };
  PinkShown shown = pink_decode_argument (input, index, &tape);

  if (shown == PINK_SHOWN)
    {
      if (!*is_first)
        put (text, ", ");
      *is_first = false;
      if (label != NULL)
        {
          put (text, label);
          put (text, "=");
        }
      pink_text_tape (text, &tape, input->arch, &style);
    }
  pink_tape_clear (&tape);
  return shown != PINK_LAST;
}

static void
put_line (Recorder *self, bool verbose, PinkText *text)
{
  Arena before = { self->address, self->before }, after = { self->address, self->after };
  int row = pink_arch_syscall_index (self->arch, self->entry.number), index;
  PinkDecodeInput input = {
    .arch = self->arch, .row = row, .regs = self->entry.args, .read = read_arena, .data = &before,
    .abbreviated = !verbose, .string_limit = 32,
  };
  bool is_first = true;
  const char *label;

  if (row < 0)
    return;
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    pink_decode_capture (&input, i); /* lengths that the call changes */
  input.exited = true;
  input.failed = self->result.is_error;
  input.result = self->result.value;
  put (text, pink_arch_syscall ((unsigned) row)->name);
  put (text, "(");
  for (unsigned i = 0; (index = pink_decode_order (row, i, &label)) >= 0; i++)
    {
      input.data = pink_decode_told_at_exit (&input, (unsigned) index) ? &after : &before;
      if (!put_argument (&input, (unsigned) index, label, &is_first, text))
        break;
    }
  input.data = &after;
  put (text, ") = ");
  put_result (&input, text);
}

/* ---- what is written down ---- */

/* Words that are not 0, or not as they were; a few that are do not end a piece. */
static void
print_arena (const char *when, const unsigned char *bytes, const unsigned char *old)
{
  static const unsigned char nothing[ARENA_SIZE];
  const unsigned char *known = old != NULL ? old : nothing;
  const size_t word = 4, gap = 2 * word;

  for (size_t begin = 0; begin < ARENA_SIZE; begin += word)
    {
      size_t end = begin;

      for (size_t at = begin; at < ARENA_SIZE && at <= end + (end > begin ? gap : 0); at += word)
        if (memcmp (bytes + at, known + at, word) != 0)
          end = at + word;
      if (end == begin)
        continue;
      printf ("#> %s %zu ", when, begin);
      for (; begin < end; begin++)
        printf ("%02x", bytes[begin]);
      putchar ('\n');
    }
}

/* Registers that have none of the call's arguments are other ones in every run. */
static void
forget_rest (Recorder *self)
{
  int row = pink_arch_syscall_index (self->arch, self->entry.number);
  const PinkArchSyscall *call = row >= 0 ? pink_arch_syscall ((unsigned) row) : NULL;
  uint64_t any[PINK_ARCH_N_REGS];
  unsigned used = 0;

  for (unsigned i = 0; call != NULL && i < call->n_args; i++)
    used |= pink_arch_arg_set (self->arch, call, i, 0, any);
  for (unsigned i = 0; call != NULL && i < PINK_ARCH_N_REGS; i++)
    if ((used & (1u << i)) == 0)
      self->entry.args[i] = 0;
}

static void
print_call (Recorder *self)
{
  PinkText line = { 0 }, usual = { 0 };

  forget_rest (self);
  printf ("#> call %llu", (unsigned long long) self->entry.number);
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    printf (" %#llx", (unsigned long long) self->entry.args[i]);
  printf (" %s %lld\n", self->result.is_error ? "error" : "result", (long long) self->result.value);
  print_arena ("before", self->before, NULL);
  print_arena ("after", self->after, self->before);
  put_line (self, true, &line);
  put_line (self, false, &usual);
  printf ("#> line %s\n#o %s\n", line.data != NULL ? line.data : "", usual.data != NULL ? usual.data : "");
  pink_text_clear (&line);
  pink_text_clear (&usual);
  self->n_calls++;
}

/* ---- the kernel ---- */

static bool
read_memory (void *data, uint64_t address, void *buffer, size_t size)
{
  return read_program_memory (((const Recorder *) data)->pid, address, buffer, size);
}

/* Arguments that lie on the stack the kernel does not always show. */
static void
add_arguments_in_memory (Recorder *self)
{
  unsigned char regs[PINK_ARCH_MAX_REGSET];
  struct iovec io = { regs, sizeof regs };
  PinkArchEntry entry;
  uint64_t address;
  size_t length;

  if (ptrace (PTRACE_GETREGSET, self->pid, (void *) NT_PRSTATUS, &io) != 0 ||
      !pink_arch_decode_entry (self->arch, regs, io.iov_len, read_memory, self, &entry))
    return;
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    if (pink_arch_arg_address (self->arch, regs, io.iov_len, i, &address, &length))
      self->entry.args[i] = entry.args[i];
}

static void
at_entry (Recorder *self, const struct __ptrace_syscall_info *info)
{
  self->arch = pink_arch_from_audit (info->arch, info->entry.nr);
  if (self->arch == NULL)
    return;
  pink_arch_entry_from_info (self->arch, info->entry.nr, (const uint64_t *) info->entry.args, &self->entry);
  add_arguments_in_memory (self);
  if ((int64_t) self->entry.number == pink_arch_syscall_number (self->arch, "dup3") &&
      self->entry.args[0] == MARK_CALL)
    {
      if (self->address == 0)
        printf ("#> arena %#llx\n", (unsigned long long) self->entry.args[1]);
      self->address = self->entry.args[1];
      self->marked = true;
      return;
    }
  self->is_in_call = self->marked && read_memory (self, self->address, self->before, ARENA_SIZE);
  self->marked = false;
}

static void
at_exit (Recorder *self, const struct __ptrace_syscall_info *info)
{
  if (!self->is_in_call)
    return;
  self->is_in_call = false;
  pink_arch_exit_from_info (self->arch, info->exit.rval, info->exit.is_error, &self->result);
  if (read_memory (self, self->address, self->after, ARENA_SIZE))
    print_call (self);
}

static void
at_stop (Recorder *self)
{
  struct __ptrace_syscall_info info = { 0 };

  if (ptrace (PTRACE_GET_SYSCALL_INFO, self->pid, sizeof info, &info) <= 0)
    return;
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
    at_entry (self, &info);
  else if (info.op == PTRACE_SYSCALL_INFO_EXIT)
    at_exit (self, &info);
}

static pid_t
start (const char *program)
{
  pid_t pid;

  fflush (stdout);
  pid = fork ();
  if (pid == 0)
    {
      ptrace (PTRACE_TRACEME, 0, NULL, NULL);
      raise (SIGSTOP);
      execl (program, program, (char *) NULL);
      _exit (127);
    }
  return pid;
}

/* How many calls; 0 where that went wrong. */
static unsigned
record (const char *program)
{
  Recorder self = { 0 };
  int status;

  self.pid = start (program);
  waitpid (self.pid, &status, 0);
  ptrace (PTRACE_SETOPTIONS, self.pid, NULL, (void *) (long) (PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
  ptrace (PTRACE_SYSCALL, self.pid, NULL, NULL);
  while (waitpid (self.pid, &status, __WALL) == self.pid && WIFSTOPPED (status))
    {
      int signal = WSTOPSIG (status);

      if (signal == (SIGTRAP | 0x80))
        at_stop (&self);
      ptrace (PTRACE_SYSCALL, self.pid, NULL,
              (void *) (long) (signal == (SIGTRAP | 0x80) || signal == SIGTRAP ? 0 : signal));
    }
  return WIFEXITED (status) && WEXITSTATUS (status) == 0 ? self.n_calls : 0;
}

/* ---- strace ---- */

static void
print_marked_lines (const char *path, const char *prefix)
{
  FILE *file = fopen (path, "r");
  char *line = NULL, mark[32];
  size_t size = 0;
  bool marked = false;

  if (file == NULL)
    return;
  snprintf (mark, sizeof mark, "dup3(%d, ", MARK_CALL);
  while (getline (&line, &size, file) > 0)
    if (marked)
      {
        printf ("%s%s", prefix, line);
        marked = false;
      }
    else
      marked = strncmp (line, mark, strlen (mark)) == 0;
  free (line);
  fclose (file);
}

static void
run_strace (const char *strace, const char *program, bool verbose)
{
  static const char output[] = "/tmp/strace-output";
  int status;
  pid_t pid;

  fflush (stdout);
  pid = fork ();
  if (pid == 0)
    {
      if (verbose)
        execl (strace, strace, "-v", "-o", output, program, (char *) NULL);
      else
        execl (strace, strace, "-o", output, program, (char *) NULL);
      _exit (127);
    }
  waitpid (pid, &status, 0);
  print_marked_lines (output, verbose ? "#v " : "#s ");
  unlink (output);
}

/* ---- all programs ---- */

static unsigned n_programs;

static void
look_at_program (const char *abi, const char *program, const char *strace)
{
  struct utsname name;
  unsigned n_calls;

  uname (&name);
  printf ("#> recorded %s on Linux %s %s\n", abi, name.release, name.machine);
  n_calls = record (program);
  printf ("%s %u - %s: %u calls recorded\n", n_calls > 100 ? "ok" : "not ok", ++n_programs, abi, n_calls);
  if (access (strace, X_OK) == 0)
    {
      run_strace (strace, program, false);
      run_strace (strace, program, true);
    }
}

/* So that what two runs show differs as little as can be: process ids of three digits,
 * and a time that has many. */
static void
prepare_machine (void)
{
  const struct timeval now = { 1700000000, 0 };

  while (getpid () > 1)
    {
      pid_t pid = fork ();

      if (pid == 0)
        _exit (0);
      waitpid (pid, NULL, 0);
      if (pid < 0 || pid > 200)
        break;
    }
  settimeofday (&now, NULL);
  mount ("proc", "/proc", "proc", 0, NULL);
}

static void
look_at_found (const char *abi, const char *program)
{
  char strace[300];

  snprintf (strace, sizeof strace, "/strace-%s", abi);
  look_at_program (abi, program, strace);
}

static void
look_at_given (const char *abi, const char *program)
{
  look_at_program (abi, program, "/usr/bin/strace");
}

int
main (int argc, char **argv)
{
  setvbuf (stdout, NULL, _IOLBF, 0);
  if (argc == 1)
    {
      prepare_machine ();
      for_programs_found ("calls-", look_at_found);
    }
  for_programs_given (argc, argv, look_at_given);
  printf ("1..%u\n", n_programs);
  return n_programs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
