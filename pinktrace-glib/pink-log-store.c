/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-log-store-private.h"

#include <stdlib.h>
#include <string.h>

/* Aligned to its size, so that what lies in it finds its head. */
#define BLOCK_SIZE (256 * 1024)

typedef struct
{
  gsize n_uses; /* rows, and exits' pieces, that lie in it; one more while it is filled */
  gsize used;
} Block;

#define NO_ROW G_MAXUINT64

void
_pink_log_store_init (PinkLogStore *self)
{
  memset (self, 0, sizeof *self);
  self->tracees = g_array_new (FALSE, TRUE, sizeof (PinkRowTracee));
  self->free_places = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->by_tracee = g_hash_table_new (NULL, NULL);
}

/* ---- memory ---- */

static void
release_block (Block *block)
{
  if (--block->n_uses == 0)
    free (block);
}

static gpointer
allocate (PinkLogStore *self,
          gsize         size)
{
  Block *block = self->block;
  gpointer result;

  size = (size + 7) & ~(gsize) 7;
  if (block != NULL && block->used + size > BLOCK_SIZE)
    {
      release_block (block);
      block = NULL;
    }
  if (block == NULL)
    {
      gpointer memory;

      if (posix_memalign (&memory, BLOCK_SIZE, BLOCK_SIZE) != 0)
        g_error ("Out of memory for the rows of a log");
      block = memory;
      block->n_uses = 1;
      block->used = sizeof *block;
      self->block = block;
    }
  result = (guint8 *) block + block->used;
  block->used += size;
  block->n_uses++;
  return result;
}

static void
release (gpointer memory)
{
  release_block ((Block *) (gpointer) ((guintptr) memory & ~(guintptr) (BLOCK_SIZE - 1)));
}

/* ---- whose ---- */

static guint32
place_of (PinkLogStore *self,
          PinkTracee   *tracee)
{
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_tracee, tracee));
  PinkRowTracee one = { .tracee = tracee, .open = NO_ROW };

  if (place > 0)
    return place - 1;
  if (self->free_places->len > 0)
    {
      place = g_array_index (self->free_places, guint32, self->free_places->len - 1);
      g_array_set_size (self->free_places, self->free_places->len - 1);
      g_array_index (self->tracees, PinkRowTracee, place) = one;
    }
  else
    {
      place = self->tracees->len;
      g_array_append_val (self->tracees, one);
    }
  /* To be known when the process has ended. */
  g_free (pink_tracee_get_command (g_object_ref (tracee)));
  g_hash_table_insert (self->by_tracee, tracee, GUINT_TO_POINTER (place + 1));
  return place;
}

static PinkRowTracee *
tracee_at (PinkLogStore *self,
           guint32       place)
{
  return &g_array_index (self->tracees, PinkRowTracee, place);
}

static PinkRowTracee *
find_tracee (PinkLogStore *self,
             PinkTracee   *tracee)
{
  guint place;

  if (self->last == tracee)
    return tracee_at (self, self->last_place);
  place = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_tracee, tracee));
  if (place == 0)
    return NULL;
  self->last = tracee;
  self->last_place = place - 1;
  return tracee_at (self, place - 1);
}

static void
forget_row_of (PinkLogStore *self,
               guint32       place)
{
  PinkRowTracee *one = tracee_at (self, place);

  if (--one->n_rows > 0)
    return;
  if (self->last == one->tracee)
    self->last = NULL;
  g_hash_table_remove (self->by_tracee, one->tracee);
  g_clear_object (&one->tracee);
  g_array_append_val (self->free_places, place);
}

PinkTracee *
_pink_log_store_tracee (PinkLogStore  *self,
                        const PinkRow *row)
{
  return tracee_at (self, row->tracee)->tracee;
}

guint64
_pink_log_store_take_open (PinkLogStore *self,
                           PinkTracee   *tracee)
{
  PinkRowTracee *one = find_tracee (self, tracee);
  guint64 id = one != NULL ? one->open : NO_ROW;

  if (one != NULL)
    one->open = NO_ROW;
  return id >= self->first ? id : NO_ROW;
}

