/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the arguments of a system call are: from the descriptions in this folder, a
 * tracee's registers and its memory to a tape. Plain C; it knows of no tracee, only
 * of a function that reads memory, so it works on what was recorded elsewhere too.
 *
 * The memory is a stranger's: lengths and addresses are its, bounds are ours.
 */
#pragma once

#include "pink-arch.h"
#include "pink-tape.h"

/* How many bytes could be read, from the beginning on; 0: none. */
typedef size_t (*PinkDecodeReadFunc) (void *data, uint64_t address, void *buffer, size_t size);

/* Of what was read last only so many bytes matter: behind them a string has ended. */
typedef void (*PinkDecodeTrimFunc) (void *data, size_t size);

/* What a descriptor refers to, "</etc/passwd>", with a NUL, into BUFFER; false: not known. */
typedef bool (*PinkDecodeFdFunc) (void *data, int fd, char *buffer, size_t size);

/* Of a netlink socket its protocol, a NETLINK_ value; −1: it is none. */
typedef int (*PinkDecodeNetlinkFunc) (void *data, int fd);

/* The name of a network interface, with a NUL, into BUFFER; false: not known. */
typedef bool (*PinkDecodeInterfaceFunc) (void *data, unsigned index, char *buffer, size_t size);

typedef struct
{
  const PinkArch    *arch;
  int                row;    /* of the call, see pink_arch_syscall() */
  const uint64_t    *regs;   /* PINK_ARCH_N_REGS */
  uint64_t           sp;     /* at the entry; 0: not known */
  bool               exited; /* what follows holds */
  bool               failed;
  int64_t            result; /* or the errno */

  PinkDecodeReadFunc read;   /* NULL: no memory */
  PinkDecodeFdFunc   describe_fd; /* NULL: descriptors are numbers */
  PinkDecodeNetlinkFunc   netlink_protocol; /* NULL: what netlink sockets send is bytes */
  PinkDecodeInterfaceFunc name_interface;   /* NULL: network interfaces are numbers */
  PinkDecodeTrimFunc trim;   /* may be NULL */
  void              *data;
  size_t             budget; /* how many things of an argument are read at most; 0: many */

  size_t             string_limit; /* bytes of a string that are shown */
  bool               abbreviated;  /* structures by their main members, and "..." */
  bool               addresses;    /* structures as addresses */

  /* Lengths that the call reads and then writes: as they were at the entry. Kept by
   * the decoder at the entry, given back to it at the exit. */
  uint64_t           kept[PINK_ARCH_N_REGS];
  uint8_t            has_kept; /* a bit each */
} PinkDecodeInput;

typedef enum
{
  PINK_NOT_SHOWN, /* the argument is not there, as open()'s mode without O_CREAT */
  PINK_SHOWN,
  PINK_NOT_READ,  /* only inside: the memory cannot be read */
  PINK_LAST       /* neither it nor those after it are there */
} PinkShown;

/* How many arguments are told: those of the call, and one more where it finds something on
 * its stack, as rt_sigreturn() the signals that will be blocked. */
unsigned pink_decode_n_arguments (int row);

/* What argument INDEX is, as far as it can be told now. */
PinkShown pink_decode_argument (PinkDecodeInput *input, unsigned index, PinkTape *tape);

/* Whether it can be told only at the exit, since the call writes it. */
bool pink_decode_waits (PinkDecodeInput *input, unsigned index);

/* Whether it may be another one at the exit: that, or a function of its own tells it. */
bool pink_decode_told_at_exit (PinkDecodeInput *input, unsigned index);

/* Reads what argument INDEX needs to be told at this stop, and nothing else: for a READ
 * that keeps it. Allocates nothing, and calls nothing of the C library's but memory and
 * string functions. */
void pink_decode_capture (PinkDecodeInput *input, unsigned index);

/* The same for what the result of a call is told with: the descriptors that were ready. */
void pink_decode_capture_result (PinkDecodeInput *input);

/* The result of a call that did not fail. What strace writes behind it, in
 * parentheses, is in AUX; empty where there is nothing. */
void pink_decode_result (PinkDecodeInput *input, PinkTape *tape, PinkTape *aux);

/* The arguments in the order in which a line has them: the Nth, or −1 past the last;
 * *LABEL is what it is called in the line, NULL for nothing. */
int pink_decode_order (int row, unsigned n, const char **label);

/* ---- strace's form ---- */

typedef struct
{
  bool   hex_strings;  /* all bytes as \x.. */
  bool   hex_unusual;  /* strings with other than ASCII text so */
  bool   raw_names;    /* numbers instead of names */
  bool   both_names;   /* numbers, and names beside them */
} PinkTextStyle;

typedef struct
{
  char  *data; /* ends with a NUL, once anything was written */
  size_t length;
  size_t size;
} PinkText;

void pink_text_clear  (PinkText *self);
void pink_text_append (PinkText *self, const char *text, size_t length);
void pink_text_hex    (PinkText *self, uint64_t value); /* "0", or "0x…" */
void pink_text_printf (PinkText *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
void pink_text_quote  (PinkText *self, const void *bytes, size_t length, unsigned form,
                       const PinkTextStyle *style);
void pink_text_tape   (PinkText *self, const PinkTape *tape, const PinkArch *arch,
                       const PinkTextStyle *style);
