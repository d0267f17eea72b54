/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The arch-aware core: plain C and libc, no GLib, no ptrace().
 *
 * An architecture's ABI is a constant description plus a few small functions
 * over a raw register buffer. Every description is compiled on every host, so
 * the registers of an AArch64 process decode on x86_64, in a unit test or from
 * a recorded trace. Only pink-host.h depends on the machine it is built for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PINK_ARCH_N_REGS 6      /* system call argument registers (or slots) */
#define PINK_ARCH_CALL_NAME 32  /* bytes, with the NUL; gen-syscalls.py refuses a longer one */
#define PINK_ARCH_ARG_NAME 18
#define PINK_ARCH_MAX_REGSET 1024 /* bytes; the largest NT_PRSTATUS, that of ia64 */

/* The same values as the public PinkAbi (asserted where both are visible). */
typedef enum
{
  PINK_ARCH_UNKNOWN = 0,
  PINK_ARCH_X86_64,
  PINK_ARCH_I386,
  PINK_ARCH_X32,
  PINK_ARCH_AARCH64,
  PINK_ARCH_ARM,
  PINK_ARCH_POWERPC,
  PINK_ARCH_POWERPC64,
  PINK_ARCH_POWERPC64LE,
  PINK_ARCH_IA64,
  PINK_ARCH_RISCV64,
  PINK_ARCH_S390X,
  PINK_ARCH_S390,
  PINK_ARCH_MIPS_O32,
  PINK_ARCH_MIPS_N32,
  PINK_ARCH_MIPS_N64,
  PINK_ARCH_MIPSEL_O32,
  PINK_ARCH_MIPSEL_N32,
  PINK_ARCH_MIPSEL_N64,
  PINK_ARCH_LOONGARCH64,
  PINK_ARCH_N_IDS
} PinkArchId;

/* What a tracee is about to ask of the kernel. */
typedef struct
{
  uint64_t number;                 /* as in the ABI's table: x32 without its marker bit */
  uint64_t args[PINK_ARCH_N_REGS]; /* raw registers; 32-bit ABIs zero-extended */
  uint64_t ip;
  uint64_t sp;
} PinkArchEntry;

/* What the kernel answered. */
typedef struct
{
  int64_t value; /* the result, or the errno (positive) where is_error */
  bool    is_error;
  uint64_t ip;
  uint64_t sp;
} PinkArchExit;

/* Some ABIs pass arguments on the stack (MIPS o32) or in memory the kernel
 * keeps apart (IA-64's register backing store). Returns true when all of
 * `size` bytes were read. */
typedef bool (*PinkArchReadFunc) (void *data, uint64_t address, void *buffer, size_t size);

typedef struct _PinkArch PinkArch;

const PinkArch *pink_arch_get (PinkArchId id); /* NULL for UNKNOWN and what is no id */

/* By the seccomp/audit word that PTRACE_GET_SYSCALL_INFO reports. `number` is
 * the raw number: x32 hides in x86_64's word and shows by bit 30 only. */
const PinkArch *pink_arch_from_audit (uint32_t audit_arch, uint64_t number);

/* By an NT_PRSTATUS register set read on a kernel whose native ABI is `host`:
 * its size; on x86 the code segment and bit 30 of the number, on MIPS the number.
 * (What it cannot tell: `int $0x80` in a 64-bit process looks like a call of x86_64,
 * and MIPS n32 at the exit of a call like n64.) */
const PinkArch *pink_arch_from_regset (PinkArchId host, const void *regs, size_t size);

PinkArchId   pink_arch_id (const PinkArch *arch);
const char  *pink_arch_name (const PinkArch *arch); /* "x86_64": the column's name in syscalls.txt */
uint32_t     pink_arch_audit (const PinkArch *arch);
uint16_t     pink_arch_elf_machine (const PinkArch *arch);
unsigned     pink_arch_word_size (const PinkArch *arch); /* bytes of a pointer: 4 or 8 */
bool         pink_arch_is_big_endian (const PinkArch *arch);
/* The lower SIZE bytes of VALUE, in the ABI's byte order. */
void         pink_arch_put_integer   (const PinkArch *arch, void *where, size_t size, uint64_t value);

