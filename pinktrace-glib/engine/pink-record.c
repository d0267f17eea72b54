/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The rings of pink-record.h, and what is written into them at a tracee's stops.
 *
 * Both ends count bytes and never stop counting; a place in the ring is that modulo
 * its size. A record lies in one piece: where it does not fit before the ring's end,
 * the rest of that is skipped.
 *
 * They count in words, which all machines write in one go, and on some these have 32
 * bits: after 4 GiB they begin anew. So positions are subtracted, never compared.
 */
#include "pink-engine-private.h"

#include "pink-decode.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define RING_SIZE   (2 * 1024 * 1024)
#define PIECES_SIZE (64 * 1024)
#define ROOM        (PIECES_SIZE + 1024) /* that any record fits into */
#define READS       512                  /* of one argument */
#define WAIT_NS     INT64_C (1000000)
#define MOST_WAITS  2000

/* As many wait for their exit: those find room for their numbers at least. */
#define EXIT_SIZE   (sizeof (PinkExitRecord) + 8)

struct _PinkRing
{
  atomic_size_t written;
  atomic_size_t read;
  PinkCount     n_dropped;
  /* Not bool: a byte is exchanged by libatomic on riscv64. */
  atomic_int    announced; /* the main context knows that there is something */
  atomic_int    hurried;   /* and that it has become a lot */
  /* main context only */
  size_t        due;       /* what is there up to here is to be told of */
  bool          msg_taken; /* ... and may be sent again */
  bool          hurry_msg_taken;
  PinkMsg       msg;
  PinkMsg       hurry_msg;
  /* task only */
  size_t        gave_up_at; /* 0, or 1 + how far was read when the main context was waited for in vain */
  size_t        n_open;     /* entries whose exits are to come */
  unsigned char data[] __attribute__ ((aligned (64)));
};

/* ---- the task's end ---- */

static size_t
n_free (PinkRing *ring)
{
  return RING_SIZE - (atomic_load_explicit (&ring->written, memory_order_relaxed) -
                      atomic_load_explicit (&ring->read, memory_order_acquire));
}

/* One that is empty begins anew, where the caches still know it. */
static void
skip (PinkRing *ring, size_t need)
{
  size_t written = atomic_load_explicit (&ring->written, memory_order_relaxed);
  size_t at = written % RING_SIZE, left = RING_SIZE - at;
  bool is_empty = n_free (ring) == RING_SIZE;
  PinkRecord *record = (PinkRecord *) (void *) (ring->data + at);

  if (left >= need && !(is_empty && at >= RING_SIZE / 8))
    return;
  record->size = (uint32_t) left;
  record->kind = PINK_RECORD_SKIP;
  atomic_store_explicit (&ring->written, written + left, memory_order_release);
}

/* NULL: there is no room. */
static void *
begin (PinkRing *ring, size_t need)
{
  size_t at = atomic_load_explicit (&ring->written, memory_order_relaxed) % RING_SIZE;
  size_t room = n_free (ring), left = RING_SIZE - at;

  if (room < need + (left < need ? left : 0))
    return NULL;
  if (room == RING_SIZE || left < need)
    skip (ring, need);
  at = atomic_load_explicit (&ring->written, memory_order_relaxed) % RING_SIZE;
  return ring->data + at;
}

static void
commit (PinkTask *task, PinkRing *ring, PinkRecord *record, size_t size)
{
  record->size = (uint32_t) ((size + 7) & ~(size_t) 7);
  /* In one order with the reader's, who takes the mark away and then looks once more. */
  atomic_store_explicit (&ring->written,
                         atomic_load_explicit (&ring->written, memory_order_relaxed) + record->size,
                         memory_order_seq_cst);
  if (!atomic_load_explicit (&ring->announced, memory_order_seq_cst) &&
      !atomic_exchange_explicit (&ring->announced, true, memory_order_acq_rel))
    pink_post (task, &ring->msg);
  if (n_free (ring) < RING_SIZE / 2 &&
      !atomic_load_explicit (&ring->hurried, memory_order_relaxed) &&
      !atomic_exchange_explicit (&ring->hurried, true, memory_order_acq_rel))
    pink_post (task, &ring->hurry_msg);
}

