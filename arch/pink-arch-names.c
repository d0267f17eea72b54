/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The errnos and signals of asm-generic, that most architectures have. The texts
 * are those of glibc's strerror() in the C locale: messages and logs must not
 * change with the tracer's locale, nor on a C library with texts of its own.
 */
#include <string.h>

#include "pink-arch-private.h"

const PinkArchErrno pink_arch_errnos_base[] = {
  { 1, "EPERM", "Operation not permitted" },
  { 2, "ENOENT", "No such file or directory" },
  { 3, "ESRCH", "No such process" },
  { 4, "EINTR", "Interrupted system call" },
  { 5, "EIO", "Input/output error" },
  { 6, "ENXIO", "No such device or address" },
  { 7, "E2BIG", "Argument list too long" },
  { 8, "ENOEXEC", "Exec format error" },
  { 9, "EBADF", "Bad file descriptor" },
  { 10, "ECHILD", "No child processes" },
  { 11, "EAGAIN", "Resource temporarily unavailable" },
  { 12, "ENOMEM", "Cannot allocate memory" },
  { 13, "EACCES", "Permission denied" },
  { 14, "EFAULT", "Bad address" },
  { 15, "ENOTBLK", "Block device required" },
  { 16, "EBUSY", "Device or resource busy" },
  { 17, "EEXIST", "File exists" },
  { 18, "EXDEV", "Invalid cross-device link" },
  { 19, "ENODEV", "No such device" },
  { 20, "ENOTDIR", "Not a directory" },
  { 21, "EISDIR", "Is a directory" },
  { 22, "EINVAL", "Invalid argument" },
  { 23, "ENFILE", "Too many open files in system" },
  { 24, "EMFILE", "Too many open files" },
  { 25, "ENOTTY", "Inappropriate ioctl for device" },
  { 26, "ETXTBSY", "Text file busy" },
  { 27, "EFBIG", "File too large" },
  { 28, "ENOSPC", "No space left on device" },
  { 29, "ESPIPE", "Illegal seek" },
  { 30, "EROFS", "Read-only file system" },
  { 31, "EMLINK", "Too many links" },
  { 32, "EPIPE", "Broken pipe" },
  { 33, "EDOM", "Numerical argument out of domain" },
  { 34, "ERANGE", "Numerical result out of range" },
  /* Never seen by a program, only by its tracer: what the kernel does with an
   * interrupted call depends on the handler that comes next. */
  { 512, "ERESTARTSYS", "To be restarted if SA_RESTART is set" },
  { 513, "ERESTARTNOINTR", "To be restarted" },
  { 514, "ERESTARTNOHAND", "To be restarted if no handler" },
  { 515, "ENOIOCTLCMD", "No ioctl command" },
  { 516, "ERESTART_RESTARTBLOCK", "Interrupted by signal" },

  { 11, "EWOULDBLOCK", NULL },
  { 0, NULL, NULL }
};

