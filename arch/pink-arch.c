/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Descriptions and register sets: the common code that reads what the
 * descriptions say. It names no architecture outside the table below.
 */
#include "pink-arch-private.h"

#define MAX_ERRNO 4095

static const PinkArch *const descriptions[PINK_ARCH_N_IDS] = {
  [PINK_ARCH_X86_64] = &pink_arch_x86_64,
  [PINK_ARCH_I386] = &pink_arch_i386,
  [PINK_ARCH_X32] = &pink_arch_x32,
  [PINK_ARCH_AARCH64] = &pink_arch_aarch64,
  [PINK_ARCH_ARM] = &pink_arch_arm,
  [PINK_ARCH_POWERPC] = &pink_arch_powerpc,
  [PINK_ARCH_POWERPC64] = &pink_arch_powerpc64,
  [PINK_ARCH_POWERPC64LE] = &pink_arch_powerpc64le,
  [PINK_ARCH_IA64] = &pink_arch_ia64,
  [PINK_ARCH_RISCV64] = &pink_arch_riscv64,
  [PINK_ARCH_S390X] = &pink_arch_s390x,
  [PINK_ARCH_S390] = &pink_arch_s390,
  [PINK_ARCH_MIPS_O32] = &pink_arch_mips_o32,
  [PINK_ARCH_MIPS_N32] = &pink_arch_mips_n32,
  [PINK_ARCH_MIPS_N64] = &pink_arch_mips_n64,
  [PINK_ARCH_MIPSEL_O32] = &pink_arch_mipsel_o32,
  [PINK_ARCH_MIPSEL_N32] = &pink_arch_mipsel_n32,
  [PINK_ARCH_MIPSEL_N64] = &pink_arch_mipsel_n64,
  [PINK_ARCH_LOONGARCH64] = &pink_arch_loongarch64,
};

const PinkArch *
pink_arch_get (PinkArchId id)
{
  return (unsigned) id < PINK_ARCH_N_IDS ? descriptions[id] : NULL;
}

/* The kernel looks at an int, and −1 (a skipped call) is in no ABI's private
 * range although it has every marker bit. */
static bool
has_marker (const PinkArch *arch, uint64_t raw_number)
{
  uint32_t number = (uint32_t) raw_number;

  return arch->marker != 0 && number <= INT32_MAX && (number & arch->marker) == arch->marker;
}

const PinkArch *
pink_arch_from_audit (uint32_t audit_arch, uint64_t number)
{
  const PinkArch *found = NULL;

  for (unsigned i = 0; i < PINK_ARCH_N_IDS; i++)
    {
      const PinkArch *arch = descriptions[i];

      if (arch == NULL || arch->audit != audit_arch)
        continue;

      if (has_marker (arch, number))
        return arch;
      if (arch->marker == 0)
        found = arch;
    }

  return found;
}

const PinkArch *
pink_arch_from_regset (PinkArchId host, const void *regs, size_t size)
{
  const PinkArch *arch = pink_arch_get (host);

  if (arch == NULL || regs == NULL)
    return NULL;
  if (arch->from_regset != NULL)
    return arch->from_regset (regs, size);
  if (pink_arch_layout (arch, size) != NULL)
    return arch;

  for (const PinkArchId *guest = arch->guests; guest != NULL && *guest != PINK_ARCH_UNKNOWN; guest++)
    {
      const PinkArch *other = pink_arch_get (*guest);

      if (other != NULL && pink_arch_layout (other, size) != NULL)
        return other;
    }

  return NULL;
}

PinkArchId
pink_arch_id (const PinkArch *arch)
{
  return arch->id;
}

const char *
pink_arch_name (const PinkArch *arch)
{
  return pink_arch_tables[arch->id].name;
}

uint32_t
pink_arch_audit (const PinkArch *arch)
{
  return arch->audit;
}

uint16_t
pink_arch_elf_machine (const PinkArch *arch)
{
  return arch->elf_machine;
}

unsigned
pink_arch_word_size (const PinkArch *arch)
{
  return arch->word_size;
}

bool
pink_arch_is_big_endian (const PinkArch *arch)
{
  return arch->big_endian;
}