/* ---- what pointers point to ---- */

typedef struct
{
  PinkTask      *task;
  PinkSlot      *slot;
  unsigned char *pieces;
  size_t         size;
  size_t         last; /* where the last piece begins */
} Capture;

static void
put_piece (Capture *self, uint64_t address, uint32_t length)
{
  memcpy (self->pieces + self->size, &address, sizeof address);
  memcpy (self->pieces + self->size + sizeof address, &length, sizeof length);
}

/* What has been read by the same call is not read again. */
static size_t
find_again (Capture *self, uint64_t address, void *buffer, size_t size)
{
  for (size_t at = 0; at < self->size;)
    {
      uint64_t begin;
      uint32_t length;

      memcpy (&begin, self->pieces + at, sizeof begin);
      memcpy (&length, self->pieces + at + sizeof begin, sizeof length);
      at += PINK_PIECE_HEAD_SIZE;
      if (!(length & PINK_PIECE_KEPT) && address >= begin && size <= length &&
          address - begin <= length - size)
        {
          memcpy (buffer, self->pieces + at + (address - begin), size);
          return size;
        }
      at += length & ~PINK_PIECE_KEPT;
    }
  return 0;
}

static size_t
read_and_keep (void *data, uint64_t address, void *buffer, size_t size)
{
  Capture *self = data;
  size_t left = PIECES_SIZE - self->size;
  size_t again = self->size < 4096 ? find_again (self, address, buffer, size) : 0;
  long n;

  if (again > 0)
    {
      self->last = self->size; /* nothing of it is to be trimmed */
      return again;
    }
  if (left <= PINK_PIECE_HEAD_SIZE)
    return 0;
  if (size > left - PINK_PIECE_HEAD_SIZE)
    size = left - PINK_PIECE_HEAD_SIZE;
  n = pink_reach_read (self->task, self->slot, address, self->pieces + self->size + PINK_PIECE_HEAD_SIZE,
                       size);
  if (n <= 0)
    return 0;
  put_piece (self, address, (uint32_t) n);
  memcpy (buffer, self->pieces + self->size + PINK_PIECE_HEAD_SIZE, (size_t) n);
  self->last = self->size;
  self->size += PINK_PIECE_HEAD_SIZE + (size_t) n;
  return (size_t) n;
}

static void
trim (void *data, size_t size)
{
  Capture *self = data;
  uint32_t length;
  size_t end;

  if (self->last >= self->size)
    return;
  memcpy (&length, self->pieces + self->last + sizeof (uint64_t), sizeof length);
  end = self->last + PINK_PIECE_HEAD_SIZE + size;
  if ((length & PINK_PIECE_KEPT) || size >= length || end + (length - size) != self->size)
    return;
  length = (uint32_t) size;
  memcpy (self->pieces + self->last + sizeof (uint64_t), &length, sizeof length);
  self->size = end;
}

static void
keep_kept (Capture *self, const PinkDecodeInput *input)
{
  for (unsigned i = 0; i < PINK_ARCH_N_REGS; i++)
    if ((input->has_kept & (1U << i)) && self->size + PINK_PIECE_HEAD_SIZE + 8 <= PIECES_SIZE)
      {
        put_piece (self, i, 8 | PINK_PIECE_KEPT);
        memcpy (self->pieces + self->size + PINK_PIECE_HEAD_SIZE, &input->kept[i], 8);
        self->size += PINK_PIECE_HEAD_SIZE + 8;
      }
}

static void
capture_arguments (Capture *self, PinkDecodeInput *input)
{
  for (unsigned i = 0; i < pink_decode_n_arguments (input->row); i++)
    {
      self->last = self->size;
      pink_decode_capture (input, i);
    }
  self->last = self->size;
}

/* Its arguments are not those that were recorded at its entry; and those which it was
 * given have not gone with the program. */