/* A raw number as the kernel shows it → the number in the ABI's table. */
uint64_t pink_arch_table_number (const PinkArch *arch, uint64_t raw_number);

/* Whether a call of that raw number was made by an older convention of the ABI: ARM's
 * OABI, as far as the kernel shows it. The call is the same; its number in the table
 * is what pink_arch_table_number() says. */
bool pink_arch_is_old_abi (const PinkArch *arch, uint64_t raw_number);

/* Decode a register set. False when `size` does not fit the description. An argument
 * on a stack that cannot be read (or without `read`) is 0. */
bool pink_arch_decode_entry (const PinkArch *arch, const void *regs, size_t size,
                             PinkArchReadFunc read, void *data, PinkArchEntry *entry);
bool pink_arch_decode_exit (const PinkArch *arch, const void *regs, size_t size,
                            PinkArchExit *result);

/* Number and arguments as PTRACE_GET_SYSCALL_INFO gives them, in the form above: for
 * `int $0x80` in a 64-bit process the kernel shows all 64 bits of registers of which
 * it will look at 32. `ip` and `sp` of `entry` are left as they are. */
void pink_arch_entry_from_info (const PinkArch *arch, uint64_t raw_number,
                                const uint64_t args[PINK_ARCH_N_REGS], PinkArchEntry *entry);

/* The result as PTRACE_GET_SYSCALL_INFO gives it (rval, is_error) in the form above:
 * 32-bit ABIs truncated and sign-extended (not x32, whose lseek() has 64 bits), an
 * error made positive. `ip` and `sp` of `result` are left as they are. */
void pink_arch_exit_from_info (const PinkArch *arch, int64_t rval, bool is_error,
                               PinkArchExit *result);

/* ---- changing a register set that was read before ----
 *
 * All return false, and change nothing, when `size` does not fit the description. */

/* How the number of the call is changed at its entry. */
typedef enum
{
  PINK_ARCH_NUMBER_IN_REGSET = 0,        /* encode it, write the register set back */
  PINK_ARCH_NUMBER_BY_SYSTEM_CALL_REGSET, /* NT_ARM_SYSTEM_CALL: the register set has no effect */
  PINK_ARCH_NUMBER_BY_SET_SYSCALL        /* PTRACE_SET_SYSCALL, for 32-bit ARM tracers */
} PinkArchNumberWay;

/* `host` is the ABI of the tracer, that is of this library. */
PinkArchNumberWay pink_arch_number_way (const PinkArch *arch, PinkArchId host);

/* A number of the ABI's table → as the kernel shows and takes it. −1, to skip, stays −1. */
uint64_t pink_arch_raw_number (const PinkArch *arch, uint64_t number);

/* `number` as in the ABI's table. False too where the register set is not the way. */
bool pink_arch_encode_number (const PinkArch *arch, void *regs, size_t size, uint64_t number);

/* `reg` as in PinkArchEntry.args, see pink_arch_arg_register(). False too where
 * it is in memory: see pink_arch_arg_address(). */
bool pink_arch_encode_arg (const PinkArch *arch, void *regs, size_t size, unsigned reg, uint64_t value);

/* The result, with the error flag where the ABI has one; the errno is positive. */
bool pink_arch_encode_result (const PinkArch *arch, void *regs, size_t size, int64_t value, bool is_error);

/* Whether the kernel restarts a call by a number of its own, at 0 in the user area. */
bool pink_arch_has_restart_number (const PinkArch *arch);

/* The register that shows the kernel's mark at a call's stops, and the program's value
 * at others (ARM, AArch64), as it is in `from`. */
void pink_arch_copy_mark (const PinkArch *arch, void *regs, const void *from, size_t size);

