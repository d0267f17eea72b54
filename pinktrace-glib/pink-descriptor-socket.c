/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a socket is, and what it is connected to: from the lists of the tracee's network
 * namespace in /proc, and for UNIX sockets, whose peers are in no list, from the
 * kernel's diagnosis of ours.
 */
#include "pink-descriptor-private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/xattr.h>
#include <unistd.h>

/* By what the kernel calls the protocol. */
static const struct
{
  const char *protocol;
  const char *file; /* in /proc/PID/net */
  gboolean    is_ipv6;
} lists[] = {
  { "TCP", "tcp", FALSE }, { "TCPv6", "tcp6", TRUE }, { "UDP", "udp", FALSE },
  { "UDPv6", "udp6", TRUE }, { "UDP-Lite", "udplite", FALSE }, { "UDPLITEv6", "udplite6", TRUE },
  { "RAW", "raw", FALSE }, { "RAWv6", "raw6", TRUE }, { "PING", "icmp", FALSE },
  { "PINGv6", "icmp6", TRUE }
};

/* An address is written as 32-bit numbers of this machine's byte order. */
static gboolean
parse_address (const char *text,
               gboolean    is_ipv6,
               char       *result,
               gsize       size,
               guint      *port)
{
  guint32 words[4] = { 0 };
  guint n = is_ipv6 ? 4 : 1;
  char address[INET6_ADDRSTRLEN];

  for (guint i = 0; i < n; i++)
    if (sscanf (text + 8 * i, "%8" G_GINT32_MODIFIER "x", &words[i]) != 1)
      return FALSE;
  if (sscanf (text + 8 * n, ":%4x", port) != 1 ||
      inet_ntop (is_ipv6 ? AF_INET6 : AF_INET, words, address, sizeof address) == NULL)
    return FALSE;
  g_snprintf (result, size, is_ipv6 ? "[%s]:%u" : "%s:%u", address, *port);
  return TRUE;
}

static gboolean
append_inet (pid_t       pid,
             const char *file,
             gboolean    is_ipv6,
             guint64     inode,
             PinkText   *text)
{
  char name[64];
  char line[512];
  FILE *list;
  gboolean found = FALSE;

  g_snprintf (name, sizeof name, "/proc/%d/net/%s", (int) pid, file);
  list = fopen (name, "re");
  while (list != NULL && !found && fgets (line, sizeof line, list) != NULL)
    {
      char here[80], there[80], own[80], peer[80];
      guint port, peer_port;
      guint64 number;

      if (sscanf (line, " %*d: %79s %79s %*x %*s %*s %*s %*d %*d %" G_GINT64_MODIFIER "u", here, there,
                  &number) != 3 || number != inode ||
          !parse_address (here, is_ipv6, own, sizeof own, &port) ||
          !parse_address (there, is_ipv6, peer, sizeof peer, &peer_port))
        continue;
      found = TRUE;
      if (peer_port != 0)
        pink_text_printf (text, "[%s->%s]", own, peer);
      else
        pink_text_printf (text, "[%s]", own);
    }
  if (list != NULL)
    fclose (list);
  return found;
}

gboolean
_pink_descriptor_is_socket (const char *link,
                            guint64    *inode)
{
  char *rest;

  if (!g_str_has_prefix (link, "socket:["))
    return FALSE;
  *inode = g_ascii_strtoull (link + strlen ("socket:["), &rest, 10);
  return *inode != 0 && *rest == ']';
}

/* ---- netlink ---- */

static gboolean
find_netlink (pid_t    pid,
              guint64  inode,
              guint   *family,
              guint   *port)
{
  char name[64];
  char line[256];
  FILE *list;
  gboolean found = FALSE;

  g_snprintf (name, sizeof name, "/proc/%d/net/netlink", (int) pid);
  list = fopen (name, "re");
  while (list != NULL && !found && fgets (line, sizeof line, list) != NULL)
    {
      guint64 number;

      found = sscanf (line, "%*s %u %u %*s %*s %*s %*s %*s %*s %" G_GINT64_MODIFIER "u", family, port,
                      &number) == 3 && number == inode;
    }
  if (list != NULL)
    fclose (list);
  return found;
}

static gboolean
append_netlink (pid_t     pid,
                guint64   inode,
                PinkText *text)
{
  static const char * const families[] = {
    "ROUTE", "UNUSED", "USERSOCK", "FIREWALL", "SOCK_DIAG", "NFLOG", "XFRM", "SELINUX", "ISCSI",
    "AUDIT", "FIB_LOOKUP", "CONNECTOR", "NETFILTER", "IP6_FW", "DNRTMSG", "KOBJECT_UEVENT",
    "GENERIC", NULL, "SCSITRANSPORT", "ECRYPTFS", "RDMA", "CRYPTO", "SMC"
  };
  guint family, port;

  if (!find_netlink (pid, inode, &family, &port))
    return FALSE;
  if (port == 0)
    pink_text_printf (text, "[%s]", family < G_N_ELEMENTS (families) && families[family] != NULL
                                    ? families[family] : "?");
  else if (family < G_N_ELEMENTS (families) && families[family] != NULL)
    pink_text_printf (text, "[%s:%u]", families[family], port);
  else
    pink_text_printf (text, "[%u:%u]", family, port);
  return TRUE;
}

