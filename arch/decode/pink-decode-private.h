/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The tables that gen-decode.py makes, and what the parts of the decoder share.
 */
#pragma once

#include "pink-decode.h"
#include "pink-decode-ids.h"

/* No pointers in these: each would be written to when the library is loaded, and its page be
 * memory of every process. A name is where it begins in pink_decode_text, and what has several
 * others has the index of the first, and how many they are. */
extern const char pink_decode_text[];

static inline const char *
pink_decode_name (uint32_t name)
{
  return pink_decode_text + name;
}

typedef struct
{
  uint32_t name;
  uint64_t value;
  uint64_t mask; /* the bits that make it this one */
} PinkNamed;

static inline const char *
pink_named_name (const PinkNamed *self)
{
  return pink_decode_name (self->name);
}

typedef struct
{
  uint32_t abis; /* a bit for each PinkArchId */
  uint32_t first; /* in pink_named */
  uint16_t n;
  bool     sorted;
} PinkTableVariant;

typedef struct
{
  uint32_t prefix; /* "O_": unknown ones are O_??? */
  uint16_t first; /* in pink_table_variants */
  uint8_t  n;
  uint8_t  shift; /* of a number among the flags */
  uint8_t  bits;  /* of it; 0: there is none */
  uint32_t shift_name;
} PinkTable;

/* The number that is among the flags of VALUE, and what is left of that without it. */
static inline unsigned
pink_table_number (const PinkTable *self, uint64_t value, uint64_t *rest)
{
  uint64_t mask = (((uint64_t) 1 << self->bits) - 1) << self->shift;

  *rest = value & ~mask;
  return (unsigned) ((value & mask) >> self->shift);
}

typedef enum
{
  PINK_MARK_SHOWN,
  PINK_MARK_HIDDEN,
  PINK_MARK_VERBOSE, /* only where structures are not abbreviated */
  PINK_MARK_NONZERO,
  PINK_MARK_TELLING  /* where it is not 0, or structures are not abbreviated */
} PinkMark;

typedef struct
{
  uint32_t name;
  uint16_t type;
  uint16_t offset;
  uint16_t size;
  uint16_t since; /* where a structure has been cut before this it is not there; 0: it is */
  uint8_t  shift; /* of its bits, from the first on: the highest where the byte order is so */
  uint8_t  bits;  /* 0: all */
  uint8_t  mark;
} PinkFieldInfo;

typedef struct
{
  uint32_t abis;
  uint32_t fields; /* in pink_fields */
  uint32_t order;  /* in pink_orders: what is shown, by its index among the fields */
  uint16_t size;
  uint8_t  n_fields;
  uint8_t  n_shown;
} PinkLayout;

typedef struct
{
  uint16_t first; /* in pink_layouts */
  uint8_t  n;
  bool     is_arguments; /* of a call that is told where they are: shown as such */
} PinkStruct;

typedef struct
{
  uint32_t name;
  uint16_t type;
} PinkCase;

typedef struct
{
  uint16_t table;
  uint16_t n;
  uint16_t other; /* the type where no case is it */
  uint16_t first; /* in pink_cases, which are sorted by name */
} PinkUnion;

typedef enum
{
  PINK_OP_NUMBER,
  PINK_OP_ENUM,
  PINK_OP_FLAGS,
  PINK_OP_ADDRESS,
  PINK_OP_POINTER,
  PINK_OP_ARRAY,
  PINK_OP_STRUCT,
  PINK_OP_UNION,
  PINK_OP_WHEN,
  PINK_OP_SIZED, /* a structure, as much of it as somebody says */
  PINK_OP_PATH,
  PINK_OP_STRING,
  PINK_OP_STRINGS,
  PINK_OP_ENVIRONMENT,
  PINK_OP_BUFFER,
  PINK_OP_OUT_BUFFER,
  PINK_OP_CHARS, /* in a structure, up to a NUL */
  PINK_OP_BYTES, /* in a structure */
  PINK_OP_NONE,
  PINK_OP_HIDDEN,
  PINK_OP_SPECIAL
} PinkOp;

