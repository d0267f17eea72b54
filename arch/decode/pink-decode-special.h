/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the forms that no description can tell have in common. Each is a function
 * pink_special_NAME(), of which gen-decode.py makes the table.
 */
#pragma once

#include "pink-decode-private.h"

#define PINK_SPECIAL(name) \
  PinkShown pink_special_##name (PinkDecoder *self, const PinkType *type, const PinkPlace *place); \
  PinkShown pink_special_##name (PinkDecoder *self, const PinkType *type, const PinkPlace *place)

/* A form needs not all of what it is given. */
#define PINK_SPECIAL_UNUSED (void) self, (void) type, (void) place

/* Of a special form the Nth thing it names. */
static inline uint64_t
special_ref (PinkDecoder *self, const PinkType *type, unsigned n)
{
  return pink_decoder_ref (self, &type->refs[n]);
}

static inline bool
pink_special_is_mips (const PinkArch *arch)
{
  return pink_arch_id (arch) >= PINK_ARCH_MIPS_O32 && pink_arch_id (arch) <= PINK_ARCH_MIPSEL_N64;
}

static inline bool
pink_special_is_ppc (const PinkArch *arch)
{
  return pink_arch_id (arch) >= PINK_ARCH_POWERPC && pink_arch_id (arch) <= PINK_ARCH_POWERPC64LE;
}

/* A socket's address of SIZE bytes at most. */
PinkShown pink_special_address (PinkDecoder *self, uint64_t address, uint64_t size);
PinkShown pink_special_iov_out (PinkDecoder *self, const PinkType *type, const PinkPlace *place);
/* N vectors, without what they point to. */
PinkShown pink_special_iovec_plain_array (PinkDecoder *self, uint64_t address, uint64_t n);
PinkShown pink_special_random_bytes (PinkDecoder *self, const PinkType *type, const PinkPlace *place);
PinkShown pink_special_socket_buffer (PinkDecoder *self, const PinkType *type, const PinkPlace *place);
PinkShown pink_special_socket_buffer_out (PinkDecoder *self, const PinkType *type, const PinkPlace *place);

/* SIZE bytes of what is at PLACE. */
bool pink_special_bytes (PinkDecoder *self, const PinkPlace *place, void *buffer, size_t size);
/* "/ * 2026-… * /", where there is any time. */
void pink_special_stamp (PinkDecoder *self, int64_t seconds, uint64_t nanoseconds);
/* With a PART of a second of so many digits. */
void pink_special_stamp_of (PinkDecoder *self, int64_t seconds, uint64_t part, int digits);
/* A member: its name, and NUMBER. */
void pink_special_member (PinkDecoder *self, const char *name, uint64_t number, PinkForm form);
/* What ADDRESS points to, or ADDRESS. */
void pink_special_struct (PinkDecoder *self, unsigned index, uint64_t address);
/* clock_t: ticks, and the seconds that they are. */
void pink_special_ticks (PinkDecoder *self, uint64_t ticks);
/* An IPv4 address, in the network's byte order: "inet_addr("…")". */
void pink_special_inet (PinkDecoder *self, const uint8_t bytes[4]);
/* A network interface: if_nametoindex("lo"), or its number. */
void pink_special_put_interface (PinkDecoder *self, uint64_t index);
/* SIZE bytes of a card's address, with colons. */
void pink_special_hardware (PinkDecoder *self, const uint8_t *bytes, size_t size);
#define PINK_SPECIAL_MAX_HARDWARE 32
/* siginfo_t without its braces and number. */
void pink_special_sockaddr_bytes (PinkDecoder *self, const uint8_t *bytes, size_t size);
