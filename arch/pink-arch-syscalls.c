/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * System calls: looking up what gen-syscalls.py made of syscalls.txt, and how
 * arguments lie in the registers.
 */
#include <string.h>

#include "pink-arch-private.h"

unsigned
pink_arch_n_syscalls (void)
{
  return pink_arch_n_rows;
}

const PinkArchSyscall *
pink_arch_syscall (unsigned index)
{
  return index < pink_arch_n_rows ? &pink_arch_rows[index] : NULL;
}

/* ---- by number ---- */

int
pink_arch_table_index (PinkArchId id, uint64_t number)
{
  const PinkArchTable *table;

  if ((unsigned) id >= PINK_ARCH_N_IDS)
    return -1;

  table = &pink_arch_tables[id];
  for (unsigned i = 0; i < table->n_segments; i++)
    {
      const PinkArchSegment *segment = &table->segments[i];

      /* Below the first number this wraps, and is too large as well. */
      if (number - segment->first < segment->n_rows)
        return segment->rows[number - segment->first];
    }

  return -1;
}

int64_t
pink_arch_table_next (PinkArchId id, int64_t number)
{
  const PinkArchTable *table;

  if ((unsigned) id >= PINK_ARCH_N_IDS || number < -1)
    return -1;

  table = &pink_arch_tables[id];
  for (unsigned i = 0; i < table->n_segments; i++)
    {
      const PinkArchSegment *segment = &table->segments[i];
      int64_t end = (int64_t) segment->first + segment->n_rows;

      for (int64_t next = number + 1 > segment->first ? number + 1 : segment->first; next < end; next++)
        if (segment->rows[next - segment->first] >= 0)
          return next;
    }

  return -1;
}

int
pink_arch_syscall_index (const PinkArch *arch, uint64_t number)
{
  return pink_arch_table_index (arch->id, number);
}

int64_t
pink_arch_syscall_next (const PinkArch *arch, int64_t number)
{
  return pink_arch_table_next (arch->id, number);
}

/* ---- by name ---- */

int64_t
pink_arch_table_named (PinkArchId id, const char *name)
{
  const PinkArchTable *table;
  unsigned low = 0, high;

  if ((unsigned) id >= PINK_ARCH_N_IDS || name == NULL)
    return -1;

  table = &pink_arch_tables[id];
  high = table->n_named;
  while (low < high)
    {
      unsigned middle = (low + high) / 2;
      int order = strcmp (name, pink_arch_rows[table->named[middle].row].name);

      if (order == 0)
        return table->named[middle].number;
      if (order < 0)
        high = middle;
      else
        low = middle + 1;
    }

  return -1;
}

int64_t
pink_arch_syscall_number (const PinkArch *arch, const char *name)
{
  return pink_arch_table_named (arch->id, name);
}

int
pink_arch_syscall_row (const char *name)
{
  unsigned low = 0, high = pink_arch_n_rows;

  if (name == NULL)
    return -1;

  while (low < high)
    {
      unsigned middle = (low + high) / 2;

      if (strcmp (name, pink_arch_rows[middle].name) <= 0)
        high = middle;
      else
        low = middle + 1;
    }

  return low < pink_arch_n_rows && strcmp (name, pink_arch_rows[low].name) == 0 ? (int) low : -1;
}

bool
pink_arch_syscall_exists (const char *name)
{
  return pink_arch_syscall_row (name) >= 0;
}

/* ---- arguments ---- */

static bool
is_pair (const PinkArch *arch, const PinkArchArg *arg)
{
  return arch->reg_size == 4 && (arg->kind == PINK_ARG_LLONG || arg->kind == PINK_ARG_ULLONG);
}

int
pink_arch_arg_register (const PinkArch *arch, const PinkArchSyscall *call, unsigned arg)
{
  unsigned reg = 0;

  if (arg >= call->n_args)
    return -1;

  for (unsigned i = 0;; i++)
    {
      unsigned width = is_pair (arch, &call->args[i]) ? 2 : 1;

      if (width == 2 && arch->aligned_pairs)
        reg += reg & 1;

      if (i == arg)
        return reg + width <= PINK_ARCH_N_REGS ? (int) reg : -1;

      reg += width;
    }
}

