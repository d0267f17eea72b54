/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-syscall-private.h"
#include "pink-text-private.h"

#include <string.h>

#include "pink-host.h"

/**
 * SECTION:pink-syscall
 * @title: Names
 * @short_description: system calls, errnos and signals by name and by number
 *
 * System calls have numbers of their own on each #PinkAbi; errnos and signals
 * are taken as they are on this machine. A name is spelt as in the manual pages:
 * "openat", "ENOENT", "SIGCHLD".
 *
 * All functions here are callable from any thread.
 */

static const PinkArch *
native (void)
{
  const PinkArch *arch = pink_arch_get (PINK_HOST_ARCH);

  return arch != NULL ? arch : pink_arch_get (PINK_ARCH_X86_64);
}

/**
 * pink_syscall_name:
 * @abi: an ABI
 * @number: a system call's number on that ABI; of x32 with or without the
 *   marker bit 0x40000000
 *
 * The name of a system call.
 *
 * Returns: (nullable): the name, or %NULL if that ABI has no call of that number,
 *   or is one that this version of the library cannot decode
 *
 * Since: 1.0
 */
const char *
pink_syscall_name (PinkAbi abi,
                   guint64 number)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);
  int row;

  if (arch == NULL)
    return NULL;
  row = pink_arch_syscall_index (arch, pink_arch_table_number (arch, number));
  return row >= 0 ? pink_arch_syscall ((unsigned) row)->name : NULL;
}

/**
 * pink_syscall_from_name:
 * @abi: an ABI
 * @name: a system call's name, such as "openat"
 *
 * The number of a system call; of x32 without the marker bit.
 *
 * Returns: the number, or -1 if that ABI has no call of that name, or is one
 *   that this version of the library cannot decode
 *
 * Since: 1.0
 */
gint64
pink_syscall_from_name (PinkAbi     abi,
                        const char *name)
{
  const PinkArch *arch = pink_arch_get ((PinkArchId) abi);

  g_return_val_if_fail (name != NULL, -1);

  return arch != NULL ? pink_arch_syscall_number (arch, name) : -1;
}

/* The first row of a name stands for it: names are in the table once an argument list. */
static gboolean
is_first_of_its_name (unsigned row)
{
  const char *name = pink_arch_syscall (row)->name;

  return row == 0 || g_strcmp0 (pink_arch_syscall (row - 1)->name, name) != 0;
}

static void
mark (guint8     *marks,
      guint32     classes,
      const char *name,
      guint8      value)
{
  for (unsigned row = 0; row < pink_arch_n_syscalls (); row++)
    {
      const PinkArchSyscall *call = pink_arch_syscall (row);

      if (name != NULL ? g_strcmp0 (call->name, name) == 0 : (call->classes & classes) != 0)
        marks[row] = value;
    }
}

/* "%file" is a class, "file" a call where there is one of that name, else a class. */
static gboolean
mark_word (guint8      *marks,
           const char  *word,
           GError     **error)
{
  guint8 value = word[0] != '!';
  const char *name = word + (word[0] == '!');
  g_autofree char *shown = NULL;
  guint32 classes;

  if (g_str_equal (name, "all") || g_str_equal (name, "%all"))
    {
      memset (marks, value, pink_arch_n_syscalls () + 1);
      return TRUE;
    }
  if (name[0] != '%' && pink_arch_syscall_exists (name))
    {
      mark (marks, 0, name, value);
      return TRUE;
    }
  classes = pink_arch_class_from_name (name);
  if (classes != 0)
    {
      mark (marks, classes, NULL, value);
      return TRUE;
    }
  shown = _pink_text_escape_string (name);
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNKNOWN_SYSCALL,
               "There is no system call '%s'%s. Names are those of the manual pages "
               "(openat, read), classes begin with a percent sign (%%file, %%network)",
               shown, name[0] == '%' ? ", and no class of that name" : "");
  return FALSE;
}

gboolean
_pink_syscall_mark (const char * const  *names,
                    guint8              *marks,
                    GError             **error)
{
  if (names[0] != NULL && names[0][0] == '!')
    memset (marks, 1, pink_arch_n_syscalls () + 1);
  for (; *names != NULL; names++)
    if (!mark_word (marks, *names, error))
      return FALSE;
  return TRUE;
}

/**
 * pink_syscall_expand:
 * @names: (array zero-terminated=1): names of system calls ("openat"), of
 *   classes of them (`%file`), "all", and any of these with an exclamation mark
 *   before it, which takes them out again. If the first word is an exclusion,
 *   the set begins with all calls.
 * @error: return location for an error
 *
 * Turns names, classes and exclusions into a list of system calls, in the
 * order of the alphabet. A call that any ABI has is known everywhere.
 *
 * Returns: (transfer full) (array zero-terminated=1): the calls' names, or
 *   %NULL with %PINK_TRACER_ERROR_UNKNOWN_SYSCALL
 *
 * Since: 1.0
 */
char **
pink_syscall_expand (const char * const  *names,
                     GError             **error)
{
  g_autofree guint8 *marks = NULL;
  GPtrArray *calls;

  g_return_val_if_fail (names != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  marks = g_new0 (guint8, pink_arch_n_syscalls () + 1);
  if (!_pink_syscall_mark (names, marks, error))
    return NULL;

  calls = g_ptr_array_new ();
  for (unsigned row = 0; row < pink_arch_n_syscalls (); row++)
    if (marks[row] && is_first_of_its_name (row))
      g_ptr_array_add (calls, g_strdup (pink_arch_syscall (row)->name));
  g_ptr_array_add (calls, NULL);
  return (char **) g_ptr_array_free (calls, FALSE);
}

/**
 * pink_errno_name:
 * @number: an error number, positive, as of this machine; see errno(3)
 *
 * The name of an error. JavaScript has no such list of its own.
 *
 * Returns: (nullable): its name, such as "ENOENT", or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
pink_errno_name (int number)
{
  return pink_arch_errno_name (native (), number);
}

/**
 * pink_errno_from_name:
 * @name: the name of an error, such as "ENOENT"
 *
 * The number of an error.
 *
 * Returns: its number on this machine, or -1 if there is none of that name
 *
 * Since: 1.0
 */
int
pink_errno_from_name (const char *name)
{
  g_return_val_if_fail (name != NULL, -1);

  return pink_arch_errno_number (native (), name);
}

/**
 * pink_signal_name:
 * @number: a signal's number, as of this machine; see signal(7)
 *
 * The name of a signal, such as that in #PinkTracee:term-signal.
 *
 * Returns: (nullable): its name, such as "SIGCHLD", or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
pink_signal_name (int number)
{
  return pink_arch_signal_name (native (), number);
}

/**
 * pink_signal_from_name:
 * @name: the name of a signal, such as "SIGCHLD"
 *
 * The number of a signal.
 *
 * Returns: its number on this machine, or -1 if there is none of that name
 *
 * Since: 1.0
 */
int
pink_signal_from_name (const char *name)
{
  g_return_val_if_fail (name != NULL, -1);

  return pink_arch_signal_number (native (), name);
}
