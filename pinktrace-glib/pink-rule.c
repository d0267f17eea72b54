/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-errno-private.h"
#include "pink-rule-private.h"
#include "pink-syscall-private.h"
#include "pink-text-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/**
 * SECTION:pink-rule
 * @title: PinkRule
 * @short_description: what is done with calls, without a handler
 *
 * A #PinkRule says beforehand what is done with some calls, in plain data that the
 * tracer task evaluates by itself: to keep a program from something, or to see what
 * it does when something fails. No handler is called for it, and the main loop is
 * not troubled.
 *
 * A rule is for the calls it was made for. What has been said by pink_rule_match_argument(),
 * pink_rule_match_path() and so on must hold, too, all of it; of the calls for which it
 * does, pink_rule_set_occurrences() takes the third, say, or every second.
 *
 * Several rules are looked at in the order in which they were added. The first that
 * decides (pink_rule_allow(), pink_rule_deny(), pink_rule_set_return_value()) counts;
 * what others change, delay or signal is done as well.
 *
 * Rules come before handlers. These are told of the call all the same, if they are
 * connected for it: pink_syscall_event_is_decided() then says so, and what they
 * decide comes second.
 *
 * All methods are called from one thread.
 */

/**
 * PinkRule:
 *
 * What is done with some calls.
 *
 * Since: 1.0
 */
struct _PinkRule
{
  GObject       parent_instance;

  PinkRuleData *data;
  PinkRuleData *added;     /* as a tracer got it last; or NULL */
  GError       *complaint; /* about the name it was made for */
};