static bool
has_other_arguments (const PinkSlot *slot, int row)
{
  const char *name = pink_arch_syscall ((unsigned) row)->name;

  return (slot->changed_args != 0 || slot->original.number != slot->stop.entry.number) &&
         (slot->stop.exit.is_error || (strcmp (name, "execve") != 0 && strcmp (name, "execveat") != 0));
}

/* How many bytes of pieces. What the arguments of a changed call point to is read at the
 * exit: what a handler makes of them is not known before. Nearly all of it is as it was
 * when the call began. */
static size_t
capture (PinkTask *task, PinkSlot *slot, unsigned char *pieces, bool exited, bool changed)
{
  const PinkStop *stop = &slot->stop;
  Capture self = { .task = task, .slot = slot, .pieces = pieces };
  int row = changed && stop->arch != NULL ? pink_arch_syscall_index (stop->arch, stop->entry.number) : stop->row;
  PinkDecodeInput input = {
    .arch = stop->arch, .row = row, .regs = stop->entry.args, .sp = stop->entry.sp, .exited = exited,
    .failed = exited && stop->exit.is_error, .result = exited ? stop->exit.value : 0,
    .read = read_and_keep, .trim = trim, .data = &self, .budget = READS, .abbreviated = true,
    .string_limit = atomic_load_explicit (&task->engine->record_limit, memory_order_relaxed),
  };

  if (row < 0 || stop->arch == NULL)
    return 0;
  if (changed && has_other_arguments (slot, row))
    {
      input.exited = false;
      capture_arguments (&self, &input);
      keep_kept (&self, &input);
      input.exited = exited;
    }
  capture_arguments (&self, &input);
  if (exited)
    pink_decode_capture_result (&input);
  else
    keep_kept (&self, &input);
  return self.size;
}

/* ---- at the stops ---- */

static PinkRing *
ring_of (PinkTask *task)
{
  return atomic_load_explicit (&task->ring, memory_order_acquire);
}

static bool
has_room (PinkRing *ring)
{
  size_t exits = ring->n_open * EXIT_SIZE;

  return n_free (ring) >= 2 * ROOM + (exits < RING_SIZE / 2 ? exits : RING_SIZE / 2);
}

/* The tracee waits, and nobody else; and when that was in vain, nobody does until the
 * main context has come. True: the tracee goes on with `then`. */
bool
pink_record_wait (PinkTask *task, PinkSlot *slot, void (*then) (PinkTask *task, PinkSlot *slot))
{
  PinkRing *ring = ring_of (task);
  size_t read;

  if (ring == NULL || has_room (ring) || slot->detaching)
    return false;
  /* Who observes misses nothing: as long as it takes. */
  if (!atomic_load_explicit (&task->engine->observes, memory_order_relaxed))
    {
      read = atomic_load_explicit (&ring->read, memory_order_relaxed);
      if (ring->gave_up_at == read + 1)
        return false;
      if (slot->record_waits++ >= MOST_WAITS)
        {
          ring->gave_up_at = read + 1;
          return false;
        }
    }
  pink_delay (task, slot, WAIT_NS, then);
  return true;
}

void
pink_record_entry (PinkTask *task, PinkSlot *slot)
{
  PinkRing *ring = ring_of (task);
  PinkEntryRecord *record;

  slot->record_waits = 0;
  if (ring == NULL)
    return;
  pink_record_forget (task, slot);
  record = has_room (ring) ? begin (ring, ROOM) : NULL;
  if (record == NULL)
    {
      pink_count_one (&ring->n_dropped);
      return;
    }
  record->kind = PINK_RECORD_ENTRY;
  record->is_published = slot->entry_due;
  record->row = (int16_t) slot->stop.row;
  record->slot = slot;
  record->arch = slot->stop.arch;
  record->entry = slot->stop.entry;
  record->real_us = slot->stop.real_us;
  record->string_limit = (uint32_t) atomic_load_explicit (&task->engine->record_limit, memory_order_relaxed);
  record->pieces_size = (uint32_t) capture (task, slot, (unsigned char *) (record + 1), false, false);
  slot->recorded = true;
  slot->record_changed = false;
  ring->n_open++;
  commit (task, ring, (PinkRecord *) record, sizeof *record + record->pieces_size);
}