const PinkArchErrno pink_arch_errnos_generic[] = {
  { 35, "EDEADLK", "Resource deadlock avoided" },
  { 36, "ENAMETOOLONG", "File name too long" },
  { 37, "ENOLCK", "No locks available" },
  { 38, "ENOSYS", "Function not implemented" },
  { 39, "ENOTEMPTY", "Directory not empty" },
  { 40, "ELOOP", "Too many levels of symbolic links" },
  { 42, "ENOMSG", "No message of desired type" },
  { 43, "EIDRM", "Identifier removed" },
  { 44, "ECHRNG", "Channel number out of range" },
  { 45, "EL2NSYNC", "Level 2 not synchronized" },
  { 46, "EL3HLT", "Level 3 halted" },
  { 47, "EL3RST", "Level 3 reset" },
  { 48, "ELNRNG", "Link number out of range" },
  { 49, "EUNATCH", "Protocol driver not attached" },
  { 50, "ENOCSI", "No CSI structure available" },
  { 51, "EL2HLT", "Level 2 halted" },
  { 52, "EBADE", "Invalid exchange" },
  { 53, "EBADR", "Invalid request descriptor" },
  { 54, "EXFULL", "Exchange full" },
  { 55, "ENOANO", "No anode" },
  { 56, "EBADRQC", "Invalid request code" },
  { 57, "EBADSLT", "Invalid slot" },
  { 59, "EBFONT", "Bad font file format" },
  { 60, "ENOSTR", "Device not a stream" },
  { 61, "ENODATA", "No data available" },
  { 62, "ETIME", "Timer expired" },
  { 63, "ENOSR", "Out of streams resources" },
  { 64, "ENONET", "Machine is not on the network" },
  { 65, "ENOPKG", "Package not installed" },
  { 66, "EREMOTE", "Object is remote" },
  { 67, "ENOLINK", "Link has been severed" },
  { 68, "EADV", "Advertise error" },
  { 69, "ESRMNT", "Srmount error" },
  { 70, "ECOMM", "Communication error on send" },
  { 71, "EPROTO", "Protocol error" },
  { 72, "EMULTIHOP", "Multihop attempted" },
  { 73, "EDOTDOT", "RFS specific error" },
  { 74, "EBADMSG", "Bad message" },
  { 75, "EOVERFLOW", "Value too large for defined data type" },
  { 76, "ENOTUNIQ", "Name not unique on network" },
  { 77, "EBADFD", "File descriptor in bad state" },
  { 78, "EREMCHG", "Remote address changed" },
  { 79, "ELIBACC", "Can not access a needed shared library" },
  { 80, "ELIBBAD", "Accessing a corrupted shared library" },
  { 81, "ELIBSCN", ".lib section in a.out corrupted" },
  { 82, "ELIBMAX", "Attempting to link in too many shared libraries" },
  { 83, "ELIBEXEC", "Cannot exec a shared library directly" },
  { 84, "EILSEQ", "Invalid or incomplete multibyte or wide character" },
  { 85, "ERESTART", "Interrupted system call should be restarted" },
  { 86, "ESTRPIPE", "Streams pipe error" },
  { 87, "EUSERS", "Too many users" },
  { 88, "ENOTSOCK", "Socket operation on non-socket" },
  { 89, "EDESTADDRREQ", "Destination address required" },
  { 90, "EMSGSIZE", "Message too long" },
  { 91, "EPROTOTYPE", "Protocol wrong type for socket" },
  { 92, "ENOPROTOOPT", "Protocol not available" },
  { 93, "EPROTONOSUPPORT", "Protocol not supported" },
  { 94, "ESOCKTNOSUPPORT", "Socket type not supported" },
  { 95, "EOPNOTSUPP", "Operation not supported" },
  { 96, "EPFNOSUPPORT", "Protocol family not supported" },
  { 97, "EAFNOSUPPORT", "Address family not supported by protocol" },
  { 98, "EADDRINUSE", "Address already in use" },
  { 99, "EADDRNOTAVAIL", "Cannot assign requested address" },
  { 100, "ENETDOWN", "Network is down" },
  { 101, "ENETUNREACH", "Network is unreachable" },
  { 102, "ENETRESET", "Network dropped connection on reset" },
  { 103, "ECONNABORTED", "Software caused connection abort" },
  { 104, "ECONNRESET", "Connection reset by peer" },
  { 105, "ENOBUFS", "No buffer space available" },
  { 106, "EISCONN", "Transport endpoint is already connected" },
  { 107, "ENOTCONN", "Transport endpoint is not connected" },
  { 108, "ESHUTDOWN", "Cannot send after transport endpoint shutdown" },
  { 109, "ETOOMANYREFS", "Too many references: cannot splice" },
  { 110, "ETIMEDOUT", "Connection timed out" },
  { 111, "ECONNREFUSED", "Connection refused" },
  { 112, "EHOSTDOWN", "Host is down" },
  { 113, "EHOSTUNREACH", "No route to host" },
  { 114, "EALREADY", "Operation already in progress" },
  { 115, "EINPROGRESS", "Operation now in progress" },
  { 116, "ESTALE", "Stale file handle" },
  { 117, "EUCLEAN", "Structure needs cleaning" },
  { 118, "ENOTNAM", "Not a XENIX named type file" },
  { 119, "ENAVAIL", "No XENIX semaphores available" },
  { 120, "EISNAM", "Is a named type file" },
  { 121, "EREMOTEIO", "Remote I/O error" },
  { 122, "EDQUOT", "Disk quota exceeded" },
  { 123, "ENOMEDIUM", "No medium found" },
  { 124, "EMEDIUMTYPE", "Wrong medium type" },
  { 125, "ECANCELED", "Operation canceled" },
  { 126, "ENOKEY", "Required key not available" },
  { 127, "EKEYEXPIRED", "Key has expired" },
  { 128, "EKEYREVOKED", "Key has been revoked" },
  { 129, "EKEYREJECTED", "Key was rejected by service" },
  { 130, "EOWNERDEAD", "Owner died" },
  { 131, "ENOTRECOVERABLE", "State not recoverable" },
  { 132, "ERFKILL", "Operation not possible due to RF-kill" },
  { 133, "EHWPOISON", "Memory page has hardware error" },

  { 35, "EDEADLOCK", NULL },
  { 95, "ENOTSUP", NULL },
  { 0, NULL, NULL }
};