typedef enum { PINK_WIDTH_1, PINK_WIDTH_2, PINK_WIDTH_4, PINK_WIDTH_8, PINK_WIDTH_LONG, PINK_WIDTH_WORD } PinkWidth;

/* In the place of a form, for pointers. */
enum { PINK_DIR_IN, PINK_DIR_OUT, PINK_DIR_BOTH };

/* And for what is there only sometimes: by bits of another value, or by all of it. */
enum { PINK_TEST_SOME, PINK_TEST_NONE, PINK_TEST_EQUAL, PINK_TEST_OTHER };

typedef enum
{
  PINK_REF_NONE,
  PINK_REF_CONST,
  PINK_REF_ARG,
  PINK_REF_DEREF, /* what an argument points to, an int */
  PINK_REF_FIELD,
  PINK_REF_PARAM, /* a reference of the union that the type is in */
  PINK_REF_RESULT,
  PINK_REF_DONE  /* 1 where the call has returned and not failed */
} PinkRefKind;

typedef struct
{
  uint8_t  kind;
  uint32_t value;
} PinkRef;

typedef struct
{
  uint8_t  op;
  uint8_t  width;
  uint8_t  form;
  uint16_t index; /* of a table, structure, union or special form */
  uint16_t sub;   /* the type of what is pointed to, or of an element */
  PinkRef  refs[3];
} PinkType;

typedef struct
{
  uint16_t types[PINK_ARCH_N_REGS];
  uint8_t  n_types; /* the arguments, and what the call finds on its stack */
  int16_t  result;
  uint8_t  n_order;
  uint8_t  order[PINK_ARCH_N_REGS];
  uint32_t labels[PINK_ARCH_N_REGS]; /* 0: none */
} PinkCall;

/* The structure that fields refer to each other in. */
typedef struct
{
  const PinkLayout *layout;
  const uint8_t    *bytes;
} PinkFrame;

typedef struct
{
  PinkDecodeInput       *input;
  PinkTape              *tape;
  const PinkArchSyscall *call;
  unsigned               argument;
  PinkFrame              frame;
  uint64_t               params[3];
  unsigned               depth;
  size_t                 budget; /* how many more things are read */
  bool                   hex_result; /* a result of flags is written so */
  bool                   plain_result; /* it is a number, whatever the call mostly returns */
  bool                   fd_result; /* it is a descriptor, likewise */
} PinkDecoder;

/* Where a thing is: by value, or in BYTES that were read from ADDRESS, or not read
 * yet (BYTES is NULL), to be read from ADDRESS. */
typedef struct
{
  uint64_t       value;
  const uint8_t *bytes;
  size_t         size;
  uint64_t       address;
  bool           by_value;
  size_t         cut; /* of SIZE: zeros in the place of what somebody says is not there */
} PinkPlace;

typedef PinkShown (*PinkSpecialFunc) (PinkDecoder *, const PinkType *, const PinkPlace *);

extern const PinkTable        pink_tables[];
extern const PinkTableVariant pink_table_variants[];
extern const PinkNamed        pink_named[];
extern const PinkStruct       pink_structs[];
extern const PinkLayout       pink_layouts[];
extern const PinkFieldInfo    pink_fields[];
extern const uint8_t          pink_orders[];
extern const PinkUnion        pink_unions[];
extern const PinkCase         pink_cases[];
extern const PinkType         pink_types[];
extern const PinkCall         pink_calls[];
extern const PinkSpecialFunc  pink_specials[];

/* The I-th of a table's names, and of a structure's members. */
static inline const PinkNamed *
pink_table_entry (const PinkTableVariant *self, unsigned i)
{
  return &pink_named[self->first + i];
}

static inline const PinkFieldInfo *
pink_layout_field (const PinkLayout *self, unsigned i)
{
  return &pink_fields[self->fields + i];
}

/* The largest structure; more of it is not there to the decoder. */
#define PINK_MAX_STRUCT 1024
#define PINK_MAX_DEPTH 12
#define PINK_DECODE_PATH 4096