void
pink_record_exit (PinkTask *task, PinkSlot *slot)
{
  PinkRing *ring = ring_of (task);
  const PinkStop *stop = &slot->stop;
  PinkExitRecord *record;
  bool whole;
  size_t head;

  if (!slot->recorded || ring == NULL)
    return;
  pink_record_forget (task, slot);
  record = begin (ring, ROOM);
  whole = record != NULL;
  if (record == NULL)
    record = begin (ring, EXIT_SIZE);
  if (record == NULL) /* only where many thousands wait for their exits */
    {
      pink_count_one (&ring->n_dropped);
      return;
    }
  record->kind = PINK_RECORD_EXIT;
  record->changed = slot->record_changed;
  record->is_error = stop->exit.is_error;
  record->by_rule = (stop->decided ? PINK_RECORD_DECIDED : 0) | (stop->delayed ? PINK_RECORD_DELAYED : 0);
  record->slot = slot;
  record->value = stop->exit.value;
  record->duration_ns = stop->returned_ns - stop->resumed_ns;
  record->cpu_us = stop->cpu_us;
  if (record->changed)
    record->entry = stop->entry;
  record->pieces_size = 0;
  head = (size_t) (pink_exit_record_pieces (record) - (unsigned char *) record);
  if (whole)
    record->pieces_size = (uint32_t) capture (task, slot, (unsigned char *) record + head, true,
                                              record->changed);
  commit (task, ring, (PinkRecord *) record, head + record->pieces_size);
}

/* Its exit will not come, or has. */
void
pink_record_forget (PinkTask *task, PinkSlot *slot)
{
  PinkRing *ring = ring_of (task);

  if (slot->recorded && ring != NULL)
    ring->n_open--;
  slot->recorded = false;
}

/* ---- the main context's end ---- */