unsigned
pink_arch_arg_set (const PinkArch *arch, const PinkArchSyscall *call, unsigned arg,
                   uint64_t value, uint64_t regs[PINK_ARCH_N_REGS])
{
  int reg = pink_arch_arg_register (arch, call, arg);

  if (reg < 0)
    return 0;
  if (!is_pair (arch, &call->args[arg]))
    {
      regs[reg] = arch->reg_size == 4 ? (uint32_t) value : value;
      return 1U << reg;
    }
  regs[reg + (arch->big_endian ? 0 : 1)] = value >> 32;
  regs[reg + (arch->big_endian ? 1 : 0)] = (uint32_t) value;
  return 3U << reg;
}

int64_t
pink_arch_arg_value (const PinkArch *arch, const PinkArchSyscall *call, unsigned arg,
                     const uint64_t regs[PINK_ARCH_N_REGS])
{
  int reg = pink_arch_arg_register (arch, call, arg);
  const PinkArchArg *what;
  uint64_t value;

  if (reg < 0)
    return 0;

  what = &call->args[arg];
  value = regs[reg];

  switch ((PinkArgKind) what->kind)
    {
    case PINK_ARG_INT:
    case PINK_ARG_FD:
    case PINK_ARG_DIRFD:
    case PINK_ARG_PID:
    case PINK_ARG_SIGNAL:
      return (int32_t) (uint32_t) value;

    case PINK_ARG_UINT:
    case PINK_ARG_HEX32:
    case PINK_ARG_OCT:
    case PINK_ARG_UID:
      return (int64_t) (uint32_t) value;

    case PINK_ARG_LLONG:
    case PINK_ARG_ULLONG:
      if (is_pair (arch, what))
        {
          uint32_t first = (uint32_t) value, second = (uint32_t) regs[reg + 1];

          value = arch->big_endian ? (uint64_t) first << 32 | second
                                   : (uint64_t) second << 32 | first;
        }
      return (int64_t) value;

    case PINK_ARG_LONG:
      return arch->reg_size == 4 ? (int32_t) (uint32_t) value : (int64_t) value;

    case PINK_ARG_NONE:
    case PINK_ARG_ULONG:
    case PINK_ARG_HEX:
    case PINK_ARG_POINTER:
    case PINK_ARG_PATH:
    case PINK_ARG_STRING:
    case PINK_ARG_BUFFER:
    case PINK_ARG_OUT_BUFFER:
    case PINK_ARG_STRING_ARRAY:
      break;
    }

  return (int64_t) (arch->reg_size == 4 ? (uint32_t) value : value);
}

/* ---- classes ---- */

const char *
pink_arch_kind_name (PinkArgKind kind)
{
  return (unsigned) kind < pink_arch_n_kinds ? pink_arch_kinds[kind] : NULL;
}

const char *
pink_arch_class_name (unsigned bit)
{
  for (unsigned i = 0; pink_arch_classes[i] != NULL; i++)
    if (i == bit)
      return pink_arch_classes[i];

  return NULL;
}

uint32_t
pink_arch_class_from_name (const char *name)
{
  /* As people know them from strace. */
  static const struct
  {
    const char *alias;
    const char *name;
  } aliases[] = {
    { "net", "network" },
    { "%stat", "stat-like" }, /* %%stat */
    { "%statfs", "statfs-like" },
  };

  if (name == NULL)
    return 0;

  if (*name == '%')
    name++;

  for (unsigned i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
    if (strcmp (name, aliases[i].alias) == 0)
      name = aliases[i].name;

  for (unsigned i = 0; pink_arch_classes[i] != NULL; i++)
    if (strcmp (name, pink_arch_classes[i]) == 0)
      return (uint32_t) 1 << i;

  return 0;
}
