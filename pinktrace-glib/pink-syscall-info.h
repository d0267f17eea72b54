/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-abi.h>

G_BEGIN_DECLS

#define PINK_TYPE_SYSCALL_INFO (pink_syscall_info_get_type ())

/**
 * PinkSyscallInfo:
 *
 * What is known of a system call of an ABI.
 *
 * Since: 1.0
 */
typedef struct _PinkSyscallInfo PinkSyscallInfo;

PINK_AVAILABLE_IN_1_0
GType            pink_syscall_info_get_type          (void) G_GNUC_CONST;

PINK_AVAILABLE_IN_1_0
PinkSyscallInfo *pink_syscall_info_lookup            (PinkAbi                abi,
                                                      guint64                number);
PINK_AVAILABLE_IN_1_0
PinkSyscallInfo *pink_syscall_info_first             (PinkAbi                abi);
PINK_AVAILABLE_IN_1_0
PinkSyscallInfo *pink_syscall_info_next              (const PinkSyscallInfo *self);
PINK_AVAILABLE_IN_1_0
PinkSyscallInfo *pink_syscall_info_copy              (const PinkSyscallInfo *self);
PINK_AVAILABLE_IN_1_0
void             pink_syscall_info_free              (PinkSyscallInfo       *self);

PINK_AVAILABLE_IN_1_0
PinkAbi          pink_syscall_info_get_abi           (const PinkSyscallInfo *self);
PINK_AVAILABLE_IN_1_0
guint64          pink_syscall_info_get_number        (const PinkSyscallInfo *self);
PINK_AVAILABLE_IN_1_0
const char      *pink_syscall_info_get_name          (const PinkSyscallInfo *self);
PINK_AVAILABLE_IN_1_0
char           **pink_syscall_info_get_classes       (const PinkSyscallInfo *self);
PINK_AVAILABLE_IN_1_0
guint            pink_syscall_info_get_n_arguments   (const PinkSyscallInfo *self);
PINK_AVAILABLE_IN_1_0
const char      *pink_syscall_info_get_argument_name (const PinkSyscallInfo *self,
                                                      guint                  index);
PINK_AVAILABLE_IN_1_0
const char      *pink_syscall_info_get_argument_type (const PinkSyscallInfo *self,
                                                      guint                  index);
PINK_AVAILABLE_IN_1_0
const char      *pink_syscall_info_get_result_type   (const PinkSyscallInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinkSyscallInfo, pink_syscall_info_free)

G_END_DECLS
