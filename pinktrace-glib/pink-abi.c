/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-host.h"

/**
 * SECTION:pink-abi
 * @title: ABIs
 * @short_description: how programs call the kernel
 *
 * #PinkAbi has the same values on every machine, so that what was recorded on
 * one can be read on another. What is known of an ABI is known on every machine:
 *
 * |[<!-- language="Python" -->
 * abi = PinkTrace.Abi.from_name("aarch64")
 * print(PinkTrace.syscall_name(abi, 56))  # openat
 * ]|
 *
 * All functions here are callable from any thread.
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
 * pink_abi_from_name:
 * @name: the usual name of an ABI, as of pink_abi_get_name()
 *
 * The ABI of a name.
 *
 * Returns: the ABI, or %PINK_ABI_UNKNOWN if none has that name
 *
 * Since: 1.0
 */
PinkAbi
pink_abi_from_name (const char *name)
{
  g_return_val_if_fail (name != NULL, PINK_ABI_UNKNOWN);

  for (int id = PINK_ARCH_UNKNOWN + 1; id < PINK_ARCH_N_IDS; id++)
    {
      const PinkArch *arch = pink_arch_get ((PinkArchId) id);

      if (arch != NULL && g_str_equal (pink_arch_name (arch), name))
        return (PinkAbi) id;
    }
  return PINK_ABI_UNKNOWN;
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

/**
 * pink_abi_get_word_size:
 * @abi: an ABI
 *
 * How many bytes a pointer has: 4 or 8. Arguments of a system call may have more:
 * on %PINK_ABI_X32 they have 8.
 *
 * Returns: the size in bytes, or 0 for %PINK_ABI_UNKNOWN
 *
 * Since: 1.0
 */
guint
pink_abi_get_word_size (PinkAbi abi)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  return arch != NULL ? pink_arch_word_size (arch) : 0;
}

/**
 * pink_abi_is_big_endian:
 * @abi: an ABI
 *
 * Whether a word in memory has its most significant byte first.
 *
 * Returns: %TRUE if it has; %FALSE too for %PINK_ABI_UNKNOWN
 *
 * Since: 1.0
 */
gboolean
pink_abi_is_big_endian (PinkAbi abi)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  return arch != NULL && pink_arch_is_big_endian (arch);
}

/**
 * pink_abi_get_audit_arch:
 * @abi: an ABI
 *
 * The AUDIT_ARCH word of <filename>linux/audit.h</filename>, which seccomp filters
 * see. %PINK_ABI_X32 has that of %PINK_ABI_X86_64, and is told by bit 30 of the
 * number; MIPS n32 and n64 differ in a bit of the word.
 *
 * Returns: the word, or 0 for %PINK_ABI_UNKNOWN
 *
 * Since: 1.0
 */
guint32
pink_abi_get_audit_arch (PinkAbi abi)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  return arch != NULL ? pink_arch_audit (arch) : 0;
}

/**
 * pink_abi_get_elf_machine:
 * @abi: an ABI
 *
 * The `e_machine` that programs of this ABI have in their ELF header, see elf(5).
 *
 * Returns: the number, or 0 for %PINK_ABI_UNKNOWN
 *
 * Since: 1.0
 */
guint
pink_abi_get_elf_machine (PinkAbi abi)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  return arch != NULL ? pink_arch_elf_machine (arch) : 0;
}

/**
 * pink_abi_errno_name:
 * @abi: an ABI
 * @number: an error number of that ABI, positive
 *
 * The name of an error there. Most ABIs agree; MIPS has numbers of its own from 35
 * on. See pink_errno_name() for those of this machine.
 *
 * Returns: (nullable): its name, such as "ENOSYS", or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
pink_abi_errno_name (PinkAbi abi,
                     int     number)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  return arch != NULL ? pink_arch_errno_name (arch, number) : NULL;
}

/**
 * pink_abi_errno_from_name:
 * @abi: an ABI
 * @name: the name of an error, such as "ENOSYS"
 *
 * The number of an error there.
 *
 * Returns: its number, or -1 if that ABI has none of that name
 *
 * Since: 1.0
 */
int
pink_abi_errno_from_name (PinkAbi     abi,
                          const char *name)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  g_return_val_if_fail (name != NULL, -1);

  return arch != NULL ? pink_arch_errno_number (arch, name) : -1;
}

/**
 * pink_abi_signal_name:
 * @abi: an ABI
 * @number: a signal's number of that ABI
 *
 * The name of a signal there. Most ABIs agree; MIPS has numbers of its own. See
 * pink_signal_name() for those of this machine.
 *
 * Returns: (nullable): its name, such as "SIGCHLD", or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
pink_abi_signal_name (PinkAbi abi,
                      int     number)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  return arch != NULL ? pink_arch_signal_name (arch, number) : NULL;
}

/**
 * pink_abi_signal_from_name:
 * @abi: an ABI
 * @name: the name of a signal, such as "SIGCHLD"
 *
 * The number of a signal there.
 *
 * Returns: its number, or -1 if that ABI has none of that name
 *
 * Since: 1.0
 */
int
pink_abi_signal_from_name (PinkAbi     abi,
                           const char *name)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  g_return_val_if_fail (name != NULL, -1);

  return arch != NULL ? pink_arch_signal_number (arch, name) : -1;
}