/* Makes the tracee make another call when it goes on: `ip` is the address behind an
 * instruction that makes calls, as PinkArchEntry has it. False too where it is
 * not known how, or an argument that is not 0 has no register. */
bool pink_arch_encode_again (const PinkArch *arch, void *regs, size_t size, uint64_t number,
                             uint64_t ip, const uint64_t args[PINK_ARCH_N_REGS]);

/* Whether number and arguments of that call have to be set once more, at its entry:
 * until then the number may be the instruction's. */
bool pink_arch_number_at_entry (const PinkArch *arch);

/* Whether an error that is written as the result is one to the kernel only where the call
 * before ended with one, too: it looks at twice as many bits. */
bool pink_arch_sets_half_result (const PinkArch *arch);

/* Whether mmap() has one argument, the address of a block of six words that are the
 * arguments of others. */
bool pink_arch_mmap_by_block (const PinkArch *arch);

/* Where in the tracee's memory an argument slot lies that has no register: a
 * word of *length bytes in the ABI's byte order. False where it has one. */
bool pink_arch_arg_address (const PinkArch *arch, const void *regs, size_t size, unsigned reg,
                            uint64_t *address, size_t *length);

/* ---- system calls, from syscalls.txt ---- */

typedef enum
{
  PINK_ARG_NONE = 0,
  PINK_ARG_INT,     /* signed, 32 bits */
  PINK_ARG_UINT,    /* unsigned, 32 bits */
  PINK_ARG_LONG,    /* signed, the ABI's word (x32: 64 bits) */
  PINK_ARG_ULONG,   /* unsigned, the ABI's word: sizes and counts */
  PINK_ARG_LLONG,   /* signed 64 bits: two registers on a 32-bit ABI (not x32) */
  PINK_ARG_ULLONG,
  PINK_ARG_HEX,     /* flags and requests, the ABI's word, printed in hexadecimal */
  PINK_ARG_HEX32,   /* the same of a C int: the upper half of a 64-bit register is noise */
  PINK_ARG_OCT,     /* file mode, printed in octal */
  PINK_ARG_FD,
  PINK_ARG_DIRFD,   /* AT_FDCWD in words */
  PINK_ARG_PID,
  PINK_ARG_UID,     /* user or group id: -1 in words */
  PINK_ARG_SIGNAL,
  PINK_ARG_POINTER, /* hexadecimal, NULL in words */
  PINK_ARG_PATH,    /* const char *, a path relative to the DIRFD argument before it, or to the working directory */
  PINK_ARG_STRING,  /* const char *, any other string */
  PINK_ARG_BUFFER,  /* bytes the call reads; `aux` is the argument that has the length */
  PINK_ARG_OUT_BUFFER, /* bytes the call writes, readable at exit up to its result (aux: the length's argument) */
  PINK_ARG_STRING_ARRAY /* NULL-terminated vector of strings: argv, envp */
} PinkArgKind;

/* Names are in the row: a pointer would be written to when the library is loaded, and its page
 * be memory of every process. */
typedef struct
{
  char    name[PINK_ARCH_ARG_NAME];
  uint8_t kind; /* PinkArgKind */
  int8_t  aux;  /* index of a related argument, or -1: a buffer's length, a path's DIRFD */
} PinkArchArg;

/* A class people filter by, as a bit: PINK_CLASS_FILE … see pink_arch_class_from_name(). */
typedef struct
{
  char        name[PINK_ARCH_CALL_NAME];
  uint32_t    classes;
  uint8_t     n_args;  /* arguments as a programmer counts them: a LLONG is one */
  uint8_t     result;  /* PinkArgKind of what it returns: INT, LONG, FD, POINTER, HEX, OCT, NONE (never returns)… */
  PinkArchArg args[PINK_ARCH_N_REGS];
} PinkArchSyscall;

/* All rows of syscalls.txt. A name has more than one row where its arguments
 * differ between ABIs (mmap of i386 takes one pointer). */