uint64_t
pink_arch_table_number (const PinkArch *arch, uint64_t raw_number)
{
  /* Sign-extended, as PTRACE_GET_SYSCALL_INFO gives it: the register set of a
   * 32-bit process would show −1 as 0xffffffff. */
  uint64_t number = (uint64_t) (int64_t) (int32_t) (uint32_t) raw_number;

  if (has_marker (arch, number))
    return number & ~(uint64_t) arch->marker;
  if (pink_arch_is_old_abi (arch, number))
    return number & ~(uint64_t) arch->old_abi_bits;
  return number;
}

bool
pink_arch_is_old_abi (const PinkArch *arch, uint64_t raw_number)
{
  uint32_t number = (uint32_t) raw_number;

  return arch->old_abi_mask != 0 && number <= INT32_MAX
         && (number & arch->old_abi_mask) == arch->old_abi_bits;
}

uint64_t
pink_arch_raw_number (const PinkArch *arch, uint64_t number)
{
  number = (uint64_t) (int64_t) (int32_t) (uint32_t) number;

  return (int64_t) number < 0 ? number : number | arch->marker;
}

/* ---- fields ---- */

const PinkArchLayout *
pink_arch_layout (const PinkArch *arch, size_t size)
{
  for (unsigned i = 0; i < arch->n_layouts; i++)
    if (arch->layouts[i].size == size)
      return &arch->layouts[i];

  return NULL;
}

/* Byte by byte: the buffer may be from another machine, and unaligned. */
static uint64_t
word_get (const PinkArch *arch, const unsigned char *bytes, unsigned size)
{
  uint64_t value = 0;

  for (unsigned i = 0; i < size; i++)
    value = value << 8 | bytes[arch->big_endian ? i : size - 1 - i];

  return value;
}

uint64_t
pink_arch_field_get (const PinkArch *arch, const void *regs, PinkArchField field)
{
  return word_get (arch, (const unsigned char *) regs + field.offset, field.size);
}

void
pink_arch_put_integer (const PinkArch *arch, void *where, size_t size, uint64_t value)
{
  unsigned char *bytes = where;

  for (size_t i = 0; i < size; i++)
    bytes[arch->big_endian ? size - 1 - i : i] = (unsigned char) (value >> (8 * i));
}

void
pink_arch_field_set (const PinkArch *arch, void *regs, PinkArchField field, uint64_t value)
{
  pink_arch_put_integer (arch, (unsigned char *) regs + field.offset, field.size, value);
}

/* ---- decoding ---- */

static uint64_t
ip_get (const PinkArch *arch, const PinkArchLayout *layout, const void *regs)
{
  uint64_t ip = pink_arch_field_get (arch, regs, layout->ip);

  return arch->ip_mask != 0 ? ip & arch->ip_mask : ip;
}

static uint64_t
reg_truncate (const PinkArch *arch, uint64_t value)
{
  return arch->reg_size == 4 ? (uint32_t) value : value;
}

static int64_t
result_extend (const PinkArch *arch, uint64_t value)
{
  return arch->reg_size == 4 ? (int32_t) (uint32_t) value : (int64_t) value;
}

/* True where the address is known, whatever is there. */
static bool
slot_address (const PinkArch *arch, const PinkArchLayout *layout, const void *regs, unsigned reg,
              uint64_t *address)
{
  if (layout->args[reg].size != 0)
    return false;

  if (arch->arg_address != NULL)
    return arch->arg_address (arch, layout, regs, reg, address);

  if (arch->first_stack_arg == 0 || reg < arch->first_stack_arg)
    return false;

  *address = reg_truncate (arch, pink_arch_field_get (arch, regs, layout->sp)
                                 + arch->stack_offset
                                 + (uint64_t) (reg - arch->first_stack_arg) * arch->reg_size);
  return true;
}

bool
pink_arch_arg_address (const PinkArch *arch, const void *regs, size_t size, unsigned reg,
                       uint64_t *address, size_t *length)
{
  const PinkArchLayout *layout = pink_arch_layout (arch, size);

  if (layout == NULL || reg >= PINK_ARCH_N_REGS || !slot_address (arch, layout, regs, reg, address))
    return false;

  *length = arch->reg_size;
  return true;
}

