/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-arch.h"

/**
 * SECTION:pink-syscall-info
 * @title: PinkSyscallInfo
 * @short_description: what is known of a system call
 *
 * A #PinkSyscallInfo tells a system call's name and number, the classes it is
 * filtered by, and its arguments, of any #PinkAbi on any machine. All calls of one
 * are walked over by pink_syscall_info_first() and pink_syscall_info_next():
 *
 * |[<!-- language="Python" -->
 * call = PinkTrace.SyscallInfo.first(PinkTrace.Abi.RISCV64)
 * while call is not None:
 *     args = [call.get_argument_name(i) for i in range(call.get_n_arguments())]
 *     print(call.get_number(), call.get_name(), args, call.get_classes())
 *     call = call.next()
 * ]|
 *
 * Types of arguments and results are words: "int", "uint", "long", "ulong" (with the
 * ABI's width), "llong" and "ullong" (64 bits: two registers on most 32-bit ABIs),
 * "hex" and "hex32" (flags and requests), "oct" (a file mode), "fd", "dirfd", "pid",
 * "uid" (group ids too), "signal", "pointer", "path", "string", "buf" (bytes the call
 * reads), "out" (bytes the call writes) and "strv" (a vector of strings). A later
 * version may know more words.
 *
 * An info never changes. All functions here are callable from any thread.
 */
struct _PinkSyscallInfo
{
  const PinkArch        *arch;
  const PinkArchSyscall *call; /* a row of the table, which is constant */
  guint64                number;
};

G_DEFINE_BOXED_TYPE (PinkSyscallInfo, pink_syscall_info, pink_syscall_info_copy, pink_syscall_info_free)

/**
 * pink_syscall_info_lookup:
 * @abi: an ABI
 * @number: a system call's number on that ABI; of x32 with or without the
 *   marker bit 0x40000000
 *
 * What is known of a system call.
 *
 * Returns: (transfer full) (nullable): the info, or %NULL if that ABI has no call
 *   of that number
 *
 * Since: 1.0
 */
PinkSyscallInfo *
pink_syscall_info_lookup (PinkAbi abi,
                          guint64 number)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);
  PinkSyscallInfo *self;
  int row;

  if (arch == NULL)
    return NULL;
  number = pink_arch_table_number (arch, number);
  row = pink_arch_syscall_index (arch, number);
  if (row < 0)
    return NULL;

  self = g_new (PinkSyscallInfo, 1);
  self->arch = arch;
  self->call = pink_arch_syscall ((unsigned) row);
  self->number = number;
  return self;
}

static PinkSyscallInfo *
info_after (const PinkArch *arch,
            gint64          number)
{
  number = pink_arch_syscall_next (arch, number);
  return number >= 0 ? pink_syscall_info_lookup ((PinkAbi) pink_arch_id (arch), (guint64) number) : NULL;
}

/**
 * pink_syscall_info_first:
 * @abi: an ABI
 *
 * Begins a walk over all system calls of an ABI, by rising number.
 *
 * Returns: (transfer full) (nullable): the call of the lowest number, or %NULL for
 *   %PINK_ABI_UNKNOWN
 *
 * Since: 1.0
 */
PinkSyscallInfo *
pink_syscall_info_first (PinkAbi abi)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  return arch != NULL ? info_after (arch, -1) : NULL;
}

/**
 * pink_syscall_info_next:
 * @self: an info
 *
 * Goes on with a walk over all system calls of an ABI.
 *
 * Returns: (transfer full) (nullable): the call of the next number that its ABI has,
 *   or %NULL after the last
 *
 * Since: 1.0
 */
PinkSyscallInfo *
pink_syscall_info_next (const PinkSyscallInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return info_after (self->arch, (gint64) self->number);
}

/**
 * pink_syscall_info_copy:
 * @self: an info
 *
 * Another of the same.
 *
 * Returns: (transfer full): the copy
 *
 * Since: 1.0
 */
PinkSyscallInfo *
pink_syscall_info_copy (const PinkSyscallInfo *self)
{
  PinkSyscallInfo *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = g_new (PinkSyscallInfo, 1);
  *copy = *self;
  return copy;
}

