/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * riscv64. The register set has no copy of argument 0, so that it can be changed on
 * older kernels alone: Linux 6.12 takes it from where no register set leads.
 */
#include "pink-arch-private.h"

#define EM_RISCV 243
#define AUDIT_RISCV64 0xc00000f3u

/* user_regs_struct: pc, then x1 … x31. sp is x2, a0 x10, a7 x17. */
#define X(index) { (index) * 8, 8 }

static const PinkArchLayout riscv64_layouts[] = {
  {
    .size = 256,
    .number = X (17),
    .args = { X (10), X (11), X (12), X (13), X (14), X (15) },
    .result = X (10),
    .next_number = X (17),
    .ip = X (0),
    .sp = X (2),
  },
};

const PinkArch pink_arch_riscv64 = {
  .id = PINK_ARCH_RISCV64,
  .audit = AUDIT_RISCV64,
  .elf_machine = EM_RISCV,
  .word_size = 8,
  .reg_size = 8,
  .call_size = 4,
  .layouts = riscv64_layouts,
  .n_layouts = 1,
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
};
