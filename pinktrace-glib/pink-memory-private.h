/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A tracee's memory: live, or as it was kept before it went (an execve replaces
 * the memory its own arguments are in). The tracee may be hostile: lengths and
 * addresses are its, bounds are ours.
 */
#pragma once

#include <gio/gio.h>
#include <sys/types.h>

#include "engine/pink-engine.h"
#include "pinktrace-glib/pink-types.h"

#define PINK_MAX_STRING  (64 * 1024)  /* bytes of one string */
#define PINK_MAX_PATH    4096         /* PATH_MAX: what the kernel itself takes */
#define PINK_MAX_STRINGS (64 * 1024)  /* elements of an array of strings */
#define PINK_MAX_ARRAY   (1024 * 1024) /* bytes of all the strings of an array */

/* Pieces of memory, with the addresses they had. */
typedef struct _PinkSnapshot PinkSnapshot;

PinkSnapshot *_pink_snapshot_new  (void);
void          _pink_snapshot_free (PinkSnapshot  *self);
void          _pink_snapshot_add  (PinkSnapshot  *self,
                                   guint64        address,
                                   gconstpointer  data,
                                   gsize          length);

/* The same instead of a piece that begins there. */
void          _pink_snapshot_replace (PinkSnapshot  *self,
                                      guint64        address,
                                      gconstpointer  data,
                                      gsize          length);

/* One after the other; FALSE when there is none so late. */
gboolean      _pink_snapshot_get  (PinkSnapshot  *self,
                                   guint          index,
                                   guint64       *address,
                                   GBytes       **bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinkSnapshot, _pink_snapshot_free)

/* Where to read: the snapshot first; a pid of 0 has no live memory. */
typedef struct
{
  PinkSnapshot *snapshot;
  PinkSnapshot *more;     /* looked into when that has not got it; may be NULL */
  gboolean      recorded; /* of a row of a log: the pieces are all there is */
  pid_t         pid;
  PinkSlot     *slot; /* whose task reads where we may not; NULL: nobody */
  guint         word_size;
  gboolean      swap; /* the tracee's byte order is not ours */
} PinkMemory;

/* Bytes read, from the beginning on; -1 with an error if there is not even one. */
gssize _pink_memory_read         (const PinkMemory  *self,
                                  guint64            address,
                                  gpointer           buffer,
                                  gsize              length,
                                  GError           **error);
/* The same until there is no more, or all. */
gssize _pink_memory_read_all     (const PinkMemory  *self,
                                  guint64            address,
                                  gpointer           buffer,
                                  gsize              length,
                                  GError           **error);
/* All of it, or not. */
gboolean _pink_memory_write      (const PinkMemory  *self,
                                  guint64            address,
                                  gconstpointer      buffer,
                                  gsize              length,
                                  GError           **error);
/* Up to and without the NUL; *truncated if there is none within @limit. */
char  *_pink_memory_read_string  (const PinkMemory  *self,
                                  guint64            address,
                                  gsize              limit,
                                  gsize             *length,
                                  gboolean          *truncated,
                                  GError           **error);
/* The pointers (guint64) of an array before its NULL; *truncated if there is none
 * within @max. */
GArray *_pink_memory_read_pointers (const PinkMemory  *self,
                                    guint64            address,
                                    gsize              max,
                                    gboolean          *truncated,
                                    GError           **error);
/* A NULL-terminated vector of strings; *truncated if a limit was met. */
char **_pink_memory_read_strings (const PinkMemory  *self,
                                  guint64            address,
                                  gsize              max_strings,
                                  gsize              max_length,
                                  gboolean          *truncated,
                                  GError           **error);
