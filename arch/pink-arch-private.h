/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What an architecture's description is made of. Private to arch/ and to its
 * unit test.
 *
 * The shape is that of the oddest member, not of x86: see the comments for who
 * needs what. Everything that is the same on most is data; what is odd on one
 * is a hook there, so that the common code names no architecture.
 */
#pragma once

#include "pink-arch.h"

/* ---- tables made from syscalls.txt by gen-syscalls.py ---- */

/* A run of numbers with few gaps. Most ABIs have one; ARM has a second, for its
 * private calls from 0xf0001, which must not cost a megabyte. */
typedef struct
{
  uint32_t       first;
  uint32_t       n_rows;
  const int16_t *rows; /* index into pink_arch_rows, −1: no such call */
} PinkArchSegment;

typedef struct
{
  uint32_t number;
  uint16_t row;
} PinkArchNamed;

typedef struct
{
  const char            *name; /* the column's in syscalls.txt; NULL: unused id */
  const PinkArchSegment *segments; /* in rising order */
  const PinkArchNamed   *named;    /* sorted by name */
  uint16_t               n_segments;
  uint16_t               n_named;
} PinkArchTable;

/* Sorted by name (strcmp), rows of one name side by side. */
extern const PinkArchSyscall pink_arch_rows[];
extern const unsigned        pink_arch_n_rows;
extern const PinkArchTable   pink_arch_tables[PINK_ARCH_N_IDS];
extern const char *const     pink_arch_classes[]; /* by bit, NULL-terminated */
extern const char *const     pink_arch_kinds[];   /* by PinkArgKind; that of NONE is NULL */
extern const unsigned        pink_arch_n_kinds;

/* The same as the public functions, by id. */
int     pink_arch_table_index (PinkArchId id, uint64_t number);
int64_t pink_arch_table_named (PinkArchId id, const char *name);
int64_t pink_arch_table_next  (PinkArchId id, int64_t number);

/* ---- errnos and signals ---- */

typedef struct
{
  int         number;
  const char *name;
  const char *text; /* NULL: an alias, found by name only; "": as in asm-generic */
} PinkArchErrno;

typedef struct
{
  int         number;
  const char *name;
} PinkArchAlias;

typedef struct
{
  const char *const   *names; /* by number; [0] is NULL */
  int                  n_names;
  const PinkArchAlias *aliases; /* ends with a NULL name */
} PinkArchSignals;

/* Each ends with a NULL name. The first 34 and the kernel's own are the same
 * everywhere; asm-generic has the others of most. */
extern const PinkArchErrno pink_arch_errnos_base[];
extern const PinkArchErrno pink_arch_errnos_generic[];
extern const PinkArchErrno pink_arch_errnos_powerpc[]; /* what it has beside these */
extern const PinkArchErrno pink_arch_errnos_mips[];    /* instead of asm-generic's */

#define PINK_ARCH_N_ERRNO_LISTS 3
#define PINK_ARCH_ERRNOS_GENERIC { pink_arch_errnos_generic, pink_arch_errnos_base }

extern const PinkArchSignals pink_arch_signals_generic;
extern const PinkArchSignals pink_arch_signals_mips;

/* ---- descriptions ---- */

/* Where something lies in the NT_PRSTATUS register set, in the byte order of
 * the architecture. Size 0: it is not there. A field may be narrower than the
 * register: that is how one layout truncates. */
typedef struct
{
  uint16_t offset;
  uint8_t  size;
} PinkArchField;

typedef struct
{
  uint16_t      size;   /* of the whole set, exactly */
  PinkArchField number; /* where the number is read, and written if the way is the register set */
  PinkArchField args[PINK_ARCH_N_REGS]; /* those on the stack (MIPS o32) have size 0 */
  PinkArchField arg0_copy; /* a second place of argument 0, to be written with it */
  PinkArchField result;
  PinkArchField next_number; /* where the instruction that makes a call takes it from */
  PinkArchField next_arg0;   /* likewise argument 0; size 0: args[0] */
  PinkArchField ip;
  PinkArchField sp;
  PinkArchField mark;       /* ARM, AArch64: where the kernel says at a call's stops which one it is */
  PinkArchField state;      /* ARM: see short_call_bit */
  PinkArchField error;      /* PowerPC: CCR. MIPS: a3. IA-64: r10. */
  PinkArchField convention; /* PowerPC: trap, which tells `sc` from `scv` */
} PinkArchLayout;

typedef enum
{
  PINK_ARCH_ERROR_NEGATIVE, /* −4095 … −1 in the result */
  PINK_ARCH_ERROR_FLAG      /* a bit of the field `error`; the errno is positive */
} PinkArchErrorWay;

