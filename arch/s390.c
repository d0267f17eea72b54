/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * s390x, and the 31-bit s390.
 *
 * r2 is the number at the entry of a call and its result at the exit; argument 0
 * has a place of its own, orig_gpr2.
 */
#include "pink-arch-private.h"

#define EM_S390 22
#define AUDIT_S390 0x16u
#define AUDIT_S390X 0x80000016u

/* psw (mask, address), 16 general registers, 16 access registers of 4 bytes,
 * orig_gpr2. */
#define Q(index) { 16 + (index) * 8, 8 }

static const PinkArchLayout s390x_layouts[] = {
  {
    .size = 216,
    .number = Q (2),
    .args = { { 208, 8 }, Q (3), Q (4), Q (5), Q (6), Q (7) },
    .result = Q (2),
    .ip = { 8, 8 },
    .sp = Q (15),
  },
};

/* The same in words; filled up to a multiple of 8. */
#define L(index) { 8 + (index) * 4, 4 }

static const PinkArchLayout s390_layouts[] = {
  {
    .size = 144,
    .number = L (2),
    .args = { { 136, 4 }, L (3), L (4), L (5), L (6), L (7) },
    .result = L (2),
    .ip = { 4, 4 },
    .sp = L (15),
  },
};

static const PinkArchId s390x_guests[] = { PINK_ARCH_S390, PINK_ARCH_UNKNOWN };

const PinkArch pink_arch_s390x = {
  .id = PINK_ARCH_S390X,
  .audit = AUDIT_S390X,
  .elf_machine = EM_S390,
  .word_size = 8,
  .reg_size = 8,
  .big_endian = true,
  .call_size = 2,
  .number_at_entry = true,
  .mmap_by_block = true,
  .layouts = s390x_layouts,
  .n_layouts = 1,
  .guests = s390x_guests,
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
};

const PinkArch pink_arch_s390 = {
  .id = PINK_ARCH_S390,
  .audit = AUDIT_S390,
  .elf_machine = EM_S390,
  .word_size = 4,
  .reg_size = 4,
  .big_endian = true,
  .ip_mask = 0x7fffffff, /* the 32nd bit is the addressing mode */
  .call_size = 2,
  .number_at_entry = true,
  .half_result = true,
  .mmap_by_block = true,
  .layouts = s390_layouts,
  .n_layouts = 1,
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
};
