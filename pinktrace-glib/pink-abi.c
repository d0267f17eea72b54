/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-host.h"

/**
 * SECTION:pink-abi
 * @title: ABIs
 * @short_description: how programs call the kernel
 *
 * #PinkAbi has the same values on every machine, so that what was recorded on
 * one can be read on another.
 */

/* arch/ knows nothing of this header; the values are written twice. */
G_STATIC_ASSERT ((int) PINK_ABI_UNKNOWN == (int) PINK_ARCH_UNKNOWN);
G_STATIC_ASSERT ((int) PINK_ABI_X86_64 == (int) PINK_ARCH_X86_64);
G_STATIC_ASSERT ((int) PINK_ABI_X32 == (int) PINK_ARCH_X32);
G_STATIC_ASSERT ((int) PINK_ABI_POWERPC64LE == (int) PINK_ARCH_POWERPC64LE);
G_STATIC_ASSERT ((int) PINK_ABI_S390 == (int) PINK_ARCH_S390);
G_STATIC_ASSERT ((int) PINK_ABI_MIPSEL_N64 == (int) PINK_ARCH_MIPSEL_N64);
G_STATIC_ASSERT ((int) PINK_ABI_LOONGARCH64 == (int) PINK_ARCH_LOONGARCH64);

/**
 * pink_abi_get_native:
 *
 * The ABI this library was built for. Callable from any thread.
 *
 * Returns: the ABI
 *
 * Since: 1.0
 */
PinkAbi
pink_abi_get_native (void)
{
  return (PinkAbi) PINK_HOST_ARCH;
}

/**
 * pink_abi_get_name:
 * @abi: an ABI
 *
 * The usual name of an ABI: "x86_64", "i386". Callable from any thread.
 *
 * Returns: (nullable): the name, or %NULL for an ABI this version of the
 *   library cannot decode
 *
 * Since: 1.0
 */
const char *
pink_abi_get_name (PinkAbi abi)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  return arch != NULL ? pink_arch_name (arch) : NULL;
}
