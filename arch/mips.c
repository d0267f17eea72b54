/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * MIPS: o32, n32 and n64, each of both byte orders.
 *
 * v0 is the number at the entry of a call and its result at the exit; a3, the
 * fourth argument, tells there whether that is an errno.
 */
#include "pink-arch-private.h"

#define EM_MIPS 8
#define AUDIT_MIPS 0x8u
#define AUDIT_64BIT 0x80000000u
#define AUDIT_LITTLE_ENDIAN 0x40000000u
#define AUDIT_N32 0x20000000u

#define N32_FIRST 6000
#define N32_END 7000

/* Six words, then $0 … $31 lo hi epc badvaddr status cause, and one more. */
#define L(index) { (6 + (index)) * 4, 4 }

static const PinkArchLayout o32_layouts[] = {
  {
    .size = 180,
    .number = L (2),
    .args = { L (4), L (5), L (6), L (7) }, /* the rest is on the stack */
    .result = L (2),
    .next_number = L (2),
    .error = L (7),
    .ip = L (34),
    .sp = L (29),
  },
};

/* $0 … $31 lo hi epc badvaddr status cause, and seven more. */
#define Q(index) { (index) * 8, 8 }

static const PinkArchLayout n64_layouts[] = {
  {
    .size = 360,
    .number = Q (2),
    .args = { Q (4), Q (5), Q (6), Q (7), Q (8), Q (9) },
    .result = Q (2),
    .next_number = Q (2),
    .error = Q (7),
    .ip = Q (34),
    .sp = Q (29),
  },
};

/* n32 and n64 programs have the same registers. What tells them apart is the
 * number, which is there at the entry only: at the exit this says n64. */
static const PinkArch *
mips_from_regset (const PinkArch *o32, const PinkArch *n32, const PinkArch *n64, const void *regs,
                  size_t size)
{
  uint64_t number;

  if (size == o32_layouts[0].size)
    return o32;
  if (size != n64_layouts[0].size)
    return NULL;

  number = pink_arch_field_get (n64, regs, n64_layouts[0].number);
  return number >= N32_FIRST && number < N32_END ? n32 : n64;
}

static const PinkArch *
mipseb_from_regset (const void *regs, size_t size)
{
  return mips_from_regset (&pink_arch_mips_o32, &pink_arch_mips_n32, &pink_arch_mips_n64, regs, size);
}

static const PinkArch *
mipsel_from_regset (const void *regs, size_t size)
{
  return mips_from_regset (&pink_arch_mipsel_o32, &pink_arch_mipsel_n32, &pink_arch_mipsel_n64, regs,
                           size);
}

#define COMMON \
  .elf_machine = EM_MIPS, \
  .n_layouts = 1, \
  .call_size = 4, \
  .restart_number = true, \
  .error_way = PINK_ARCH_ERROR_FLAG, \
  .error_mask = UINT64_MAX, \
  .error_set = 1, \
  .open_creat = 0x100, \
  .errnos = { pink_arch_errnos_mips, pink_arch_errnos_base }, \
  .signals = &pink_arch_signals_mips

#define O32 \
  .word_size = 4, \
  .reg_size = 4, \
  .aligned_pairs = true, \
  .layouts = o32_layouts, \
  .first_stack_arg = 4, \
  .stack_offset = 16, \
  COMMON

#define N32 \
  .word_size = 4, \
  .reg_size = 8, \
  .layouts = n64_layouts, \
  COMMON

#define N64 \
  .word_size = 8, \
  .reg_size = 8, \
  .layouts = n64_layouts, \
  COMMON

const PinkArch pink_arch_mips_o32 = {
  .id = PINK_ARCH_MIPS_O32,
  .audit = AUDIT_MIPS,
  .big_endian = true,
  O32,
};

const PinkArch pink_arch_mips_n32 = {
  .id = PINK_ARCH_MIPS_N32,
  .audit = AUDIT_MIPS | AUDIT_64BIT | AUDIT_N32,
  .big_endian = true,
  .from_regset = mipseb_from_regset,
  N32,
};

const PinkArch pink_arch_mips_n64 = {
  .id = PINK_ARCH_MIPS_N64,
  .audit = AUDIT_MIPS | AUDIT_64BIT,
  .big_endian = true,
  .from_regset = mipseb_from_regset,
  N64,
};

const PinkArch pink_arch_mipsel_o32 = {
  .id = PINK_ARCH_MIPSEL_O32,
  .audit = AUDIT_MIPS | AUDIT_LITTLE_ENDIAN,
  O32,
};

const PinkArch pink_arch_mipsel_n32 = {
  .id = PINK_ARCH_MIPSEL_N32,
  .audit = AUDIT_MIPS | AUDIT_64BIT | AUDIT_LITTLE_ENDIAN | AUDIT_N32,
  .from_regset = mipsel_from_regset,
  N32,
};

const PinkArch pink_arch_mipsel_n64 = {
  .id = PINK_ARCH_MIPSEL_N64,
  .audit = AUDIT_MIPS | AUDIT_64BIT | AUDIT_LITTLE_ENDIAN,
  .from_regset = mipsel_from_regset,
  N64,
};