static uint64_t
slot_get (const PinkArch *arch, const PinkArchLayout *layout, const void *regs, unsigned reg,
          PinkArchReadFunc read, void *data)
{
  unsigned char bytes[8];
  uint64_t address;

  if (layout->args[reg].size != 0)
    return reg_truncate (arch, pink_arch_field_get (arch, regs, layout->args[reg]));

  /* An unreadable stack is no reason to know nothing of the call: most calls
   * do not have so many arguments. */
  if (read == NULL
      || !slot_address (arch, layout, regs, reg, &address)
      || !read (data, address, bytes, arch->reg_size))
    return 0;

  return word_get (arch, bytes, arch->reg_size);
}

bool
pink_arch_decode_entry (const PinkArch *arch, const void *regs, size_t size,
                        PinkArchReadFunc read, void *data, PinkArchEntry *entry)
{
  const PinkArchLayout *layout = pink_arch_layout (arch, size);

  if (layout == NULL)
    return false;

  entry->number = pink_arch_table_number (arch, pink_arch_field_get (arch, regs, layout->number));
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    entry->args[i] = slot_get (arch, layout, regs, i, read, data);
  entry->ip = ip_get (arch, layout, regs);
  entry->sp = pink_arch_field_get (arch, regs, layout->sp);

  return true;
}

void
pink_arch_entry_from_info (const PinkArch *arch, uint64_t raw_number,
                           const uint64_t args[PINK_ARCH_N_REGS], PinkArchEntry *entry)
{
  entry->number = pink_arch_table_number (arch, raw_number);
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    entry->args[i] = reg_truncate (arch, args[i]);
}

static bool
error_is_flagged (const PinkArch *arch, const PinkArchLayout *layout, const void *regs)
{
  if (arch->error_way != PINK_ARCH_ERROR_FLAG)
    return false;

  return layout->convention.size == 0
         || (pink_arch_field_get (arch, regs, layout->convention) & arch->convention_mask)
            != arch->convention_negative;
}

bool
pink_arch_decode_exit (const PinkArch *arch, const void *regs, size_t size, PinkArchExit *result)
{
  const PinkArchLayout *layout = pink_arch_layout (arch, size);
  int64_t value;
  bool is_error;

  if (layout == NULL)
    return false;

  value = result_extend (arch, pink_arch_field_get (arch, regs, layout->result));
  if (error_is_flagged (arch, layout, regs))
    is_error = (pink_arch_field_get (arch, regs, layout->error) & arch->error_mask) != 0;
  else
    is_error = value < 0 && value >= -MAX_ERRNO;

  pink_arch_exit_from_info (arch, value, is_error, result);
  result->ip = ip_get (arch, layout, regs);
  result->sp = pink_arch_field_get (arch, regs, layout->sp);

  return true;
}

void
pink_arch_exit_from_info (const PinkArch *arch, int64_t rval, bool is_error, PinkArchExit *result)
{
  int64_t value = result_extend (arch, (uint64_t) rval);

  /* Kernels give −errno, PowerPC's under `sc` +errno. */
  if (is_error && value < 0 && value >= -MAX_ERRNO)
    value = -value;

  result->value = value;
  result->is_error = is_error;
}

/* ---- encoding ---- */

PinkArchNumberWay
pink_arch_number_way (const PinkArch *arch, PinkArchId host)
{
  return host == arch->id ? arch->number_way_native : arch->number_way;
}

bool
pink_arch_encode_number (const PinkArch *arch, void *regs, size_t size, uint64_t number)
{
  const PinkArchLayout *layout = pink_arch_layout (arch, size);

  if (layout == NULL || arch->number_way != PINK_ARCH_NUMBER_IN_REGSET)
    return false;

  pink_arch_field_set (arch, regs, layout->number, pink_arch_raw_number (arch, number));
  return true;
}

