/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What an argument turned out to be, kept as a row of events: decoded once, at the
 * stop where it holds, and made into a line or into data as often as it is asked for.
 *
 * Several arguments follow one another on one tape, and each is bounded by itself: when
 * there is no room for more of it, what comes is left out, and its reader is told by a
 * PINK_TAPE_MORE. Names are pointers to constant tables.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PINK_TAPE_MAX (4 * 1024 * 1024) /* bytes of one argument */

typedef enum
{
  PINK_TAPE_STRUCT = 1, /* begins one; form: 1 if a line shows its members as arguments */
  PINK_TAPE_ARRAY,
  PINK_TAPE_END,        /* of the structure or array */
  PINK_TAPE_FIELD,      /* name: what comes next is this member */
  PINK_TAPE_MORE,       /* "...": there is more than is shown; value: from where on it could not be read, or 0 */
  PINK_TAPE_NUMBER,     /* value, form */
  PINK_TAPE_ENUM,       /* value, form, name (may be NULL), prefix (may be NULL) */
  PINK_TAPE_FLAGS,      /* value; NAMEs and perhaps a REST follow, then FLAGS_END */
  PINK_TAPE_NAME,       /* name; value, where it is not 0: a number that is shifted by what it names */
  PINK_TAPE_REST,       /* value, prefix (NULL where there are names) */
  PINK_TAPE_FLAGS_END,  /* prefix, for those without any name */
  PINK_TAPE_STRING,     /* bytes, form: whether it was cut */
  PINK_TAPE_ADDRESS,    /* value: not read, or not readable */
  PINK_TAPE_WORDS,      /* value, bytes: a number as people write it: makedev(0x8, 0x1);
                         * form: 0, or 1 more than the PinkForm of the number in its place */
  PINK_TAPE_COMMENT,    /* bytes: what a line says beside it */
  PINK_TAPE_CHANGE,     /* what follows is the same after the call */
  PINK_TAPE_FD,         /* value, bytes: what it refers to; form PINK_FORM_DIRFD: AT_FDCWD */
  PINK_TAPE_SET,        /* begins an array without commas: signals; form: 1 if inverted */
  PINK_TAPE_KEY,        /* name: as FIELD, in data only; a line has none */
  PINK_TAPE_INDEX       /* value, name (may be NULL): "[30]=" of a sparse array */
} PinkTapeKind;

/* How a number is written. */
typedef enum
{
  PINK_FORM_SIGNED,
  PINK_FORM_UNSIGNED,
  PINK_FORM_HEX,
  PINK_FORM_OCT,
  PINK_FORM_MODE, /* octal, three digits at least */
  PINK_FORM_FD,
  PINK_FORM_DIRFD,
  PINK_FORM_PID,
  PINK_FORM_UID,
  PINK_FORM_SIGNAL,
  PINK_FORM_HEX8 /* eight characters at least: %#08x */
} PinkForm;

typedef struct
{
  uint8_t *data;
  size_t   length;
  size_t   size;
  size_t   begin;   /* of the argument that is written now: its bytes are counted from there */
  size_t   full_at; /* where it became full */
  bool     full;
  bool     blank; /* nothing is written, and nothing allocated */
} PinkTape;

void   pink_tape_clear   (PinkTape *self);
size_t pink_tape_mark    (const PinkTape *self);
/* An argument begins here, with room of its own. */
size_t pink_tape_begin   (PinkTape *self);
void   pink_tape_rewind  (PinkTape *self, size_t mark);

void pink_tape_plain    (PinkTape *self, PinkTapeKind kind);
void pink_tape_field    (PinkTape *self, const char *name);
void pink_tape_number   (PinkTape *self, uint64_t value, PinkForm form);
void pink_tape_enum     (PinkTape *self, uint64_t value, PinkForm form, const char *name,
                         const char *prefix);
void pink_tape_value    (PinkTape *self, PinkTapeKind kind, uint64_t value);
void pink_tape_name     (PinkTape *self, PinkTapeKind kind, const char *name);
/* Among flags: VALUE<<NAME. */
void pink_tape_shifted  (PinkTape *self, unsigned value, const char *name);
void pink_tape_rest     (PinkTape *self, uint64_t value, const char *prefix);
void pink_tape_string   (PinkTape *self, const void *bytes, size_t length, unsigned form);
void pink_tape_words    (PinkTape *self, PinkTapeKind kind, uint64_t value, const char *text);
/* Takes back the end that was written last; another one is to follow. */
void pink_tape_reopen (PinkTape *self);
/* "..." before the end that was written last. */
void pink_tape_more_inside (PinkTape *self);
void pink_tape_key (PinkTape *self, const char *name);
void pink_tape_arguments (PinkTape *self); /* begins a structure, with keys */
/* Words of a number that may also be written as such. */
void pink_tape_named_words (PinkTape *self, uint64_t value, PinkForm form, const char *text);
void pink_tape_set      (PinkTape *self, bool inverted);
void pink_tape_index    (PinkTape *self, uint64_t value, const char *name);
void pink_tape_comment  (PinkTape *self, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

/* Forms of PINK_TAPE_STRING, as bits. */
#define PINK_STRING_CUT  1u /* there is more */
#define PINK_STRING_PATH 2u
#define PINK_STRING_HEX  4u /* strace writes it as \x.. */
#define PINK_STRING_BARE 8u /* without quotes */
#define PINK_STRING_ABSTRACT 16u /* a socket's name that is in no file system: @"name" */

#define PINK_STRING_ANGLED 32u /* stands between < and >: these are escaped */

/* One event of a tape. */
typedef struct
{
  PinkTapeKind kind;
  unsigned     form;
  uint64_t     value;
  const char  *name;
  const char  *prefix;
  const void  *bytes;
  size_t       length;
} PinkTapeEvent;

/* *offset begins at 0. False at the end. */
bool pink_tape_next (const PinkTape *self, size_t *offset, PinkTapeEvent *event);
