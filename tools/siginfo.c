/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "siginfo.h"

#include <linux/audit.h>
#include <signal.h>
#include <string.h>

typedef struct
{
  int         signal; /* 0: any */
  int         code;
  const char *name;
} Code;

/* By number: the system's headers have not all of them. */
static const Code codes[] = {
  { 0, 0, "SI_USER" }, { 0, 0x80, "SI_KERNEL" }, { 0, -1, "SI_QUEUE" }, { 0, -2, "SI_TIMER" },
  { 0, -3, "SI_MESGQ" }, { 0, -4, "SI_ASYNCIO" }, { 0, -5, "SI_SIGIO" }, { 0, -6, "SI_TKILL" },
  { 0, -7, "SI_DETHREAD" }, { 0, -60, "SI_ASYNCNL" },
  { SIGCHLD, 1, "CLD_EXITED" }, { SIGCHLD, 2, "CLD_KILLED" }, { SIGCHLD, 3, "CLD_DUMPED" },
  { SIGCHLD, 4, "CLD_TRAPPED" }, { SIGCHLD, 5, "CLD_STOPPED" }, { SIGCHLD, 6, "CLD_CONTINUED" },
  { SIGSEGV, 1, "SEGV_MAPERR" }, { SIGSEGV, 2, "SEGV_ACCERR" }, { SIGSEGV, 3, "SEGV_BNDERR" },
  { SIGSEGV, 4, "SEGV_PKUERR" }, { SIGSEGV, 8, "SEGV_MTEAERR" }, { SIGSEGV, 9, "SEGV_MTESERR" },
  { SIGBUS, 1, "BUS_ADRALN" }, { SIGBUS, 2, "BUS_ADRERR" }, { SIGBUS, 3, "BUS_OBJERR" },
  { SIGBUS, 4, "BUS_MCEERR_AR" }, { SIGBUS, 5, "BUS_MCEERR_AO" },
  { SIGFPE, 1, "FPE_INTDIV" }, { SIGFPE, 2, "FPE_INTOVF" }, { SIGFPE, 3, "FPE_FLTDIV" },
  { SIGFPE, 4, "FPE_FLTOVF" }, { SIGFPE, 5, "FPE_FLTUND" }, { SIGFPE, 6, "FPE_FLTRES" },
  { SIGFPE, 7, "FPE_FLTINV" }, { SIGFPE, 8, "FPE_FLTSUB" },
  { SIGILL, 1, "ILL_ILLOPC" }, { SIGILL, 2, "ILL_ILLOPN" }, { SIGILL, 3, "ILL_ILLADR" },
  { SIGILL, 4, "ILL_ILLTRP" }, { SIGILL, 5, "ILL_PRVOPC" }, { SIGILL, 6, "ILL_PRVREG" },
  { SIGILL, 7, "ILL_COPROC" }, { SIGILL, 8, "ILL_BADSTK" },
  { SIGTRAP, 1, "TRAP_BRKPT" }, { SIGTRAP, 2, "TRAP_TRACE" }, { SIGTRAP, 3, "TRAP_BRANCH" },
  { SIGTRAP, 4, "TRAP_HWBKPT" }, { SIGTRAP, 5, "TRAP_UNK" }, { SIGTRAP, 6, "TRAP_PERF" },
  { SIGPOLL, 1, "POLL_IN" }, { SIGPOLL, 2, "POLL_OUT" }, { SIGPOLL, 3, "POLL_MSG" },
  { SIGPOLL, 4, "POLL_ERR" }, { SIGPOLL, 5, "POLL_PRI" }, { SIGPOLL, 6, "POLL_HUP" },
  { SIGPROF, 1, "PROF_SIG" },
  { SIGSYS, 1, "SYS_SECCOMP" }, { SIGSYS, 2, "SYS_USER_DISPATCH" },
};

#define AUDIT(name, abi) { AUDIT_ARCH_ ## name, "AUDIT_ARCH_" #name, abi }

static const struct { guint32 arch; const char *name; PinkAbi abi; } arches[] = {
  AUDIT (X86_64, PINK_ABI_X86_64), AUDIT (I386, PINK_ABI_I386), AUDIT (AARCH64, PINK_ABI_AARCH64),
  AUDIT (ARM, PINK_ABI_ARM), AUDIT (PPC, PINK_ABI_POWERPC), AUDIT (PPC64, PINK_ABI_POWERPC64),
  AUDIT (PPC64LE, PINK_ABI_POWERPC64LE), AUDIT (RISCV64, PINK_ABI_RISCV64),
  AUDIT (S390X, PINK_ABI_S390X), AUDIT (S390, PINK_ABI_S390), AUDIT (IA64, PINK_ABI_IA64),
};

static void
append_code (GString         *text,
             const siginfo_t *info)
{
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i].code == info->si_code &&
        (codes[i].signal == 0 || codes[i].signal == info->si_signo))
      {
        g_string_append (text, codes[i].name);
        return;
      }
  g_string_append_printf (text, "%#x", (guint) info->si_code);
}