/**
 * pink_syscall_info_free:
 * @self: (transfer full) (nullable): an info
 *
 * Frees it.
 *
 * Since: 1.0
 */
void
pink_syscall_info_free (PinkSyscallInfo *self)
{
  g_free (self);
}

/**
 * pink_syscall_info_get_abi:
 * @self: an info
 *
 * Which ABI the call is of.
 *
 * Returns: the ABI that was asked for
 *
 * Since: 1.0
 */
PinkAbi
pink_syscall_info_get_abi (const PinkSyscallInfo *self)
{
  g_return_val_if_fail (self != NULL, PINK_ABI_UNKNOWN);

  return (PinkAbi) pink_arch_id (self->arch);
}

/**
 * pink_syscall_info_get_number:
 * @self: an info
 *
 * The number by which it is called.
 *
 * Returns: the call's number on its ABI; of x32 without the marker bit
 *
 * Since: 1.0
 */
guint64
pink_syscall_info_get_number (const PinkSyscallInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->number;
}

/**
 * pink_syscall_info_get_name:
 * @self: an info
 *
 * What it is called.
 *
 * Returns: the call's name, such as "openat"
 *
 * Since: 1.0
 */
const char *
pink_syscall_info_get_name (const PinkSyscallInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->call->name;
}

/**
 * pink_syscall_info_get_classes:
 * @self: an info
 *
 * The classes of calls that this one is in: "file", "network"… With a percent sign
 * before them pink_syscall_expand() understands them.
 *
 * Returns: (transfer full) (array zero-terminated=1): the classes' names, perhaps none
 *
 * Since: 1.0
 */
char **
pink_syscall_info_get_classes (const PinkSyscallInfo *self)
{
  g_autoptr (GPtrArray) names = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  names = g_ptr_array_new ();
  for (unsigned bit = 0; pink_arch_class_name (bit) != NULL; bit++)
    if ((self->call->classes & (1u << bit)) != 0)
      g_ptr_array_add (names, g_strdup (pink_arch_class_name (bit)));
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

/**
 * pink_syscall_info_get_n_arguments:
 * @self: an info
 *
 * How many arguments there are.
 *
 * Returns: how many arguments the call takes, as a programmer counts them: from 0 to 6
 *
 * Since: 1.0
 */
guint
pink_syscall_info_get_n_arguments (const PinkSyscallInfo *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->call->n_args;
}

/**
 * pink_syscall_info_get_argument_name:
 * @self: an info
 * @index: which argument, from 0
 *
 * What an argument is called.
 *
 * Returns: (nullable): its name as in the manual pages, such as "pathname", or %NULL
 *   if the call has no such argument
 *
 * Since: 1.0
 */
const char *
pink_syscall_info_get_argument_name (const PinkSyscallInfo *self,
                                     guint                  index)
{
  g_return_val_if_fail (self != NULL, NULL);

  return index < self->call->n_args ? self->call->args[index].name : NULL;
}

/**
 * pink_syscall_info_get_argument_type:
 * @self: an info
 * @index: which argument, from 0
 *
 * How an argument is to be understood.
 *
 * Returns: (nullable): its type, in one of the words above, or %NULL if the call has
 *   no such argument
 *
 * Since: 1.0
 */
const char *
pink_syscall_info_get_argument_type (const PinkSyscallInfo *self,
                                     guint                  index)
{
  g_return_val_if_fail (self != NULL, NULL);

  return index < self->call->n_args ? pink_arch_kind_name ((PinkArgKind) self->call->args[index].kind) : NULL;
}

/**
 * pink_syscall_info_get_result_type:
 * @self: an info
 *
 * How the result is to be understood.
 *
 * Returns: (nullable): the type of what the call returns, in one of the words above,
 *   or %NULL if it never returns
 *
 * Since: 1.0
 */
const char *
pink_syscall_info_get_result_type (const PinkSyscallInfo *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return pink_arch_kind_name ((PinkArgKind) self->call->result);
}
