/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a program whose calls are recorded has in common, in all its files.
 *
 * It is built of the kernel's own headers: those of the C library have structures of
 * its own, and what is to be seen here are the kernel's.
 */
#pragma once

#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif
#include <asm/unistd.h>
#include <linux/types.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "recorded.h"

/* Everything that the calls' arguments point to lies in here: whoever records a call
 * writes this down and needs to know nothing of the call. */
extern char arena[ARENA_SIZE];

/* A new call begins: all is zero again. */
void  clear (void);
void *room (size_t size);
char *text (const char *words);
void *bytes (const void *from, size_t size);

/* The next call is one that is recorded. */
void mark (void);

#define CALL(...) (mark (), syscall (__VA_ARGS__))

void call_files (void);
void call_memory (void);
void call_network (void);
void call_processes (void);
void call_signals (void);
void call_terminals (void);
void call_times (void);
void call_waiting (void);

/* An array of longs, as kernels have sets of bits: the lowest bit is in the first. */
void set_bit (unsigned long *words, unsigned bit);

/* Of the kernel's sets of signals. */
#ifdef __mips__
# define SET_BYTES 16
#else
# define SET_BYTES 8
#endif

/* What 64-bit kernels call a long, where x32's own has 32 bits. */
struct old_timespec
{
  __kernel_long_t tv_sec;
  __kernel_long_t tv_nsec;
};
struct old_timespec *timespec (long sec, long nsec);