struct _PinkArch
{
  PinkArchId id;
  uint32_t   audit;
  uint16_t   elf_machine;
  uint8_t    word_size; /* of a pointer */
  uint8_t    reg_size;  /* of an argument register: 8 on x32 and MIPS n32, whose pointers have 4 */
  bool       big_endian;
  bool       aligned_pairs; /* a wide argument begins in an even register: ARM, MIPS o32, PowerPC */

  /* Bits that are set in the raw number and not in the table (x32). */
  uint32_t marker;

  /* A raw number that has these bits under this mask is that without them, called
   * by an older convention (ARM's OABI). Never written. 0: there is none. */
  uint32_t old_abi_mask;
  uint32_t old_abi_bits;

  /* What of the instruction pointer is an address (s390). 0: all of it. */
  uint64_t ip_mask;

  /* How many bytes the instruction has that makes a call; 0 where it is not known
   * how a program is made to call again (IA-64). */
  uint8_t call_size;

  /* That instruction can have the number in it (s390): what another call is, is said
   * when it has come to its entry. */
  bool number_at_entry;

  /* What the kernel looks at to see whether a call is to be restarted has 64 bits, of
   * which a tracer sets the lower half (s390 on s390x). */
  bool half_result;

  /* mmap() has one argument, the address of the six (s390). */
  bool mmap_by_block;

  /* A call that is to be restarted is, by the number in the first word of the user area
   * (MIPS), where the kernel leaves it only after an error. */
  bool restart_number;

  /* With this bit in the layout's `state` it has so many bytes instead (ARM's Thumb). */
  uint32_t short_call_bit;
  uint8_t  short_call_size;

  /* open()'s O_CREAT. 0: that of asm-generic. */
  uint32_t open_creat;

  const PinkArchLayout *layouts;
  uint8_t               n_layouts;

  /* How an error is told. With FLAG, where the layout has `convention` and its
   * value under `convention_mask` is `convention_negative`, it is NEGATIVE for
   * this call (PowerPC's scv: trap & 0xfff0 == 0x3000). */
  PinkArchErrorWay error_way;
  uint64_t         error_mask; /* any of these bits is an error: CCR 0x10000000, a3 and r10 all ones */
  uint64_t         error_set;  /* what the kernel sets there: CCR 0x10000000, a3 1, r10 −1 */
  uint64_t         convention_mask;
  uint64_t         convention_negative;

  /* How the number is set by a tracer of another ABI of this kernel, and by
   * one of this same ABI (ARM: NT_ARM_SYSTEM_CALL and PTRACE_SET_SYSCALL). */
  PinkArchNumberWay number_way;
  PinkArchNumberWay number_way_native;

  /* Arguments from this one on are words at sp + stack_offset (MIPS o32: from
   * 4 on, at sp + 16). 0: all have registers. */
  uint8_t  first_stack_arg;
  uint16_t stack_offset;

  /* Other ABIs that a kernel of this one runs, tried by the size of the
   * register set. Ends with PINK_ARCH_UNKNOWN; may be NULL. */
  const PinkArchId *guests;

  const PinkArchErrno   *errnos[PINK_ARCH_N_ERRNO_LISTS]; /* the first that knows it is right */
  const PinkArchSignals *signals;

  /* Hooks; NULL: the common way. */

  /* As host: which ABI is this? For kernels where the size does not tell. */
  const PinkArch *(*from_regset) (const void *regs, size_t size);
  /* An argument that is in no field and not on the stack (IA-64's register
   * backing store): where it is in the tracee's memory. */
  bool (*arg_address) (const PinkArch *arch, const PinkArchLayout *layout, const void *regs,
                       unsigned arg, uint64_t *address);
};

/* NULL where no layout has this size. */
const PinkArchLayout *pink_arch_layout (const PinkArch *arch, size_t size);

uint64_t pink_arch_field_get (const PinkArch *arch, const void *regs, PinkArchField field);
void     pink_arch_field_set (const PinkArch *arch, void *regs, PinkArchField field, uint64_t value);

extern const PinkArch pink_arch_x86_64;
extern const PinkArch pink_arch_i386;
extern const PinkArch pink_arch_x32;
extern const PinkArch pink_arch_aarch64;
extern const PinkArch pink_arch_arm;
extern const PinkArch pink_arch_powerpc;
extern const PinkArch pink_arch_powerpc64;
extern const PinkArch pink_arch_powerpc64le;
extern const PinkArch pink_arch_ia64;
extern const PinkArch pink_arch_riscv64;
extern const PinkArch pink_arch_s390x;
extern const PinkArch pink_arch_s390;
extern const PinkArch pink_arch_mips_o32;
extern const PinkArch pink_arch_mips_n32;
extern const PinkArch pink_arch_mips_n64;
extern const PinkArch pink_arch_mipsel_o32;
extern const PinkArch pink_arch_mipsel_n32;
extern const PinkArch pink_arch_mipsel_n64;
extern const PinkArch pink_arch_loongarch64;