G_DEFINE_FINAL_TYPE (PinkRule, pink_rule, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_PER_TRACER,
  PROP_N_MATCHES,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
pink_rule_finalize (GObject *object)
{
  PinkRule *self = PINK_RULE (object);

  pink_rule_data_unref (self->data);
  g_clear_pointer (&self->added, pink_rule_data_unref);
  g_clear_error (&self->complaint);
  G_OBJECT_CLASS (pink_rule_parent_class)->finalize (object);
}

static void
pink_rule_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  PinkRule *self = PINK_RULE (object);

  switch (prop_id)
    {
    case PROP_PER_TRACER:
      g_value_set_boolean (value, pink_rule_get_per_tracer (self));
      break;
    case PROP_N_MATCHES:
      g_value_set_uint64 (value, pink_rule_get_n_matches (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pink_rule_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  PinkRule *self = PINK_RULE (object);

  switch (prop_id)
    {
    case PROP_PER_TRACER:
      pink_rule_set_per_tracer (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pink_rule_class_init (PinkRuleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = pink_rule_finalize;
  object_class->get_property = pink_rule_get_property;
  object_class->set_property = pink_rule_set_property;

  /**
   * PinkRule:per-tracer:
   *
   * Whether occurrences are counted over all tracees of a tracer, and not by thread.
   *
   * Since: 1.0
   */
  properties[PROP_PER_TRACER] =
    g_param_spec_boolean ("per-tracer", NULL, NULL, FALSE,
                          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  /**
   * PinkRule:n-matches:
   *
   * How often the rule has been applied. Not notified.
   *
   * Since: 1.0
   */
  properties[PROP_N_MATCHES] =
    g_param_spec_uint64 ("n-matches", NULL, NULL, 0, G_MAXUINT64, 0,
                         G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pink_rule_init (PinkRule *self)
{
  self->data = pink_rule_data_new ();
}

/* An engine's data is not changed any more. */
static PinkRuleData *
own_data (PinkRule *self)
{
  if (atomic_load_explicit (&self->data->refs, memory_order_acquire) > 1)
    {
      PinkRuleData *own = pink_rule_data_copy (self->data);

      pink_rule_data_unref (self->data);
      self->data = own;
    }
  return self->data;
}

PinkRuleData *
_pink_rule_get_data (PinkRule  *self,
                     GError   **error)
{
  if (self->complaint != NULL)
    {
      if (error != NULL)
        *error = g_error_copy (self->complaint);
      return NULL;
    }
  return self->data;
}

void
_pink_rule_set_added (PinkRule *self)
{
  PinkRuleData *former = self->added;

  self->added = pink_rule_data_ref (self->data);
  if (former != NULL)
    pink_rule_data_unref (former);
}

static gboolean
set_syscalls (PinkRule            *self,
              const char * const  *names,
              GError             **error)
{
  gsize n = pink_arch_n_syscalls () + 1;
  g_autofree guint8 *marks = g_new0 (guint8, n);

  if (!_pink_syscall_mark (names, marks, error))
    return FALSE;
  memcpy (own_data (self)->rows, marks, n);
  g_clear_error (&self->complaint);
  return TRUE;
}

/**
 * pink_rule_new:
 * @syscall: the name of a call ("write"), of a class of them (`%file`), or "all"
 *
 * Makes a rule that is for these calls, and does nothing with them yet. That a name
 * does not exist is told by pink_tracer_add_rule().
 *
 * Returns: (transfer full): the rule
 *
 * Since: 1.0
 */
PinkRule *
pink_rule_new (const char *syscall)
{
  const char * const names[] = { syscall, NULL };
  PinkRule *self;

  g_return_val_if_fail (syscall != NULL, NULL);

  self = g_object_new (PINK_TYPE_RULE, NULL);
  set_syscalls (self, names, &self->complaint);
  return self;
}

/**
 * pink_rule_set_syscalls:
 * @self: a rule
 * @names: (array zero-terminated=1): names of calls, of classes, and exclusions, as
 *   pink_syscall_expand() takes them
 * @error: return location for an error
 *
 * Sets which calls the rule is for.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_UNKNOWN_SYSCALL
 *
 * Since: 1.0
 */
gboolean
pink_rule_set_syscalls (PinkRule            *self,
                        const char * const  *names,
                        GError             **error)
{
  g_return_val_if_fail (PINK_IS_RULE (self), FALSE);
  g_return_val_if_fail (names != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return set_syscalls (self, names, error);
}

/* ---- when ---- */

/**
 * pink_rule_set_occurrences:
 * @self: a rule
 * @first: the first call it is applied to, counted from 1
 * @last: the last one, or 0 for no end
 * @step: every how many; 1 for each
 *
 * Sets to which of the calls that match the rule is applied: 3, 3, 1 is the third
 * alone; 2, 0, 2 is every second. They are counted for each thread, unless
 * #PinkRule:per-tracer is set.
 *
 * Since: 1.0
 */
void
pink_rule_set_occurrences (PinkRule *self,
                           guint     first,
                           guint     last,
                           guint     step)
{
  PinkRuleData *data;

  g_return_if_fail (PINK_IS_RULE (self));
  g_return_if_fail (first >= 1 && step >= 1);
  g_return_if_fail (last == 0 || last >= first);

  data = own_data (self);
  data->first = first;
  data->last = last;
  data->step = step;
}

/**
 * pink_rule_set_per_tracer:
 * @self: a rule
 * @per_tracer: whether to count over all tracees
 *
 * Sets #PinkRule:per-tracer.
 *
 * Since: 1.0
 */
void
pink_rule_set_per_tracer (PinkRule *self,
                          gboolean  per_tracer)
{
  g_return_if_fail (PINK_IS_RULE (self));

  if (self->data->per_tracer == !!per_tracer)
    return;
  own_data (self)->per_tracer = !!per_tracer;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PER_TRACER]);
}

/**
 * pink_rule_get_per_tracer:
 * @self: a rule
 *
 * Gets #PinkRule:per-tracer.
 *
 * Returns: whether occurrences are counted over all tracees
 *
 * Since: 1.0
 */
gboolean
pink_rule_get_per_tracer (PinkRule *self)
{
  g_return_val_if_fail (PINK_IS_RULE (self), FALSE);

  return self->data->per_tracer;
}

static gboolean
add_condition (PinkRule           *self,
               PinkRuleCondition   condition,
               GError            **error)
{
  PinkRuleData *data = own_data (self);

  if (condition.index >= PINK_ARCH_N_REGS || data->n_conditions == PINK_MAX_RULE_CONDITIONS)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   condition.index >= PINK_ARCH_N_REGS
                     ? "A call has arguments 0 to 5, and no argument %u"
                     : "A rule takes at most %u conditions on arguments",
                   condition.index >= PINK_ARCH_N_REGS ? condition.index : PINK_MAX_RULE_CONDITIONS);
      return FALSE;
    }
  data->conditions[data->n_conditions++] = condition;
  return TRUE;
}

/**
 * pink_rule_match_argument:
 * @self: a rule
 * @index: which argument, from 0 to 5
 * @comparison: how it is compared
 * @value: with what
 * @error: return location for an error
 *
 * Has the rule apply only where an argument compares so. Up to eight such conditions
 * can be set; all must hold.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
gboolean
pink_rule_match_argument (PinkRule        *self,
                          guint            index,
                          PinkComparison   comparison,
                          gint64           value,
                          GError         **error)
{
  g_return_val_if_fail (PINK_IS_RULE (self), FALSE);
  g_return_val_if_fail (comparison <= PINK_COMPARISON_GREATER_OR_EQUAL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return add_condition (self, (PinkRuleCondition) { .index = (guint8) MIN (index, 255),
                                                    .comparison = (guint8) comparison,
                                                    .mask = G_MAXUINT64, .value = (guint64) value },
                        error);
}

/**
 * pink_rule_match_bits:
 * @self: a rule
 * @index: which argument, from 0 to 5
 * @mask: which bits of it are looked at
 * @bits: what these must be
 * @error: return location for an error
 *
 * Has the rule apply only where bits of an argument, such as flags, are these. It
 * counts as one of the eight conditions of pink_rule_match_argument().
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
gboolean
pink_rule_match_bits (PinkRule  *self,
                      guint      index,
                      guint64    mask,
                      guint64    bits,
                      GError   **error)
{
  g_return_val_if_fail (PINK_IS_RULE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return add_condition (self, (PinkRuleCondition) { .index = (guint8) MIN (index, 255),
                                                    .comparison = PINK_RULE_EQUAL,
                                                    .mask = mask, .value = bits },
                        error);
}

/**
 * pink_rule_match_path:
 * @self: a rule
 * @pattern: (nullable) (type filename): an absolute path, in which `*` stands for any
 *   bytes (slashes, too) and `?` for any one; %NULL for any path
 *
 * Has the rule apply only to calls that have a path among their arguments, or a
 * descriptor of a file, that fits. A path is taken as the program has written it, made
 * absolute, with `.` and `..` taken out; links on the way are not followed. (A file
 * has more than one path: a rule that is to keep a program from it names what is
 * allowed, and another one behind it denies the rest.)
 *
 * Since: 1.0
 */
void
pink_rule_match_path (PinkRule   *self,
                      const char *pattern)
{
  PinkRuleData *data;

  g_return_if_fail (PINK_IS_RULE (self));

  data = own_data (self);
  free (data->path);
  data->path = pattern != NULL ? strdup (pattern) : NULL;
}

/**
 * pink_rule_match_descriptor:
 * @self: a rule
 * @descriptor: a file descriptor, or -1 for any
 *
 * Has the rule apply only to calls that have this descriptor among their arguments.
 *
 * Since: 1.0
 */
void
pink_rule_match_descriptor (PinkRule *self,
                            int       descriptor)
{
  g_return_if_fail (PINK_IS_RULE (self));
  g_return_if_fail (descriptor >= -1);

  own_data (self)->descriptor = descriptor;
}

/* ---- what ---- */

/**
 * pink_rule_allow:
 * @self: a rule
 *
 * Has the calls made: rules behind this one, handlers and
 * #PinkTracer:default-verdict do not deny them any more.
 *
 * Since: 1.0
 */
void
pink_rule_allow (PinkRule *self)
{
  g_return_if_fail (PINK_IS_RULE (self));

  own_data (self)->decision = PINK_RULE_ALLOW;
}

static void
set_error (PinkRule *self,
           int       number)
{
  PinkRuleData *data = own_data (self);

  data->decision = PINK_RULE_RESULT;
  data->is_error = TRUE;
  data->result = number;
  data->error_name = pink_errno_name (number);
}

/* As with a call: what makes no sense denies all the same. */
static gboolean
deny (PinkRule  *self,
      int        number,
      GError    *complaint, /* (transfer full) */
      GError   **error)
{
  if (complaint == NULL)
    _pink_errno_check (number, &complaint);
  set_error (self, complaint == NULL ? number : EPERM);
  if (complaint == NULL)
    return TRUE;
  g_propagate_error (error, complaint);
  return FALSE;
}

/**
 * pink_rule_deny:
 * @self: a rule
 * @number: the errno of this machine that the calls fail with, 1 to 4095
 *
 * Has the calls fail without being made. (The same error by name is meant on every
 * ABI, also where its number is another.)
 *
 * Scripts give the name or the number, see pink_rule_deny_value().
 *
 * Since: 1.0
 */
void
pink_rule_deny (PinkRule *self,
                int       number)
{
  g_return_if_fail (PINK_IS_RULE (self));
  g_return_if_fail (number >= 1 && number <= PINK_MAX_ERRNO);

  set_error (self, number);
}

/**
 * pink_rule_deny_by_name:
 * @self: a rule
 * @name: the name of the errno that the calls fail with, such as "EACCES"
 * @error: return location for an error
 *
 * Has the calls fail without being made.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_INVALID_ARGUMENT if there is no
 *   such errno: they are then denied with EPERM
 *
 * Since: 1.0
 */
gboolean
pink_rule_deny_by_name (PinkRule    *self,
                        const char  *name,
                        GError     **error)
{
  GError *complaint = NULL;
  int number;

  g_return_val_if_fail (PINK_IS_RULE (self), FALSE);
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  number = _pink_errno_of_name (NULL, name, &complaint);
  return deny (self, number, complaint, error);
}

/**
 * pink_rule_deny_value: (rename-to pink_rule_deny)
 * @self: a rule
 * @value: the errno that the calls fail with: its name, such as "EACCES", or its number
 * @error: return location for an error
 *
 * Has the calls fail without being made.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_INVALID_ARGUMENT if that is no
 *   errno: they are then denied with EPERM
 *
 * Since: 1.0
 */
gboolean
pink_rule_deny_value (PinkRule      *self,
                      const GValue  *value,
                      GError       **error)
{
  GError *complaint = NULL;
  int number;

  g_return_val_if_fail (PINK_IS_RULE (self), FALSE);
  g_return_val_if_fail (G_IS_VALUE (value), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  number = _pink_errno_of_value (NULL, value, &complaint);
  return deny (self, number, complaint, error);
}

/**
 * pink_rule_set_return_value:
 * @self: a rule
 * @value: what the calls return
 *
 * Has the calls return this without being made.
 *
 * Since: 1.0
 */
void
pink_rule_set_return_value (PinkRule *self,
                            gint64    value)
{
  PinkRuleData *data;

  g_return_if_fail (PINK_IS_RULE (self));

  data = own_data (self);
  data->decision = PINK_RULE_RESULT;
  data->is_error = FALSE;
  data->result = value;
}

/**
 * pink_rule_set_argument:
 * @self: a rule
 * @index: which argument, from 0 to 5
 * @value: the new value
 *
 * Changes an argument of the calls, where they have it.
 *
 * Since: 1.0
 */
void
pink_rule_set_argument (PinkRule *self,
                        guint     index,
                        guint64   value)
{
  PinkRuleData *data;

  g_return_if_fail (PINK_IS_RULE (self));
  g_return_if_fail (index < PINK_ARCH_N_REGS);

  data = own_data (self);
  data->args |= (guint8) (1U << index);
  data->values[index] = value;
}

/**
 * pink_rule_set_name:
 * @self: a rule
 * @name: (nullable): the name of another call, or %NULL for the same
 * @error: return location for an error
 *
 * Has another call made instead, where the ABI has it, with the same arguments.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_UNKNOWN_SYSCALL
 *
 * Since: 1.0
 */
gboolean
pink_rule_set_name (PinkRule    *self,
                    const char  *name,
                    GError     **error)
{
  PinkRuleData *data;

  g_return_val_if_fail (PINK_IS_RULE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (name != NULL && !pink_arch_syscall_exists (name))
    {
      g_autofree char *shown = _pink_text_escape_string (name);

      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL,
                   "There is no system call named \"%s\"", shown);
      return FALSE;
    }
  data = own_data (self);
  free (data->other_call);
  data->other_call = name != NULL ? strdup (name) : NULL;
  return TRUE;
}

/**
 * pink_rule_set_delay:
 * @self: a rule
 * @enter: for how long the tracee stands before the call is made, in microseconds
 * @leave: for how long afterwards
 *
 * Has the calls take longer. Other tracees run on meanwhile.
 *
 * Since: 1.0
 */
void
pink_rule_set_delay (PinkRule *self,
                     guint64   enter,
                     guint64   leave)
{
  PinkRuleData *data;

  g_return_if_fail (PINK_IS_RULE (self));
  g_return_if_fail (enter <= G_MAXINT64 / 2000 && leave <= G_MAXINT64 / 2000);

  data = own_data (self);
  data->delay_enter_ns = (gint64) enter * 1000;
  data->delay_exit_ns = (gint64) leave * 1000;
}

/**
 * pink_rule_set_signal:
 * @self: a rule
 * @number: a signal, 1 to 64, or 0 for none
 * @error: return location for an error
 *
 * Sends the tracee a signal at the calls' entry. SIGKILL ends its process before the
 * call is made.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
gboolean
pink_rule_set_signal (PinkRule  *self,
                      int        number,
                      GError   **error)
{
  g_return_val_if_fail (PINK_IS_RULE (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (number < 0 || number > 64)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "%d is no signal: they are 1 to 64", number);
      return FALSE;
    }
  own_data (self)->signal = number;
  return TRUE;
}

/**
 * pink_rule_get_n_matches:
 * @self: a rule
 *
 * Gets how often the rule, as it was added last, has been applied by all tracers that
 * have it so. A rule that does nothing else counts calls.
 *
 * Returns: the number
 *
 * Since: 1.0
 */
guint64
pink_rule_get_n_matches (PinkRule *self)
{
  g_return_val_if_fail (PINK_IS_RULE (self), 0);

  return self->added != NULL ? pink_count_get (&self->added->n_matches) : 0;
}
