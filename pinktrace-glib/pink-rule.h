/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-types.h>

G_BEGIN_DECLS

/**
 * PinkComparison:
 * @PINK_COMPARISON_EQUAL: the argument is the value
 * @PINK_COMPARISON_NOT_EQUAL: it is not
 * @PINK_COMPARISON_LESS: it is less
 * @PINK_COMPARISON_LESS_OR_EQUAL: it is not greater
 * @PINK_COMPARISON_GREATER: it is greater
 * @PINK_COMPARISON_GREATER_OR_EQUAL: it is not less
 *
 * How an argument is compared with a value, both as signed numbers with the width of
 * the argument's type.
 *
 * Since: 1.0
 */
typedef enum
{
  PINK_COMPARISON_EQUAL,
  PINK_COMPARISON_NOT_EQUAL,
  PINK_COMPARISON_LESS,
  PINK_COMPARISON_LESS_OR_EQUAL,
  PINK_COMPARISON_GREATER,
  PINK_COMPARISON_GREATER_OR_EQUAL
} PinkComparison;

#define PINK_TYPE_RULE (pink_rule_get_type ())
PINK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PinkRule, pink_rule, PINK, RULE, GObject)

PINK_AVAILABLE_IN_1_0
PinkRule *pink_rule_new                 (const char          *syscall);
PINK_AVAILABLE_IN_1_0
gboolean  pink_rule_set_syscalls        (PinkRule            *self,
                                         const char * const  *names,
                                         GError             **error);
PINK_AVAILABLE_IN_1_0
void      pink_rule_set_occurrences     (PinkRule            *self,
                                         guint                first,
                                         guint                last,
                                         guint                step);
PINK_AVAILABLE_IN_1_0
void      pink_rule_set_per_tracer      (PinkRule            *self,
                                         gboolean             per_tracer);
PINK_AVAILABLE_IN_1_0
gboolean  pink_rule_get_per_tracer      (PinkRule            *self);
PINK_AVAILABLE_IN_1_0
gboolean  pink_rule_match_argument      (PinkRule            *self,
                                         guint                index,
                                         PinkComparison       comparison,
                                         gint64               value,
                                         GError             **error);
PINK_AVAILABLE_IN_1_0
gboolean  pink_rule_match_bits          (PinkRule            *self,
                                         guint                index,
                                         guint64              mask,
                                         guint64              bits,
                                         GError             **error);
PINK_AVAILABLE_IN_1_0
void      pink_rule_match_path          (PinkRule            *self,
                                         const char          *pattern);
PINK_AVAILABLE_IN_1_0
void      pink_rule_match_descriptor    (PinkRule            *self,
                                         int                  descriptor);
PINK_AVAILABLE_IN_1_0
void      pink_rule_allow               (PinkRule            *self);
PINK_AVAILABLE_IN_1_0
void      pink_rule_deny                (PinkRule            *self,
                                         int                  number);
PINK_AVAILABLE_IN_1_0
gboolean  pink_rule_deny_by_name        (PinkRule            *self,
                                         const char          *name,
                                         GError             **error);
PINK_AVAILABLE_IN_1_0
gboolean  pink_rule_deny_value          (PinkRule            *self,
                                         const GValue        *value,
                                         GError             **error);
PINK_AVAILABLE_IN_1_0
void      pink_rule_set_return_value    (PinkRule            *self,
                                         gint64               value);
PINK_AVAILABLE_IN_1_0
void      pink_rule_set_argument        (PinkRule            *self,
                                         guint                index,
                                         guint64              value);
PINK_AVAILABLE_IN_1_0
gboolean  pink_rule_set_name            (PinkRule            *self,
                                         const char          *name,
                                         GError             **error);
PINK_AVAILABLE_IN_1_0
void      pink_rule_set_delay           (PinkRule            *self,
                                         guint64              enter,
                                         guint64              leave);
PINK_AVAILABLE_IN_1_0
gboolean  pink_rule_set_signal          (PinkRule            *self,
                                         int                  number,
                                         GError             **error);
PINK_AVAILABLE_IN_1_0
guint64   pink_rule_get_n_matches       (PinkRule            *self);

G_END_DECLS
