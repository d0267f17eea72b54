/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * x86_64, i386 and x32, as an x86_64 kernel and an i386 kernel show them.
 */
#include "pink-arch-private.h"

#define EM_I386 3
#define EM_X86_64 62
#define AUDIT_X86_64 0xc000003eu
#define AUDIT_I386 0x40000003u

#define X32_BIT 0x40000000u

/* A process in 32-bit mode has this code segment on every x86_64 Linux; the
 * 64-bit one has several values (Xen), so ask for this one only. */
#define USER32_CS 0x23

/* user_regs_struct of x86_64: r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx
 * rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es fs gs. */
#define Q(index, bytes) { (index) * 8, (bytes) }
#define CS64 Q (17, 8)

#define FIELDS_64 \
  .size = 216, \
  .number = Q (15, 8), \
  .args = { Q (14, 8), Q (13, 8), Q (12, 8), Q (7, 8), Q (9, 8), Q (8, 8) }, \
  .result = Q (10, 8), \
  .next_number = Q (10, 8), \
  .ip = Q (16, 8), \
  .sp = Q (19, 8)

static const PinkArchLayout x86_64_layouts[] = { { FIELDS_64 } };

/* user_regs_struct of i386: ebx ecx edx esi edi ebp eax ds es fs gs orig_eax
 * eip cs eflags esp ss. */
#define L(index) { (index) * 4, 4 }

static const PinkArchLayout i386_layouts[] = {
  {
    .size = 68,
    .number = L (11),
    .args = { L (0), L (1), L (2), L (3), L (4), L (5) },
    .result = L (6),
    .next_number = L (6),
    .ip = L (12),
    .sp = L (15),
  },
  /* `int $0x80` in a 64-bit process, and PTRACE_GETREGS of a 32-bit one: the
   * large register set. The kernel looks at the lower halves of the argument
   * registers alone; four bytes here truncate as it does, and a change leaves
   * the upper halves, which are the program's, as they are. */
  {
    .size = 216,
    .number = Q (15, 8),
    .args = { Q (5, 4), Q (11, 4), Q (12, 4), Q (13, 4), Q (14, 4), Q (4, 4) },
    .result = Q (10, 8),
    .next_number = Q (10, 8),
    .ip = Q (16, 8),
    .sp = Q (19, 8),
  },
};

/* A number of −1 (a skipped call) has bit 30 too. */
static bool
is_x32_number (uint64_t number)
{
  return (number & (0x80000000u | X32_BIT)) == X32_BIT;
}

static const PinkArch *
x86_from_regset (const void *regs, size_t size)
{
  const PinkArchField cs = CS64;
  const PinkArchField number = Q (15, 8);

  if (size == i386_layouts[0].size)
    return &pink_arch_i386;

  if (size != x86_64_layouts[0].size)
    return NULL;

  if (pink_arch_field_get (&pink_arch_x86_64, regs, cs) == USER32_CS)
    return &pink_arch_i386;

  return is_x32_number (pink_arch_field_get (&pink_arch_x86_64, regs, number))
         ? &pink_arch_x32
         : &pink_arch_x86_64;
}

const PinkArch pink_arch_x86_64 = {
  .id = PINK_ARCH_X86_64,
  .audit = AUDIT_X86_64,
  .elf_machine = EM_X86_64,
  .word_size = 8,
  .reg_size = 8,
  .call_size = 2,
  .layouts = x86_64_layouts,
  .n_layouts = 1,
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
  .from_regset = x86_from_regset,
};

const PinkArch pink_arch_x32 = {
  .id = PINK_ARCH_X32,
  .audit = AUDIT_X86_64,
  .elf_machine = EM_X86_64,
  .word_size = 4,
  .reg_size = 8,
  .call_size = 2,
  .marker = X32_BIT,
  .layouts = x86_64_layouts,
  .n_layouts = 1,
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
  .from_regset = x86_from_regset,
};

const PinkArch pink_arch_i386 = {
  .id = PINK_ARCH_I386,
  .audit = AUDIT_I386,
  .elf_machine = EM_I386,
  .word_size = 4,
  .reg_size = 4,
  .call_size = 2,
  .layouts = i386_layouts,
  .n_layouts = sizeof i386_layouts / sizeof i386_layouts[0],
  .errnos = PINK_ARCH_ERRNOS_GENERIC,
  .signals = &pink_arch_signals_generic,
  .from_regset = x86_from_regset, /* a 32-bit tracer on a 64-bit kernel sees all three */
};
