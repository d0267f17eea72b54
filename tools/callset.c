/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "callset.h"

#include <regex.h>
#include <string.h>

/* The set is NAMES, or everything else if NEGATED: a call that no table knows
 * has a number only, and belongs to every negated set. */
struct _CallSet
{
  GHashTable *names;
  gboolean    negated;
};

static CallSet *
call_set_new (gboolean negated)
{
  CallSet *self = g_new0 (CallSet, 1);

  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->negated = negated;
  return self;
}

CallSet *
call_set_new_all (void)
{
  return call_set_new (TRUE);
}

void
call_set_free (CallSet *self)
{
  g_hash_table_unref (self->names);
  g_free (self);
}

static void
add_all (GHashTable         *names,
         const char * const *more)
{
  for (; *more != NULL; more++)
    g_hash_table_add (names, g_strdup (*more));
}

/* The expression may match anywhere in a name. */
static gboolean
add_matches (GHashTable *names,
             const char *expression)
{
  static const char * const all[] = { "all", NULL };
  g_auto (GStrv) calls = pink_syscall_expand (all, NULL);
  gboolean found = FALSE;
  regex_t regex;

  if (calls == NULL || regcomp (&regex, expression, REG_EXTENDED | REG_NOSUB) != 0)
    return FALSE;
  for (guint i = 0; calls[i] != NULL; i++)
    if (regexec (&regex, calls[i], 0, NULL, 0) == 0)
      {
        g_hash_table_add (names, g_strdup (calls[i]));
        found = TRUE;
      }
  regfree (&regex);
  return found;
}

static gboolean
add_number (GHashTable *names,
            const char *text)
{
  guint64 number;
  const char *name;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &number, NULL))
    return FALSE;
  name = pink_syscall_name (pink_abi_get_native (), number);
  if (name == NULL)
    return FALSE;
  g_hash_table_add (names, g_strdup (name));
  return TRUE;
}

/* "openat", "%file", "/^open", "257". */
static gboolean
add_word (GHashTable *names,
          const char *word)
{
  const char * const words[] = { word, NULL };
  g_auto (GStrv) calls = NULL;

  if (word[0] == '/')
    return add_matches (names, word + 1);
  if (g_ascii_isdigit (word[0]))
    return add_number (names, word);
  /* The library takes exclusions among the words, strace only before them all. */
  if (word[0] == '\0' || word[0] == '!')
    return FALSE;

  calls = pink_syscall_expand (words, NULL);
  if (calls == NULL)
    return FALSE;
  add_all (names, (const char * const *) calls);
  return TRUE;
}

static gboolean
fail_invalid (GError     **error,
              const char  *word)
{
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL,
               "invalid system call '%s'", word);
  return FALSE;
}

static gboolean
add_words (CallSet     *self,
           const char  *text,
           GError     **error)
{
  g_auto (GStrv) words = g_strsplit (text, ",", -1);
  gboolean any = FALSE;

  for (guint i = 0; words[i] != NULL; i++)
    {
      /* A question mark: a call that only other machines have is no mistake. */
      const char *word = words[i] + strspn (words[i], "?");

      if (words[i][0] == '\0')
        continue;
      any = TRUE;
      if (!add_word (self->names, word) && word == words[i])
        return fail_invalid (error, word);
    }
  return any || fail_invalid (error, text);
}

CallSet *
call_set_parse (const char  *text,
                GError     **error)
{
  const char *words = text;
  g_autoptr (CallSet) self = call_set_new (FALSE);

  for (; *words == '!'; words++)
    self->negated = !self->negated;
  if (g_str_equal (words, "all"))
    self->negated = !self->negated;
  else if (g_str_equal (words, "none"))
    ; /* nothing to add */
  else if (*words == '\0')
    {
      fail_invalid (error, text);
      return NULL;
    }
  else if (!add_words (self, words, error))
    return NULL;

  return g_steal_pointer (&self);
}

gboolean
call_set_contains (CallSet    *self,
                   const char *name)
{
  return g_hash_table_contains (self->names, name) != self->negated;
}

void
call_set_connect (CallSet    *self,
                  PinkTracer *tracer,
                  const char *signal,
                  GCallback   callback,
                  gpointer    data)
{
  GHashTableIter iter;
  gpointer name;

  if (self->negated)
    {
      g_signal_connect (tracer, signal, callback, data);
      return;
    }
  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      g_autofree char *detailed = g_strconcat (signal, "::", (const char *) name, NULL);

      g_signal_connect (tracer, detailed, callback, data);
    }
}

char **
call_set_get_words (CallSet *self)
{
  GPtrArray *words = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  if (self->negated)
    g_ptr_array_add (words, g_strdup ("all"));
  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (words, g_strconcat (self->negated ? "!" : "", (const char *) name, NULL));
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}
