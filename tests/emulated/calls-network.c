/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Recorded calls about sockets; see calls.c.
 */
#include "calls.h"

#include <asm/socket.h>
#include <linux/fcntl.h>
#include <linux/filter.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/un.h>
#include <linux/uio.h>

/* The kernel keeps these to itself. */
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#ifdef __mips__
# define SOCK_DGRAM 1
# define SOCK_STREAM 2
#else
# define SOCK_STREAM 1
# define SOCK_DGRAM 2
#endif
#define MSG_DONTWAIT 0x40
#define MSG_NOSIGNAL 0x4000
#define MSG_CMSG_CLOEXEC 0x40000000
#define SCM_RIGHTS 1

struct message
{
  void         *name;
  int           name_length;
  struct iovec *vector;
  size_t        n_vectors;
  void         *control;
  size_t        control_length;
  int           flags;
};

struct control
{
  size_t length;
  int    level;
  int    type;
  int    fds[2];
};

static void
call_addresses (void)
{
  struct sockaddr_in inet = { .sin_family = AF_INET };
  struct sockaddr_in6 inet6 = { .sin6_family = AF_INET6, .sin6_flowinfo = 0x01020304, .sin6_scope_id = 5 };
  const struct sockaddr_un local = { AF_UNIX, "/nonexistent/socket" };

  memcpy (&inet.sin_port, "\x1f\x90", 2);
  memcpy (&inet.sin_addr, "\x7f\0\0\1", 4);
  memcpy (&inet6.sin6_port, "\x1f\x90", 2);
  memcpy (&inet6.sin6_addr, "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
  clear ();
  CALL (__NR_connect, -1, bytes (&inet, sizeof inet), sizeof inet);
  clear ();
  CALL (__NR_connect, -1, bytes (&inet6, sizeof inet6), sizeof inet6);
  clear ();
  CALL (__NR_bind, -1, bytes (&local, sizeof local), 22);
  clear ();
  text ("datagram");
  CALL (__NR_sendto, -1, arena, 8, MSG_DONTWAIT | MSG_NOSIGNAL, bytes (&inet, sizeof inet), sizeof inet);
#if defined __NR_socketcall
  const unsigned long args[] = { -1ul, (unsigned long) bytes (&inet, sizeof inet), sizeof inet };

  CALL (__NR_socketcall, 3 /* connect() */, bytes (args, sizeof args));
#endif
}

static void
call_messages (const int *fds)
{
  struct control control = { sizeof control, SOL_SOCKET, SCM_RIGHTS, { 0, 1 } };
  struct message message = { 0 };

  clear ();
  message.vector = room (sizeof *message.vector);
  message.n_vectors = 1;
  *message.vector = (struct iovec) { text ("with descriptors"), 16 };
  message.control = bytes (&control, sizeof control);
  message.control_length = sizeof control;
  CALL (__NR_sendmsg, fds[0], bytes (&message, sizeof message), MSG_DONTWAIT);
  clear ();
  message.vector = room (sizeof *message.vector);
  *message.vector = (struct iovec) { room (64), 64 };
  message.name = room (128);
  message.name_length = 128;
  message.control = room (64);
  message.control_length = 64;
  CALL (__NR_recvmsg, fds[1], bytes (&message, sizeof message), MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
}

static void
call_options (int fd)
{
  const __kernel_long_t timeout[2] = { 5, 600000 };
  const int linger[2] = { 1, 30 };
  struct { unsigned short length; struct sock_filter *filter; } program = { 1, NULL };
  const struct sock_filter accept = BPF_STMT (BPF_RET | BPF_K, 0xffff);
  int *length;

  clear ();
  CALL (__NR_setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO_OLD, bytes (timeout, sizeof timeout), sizeof timeout);
  clear ();
  CALL (__NR_setsockopt, fd, SOL_SOCKET, SO_LINGER, bytes (linger, sizeof linger), sizeof linger);
  clear ();
  program.filter = bytes (&accept, sizeof accept);
  CALL (__NR_setsockopt, -1, SOL_SOCKET, SO_ATTACH_FILTER, bytes (&program, sizeof program), sizeof program);
  clear ();
  length = room (sizeof *length);
  *length = 4;
  CALL (__NR_getsockopt, fd, SOL_SOCKET, SO_TYPE, room (4), length);
  clear ();
  length = room (sizeof *length);
  *length = 12;
  CALL (__NR_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, room (12), length);
  clear ();
  length = room (sizeof *length);
  *length = 128;
  CALL (__NR_getsockname, fd, room (128), length);
}

void
call_network (void)
{
  int fds[2] = { -1, -1 };

  clear ();
  CALL (__NR_socket, AF_INET6, SOCK_DGRAM | O_CLOEXEC | O_NONBLOCK, 17);
  clear ();
  CALL (__NR_socket, 99, SOCK_STREAM, 0); /* EAFNOSUPPORT, another number on MIPS */
  clear ();
  CALL (__NR_socketpair, AF_UNIX, SOCK_STREAM, 0, room (8));
  memcpy (fds, arena, sizeof fds);
  call_addresses ();
  call_options (fds[0]);
  call_messages (fds);
  clear ();
  CALL (__NR_getsockopt, 0, SOL_SOCKET, SO_ERROR, room (4), room (4)); /* ENOTSOCK */
}
