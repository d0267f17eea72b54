/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The socket address that a call names or is given, through socketcall(2) too.
 */
#include "pinktrace-glib.h"

#include "pink-syscall-event-private.h"
#include "pink-tracee-private.h"

#include <gio/gunixsocketaddress.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The kernel takes no longer one (sockaddr_storage). */
#define MAX_ADDRESS 128

typedef enum
{
  IN,       /* address, length: the call reads it */
  OUT,      /* address, pointer to the length (an int): it has it when it has returned */
  MESSAGE_IN, /* in a msghdr, of sendmsg */
  MESSAGE_OUT
} Form;

static const struct
{
  const char *name;
  guint8      form;
  guint8      address;
  guint8      length;
} calls[] = {
  { "accept", OUT, 1, 2 },
  { "accept4", OUT, 1, 2 },
  { "bind", IN, 1, 2 },
  { "connect", IN, 1, 2 },
  { "getpeername", OUT, 1, 2 },
  { "getsockname", OUT, 1, 2 },
  { "recvfrom", OUT, 4, 5 },
  { "recvmsg", MESSAGE_OUT, 1, 0 },
  { "sendmmsg", MESSAGE_IN, 1, 0 }, /* of the first one */
  { "sendmsg", MESSAGE_IN, 1, 0 },
  { "sendto", IN, 4, 5 },
};

typedef struct
{
  PinkSyscallEvent *event;
  PinkMemory        memory;
  const char       *name;
  guint64           args[PINK_ARCH_N_REGS];
} Call;

static bool
read_exactly (void     *data,
              uint64_t  address,
              void     *buffer,
              size_t    size)
{
  const PinkMemory *memory = data;

  return _pink_memory_read_all (memory, address, buffer, size, NULL) == (gssize) size;
}

static void
unfold (Call *call)
{
  PinkSyscallEvent *event = call->event;
  PinkArchUnfolded unfolded;

  call->name = pink_syscall_event_get_name (event);
  for (guint i = 0; i < PINK_ARCH_N_REGS; i++)
    call->args[i] = pink_syscall_event_get_argument (event, i);
  if (event->stop.arch == NULL ||
      !pink_arch_unfold (event->stop.arch, &event->stop.entry, read_exactly, &call->memory, &unfolded) ||
      unfolded.row < 0)
    return;
  call->name = pink_arch_syscall ((unsigned) unfolded.row)->name;
  memcpy (call->args, unfolded.args, sizeof call->args);
}

static guint64
word_of (const PinkMemory *memory,
         const guint8     *bytes,
         guint             size)
{
  guint64 value = 0;
  gboolean big = (G_BYTE_ORDER == G_BIG_ENDIAN) != memory->swap;

  for (guint i = 0; i < size; i++)
    value = value << 8 | bytes[big ? i : size - 1 - i];
  return value;
}

static gboolean
read_word (const PinkMemory  *memory,
           guint64            address,
           guint              size,
           guint64           *value,
           GError           **error)
{
  guint8 bytes[8];
  gssize n = _pink_memory_read_all (memory, address, bytes, size, error);

  if (n >= 0 && n < (gssize) size)
    g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                         "What describes the address lies partly where nothing is mapped");
  if (n < (gssize) size)
    return FALSE;
  *value = word_of (memory, bytes, size);
  return TRUE;
}

/* Where it is and how long, as the tracee says: nothing of it is to be believed. */
static gboolean
find (Call     *call,
      guint     which,
      guint64  *address,
      gint64   *length,
      GError  **error)
{
  guint word = call->memory.word_size;
  guint64 value;

  *address = call->args[calls[which].address];
  switch ((Form) calls[which].form)
    {
    case IN:
      *length = (gint32) call->args[calls[which].length];
      return TRUE;
    case OUT:
      *length = 0;
      if (*address == 0 || call->args[calls[which].length] == 0)
        return TRUE;
      if (!read_word (&call->memory, call->args[calls[which].length], 4, &value, error))
        return FALSE;
      *length = (gint32) value;
      return TRUE;
    case MESSAGE_IN:
    case MESSAGE_OUT:
    default:
      /* msghdr begins with the pointer and the length, which is an int. */
      if (!read_word (&call->memory, *address + word, 4, &value, error) ||
          !read_word (&call->memory, *address, word, address, error))
        return FALSE;
      *length = (gint32) value;
      return TRUE;
    }
}

