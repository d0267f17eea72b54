/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inject.h"

#include "callset.h"

#include <string.h>

typedef struct
{
  PinkRule *rule;
  gboolean  fault;
  gboolean  has_result;
  gboolean  has_effect; /* it does something */
  guint64   enter, leave; /* microseconds */
} Injection;

/* "50", "50us", "1ms", "2s", "700ns" */
static gboolean
parse_delay (const char *text,
             guint64    *delay)
{
  static const struct { const char *suffix; double microseconds; } units[] = {
    { "", 1 }, { "us", 1 }, { "ms", 1e3 }, { "s", 1e6 }, { "ns", 1e-3 }
  };
  char *end;
  double value = g_ascii_strtod (text, &end);

  if (end == text || value < 0 || value > 1e9)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (g_str_equal (end, units[i].suffix))
      {
        *delay = (guint64) (value * units[i].microseconds);
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_count (const char  *text,
             const char **end,
             guint       *count)
{
  guint64 value = 0;
  const char *c = text;

  for (; g_ascii_isdigit (*c) && value < 65536; c++)
    value = value * 10 + (guint64) (*c - '0');
  *end = c;
  *count = (guint) value;
  return c > text && value >= 1 && value <= 65535;
}

/* FIRST[..LAST][+[STEP]] */
static gboolean
parse_when (Injection  *self,
            const char *text)
{
  guint first, last, step = 1;
  gboolean open = FALSE;

  if (!parse_count (text, &text, &first))
    return FALSE;
  last = first;
  if (g_str_has_prefix (text, ".."))
    {
      if (!parse_count (text + 2, &text, &last) || last < first)
        return FALSE;
      open = TRUE; /* a range is all of it */
    }
  if (*text == '+')
    {
      if (!open)
        last = 0;
      text++;
      if (*text != '\0' && !parse_count (text, &text, &step))
        return FALSE;
    }
  if (*text != '\0')
    return FALSE;
  pink_rule_set_occurrences (self->rule, first, last, step);
  return TRUE;
}

static gboolean
parse_error (Injection  *self,
             const char *text)
{
  guint64 number;

  if (self->has_result)
    return FALSE;
  self->has_result = self->has_effect = TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 1, 4095, &number, NULL))
    return pink_rule_deny_by_name (self->rule, text, NULL);
  pink_rule_deny (self->rule, (int) number);
  return TRUE;
}

static gboolean
parse_retval (Injection  *self,
              const char *text)
{
  char *end;
  guint64 value = g_ascii_strtoull (text, &end, 0);

  if (self->has_result || end == text || *end != '\0' || text[0] == '-')
    return FALSE;
  self->has_result = self->has_effect = TRUE;
  pink_rule_set_return_value (self->rule, (gint64) value);
  return TRUE;
}

static gboolean
parse_signal (Injection  *self,
              const char *text)
{
  g_autofree char *name = g_strconcat (g_str_has_prefix (text, "SIG") ? "" : "SIG", text, NULL);
  guint64 number;
  int found = pink_signal_from_name (name);

  if (found <= 0 && g_ascii_string_to_unsigned (text, 10, 1, 64, &number, NULL))
    found = (int) number;
  self->has_effect = TRUE;
  return found > 0 && pink_rule_set_signal (self->rule, found, NULL);
}

/* Only calls without an effect of their own: as strace has it. */
static gboolean
parse_syscall (Injection  *self,
               const char *text)
{
  static const char * const pure[] = { "%pure", NULL };
  g_auto (GStrv) names = pink_syscall_expand (pure, NULL);

  self->has_effect = TRUE;
  return names != NULL && g_strv_contains ((const char * const *) names, text) &&
         pink_rule_set_name (self->rule, text, NULL);
}

static gboolean
parse_word (Injection  *self,
            const char *word)
{
  const char *value = strchr (word, '=');

  if (value == NULL)
    return FALSE;
  value++;
  if (g_str_has_prefix (word, "error="))
    return parse_error (self, value);
  if (g_str_has_prefix (word, "when="))
    return parse_when (self, value);
  if (self->fault)
    return FALSE;
  if (g_str_has_prefix (word, "retval="))
    return parse_retval (self, value);
  if (g_str_has_prefix (word, "signal="))
    return parse_signal (self, value);
  if (g_str_has_prefix (word, "syscall="))
    return parse_syscall (self, value);
  self->has_effect = TRUE;
  if (g_str_has_prefix (word, "delay_enter="))
    return parse_delay (value, &self->enter);
  if (g_str_has_prefix (word, "delay_exit="))
    return parse_delay (value, &self->leave);
  return FALSE;
}

PinkRule *
inject_parse (const char  *text,
              gboolean     fault,
              GError     **error)
{
  g_auto (GStrv) words = g_strsplit (text, ":", -1), names = NULL;
  g_autoptr (CallSet) calls = call_set_parse (words[0] != NULL ? words[0] : "", error);
  g_autoptr (PinkRule) rule = NULL;
  Injection self = { .fault = fault };
  gboolean ok = TRUE;

  if (calls == NULL)
    return NULL;
  names = call_set_get_words (calls);
  rule = self.rule = pink_rule_new ("all");
  if (!pink_rule_set_syscalls (rule, (const char * const *) names, error))
    return NULL;
  for (guint i = 1; ok && words[i] != NULL; i++)
    ok = parse_word (&self, words[i]);
  if (fault && !self.has_result)
    ok = ok && parse_error (&self, "ENOSYS");
  if (!ok || !self.has_effect)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "invalid %s argument '%s'", fault ? "fault" : "inject", text);
      return NULL;
    }
  if (self.enter > 0 || self.leave > 0)
    pink_rule_set_delay (rule, self.enter, self.leave);
  return g_steal_pointer (&rule);
}