void
_pink_log_store_set_open (PinkLogStore *self,
                          PinkTracee   *tracee,
                          guint64       id)
{
  find_tracee (self, tracee)->open = id;
}

/* ---- rows ---- */

static void
make_room (PinkLogStore *self)
{
  guint64 room = MAX (self->room * 2, 1024);
  PinkRow **rows;

  if (self->end - self->first < self->room)
    return;
  rows = g_new (PinkRow *, room);
  for (guint64 id = self->first; id < self->end; id++)
    rows[id % room] = self->rows[id % self->room];
  g_free (self->rows);
  self->rows = rows;
  self->room = room;
}

PinkRow *
_pink_log_store_get (PinkLogStore *self,
                     guint64       id)
{
  return id >= self->first && id < self->end ? self->rows[id % self->room] : NULL;
}

static gsize
size_of (const PinkRow *row)
{
  return sizeof *row + sizeof row + row->entry_size + row->exit_size;
}

PinkRow *
_pink_log_store_append (PinkLogStore  *self,
                        PinkTracee    *tracee,
                        gconstpointer  pieces,
                        guint32        size)
{
  PinkRowTracee *one = find_tracee (self, tracee);
  PinkRow *row;
  guint32 place;

  make_room (self);
  place = one != NULL ? self->last_place : place_of (self, tracee);
  tracee_at (self, place)->n_rows++;
  row = allocate (self, sizeof *row + size);
  memset (row, 0, sizeof *row);
  row->tracee = place;
  row->entry_size = size;
  row->cpu_us = -1;
  memcpy (row + 1, pieces, size);
  self->rows[self->end++ % self->room] = row;
  self->bytes += size_of (row);
  return row;
}

void
_pink_log_store_set_exit_pieces (PinkLogStore  *self,
                                 PinkRow       *row,
                                 gconstpointer  pieces,
                                 guint32        size)
{
  if (size == 0 || row->exit_size > 0)
    return;
  row->exit_pieces = allocate (self, size);
  row->exit_size = size;
  memcpy (row->exit_pieces, pieces, size);
  self->bytes += size;
}

void
_pink_log_store_drop_first (PinkLogStore *self)
{
  PinkRow *row = self->rows[self->first % self->room];

  self->first++;
  self->bytes -= size_of (row);
  forget_row_of (self, row->tracee);
  if (row->exit_pieces != NULL)
    release (row->exit_pieces);
  release (row);
}

void
_pink_log_store_rebase (PinkLogStore *self,
                        guint64       first)
{
  guint64 n = self->end - self->first;
  PinkRow **rows = self->room > 0 ? g_new (PinkRow *, self->room) : NULL;

  for (guint64 i = 0; i < n; i++)
    rows[(first + i) % self->room] = self->rows[(self->first + i) % self->room];
  g_free (self->rows);
  self->rows = rows;
  self->first = first;
  self->end = first + n;
}

void
_pink_log_store_clear (PinkLogStore *self)
{
  while (self->first < self->end)
    _pink_log_store_drop_first (self);
  if (self->block != NULL)
    release_block (self->block);
  self->block = NULL;
  g_clear_pointer (&self->rows, g_free);
  g_clear_pointer (&self->tracees, g_array_unref);
  g_clear_pointer (&self->free_places, g_array_unref);
  g_clear_pointer (&self->by_tracee, g_hash_table_unref);
}

gboolean
_pink_pieces_next (const guint8  *pieces,
                   guint32        size,
                   guint32       *at,
                   guint64       *address,
                   guint32       *length,
                   const guint8 **bytes)
{
  guint32 n;

  if (size - *at < PINK_PIECE_HEAD_SIZE)
    return FALSE;
  memcpy (address, pieces + *at, sizeof *address);
  memcpy (length, pieces + *at + sizeof *address, sizeof *length);
  n = *length & ~PINK_PIECE_KEPT;
  if (n > size - *at - PINK_PIECE_HEAD_SIZE)
    return FALSE;
  *bytes = pieces + *at + PINK_PIECE_HEAD_SIZE;
  *at += PINK_PIECE_HEAD_SIZE + n;
  return TRUE;
}
