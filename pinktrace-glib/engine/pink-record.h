/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Calls written down by the tracer tasks while the tracees go on at once, and taken
 * out by the main context when it comes to it.
 *
 * Each task has a ring of its own, of memory that the main context has made: one
 * writer, one reader. What there is no room for waits a little, and is then counted
 * and left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pink-arch.h"

typedef struct _PinkRing PinkRing;

typedef enum
{
  PINK_RECORD_SKIP, /* nothing: the rest of the ring up to its end */
  PINK_RECORD_ENTRY,
  PINK_RECORD_EXIT
} PinkRecordKind;

/* Behind a record lie `pieces_size` bytes: pieces of the tracee's memory, each a
 * PinkPieceHead (not aligned) and so many bytes. */
typedef struct
{
  uint64_t address;
  uint32_t length; /* or'ed with: */
} PinkPieceHead;

/* Not memory: the decoder's `kept` of the argument that the address says, 8 bytes. */
#define PINK_PIECE_KEPT 0x80000000u
#define PINK_PIECE_HEAD_SIZE 12

typedef struct
{
  uint32_t        size; /* with pieces and padding */
  uint8_t         kind;
  bool            is_published; /* handlers are told of it by PINK_MSG_STOP */
  int16_t         row;
  uint32_t        pieces_size;
  uint32_t        string_limit; /* with which they were read */
  void           *slot;    /* PinkSlot */
  const PinkArch *arch;
  PinkArchEntry   entry;
  int64_t         real_us;
} PinkEntryRecord;

#define PINK_RECORD_DECIDED 1
#define PINK_RECORD_DELAYED 2

typedef struct
{
  uint32_t      size;
  uint8_t       kind;
  bool          changed;  /* by handlers or rules: entry is what was made */
  bool          is_error;
  uint8_t       by_rule;  /* PINK_RECORD_DECIDED, _DELAYED */
  uint32_t      pieces_size;
  void         *slot;
  int64_t       value;
  int64_t       duration_ns;
  int64_t       cpu_us;
  PinkArchEntry entry; /* there only where changed */
} PinkExitRecord;

/* What all begin with. */
typedef struct
{
  uint32_t size;
  uint8_t  kind;
} PinkRecord;

static inline const unsigned char *
pink_entry_record_pieces (const PinkEntryRecord *self)
{
  return (const unsigned char *) (self + 1);
}

static inline const unsigned char *
pink_exit_record_pieces (const PinkExitRecord *self)
{
  return (const unsigned char *) self + (self->changed ? sizeof *self : offsetof (PinkExitRecord, entry));
}