unsigned               pink_arch_n_syscalls (void);
const PinkArchSyscall *pink_arch_syscall (unsigned index); /* NULL past the end */

/* number (as in the table) → row; −1 where the ABI has no such call. An array access. */
int pink_arch_syscall_index (const PinkArch *arch, uint64_t number);

/* name → number; −1 where the ABI has no such call. A binary search. */
int64_t pink_arch_syscall_number (const PinkArch *arch, const char *name);

/* Whether any ABI has a call of that name. */
bool pink_arch_syscall_exists (const char *name);

/* The first row of that name; −1 where no ABI has such a call. */
int pink_arch_syscall_row (const char *name);

/* The numbers of an ABI in rising order: pass −1 to begin, until −1 comes back. */
int64_t pink_arch_syscall_next (const PinkArch *arch, int64_t number);

/* Which register argument `arg` of the call begins in, on this ABI: wide
 * arguments before it take two, and an aligned pair on ARM, MIPS o32 and
 * PowerPC. −1 where it does not fit. */
int pink_arch_arg_register (const PinkArch *arch, const PinkArchSyscall *call, unsigned arg);

/* The argument's value with the width and the sign of its kind; unsigned kinds
 * come back as the same bits, so an id of −1 is 0xffffffff. 0 where the argument
 * does not fit in the registers (mips_o32 has two calls of seven slots). */
int64_t pink_arch_arg_value (const PinkArch *arch, const PinkArchSyscall *call, unsigned arg,
                             const uint64_t regs[PINK_ARCH_N_REGS]);

/* What a call stands for that is many in one. */
typedef struct
{
  int      row;                        /* of the call it stands for */
  uint64_t args[PINK_ARCH_N_REGS];     /* that call's, by slot; those it has not are 0 */
  uint8_t  in_memory;                  /* bit n: args[n] is a word at address[n]… */
  uint8_t  from[PINK_ARCH_N_REGS];     /* …else it is this register argument */
  uint64_t address[PINK_ARCH_N_REGS];
} PinkArchUnfolded;

/* socketcall() and ipc() → the call they stand for. False where `entry` is of another
 * call, names none that is known, or its arguments cannot be read. An ABI need not
 * have that call by itself. */
bool pink_arch_unfold (const PinkArch *arch, const PinkArchEntry *entry, PinkArchReadFunc read, void *data,
                       PinkArchUnfolded *unfolded);

/* The other way round: puts the value into the registers that have the argument,
 * and says which these are, a bit each; 0 where the argument does not fit. */
unsigned pink_arch_arg_set (const PinkArch *arch, const PinkArchSyscall *call, unsigned arg,
                            uint64_t value, uint64_t regs[PINK_ARCH_N_REGS]);

/* The call that socketcall()'s first argument stands for; NULL for what is none. */
const char *pink_arch_socket_subcall (unsigned which);

/* Bits of the classes named by `name` ("file", "desc", "%file" too); 0 where there is no such class. */
uint32_t    pink_arch_class_from_name (const char *name);
/* The classes' names by bit, for lists: NULL past the last. */
const char *pink_arch_class_name (unsigned bit);

/* The word of syscalls.txt for a kind: "path"; NULL for NONE and what is no kind. */
const char *pink_arch_kind_name (PinkArgKind kind);

/* Whether open()'s flags ask for a file to be made, so that the mode after them counts. */
bool pink_arch_open_takes_mode (const PinkArch *arch, uint64_t flags);

/* ---- errnos and signals ---- */

const char *pink_arch_errno_name (const PinkArch *arch, int number);    /* "ENOENT", NULL */
int         pink_arch_errno_number (const PinkArch *arch, const char *name); /* −1 */
const char *pink_arch_errno_text (const PinkArch *arch, int number);    /* "No such file or directory", NULL; C locale */
const char *pink_arch_signal_name (const PinkArch *arch, int number);   /* "SIGCHLD", "SIGRT_1" as strace writes it, NULL */
int         pink_arch_signal_number (const PinkArch *arch, const char *name);