static void
append_signal (GString *text,
               int      number)
{
  const char *name = pink_signal_name (number);

  if (name != NULL)
    g_string_append (text, name);
  else
    g_string_append_printf (text, "%d", number);
}

static void
append_pointer (GString    *text,
                const char *field,
                const void *address)
{
  g_string_append_printf (text, ", %s=", field);
  if (address == NULL)
    g_string_append (text, "NULL");
  else
    g_string_append_printf (text, "%#" G_GINT64_MODIFIER "x", (guint64) (guintptr) address);
}

static void
append_source (GString         *text,
               const siginfo_t *info)
{
  g_string_append_printf (text, ", si_pid=%d, si_uid=%d", info->si_pid, (int) info->si_uid);
}

static void
append_value (GString         *text,
              const siginfo_t *info)
{
  g_string_append_printf (text, ", si_int=%d", info->si_value.sival_int);
  append_pointer (text, "si_ptr", info->si_value.sival_ptr);
}

/* Of one that a process has sent. */
static void
append_sent (GString         *text,
             const siginfo_t *info)
{
  switch (info->si_code)
    {
    case SI_TIMER:
      g_string_append_printf (text, ", si_timerid=%#x, si_overrun=%d", (guint) info->si_timerid,
                              info->si_overrun);
      append_value (text, info);
      break;
    case SI_SIGIO:
      g_string_append_printf (text, ", si_band=%ld, si_fd=%d", (long) info->si_band, info->si_fd);
      break;
    case SI_USER:
    case SI_TKILL:
      append_source (text, info);
      break;
    default:
      append_source (text, info);
      if (info->si_value.sival_ptr != NULL)
        append_value (text, info);
    }
}

static void
append_child (GString         *text,
              const siginfo_t *info)
{
  append_source (text, info);
  g_string_append (text, ", si_status=");
  if (info->si_code == CLD_EXITED)
    g_string_append_printf (text, "%d", info->si_status);
  else
    append_signal (text, info->si_status);
  g_string_append_printf (text, ", si_utime=%llu, si_stime=%llu",
                          (unsigned long long) info->si_utime, (unsigned long long) info->si_stime);
}

static void
append_seccomp (GString         *text,
                const siginfo_t *info)
{
  guint32 arch = info->si_arch;
  const char *call = NULL;
  gsize i = 0;

  while (i < G_N_ELEMENTS (arches) && arches[i].arch != arch)
    i++;
  if (i < G_N_ELEMENTS (arches))
    call = pink_syscall_name (arches[i].abi, (guint64) info->si_syscall);
  append_pointer (text, "si_call_addr", info->si_call_addr);
  if (call != NULL)
    g_string_append_printf (text, ", si_syscall=__NR_%s", call);
  else
    g_string_append_printf (text, ", si_syscall=%d", info->si_syscall);
  if (i < G_N_ELEMENTS (arches))
    g_string_append_printf (text, ", si_arch=%s", arches[i].name);
  else
    g_string_append_printf (text, ", si_arch=%#x /* AUDIT_ARCH_??? */", arch);
}

/* Of one that the kernel has sent. */
static void
append_raised (GString         *text,
               const siginfo_t *info)
{
  switch (info->si_signo)
    {
    case SIGCHLD:
      append_child (text, info);
      break;
    case SIGILL:
    case SIGFPE:
    case SIGBUS:
    case SIGSEGV:
    case SIGTRAP:
      append_pointer (text, "si_addr", info->si_addr);
      break;
    case SIGPOLL:
      if (info->si_code >= POLL_IN && info->si_code <= POLL_MSG)
        g_string_append_printf (text, ", si_band=%ld, si_fd=%d", (long) info->si_band, info->si_fd);
      break;
    case SIGSYS:
      append_seccomp (text, info);
      break;
    default:
      if (info->si_pid != 0 || info->si_uid != 0)
        append_source (text, info);
      if (info->si_value.sival_ptr != NULL)
        append_value (text, info);
    }
}

char *
siginfo_to_string (PinkSignalEvent *event)
{
  g_autoptr (GBytes) bytes = pink_signal_event_get_info (event);
  GString *text = g_string_new ("{");
  siginfo_t info = { .si_signo = 0 };

  memcpy (&info, g_bytes_get_data (bytes, NULL), MIN (sizeof info, g_bytes_get_size (bytes)));
  if (info.si_signo != 0)
    {
      g_string_append (text, "si_signo=");
      append_signal (text, info.si_signo);
      g_string_append (text, ", si_code=");
      append_code (text, &info);
      if (info.si_errno != 0)
        {
          const char *name = pink_errno_name (info.si_errno);

          if (name != NULL)
            g_string_append_printf (text, ", si_errno=%s", name);
          else
            g_string_append_printf (text, ", si_errno=%d", info.si_errno);
        }
      if (info.si_code <= 0)
        append_sent (text, &info);
      else
        append_raised (text, &info);
    }
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}
