/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The seccomp filter that spawned programs get where calls have been chosen: it
 * stops the tracee at these, and lets all others run at native speed.
 *
 * Per ABI of the machine the numbers are looked up in rising intervals. What calls
 * by an ABI that is not known here is stopped: nothing slips by.
 */
#include "pinktrace-glib.h"

#include "engine/pink-engine.h"
#include "pink-filter-private.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct
{
  guint32  number; /* as the kernel has it */
  gboolean traced;
} Number;

typedef struct
{
  GArray *code; /* struct sock_filter */
} Program;

static void
put (Program *self,
     guint16  code,
     guint8   if_true,
     guint8   if_false,
     guint32  operand)
{
  const struct sock_filter one = { .code = code, .jt = if_true, .jf = if_false, .k = operand };

  g_array_append_val (self->code, one);
}

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  const Number *left = a, *right = b;

  return left->number < right->number ? -1 : left->number > right->number;
}

static void
add_numbers (GArray         *numbers,
             const PinkArch *arch,
             const guint8   *rows)
{
  for (gint64 number = pink_arch_syscall_next (arch, -1); number >= 0;
       number = pink_arch_syscall_next (arch, number))
    {
      int row = pink_arch_syscall_index (arch, (guint64) number);
      Number one = { (guint32) pink_arch_raw_number (arch, (guint64) number), row >= 0 && rows[row] };

      g_array_append_val (numbers, one);
    }
}

/* The accumulator has the number: FIRST to LAST are traced. */
static void
put_interval (Program *self,
              guint32  first,
              guint32  last)
{
  if (first > 0)
    {
      put (self, BPF_JMP | BPF_JGE | BPF_K, 1, 0, first);
      put (self, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
    }
  if (last < G_MAXUINT32)
    put (self, BPF_JMP | BPF_JGT | BPF_K, 1, 0, last);
  put (self, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRACE | PINK_FILTER_COOKIE);
}

/* Numbers that are in no table are as `others` says. */
static void
put_intervals (Program  *self,
               GArray   *numbers,
               gboolean  others)
{
  gboolean open = others;
  guint64 first = 0, next = 0;

  g_array_sort (numbers, compare_numbers);
  for (guint i = 0; i < numbers->len; i++)
    {
      const Number *number = &g_array_index (numbers, Number, i);

      /* The gap before it, then itself. */
      for (guint step = 0; step < 2; step++)
        {
          gboolean traced = step == 0 ? others : number->traced;
          guint64 at = step == 0 ? next : number->number;

          if (step == 0 && number->number <= next)
            continue;
          if (traced && !open)
            first = at;
          else if (!traced && open && at > first)
            put_interval (self, (guint32) first, (guint32) (at - 1));
          open = traced;
        }
      next = (guint64) number->number + 1;
    }
  if (others && !open)
    first = next;
  if (open && !others)
    put_interval (self, (guint32) first, (guint32) (next - 1));
  else if (others)
    put_interval (self, (guint32) first, G_MAXUINT32);
  put (self, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
}

/* ABIs that the kernel gives the same word for (x32, x86_64) are told by the number. */
static void
put_abi (Program      *self,
         guint32       audit,
         const guint8 *rows)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (Number));
  guint jump = self->code->len;

  put (self, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, audit);
  put (self, BPF_JMP | BPF_JA, 0, 0, 0);
  put (self, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof (struct seccomp_data, nr));
  for (int id = PINK_ARCH_UNKNOWN + 1; id < PINK_ARCH_N_IDS; id++)
    if (pink_arch_audit (pink_arch_get ((PinkArchId) id)) == audit)
      add_numbers (numbers, pink_arch_get ((PinkArchId) id), rows);
  put_intervals (self, numbers, rows[pink_arch_n_syscalls ()]);
  g_array_index (self->code, struct sock_filter, jump + 1).k = self->code->len - jump - 2;
}

gboolean
_pink_filter_new (const guint8       *rows,
                  struct sock_fprog  *program)
{
  const PinkArchId abis[] = { PINK_HOST_ABIS };
  Program self = { g_array_new (FALSE, FALSE, sizeof (struct sock_filter)) };
  gboolean fits;

  put (&self, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof (struct seccomp_data, arch));
  for (guint i = 0; i < G_N_ELEMENTS (abis); i++)
    {
      guint32 audit = pink_arch_audit (pink_arch_get (abis[i]));
      gboolean again = FALSE;

      for (guint j = 0; j < i; j++)
        again |= pink_arch_audit (pink_arch_get (abis[j])) == audit;
      if (!again)
        put_abi (&self, audit, rows);
    }
  put (&self, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRACE | PINK_FILTER_COOKIE);
  fits = self.code->len <= BPF_MAXINSNS;
  program->len = (unsigned short) self.code->len;
  program->filter = (struct sock_filter *) (gpointer) g_array_free (self.code, !fits);
  return fits;
}
