/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-arch.h"

/**
 * SECTION:pink-socket
 * @title: Sockets
 * @short_description: families of sockets, and the calls of socketcall(2)
 *
 * Names and numbers, as the kernel has them on every machine. The address that a call
 * is about is read by pink_syscall_event_read_socket_address().
 *
 * All functions here are callable from any thread.
 */

static const char * const families[] = {
  "AF_UNSPEC", "AF_UNIX", "AF_INET", "AF_AX25", "AF_IPX", "AF_APPLETALK", "AF_NETROM", "AF_BRIDGE",
  "AF_ATMPVC", "AF_X25", "AF_INET6", "AF_ROSE", "AF_DECnet", "AF_NETBEUI", "AF_SECURITY", "AF_KEY",
  "AF_NETLINK", "AF_PACKET", "AF_ASH", "AF_ECONET", "AF_ATMSVC", "AF_RDS", "AF_SNA", "AF_IRDA",
  "AF_PPPOX", "AF_WANPIPE", "AF_LLC", "AF_IB", "AF_MPLS", "AF_CAN", "AF_TIPC", "AF_BLUETOOTH",
  "AF_IUCV", "AF_RXRPC", "AF_ISDN", "AF_PHONET", "AF_IEEE802154", "AF_CAIF", "AF_ALG", "AF_NFC",
  "AF_VSOCK", "AF_KCM", "AF_QIPCRTR", "AF_SMC", "AF_XDP", "AF_MCTP",
};

/* Others that are in use. */
static const struct
{
  const char *name;
  int         family;
} aliases[] = {
  { "AF_LOCAL", 1 },
  { "AF_FILE", 1 },
  { "AF_ROUTE", 16 },
};

/**
 * pink_socket_family_name:
 * @family: a family of sockets, such as the first argument of socket(2)
 *
 * The name of a family of sockets.
 *
 * Returns: (nullable): its name, such as "AF_INET", or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
pink_socket_family_name (int family)
{
  return family >= 0 && (guint) family < G_N_ELEMENTS (families) ? families[family] : NULL;
}

/**
 * pink_socket_family_from_name:
 * @name: the name of a family of sockets, such as "AF_INET"
 *
 * The number of a family of sockets.
 *
 * Returns: its number, or -1 if there is none of that name
 *
 * Since: 1.0
 */
int
pink_socket_family_from_name (const char *name)
{
  g_return_val_if_fail (name != NULL, -1);

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (families[i], name))
      return (int) i;
  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (g_str_equal (aliases[i].name, name))
      return aliases[i].family;
  return -1;
}

/**
 * pink_socket_subcall_name:
 * @subcall: the first argument of socketcall(2)
 *
 * The name of the call that a socketcall(2) stands for.
 *
 * Returns: (nullable): its name, such as "connect", or %NULL if there is none
 *
 * Since: 1.0
 */
const char *
pink_socket_subcall_name (int subcall)
{
  return subcall > 0 ? pink_arch_socket_subcall ((unsigned) subcall) : NULL;
}

/**
 * pink_socket_subcall_from_name:
 * @name: the name of a call, such as "connect"
 *
 * How socketcall(2) calls a call.
 *
 * Returns: the number, or -1 if it is none of socketcall(2)
 *
 * Since: 1.0
 */
int
pink_socket_subcall_from_name (const char *name)
{
  g_return_val_if_fail (name != NULL, -1);

  for (int i = 1; pink_socket_subcall_name (i) != NULL; i++)
    if (g_str_equal (pink_socket_subcall_name (i), name))
      return i;
  return -1;
}
