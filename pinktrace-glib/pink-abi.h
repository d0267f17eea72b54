/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-types.h>

G_BEGIN_DECLS

/**
 * PinkAbi:
 * @PINK_ABI_UNKNOWN: not known to this version of the library
 * @PINK_ABI_X86_64: 64-bit x86
 * @PINK_ABI_I386: 32-bit x86, also the calls a 64-bit process makes by int 0x80
 * @PINK_ABI_X32: x86_64 with 32-bit pointers
 * @PINK_ABI_AARCH64: 64-bit Arm
 * @PINK_ABI_ARM: 32-bit Arm, EABI
 * @PINK_ABI_POWERPC: 32-bit PowerPC, big-endian
 * @PINK_ABI_POWERPC64: 64-bit PowerPC, big-endian
 * @PINK_ABI_POWERPC64LE: 64-bit PowerPC, little-endian
 * @PINK_ABI_IA64: IA-64
 * @PINK_ABI_RISCV64: 64-bit RISC-V
 * @PINK_ABI_S390X: 64-bit s390
 * @PINK_ABI_S390: 31-bit s390
 * @PINK_ABI_MIPS_O32: MIPS o32, big-endian
 * @PINK_ABI_MIPS_N32: MIPS n32, big-endian
 * @PINK_ABI_MIPS_N64: MIPS n64, big-endian
 * @PINK_ABI_MIPSEL_O32: MIPS o32, little-endian
 * @PINK_ABI_MIPSEL_N32: MIPS n32, little-endian
 * @PINK_ABI_MIPSEL_N64: MIPS n64, little-endian
 * @PINK_ABI_LOONGARCH64: 64-bit LoongArch
 *
 * How a program calls the kernel: which numbers the system calls have, and how
 * wide a pointer is. One process can use more than one ABI, call by call.
 *
 * The values are the same on every machine, whatever it runs itself.
 *
 * Since: 1.0
 */
typedef enum
{
  PINK_ABI_UNKNOWN,
  PINK_ABI_X86_64,
  PINK_ABI_I386,
  PINK_ABI_X32,
  PINK_ABI_AARCH64,
  PINK_ABI_ARM,
  PINK_ABI_POWERPC,
  PINK_ABI_POWERPC64,
  PINK_ABI_POWERPC64LE,
  PINK_ABI_IA64,
  PINK_ABI_RISCV64,
  PINK_ABI_S390X,
  PINK_ABI_S390,
  PINK_ABI_MIPS_O32,
  PINK_ABI_MIPS_N32,
  PINK_ABI_MIPS_N64,
  PINK_ABI_MIPSEL_O32,
  PINK_ABI_MIPSEL_N32,
  PINK_ABI_MIPSEL_N64,
  PINK_ABI_LOONGARCH64
} PinkAbi;

PINK_AVAILABLE_IN_1_0
PinkAbi     pink_abi_get_native       (void);
PINK_AVAILABLE_IN_1_0
PinkAbi     pink_abi_from_name        (const char *name);
PINK_AVAILABLE_IN_1_0
const char *pink_abi_get_name         (PinkAbi     abi);
PINK_AVAILABLE_IN_1_0
guint       pink_abi_get_word_size    (PinkAbi     abi);
PINK_AVAILABLE_IN_1_0
gboolean    pink_abi_is_big_endian    (PinkAbi     abi);
PINK_AVAILABLE_IN_1_0
guint32     pink_abi_get_audit_arch   (PinkAbi     abi);
PINK_AVAILABLE_IN_1_0
guint       pink_abi_get_elf_machine  (PinkAbi     abi);

PINK_AVAILABLE_IN_1_0
const char *pink_abi_errno_name       (PinkAbi     abi,
                                       int         number);
PINK_AVAILABLE_IN_1_0
int         pink_abi_errno_from_name  (PinkAbi     abi,
                                       const char *name);
PINK_AVAILABLE_IN_1_0
const char *pink_abi_signal_name      (PinkAbi     abi,
                                       int         number);
PINK_AVAILABLE_IN_1_0
int         pink_abi_signal_from_name (PinkAbi     abi,
                                       const char *name);

G_END_DECLS
