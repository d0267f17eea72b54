/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Arguments decoded over memory that is made up.
 */
#pragma once

#include <glib.h>

#include "pink-decode.h"

#define BASE 0x10000000u /* where it begins */

typedef struct
{
  const guint8 *bytes;
  gsize         size;
  guint32       seed; /* 0: only the bytes; else rubbish */
} DecodeMemory;

guint32 decode_next        (guint32         *seed);
size_t  decode_read_memory (void            *memory,
                            uint64_t         address,
                            void            *buffer,
                            size_t           size);
/* As a tracee that has MEMORY would have a call at its exit. */
void    decode_begin       (PinkDecodeInput *input,
                            PinkArchId       arch,
                            const char      *name,
                            const uint64_t  *regs,
                            DecodeMemory    *memory);
char   *decode_text        (PinkDecodeInput *input,
                            unsigned         index);