/* The slots that are no registers are left as they are. */
static bool
next_args (const PinkArch *arch, const PinkArchLayout *layout, void *regs, const uint64_t *args)
{
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    {
      if (layout->args[i].size == 0 && args[i] != 0)
        return false;
      if (layout->args[i].size != 0)
        pink_arch_field_set (arch, regs, layout->args[i], reg_truncate (arch, args[i]));
    }
  if (layout->next_arg0.size != 0)
    pink_arch_field_set (arch, regs, layout->next_arg0, reg_truncate (arch, args[0]));
  if (layout->arg0_copy.size != 0)
    pink_arch_field_set (arch, regs, layout->arg0_copy, reg_truncate (arch, args[0]));
  return true;
}

bool
pink_arch_encode_again (const PinkArch *arch, void *regs, size_t size, uint64_t number, uint64_t ip,
                        const uint64_t args[PINK_ARCH_N_REGS])
{
  const PinkArchLayout *layout = pink_arch_layout (arch, size);
  bool is_short;

  if (layout == NULL || arch->call_size == 0 || !next_args (arch, layout, regs, args))
    return false;
  is_short = pink_arch_field_get (arch, regs, layout->state) & arch->short_call_bit;
  ip -= is_short ? arch->short_call_size : arch->call_size;
  if (arch->ip_mask != 0)
    ip |= pink_arch_field_get (arch, regs, layout->ip) & ~arch->ip_mask;
  pink_arch_field_set (arch, regs, layout->ip, ip);
  if (arch->number_at_entry)
    pink_arch_field_set (arch, regs, layout->result, 0); /* no result that has the kernel restart a call */
  else
    pink_arch_field_set (arch, regs, layout->next_number, pink_arch_raw_number (arch, number));
  return true;
}

bool
pink_arch_number_at_entry (const PinkArch *arch)
{
  return arch->number_at_entry;
}

bool
pink_arch_sets_half_result (const PinkArch *arch)
{
  return arch->half_result;
}

bool
pink_arch_mmap_by_block (const PinkArch *arch)
{
  return arch->mmap_by_block;
}

bool
pink_arch_has_restart_number (const PinkArch *arch)
{
  return arch->restart_number;
}

void
pink_arch_copy_mark (const PinkArch *arch, void *regs, const void *from, size_t size)
{
  const PinkArchLayout *layout = pink_arch_layout (arch, size);

  if (layout != NULL && layout->mark.size != 0)
    pink_arch_field_set (arch, regs, layout->mark, pink_arch_field_get (arch, from, layout->mark));
}

bool
pink_arch_encode_arg (const PinkArch *arch, void *regs, size_t size, unsigned reg, uint64_t value)
{
  const PinkArchLayout *layout = pink_arch_layout (arch, size);

  if (layout == NULL || reg >= PINK_ARCH_N_REGS || layout->args[reg].size == 0)
    return false;

  pink_arch_field_set (arch, regs, layout->args[reg], reg_truncate (arch, value));
  if (reg == 0)
    pink_arch_field_set (arch, regs, layout->arg0_copy, reg_truncate (arch, value));
  return true;
}

bool
pink_arch_encode_result (const PinkArch *arch, void *regs, size_t size, int64_t value, bool is_error)
{
  const PinkArchLayout *layout = pink_arch_layout (arch, size);

  if (layout == NULL || (is_error && (value < 1 || value > MAX_ERRNO)))
    return false;

  if (error_is_flagged (arch, layout, regs))
    {
      uint64_t flags = pink_arch_field_get (arch, regs, layout->error);

      /* A flag register that is one whole value (a3, r10) may hold −1: clear
       * it all. PowerPC's CCR has one bit of its own among the program's. */
      flags &= ~arch->error_mask;
      if (is_error)
        flags |= arch->error_set;
      pink_arch_field_set (arch, regs, layout->error, flags);
    }
  else if (is_error)
    value = -value;

  pink_arch_field_set (arch, regs, layout->result, (uint64_t) value);
  return true;
}

/* O_CREAT and __O_TMPFILE of asm-generic/fcntl.h. */
bool
pink_arch_open_takes_mode (const PinkArch *arch, uint64_t flags)
{
  uint32_t creat = arch->open_creat != 0 ? arch->open_creat : 0x40;

  return (flags & (creat | 0x400000)) != 0;
}
