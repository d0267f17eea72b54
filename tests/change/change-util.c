/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change-util.h"

#include <string.h>

static const char *
program (gboolean bits32)
{
  return g_getenv (bits32 ? "PINK_CHANGEPROG32" : "PINK_CHANGEPROG");
}

static G_GNUC_UNUSED gboolean
is_forced (const char *word)
{
  const char *list = g_getenv ("PINKTRACE_FORCE");
  g_auto (GStrv) words = g_strsplit (list != NULL ? list : "", ",", -1);

  return g_strv_contains ((const char * const *) words, word);
}

/* Of changeprog32. */
#if defined (__x86_64__)
# define OTHER_ABI PINK_ABI_I386
#elif defined (__s390x__)
# define OTHER_ABI PINK_ABI_S390
#endif

const ChangeWay *
change_ways (void)
{
  static ChangeWay ways[4];
  guint n = 0;

  if (ways[0].name != NULL)
    return ways;
  if (program (FALSE) == NULL)
    g_error ("set PINK_CHANGEPROG");
  ways[n++] = (ChangeWay) { "native", pink_abi_get_native (), FALSE, FALSE };
#ifdef __x86_64__
  /* Registers alone do not tell such a call from one of x86_64. */
  if (!is_forced ("regset") && test_runs_int80 ())
    ways[n++] = (ChangeWay) { "int80", PINK_ABI_I386, FALSE, TRUE };
#endif
#ifdef OTHER_ABI
  if (program (TRUE) != NULL && program (TRUE)[0] != '\0')
    ways[n++] = (ChangeWay) { pink_abi_get_name (OTHER_ABI), OTHER_ABI, TRUE, FALSE };
#endif
  return ways;
}

char *
change_call (const ChangeWay *way,
             const char      *name,
             const char      *args)
{
  gint64 number = pink_syscall_from_name (way->abi, name);

  g_assert_cmpint (number, >=, 0);
  return g_strdup_printf ("%s%d%s%s", way->int80 ? "int80:" : "", (int) number,
                          args != NULL ? "," : "", args != NULL ? args : "");
}

char *
change_run (PinkTracer      *tracer,
            const ChangeWay *way,
            char            *call,
            ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  int status = -1;
  char *output;
  va_list args;

  g_ptr_array_add (argv, g_strdup (program (way->bits32)));
  va_start (args, call);
  for (; call != NULL; call = va_arg (args, char *))
    g_ptr_array_add (argv, call);
  va_end (args);
  g_ptr_array_add (argv, NULL);
  output = test_trace_outputv (tracer, NULL, (const char * const *) argv->pdata, &status);
  g_assert_cmpint (status, ==, 0);
  return output;
}

gboolean
change_has_python (void)
{
  if (g_file_test ("/usr/bin/python3", G_FILE_TEST_IS_EXECUTABLE))
    return TRUE;
  g_test_skip ("no /usr/bin/python3");
  return FALSE;
}

void
change_add (const char *path,
            void      (*func) (gconstpointer way))
{
  for (const ChangeWay *way = change_ways (); way->name != NULL; way++)
    {
      g_autofree char *full = g_strdup_printf ("%s/%s", path, way->name);

      test_add_data (full, way, func);
    }
}
