/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * ia64. Arguments are output registers of the caller's frame, of which the kernel
 * writes a copy to the register backing store before it stops for a tracer.
 */
#include "pink-arch-private.h"

#define EM_IA_64 50
#define AUDIT_IA64 0xc0000032u

/* r0 … r31 nat pr b0 … b7 ip cfm psr, then application registers: rsc bsp … ssd.
 * "bsp" is the end of the backing store, with the current frame. Kernels give as
 * much of the 128 words as has a meaning, older ones all. */
#define R(index) { (index) * 8, 8 }

#define FIELDS \
  .number = R (15), \
  .result = R (8), \
  .error = R (10), \
  .ip = R (42), \
  .sp = R (12)

static const PinkArchLayout ia64_layouts[] = {
  { .size = 57 * 8, FIELDS },
  { .size = 128 * 8, FIELDS },
};

/* Every 64th word of the backing store holds the NaT bits of the 63 before it. */
static uint64_t
skip_registers (uint64_t address, int n)
{
  int delta = (int) (address >> 3 & 63) + n;

  if (n < 0)
    delta -= 62;

  return address + (uint64_t) (int64_t) (n + delta / 63) * 8;
}

static bool
ia64_arg_address (const PinkArch *arch, const PinkArchLayout *layout, const void *regs, unsigned arg,
                  uint64_t *address)
{
  const PinkArchField cfm = R (43), bsp = R (46);
  uint64_t frame = pink_arch_field_get (arch, regs, cfm);
  int size = (int) (frame & 127), locals = (int) (frame >> 7 & 127);

  (void) layout;

  /* The frame may be smaller than six arguments: what is beyond it is not the
   * caller's. A mark frame of nonsense has more locals than registers. */
  if (locals + (int) arg >= size)
    return false;

  *address = skip_registers (pink_arch_field_get (arch, regs, bsp), locals - size + (int) arg);
  return true;
}

const PinkArch pink_arch_ia64 = {
  .id = PINK_ARCH_IA64,
  .audit = AUDIT_IA64,
  .elf_machine = EM_IA_64,
  .word_size = 8,
  .reg_size = 8,
  .layouts = ia64_layouts,
  .n_layouts = 2,
  .error_way = PINK_ARCH_ERROR_FLAG,
  .error_mask = UINT64_MAX,
  .error_set = UINT64_MAX,
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
  .arg_address = ia64_arg_address,
};
