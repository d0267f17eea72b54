/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The command line.
 */
#pragma once

#include "callset.h"

/* What is not said: bits, as strace's -q takes them. */
typedef enum
{
  QUIET_NONE        = 0,
  QUIET_EXIT        = 1 << 0,
  QUIET_PERSONALITY = 1 << 1,
  QUIET_OTHER       = 1 << 2, /* what this version never says */
  QUIET_ALL         = QUIET_EXIT | QUIET_PERSONALITY | QUIET_OTHER
} Quiet;

/* When a signal such as that of Ctrl-C ends the tracer, as strace's -I takes it. */
typedef enum
{
  INTERRUPT_DEFAULT,
  INTERRUPT_ANYWHERE,
  INTERRUPT_WAITING,
  INTERRUPT_NEVER,
  INTERRUPT_NEVER_TSTP
} Interrupt;

typedef struct
{
  char       *output; /* NULL: standard error */
  CallSet    *calls;
  GPtrArray  *environment; /* "NAME=VALUE" sets, "NAME" removes */
  gboolean    summary;
  gboolean    wall_clock;
  gboolean    json;
  Quiet       quiet;
  Interrupt   interrupt;
  guint       column;
  guint       string_limit;
  const char **argv; /* the program and its arguments, never empty */
} Options;

/* What -h prints. */
extern const char help_text[];

typedef enum
{
  OPTIONS_RUN,
  OPTIONS_DONE, /* help or version was asked for, and printed */
  OPTIONS_ERROR
} OptionsResult;

OptionsResult options_parse (Options  *self,
                             int       argc,
                             char    **argv,
                             GError  **error);
void          options_clear (Options  *self);
