/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-syscall-event.h>
#include <pinktrace-glib/pink-types.h>

G_BEGIN_DECLS

#define PINK_TYPE_TRACER (pink_tracer_get_type ())
PINK_AVAILABLE_IN_1_0
G_DECLARE_DERIVABLE_TYPE (PinkTracer, pink_tracer, PINK, TRACER, GObject)

struct _PinkTracerClass
{
  GObjectClass parent_class;

  /*< private >*/
  gpointer padding[12];
};

/**
 * PINK_PRIORITY_TRACER:
 *
 * The priority of a tracer's #GSource unless it is set: after GTK's redraw,
 * before idle work.
 *
 * Since: 1.0
 */
#define PINK_PRIORITY_TRACER 130

/**
 * PinkVerdict:
 * @PINK_VERDICT_ALLOW: the call is made
 * @PINK_VERDICT_DENY: the call is not made, and fails
 *
 * What becomes of a system call.
 *
 * Since: 1.0
 */
typedef enum
{
  PINK_VERDICT_ALLOW,
  PINK_VERDICT_DENY
} PinkVerdict;

PINK_AVAILABLE_IN_1_0
PinkTracer *pink_tracer_new              (void);
PINK_AVAILABLE_IN_1_0
PinkTracee *pink_tracer_spawn            (PinkTracer           *self,
                                          const char * const   *argv,
                                          GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_attach           (PinkTracer           *self,
                                          int                   pid,
                                          GError              **error);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_attach_async     (PinkTracer           *self,
                                          int                   pid,
                                          GCancellable         *cancellable,
                                          GAsyncReadyCallback   callback,
                                          gpointer              user_data);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_attach_finish    (PinkTracer           *self,
                                          GAsyncResult         *result,
                                          GError              **error);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_detach_all       (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_run              (PinkTracer           *self,
                                          GError              **error);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_run_async        (PinkTracer           *self,
                                          GCancellable         *cancellable,
                                          GAsyncReadyCallback   callback,
                                          gpointer              user_data);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_run_finish       (PinkTracer           *self,
                                          GAsyncResult         *result,
                                          GError              **error);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_quit             (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
char       *pink_tracer_dump_state       (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
guint       pink_tracer_get_n_tracees    (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
GListModel *pink_tracer_get_tracees      (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_get_follow_forks (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_set_follow_forks (PinkTracer           *self,
                                          gboolean              follow_forks);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_get_exit_kill    (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_set_exit_kill    (PinkTracer           *self,
                                          gboolean              exit_kill);
PINK_AVAILABLE_IN_1_0
int         pink_tracer_get_priority     (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_set_priority     (PinkTracer           *self,
                                          int                   priority);
PINK_AVAILABLE_IN_1_0
guint       pink_tracer_get_string_limit (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_set_string_limit (PinkTracer           *self,
                                          guint                 limit);
PINK_AVAILABLE_IN_1_0
PinkTextFlags pink_tracer_get_text_flags (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_set_text_flags   (PinkTracer           *self,
                                          PinkTextFlags         flags);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_get_observe_only (PinkTracer          *self);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_set_observe_only (PinkTracer          *self,
                                          gboolean             observe_only);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_get_measure_cpu  (PinkTracer           *self);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_set_measure_cpu  (PinkTracer           *self,
                                          gboolean              measure_cpu);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_set_syscalls     (PinkTracer           *self,
                                          const char * const   *names,
                                          GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_add_rule         (PinkTracer           *self,
                                          PinkRule             *rule,
                                          GError              **error);
PINK_AVAILABLE_IN_1_0
gboolean    pink_tracer_remove_rule      (PinkTracer           *self,
                                          PinkRule             *rule);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_add_log          (PinkTracer           *self,
                                          PinkSyscallLog       *log);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_remove_log       (PinkTracer           *self,
                                          PinkSyscallLog       *log);
PINK_AVAILABLE_IN_1_0
PinkVerdict pink_tracer_get_default_verdict (PinkTracer       *self);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_set_default_verdict (PinkTracer       *self,
                                             PinkVerdict       verdict);
PINK_AVAILABLE_IN_1_0
const char *pink_tracer_get_default_error (PinkTracer         *self);
PINK_AVAILABLE_IN_1_0
void        pink_tracer_set_default_error (PinkTracer         *self,
                                           const char         *name);

G_END_DECLS
