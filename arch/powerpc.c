/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * powerpc, and powerpc64 of both byte orders.
 *
 * There are two instructions to call the kernel. After `sc` an error is a positive
 * errno with the summary-overflow bit set in the condition register; after `scv`
 * it is −errno, and that bit means nothing. The trap number tells which it was.
 */
#include "pink-arch-private.h"

#define EM_PPC 20
#define EM_PPC64 21
#define AUDIT_PPC 0x14u
#define AUDIT_PPC64 0x80000015u
#define AUDIT_PPC64LE 0xc0000015u

#define CCR_SUMMARY_OVERFLOW 0x10000000u
#define TRAP_MASK 0xfff0u /* the lowest bits are flags of the kernel's own */
#define TRAP_SCV 0x3000u

/* pt_regs: r0 … r31 nip msr orig_r3 ctr link xer ccr softe (32 bits: mq) trap dar
 * dsisr result, and filled up to 48. orig_r3 is what is restarted, and what a
 * seccomp stop shows as the argument. */
#define FIELDS(width) \
  .size = 48 * (width), \
  .number = R (0, width), \
  .args = { R (3, width), R (4, width), R (5, width), R (6, width), R (7, width), R (8, width) }, \
  .arg0_copy = R (34, width), \
  .result = R (3, width), \
  .next_number = R (0, width), \
  .ip = R (32, width), \
  .sp = R (1, width), \
  .error = R (38, width), \
  .convention = R (40, width)

#define R(index, width) { (index) * (width), (width) }

static const PinkArchLayout powerpc_layouts[] = { { FIELDS (4) } };
static const PinkArchLayout powerpc64_layouts[] = { { FIELDS (8) } };

static const PinkArchId powerpc64_guests[] = { PINK_ARCH_POWERPC, PINK_ARCH_UNKNOWN };

#define COMMON \
  .n_layouts = 1, \
  .call_size = 4, \
  .error_way = PINK_ARCH_ERROR_FLAG, \
  .error_mask = CCR_SUMMARY_OVERFLOW, \
  .error_set = CCR_SUMMARY_OVERFLOW, \
  .convention_mask = TRAP_MASK, \
  .convention_negative = TRAP_SCV, \
  .errnos = { pink_arch_errnos_powerpc, pink_arch_errnos_generic, pink_arch_errnos_base }, \
  .signals = &pink_arch_signals_generic

const PinkArch pink_arch_powerpc = {
  .id = PINK_ARCH_POWERPC,
  .audit = AUDIT_PPC,
  .elf_machine = EM_PPC,
  .word_size = 4,
  .reg_size = 4,
  .big_endian = true,
  .aligned_pairs = true,
  .layouts = powerpc_layouts,
  COMMON,
};

const PinkArch pink_arch_powerpc64 = {
  .id = PINK_ARCH_POWERPC64,
  .audit = AUDIT_PPC64,
  .elf_machine = EM_PPC64,
  .word_size = 8,
  .reg_size = 8,
  .big_endian = true,
  .layouts = powerpc64_layouts,
  .guests = powerpc64_guests,
  COMMON,
};

/* Its kernel runs no 32-bit programs that anybody builds. */
const PinkArch pink_arch_powerpc64le = {
  .id = PINK_ARCH_POWERPC64LE,
  .audit = AUDIT_PPC64LE,
  .elf_machine = EM_PPC64,
  .word_size = 8,
  .reg_size = 8,
  .layouts = powerpc64_layouts,
  COMMON,
};