static const char *const signal_names[] = {
  NULL,
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGKILL",
  "SIGUSR1",
  "SIGSEGV",
  "SIGUSR2",
  "SIGPIPE",
  "SIGALRM",
  "SIGTERM",
  "SIGSTKFLT",
  "SIGCHLD",
  "SIGCONT",
  "SIGSTOP",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGURG",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGVTALRM",
  "SIGPROF",
  "SIGWINCH",
  "SIGIO",
  "SIGPWR",
  "SIGSYS",
  /* Real-time signals from the kernel's first on: how many of them the C library
   * keeps for itself is the tracee's business. */
  "SIGRTMIN", "SIGRT_1", "SIGRT_2", "SIGRT_3", "SIGRT_4", "SIGRT_5",
  "SIGRT_6", "SIGRT_7", "SIGRT_8", "SIGRT_9", "SIGRT_10", "SIGRT_11",
  "SIGRT_12", "SIGRT_13", "SIGRT_14", "SIGRT_15", "SIGRT_16", "SIGRT_17",
  "SIGRT_18", "SIGRT_19", "SIGRT_20", "SIGRT_21", "SIGRT_22", "SIGRT_23",
  "SIGRT_24", "SIGRT_25", "SIGRT_26", "SIGRT_27", "SIGRT_28", "SIGRT_29",
  "SIGRT_30", "SIGRT_31", "SIGRT_32",
};

static const PinkArchAlias signal_aliases[] = {
  { 6, "SIGIOT" },
  { 17, "SIGCLD" },
  { 29, "SIGPOLL" },
  { 31, "SIGUNUSED" },
  { 0, NULL }
};

const PinkArchSignals pink_arch_signals_generic = {
  .names = signal_names,
  .n_names = sizeof signal_names / sizeof signal_names[0],
  .aliases = signal_aliases,
};

static const PinkArchErrno *
find_in (const PinkArchErrno *list, int number)
{
  for (; list != NULL && list->name != NULL; list++)
    if (list->number == number && list->text != NULL)
      return list;

  return NULL;
}

static const PinkArchErrno *
find_named_in (const PinkArchErrno *list, const char *name)
{
  for (; list != NULL && list->name != NULL; list++)
    if (strcmp (list->name, name) == 0)
      return list;

  return NULL;
}

static const PinkArchErrno *
find_errno (const PinkArch *arch, int number)
{
  const PinkArchErrno *found = NULL;

  for (unsigned i = 0; i < PINK_ARCH_N_ERRNO_LISTS && found == NULL; i++)
    found = find_in (arch->errnos[i], number);

  return found;
}

const char *
pink_arch_errno_name (const PinkArch *arch, int number)
{
  const PinkArchErrno *e = find_errno (arch, number);

  return e != NULL ? e->name : NULL;
}

const char *
pink_arch_errno_text (const PinkArch *arch, int number)
{
  const PinkArchErrno *e = find_errno (arch, number);

  if (e != NULL && e->text[0] == '\0')
    e = find_named_in (pink_arch_errnos_generic, e->name);

  return e != NULL ? e->text : NULL;
}

int
pink_arch_errno_number (const PinkArch *arch, const char *name)
{
  const PinkArchErrno *found = NULL;

  if (name == NULL)
    return -1;

  for (unsigned i = 0; i < PINK_ARCH_N_ERRNO_LISTS && found == NULL; i++)
    found = find_named_in (arch->errnos[i], name);

  return found != NULL ? found->number : -1;
}

const char *
pink_arch_signal_name (const PinkArch *arch, int number)
{
  return number > 0 && number < arch->signals->n_names ? arch->signals->names[number] : NULL;
}

int
pink_arch_signal_number (const PinkArch *arch, const char *name)
{
  if (name == NULL)
    return -1;

  for (int i = 1; i < arch->signals->n_names; i++)
    if (strcmp (arch->signals->names[i], name) == 0)
      return i;

  for (const PinkArchAlias *alias = arch->signals->aliases; alias->name != NULL; alias++)
    if (strcmp (alias->name, name) == 0)
      return alias->number;

  return -1;
}
