/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * loongarch64.
 */
#include "pink-arch-private.h"

#define EM_LOONGARCH 258
#define AUDIT_LOONGARCH64 0xc0000102u

/* user_pt_regs: r0 … r31 orig_a0 era badv, and ten reserved. sp is r3, a0 r4, a7 r11. */
#define R(index) { (index) * 8, 8 }

static const PinkArchLayout loongarch64_layouts[] = {
  {
    .size = 360,
    .number = R (11),
    .args = { R (32), R (5), R (6), R (7), R (8), R (9) },
    .result = R (4),
    .next_number = R (11),
    .next_arg0 = R (4),
    .ip = R (33),
    .sp = R (3),
  },
};

const PinkArch pink_arch_loongarch64 = {
  .id = PINK_ARCH_LOONGARCH64,
  .audit = AUDIT_LOONGARCH64,
  .elf_machine = EM_LOONGARCH,
  .word_size = 8,
  .reg_size = 8,
  .call_size = 4,
  .layouts = loongarch64_layouts,
  .n_layouts = 1,
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
};
