/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The rows of a log, packed: what was written down of each call, in blocks that go
 * when their last row does. A row has an id for good; the first and the end move.
 */
#pragma once

#include "pinktrace-glib.h"

#include "engine/pink-engine.h"
#include "pink-memory-private.h"

typedef enum
{
  PINK_ROW_RETURNED = 1 << 0,
  PINK_ROW_ERROR    = 1 << 1, /* value is the errno */
  PINK_ROW_GONE     = 1 << 2, /* its tracee has ended in it */
  PINK_ROW_LAUNCH   = 1 << 3, /* the launcher's own execve */
  PINK_ROW_ABI      = 1 << 4  /* abi holds: of a call by an ABI that is not known it does not */
} PinkRowFlags;

typedef struct
{
  guint32  tracee;     /* in the store's table */
  guint8   abi;        /* PinkArchId */
  guint8   flags;
  gint16   call;       /* in the table of system calls, or -1 */
  guint32  entry_size : 17; /* bytes of pieces that follow the row, fewer than a block has */
  guint32  string_limit : 15; /* it was recorded with, and is shown with */
  guint32  exit_size;
  guint8  *exit_pieces;
  guint64  number;
  guint64  args[PINK_ARCH_N_REGS];
  guint64  ip;
  guint64  sp;
  gint64   real_us;
  gint64   duration_ns;
  gint64   value;
  gint64   cpu_us;
} PinkRow;

typedef struct
{
  PinkTracee *tracee; /* NULL: the place is free */
  guint64     n_rows;
  guint64     open;   /* the id of its row without a result; G_MAXUINT64: none */
} PinkRowTracee;

typedef struct
{
  PinkRow    **rows;    /* a ring of `room` places, by id */
  guint64      room;
  guint64      first;
  guint64      end;
  guint64      bytes;   /* of all rows */
  gpointer     block;   /* that is being filled */
  GArray      *tracees; /* PinkRowTracee */
  GArray      *free_places; /* guint32: in there */
  GHashTable  *by_tracee; /* → its place + 1 */
  PinkTracee  *last;    /* the place found last */
  guint32      last_place;
} PinkLogStore;

void       _pink_log_store_init       (PinkLogStore *self);
void       _pink_log_store_clear      (PinkLogStore *self);
PinkRow   *_pink_log_store_get        (PinkLogStore *self,
                                       guint64       id);
PinkTracee *_pink_log_store_tracee    (PinkLogStore *self,
                                       const PinkRow *row);
/* With its tracee, flags and pieces set; the rest is to be filled in. */
PinkRow   *_pink_log_store_append     (PinkLogStore  *self,
                                       PinkTracee    *tracee,
                                       gconstpointer  pieces,
                                       guint32        size);
void       _pink_log_store_set_exit_pieces (PinkLogStore  *self,
                                            PinkRow       *row,
                                            gconstpointer  pieces,
                                            guint32        size);
/* The tracee's row that has no result yet, or G_MAXUINT64; it then has none. */
guint64    _pink_log_store_take_open  (PinkLogStore *self,
                                       PinkTracee   *tracee);
void       _pink_log_store_set_open   (PinkLogStore *self,
                                       PinkTracee   *tracee,
                                       guint64       id);
void       _pink_log_store_drop_first (PinkLogStore *self);
/* Gives the first row another id, and each the next. None may be open. */
void       _pink_log_store_rebase     (PinkLogStore *self,
                                       guint64       first);

static inline const guint8 *
_pink_row_entry_pieces (const PinkRow *row)
{
  return (const guint8 *) (row + 1);
}

/* The next of some pieces, that may be anything; FALSE at their end, or where they
 * make no sense. */
gboolean   _pink_pieces_next (const guint8  *pieces,
                              guint32        size,
                              guint32       *at,
                              guint64       *address,
                              guint32       *length, /* perhaps with PINK_PIECE_KEPT */
                              const guint8 **bytes);
