/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Descriptions of ABIs that do not exist, with what is odd about some that do.
 */
#pragma once

#include "pink-arch-private.h"

static const PinkArchLayout odd_layouts[] = {
  {
    .size = 48,
    .number = { 0, 4 },
    .args = { { 4, 4 }, { 8, 4 }, { 12, 4 }, { 16, 4 } }, /* the rest on the stack */
    .result = { 20, 4 },
    .error = { 24, 4 },
    .ip = { 28, 4 },
    .sp = { 32, 4 },
  },
  {
    .size = 52,
    .number = { 0, 4 },
    .args = { { 4, 4 }, { 8, 4 }, { 12, 4 }, { 16, 4 }, { 40, 4 }, { 44, 4 } },
    .result = { 20, 4 },
    .error = { 24, 4 },
    .ip = { 28, 4 },
    .sp = { 32, 4 },
    .convention = { 36, 4 },
  },
};

/* As MIPS o32, big-endian. */
static const PinkArch stack_arch = {
  .id = PINK_ARCH_MIPS_O32,
  .word_size = 4,
  .reg_size = 4,
  .big_endian = true,
  .aligned_pairs = true,
  .layouts = odd_layouts,
  .n_layouts = 1,
  .error_way = PINK_ARCH_ERROR_FLAG,
  .error_mask = UINT32_MAX,
  .error_set = 1,
  .first_stack_arg = 4,
  .stack_offset = 16,
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
};

/* As PowerPC. */
static const PinkArch two_conventions_arch = {
  .id = PINK_ARCH_POWERPC,
  .word_size = 4,
  .reg_size = 4,
  .big_endian = true,
  .aligned_pairs = true,
  .layouts = odd_layouts + 1,
  .n_layouts = 1,
  .error_way = PINK_ARCH_ERROR_FLAG,
  .error_mask = 0x10000000,
  .error_set = 0x10000000,
  .convention_mask = 0xfff0,
  .convention_negative = 0x3000,
};

/* As 32-bit ARM: the number is set in two ways, neither in the register set. */
static const PinkArch apart_arch = {
  .id = PINK_ARCH_ARM,
  .word_size = 4,
  .reg_size = 4,
  .aligned_pairs = true,
  .layouts = odd_layouts + 1,
  .n_layouts = 1,
  .number_way = PINK_ARCH_NUMBER_BY_SYSTEM_CALL_REGSET,
  .number_way_native = PINK_ARCH_NUMBER_BY_SET_SYSCALL,
};