/* NULL when there is no memory. */
static PinkRing *
ring_new (PinkTask *task)
{
  PinkRing *ring = mmap (NULL, sizeof *ring + RING_SIZE, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  size_t first = 0;

  if (ring == MAP_FAILED)
    return NULL;
  if (task->engine->force_wrap)
    first = (size_t) 0 - RING_SIZE / 8;
  atomic_init (&ring->written, first);
  atomic_init (&ring->read, first);
  ring->due = first;
  ring->msg = (PinkMsg) { .owner = task, .kind = PINK_MSG_RECORDS };
  ring->hurry_msg = (PinkMsg) { .owner = task, .kind = PINK_MSG_HURRY };
  return ring;
}

void
pink_ring_free (PinkTask *task)
{
  PinkRing *ring = ring_of (task);

  if (ring == NULL)
    return;
  task->engine->n_dropped_before += pink_count_get (&ring->n_dropped);
  munmap (ring, sizeof *ring + RING_SIZE);
}

/* Where there is no ring yet; an old one stays as long as its task. */
bool
pink_task_make_ring (PinkTask *task)
{
  PinkRing *ring;

  if (ring_of (task) != NULL)
    return true;
  ring = ring_new (task);
  atomic_store_explicit (&task->ring, ring, memory_order_release);
  return ring != NULL;
}

bool
pink_engine_record (PinkEngine *engine, size_t limit, bool observes)
{
  bool good = true;

  atomic_store_explicit (&engine->observes, observes, memory_order_relaxed);
  atomic_store_explicit (&engine->record_limit, limit, memory_order_relaxed);
  engine->records = true;
  for (PinkTask *task = engine->tasks; task != NULL; task = task->next)
    good = pink_task_make_ring (task) && good;
  return good;
}

uint64_t
pink_engine_count_dropped (PinkEngine *engine)
{
  uint64_t n = engine->n_dropped_before;

  for (PinkTask *task = engine->tasks; task != NULL; task = task->next)
    if (ring_of (task) != NULL)
      n += pink_count_get (&ring_of (task)->n_dropped);
  return n;
}

/* A message lies in the ring, so it may be sent again once it has been taken. */
void
pink_task_take_announcement (PinkTask *task, bool hurry)
{
  PinkRing *ring = ring_of (task);

  if (hurry)
    ring->hurry_msg_taken = true;
  else
    ring->msg_taken = true;
}

static void
expect_more (PinkRing *ring)
{
  if (ring->msg_taken)
    atomic_store_explicit (&ring->announced, false, memory_order_seq_cst);
  if (ring->hurry_msg_taken)
    atomic_store_explicit (&ring->hurried, false, memory_order_seq_cst);
  ring->msg_taken = ring->hurry_msg_taken = false;
}

/* A position that was once that of the writer may have been passed long ago: what is
 * ahead is no farther than he is now. */
static bool
is_ahead (PinkRing *ring, size_t read, size_t end)
{
  size_t written = atomic_load_explicit (&ring->written, memory_order_acquire);

  return end != read && end - read <= written - read;
}

static const PinkRecord *
peek (PinkTask *task, size_t end)
{
  PinkRing *ring = ring_of (task);
  size_t read;

  if (ring == NULL)
    return NULL;
  read = atomic_load_explicit (&ring->read, memory_order_relaxed);
  while (is_ahead (ring, read, end))
    {
      const PinkRecord *record = (const PinkRecord *) (void *) (ring->data + read % RING_SIZE);

      if (record->kind != PINK_RECORD_SKIP)
        return record;
      read += record->size;
      atomic_store_explicit (&ring->read, read, memory_order_release);
    }
  return NULL;
}

void
pink_engine_skip_record (const PinkRecord *record, PinkTask *task)
{
  PinkRing *ring = ring_of (task);

  atomic_store_explicit (&ring->read, atomic_load_explicit (&ring->read, memory_order_relaxed) + record->size,
                         memory_order_release);
}

bool
pink_task_drain (PinkTask *task, PinkRecordFunc func, void *data)
{
  PinkRing *ring = ring_of (task);
  const PinkRecord *record;
  size_t written;

  if (ring == NULL)
    return true;
  expect_more (ring);
  written = atomic_load_explicit (&ring->written, memory_order_seq_cst);
  while ((record = peek (task, written)) != NULL)
    {
      if (!func (record, data))
        return false;
      pink_engine_skip_record (record, task);
    }
  return true;
}

/* ---- one by one, in the order of the messages beside them ---- */

size_t
pink_ring_written (PinkTask *task)
{
  PinkRing *ring = ring_of (task);

  return ring != NULL ? atomic_load_explicit (&ring->written, memory_order_relaxed) : 0;
}

static PinkTask *
task_of (const PinkMsg *msg)
{
  switch (msg->kind)
    {
    case PINK_MSG_RECORDS:
    case PINK_MSG_HURRY:
    case PINK_MSG_TASK_ENDED:
      return msg->owner;
    default:
      return pink_slot_get_task (msg->owner);
    }
}

const PinkRecord *
pink_engine_peek_before (const PinkMsg *msg, PinkTask **task)
{
  *task = task_of (msg);
  return peek (*task, msg->mark);
}

const PinkRecord *
pink_engine_peek_due (PinkEngine *engine, PinkTask **task)
{
  const PinkRecord *record = NULL;

  for (*task = engine->tasks; *task != NULL; *task = (*task)->next)
    if (ring_of (*task) != NULL && (record = peek (*task, ring_of (*task)->due)) != NULL)
      break;
  return record;
}

bool
pink_engine_set_due (PinkEngine *engine)
{
  bool any = false;

  for (PinkTask *task = engine->tasks; task != NULL; task = task->next)
    {
      PinkRing *ring = ring_of (task);

      if (ring == NULL)
        continue;
      expect_more (ring);
      ring->due = atomic_load_explicit (&ring->written, memory_order_seq_cst);
      any = any || ring->due != atomic_load_explicit (&ring->read, memory_order_relaxed);
    }
  return any;
}

bool
pink_engine_drain (PinkEngine *engine, PinkRecordFunc func, void *data)
{
  bool all = true;

  for (PinkTask *task = engine->tasks; task != NULL; task = task->next)
    all = pink_task_drain (task, func, data) && all;
  return all;
}
