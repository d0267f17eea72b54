/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * aarch64, and arm (EABI) as a 64-bit kernel and a 32-bit kernel show it.
 *
 * The number is read in the register set, but written there it has no effect.
 * 32-bit programs of the old ABI (OABI) have it in the instruction; a kernel that
 * runs them shows it with bits of its own, which are taken off here.
 */
#include "pink-arch-private.h"

#define EM_ARM 40
#define EM_AARCH64 183
#define AUDIT_AARCH64 0xc00000b7u
#define AUDIT_ARM 0x40000028u

/* user_pt_regs: x0 … x30 sp pc pstate. */
#define Q(index) { (index) * 8, 8 }

static const PinkArchLayout aarch64_layouts[] = {
  {
    .size = 272,
    .number = Q (8),
    .args = { Q (0), Q (1), Q (2), Q (3), Q (4), Q (5) },
    .result = Q (0),
    .next_number = Q (8),
    .ip = Q (32),
    .sp = Q (31),
    .mark = Q (7),
  },
};

/* r0 … r15 cpsr orig_r0; r13 is sp, r15 pc. orig_r0 is what an interrupted call is
 * restarted with, and what PTRACE_GET_SYSCALL_INFO shows. */
#define L(index) { (index) * 4, 4 }

static const PinkArchLayout arm_layouts[] = {
  {
    .size = 72,
    .number = L (7),
    .args = { L (0), L (1), L (2), L (3), L (4), L (5) },
    .arg0_copy = L (17),
    .result = L (0),
    .next_number = L (7),
    .ip = L (15),
    .sp = L (13),
    .mark = L (12),
    .state = L (16),
  },
};

static const PinkArchId aarch64_guests[] = { PINK_ARCH_ARM, PINK_ARCH_UNKNOWN };

const PinkArch pink_arch_aarch64 = {
  .id = PINK_ARCH_AARCH64,
  .audit = AUDIT_AARCH64,
  .elf_machine = EM_AARCH64,
  .word_size = 8,
  .reg_size = 8,
  .call_size = 4,
  .layouts = aarch64_layouts,
  .n_layouts = 1,
  .number_way = PINK_ARCH_NUMBER_BY_SYSTEM_CALL_REGSET,
  .number_way_native = PINK_ARCH_NUMBER_BY_SYSTEM_CALL_REGSET,
  .guests = aarch64_guests,
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
};

const PinkArch pink_arch_arm = {
  .id = PINK_ARCH_ARM,
  .audit = AUDIT_ARM,
  .elf_machine = EM_ARM,
  .word_size = 4,
  .reg_size = 4,
  .aligned_pairs = true,
  .call_size = 4,
  .short_call_bit = 1 << 5, /* CPSR's T: Thumb */
  .short_call_size = 2,
  .old_abi_mask = 0xf00000,
  .old_abi_bits = 0x900000,
  .layouts = arm_layouts,
  .n_layouts = 1,
  .number_way = PINK_ARCH_NUMBER_BY_SYSTEM_CALL_REGSET,
  .number_way_native = PINK_ARCH_NUMBER_BY_SET_SYSCALL,
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
};
