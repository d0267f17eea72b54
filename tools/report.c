/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "report.h"

const char *
report_abi_mode (PinkAbi abi)
{
  switch (abi)
    {
    case PINK_ABI_X32:
      return "x32";
    case PINK_ABI_X86_64:
    case PINK_ABI_AARCH64:
    case PINK_ABI_POWERPC64:
    case PINK_ABI_POWERPC64LE:
    case PINK_ABI_RISCV64:
    case PINK_ABI_S390X:
    case PINK_ABI_LOONGARCH64:
      return "64 bit";
    case PINK_ABI_I386:
    case PINK_ABI_ARM:
    case PINK_ABI_POWERPC:
    case PINK_ABI_S390:
      return "32 bit";
    default:
      return pink_abi_get_name (abi);
    }
}

gboolean
report_has_status (const Options    *options,
                   PinkSyscallEvent *call)
{
  Status status = pink_syscall_event_get_error_code (call) != 0 ? STATUS_FAILED : STATUS_SUCCESSFUL;

  return (options->statuses & status) != 0;
}