unsigned    pink_decoder_width   (const PinkDecoder *self, unsigned width);
uint64_t    pink_decoder_integer (const PinkDecoder *self, const uint8_t *bytes, unsigned width);
/* The value of what is at PLACE, as an integer of the type's width and sign. */
uint64_t    pink_decoder_value   (PinkDecoder *self, const PinkType *type, const PinkPlace *place);
uint64_t    pink_decoder_ref     (PinkDecoder *self, const PinkRef *ref);
uint64_t    pink_decoder_arg     (PinkDecoder *self, unsigned index);
/* All of it or nothing. */
bool        pink_decoder_read    (PinkDecoder *self, uint64_t address, void *buffer, size_t size);
size_t      pink_decoder_read_some (PinkDecoder *self, uint64_t address, void *buffer, size_t size);
size_t      pink_decoder_up_to_page_end (uint64_t address, size_t length); /* that at most */
bool        pink_decoder_read_word (PinkDecoder *self, uint64_t address, unsigned width, uint64_t *value);
PinkShown   pink_decoder_type    (PinkDecoder *self, unsigned type, const PinkPlace *place);
PinkShown   pink_decoder_struct  (PinkDecoder *self, unsigned index, const uint8_t *bytes, size_t size,
                                  uint64_t address);
/* The same, of memory that has to be read. */
PinkShown   pink_decoder_read_struct (PinkDecoder *self, unsigned index, uint64_t address);
/* LENGTH bytes of it, the rest zeros; "..." where LENGTH is more than is known of it, and
 * TELLS_MORE or there is something in it. */
PinkShown   pink_decoder_sized_struct (PinkDecoder *self, unsigned index, uint64_t address, uint64_t length,
                                       bool tells_more);
/* The value of FIELD in BYTES of its structure. */
uint64_t    pink_decoder_field   (const PinkDecoder *self, const PinkFieldInfo *field, const uint8_t *bytes);
const PinkLayout *pink_decoder_layout (const PinkDecoder *self, unsigned index);
/* The value of a member, 0 where the layout has no such. */
uint64_t    pink_decoder_member  (PinkDecoder *self, const PinkLayout *layout, const uint8_t *bytes,
                                  const char *name);
void        pink_decoder_address (PinkDecoder *self, uint64_t address);
/* "..." for what could not be read, from ADDRESS on. */
void        pink_decoder_more_at (PinkDecoder *self, uint64_t address);
/* snprintf(), where there is a tape to write on. */
int         pink_decoder_print   (const PinkDecoder *self, char *buffer, size_t size, const char *format, ...)
              __attribute__ ((format (printf, 4, 5)));
/* FALSE where not even one byte can be read. */
bool        pink_decoder_string  (PinkDecoder *self, uint64_t address, size_t limit, unsigned form);
bool        pink_decoder_bytes   (PinkDecoder *self, uint64_t address, uint64_t length, size_t limit,
                                  unsigned form);
/* A vector of strings, up to a NULL; of an environment where structures are abbreviated how
 * much there is of it. */
PinkShown   pink_decoder_strings (PinkDecoder *self, uint64_t address);
PinkShown   pink_decoder_environment (PinkDecoder *self, uint64_t address);
void        pink_decoder_fd      (PinkDecoder *self, int fd, PinkForm form);
void        pink_decoder_flags   (PinkDecoder *self, unsigned table, uint64_t value);
void        pink_decoder_enum    (PinkDecoder *self, unsigned table, uint64_t value, PinkForm form);
bool        pink_decoder_signals (PinkDecoder *self, uint64_t address, uint64_t size);
void        pink_decoder_signal_bits (PinkDecoder *self, const uint8_t *bytes, size_t size);
/* What is sent or received on a netlink socket; PINK_NOT_READ where FD is none. */
PinkShown   pink_decoder_netlink (PinkDecoder *self, int fd, uint64_t address, uint64_t length);
/* Whether a value of that type can be in SIZE bytes. */
bool        pink_decoder_fits    (PinkDecoder *self, unsigned type, size_t size);
/* Whether the call has returned and not failed. */
bool        pink_decoder_done    (const PinkDecoder *self);

const PinkTableVariant *pink_table_variant (const PinkArch *arch, unsigned table);
const PinkNamed        *pink_table_find    (const PinkArch *arch, unsigned table, uint64_t value);
/* Whether NAME is the table's name for VALUE. */
