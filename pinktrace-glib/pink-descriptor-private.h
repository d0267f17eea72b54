/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a tracee's descriptor refers to, in strace's form.
 */
#pragma once

#include "pink-decode.h"

#include <glib.h>
#include <sys/types.h>

/* "</etc/passwd>", "</tmp/gone>(deleted)"; with DETAILS also what sockets are connected
 * to and which device it is. FALSE where it is not known. DESCRIPTOR may be
 * PINK_PATH_CWD. */
gboolean _pink_descriptor_describe (pid_t                pid,
                                    int                  descriptor,
                                    gboolean             details,
                                    const PinkTextStyle *style,
                                    PinkText            *text);

/* Whether LINK, of /proc/PID/fd, names a socket, and of which inode. */
gboolean _pink_descriptor_is_socket (const char *link,
                                     guint64    *inode);

/* The protocol of a netlink socket; -1 if it is none. */
gint     _pink_descriptor_netlink_protocol (pid_t pid,
                                            gint  descriptor);

/* The socket of that inode, "TCP:[127.0.0.1:80]"; see pink-descriptor-socket.c. */
void     _pink_descriptor_socket   (pid_t                pid,
                                    const char          *link,
                                    guint64              inode,
                                    const PinkTextStyle *style,
                                    PinkText            *text);