gint
_pink_descriptor_netlink_protocol (pid_t pid,
                                   gint  descriptor)
{
  char link[64];
  char target[64];
  guint64 inode;
  guint family, port;
  gssize length;

  g_snprintf (link, sizeof link, "/proc/%d/fd/%d", (int) pid, descriptor);
  length = getxattr (link, "system.sockprotoname", target, sizeof target - 1);
  if (length < 0)
    return -1;
  target[length] = '\0';
  if (!g_str_equal (target, "NETLINK"))
    return -1;
  length = readlink (link, target, sizeof target - 1);
  if (length < 0)
    return -1;
  target[length] = '\0';
  return _pink_descriptor_is_socket (target, &inode) &&
         find_netlink (pid, inode, &family, &port) ? (gint) family : -1;
}

/* ---- UNIX ---- */

static gboolean
ask (int     fd,
     guint64 inode)
{
  struct
  {
    struct nlmsghdr      head;
    struct unix_diag_req request;
  } message = {
    .head = { .nlmsg_len = sizeof message, .nlmsg_type = SOCK_DIAG_BY_FAMILY,
              .nlmsg_flags = NLM_F_REQUEST },
    .request = { .sdiag_family = AF_UNIX, .udiag_states = ~0u, .udiag_ino = (guint32) inode,
                 .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER, .udiag_cookie = { ~0u, ~0u } }
  };

  return send (fd, &message, sizeof message, MSG_NOSIGNAL) == sizeof message;
}

static void
append_unix_answer (const struct unix_diag_msg *message,
                    gsize                       length,
                    const PinkTextStyle        *style,
                    PinkText                   *text)
{
  guint32 peer = 0;
  const char *path = NULL;
  gsize path_length = 0;

  for (gsize at = sizeof *message; at + sizeof (struct nlattr) <= length;)
    {
      const struct nlattr *attribute = (const void *) ((const char *) message + at);
      gsize size = attribute->nla_len;

      if (size < sizeof *attribute || size > length - at)
        break;
      if (attribute->nla_type == UNIX_DIAG_PEER && size >= sizeof *attribute + 4)
        memcpy (&peer, attribute + 1, 4);
      if (attribute->nla_type == UNIX_DIAG_NAME)
        {
          path = (const char *) (attribute + 1);
          path_length = size - sizeof *attribute;
        }
      at += (size + 3) & ~(gsize) 3;
    }
  pink_text_printf (text, "[%u", message->udiag_ino);
  if (peer != 0)
    pink_text_printf (text, "->%u", peer);
  if (path != NULL && path_length > 0)
    {
      pink_text_append (text, ",", 1);
      if (path[0] == '\0')
        pink_text_quote (text, path + 1, path_length - 1, PINK_STRING_ABSTRACT, style);
      else
        pink_text_quote (text, path, strnlen (path, path_length), 0, style);
    }
  pink_text_append (text, "]", 1);
}

static const char *
unix_type (guint type)
{
  return type == SOCK_STREAM ? "UNIX-STREAM" : type == SOCK_DGRAM ? "UNIX-DGRAM"
         : type == SOCK_SEQPACKET ? "UNIX-SEQPACKET" : "UNIX";
}

static gboolean
append_unix (guint64              inode,
             const PinkTextStyle *style,
             PinkText            *text)
{
  union
  {
    struct nlmsghdr head;
    char            bytes[1024];
  } answer;
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  gssize n = -1;
  const struct unix_diag_msg *message = NLMSG_DATA (&answer.head);
  gboolean found;

  if (fd >= 0 && ask (fd, inode))
    n = recv (fd, &answer, sizeof answer, MSG_DONTWAIT);
  if (fd >= 0)
    close (fd);
  found = n >= (gssize) (NLMSG_HDRLEN + sizeof *message) &&
          answer.head.nlmsg_type == SOCK_DIAG_BY_FAMILY && answer.head.nlmsg_len <= (gsize) n &&
          message->udiag_ino == (guint32) inode;
  if (found)
    {
      pink_text_printf (text, "%s:", unix_type (message->udiag_type));
      append_unix_answer (message, answer.head.nlmsg_len - NLMSG_HDRLEN, style, text);
    }
  return found;
}

void
_pink_descriptor_socket (pid_t                pid,
                         const char          *link,
                         guint64              inode,
                         const PinkTextStyle *style,
                         PinkText            *text)
{
  char protocol[64];
  gssize length = getxattr (link, "system.sockprotoname", protocol, sizeof protocol - 1);

  if (length < 0)
    g_strlcpy (protocol, "socket", sizeof protocol);
  else
    protocol[length] = '\0';
  if (g_str_has_prefix (protocol, "UNIX"))
    {
      if (!append_unix (inode, style, text))
        pink_text_printf (text, "%s:[%" G_GINT64_MODIFIER "u]", protocol, inode);
      return;
    }
  pink_text_printf (text, "%s:", protocol);
  if (g_str_equal (protocol, "NETLINK") && append_netlink (pid, inode, text))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (g_str_equal (protocol, lists[i].protocol) &&
        append_inet (pid, lists[i].file, lists[i].is_ipv6, inode, text))
      return;
  pink_text_printf (text, "[%" G_GINT64_MODIFIER "u]", inode);
}