static GSocketAddress *
address_of (guint8  *bytes,
            gsize    length,
            GError **error)
{
  const struct sockaddr_un *local = (const struct sockaddr_un *) (gconstpointer) bytes;
  GSocketAddress *address;

  /* GLib would take a name of the full length for one that is filled up. */
  if (local->sun_family == AF_UNIX && length > offsetof (struct sockaddr_un, sun_path) &&
      local->sun_path[0] == '\0')
    return g_unix_socket_address_new_with_type (local->sun_path + 1,
                                                (int) (length - offsetof (struct sockaddr_un, sun_path) - 1),
                                                G_UNIX_SOCKET_ADDRESS_ABSTRACT);
  address = g_socket_address_new_from_native (bytes, length);
  /* One of a family that is known, and too short for it. */
  if (address == NULL)
    address = g_native_socket_address_new (bytes, length);
  if (address == NULL)
    g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                         "The address has no family");
  return address;
}

static GSocketAddress *
read_address (Call     *call,
              guint     which,
              GError  **error)
{
  /* With room behind it: who reads it looks for a NUL. */
  union { guint8 bytes[MAX_ADDRESS + 8]; guint64 align; } native = { .bytes = { 0 } };
  gboolean out = calls[which].form == OUT || calls[which].form == MESSAGE_OUT;
  guint64 address;
  gint64 length;
  gssize n;

  if (out && !call->event->has_result)
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_WRONG_STATE,
                   "The address that %s gives is there at its exit only (syscall-exit)", call->name);
      return NULL;
    }
  if (!find (call, which, &address, &length, error))
    return NULL;
  if (address == 0 || length < (gint64) sizeof (sa_family_t) || (out && call->event->stop.exit.is_error))
    {
      g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                   "This %s has no socket address", call->name);
      return NULL;
    }
  n = _pink_memory_read_all (&call->memory, address, native.bytes, (gsize) MIN (length, MAX_ADDRESS), error);
  if (n < 0)
    return NULL;
  if (n < MIN (length, MAX_ADDRESS))
    {
      g_set_error_literal (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_UNREADABLE,
                           "The address lies partly where nothing is mapped");
      return NULL;
    }
  return address_of (native.bytes, (gsize) n, error);
}

/**
 * pink_syscall_event_read_socket_address:
 * @self: a system call
 * @error: return location for an error
 *
 * Reads the socket address that the call is about: of connect(2), bind(2),
 * sendto(2), sendmsg(2) and the first of sendmmsg(2) at any time that the tracee
 * is stopped; of accept(2), getsockname(2), getpeername(2), recvfrom(2) and
 * recvmsg(2), which give one, at the call's exit. It does not matter whether the
 * call was made by itself or through socketcall(2).
 *
 * Addresses of UNIX sockets come as a #GUnixSocketAddress, those of IPv4 and IPv6 as
 * a #GInetSocketAddress, those of all other families (netlink, for example) as a
 * #GNativeSocketAddress with the bytes, of which there are at most 128.
 *
 * Returns: (transfer full): the address, or %NULL with
 *   %PINK_TRACER_ERROR_INVALID_ARGUMENT if this call has none,
 *   %PINK_TRACER_ERROR_UNREADABLE, %PINK_TRACER_ERROR_GONE,
 *   %PINK_TRACER_ERROR_WRONG_STATE
 *
 * Since: 1.0
 */
GSocketAddress *
pink_syscall_event_read_socket_address (PinkSyscallEvent  *self,
                                        GError           **error)
{
  Call call = { .event = self };

  g_return_val_if_fail (PINK_IS_SYSCALL_EVENT (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!_pink_syscall_event_get_memory (self, &call.memory, error))
    return NULL;
  unfold (&call);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    if (call.name != NULL && g_str_equal (calls[i].name, call.name))
      return read_address (&call, i, error);
  g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
               "%s has no socket address", call.name != NULL ? call.name : "This call");
  return NULL;
}
