/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-types.h>

G_BEGIN_DECLS

#define PINK_TYPE_SYSCALL_LOG (pink_syscall_log_get_type ())
PINK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PinkSyscallLog, pink_syscall_log, PINK, SYSCALL_LOG, GObject)

PINK_AVAILABLE_IN_1_0
PinkSyscallLog *pink_syscall_log_new                 (void);
PINK_AVAILABLE_IN_1_0
guint           pink_syscall_log_get_max_rows        (PinkSyscallLog *self);
PINK_AVAILABLE_IN_1_0
void            pink_syscall_log_set_max_rows        (PinkSyscallLog *self,
                                                      guint           max_rows);
PINK_AVAILABLE_IN_1_0
PinkTextFlags   pink_syscall_log_get_text_flags      (PinkSyscallLog *self);
PINK_AVAILABLE_IN_1_0
void            pink_syscall_log_set_text_flags      (PinkSyscallLog *self,
                                                      PinkTextFlags   flags);
PINK_AVAILABLE_IN_1_0
guint64         pink_syscall_log_get_max_bytes       (PinkSyscallLog *self);
PINK_AVAILABLE_IN_1_0
void            pink_syscall_log_set_max_bytes       (PinkSyscallLog *self,
                                                      guint64         max_bytes);
PINK_AVAILABLE_IN_1_0
gboolean        pink_syscall_log_get_drop_newest     (PinkSyscallLog *self);
PINK_AVAILABLE_IN_1_0
void            pink_syscall_log_set_drop_newest     (PinkSyscallLog *self,
                                                      gboolean        drop_newest);
PINK_AVAILABLE_IN_1_0
guint           pink_syscall_log_get_string_limit    (PinkSyscallLog *self);
PINK_AVAILABLE_IN_1_0
void            pink_syscall_log_set_string_limit    (PinkSyscallLog *self,
                                                      guint           limit);
PINK_AVAILABLE_IN_1_0
guint           pink_syscall_log_get_update_interval (PinkSyscallLog *self);
PINK_AVAILABLE_IN_1_0
void            pink_syscall_log_set_update_interval (PinkSyscallLog *self,
                                                      guint           milliseconds);
PINK_AVAILABLE_IN_1_0
guint64         pink_syscall_log_get_n_bytes         (PinkSyscallLog *self);
PINK_AVAILABLE_IN_1_0
guint64         pink_syscall_log_get_n_dropped       (PinkSyscallLog *self);
PINK_AVAILABLE_IN_1_0
void            pink_syscall_log_clear               (PinkSyscallLog *self);
PINK_AVAILABLE_IN_1_0
gboolean        pink_syscall_log_save                (PinkSyscallLog  *self,
                                                      GFile           *file,
                                                      GCancellable    *cancellable,
                                                      GError         **error);
PINK_AVAILABLE_IN_1_0
void            pink_syscall_log_save_async          (PinkSyscallLog       *self,
                                                      GFile                *file,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
PINK_AVAILABLE_IN_1_0
gboolean        pink_syscall_log_save_finish         (PinkSyscallLog  *self,
                                                      GAsyncResult    *result,
                                                      GError         **error);
PINK_AVAILABLE_IN_1_0
void            pink_syscall_log_load_async          (PinkSyscallLog       *self,
                                                      GFile                *file,
                                                      GCancellable         *cancellable,
                                                      GAsyncReadyCallback   callback,
                                                      gpointer              user_data);
PINK_AVAILABLE_IN_1_0
gboolean        pink_syscall_log_load_finish         (PinkSyscallLog  *self,
                                                      GAsyncResult    *result,
                                                      GError         **error);
PINK_AVAILABLE_IN_1_0
gboolean        pink_syscall_log_load                (PinkSyscallLog  *self,
                                                      GFile           *file,
                                                      GCancellable    *cancellable,
                                                      GError         **error);
PINK_AVAILABLE_IN_1_0
gboolean        pink_syscall_log_export_json         (PinkSyscallLog  *self,
                                                      GFile           *file,
                                                      GCancellable    *cancellable,
                                                      GError         **error);

G_END_DECLS
